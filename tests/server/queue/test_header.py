"""Behaviour 6.2: the field that says which mailbox a message is from."""

import email
import email.header
import email.policy

import pytest

from tests.lib.answers import assert_invalid
from tests.lib.dovecot_config import QUOTA_DRIVERS
from tests.lib.faults import everything, folder_of
from tests.lib.mailuser import NOON, big_message, fill, message
from tests.lib.outcome import state
from tests.server.queue.test_queue import assert_coherent

pytestmark = pytest.mark.release

MERGED = ['one', 'spam1', 'two', 'spam2', 'three']
FIELD = b'X-Mailbox: Junk\r\n'


@pytest.fixture
def filled(stored):
    """A user with mail in INBOX and Junk in every storage format."""
    fill(stored)
    return stored


@pytest.fixture
def maildir(user):
    """The same in Maildir."""
    fill(user)
    return user


def field_of(user, mailbox, name='X-Mailbox'):
    """What a mail program reads from the field on the only message of a mailbox."""
    user.doveadm('mailbox create', mailbox)
    user.save(mailbox, 'named')
    quoted = '"%s"' % mailbox.replace('\\', '\\\\').replace('"', '\\"')
    user.policy(extra_mailboxes=quoted, mailbox_header=name)
    with user.pop() as client:
        size, raw = client.list(1), client.retr(1)
        assert size == len(raw)
        assert client.stat() == (1, size)
        client.quit()
    assert raw.startswith(name.encode() + b': ')
    head = raw[:raw.index(b'\r\nFrom: ') + 2]
    assert all(len(line) <= 998 for line in head.split(b'\r\n'))
    assert all(32 <= byte < 127 or byte in b'\r\n\t' for byte in head)
    if mailbox.isascii():
        assert raw[len(head):] == user.look(mailbox)[0].raw
    return str(email.message_from_bytes(raw, policy=email.policy.default)[name])


# -- the field and the sizes

@pytest.mark.parametrize('spam,subjects', [('include', MERGED), ('only', ['spam1', 'spam2'])])
def test_messages_that_are_not_from_inbox_get_it_on_top(filled, spam, subjects):
    stored = {mail.subject: mail.raw for box in ('INBOX', 'Junk') for mail in filled.look(box)}
    filled.policy(spam=spam, mailbox_header='X-Mailbox')
    with filled.pop() as client:
        assert_coherent(client, subjects)
        for num, subject in enumerate(subjects, 1):
            field = FIELD if subject.startswith('spam') else b''
            assert client.retr(num) == field + stored[subject]
            assert client.top(num, 10 ** 6) == field + stored[subject]
            assert client.top(num, 0) == field + stored[subject].replace(b'text\r\n', b'')
            assert client.list(num) == len(field + stored[subject])
        client.quit()


def test_mail_in_inbox_alone_is_as_ever(filled):
    raws = [mail.raw for mail in filled.look()]
    filled.policy(mailbox_header='X-Mailbox')
    with filled.pop() as client:
        assert [client.retr(num) for num in (1, 2, 3)] == raws
        assert client.list() == {num: len(raw) for num, raw in enumerate(raws, 1)}
        client.quit()


def test_every_mailbox_is_named(maildir):
    maildir.append('Lists/a b', ('list', NOON + 1))
    maildir.policy(spam='include', extra_mailboxes='Lists/*', mailbox_header='X-Folder')
    with maildir.pop() as client:
        heads = [client.top(num, 0).split(b'\r\n')[0] for num in range(1, 7)]
        client.quit()
    assert [head for head in heads if head.startswith(b'X-Folder')] == [
        b'X-Folder: Lists/a b', b'X-Folder: Junk', b'X-Folder: Junk']


@pytest.mark.parametrize('storage', ['maildir', 'sdbox', 'mdbox'])
def test_compressed_mail(get_server, storage):
    user = get_server(others={'compress': {'method': 'gz'}}).add_user(storage=storage)
    mails = [big_message('big%d' % num, lines=2000 + num) for num in range(3)]
    user.append('Junk', *((mail, NOON + num) for num, mail in enumerate(mails)))
    user.policy(spam='include', mailbox_header='X-Mailbox')
    with user.pop() as client:
        for num, mail in enumerate(mails, 1):
            assert client.list(num) == len(FIELD + mail)
            assert client.retr(num) == FIELD + mail
        client.quit()


@pytest.mark.parametrize('fast', [False, True])
def test_messages_of_odd_form(get_server, fast):
    user = get_server(settings={'pop3_fast_size_lookups': fast}).add_user()
    mails = {'no body': b'Subject: no body\r\n\r\n', 'no header': b'\r\nSubject: body\r\n',
             'dots': message('dots', '.\r\n..\r\n.x\r\n'),
             'long': message('long', 'x' * 20000 + '\r\n'),
             'eight bits': message('eight bits', 'gr\u00fcn\r\n')}
    for number, mail in enumerate(mails.values()):
        user.append('Junk', (mail, NOON + number))
    user.policy(spam='only', mailbox_header='X-Mailbox')
    for _ in range(2):
        with user.pop() as client:
            for number, mail in enumerate(mails.values(), 1):
                assert client.retr(number) == FIELD + mail
                assert client.list(number) == len(FIELD + mail)
            assert client.top(2, 0) == FIELD + b'\r\n'
            assert client.top(3, 2) == FIELD + mails['dots'].replace(b'.x\r\n', b'')
            client.quit()


