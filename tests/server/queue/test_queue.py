"""Behaviour 3.3 and 3.4: which messages a session lists, in which order."""

import time

import pytest

from tests.lib.faults import folder_of, mode
from tests.lib.mailuser import NOON, big_message, fill, message, stamp

pytestmark = pytest.mark.release

INBOX_ONLY = ['one', 'two', 'three']
MERGED = ['one', 'spam1', 'two', 'spam2', 'three']
SPAM_ONLY = ['spam1', 'spam2']
FUTURE = '20990101000000Z'

QUEUES = [({}, INBOX_ONLY), ({'spam': 'include'}, MERGED), ({'spam': 'only'}, SPAM_ONLY),
          ({'since': stamp(NOON + 10)}, ['two', 'three']),
          ({'since': stamp(NOON + 10), 'spam': 'include'}, ['two', 'spam2', 'three']),
          ({'since': stamp(NOON + 10), 'spam': 'only'}, ['spam2'])]
QUEUE_IDS = ['stock', 'include', 'only', 'since', 'since-include', 'since-only']


def assert_coherent(client, subjects):
    """STAT, LIST, UIDL, TOP and RETR all show exactly these messages, in this order."""
    numbers = list(range(1, len(subjects) + 1))
    sizes, uidls = client.list(), client.uidl()
    assert list(sizes) == list(uidls) == numbers
    assert client.stat() == (len(subjects), sum(sizes.values()))
    assert len(set(uidls.values())) == len(subjects)
    for num, subject in zip(numbers, subjects):
        mail = client.retr(num)
        assert b'\r\nSubject: %s\r\n' % subject.encode() in mail
        assert client.list(num) == sizes[num] == len(mail)
        assert client.uidl(num) == uidls[num]
        assert mail.startswith(client.top(num, 0))
        assert client.top(num, 10 ** 6) == mail
    for command in ('LIST %d', 'UIDL %d', 'RETR %d', 'TOP %d 0', 'DELE %d'):
        assert client.cmd(command % (len(subjects) + 1)).startswith('-ERR')
    assert client.subjects() == subjects


# -- all commands agree

@pytest.mark.parametrize('policy,subjects', QUEUES, ids=QUEUE_IDS)
def test_all_commands_agree(stored, policy, subjects):
    fill(stored)
    stored.policy(**policy)
    with stored.pop() as client:
        assert_coherent(client, subjects)
        client.quit()
    assert stored.subjects() == INBOX_ONLY
    assert stored.subjects('Junk') == SPAM_ONLY


@pytest.mark.parametrize('policy,subjects', QUEUES, ids=QUEUE_IDS)
def test_dele_and_rset_agree(stored, policy, subjects):
    fill(stored)
    stored.policy(**policy)
    with stored.pop() as client:
        sizes, uidls = client.list(), client.uidl()
        client.dele(1)
        assert client.stat() == (len(subjects) - 1, sum(sizes.values()) - sizes.pop(1))
        assert client.list() == sizes
        assert list(client.uidl().values()) == list(uidls.values())[1:]
        for command in ('LIST 1', 'UIDL 1', 'RETR 1', 'TOP 1 0', 'DELE 1'):
            assert client.cmd(command).startswith('-ERR')
        client.rset()
        assert_coherent(client, subjects)
        client.quit()
    assert stored.subjects() == INBOX_ONLY
    assert stored.subjects('Junk') == SPAM_ONLY


@pytest.mark.parametrize('policy,subjects', QUEUES[1:], ids=QUEUE_IDS[1:])
def test_dele_hits_the_message_of_that_number(stored, policy, subjects):
    fill(stored)
    stored.policy(**policy)
    with stored.pop() as client:
        client.retr(len(subjects))
        client.dele(len(subjects))
        assert client.quit().startswith('+OK')
    left = [subject for subject in MERGED if subject != subjects[-1]]
    assert sorted(stored.subjects() + stored.subjects('Junk')) == sorted(left)


def test_big_messages_come_whole_from_both_mailboxes(stored):
    mails = [big_message('big%d' % num, lines=3000 + num) for num in range(4)]
    stored.append('INBOX', (mails[0], NOON), (mails[2], NOON + 2))
    stored.append('Junk', (mails[1], NOON + 1), (mails[3], NOON + 3))
    stored.policy(spam='include')
    with stored.pop() as client:
        assert [client.retr(num) for num in range(1, 5)] == mails
        assert client.list() == {num + 1: len(mail) for num, mail in enumerate(mails)}
        client.quit()


