"""Behaviour 3.9: QUIT says +OK only for what is really stored."""

import contextlib
import fcntl
import os
import select
import signal
import time

import pytest

from tests.lib.cost import Probe
from tests.lib.dovecot_config import STORAGES
from tests.lib.faults import SmallDisk, everything, mode
from tests.lib.mailuser import NOON
from tests.lib.model import KEYWORD, TARGETS
from tests.lib.other_plugins import LAZY
from tests.lib.outcome import DELETED, after, dele, fill_flagged, state
from tests.lib.serverlog import poll

pytestmark = pytest.mark.release

MAILS, DELETES = 121, 60


def fill_and_mark_one(user):
    """INBOX of 121, one of them with the keyword: the mailbox knows it."""
    user.append('INBOX', *('m%d' % n for n in range(MAILS)))
    user.store('INBOX', 'm0', '+FLAGS', KEYWORD)


def marked(user):
    """How many messages of INBOX have the keyword."""
    return sum(KEYWORD in mail.flags for mail in user.look())


@contextlib.contextmanager
def fixed_names(user):
    """Files of INBOX, a Maildir, cannot be renamed or removed."""
    with mode(user.home / 'Maildir/cur', 0o555), mode(user.home / 'Maildir/new', 0o555):
        yield


def quit_with_fixed_names(user, client):
    """QUIT, which must fail with one error line that says why."""
    with fixed_names(user):
        assert client.quit().startswith('-ERR')
    user.server.log.allow_errors('unlink|Permission denied')
    return user.server.log.claim_error('pop_policy: QUIT failed')


@pytest.mark.parametrize('policy', ['delete', 'retrieve'])
@pytest.mark.parametrize('action', ['keep', 'read'])
def test_maildir_files_that_cannot_be_renamed(server, policy, action):
    user = server.add_user()
    fill_and_mark_one(user)
    user.policy(**{policy: action})
    with user.pop() as client:
        if policy == 'delete':
            client.dele(*range(1, DELETES + 1))
        else:
            client.retr(1)
        line = quit_with_fixed_names(user, client)
    assert 'not marked' in line and KEYWORD in line
    assert len(everything(user)) == MAILS
    assert len(user.queue()) == MAILS - marked(user)


@pytest.mark.parametrize('action', ['delete', *TARGETS])
def test_maildir_files_that_cannot_be_removed(server, action):
    user = server.add_user()
    user.append('INBOX', *('m%d' % n for n in range(10)))
    user.policy(delete=action)
    with user.pop() as client:
        client.dele(1, 2)
        quit_with_fixed_names(user, client)
    assert {subject for subject, _ in everything(user)} == {'m%d' % n for n in range(10)}
    assert len(user.subjects()) == 10


@pytest.mark.parametrize('action', ['keep', 'read'])
@pytest.mark.parametrize('storage', STORAGES)
def test_ok_means_marked_when_the_disk_is_full(server, storage, action):
    user = server.add_user(storage=storage)
    disk = SmallDisk(user, kind='ext4')
    try:
        fill_and_mark_one(user)
        user.policy(delete=action)
        user.server.log.allow_errors('No space left on device|in-memory|pop_policy|Couldn.t'
                                     r'|/dovecot\.index.* failed')
        with user.pop() as client:
            client.dele(*range(1, DELETES + 1))
            disk.fill()
            answer = client.quit()
        disk.free()
        assert len(everything(user)) == MAILS
        if answer == DELETED:
            assert marked(user) == DELETES + 1
        else:
            assert answer.startswith('-ERR')
            assert user.server.log.errors(user.name, wait=10)
    finally:
        disk.close()


@pytest.mark.parametrize('action', TARGETS)
def test_a_target_that_cannot_be_created_when_the_disk_is_full(server, storage, action):
    user = server.add_user(storage=storage)
    disk = SmallDisk(user)
    try:
        user.append('INBOX', *('m%d' % n for n in range(10)))
        user.policy(delete=action)
        user.server.log.allow_errors('No space left on device|in-memory|pop_policy|Couldn.t'
                                     r'|/dovecot\.index.* failed')
        with user.pop() as client:
            client.dele(1, 2)
            disk.fill()
            assert client.quit().startswith('-ERR')
        disk.free()
        assert list(user.home.rglob('dovecot-uidlist.lock')) == []
        assert len(user.look()) == 10
        assert dele(user, 1, 2) == DELETED
        assert len(user.look(TARGETS[action])) == 2
    finally:
        disk.close()


