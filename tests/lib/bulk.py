"""Mailboxes of many messages, filled fast: a Maildir written as files, which Dovecot imports."""

import itertools
import os
import time

from tests.lib.dovecot_config import MAIL_UID
from tests.lib.mailuser import message

# What "new" means in here: messages that arrived then, or later.
CUTOFF = 1767225600
CUTOFF_TEXT = '20260101000000Z'
CUTOFF_IMAP = '01-Jan-2026'
# The older ones spread over years, and end a day before.
YEARS = 10 * 365 * 86400
GAP = 86400
LINES = b'The quick brown fox jumps over the lazy dog, and back again.\r\n' * 400


def dates(count, fresh):
    """Arrival dates of so many messages, ascending, the last `fresh` of them at CUTOFF or later."""
    old = count - fresh
    step = YEARS // max(old, 1)
    return itertools.chain((CUTOFF - GAP - step * (old - number) for number in range(old)),
                           range(CUTOFF, CUTOFF + fresh))


def write_maildir(folder, count, fresh, sizes=(300, 600)):
    """A Maildir, owned by the mail user, of messages of lengths between those two."""
    for part in (folder, *(folder / name for name in ('cur', 'new', 'tmp'))):
        part.mkdir()
        os.chown(part, MAIL_UID, MAIL_UID)
    if folder.name.startswith('.'):
        (folder / 'maildirfolder').touch()
    low, high = sizes
    for number, when in enumerate(dates(count, fresh)):
        head = message('m%d' % number, '')
        raw = head + LINES[:low + number * 7919 % (high - low)] + b'\r\n'
        stored = raw.replace(b'\r\n', b'\n')
        path = '%s/cur/%d.M%06dP1.bulk,S=%d,W=%d:2,' % (folder, when, number % 1000000,
                                                        len(stored), len(raw))
        write_file(path, stored, when)


def write_file(path, data, when):
    """A file of the mail user with this modification time, which Maildir takes as arrival."""
    number = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        os.write(number, data)
        os.fchown(number, MAIL_UID, MAIL_UID)
        os.utime(number, (when, when))
    finally:
        os.close(number)


def rest_maildir(user, *mailboxes, seconds=0):
    """Let a Maildir be as when nothing has happened lately: after the next session Dovecot has no
    reason to read a folder or a uidlist again, which a changed flag is that is not synced, what
    it has just written to its cache, or a folder that was changed in the last two seconds.
    """
    for mailbox in mailboxes:
        for change in ('add', 'remove'):
            user.doveadm('flags ' + change, r'\Answered', 'mailbox', mailbox, '1')
        folder = user.home / ('Maildir' if mailbox == 'INBOX' else 'Maildir/.' + mailbox)
        for name in ('new', 'cur'):
            os.utime(folder / name, (CUTOFF + seconds, CUTOFF + seconds))


def import_maildir(user, folder, timeout=60):
    """Add all mail of a Maildir, with its other mailboxes, to a user's in any storage format."""
    bulk_doveadm(user, 'import', 'maildir:%s' % folder, '', 'all', timeout=timeout)


def bulk_doveadm(user, command, *args, timeout=60):
    """A doveadm that is fast with many messages and leaves nothing in caches."""
    user.server.doveadm('-o', 'mail_fsync=never', '-o', 'mail_never_cache_fields=*',
                        *command.split(), '-u', user.name, *args, timeout=timeout)


def settle(*users_mailboxes):
    """Make Dovecot fold its transaction logs into the indexes, of (user, mailbox) each.

    It does so by itself after five minutes and 32 kB. Until then every session replays the log.
    """
    # It takes a change to make Dovecot 2.4 look at the log, which must then go as well.
    for change in ('add', 'remove'):
        time.sleep(2.1)  # logs must be old enough
        for user, mailbox in users_mailboxes:
            user.server.doveadm('-o', 'mail_index_log_rotate_min_age=1s',
                                '-o', 'mail_index_log_rotate_min_size=1', 'flags', change,
                                '-u', user.name, r'\Answered', 'mailbox', mailbox, '1')
