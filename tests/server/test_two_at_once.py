"""A mailbox that changes during the POP session: by IMAP, by delivery, by a second session."""

import pytest

from mailuser import NOON
from outcome import (ACTIONS, DELETED, DONE, KEYWORD, QUEUES, TARGETS, after, fill_flagged,
                     flags_of, state)

ANSWERS = (DELETED, '-ERR')
KEEPING = ('keep', 'read', 'archive', 'trash')


def subjects(places):
    """The subjects, each as often as it is there."""
    return sorted(place.subject for place in places)


def expunge(user, mailbox, subject):
    """Expunge one message over IMAP."""
    uid, = [mail.uid for mail in user.look(mailbox) if mail.subject == subject]
    with user.imap() as client:
        client.select(mailbox)
        client.uid('STORE', str(uid), '+FLAGS', r'(\Deleted)')
        client.uid('EXPUNGE', str(uid))


@pytest.mark.parametrize('action', ACTIONS)
def test_two_sessions_dele_the_same_messages(stored, action):
    fill_flagged(stored)
    stored.policy(delete=action, spam='include')
    before = state(stored)
    with stored.pop() as first, stored.pop() as second:
        first.dele(1, 2)
        second.dele(1, 2, 3)
        assert first.quit() == DELETED
        assert state(stored) == after(before, action, ['in1', 'sp1'])
        assert second.quit() == DELETED
    assert state(stored) == after(before, action, ['in1', 'sp1', 'in2'])


@pytest.mark.parametrize('retrieve', ACTIONS)
def test_two_sessions_retrieve_the_same_messages(stored, retrieve):
    fill_flagged(stored)
    stored.policy(retrieve=retrieve, spam='include')
    before = state(stored)
    with stored.pop() as first, stored.pop() as second:
        for client in (first, second):
            client.retr(1)
            client.retr(2)
        second.retr(3)
        assert first.quit() == DONE
        assert second.quit() == DONE
    expected = after(before, 'seen', ['in1', 'sp1', 'in2'])
    assert state(stored) == after(expected, retrieve, ['in1', 'sp1', 'in2'])


@pytest.mark.parametrize('first_action', KEEPING)
@pytest.mark.parametrize('action', ACTIONS)
def test_two_sessions_with_different_policies(user, first_action, action):
    fill_flagged(user)
    user.policy(delete=first_action, spam='include')
    with user.pop() as first:
        first.dele(1, 2)
        user.policy(delete=action, spam='include')
        with user.pop() as second:
            second.dele(1, 2)
            assert first.quit() == DELETED
            second.quit()
    names = subjects(state(user))
    gone = {'in1', 'sp1'} if action == 'delete' else set()
    assert set(names) == set(QUEUES['include']) - gone or set(names) == set(QUEUES['include'])
    assert len(names) == len(set(names))
    assert user.queue() == QUEUES['include'][2:]


@pytest.mark.parametrize('mailbox,subject,num', [('INBOX', 'in2', 3), ('Junk', 'sp2', 4)])
@pytest.mark.parametrize('action', ACTIONS)
def test_a_message_expunged_over_imap_before_quit(stored, action, mailbox, subject, num):
    fill_flagged(stored)
    stored.policy(delete=action, spam='include')
    with stored.pop() as client:
        client.dele(1, num, 9)
        expunge(stored, mailbox, subject)
        before = state(stored)
        assert client.quit() == DELETED
    assert state(stored) == after(before, action, ['in1', 'in5'])


@pytest.mark.parametrize('action', KEEPING)
def test_a_message_expunged_over_imap_between_retr_and_quit(stored, action):
    fill_flagged(stored)
    stored.policy(retrieve=action, spam='include')
    with stored.pop() as client:
        for num in (1, 3, 4):
            client.retr(num)
        expunge(stored, 'INBOX', 'in2')
        expunge(stored, 'Junk', 'sp2')
        before = state(stored)
        assert client.quit() == DONE
    assert state(stored) == after(after(before, 'seen', ['in1']), action, ['in1'])


