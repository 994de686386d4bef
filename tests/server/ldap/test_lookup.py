"""What the plugin's own LDAP lookup makes of an entry, with a real slapd (behaviour 4)."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.directory import PEOPLE
from tests.lib.dovecot_config import IS_24
from tests.lib.harness import MASTER_PASSWORD, MASTER_USER
from tests.lib.ldap_policy import (BIND, NEEDS_LDAP, assert_senseless, assert_unavailable, new_name,
                                   new_user, on, settings)
from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.model import DISABLED, UNAVAILABLE
from tests.lib.serverlog import poll

pytestmark = [pytest.mark.release, NEEDS_LDAP]

INBOX_ONLY = ['one', 'two', 'three']
MERGED = ['one', 'spam1', 'two', 'spam2', 'three']
SPAM_ONLY = ['spam1', 'spam2']


@pytest.fixture
def asking(get_server, directory):
    """A Dovecot that asks the directory over its socket."""
    return get_server(policy=on(directory))


@pytest.fixture
def account(asking, directory):
    """A filled user with an entry that says nothing."""
    user = new_user(asking, directory)
    fill(user)
    return user


def dele_first(user):
    """A session that DELEtes its first message; what INBOX then holds."""
    with user.pop() as client:
        client.dele(1)
        assert client.quit().startswith('+OK')
    return user.subjects()


# -- attributes and layers

def test_an_entry_without_attributes_changes_nothing(account):
    assert account.queue() == INBOX_ONLY
    assert dele_first(account) == ['two', 'three']


def test_an_account_without_entry_is_left_alone(asking):
    user = asking.add_user(new_name())
    fill(user)
    assert user.queue() == INBOX_ONLY


def test_each_attribute(account, directory):
    directory.set(account.dn, popPolicyAvailable=False)
    assert login_answer(account) == UNAVAILABLE
    directory.set(account.dn, popPolicyAvailable=True, popPolicyEnabled=False)
    assert login_answer(account) == DISABLED
    directory.set(account.dn, popPolicyEnabled=True, popPolicySince=stamp(NOON + 10))
    assert account.queue() == INBOX_ONLY[1:]
    directory.set(account.dn, popPolicySpam='Include')
    assert account.queue() == MERGED[2:]
    directory.set(account.dn, popPolicySince=None, popPolicySpam='only')
    assert account.queue() == SPAM_ONLY
    directory.set(account.dn, popPolicySpam=None, popPolicyDelete='keep')
    assert dele_first(account) == INBOX_ONLY
    assert account.queue() == INBOX_ONLY[1:]
    directory.set(account.dn, popPolicyDelete=None, popPolicyRetrieve='archive')
    with account.pop() as client:
        client.retr(1)
        client.quit()
    assert account.subjects('Archive') == ['two']
    directory.set(account.dn, popPolicyRetrieve=None)
    assert account.queue() == ['three']
    directory.set(account.dn, popPolicyExtraMailboxes='Arch*, Archive, Junk')
    assert account.queue() == ['two', 'three']
    directory.set(account.dn, popPolicyExtraMailboxes='none')
    assert account.queue() == ['three']
    directory.set(account.dn, popPolicyExtraMailboxes=None)


def test_an_attribute_beats_userdb_and_configuration(get_server, directory):
    server = get_server(policy=on(directory, spam='include'))
    user = new_user(server, directory, popPolicySpam='exclude')
    fill(user)
    assert user.queue() == INBOX_ONLY
    user.policy(spam='only')
    assert user.queue() == INBOX_ONLY


def test_an_absent_attribute_leaves_the_layer_below(get_server, directory):
    server = get_server(policy=on(directory, spam='include'))
    user = new_user(server, directory, popPolicySince=stamp(NOON + 10))
    fill(user)
    assert user.queue() == MERGED[2:]
    user.policy(spam='only')
    assert user.queue() == SPAM_ONLY[1:]


def test_a_site_may_want_pop_off_unless_the_directory_says_otherwise(get_server, directory):
    server = get_server(policy=on(directory, enabled=False))
    assert login_answer(server.add_user(new_name())) == DISABLED
    user = new_user(server, directory)
    assert login_answer(user) == DISABLED
    directory.set(user.dn, popPolicyEnabled=True)
    assert login_answer(user).startswith('+OK')


def test_the_policy_is_that_of_the_user_whose_mail_it_is(account, directory):
    directory.set(account.dn, popPolicySpam='only')
    with account.connect() as client:
        answer = client.auth_plain(account.name, MASTER_PASSWORD, master=MASTER_USER)
        assert answer.startswith('+OK')
        assert client.subjects() == SPAM_ONLY
        client.quit()


def test_one_search_for_what_is_needed(account, directory):
    directory.forget()
    account.queue()
    line, = directory.searches()
    assert 'base="%s" scope=2 deref=0' % PEOPLE in line
    assert '(mail=%s)' % account.name in line
    attributes, = directory.operations('SRCH attr=')
    assert attributes.endswith('SRCH attr=popPolicyAvailable popPolicyEnabled popPolicySince '
                               'popPolicySpam popPolicyDelete popPolicyRetrieve '
                               'popPolicyExtraMailboxes popPolicyKeepFor')
    assert not directory.operations('BIND dn')


# -- values

@pytest.mark.parametrize('name,value', [
    ('popPolicySpam', 'some'), ('popPolicyDelete', 'none'), ('popPolicyRetrieve', 'yes'),
    ('popPolicyExtraMailboxes', 'a,'), ('popPolicyKeepFor', '0'),
    ('popPolicySpam', 'x' * 1025), ('popPolicySpam', 'gr\u00fcn'), ('popPolicySpam', b'only\0')])
def test_bad_values(account, directory, name, value):
    directory.set(account.dn, **{name: value})
    line = assert_senseless(account, name)
    assert 'pop_policy_' not in line.partition('refused')[2]


def test_two_entries(account, directory):
    directory.add('cn=%s,%s' % (account.name, PEOPLE), cn=account.name, sn='x',
                  objectClass=['inetOrgPerson', 'popPolicyAccount'], mail=account.name)
    assert_senseless(account, 'Several LDAP entries', account.name)
    for number in range(3):
        directory.add('cn=%d %s,%s' % (number, account.name, PEOPLE), cn=account.name, sn='x',
                      objectClass=['inetOrgPerson', 'popPolicyAccount'], mail=account.name)
    assert_senseless(account, 'Several LDAP entries', account.name)


@pytest.fixture
def zimbra_account(zimbra, get_server):
    """A filled user of a Dovecot that asks for Zimbra's attributes."""
    server = get_server(policy=on(zimbra, ldap_schema='zimbra'))
    user = server.add_user()
    user.dn = zimbra.add('cn=%s,%s' % (user.name, PEOPLE), cn=user.name, sn='x', mail=user.name,
                         objectClass=['inetOrgPerson', 'zimbraAccount'])
    fill(user)
    return user


