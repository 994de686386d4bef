"""What other plugins, expiry and a changed UIDVALIDITY do around a session."""

import os
import re
import time

import pytest

from tests.lib.dovecot_config import MAIL_UID, uidl_format
from tests.lib.mailuser import NOON, message
from tests.lib.model import INVALID
from tests.lib.serverlog import poll


@pytest.fixture
def changed_uidvalidity():
    """A function that gives a Maildir INBOX a new UIDVALIDITY and the mails other UIDs."""
    def change(user):
        path = user.home / 'Maildir' / 'dovecot-uidlist'
        head, *records = path.read_text().splitlines()
        head = re.sub(r'V(\d+)', lambda match: 'V%d' % (int(match[1]) + 7), head)
        uids = [record.split(' ', 1)[0] for record in records]
        names = [record.split(' ', 1)[1] for record in reversed(records)]
        draft = path.with_name('uidlist.new')
        draft.write_text('\n'.join([head, *map(' '.join, zip(uids, names))]) + '\n')
        os.chown(draft, MAIL_UID, MAIL_UID)
        os.utime(draft, (NOON, NOON))
        draft.rename(path)
        os.utime(user.home / 'Maildir' / 'cur')
    return change


@pytest.mark.parametrize('action', ['keep', 'archive', 'trash'])
def test_a_changed_uidvalidity_never_moves_another_mail(server, changed_uidvalidity, action):
    user = server.add_user()
    user.append('INBOX', 'one', 'two', 'three')
    user.policy(delete=action)
    assert user.queue() == ['one', 'two', 'three']
    with user.pop() as client:
        client.dele(1)
        changed_uidvalidity(user)
        assert client.quit().startswith('-ERR')
    server.log.allow_errors('UIDVALIDITY|uidvalidity|[Ii]nconsistent|uidlist|pop_policy')
    assert user.subjects() == ['three', 'two', 'one'] or user.subjects() == ['one', 'two', 'three']
    for mailbox in {'Archive', 'Trash'} & set(user.mailboxes()):
        assert user.subjects(mailbox) == []


@pytest.mark.parametrize('action', ['delete', 'keep', 'read', 'archive', 'trash'])
def test_a_changed_uidvalidity_is_not_taken_for_success(server, action):
    user = server.add_user()
    user.append('INBOX', 'one', 'two', 'three')
    user.policy(delete=action)
    with user.pop() as client:
        client.dele(1)
        # all mails get other UIDs as well
        user.doveadm('mailbox update', '--uid-validity', '2100000000', 'INBOX')
        assert client.quit().startswith('-ERR')
    server.log.claim_error('pop_policy: QUIT failed: UIDVALIDITY changed during the session')
    assert user.queue() == user.subjects() == ['one', 'two', 'three']


@pytest.mark.parametrize('policy', [{'enabled': 'no'}, {'spam': 'bogus'}])
def test_a_refused_login_expires_nothing(get_server, policy):
    server = get_server(mailboxes={'Junk': {'special_use': r'\Junk', 'autoexpunge': '1s'}})
    user = server.add_user()
    user.append('INBOX', 'one')
    user.append('Junk')
    # (an IMAP session that is slow to end would expire it)
    user.save('Junk', 'spam')
    user.policy(**policy)
    junk = user.home / 'Maildir' / '.Junk'
    arrived = time.time()
    poll(lambda: time.time() > arrived + 2.5, 5, 0.2)
    with user.attempt() as client:
        assert client.login_reply.startswith('-ERR')
        client.quit()
    assert poll(lambda: not server.processes('pop3'), 5)
    if client.login_reply == INVALID:
        server.log.claim_error('pop_policy_spam')
    assert len([*(junk / 'cur').iterdir(), *(junk / 'new').iterdir()]) == 1


def test_migrated_uidls_stay_when_spam_is_merged(get_server):
    """pop3_migration searches INBOX differently."""
    old = get_server(plugin=None, settings={'pop3_uidl_format': uidl_format('x uid')})
    mails = [(message('in%d' % number), NOON + number) for number in range(3)]
    source = old.add_user()
    source.append('INBOX', *mails)
    new = get_server(
        others={'pop3_migration': {'mailbox': 'OLD/INBOX'}},
        settings={'pop3c_host': '127.0.0.1', 'pop3c_port': old.ports['pop3'],
                  'pop3c_user': source.name, 'pop3c_password': source.password},
        namespaces={'old': {'prefix': 'OLD/', 'storage': 'pop3c', 'path': '',
                            'settings': {'list': False, 'hidden': True}}})
    user = new.add_user(source.name + 'new')
    user.append('INBOX', *mails)
    user.append('Junk', ('spam', NOON + 9))
    uidls = {'in%d' % number: 'x%d' % (number + 1) for number in range(3)}
    for policy in {}, {'delete': 'keep'}, {'spam': 'include'}:
        user.policy(**policy)
        found = user.uidls()
        found.pop('spam', None)
        assert found == uidls
    new.log.allow_errors('pop3_migration: .*not found')


@pytest.mark.parametrize('name', ['Junk//x', 'Junk/', 'a//b', '/x'])
def test_unusable_mailbox_names_are_refused_at_login(server, name):
    user = server.add_user(fields={'pop_policy_archive_mailbox': name})
    with user.attempt() as client:
        assert client.login_reply == INVALID
    server.log.claim_error('pop_policy_archive_mailbox')


def test_equal_uidls_of_two_spam_mails_and_inbox_are_all_different(get_server):
    user = get_server(settings={'pop3_reuse_xuidl': True}).add_user()
    mail = {name: message(name, headers=['X-UIDL: AAA']) for name in ('in', 'sp1', 'sp2')}
    user.append('INBOX', (mail['in'], NOON))
    user.append('Junk', (mail['sp1'], NOON), (mail['sp2'], NOON + 1))
    user.policy(spam='include')
    uidls = user.uidls()
    assert uidls['in'] == 'AAA'
    assert len(set(uidls.values())) == 3
    assert user.uidls() == uidls
