"""Servers as the server tests have them, and mail to begin with."""

import pytest

from tests.faults.store import Pattern
from tests.server.conftest import (  # noqa: F401  pylint: disable=unused-import
    clean_log, get_server, server_cache)

PATTERNS = {}


@pytest.fixture
def get_pattern(get_server):  # noqa: F811  pylint: disable=redefined-outer-name
    """get_pattern(row, storage): what the runs of that row begin with."""
    def get(row, storage):
        server = get_server(quick=False, **row.spec(storage))
        key = (server, storage, row.many)
        if key not in PATTERNS:
            PATTERNS[key] = Pattern(server, storage, row.many)
        return PATTERNS[key]
    return get
