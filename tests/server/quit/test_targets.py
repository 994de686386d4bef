"""Behaviour 2: the mailboxes that archive and trash move to."""

import pytest

from tests.lib.answers import assert_invalid
from tests.lib.config_text import section, text
from tests.lib.model import TARGETS
from tests.lib.outcome import DELETED, QUEUES, after, dele, fill_flagged, state

NAMED = {'Junk': r'\Junk', 'Archiv': r'\Archive', 'Papierkorb': r'\Trash'}
NESTED = {'Junk': r'\Junk', 'Old/Mail': r'\Archive', 'Old/Rubbish': r'\Trash'}
PLAIN = {'Junk': {}}


def assert_moved(user, action, target):
    """DELE of two messages moves them to that mailbox."""
    fill_flagged(user)
    user.policy(delete=action, spam='include')
    before = state(user)
    assert dele(user, 1, 2) == DELETED
    assert state(user) == after(before, action, ['in1', 'sp1'], target)


@pytest.mark.parametrize('mailboxes,names', [
    (NAMED, {'archive': 'Archiv', 'trash': 'Papierkorb'}), (PLAIN, TARGETS), ({}, TARGETS)],
    ids=['named', 'plain', 'none'])
@pytest.mark.parametrize('action', TARGETS)
def test_target_is_the_special_use_mailbox_else_the_usual_one(get_server, storage, action,
                                                              mailboxes, names):
    user = get_server(mailboxes=mailboxes).add_user(storage=storage)
    assert_moved(user, action, names[action])


@pytest.mark.parametrize('storage', ['maildir', 'sdbox', 'mdbox'])
@pytest.mark.parametrize('action,target', [('archive', 'Old/Mail'), ('trash', 'Old/Rubbish')])
def test_target_below_another_mailbox(get_server, storage, action, target):
    assert_moved(get_server(mailboxes=NESTED).add_user(storage=storage), action, target)


@pytest.mark.parametrize('action', TARGETS)
def test_target_is_created_when_first_needed(stored, action):
    fill_flagged(stored)
    stored.policy(delete=action, retrieve=action, spam='include')
    with stored.pop() as client:
        client.dele(1)
        client.rset()
        client.top(1, 5)
        client.quit()
    assert stored.mailboxes() == {'INBOX', 'Junk'}
    dele(stored, 1)
    assert stored.mailboxes() == {'INBOX', 'Junk', TARGETS[action]}


def subscribed(user):
    """The names that IMAP LSUB gives."""
    with user.imap() as client:
        return {line.decode().rpartition(' ')[2].strip('"') for line in client.lsub()[1] if line}


@pytest.mark.parametrize('storage', ['maildir', 'sdbox'])
@pytest.mark.parametrize('action', TARGETS)
def test_a_target_that_is_created_is_subscribed(server, storage, action):
    user = server.add_user(storage=storage)
    fill_flagged(user)
    user.policy(delete=action)
    dele(user, 1)
    assert subscribed(user) == {TARGETS[action]}


def test_a_target_that_was_there_keeps_its_subscription(user):
    fill_flagged(user)
    with user.imap() as client:
        client.create('Trash')
    user.policy(delete='trash')
    dele(user, 1)
    assert (user.subjects('Trash'), subscribed(user)) == (['in1'], set())


@pytest.mark.parametrize('storage', ['maildir', 'sdbox'])
@pytest.mark.parametrize('everywhere', [True, False], ids=['inbox', 'elsewhere'])
def test_a_target_in_a_namespace_without_subscriptions(get_server, storage, everywhere):
    """The namespace around it has the subscription, as by IMAP. If there is none, nobody has."""
    def space(name, subscriptions):
        return {'prefix': name + '/', 'storage': storage, 'path': '~/' + name,
                'settings': {'subscriptions': subscriptions}}

    extra = '' if everywhere else text(section('namespace inbox', ['subscriptions = no']))
    user = get_server(namespaces={'old': space('Old', False), 'new': space('New', True)},
                      extra=extra).add_user(storage=storage)
    fill_flagged(user)
    user.policy(delete='archive', archive_mailbox='Old/Mail')
    dele(user, 1)
    assert user.subjects('Old/Mail') == ['in1']
    assert subscribed(user) == ({'Old/Mail'} if everywhere else set())


