"""`list` and `status` say what a POP3 client gets, and why it does not get the rest."""

import itertools
import poplib
import random
import time

import pytest

from tests.lib import doveadm
from tests.lib.dovecot_config import policy_in, uidl_format
from tests.lib.mailuser import NOON, fill, message, stamp
from tests.lib.model import KEYWORD

FORMATS = [(storage, form) for storage in ('maildir', 'sdbox', 'mdbox', 'mbox')
           for form in ('uid uidvalidity', 'guid', 'uid')]
FORMATS += [('maildir', 'filename'), ('mbox', 'md5')]
POLICIES = list(itertools.product(('', stamp(NOON + 3)), ('exclude', 'include', 'only'),
                                  ('delete', 'keep'), ('none', 'archive')))


def since_then(when):
    """A time interval that reaches back to then."""
    return '%ds' % (int(time.time()) - when)


def stock_list(user):
    """([(number, UIDL, octets)], (messages, octets)) that poplib gets in a session."""
    client = poplib.POP3('127.0.0.1', user.server.ports['pop3'], timeout=20)
    client.user(user.name)
    client.pass_(user.password)
    sizes, uidls = (dict(line.decode().split(' ', 1) for line in command()[1])
                    for command in (client.list, client.uidl))
    stat = client.stat()
    client.quit()
    assert sizes.keys() == uidls.keys()
    return [(int(number), uidls[number], int(size)) for number, size in sizes.items()], stat


def listed(user, *args):
    """The rows of `list`."""
    return doveadm.run(user.server, 'list', '-u', user.name, *args, check=0).rows


def assert_the_same(user):
    """`list` and `status` are what a session gets; the rows of `list -a`."""
    rows = listed(user)
    expected, stat = stock_list(user)
    assert [(int(row['number']), row['uidl'], int(row['size'])) for row in rows] == expected
    status = doveadm.run(user.server, 'status', '-u', user.name, check=0).rows[0]
    assert (int(status['messages']), int(status['octets'])) == stat
    everything = listed(user, '-a')
    assert [row for row in everything if row['hidden'] == ''] == [
        {**row, 'hidden': ''} for row in rows]
    hidden = [row['hidden'] for row in everything if row['hidden']]
    for column, text in (('not_source', 'not a source'), ('spam', 'spam'),
                         ('dequeued', 'dequeued'), ('before_date', 'before the date')):
        assert int(status[column]) == hidden.count(text)
    return everything


def scatter(user, chance):
    """Random mail in INBOX and Junk, some of it dequeued; dates repeat and are in no order."""
    for mailbox in ('INBOX', 'Junk'):
        mails = [('%s%d' % (mailbox, number) + 'x' * chance.randrange(30),
                  NOON + chance.randrange(6), KEYWORD if chance.random() < 0.3 else '')
                 for number in range(chance.randrange(3, 9))]
        user.append(mailbox, *mails)


@pytest.mark.parametrize('store,form', FORMATS, ids=' '.join)
def test_list_is_what_a_client_gets(get_server, store, form):
    chance = random.Random(store + form)
    server = get_server(settings={'pop3_uidl_format': uidl_format(form)})
    owner = server.add_user(storage=store)
    scatter(owner, chance)
    owner.append('Work', 'filed by a rule')
    for since, spam, delete, retrieve in POLICIES:
        fields = {'pop_policy_since': since, 'pop_policy_spam': spam,
                  'pop_policy_delete': delete, 'pop_policy_retrieve': retrieve}
        user = server.add_user(storage=store, home=owner.home,
                               fields={**server.storage_fields(store), **fields})
        rows = assert_the_same(user)
        reasons = {(row['mailbox'], row['hidden']) for row in rows}
        assert ('Work', 'not a source') in reasons
        assert ('INBOX' in {row['mailbox'] for row in rows if not row['hidden']}) <= (
            spam != 'only')


@pytest.mark.parametrize('spam', ['exclude', 'include', 'only'])
@pytest.mark.parametrize('since', ['', stamp(NOON + 3)])
def test_recent_mail(stored, spam, since):
    scatter(stored, random.Random(spam + since))
    day = 86400
    stored.append('INBOX', ('last', NOON + 2 * day, KEYWORD), ('next', NOON + 2 * day))
    for recent, hidden in ((since_then(NOON - day), {'not a source', 'spam', 'before the date'}),
                           (since_then(NOON + day), {'not a source', 'spam', 'before the date'})):
        stored.policy(spam=spam, since=since, recent=recent, keep_for='90d')
        rows = assert_the_same(stored)
        assert {row['hidden'] for row in rows} <= {'', *hidden}
        count = sum(row['mailbox'] == 'INBOX' and row['arrival'].startswith('2026-01-17')
                    for row in rows if not row['hidden'])
        assert count == (0 if spam == 'only' else 2)


