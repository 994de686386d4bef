"""A mailbox that changes during the POP session: by IMAP, by delivery, by a second session."""

import threading
import time

import pytest

from tests.lib.cost_site import running
from tests.lib.mailuser import NOON
from tests.lib.model import ACTIONS, KEYWORD, TARGETS
from tests.lib.outcome import DELETED, DONE, QUEUES, after, fill_flagged, flags_of, state

KEEPING = ('keep', 'read', 'archive', 'trash')
# A session that has read an mbox holds its lock until it has been idle for ten seconds.
not_mbox = pytest.mark.parametrize('storage', ['maildir', 'sdbox', 'mdbox'])


@pytest.fixture
def known(stored):
    """A user with mail whose sizes are known: a login need not read it."""
    fill_flagged(stored)
    stored.policy(spam='include')
    stored.queue()
    return stored


def subjects(places):
    """The subjects, each as often as it is there."""
    return sorted(place.name for place in places)


def expunge(user, mailbox, subject):
    """Expunge one message over IMAP."""
    uid, = [mail.uid for mail in user.look(mailbox) if mail.subject == subject]
    with user.imap() as client:
        client.select(mailbox)
        client.uid('STORE', str(uid), '+FLAGS', r'(\Deleted)')
        client.uid('EXPUNGE', str(uid))


@pytest.mark.parametrize('action', ACTIONS)
def test_two_sessions_dele_the_same_messages(known, action):
    known.policy(delete=action, spam='include')
    before = state(known)
    with known.pop() as first, known.pop() as second:
        first.dele(1, 2)
        second.dele(1, 2, 3)
        assert first.quit() == DELETED
        assert state(known) == after(before, action, ['in1', 'sp1'])
        assert second.quit() == DELETED
    assert state(known) == after(before, action, ['in1', 'sp1', 'in2'])


@not_mbox
@pytest.mark.parametrize('retrieve', ACTIONS)
def test_two_sessions_retrieve_the_same_messages(known, retrieve):
    known.policy(retrieve=retrieve, spam='include')
    before = state(known)
    with known.pop() as first, known.pop() as second:
        for client in (first, second):
            client.retr(1)
            client.retr(2)
        second.retr(3)
        assert first.quit() == DONE
        assert second.quit() == DONE
    expected = after(before, 'seen', ['in1', 'sp1', 'in2'])
    assert state(known) == after(expected, retrieve, ['in1', 'sp1', 'in2'])


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
def test_a_message_expunged_over_imap_before_quit(known, action, mailbox, subject, num):
    known.policy(delete=action, spam='include')
    with known.pop() as client:
        client.dele(1, num, 9)
        expunge(known, mailbox, subject)
        before = state(known)
        assert client.quit() == DELETED
    assert state(known) == after(before, action, ['in1', 'in5'])


@not_mbox
@pytest.mark.parametrize('action', KEEPING)
def test_a_message_expunged_over_imap_between_retr_and_quit(known, action):
    known.policy(retrieve=action, spam='include')
    with known.pop() as client:
        for num in (1, 3, 4):
            client.retr(num)
        expunge(known, 'INBOX', 'in2')
        expunge(known, 'Junk', 'sp2')
        before = state(known)
        assert client.quit() == DONE
    assert state(known) == after(after(before, 'seen', ['in1']), action, ['in1'])


@pytest.mark.parametrize('action', KEEPING)
def test_a_message_moved_over_imap_before_quit(known, action):
    known.append('Other', 'there')
    known.policy(delete=action, spam='include')
    with known.pop() as client:
        client.dele(1, 2)
        for mailbox, subject in (('INBOX', 'in1'), ('Junk', 'sp1')):
            known.doveadm('move', 'Other', 'mailbox', mailbox, 'subject', subject)
        before = state(known)
        assert client.quit() == DELETED
    assert state(known) == before