def test_long_lists_are_whole(stored):
    inbox = [('i%d' % num, NOON + num) for num in range(0, 500) if num % 3]
    junk = [('j%d' % num, NOON + num) for num in range(0, 500) if not num % 3]
    stored.append('INBOX', *inbox)
    stored.append('Junk', *junk)
    stored.policy(spam='include', since=stamp(NOON + 50))
    expected = [subject for subject, _ in sorted(inbox + junk, key=lambda mail: mail[1])][50:]
    with stored.pop() as client:
        uidls = client.uidl()
        assert len(set(uidls.values())) == 450
        assert client.subjects() == expected
        client.send('UIDL', 'LIST', 'STAT')
        assert client.reply() == '+OK' and len(client.body()) == 450
        assert client.reply().startswith('+OK 450') and len(client.body()) == 450
        assert client.reply().startswith('+OK 450 ')
        client.quit()


# -- date

def test_date_boundary_is_inclusive_to_the_second(stored):
    stored.append('INBOX', ('before', NOON - 1), ('at', NOON), ('after', NOON + 1))
    stored.policy(since=stamp(NOON))
    assert stored.queue() == ['at', 'after']


def test_date_boundary_holds_for_spam(stored):
    stored.append('Junk', ('before', NOON - 1), ('at', NOON), ('after', NOON + 1))
    for spam in ('include', 'only'):
        stored.policy(since=stamp(NOON), spam=spam)
        assert stored.queue() == ['at', 'after']


@pytest.mark.parametrize('storage', ['maildir', 'sdbox', 'mdbox'])
def test_date_in_the_hour_that_a_time_zone_has_twice(get_server, storage):
    twice = 1792888200  # 2026-10-25T00:30:00Z: 02:30 in summer time, an hour before 02:30
    user = get_server(tz='CET-1CEST,M3.5.0,M10.5.0/3').add_user(storage=storage)
    user.append('INBOX', ('summer before', twice - 1), ('summer', twice),
                ('winter before', twice + 3599), ('winter', twice + 3600))
    user.policy(since=stamp(twice))
    assert user.queue() == ['summer', 'winter before', 'winter']
    user.policy(since=stamp(twice + 3600))
    assert user.queue() == ['winter']


def test_moving_the_date_to_and_fro(stored):
    fill(stored)
    for offset, expected in [(15, ['three']), (0, INBOX_ONLY), (11, ['three']),
                             (-99, INBOX_ONLY)]:
        stored.policy(since=stamp(NOON + offset))
        assert stored.queue() == expected


def test_dates_out_of_order(stored):
    stored.append('INBOX', ('a', NOON + 10), ('b', NOON - 10), ('c', NOON + 20), ('d', NOON - 20),
                  ('e', NOON), ('f', NOON - 1))
    stored.policy(since=stamp(NOON))
    with stored.pop() as client:
        assert_coherent(client, ['a', 'c', 'e'])
        client.dele(2)
        assert client.quit().startswith('+OK')
    assert stored.subjects() == ['a', 'b', 'd', 'e', 'f']
    stored.append('INBOX', ('old again', NOON - 5), ('new', NOON + 5))
    assert stored.queue() == ['a', 'e', 'new']


def test_the_date_is_the_internaldate_not_the_header(stored):
    old = message('old header', headers=['Date: Thu, 1 Jan 1998 00:00:00 +0000'])
    stored.append('INBOX', (old, NOON + 1), (message('new header'), NOON - 1))
    stored.policy(since=stamp(NOON))
    assert stored.queue() == ['old header']


def test_delivered_mail_has_the_date_of_its_delivery(stored):
    now = int(time.time())
    stored.append('INBOX', ('old', now - 3600))
    stored.deliver('lmtp')
    stored.lda('lda')
    stored.policy(since=stamp(now - 60))
    assert stored.queue() == ['lmtp', 'lda']
    stored.policy(since=stamp(now + 3600))
    assert stored.queue() == []