@pytest.mark.parametrize('leave', [0, 4096, 8192, 16384])
@pytest.mark.parametrize('kind', ['tmpfs', 'ext4'])
def test_a_moved_mail_keeps_its_keywords_when_the_disk_is_full(server, kind, leave):
    """A Maildir has their names in a file, which Dovecot does not miss."""
    user = server.add_user()
    disk = SmallDisk(user, kind=kind)
    try:
        user.append('INBOX', *(('m%d' % n, NOON, 'Label1 Label%d' % n) for n in range(2, 5)))
        user.append('Archive', 'there')
        user.policy(delete='archive')
        user.server.log.allow_errors('No space left on device|in-memory|pop_policy|Couldn.t'
                                     r'|/dovecot\.index.* failed')
        before = state(user)
        with user.pop() as client:
            client.dele(1, 2, 3)
            disk.fill(leave)
            answer = client.quit()
        disk.free()
        moved = after(before, 'archive', ['m2', 'm3', 'm4'])
        assert state(user) == (moved if answer == DELETED else before)
        if answer != DELETED:
            assert dele(user, 1, 2, 3) == DELETED
            assert state(user) == moved
    finally:
        disk.close()


@pytest.mark.parametrize('action,mailbox', [
    ('delete', 'INBOX'), ('keep', 'INBOX'), ('archive', 'INBOX'), ('archive', 'Archive')])
def test_names_of_keywords_that_cannot_be_read(server, action, mailbox):
    """Dovecot would give their letters to others."""
    user = server.add_user()
    user.append('INBOX', ('m2', NOON, 'Label1'), ('m3', NOON, 'Label1'), ('m4', NOON, KEYWORD))
    user.append('Archive', ('there', NOON, 'Label2'))
    user.policy(delete=action)
    # after that, Dovecot does not read the folder again just because its time is too young
    time.sleep(2.1)
    before = state(user)
    path = user.home / 'Maildir' / ('' if mailbox == 'INBOX' else '.' + mailbox)
    with user.pop() as client, mode(path / 'dovecot-keywords', 0):
        client.dele(1)
        assert client.quit().startswith('-ERR')
    if mailbox == 'Archive':
        server.log.claim_error('pop_policy: Cannot store the names of keywords')
    server.log.allow_errors(r'open\(.*dovecot-keywords\) failed: Permission denied')
    assert state(user) == before
    assert dele(user, 1) == DELETED
    assert state(user) == after(before, action, ['m2'])


@pytest.mark.parametrize('action', ['delete', 'keep', 'archive'])
def test_a_mail_that_somebody_else_has_expunged_is_done(get_server, storage, action):
    user = get_server(others=LAZY, storage=storage).add_user()
    fill_flagged(user)
    user.policy(delete=action)
    with user.pop() as client:
        client.dele(1, 2)
        with user.imap() as imap:
            imap.select()
            imap.store('1', '+FLAGS', r'(\Deleted)')
            imap.expunge()
        assert client.quit() == DELETED
    assert user.queue() == ['in3', 'in4', 'in5']
    assert ('in2' in user.subjects()) == (action == 'keep')


@pytest.mark.parametrize('storage', ['maildir', 'sdbox', 'mdbox'])
def test_an_index_that_is_replaced_during_the_session(server, storage):
    user = server.add_user(storage=storage)
    fill_flagged(user)
    user.policy(delete='keep')
    folder = {'maildir': 'Maildir', 'sdbox': 'sdbox/mailboxes/INBOX/dbox-Mails',
              'mdbox': 'mdbox/mailboxes/INBOX/dbox-Mails'}[storage]
    log = user.home / folder / 'dovecot.index.log'
    with user.pop() as client:
        client.dele(1, 2)
        text = log.read_bytes()
        log.unlink()
        log.write_bytes(text)
        assert client.quit().startswith('-ERR')
    server.wait_for_end()
    server.log.allow_errors('duplicate transaction log sequence|Index is read-only')

@pytest.mark.parametrize('action', ['delete', 'keep', 'archive'])
@pytest.mark.parametrize('mailbox', ['INBOX', 'Junk'])
def test_a_mailbox_that_is_gone_at_quit(server, mailbox, action):
    """Dovecot does not log that."""
    user = server.add_user(storage='sdbox')
    fill_flagged(user)
    user.policy(delete=action, spam='include')
    with user.pop() as client:
        client.dele(1, 2)
        for path in (user.home / 'sdbox/mailboxes' / mailbox).rglob('dovecot.index*'):
            path.unlink()
        assert client.quit().startswith('-ERR')
    server.log.claim_error('pop_policy: QUIT failed: Mailbox (was deleted|is in inconsistent)')
    server.log.allow_errors('dbox|[Ii]ndex|deleted under us')


def readable(sock):
    """Whether something comes within half a second."""
    return bool(select.select([sock], [], [], 0.5)[0])


@contextlib.contextmanager
def locked(path):
    """Nobody else can read or write this mbox for a while."""
    with open(path, 'rb+') as file:
        fcntl.lockf(file, fcntl.LOCK_EX)
        yield


