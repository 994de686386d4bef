"""A user is moved from one backend to the other, and back."""

import re

import pytest

from tests.lib.cluster import CLIENTS, dequeue, filled, started, usual_uidls
from tests.lib.mailuser import NOON, stamp
from tests.lib.model import KEYWORD
from tests.lib.places import SOURCE


@pytest.fixture(scope='module')
def usual():
    """The cluster, but UIDLs are made of UID and UIDVALIDITY."""
    yield from started(edit=usual_uidls)


@pytest.fixture(params=['guid', 'usual'])
def either(request):
    """The cluster with both formats of UIDLs."""
    return request.getfixturevalue('cluster' if request.param == 'guid' else 'usual')


def test_the_page_says_how_to_move(cluster, ann):
    page = (SOURCE / 'doc/scale.md').read_text()
    part = page.partition('\n## Move a user\n')[2].partition('\n## ')[0]
    commands = re.findall(r'(?m)^    doveadm (.*)$', part)
    assert len(commands) == 2
    ann.dequeue('one')
    for command in commands:
        command = cluster.first.moved(command).replace('ann@example.org', ann.name)
        cluster.first.doveadm(*command.split())
        ann.send_to(cluster.second)
    assert ann.queue() == ann.at(cluster.second).queue() == ['spam1', 'two', 'spam2', 'three']


def state(user):
    """What IMAP shows of a user's mail, and what POP does."""
    mails = {mailbox: user.look(mailbox) for mailbox in ('INBOX', 'Junk')}
    return mails, user.uidls()


def test_all_of_it_is_the_same_there_and_back(either):
    user = filled(either)
    uidls = user.uidls()
    user.dequeue('one', 'spam1')
    user.store('INBOX', 'two', '+FLAGS', r'\Seen')
    left = {subject: uidls[subject] for subject in ('two', 'three', 'spam2')}
    before = state(user)
    assert before[1] == left
    for node in either.second, either.first, either.second:
        user.move(node)
        assert state(user) == state(user.at(node)) == before
    user.dequeue('two')
    user.move(either.first)
    assert user.uidls() == {subject: left[subject] for subject in ('spam2', 'three')}


@pytest.mark.parametrize('kind', CLIENTS)
def test_nothing_is_downloaded_twice(either, kind):
    user = either.account(popPolicyDelete='keep')
    user.append('INBOX', 'one', 'two')
    client = kind(user)
    assert client.fetch()[0] == ['one', 'two']
    user.move(either.second)
    assert client.fetch()[0] == []
    user.deliver('three')
    assert client.fetch()[0] == ['three']
    user.move(either.first)
    user.deliver('four')
    # from now on it deletes
    assert client.fetch(keep=False)[0] == ['four']
    user.move(either.second)
    user.deliver('five')
    assert client.fetch(keep=False)[0] == ['five']
    user.move(either.first)
    assert client.fetch(keep=False)[0] == []
    assert user.subjects() == ['one', 'two', 'three', 'four', 'five']
    assert 'four' not in user.queue() and 'five' not in user.queue()


def test_mail_that_was_put_back_is_so_everywhere(cluster, ann):
    ann.dequeue('one', 'two')
    ann.move(cluster.second)
    ann.store('INBOX', 'one', '-FLAGS', KEYWORD)
    assert ann.queue()[0] == 'one'
    ann.move(cluster.first)
    assert ann.queue() == ['one', 'spam1', 'spam2', 'three']


def test_what_both_backends_have_done_adds_up(cluster, ann):
    """Sessions that were open when the user was moved, or came from a proxy that did not know."""
    first, second = ann.at(cluster.first), ann.at(cluster.second)
    ann.sync(cluster.first, cluster.second)
    dequeue(first, 'one', 'spam1')
    dequeue(second, 'two')
    second.store('INBOX', 'one', '+FLAGS', r'\Flagged')
    first.store('INBOX', 'two', '+FLAGS', r'\Seen')
    ann.move(cluster.second)
    for user in first, second:
        assert user.queue() == ['spam2', 'three']
        flags = {mail.subject: mail.flags for mail in user.look()}
        assert flags['one'] == {KEYWORD, r'\Flagged'}
        assert flags['two'] == {KEYWORD, r'\Seen'}


def test_a_session_that_is_open_during_the_move(cluster, ann):
    with ann.pop() as client:
        client.dele(1)
        ann.move(cluster.second)
        assert ann.queue()[0] == 'one'
        assert client.quit().startswith('+OK')
    ann.sync(cluster.first, cluster.second)
    assert ann.queue() == ['spam1', 'two', 'spam2', 'three']


def test_dates_are_found_anew(cluster):
    user = filled(cluster, popPolicySince=stamp(NOON + 10), popPolicySpam='include')
    assert user.queue() == ['two', 'spam2', 'three']
    user.move(cluster.second)
    assert user.queue() == ['two', 'spam2', 'three']
    user.append('INBOX', ('old', NOON), ('new', NOON + 30))
    assert user.queue() == ['two', 'spam2', 'three', 'new']
    user.move(cluster.first)
    assert user.queue() == ['two', 'spam2', 'three', 'new']


def test_what_was_deleted_does_not_come_back(cluster):
    user = filled(cluster, popPolicyDelete='delete')
    user.move(cluster.second)
    user.dequeue('one')
    user.move(cluster.first)
    assert user.subjects() == user.queue() == ['two', 'three']
    user.attributes(popPolicyDelete='archive')
    user.dequeue('two')
    user.move(cluster.second)
    assert (user.subjects(), user.subjects('Archive')) == (['three'], ['two'])