@pytest.mark.parametrize('action', KEEPING)
def test_a_message_moved_over_imap_before_quit(stored, action):
    fill_flagged(stored)
    stored.append('Other', 'there')
    stored.policy(delete=action, spam='include')
    with stored.pop() as client:
        client.dele(1, 2)
        for mailbox, subject in (('INBOX', 'in1'), ('Junk', 'sp1')):
            stored.doveadm('move', 'Other', 'mailbox', mailbox, 'subject', subject)
        before = state(stored)
        assert client.quit() == DELETED
    assert state(stored) == before


@pytest.mark.parametrize('action', ACTIONS)
def test_mail_that_arrives_during_the_session(stored, action):
    fill_flagged(stored)
    stored.policy(delete=action, spam='include')
    before = state(stored)
    with stored.pop() as client:
        full = client.list()
        client.dele(1, 9)
        stored.append('INBOX', ('new', NOON + 100))
        stored.append('Junk', ('newsp', NOON + 101))
        assert client.list() == {num: full[num] for num in range(2, 9)}
        assert client.cmd('RETR 10').startswith('-ERR')
        assert client.quit() == DELETED
    left = [place for place in state(stored) if not place.subject.startswith('new')]
    assert left == after(before, action, ['in1', 'in5'])
    assert stored.queue() == QUEUES['include'][1:-1] + ['new', 'newsp']


@pytest.mark.parametrize('action', KEEPING)
def test_flags_changed_over_imap_during_the_session_stay(stored, action):
    fill_flagged(stored)
    stored.policy(delete=action, spam='include')
    with stored.pop() as client:
        client.dele(1, 2, 3)
        stored.store('INBOX', 'in1', 'FLAGS', r'\Answered New')
        stored.store('Junk', 'sp1', '+FLAGS', 'New')
        before = state(stored)
        assert client.quit() == DELETED
    assert state(stored) == after(before, action, ['in1', 'sp1', 'in2'])


def test_a_second_session_keeps_its_list_while_the_first_dequeues(stored):
    fill_flagged(stored)
    stored.policy(delete='keep', spam='include')
    with stored.pop() as first, stored.pop() as second:
        full = second.list(), second.uidl(), second.stat()
        first.dele(1, 2)
        first.quit()
        assert (second.list(), second.uidl(), second.stat()) == full
        assert b'Subject: in1' in second.retr(1)
        assert b'Subject: sp1' in second.retr(2)
        assert second.quit() == DONE
    assert KEYWORD in flags_of(stored, 'in1')
    assert stored.queue() == QUEUES['include'][2:]


def test_retr_of_a_vanished_message_is_an_error(stored):
    fill_flagged(stored)
    stored.policy(delete='keep', retrieve='archive', spam='include')
    with stored.pop() as client:
        expunge(stored, 'INBOX', 'in1')
        expunge(stored, 'Junk', 'sp1')
        before = state(stored)
        assert client.cmd('RETR 1').startswith('-ERR')
        assert client.cmd('RETR 2').startswith('-ERR')
        client.dele(3)
        assert client.quit() == DELETED
    assert state(stored) == after(before, 'keep', ['in2'])


@pytest.mark.parametrize('action', TARGETS)
def test_an_imap_client_sees_the_move_in_its_open_mailboxes(stored, action):
    fill_flagged(stored)
    stored.append(TARGETS[action], 'older')
    stored.policy(delete=action)
    with stored.imap() as source, stored.imap() as target:
        source.select('INBOX')
        target.select(TARGETS[action])
        with stored.pop() as client:
            client.dele(1, 5)
            assert client.quit() == DELETED
        source.noop()
        target.noop()
        assert source.response('EXPUNGE')[1] in ([b'1', b'4'], [b'5', b'1'])
        assert target.response('EXISTS')[1][-1] == b'3'