@pytest.mark.parametrize('spam', ['exclude', 'include', 'only'])
def test_a_future_date_gives_an_empty_queue(stored, spam):
    fill(stored)
    stored.policy(since=FUTURE, spam=spam)
    with stored.pop() as client:
        assert client.stat() == (0, 0)
        assert client.list() == client.uidl() == {}
        for command in ('LIST 1', 'UIDL 1', 'RETR 1', 'TOP 1 0', 'DELE 1'):
            assert client.cmd(command).startswith('-ERR')
        client.rset()
        assert client.quit().startswith('+OK')
    assert (stored.subjects(), stored.subjects('Junk')) == (INBOX_ONLY, SPAM_ONLY)


@pytest.mark.parametrize('spam', ['exclude', 'include', 'only'])
def test_empty_mailboxes(stored, spam):
    stored.policy(spam=spam, since=stamp(NOON))
    with stored.pop() as client:
        assert client.stat() == (0, 0)
        assert client.list() == client.uidl() == {}
        assert client.quit().startswith('+OK')


# -- merge

def merged(user, inbox, junk):
    """The merged queue of mails given as {subject: seconds after NOON}."""
    user.append('INBOX', *((subject, NOON + after) for subject, after in inbox.items()))
    user.append('Junk', *((subject, NOON + after) for subject, after in junk.items()))
    user.policy(spam='include')
    return user.queue()


def test_ties_put_inbox_first(stored):
    assert merged(stored, {'a': 0, 'b': 0}, {'s': 0, 't': 0}) == ['a', 'b', 's', 't']


def test_all_spam_older_or_newer(server):
    assert merged(server.add_user(), {'a': 5, 'b': 6}, {'s': 0, 't': 1}) == ['s', 't', 'a', 'b']
    assert merged(server.add_user(), {'a': 0, 'b': 1}, {'s': 5, 't': 6}) == ['a', 'b', 's', 't']


def test_each_mailbox_keeps_its_own_order(stored):
    assert merged(stored, {'x': 10, 'y': 0}, {'s': 5, 't': 1}) == ['s', 't', 'x', 'y']


@pytest.mark.parametrize('inbox,junk', [({}, {'s': 0, 't': 1}), ({'a': 0, 'b': 1}, {})])
def test_one_of_the_mailboxes_is_empty(stored, inbox, junk):
    assert merged(stored, inbox, junk) == [*inbox, *junk]


def test_no_date_is_asked_for_when_no_spam_is_left(server):
    user = server.add_user(storage='sdbox')
    user.append('INBOX', *(('mail%d' % num, NOON + 10 * num) for num in range(4)))
    user.append('Junk', ('spam', NOON + 5))
    for _ in range(2):
        with user.pop() as client:
            assert client.stat()[0] == 4
            client.quit()
    user.policy(spam='include')
    folder = folder_of(user, 'INBOX') / 'dbox-Mails'
    with mode(folder / 'u.3', 0), mode(folder / 'u.4', 0), user.pop() as client:
        assert client.stat()[0] == len(client.list()) == len(client.uidl()) == 5
        client.quit()
    assert user.queue() == ['mail0', 'spam', 'mail1', 'mail2', 'mail3']


def test_new_mail_comes_last(stored):
    fill(stored)
    stored.policy(spam='include')
    before = stored.uidls()
    stored.append('Junk', ('new spam', NOON + 30))
    stored.append('INBOX', ('new', NOON + 31))
    after = stored.uidls()
    assert list(after) == MERGED + ['new spam', 'new']
    assert list(after.items())[:5] == list(before.items())


# -- the spam mailbox

@pytest.mark.parametrize('spam,expected', [('exclude', ['mail']), ('include', ['mail']),
                                           ('only', [])])
def test_an_absent_spam_mailbox_is_empty_and_stays_absent(stored, spam, expected):
    stored.append('INBOX', 'mail')
    stored.policy(spam=spam)
    with stored.pop() as client:
        assert_coherent(client, expected)
        assert client.quit().startswith('+OK')
    assert stored.mailboxes() == {'INBOX'}


def test_absent_spam_mailbox_of_a_user_without_any_mail(stored):
    stored.policy(spam='only')
    assert stored.queue() == []


@pytest.mark.parametrize('mailboxes,name', [({'Spam': r'\Junk', 'Junk': None}, 'Spam'),
                                            ({}, 'Junk'), ({'Trash': r'\Trash'}, 'Junk')])
