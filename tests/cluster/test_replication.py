"""Dovecot 2.3's replication plugin: two backends that both have all mail."""

import pytest

from tests.lib.cluster import CLIENTS, replicated, started
from tests.lib.dovecot_config import IS_24
from tests.lib.serverlog import poll

pytestmark = pytest.mark.skipif(IS_24, reason='Dovecot 2.4 has no replication plugin')
PATIENCE = 60


@pytest.fixture(scope='module')
def pair():
    """The cluster with replication."""
    for cluster in started(edit=replicated):
        cluster.settled_logs()  # the first was up before the second
        yield cluster


def both(user, **wanted):
    """Wait until both backends show this: queue=, subjects=."""
    users = [user.at(node) for node in (user.cluster.first, user.cluster.second)]

    def found():
        return [{what: getattr(one, what)() for what in wanted} for one in users]
    assert poll(lambda: found() == [wanted, wanted], PATIENCE, 0.5), found()


@pytest.mark.parametrize('kind', CLIENTS)
def test_a_backend_dies_and_the_other_one_goes_on(pair, kind):
    user = pair.account(popPolicyDelete='keep')
    user.append('INBOX', 'one', 'two', 'three')
    client = kind(user)
    assert client.fetch()[0] == ['one', 'three', 'two']
    user.dequeue('one')
    both(user, queue=['two', 'three'], subjects=['one', 'two', 'three'])
    uidls = user.uidls()
    with pair.dead(pair.first):
        user.send_to(pair.second)
        assert user.uidls() == uidls
        assert client.fetch()[0] == []
        user.dequeue('two')
        user.deliver('four')
        assert client.fetch()[0] == ['four']
    # it would try again by itself after five minutes
    pair.second.doveadm('replicator', 'replicate', user.name)
    both(user, queue=['three', 'four'], subjects=['one', 'two', 'three', 'four'])
    user.send_to(pair.first)
    assert client.fetch()[0] == []