@pytest.mark.parametrize('storage', ['maildir', 'sdbox'])
def test_the_move_succeeds_without_a_subscription(server, storage):
    user = server.add_user(storage=storage)
    fill_flagged(user)
    path = user.home / {'maildir': 'Maildir', 'sdbox': 'sdbox'}[storage] / 'subscriptions'
    path.mkdir()
    user.policy(delete='archive')
    dele(user, 1)
    assert user.subjects('Archive') == ['in1']
    server.log.allow_errors('subscription')


@pytest.mark.parametrize('name,imap_name', [
    ('Old Mail', 'Old Mail'), ('2026/January', '2026/January'), ('M\u00fcll', 'M&APw-ll')])
@pytest.mark.parametrize('action', TARGETS)
def test_target_named_in_the_setting(user, action, name, imap_name):
    fill_flagged(user)
    user.policy(**{'delete': action, 'spam': 'include', action + '_mailbox': name})
    before = state(user)
    assert dele(user, 1, 2) == DELETED
    assert state(user) == after(before, action, ['in1', 'sp1'], imap_name)


def test_a_name_that_cannot_be_created_fails_the_quit(user):
    fill_flagged(user)
    user.policy(delete='archive', archive_mailbox='../x')
    before = state(user)
    with user.attempt() as client:
        # a configuration error at login would do as well
        if client.login_reply.startswith('+OK'):
            client.dele(1)
            assert client.quit().startswith('-ERR')
    user.server.log.allow_errors(r'pop3\(')
    user.policy()
    assert state(user) == before


@pytest.mark.parametrize('action', TARGETS)
@pytest.mark.parametrize('spam', QUEUES)
def test_spam_mailbox_as_target_neither_loops_nor_loses_mail(stored, spam, action):
    fill_flagged(stored)
    stored.policy(**{'delete': action, 'spam': spam, action + '_mailbox': 'Junk'})
    before = sorted(place.name for place in state(stored))
    queue = list(QUEUES[spam])
    for nums in ((1, 2), (1,)):
        gone = [queue[num - 1] for num in nums]
        assert dele(stored, *nums) == DELETED
        queue = [name for name in queue if name not in gone]
        assert stored.queue() == queue
    assert sorted(place.name for place in state(stored)) == before


def test_a_message_archived_as_spam_is_not_offered_as_spam(stored):
    fill_flagged(stored)
    stored.policy(delete='archive', archive_mailbox='Junk')
    assert dele(stored, 1, 3) == DELETED
    stored.policy(spam='include')
    assert stored.queue() == [name for name in QUEUES['include'] if name not in ('in1', 'in3')]


@pytest.mark.parametrize('spam', QUEUES)
def test_inbox_as_target_is_refused(user, spam):
    fill_flagged(user)
    user.policy(delete='archive', archive_mailbox='INBOX', spam=spam)
    assert_invalid(user, 'pop_policy_archive_mailbox', 'INBOX')


@pytest.mark.parametrize('delete,retrieve', [('archive', 'trash'), ('trash', 'archive')])
def test_both_targets_in_one_session(stored, delete, retrieve):
    fill_flagged(stored)
    stored.policy(delete=delete, retrieve=retrieve, spam='include')
    before = state(stored)
    with stored.pop() as client:
        for num in (1, 2, 3, 8):
            client.retr(num)
        client.dele(3, 8, 9)
        assert client.quit() == DELETED
    got, gone = ['in1', 'sp1'], ['in2', 'sp4', 'in5']
    expected = after(after(before, 'seen', got), retrieve, got)
    assert state(stored) == after(expected, delete, gone)


@pytest.mark.parametrize('spam', QUEUES)
def test_both_actions_may_share_one_mailbox(user, spam):
    fill_flagged(user)
    user.policy(delete='archive', retrieve='trash', trash_mailbox='Archive', spam=spam)
    before = state(user)
    with user.pop() as client:
        client.retr(1)
        client.retr(2)
        client.dele(2, 3)
        assert client.quit() == DELETED
    expected = after(before, 'seen', QUEUES[spam][:1])
    assert state(user) == after(expected, 'archive', QUEUES[spam][:3])
