"""Fixtures: the cluster, and accounts of it."""

import os

import pytest

from tests.lib.cluster import Cluster, filled, started


@pytest.fixture(scope='session', autouse=True)
def as_root():
    """Dovecot needs it."""
    if os.geteuid() != 0:
        pytest.skip('needs root to start Dovecot')


@pytest.fixture(scope='session')
def cluster():
    """The cluster that most tests share; who stops a node starts it again."""
    yield from started()


@pytest.fixture(autouse=True)
def nothing_logged(request):
    """No test leaves an error in a log that it has not allowed."""
    yield
    for value in request.node.funcargs.values():
        if isinstance(value, Cluster):
            bad = value.settled_logs()
            assert not bad, '\n'.join(bad)


@pytest.fixture
def ann(cluster):
    """A fresh account on the first backend, with mail in INBOX and Junk."""
    return filled(cluster)