@pytest.mark.parametrize('settings', [
    {'pop3_save_uidl': True}, {'pop3_reuse_xuidl': True}, {'pop3_uidl_duplicates': 'rename'},
    {'pop3_uidl_duplicates': 'rename', 'pop3_reuse_xuidl': True},
    {'pop3_fast_size_lookups': True}, {'pop3_deleted_flag': '$Gone'},
    {'pop3_no_flag_updates': True}], ids=' '.join)
def test_list_obeys_the_settings_of_pop3(get_server, storage, settings):
    server = get_server(settings={'pop3_uidl_format': uidl_format('uid'), **settings})
    owner = server.add_user(storage=storage)
    for subject in ('one', 'two'):
        owner.append('INBOX', (message(subject, headers=['X-UIDL: same']), NOON))
        owner.append('Junk', (message(subject, headers=['X-UIDL: same']), NOON))
    owner.append('INBOX', ('gone', NOON, '$Gone'), ('dequeued', NOON, KEYWORD))
    for spam in ('exclude', 'include', 'only'):
        user = server.add_user(storage=storage, home=owner.home, fields={
            **server.storage_fields(storage), 'pop_policy_spam': spam})
        for _ in range(2):  # now UIDLs are saved
            assert_the_same(user)


def test_the_settings_of_protocol_pop3_count(get_server):
    server = get_server(extra=policy_in(
        'protocol pop3', {'spam': 'include'},
        {'pop3_uidl_format': uidl_format('guid'), 'pop3_deleted_flag': '$Gone'}))
    user = server.add_user()
    fill(user)
    user.append('INBOX', ('gone', NOON, '$Gone'))
    rows = assert_the_same(user)
    assert len(rows) == 6 and [row['hidden'] for row in rows].count('dequeued') == 1


def test_arrival_uid_and_mailbox(user):
    user.policy(spam='include')
    fill(user)
    assert [(row['mailbox'], row['uid'], row['arrival']) for row in listed(user)] == [
        ('INBOX', '1', '2026-01-15T12:00:00Z'), ('Junk', '1', '2026-01-15T12:00:05Z'),
        ('INBOX', '2', '2026-01-15T12:00:10Z'), ('Junk', '2', '2026-01-15T12:00:15Z'),
        ('INBOX', '3', '2026-01-15T12:00:20Z')]


def test_the_first_reason_that_fits(user):
    user.policy(since=stamp(NOON))
    user.append('INBOX', ('early', NOON - 5), ('dequeued', NOON + 5, KEYWORD),
                ('both', NOON - 5, KEYWORD), ('here', NOON + 5))
    user.append('Junk', ('early spam', NOON - 5, KEYWORD))
    rows = listed(user, '-a')
    assert [(row['mailbox'], row['uid'], row['hidden']) for row in rows] == [
        ('INBOX', '4', ''), ('INBOX', '2', 'dequeued'), ('INBOX', '3', 'dequeued'),
        ('INBOX', '1', 'before the date'), ('Junk', '1', 'spam')]


def test_an_empty_account(user):
    assert listed(user) == []
    status = doveadm.run(user.server, 'status', '-u', user.name, check=0).rows
    assert set(status[0].values()) == {'0'}


@pytest.mark.parametrize('command', ['list', 'status'])
def test_where_the_login_is_refused_there_is_no_queue(user, command):
    user.policy(enabled='no')
    answer = doveadm.run(user.server, command, '-u', user.name, check=0)
    assert answer.rows == [] and 'POP access is disabled for this account.' in answer.said
    user.policy(spam='nonsense')
    answer = doveadm.run(user.server, command, '-u', user.name, check=65)
    assert answer.rows == [] and "pop_policy_spam" in answer.said


def test_nothing_is_changed(user, storage):
    owner = user.server.add_user(storage=storage)
    fill(owner)
    before = owner.look(), owner.look('Junk')
    for command in ('list', 'status'):
        doveadm.run(owner.server, command, '-u', owner.name, check=0)
    with owner.imap() as client:
        assert client.select('INBOX')[0] == 'OK'
        assert client.response('RECENT')[1] == [b'3']
    assert (owner.look(), owner.look('Junk')) == before
