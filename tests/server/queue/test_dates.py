"""What is remembered of arrival dates: it saves work and never changes what is listed."""

import os
import random
import re
import shutil
import struct
import time

import pytest

from tests.lib.dovecot_config import MAIL_UID, storage_fields
from tests.lib.faults import mode
from tests.lib.history import INDEXES, Store, play
from tests.lib.mailuser import NOON, stamp

EARLIER, LATER = 0x60000000, 0x7f000000  # in 2021, in 2037
LISTED = ['at', 'after']


def fill_dates(user, mailbox='INBOX'):
    """Four mails at NOON - 10, - 1, 0 and + 1: LISTED are those that since NOON lists."""
    user.append(mailbox, ('long before', NOON - 10), ('before', NOON - 1), ('at', NOON),
                ('after', NOON + 1))


def change_dates(user, dates=range(NOON - 10, NOON + 2)):
    """Make what is hidden new and what is listed old, behind Dovecot's back, in the files."""
    changes = {date: LATER if date < NOON else EARLIER for date in dates}
    for path in user.home.rglob('*'):
        if path.parent.name in ('cur', 'new'):
            date = changes.get(int(path.stat().st_mtime), path.stat().st_mtime)
            os.utime(path, (date, date))
        elif path.name.startswith(('u.', 'm.')):
            data = path.read_bytes()
            for old, new in changes.items():
                data = data.replace(b'\nR%x\n' % old, b'\nR%x\n' % new)
            with open(path, 'r+b') as file:
                file.write(data)


def forget_cache(user):
    """Remove the cache files."""
    for path in user.home.rglob('dovecot.index.cache'):
        path.unlink()


def writes(user, cutoff):
    """How often something has been remembered of a cut-off, by the logs of all indexes."""
    return sum(path.read_bytes().count(struct.pack('=q', cutoff))
               for path in user.home.rglob('dovecot.index.log*'))


@pytest.mark.parametrize('spam,mailbox', [('exclude', 'INBOX'), ('include', 'INBOX'),
                                          ('include', 'Junk'), ('only', 'Junk')])
@pytest.mark.parametrize('storage', ['maildir', 'sdbox', 'mdbox'])
def test_a_later_session_looks_at_no_date(server, storage, spam, mailbox):
    user = server.add_user(storage=storage)
    fill_dates(user, mailbox)
    user.policy(since=stamp(NOON), spam=spam)
    assert user.queue() == LISTED
    change_dates(user)
    forget_cache(user)
    if spam == 'include':
        assert sorted(user.queue()) == sorted(LISTED)  # merged by date, so these are looked at
    else:
        assert user.queue() == LISTED
    # it would have been seen
    assert [mail.date for mail in user.look(mailbox)] == [LATER, LATER, EARLIER, EARLIER]


def test_an_earlier_moving_limit_is_remembered_too(server):
    """As of a second device with a longer interval, or of a node whose clock is behind."""
    user = server.add_user(storage='sdbox')
    user.append('INBOX', ('old', NOON - 100000), ('new', NOON))
    for before in (1000, 50000):
        user.policy(recent='%ds' % (time.time() - NOON + before))
        assert user.queue() == ['new']
    change_dates(user, [NOON - 100000])
    forget_cache(user)
    assert user.queue() == ['new']


@pytest.mark.parametrize('storage', ['maildir', 'sdbox', 'mdbox'])
def test_a_date_once_looked_at_comes_from_the_cache(server, storage):
    user = server.add_user(storage=storage)
    fill_dates(user)
    user.policy(since=stamp(NOON))
    assert user.queue() == LISTED
    change_dates(user)
    user.policy(since=stamp(NOON - 5))
    assert user.queue() == ['before', *LISTED]
    user.policy(since=stamp(NOON + 1))
    assert user.queue() == ['after']


def test_only_new_mail_is_looked_at(server):
    user = server.add_user(storage='sdbox')
    fill_dates(user)
    user.policy(since=stamp(NOON))
    assert user.queue() == LISTED
    user.append('INBOX', ('old again', NOON - 50), ('new', NOON + 50))
    change_dates(user)
    forget_cache(user)
    assert user.queue() == LISTED + ['new']
    user.policy(since=stamp(LATER))
    assert user.queue() == []