def test_a_message_that_is_stored_with_bare_line_feeds(maildir):
    text = message('unix', 'one\r\ntwo\r\n')
    path = folder_of(maildir, 'Junk') / 'new' / '1768478400.M1P1.host'
    path.write_bytes(text.replace(b'\r\n', b'\n'))
    path.chmod(0o666)
    maildir.policy(spam='include', mailbox_header='X-Mailbox')
    with maildir.pop() as client:
        subjects = client.subjects()
        num = subjects.index('unix') + 1
        assert client.retr(num) == FIELD + text
        assert client.list(num) == len(FIELD + text)
        assert client.top(num, 1) == FIELD + text.replace(b'two\r\n', b'')
        client.quit()


def test_many_small_and_big_messages_come_whole(maildir):
    mails = [message('m%d' % num, 'line\r\n' * (num * 37 % 3000)) for num in range(60)]
    maildir.append('Many', *((mail, NOON + num) for num, mail in enumerate(mails)))
    maildir.policy(extra_mailboxes='Many', mailbox_header='X-Mailbox', since='20260115120000Z')
    with maildir.pop() as client:
        sizes = client.list()
        client.send(*('RETR %d' % num for num in sizes))
        found = []
        for num in sizes:
            assert client.reply() == '+OK %d octets' % sizes[num]
            found.append(b''.join(client.body()))
            assert len(found[-1]) == sizes[num]
        client.quit()
    assert {mail for mail in found if mail.startswith(b'X-Mailbox: Many\r\n')} == {
        b'X-Mailbox: Many\r\n' + mail for mail in mails}


# -- the name of the mailbox

@pytest.mark.parametrize('mailbox', ['Lists/a', 'With blank', 'a,b', 'Entw\u00fcrfe',
                                     '\u53d7\u4fe1\u7bb1/\u30e1\u30fc\u30eb', 'a=?b?=',
                                     '=?utf-8?q?x?=', 'emoji \U0001f4ec',
                                     '\u53d7\u4fe1\u7bb1' * 20])
def test_a_mail_program_reads_the_name(server, mailbox):
    assert field_of(server.add_user(storage='sdbox'), mailbox) == mailbox


@pytest.mark.parametrize('name', ['X', 'X-23456789-123456789-123456789-123456789-123456789'])
def test_short_and_long_names_of_the_field(server, name):
    for mailbox in ('Lists', 'Entw\u00fcrfe' * 8):
        assert field_of(server.add_user(storage='sdbox'), mailbox, name) == mailbox


def test_a_name_longer_than_a_line(server):
    user = server.add_user(storage='sdbox')
    mailbox = '/'.join(str(number) * 200 for number in range(1, 5)) + '/' + 'x' * 150
    assert field_of(user, mailbox) == mailbox


# -- the name of the field

@pytest.mark.parametrize('name', ['Received', 'subject', 'From', 'To', 'MIME-Version',
                                  'Content-Type', 'DKIM-Signature', 'X-UIDL', 'X Mailbox',
                                  'X-Mailbox:', 'X-M\u00fcll', 'x' * 51, 'a\nb'])
def test_a_name_that_may_not_be_is_invalid(user, name):
    user.policy(mailbox_header=name)
    assert_invalid(user, 'pop_policy_mailbox_header', 'nvalid value')


def test_none_undoes_a_lower_layer(get_server):
    user = get_server(policy={'mailbox_header': 'X-Mailbox', 'spam': 'only'}).add_user()
    fill(user)
    for value, has_it in (('', True), ('none', False), ('None', False), ('X-Other', False)):
        user.policy(mailbox_header=value)
        with user.pop() as client:
            assert client.retr(1).startswith(FIELD) == has_it
            client.quit()


# -- what stays as it is

@pytest.mark.parametrize('spam', ['include', 'only'])
def test_nothing_stored_changes_and_uidls_neither(filled, spam):
    filled.policy(spam=spam)
    uidls, before = filled.uidls(), (state(filled), everything(filled))
    filled.policy(spam=spam, mailbox_header='X-Mailbox')
    with filled.pop() as client:
        assert dict(zip(client.subjects(), client.uidl().values())) == uidls
        client.quit()
    assert (state(filled), everything(filled)) == before


@pytest.mark.parametrize('spam', ['include', 'only'])
@pytest.mark.parametrize('action', ['delete', 'keep', 'archive'])
def test_what_is_retrieved_to_its_end_is_disposed_of(filled, spam, action):
    filled.policy(spam=spam, mailbox_header='X-Mailbox', retrieve=action)
    raws = {mail.subject: mail.raw for mail in filled.look('Junk')}
    with filled.pop() as client:
        num = client.subjects().index('spam1') + 1
        client.top(num + 1, 10 ** 6)
        client.retr(num)
        assert client.quit().startswith('+OK')
    left = {mail.subject: mail for mail in filled.look('Junk')}
    assert ('spam1' in left) == (action == 'keep')
    assert left['spam2'].raw == raws['spam2']
    if action == 'archive':
        assert [mail.raw for mail in filled.look('Archive')] == [raws['spam1']]


@pytest.mark.parametrize('driver', QUOTA_DRIVERS)
@pytest.mark.parametrize('spam', ['include', 'only'])
def test_quota_counts_what_is_stored(get_server, spam, driver):
    user = get_server(others={'quota': {'User': {'driver': driver}}}).add_user()
    fill(user)
    user.policy(spam=spam, mailbox_header='X-Mailbox', delete='delete')
    with user.pop() as client:
        client.dele(client.subjects().index('spam1') + 1)
        assert client.quit().startswith('+OK')
    before = user.doveadm('quota get')
    user.doveadm('quota recalc')
    assert user.doveadm('quota get') == before