def test_an_mbox_that_is_still_empty_when_a_move_starts_again(server):
    user = server.add_user(storage='mbox')
    user.policy(delete='archive')
    for _ in range(5):
        user.append('INBOX', 'm1', 'm2', ('m3', NOON, r'\Deleted'), 'm4')
        with user.imap() as imap, user.pop() as client:
            imap.create('Archive')
            imap.select()
            client.dele(1, 2, 3, 4)
            with locked(user.home / 'inbox'):
                imap.send(b'A1 EXPUNGE\r\n')
                assert not readable(imap.sock)
                client.send('QUIT')
                assert not readable(client.sock)
            answer = client.reply()
            while not imap.readline().startswith(b'A1 OK'):
                pass
        # m3 is expunged, unless QUIT had the lock first
        assert [name for name in user.subjects('Archive') if name != 'm3'] == ['m1', 'm2', 'm4']
        if answer != DELETED:
            assert answer.startswith('-ERR')
            # Two that change an mbox at the same time may undo what the other one does.
            server.log.claim_error('QUIT failed: [0-9] of 4 messages could not be removed')
            user.doveadm('expunge', 'mailbox', 'INBOX', 'all')
        assert user.subjects() == []
        with user.imap() as imap:
            imap.select()
            imap.delete('Archive')


def test_an_mbox_whose_newest_mail_has_no_guid_yet(server):
    """Dovecot reads the file for it, and forgets what it was to expunge and has not yet."""
    user = server.add_user(storage='mbox')
    user.append('INBOX', *('m%d' % n for n in range(MAILS)))
    user.doveadm('fetch', 'guid', 'mailbox', 'INBOX')
    user.deliver('new')
    user.policy(delete='archive')
    assert dele(user, *range(1, MAILS + 2)) == DELETED
    assert user.subjects() == []
    assert len(user.subjects('Archive')) == MAILS + 1


# -- a process that is killed

MOVED, BATCH = 1000, 100


@pytest.mark.parametrize('storage', ['maildir', 'sdbox', 'mdbox'])
def test_a_killed_move_leaves_one_batch_in_both_mailboxes(server, storage):
    user = server.add_user(storage=storage)
    user.append('INBOX', 'mail')
    with user.imap() as imap:
        imap.select()
        while int(imap.search(None, 'ALL')[1][0].split()[-1]) < MOVED:
            imap.copy('1:*', 'INBOX')
            imap.noop()
    count = len(user.look())
    user.append('Archive', 'there')
    user.policy(delete='archive')
    folder = user.home / {'maildir': 'Maildir/.Archive/cur', 'sdbox': 'sdbox/mailboxes/Archive/'
                          'dbox-Mails', 'mdbox': 'mdbox/mailboxes/Archive/dbox-Mails'}[storage]
    with user.pop() as client:
        client.send(*('DELE %d' % num for num in range(1, count + 1)), 'QUIT')
        for _ in range(count):
            client.reply()
        # some batches have been moved
        poll(lambda: moved_some(folder, storage), 20, 0.001)
        for pid in server.processes('pop3'):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    server.log.allow_errors('killed with signal 9')
    user.unlock()
    left, archived = len(user.look()), len(user.look('Archive')) - 1
    assert count <= left + archived <= count + BATCH
    if left:
        assert dele(user, *range(1, left + 1)) == DELETED
    assert user.look() == []
    assert count <= len(user.look('Archive')) - 1 <= count + BATCH


@pytest.mark.parametrize('batches', [1, 2])
@pytest.mark.parametrize('storage', ['sdbox', 'mdbox'])
def test_a_rebuild_after_a_killed_move_brings_back_one_batch(
        get_server, tmp_path, storage, batches):
    """Indexes that are rebuilt forget what has been expunged and not yet synced."""
    for folder in (tmp_path.parent, tmp_path):
        folder.chmod(0o755)
    probe = Probe(tmp_path / 'probe')
    server = get_server(storage=storage, pop3_service=probe.service)
    user = server.add_user()
    count = 2 * BATCH + BATCH // 2
    user.append('INBOX', *('m%d' % number for number in range(count)))
    user.append('Archive', 'there')
    user.policy(delete='archive')

    def run():
        with user.pop() as client:
            client.send(*('DELE %d' % num for num in range(1, count + 1)), 'QUIT')
            client.rest()
    log = user.home / storage / 'mailboxes/Archive/dbox-Mails/dovecot.index.log'
    probe.kill_at_write(log, batches + 1, run)
    server.log.claim_error('killed with signal 9')
    user.doveadm('force-resync', '*')
    left, archived = len(user.look()), len(user.look('Archive')) - 1
    # (an sdbox also has the files of the batch at which it was killed)
    assert archived == min((batches + (storage == 'sdbox')) * BATCH, count)
    assert count <= left + archived <= count + BATCH


def moved_some(folder, storage):
    """Has a move begun to fill the folder?"""
    if storage == 'maildir':
        return len(list(folder.iterdir())) > 250
    log = folder / 'dovecot.index.log'
    return log.exists() and log.stat().st_size > 12000
