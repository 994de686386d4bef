"""Behaviour 3.2: mailboxes that a policy names or needs are checked before the login succeeds."""

import contextlib

import pytest

from tests.lib.answers import assert_invalid, login_answer
from tests.lib.faults import mode
from tests.lib.mailuser import fill
from tests.lib.model import INVALID, TEMPORARY

LOGGED_IN = '+OK Logged in.'
SETTINGS = ['spam_mailbox', 'archive_mailbox', 'trash_mailbox']
SPAM = ['include', 'only']
QUEUES = {'include': ['one', 'spam1', 'two', 'spam2', 'three'], 'only': ['spam1', 'spam2'],
          'exclude': ['one', 'two', 'three']}


@pytest.fixture(params=[{}, {'pop3_lock_session': True}], ids=['unlocked', 'locked'])
def site(request, get_server):
    """The plugin's server with and without pop3_lock_session."""
    return get_server(settings=request.param)


@pytest.fixture(params=[{}, {'pop3_lock_session': True}], ids=['unlocked', 'locked'])
def acl_site(request, get_server):
    """The same with ACLs."""
    return get_server(others={'acl': {}}, settings=request.param)


# -- names

@pytest.mark.parametrize('spam', QUEUES)
@pytest.mark.parametrize('setting', SETTINGS)
def test_a_name_that_the_namespace_cannot_have(site, setting, spam):
    user = site.add_user()
    fill(user)
    user.policy(**{'spam': spam, setting: 'a.b'})
    assert_invalid(user, 'pop_policy_' + setting, "'a.b'")
    user.policy(spam=spam)
    assert user.queue() == QUEUES[spam]


@pytest.mark.parametrize('setting', SETTINGS)
def test_a_name_that_only_some_formats_can_have(server, storage, setting):
    user = server.add_user(storage=storage)
    fill(user)
    user.policy(**{setting: 'a.b'})
    if storage == 'maildir':
        assert_invalid(user, 'pop_policy_' + setting, "'a.b'")
    else:
        assert user.queue() == QUEUES['exclude']


@pytest.mark.parametrize('name', ['x' * 300, 'a/' + 'y' * 256])
def test_a_name_that_is_too_long_for_a_mailbox(server, name):
    user = server.add_user()
    user.policy(archive_mailbox=name, delete='archive')
    assert_invalid(user, 'pop_policy_archive_mailbox', 'too long')


@pytest.mark.parametrize('name', ['New', 'deeply/nested/new', 'Gr\u00fcn', 'with space'])
def test_a_name_that_may_be_is_taken(server, name):
    user = server.add_user()
    fill(user)
    user.policy(archive_mailbox=name, delete='archive')
    with user.pop() as client:
        client.dele(1)
        assert client.quit().startswith('+OK')
    assert user.subjects() == ['two', 'three']


def test_commands_behind_a_login_that_a_name_refuses(site):
    user = site.add_user(fields={'pop_policy_trash_mailbox': 'a.b'})
    fill(user)
    with user.connect() as client:
        client.send('USER ' + user.name, 'PASS ' + user.password, 'STAT', 'RETR 1', 'QUIT')
        assert client.reply().startswith('+OK')
        assert [client.reply() for _ in range(3)] == [INVALID] * 3
        assert client.reply() == '+OK Logging out.'
        assert client.rest() == b''
    site.log.claim_error('pop_policy_trash_mailbox')


def test_a_login_that_a_name_refuses_leaves_no_lock(get_server):
    site = get_server(settings={'pop3_lock_session': True})
    user = site.add_user(fields={'pop_policy_trash_mailbox': 'a.b'})
    fill(user)
    with user.attempt() as client:
        assert client.login_reply == INVALID
        user.policy()
        assert user.queue() == QUEUES['exclude']
        assert client.cmd('STAT') == INVALID
    site.log.claim_error('pop_policy_trash_mailbox')


# -- rights

def hide(user, rights):
    """Leave the owner these rights on Junk."""
    (user.home / 'Maildir' / '.Junk' / 'dovecot-acl').write_text('owner %s\n' % rights)


@pytest.mark.parametrize('rights', ['', 'swite', 'lw', 'l'],
                         ids=['none', 'not lookup', 'not read', 'only lookup'])
