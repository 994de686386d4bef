"""The proxy sends users where their mail is; the policy comes with them."""

import re

from tests.lib import doveadm
from tests.lib.answers import login_answer
from tests.lib.model import DISABLED


def test_the_accounts_are_where_their_comments_say(cluster):
    for name, node, left in (('ann', cluster.first, ['one', 'two']),
                             ('bob', cluster.second, ['two'])):
        user = cluster.member(name + '@example.org')
        user.append('INBOX', 'one', 'two')
        assert user.at(node).subjects() == ['one', 'two']
        user.dequeue('one')
        assert user.queue() == ['two']
        assert user.subjects() == left


def test_mail_is_delivered_where_the_user_is(cluster, ann):
    ann.deliver('four')
    assert ann.queue()[-1] == 'four'
    assert ann.at(cluster.first).subjects()[-1] == 'four'
    ann.move(cluster.second)
    ann.deliver('five')
    assert ann.at(cluster.second).subjects()[-2:] == ['four', 'five']
    assert 'five' not in ann.at(cluster.first).subjects()


def test_the_backend_knows_who_the_client_is(cluster, ann):
    with ann.connect(source='127.0.0.9') as client:
        assert client.login(ann.name, ann.password).startswith('+OK')
        client.quit()
    line, *_ = cluster.first.log.infos(r'pop3-login: .*user=<%s>' % re.escape(ann.name), wait=5)
    assert 'rip=127.0.0.9' in line


def test_one_search_for_each_node(cluster, ann):
    cluster.replica.forget()
    ann.queue()
    assert len(cluster.replica.searches()) == 2


def test_all_accounts_are_those_whose_mail_is_here(cluster, ann):
    cluster.settle()
    for node, here, elsewhere in ((cluster.first, 'ann', 'bob'), (cluster.second, 'bob', 'ann')):
        found = node.doveadm('user', '*').split()
        assert here + '@example.org' in found
        assert elsewhere + '@example.org' not in found
    assert ann.name in cluster.first.doveadm('user', '*').split()


def test_a_refusal_reaches_the_client(cluster, ann):
    ann.attributes(popPolicyEnabled=False)
    assert login_answer(ann) == DISABLED


def test_doveadm_of_the_proxy_asks_the_backend(cluster, ann):
    ann.dequeue('one')
    ann.move(cluster.second)
    rows = doveadm.run(cluster.proxy, 'get', '-u', ann.name, 'delete', 'spam', check=0).rows
    assert {row['setting']: row['value'] for row in rows} == {
        'pop_policy_delete': 'keep', 'pop_policy_spam': 'include'}
    rows = doveadm.run(cluster.proxy, 'list', '-a', '-u', ann.name, check=0).rows
    assert [row['uid'] for row in rows if row['hidden'] == 'dequeued'] == ['1']
    doveadm.run(cluster.proxy, 'requeue', '-u', ann.name, 'all', check=0)
    assert ann.queue()[0] == 'one'
