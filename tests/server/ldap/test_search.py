"""Which entry the plugin's own LDAP lookup finds: base, scope, filter, escaping (behaviour 4)."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.directory import PEOPLE, SUFFIX
from tests.lib.dovecot_config import IS_24
from tests.lib.ldap_policy import (NEEDS_LDAP, assert_senseless, assert_unavailable, new_name,
                                   new_user, on)
from tests.lib.mailuser import fill
from tests.lib.model import DISABLED

pytestmark = NEEDS_LDAP

SPAM_ONLY = ['spam1', 'spam2']
INBOX_ONLY = ['one', 'two', 'three']


@pytest.mark.parametrize('base,scope,found', [
    (SUFFIX, 'subtree', True), (SUFFIX, 'onelevel', False), (SUFFIX, 'base', False),
    (PEOPLE, 'Onelevel', True), (PEOPLE, 'base', False), ('mail=%{user},' + PEOPLE, 'base', True),
    ('mail=%{user},' + PEOPLE, 'subtree', True), ('mail=%{user},' + PEOPLE, 'onelevel', False)])
def test_base_and_scope(server, directory, base, scope, found):
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    user.policy(**on(directory, ldap_base=base, ldap_scope=scope))
    assert user.queue() == (SPAM_ONLY if found else INBOX_ONLY)


def test_a_base_with_a_variable_is_enough(server, directory):
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    user.policy(**on(directory, ldap_base='mail=%{user},' + PEOPLE, ldap_scope='base',
                     ldap_filter='(objectClass=popPolicyAccount)'))
    assert user.queue() == SPAM_ONLY


def test_a_base_that_names_an_account_which_is_not_there(server, directory):
    user = server.add_user(new_name())
    fill(user)
    user.policy(**on(directory, ldap_base='mail=%{user},' + PEOPLE, ldap_scope='base'))
    assert user.queue() == INBOX_ONLY


@pytest.mark.parametrize('base', [
    'ou=nobody,' + SUFFIX, '', 'dc=elsewhere', 'mail=%{user},ou=peopel,' + SUFFIX,
    'mail=%{user},dc=elsewhere', 'mail=%{user}'])
def test_a_base_that_is_not_there(server, directory, base):
    user = new_user(server, directory, popPolicyEnabled=False)
    user.policy(**on(directory, ldap_base=base))
    assert_unavailable(user, 'No such object')


@pytest.mark.parametrize('base', [PEOPLE, 'mail=%{user},' + PEOPLE])
def test_an_account_that_may_not_be_seen_is_not_one_without_entry(server, own_directory, base):
    user = new_user(server, own_directory, popPolicyEnabled=False)
    user.policy(**on(own_directory, ldap_base=base))
    assert login_answer(user) == DISABLED
    own_directory.configure('dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n'
                            'replace: olcAccess\nolcAccess: to * by * none\n')
    assert_unavailable(user, 'No such object')


@pytest.mark.parametrize('base', ['what', 'ou=people,,' + SUFFIX])
def test_a_base_that_is_no_dn(server, directory, base):
    user = new_user(server, directory)
    user.policy(**on(directory, ldap_base=base))
    assert_unavailable(user, 'Invalid DN syntax')


@pytest.mark.parametrize('text', ['(mail=%{user})', '(|(uid=%{user})(mail=%{user}))',
                                  '(&(mail=%{user})(!(uid=nobody))(cn=*))', '(mail=\\61%{user})'])
def test_filters(server, directory, text):
    user = server.add_user('a' + new_name())
    directory.add_account(user.name, popPolicySpam='only')
    fill(user)
    user.policy(**on(directory, ldap_filter=text))
    assert user.queue() == (INBOX_ONLY if '61' in text else SPAM_ONLY)


@pytest.mark.parametrize('text', ['(%{user})', '(mail==%{user}=)(', '(mail~%{user})', '()%{user}',
                                  '(&(mail=\\zz)(mail=%{user}))', '(!%{user})'])
def test_filters_that_are_none(server, directory, text):
    user = new_user(server, directory)
    user.policy(**on(directory, ldap_filter=text))
    assert_senseless(user, 'pop_policy_ldap_filter')


@pytest.mark.parametrize('key', ['ldap_filter', 'ldap_base'])
def test_unknown_variables(server, directory, key):
    user = new_user(server, directory)
    # Dovecot 2.3 itself refuses a user whose settings it cannot expand
    if IS_24:
        user.policy(**on(directory, **{key: '(x=%{nothing})'}))
        assert_senseless(user, 'pop_policy_' + key)


@pytest.mark.parametrize('key,value', [('ldap_filter', '(mail=%{userdb:nothing})'),
                                       ('ldap_base', 'mail=%{userdb:nothing},' + PEOPLE)])
def test_a_variable_that_is_empty(server, directory, key, value):
    """It would find nobody, and so switch the directory off for this account."""
    user = new_user(server, directory, popPolicyEnabled=False)
    user.policy(**on(directory, **{key: value}))
    assert_senseless(user, 'pop_policy_' + key)


# Names that mean something in a filter or a DN. Each must find its own entry, and nobody else's.
NAMES = ['jo*e', '*', 'a)(mail=*', 'a)(|(mail=*', 'b\\2a', 'c\\', 'd,e', 'f+g=h', '"i"', '#j', ';k',
         '<l>', 'm=n', 'gr\u00fcn', "o'p", '%u', '%{user}', 'q r']


def auth_answer(user):
    """The answer to AUTH PLAIN, which takes every name."""
    with user.connect() as client:
        return client.auth_plain(user.name, user.password)


@pytest.fixture(scope='module')
def bait(directory):
    """Entries which a name that gets out of its place would find."""
    for name in ('jo-any-e', 'a', 'b*', 'anything'):
        directory.add('cn=%s,%s' % (name.replace('*', '\\2a'), PEOPLE), cn=name, sn='x',
                      objectClass=['inetOrgPerson', 'popPolicyAccount'], mail=name,
                      popPolicyAvailable=False)


def assert_finds_its_own(directory, user, name, variable, in_base):
    """A lookup by that variable, which has that name as its value, finds the entry of that name."""
    base = 'cn=%s,%s' % (variable, PEOPLE) if in_base else PEOPLE
    text = '(&(cn=%s)(objectClass=*))' % variable
    user.set(name=name, **{'pop_policy_' + key: value for key, value
                           in on(directory, ldap_base=base, ldap_filter=text).items()})
    assert auth_answer(user).startswith('+OK')
    escaped = ''.join('\\%02x' % octet for octet in name.encode())
    dn = directory.add('cn=%s,%s' % (escaped, PEOPLE), cn=name, sn='x', popPolicyEnabled=False,
                       objectClass=['inetOrgPerson', 'popPolicyAccount'])
    assert auth_answer(user) == DISABLED
    directory.delete(dn)


@pytest.mark.usefixtures('bait')
@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize('in_base', [False, True], ids=['filter', 'base'])
def test_values_are_escaped(server, directory, name, in_base):
    assert_finds_its_own(directory, server.add_user(), name, '%{userdb:name}', in_base)


# a passwd-file cannot have users of the other names
@pytest.mark.usefixtures('bait')
@pytest.mark.parametrize('name', [name for name in NAMES if not set(name) & set('#\\\'"')])
def test_names_are_escaped(get_server, directory, name):
    server = get_server(settings={'auth_master_user_separator': ''})
    assert_finds_its_own(directory, server.add_user(name), name, '%{user}', False)


@pytest.mark.parametrize('old,new,name,value', [
    ('%Uu', '%{user | upper}', 'a*b', 'A*B'), ('%3u', '%{user | substr(0, 3)}', 'c*d(e', 'c*d'),
    ('%{if;%u;eq;x;y;%u}', "%{user | default('}')}", 'f)g', 'f)g')])
@pytest.mark.usefixtures('bait')
def test_what_a_modifier_makes_is_escaped(get_server, directory, old, new, name, value):
    server = get_server(settings={'auth_master_user_separator': ''})
    user = server.add_user(name)
    user.policy(**on(directory, ldap_filter='(cn=%s)' % (new if IS_24 else old)))
    assert auth_answer(user).startswith('+OK')
    escaped = ''.join('\\%02x' % ord(char) for char in value)
    dn = directory.add('cn=%s,%s' % (escaped, PEOPLE), cn=value, sn='x', popPolicyEnabled=False,
                       objectClass=['inetOrgPerson', 'popPolicyAccount'])
    assert auth_answer(user) == DISABLED
    directory.delete(dn)