@pytest.mark.parametrize('spam', SPAM)
def test_spam_that_the_user_may_not_see_or_read(acl_site, spam, rights):
    user = acl_site.add_user()
    fill(user)
    hide(user, rights)
    user.policy(spam=spam)
    assert login_answer(user) == INVALID
    assert 'Junk' in acl_site.log.claim_error('POP login refused for user ' + user.name)
    user.policy()
    assert user.queue() == QUEUES['exclude']
    hide(user, 'lrwstipekxa')
    user.policy(spam=spam)
    assert user.queue() == QUEUES[spam]


@pytest.mark.parametrize('spam', SPAM)
def test_spam_that_the_user_may_read_but_not_see(acl_site, spam):
    user = acl_site.add_user()
    fill(user)
    hide(user, 'rswite')
    user.policy(spam=spam)
    assert user.queue() == QUEUES[spam]


@pytest.mark.parametrize('named', [{}, {'spam_mailbox': 'Other/Spam'}], ids=['default', 'named'])
@pytest.mark.parametrize('spam', SPAM)
def test_spam_that_is_absent_is_empty_with_acls_too(acl_site, spam, named):
    user = acl_site.add_user()
    user.append('INBOX', 'one')
    user.policy(spam=spam, **named)
    assert user.queue() == (['one'] if spam == 'include' else [])


@pytest.mark.parametrize('spam', SPAM)
def test_spam_whose_folder_cannot_be_read(site, spam):
    user = site.add_user()
    fill(user)
    user.policy(spam=spam)
    with mode(user.home / 'Maildir' / '.Junk', 0, owner=0):
        answer = login_answer(user)
    assert answer in (INVALID, TEMPORARY)
    site.log.claim_error('POP login refused for user ' + user.name)
    site.log.allow_errors('Permission denied')
    assert user.queue() == QUEUES[spam]


# -- the answer that was held back

@pytest.mark.parametrize('policy', [{'spam': 'include'}, {'spam': 'only'},
                                    {'archive_mailbox': 'Old'}],
                         ids=['include', 'only', 'named'])
@pytest.mark.parametrize('tls', [False, True], ids=['plain', 'tls'])
def test_the_login_is_answered_once(site, policy, tls):
    user = site.add_user(fields={'pop_policy_' + name: text for name, text in policy.items()})
    fill(user)
    with user.connect(tls=tls) as client:
        client.send('USER ' + user.name, 'PASS ' + user.password, 'NOOP', 'QUIT')
        said = client.rest().split(b'\r\n')
    assert [line[:6] for line in said] == [b'+OK', b'+OK Lo', b'+OK', b'+OK Lo', b'']


def test_a_first_login_creates_inbox(site):
    user = site.add_user(fields={'pop_policy_spam': 'include'})
    with user.attempt() as client:
        assert client.login_reply == LOGGED_IN
        assert client.stat() == (0, 0)
        client.quit()


def test_a_lock_that_is_held_is_the_answer(get_server):
    site = get_server(settings={'pop3_lock_session': True})
    user = site.add_user(fields={'pop_policy_spam': 'include'})
    fill(user)
    with user.pop():
        assert login_answer_of_locked(user).startswith('-ERR [IN-USE]')
    site.log.allow_errors('lock')


def login_answer_of_locked(user):
    """The answer of a server that then closes."""
    with user.attempt() as client:
        assert client.rest() == b''
        return client.login_reply


@pytest.mark.parametrize('spam', SPAM)
def test_an_inbox_that_cannot_be_opened_is_no_login(server, spam):
    user = server.add_user(fields={'pop_policy_spam': spam})
    fill(user)
    folder = user.home / 'Maildir' / ('cur' if spam == 'include' else '.Junk/cur')
    server.log.allow_errors('Permission denied|POP login refused|INBOX')
    with mode(folder, 0, owner=0), mode(folder.parent / 'new', 0, owner=0):
        with user.attempt() as client:
            said = client.login_reply
            with contextlib.suppress(OSError):
                client.send('QUIT')
            client.rest()
    assert said.startswith(('-ERR', '+OK'))
    assert user.queue() == QUEUES[spam]