@pytest.mark.parametrize('action', ACTIONS)
def test_mail_that_arrives_during_the_session(known, action):
    known.policy(delete=action, spam='include')
    before = state(known)
    with known.pop() as client:
        full = client.list()
        client.dele(1, 9)
        known.append('INBOX', ('new', NOON + 100))
        known.append('Junk', ('newsp', NOON + 101))
        assert client.list() == {num: full[num] for num in range(2, 9)}
        assert client.cmd('RETR 10').startswith('-ERR')
        assert client.quit() == DELETED
    left = [place for place in state(known) if not place.name.startswith('new')]
    assert left == after(before, action, ['in1', 'in5'])
    assert known.queue() == QUEUES['include'][1:-1] + ['new', 'newsp']


@pytest.mark.parametrize('action', KEEPING)
def test_flags_changed_over_imap_during_the_session_stay(known, action):
    known.policy(delete=action, spam='include')
    with known.pop() as client:
        client.dele(1, 2, 3)
        known.store('INBOX', 'in1', 'FLAGS', r'\Answered New')
        known.store('Junk', 'sp1', '+FLAGS', 'New')
        before = state(known)
        assert client.quit() == DELETED
    assert state(known) == after(before, action, ['in1', 'sp1', 'in2'])


def test_flags_that_change_all_the_time_while_a_maildir_is_marked(tmp_path):
    """Each change renames files: QUIT must find them under their new names."""
    stop = threading.Event()

    def disturb():
        with user.imap() as client:
            client.select('INBOX')
            while not stop.is_set():
                for change in ('+FLAGS', '-FLAGS'):
                    client.uid('STORE', '1:*', change, r'(\Flagged)')
                    time.sleep(0.005)

    def session():
        with user.pop() as client:
            client.dele(*range(1, 11))
            assert client.quit() == DELETED
    with running(tmp_path / 'site', storage='maildir') as site:
        user = site.server.add_user()
        user.append('INBOX', *('m%d' % number for number in range(20)))
        user.policy(delete='keep')
        thread = threading.Thread(target=disturb)
        thread.start()
        try:
            site.probe.slow_down(session)
        finally:
            stop.set()
            thread.join()


@not_mbox
def test_a_second_session_keeps_its_list_while_the_first_dequeues(known):
    known.policy(delete='keep', spam='include')
    with known.pop() as first, known.pop() as second:
        full = second.list(), second.uidl(), second.stat()
        first.dele(1, 2)
        first.quit()
        assert (second.list(), second.uidl(), second.stat()) == full
        assert b'Subject: in1' in second.retr(1)
        assert b'Subject: sp1' in second.retr(2)
        assert second.quit() == DONE
    assert KEYWORD in flags_of(known, 'in1')
    assert known.queue() == QUEUES['include'][2:]


@pytest.mark.parametrize('storage', ['maildir', 'sdbox'])
def test_retr_of_a_vanished_message_is_an_error(known):
    known.policy(delete='keep', retrieve='archive', spam='include')
    with known.pop() as client:
        expunge(known, 'INBOX', 'in1')
        expunge(known, 'Junk', 'sp1')
        before = state(known)
        assert client.cmd('RETR 1').startswith('-ERR')
        assert client.cmd('RETR 2').startswith('-ERR')
        client.dele(3)
        assert client.quit() == DELETED
    assert state(known) == after(before, 'keep', ['in2'])


@pytest.mark.parametrize('action', TARGETS)
def test_an_imap_client_sees_the_move_in_its_open_mailboxes(known, action):
    known.append(TARGETS[action], 'older')
    known.policy(delete=action)
    with known.imap() as source, known.imap() as target:
        source.select('INBOX')
        target.select(TARGETS[action])
        with known.pop() as client:
            client.dele(1, 5)
            assert client.quit() == DELETED
        source.noop()
        target.noop()
        assert source.response('EXPUNGE')[1] in ([b'1', b'4'], [b'5', b'1'])
        assert target.response('EXISTS')[1][-1] == b'3'


@pytest.mark.parametrize('spam', QUEUES)
def test_an_open_session_does_not_block_delivery(known, spam):
    known.policy(spam=spam, delete='keep')
    with known.pop() as client:
        client.dele(1)
        start = time.monotonic()
        known.append('INBOX', 'new')
        known.append('Junk', 'newsp')
        assert time.monotonic() - start < 5
        client.quit()