def test_zimbra_attributes(zimbra_account, zimbra):
    user = zimbra_account
    zimbra.set(user.dn, zimbraPop3Enabled=False)
    assert login_answer(user) == UNAVAILABLE
    zimbra.set(user.dn, zimbraPop3Enabled=True, zimbraPrefPop3Enabled=False)
    assert login_answer(user) == DISABLED
    zimbra.set(user.dn, zimbraPrefPop3Enabled=True, zimbraPrefPop3IncludeSpam=True,
               zimbraPrefPop3DownloadSince=stamp(NOON + 10))
    assert user.queue() == MERGED[2:]
    zimbra.set(user.dn, zimbraPrefPop3IncludeSpam=False, zimbraPrefPop3DeleteOption='keep',
               zimbraPrefPop3DownloadSince=None, popPolicySpam='only')
    assert dele_first(user) == INBOX_ONLY
    assert user.queue() == INBOX_ONLY[1:]
    zimbra.set(user.dn, zimbraPrefPop3DeleteOption='trash')
    assert dele_first(user) == ['one', 'three']
    zimbra.set(user.dn, zimbraPrefPop3DeleteOption='archive')
    assert_senseless(user, 'zimbraPrefPop3DeleteOption', 'archive')


def test_several_values_of_a_zimbra_attribute(zimbra_account, zimbra):
    zimbra.set(zimbra_account.dn, zimbraPrefPop3IncludeSpam=[True, False])
    assert_senseless(zimbra_account, 'zimbraPrefPop3IncludeSpam', 'more than one')


# -- other services

@pytest.mark.parametrize('plugin', ['pop3', 'global'])
def test_only_pop3_asks(get_server, directory, plugin):
    server = get_server(plugin=plugin, policy=on(directory))
    user = new_user(server, directory, popPolicySpam='only')
    directory.forget()
    fill(user)
    user.deliver('delivered')
    user.lda('by lda')
    user.doveadm('mailbox status', 'messages', 'INBOX')
    assert len(user.subjects()) == 5
    assert directory.connections() == []
    assert user.queue() == SPAM_ONLY
    assert len(directory.connections()) == 1


def test_imap_and_delivery_go_on_without_the_directory(get_server):
    user = get_server(plugin='global', policy=settings('ldap://127.0.0.1:1')).add_user()
    fill(user)
    user.deliver('delivered')
    assert len(user.subjects()) == 4
    assert_unavailable(user, 'Connection refused')


def test_no_credential_in_any_log(get_server, directory):
    debug = ({'log_debug': 'category=storage or category=auth'} if IS_24
             else {'mail_debug': True, 'auth_debug': True})
    server = get_server(policy=on(directory, **BIND), settings=debug)
    user = new_user(server, directory, popPolicySpam='some')
    assert_senseless(user, 'popPolicySpam')
    directory.set(user.dn, popPolicySpam='only')
    fill(user)
    assert user.queue() == SPAM_ONLY
    assert poll(lambda: server.log.debug.lines('LDAP lookup'), 5)
    secret = BIND['ldap_auth_dn_password'].encode()
    for path in (server.root / 'log').iterdir():
        assert secret not in path.read_bytes()