def test_spam_mailbox_by_special_use_or_default_name(get_server, mailboxes, name):
    user = get_server(mailboxes=mailboxes).add_user()
    for mailbox in ('INBOX', 'Junk', 'Spam'):
        user.append(mailbox, 'in ' + mailbox)
    user.policy(spam='only')
    assert user.queue() == ['in ' + name]
    user.policy(spam='include')
    assert user.queue() == ['in INBOX', 'in ' + name]


def test_a_named_spam_mailbox_beats_special_use(stored):
    fill(stored)
    stored.append('Bulk', 'bulk')
    stored.policy(spam='only', spam_mailbox='Bulk')
    assert stored.queue() == ['bulk']
    stored.policy(spam='only', spam_mailbox='Nowhere')
    assert stored.queue() == []


# -- flags

def test_last_counts_in_the_queue(get_server):
    user = get_server(settings={'pop3_enable_last': True}).add_user()
    fill(user)
    user.store('Junk', 'spam1', '+FLAGS', r'\Seen')
    user.policy(spam='include')
    with user.pop() as client:
        assert client.last() == 2
        client.retr(4)
        assert client.last() == 4
        client.rset()
        assert client.last() == 0
        client.quit()
    assert not any(mail.flags for mail in user.look('Junk'))


def test_rset_with_last_leaves_hidden_messages_alone(get_server):
    user = get_server(settings={'pop3_enable_last': True}).add_user()
    fill(user)
    user.store('INBOX', 'one', '+FLAGS', r'\Seen')
    user.store('INBOX', 'three', '+FLAGS', r'\Seen')
    user.policy(since=stamp(NOON + 10))
    with user.pop() as client:
        assert client.last() == 2
        client.rset()
        client.quit()
    assert [bool(mail.flags) for mail in user.look()] == [True, False, False]


def test_retr_sets_seen_where_the_message_is(stored):
    fill(stored)
    stored.policy(spam='include')
    with stored.pop() as client:
        client.retr(2)
        client.retr(5)
        client.top(1, 5)
        client.quit()
    seen = [mail.subject for box in ('INBOX', 'Junk') for mail in stored.look(box) if mail.flags]
    assert seen == ['three', 'spam1']


@pytest.mark.parametrize('spam', ['include', 'only'])
def test_pop3_no_flag_updates_holds_for_spam(get_server, spam):
    user = get_server(settings={'pop3_no_flag_updates': True}).add_user()
    fill(user)
    user.policy(spam=spam)
    with user.pop() as client:
        for num in client.list():
            client.retr(num)
        client.quit()
    assert not any(mail.flags for mail in user.look() + user.look('Junk'))


# -- a session while the mailboxes change

def test_mail_that_arrives_during_a_session_is_not_listed(stored):
    fill(stored)
    stored.policy(spam='include')
    with stored.pop() as client:
        stored.deliver('new')
        stored.append('Junk', ('new spam', NOON + 1))
        assert_coherent(client, MERGED)
        client.dele(4)
        assert client.quit().startswith('+OK')
    assert stored.subjects() == INBOX_ONLY + ['new']
    assert stored.subjects('Junk') == ['spam1', 'new spam']


def test_numbers_hold_after_an_idle_commit(stored):
    fill(stored)
    stored.policy(spam='include', delete='trash')
    with stored.pop() as client:
        stored.deliver('new')
        client.dele(2)
        time.sleep(11)  # pop3 commits its transaction after ten idle seconds
        assert stored.subjects('Junk') == SPAM_ONLY
        assert b'Subject: spam2' in client.retr(4)
        assert b'Subject: three' in client.retr(5)
        client.dele(4)
        assert client.quit().startswith('+OK')
    assert stored.subjects() == INBOX_ONLY + ['new']
    assert (stored.subjects('Junk'), stored.subjects('Trash')) == ([], SPAM_ONLY)


def test_messages_expunged_by_others_during_a_session(stored):
    fill(stored)
    stored.policy(spam='include')
    with stored.pop() as client:
        stored.doveadm('expunge', 'mailbox', 'Junk', 'subject', 'spam1')
        for num, subject in [(1, b'one'), (3, b'two'), (4, b'spam2'), (5, b'three')]:
            assert b'Subject: ' + subject in client.retr(num)
        client.dele(4)
        assert client.quit().startswith('+OK')
    assert (stored.subjects(), stored.subjects('Junk')) == (INBOX_ONLY, [])
