"""A backend dies, and the user goes on with the other one."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.cluster import CLIENTS


@pytest.mark.parametrize('kind', CLIENTS)
def test_what_was_synced_is_as_it_was(cluster, kind):
    user = cluster.account(popPolicyDelete='keep')
    user.append('INBOX', 'one', 'two', 'three')
    client = kind(user)
    assert client.fetch()[0] == ['one', 'three', 'two']
    user.dequeue('one')
    user.sync(cluster.first, cluster.second)
    uidls = user.uidls()
    with cluster.dead(cluster.first):
        assert login_answer(user).startswith('-ERR [SYS/TEMP]')
        user.send_to(cluster.second)
        assert user.uidls() == uidls
        assert client.fetch()[0] == []
        user.deliver('four')
        user.dequeue('two')
        assert client.fetch()[0] == ['four']
        uidls = user.uidls()
    user.move(cluster.first)
    assert user.uidls() == uidls
    assert client.fetch()[0] == []
    assert user.queue() == ['three', 'four']


def test_what_was_not_synced_is_there_again_with_its_backend(cluster):
    user = cluster.account(popPolicyDelete='keep')
    user.append('INBOX', 'one', 'two', 'three')
    user.sync(cluster.first, cluster.second)
    user.dequeue('one')
    user.append('INBOX', 'four')
    uidls = user.uidls()
    with cluster.dead(cluster.first):
        user.send_to(cluster.second)
        assert user.queue() == ['one', 'two', 'three']
        user.deliver('five')  # with the UID that four has over there
        user.dequeue('two')
        uidls['five'] = user.uidls()['five']
    user.move(cluster.first)
    for node in cluster.first, cluster.second:
        left = user.at(node).uidls()
        assert sorted(left) == ['five', 'four', 'three']
        assert left == {subject: uidls[subject] for subject in left}
        assert sorted(user.at(node).subjects()) == ['five', 'four', 'one', 'three', 'two']
