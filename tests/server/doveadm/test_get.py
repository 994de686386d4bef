"""`get` shows the policy in force, where it is from, and what a login is told."""

import pytest

from tests.lib import doveadm, model
from tests.lib.doveadm import get
from tests.lib.dovecot_config import policy_in
from tests.lib.mailuser import fill

SETTINGS = ('available', 'enabled', 'since', 'spam', 'delete', 'retrieve', 'spam_mailbox',
            'archive_mailbox', 'trash_mailbox', 'keyword', 'unavailable_text', 'disabled_text',
            'extra_mailboxes', 'mailbox_header', 'keep_for', 'recent')


def assert_login(user):
    """The row `login` says what a login is answered; the row."""
    row = get(user, 'login', check=None)['login']
    answer = user.attempt()
    reply = answer.login_reply
    answer.close()
    assert row[0] == ('allowed' if reply.startswith('+OK') else reply)
    return row


def test_all_rows(user):
    rows = get(user)
    assert list(rows) == ['pop_policy_' + name for name in SETTINGS] + ['login']
    assert {source for _, source, _ in rows.values()} == {'default', ''}
    assert rows['pop_policy_spam'] == ('exclude', 'default', '')
    assert rows['login'] == ('allowed', '', '')


def test_some_rows(user):
    assert list(get(user, 'spam', 'login')) == ['pop_policy_spam', 'login']
    assert list(get(user, 'pop_policy_since')) == ['pop_policy_since']


@pytest.mark.parametrize('name', ['spma', 'ldap_auth_dn_password', 'pop_policy_', ''])
def test_a_setting_that_is_none(user, name):
    answer = doveadm.run(user.server, 'get', '-u', user.name, name, check=64)
    assert answer.rows == [] and 'No setting of a policy' in answer.said


def test_sources(get_server):
    server = get_server(policy={'spam': 'include', 'delete': 'keep', 'retrieve': 'none'},
                        extra=policy_in('protocol pop3', {'keyword': '$Mine'}))
    user = server.add_user(fields={'pop_policy_delete': 'read', 'pop_policy_spam': '',
                                   'pop_policy_since': ''})
    rows = get(user)
    assert rows['pop_policy_spam'] == ('include', 'config', '')
    assert rows['pop_policy_delete'] == ('read', 'userdb', '')
    assert rows['pop_policy_retrieve'] == ('none', 'config', '')
    assert rows['pop_policy_keyword'] == ('$Mine', 'config', '')
    assert rows['pop_policy_since'] == ('', 'default', '')
    assert rows['pop_policy_enabled'] == ('yes', 'default', '')


def test_remote_and_local(get_server):
    server = get_server(extra=policy_in('remote 127.0.0.7', {'enabled': 'no'}) +
                        policy_in('local 127.0.0.8', {'spam': 'include'}))
    user = server.add_user()
    assert get(user)['login'][0] == 'allowed'
    assert get(user, '--rip', '127.0.0.7')['login'][0] == model.DISABLED
    assert get(user, '-r', '127.0.0.9')['login'][0] == 'allowed'
    assert get(user, '--lip', '127.0.0.8')['pop_policy_spam'] == ('include', 'config', '')
    assert doveadm.run(server, 'get', '-u', user.name, '--rip', 'x').code == 64


@pytest.mark.parametrize('policy', [{}, {'enabled': 'no'}, {'available': 'FALSE'},
                                    {'available': 'no', 'unavailable_text': 'Ask for POP.'}],
                         ids=str)
def test_login(user, policy):
    user.policy(**policy)
    assert assert_login(user)[1:] == ('', '')


@pytest.mark.parametrize('policy,setting', [
    ({'spam': 'maybe'}, 'pop_policy_spam'), ({'since': 'yesterday'}, 'pop_policy_since'),
    ({'keyword': 'a b'}, 'pop_policy_keyword'), ({'spma': 'include'}, None),
    ({'archive_mailbox': 'a//b'}, None), ({'keyword': 'x' * 100, 'delete': 'keep'}, None)], ids=str)
def test_invalid(user, policy, setting):
    user.policy(**policy)
    row = assert_login(user)
    assert row[0] == model.INVALID
    # the log says the same
    assert row[2] in user.server.log.claim_error(user.name)
    rows = get(user, check=65)
    if setting:
        assert rows[setting][0] == policy[setting[11:]] and rows[setting][2] == row[2]
        assert [name for name, row in rows.items() if row[2]] == [setting, 'login']


def test_a_spam_mailbox_that_cannot_be_opened(get_server):
    server = get_server()
    user = server.add_user(fields={'pop_policy_spam': 'include'})
    fill(user)
    path = user.home / 'Maildir/.Junk'
    path.chmod(0)
    row = assert_login(user)
    path.chmod(0o700)
    assert row[0] in (model.INVALID, model.TEMPORARY) and 'Junk' in row[2]
    user.server.log.claim_error('POP login refused.*Junk')
    user.server.log.allow_errors('Junk')


def test_no_such_user(server):
    answer = doveadm.run(server, 'get', '-u', 'nobody', check=67)
    assert answer.rows == [] and "User doesn't exist" in answer.said


@pytest.mark.parametrize('plugin', ['pop3', 'global', None])
def test_wherever_the_plugin_is_named(get_server, plugin):
    user = get_server(plugin=plugin).add_user(fields={'pop_policy_spam': 'only'})
    assert get(user)['pop_policy_spam'] == ('only', 'userdb', '')