def test_a_message_that_a_rebuilt_index_brings_back_is_listed(server):
    """The only way for a UID to come back: the index must have forgotten what it remembered."""
    user = server.add_user(storage='sdbox')
    user.append('INBOX', ('hidden', NOON - 10), ('lost', NOON + 5), ('new', NOON + 6))
    path = user.home / INDEXES['sdbox']['INBOX'] / 'u.2'
    aside = user.home / 'aside'
    shutil.copy(path, aside)
    user.doveadm('expunge', 'mailbox', 'INBOX', 'uid', '2')
    user.policy(since=stamp(NOON))
    assert user.queue() == ['new']
    shutil.copy(aside, path)
    os.chown(path, MAIL_UID, MAIL_UID)
    user.doveadm('force-resync', 'INBOX')
    assert [(mail.uid, mail.subject) for mail in user.look()] == [(1, 'hidden'), (2, 'lost'),
                                                                  (3, 'new')]
    assert user.queue() == ['lost', 'new']


@pytest.mark.parametrize('spam', ['exclude', 'include'])
def test_a_session_that_learns_nothing_writes_nothing(stored, spam):
    fill_dates(stored)
    fill_dates(stored, 'Junk')
    stored.policy(since=stamp(NOON), spam=spam)
    stored.queue()
    assert writes(stored, NOON) == {'exclude': 1, 'include': 2}[spam]
    stored.queue()
    assert writes(stored, NOON) == {'exclude': 1, 'include': 2}[spam]


def header_offsets(data):
    """Where in an index file the remembered header of a cut-off at NOON is."""
    places = [found.start() for found in re.finditer(re.escape(struct.pack('=q', NOON)), data)]
    assert places
    # before the cut-off: checksum, version, UIDVALIDITY, counts; behind it: two ranges
    return [place + offset for place in places for offset in range(-24, 8 + 16)]


@pytest.mark.parametrize('storage', ['maildir', 'sdbox', 'mdbox'])
def test_a_broken_header_changes_nothing(server, storage):
    rnd = random.Random(1)
    user = server.add_user(storage=storage)
    fill_dates(user)
    user.policy(since=stamp(NOON))
    assert user.queue() == LISTED
    path = user.home / INDEXES[storage]['INBOX'] / 'dovecot.index.log'
    shutil.copytree(user.home, user.home.with_suffix('.whole'))
    whole = path.read_bytes()
    for offset in header_offsets(whole):
        broken = bytearray(whole)
        broken[offset] ^= 1 << rnd.randrange(8)
        path.write_bytes(broken)
        assert user.queue() == LISTED, offset
        path.write_bytes(whole)
        assert user.queue() == LISTED, offset


@pytest.mark.parametrize('spam', ['exclude', 'include'])
def test_a_date_that_cannot_be_read_refuses(server, spam):
    user = server.add_user(storage='sdbox')
    fill_dates(user)
    fill_dates(user, 'Junk')
    forget_cache(user)
    user.policy(since=stamp(NOON), spam=spam)
    mailbox = 'INBOX' if spam == 'exclude' else 'Junk'
    with mode(user.home / INDEXES['sdbox'][mailbox] / 'u.2', 0):
        # A process's first line of log makes libc look for the time zone, by whose errno Dovecot
        # then says why it could not open the file.
        server.log.allow_errors('u.2.* failed: (Permission denied|No such file)')
        with user.attempt() as client:
            assert client.reply().startswith('-ERR [SYS/TEMP]')
            assert client.rest() == b''
    assert user.queue() == [name for name in LISTED for _ in range(1 + (spam == 'include'))]


@pytest.mark.parametrize('storage', ['maildir', 'mbox'])
def test_an_index_in_memory_remembers_nothing(get_server, storage):
    user = get_server().add_user(storage=storage, fields=storage_fields(storage, index='MEMORY'))
    fill_dates(user)
    user.set(**storage_fields(storage, index='MEMORY'), pop_policy_since=stamp(NOON))
    for _ in range(2):
        assert user.queue() == LISTED
    assert writes(user, NOON) == 0


def test_many_changes_of_date_in_a_mailbox(stored):
    """More ranges than are stored."""
    stored.append('INBOX', *(('m%d' % num, NOON + num % 2) for num in range(700)))
    stored.policy(since=stamp(NOON + 1))
    expected = ['m%d' % num for num in range(1, 700, 2)]
    for _ in range(3):
        with stored.pop() as client:
            assert len(client.uidl()) == len(expected)
            assert client.subjects() == expected
            client.quit()
        assert writes(stored, NOON + 1) <= 1


@pytest.mark.parametrize('storages', [('maildir', 'sdbox'), ('mdbox', 'maildir')], ids='-'.join)
def test_random_histories_with_replication(server, storages):
    rnd = random.Random(7)
    stores = [Store(server, storage, rnd) for storage in storages]
    for store, other in zip(stores, reversed(stores)):
        store.other = other
    play(stores, rnd, ('append', 'append', 'save', 'expunge', 'keyword', 'dele', 'replicate',
                       'replicate'), 30)
