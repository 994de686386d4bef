"""The replica dies or lags, the provider dies, both are gone."""

from tests.lib.answers import login_answer
from tests.lib.cluster import dequeue
from tests.lib.model import DISABLED


def test_the_replica_dies(cluster, ann):
    ann.dequeue('one')
    with cluster.without(cluster.replica):
        assert ann.queue() == ['spam1', 'two', 'spam2', 'three']
        cluster.set(ann.dn, settle=False, popPolicySpam='exclude')
        assert ann.queue() == ['two', 'three']
        ann.dequeue('two')
    assert ann.queue() == ['three']
    assert len(ann.subjects()) == 3


def test_the_provider_dies(cluster, ann):
    ann.dequeue('one')
    with cluster.without(cluster.provider):
        ann.dequeue('spam1')
        assert ann.queue() == ['two', 'spam2', 'three']
    ann.attributes(popPolicyEnabled=False)
    assert login_answer(ann) == DISABLED


def test_a_replica_lags(cluster, ann):
    uidls = ann.uidls()
    second = ann.at(cluster.second)
    with cluster.lagging():
        ann.sync(cluster.first, cluster.second)
        ann.send_to(cluster.second, settle=False, popPolicyDelete='delete')
        ann.sync(cluster.first, cluster.second)
        # nobody knows yet: the old backend, the old policy
        ann.dequeue('one')
        ann.deliver('four')
        assert ann.queue() == ['spam1', 'two', 'spam2', 'three', 'four']
        uidls['four'] = ann.uidls()['four']
        dequeue(second, 'two')
    assert ann.queue() == ['one', 'spam1', 'spam2', 'three']
    ann.sync(cluster.first, cluster.second)
    del uidls['one'], uidls['two']
    assert ann.uidls() == ann.at(cluster.first).uidls() == uidls
    ann.dequeue('three')
    assert ann.subjects() == ['one', 'two', 'four']


def test_nobody_logs_in_without_a_directory(cluster, ann):
    ann.dequeue('one')
    before = ann.at(cluster.first).files()
    with cluster.without(cluster.provider, cluster.replica):
        assert not login_answer(ann).startswith('+OK')
        assert ann.at(cluster.first).files() == before
    assert ann.queue() == ['spam1', 'two', 'spam2', 'three']
