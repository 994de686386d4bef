"""Directories whose schema is not the plugin's, and accounts without an entry (behaviour 4)."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.directory import PEOPLE, Directory
from tests.lib.fake_ldap import FakeLdap, answering, entry, result
from tests.lib.ldap_policy import (NEEDS_LDAP, assert_senseless, assert_unavailable, new_name, on,
                                   settings)
from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.model import DISABLED, UNAVAILABLE

pytestmark = NEEDS_LDAP

INBOX_ONLY = ['one', 'two', 'three']
MERGED = ['one', 'spam1', 'two', 'spam2', 'three']
SPAM_ONLY = ['spam1', 'spam2']
PERSON = '(&(objectClass=inetOrgPerson)(mail=%{user}))'
ATTRIBUTES = {'available': 'employeeType', 'enabled': 'carLicense', 'since': 'roomNumber',
              'spam': 'businessCategory', 'delete': 'departmentNumber', 'retrieve': 'description'}


def pairs(attributes):
    """The setting's value for these attributes."""
    return ' '.join('%s=%s' % item for item in attributes.items())


@pytest.fixture(scope='module')
def plain():
    """A slapd that knows people, and neither the plugin's attributes nor Zimbra's."""
    directory = Directory(schema='')
    yield directory
    directory.stop()


@pytest.fixture
def person(plain, get_server):
    """person(attributes, **settings): a filled user whose entry is a person, as user.dn."""
    def make(attributes, **more):
        policy = on(plain, ldap_filter=PERSON, ldap_attributes=pairs(attributes), **more)
        user = get_server(policy=policy).add_user(new_name())
        user.dn = plain.add('cn=%s,%s' % (user.name, PEOPLE), cn=user.name, sn='x', mail=user.name,
                            objectClass='inetOrgPerson')
        fill(user)
        return user
    return make


def test_each_attribute_of_another_schema(person, plain):
    user = person(ATTRIBUTES)
    assert user.queue() == INBOX_ONLY
    plain.set(user.dn, employeeType='FALSE')
    assert login_answer(user) == UNAVAILABLE
    plain.set(user.dn, employeeType='TRUE', carLicense='no')
    assert login_answer(user) == DISABLED
    plain.set(user.dn, carLicense='t', roomNumber=stamp(NOON + 10))
    assert user.queue() == INBOX_ONLY[1:]
    plain.set(user.dn, businessCategory='include')
    assert user.queue() == MERGED[2:]
    plain.set(user.dn, roomNumber='all')
    assert user.queue() == MERGED
    plain.set(user.dn, businessCategory='exclude', departmentNumber='archive')
    with user.pop() as client:
        client.dele(1)
        client.quit()
    assert user.subjects('Archive') == ['one']
    plain.set(user.dn, departmentNumber=None, description='keep')
    with user.pop() as client:
        client.retr(1)
        client.quit()
    assert user.queue() == ['three']


def test_only_those_names_are_asked_for(person, plain):
    user = person({'spam': 'businessCategory'}, ldap_schema='zimbra')
    plain.forget()
    user.queue()
    line, = plain.operations('SRCH attr=')
    assert line.endswith('SRCH attr=zimbraPop3Enabled zimbraPrefPop3Enabled '
                         'zimbraPrefPop3DownloadSince businessCategory zimbraPrefPop3DeleteOption')


def test_a_bad_value_is_logged_with_the_attribute(person, plain):
    user = person(ATTRIBUTES)
    plain.set(user.dn, businessCategory='some')
    assert_senseless(user, 'LDAP attribute businessCategory', 'some')
    plain.set(user.dn, businessCategory=['only', 'include'])
    assert_senseless(user, 'LDAP attribute businessCategory', 'more than one')


@pytest.mark.parametrize('name', ['surname', '2.5.4.4', 'name'])
def test_a_name_by_which_the_directory_answers_otherwise(person, plain, name):
    """slapd calls it sn, and would seem not to have it."""
    user = person({'spam': name})
    plain.set(user.dn, sn='only')
    assert_senseless(user, 'pop_policy_ldap_attributes has another name')
    user = person({'spam': 'SN'})
    plain.set(user.dn, sn='only')
    assert user.queue() == SPAM_ONLY


@pytest.mark.parametrize('value,told', [
    ('enabled', 'not setting=attribute'), ('keyword=description', 'that a directory can have'),
    ('enabled=a;x-b', 'not the name of an attribute'), ('enabled=a enabled=b', 'named twice'),
    ('enabled=a spam=A', 'of two settings'), ('enabled=popPolicySpam', 'of two settings'),
    ('enabled=a\x01' + 'b' * 1000, 'not the name')])
def test_mistakes(get_server, value, told):
    with FakeLdap(answering(result())) as asked:
        user = get_server().add_user()
        user.policy(**settings(asked.uri, ldap_attributes=value))
        line = assert_senseless(user, 'pop_policy_ldap_attributes', told)
        assert line.isprintable() and len(line) < 400
        assert asked.connections == 0


# -- the filter of a schema

@pytest.mark.parametrize('schema,name', [('pop-policy', 'popPolicyAccount'),
                                         ('zimbra', 'zimbraAccount')])
def test_each_schema_has_its_filter(get_server, directory, schema, name):
    user = get_server(policy=on(directory, ldap_schema=schema)).add_user(new_name())
    directory.forget()
    assert login_answer(user).startswith('+OK')
    line, = directory.searches()
    # slapd shows a class that it does not know with a question mark
    assert '(&(%s)(mail=%s))' % ('objectClass=' + name, user.name) in line.replace('?', '')


def test_a_filter_of_ones_own_wins(get_server, directory):
    user = get_server(policy=on(directory, ldap_schema='zimbra',
                                ldap_filter='(uid=%{user})')).add_user(new_name())
    directory.forget()
    assert login_answer(user).startswith('+OK')
    assert '(uid=%s)' % user.name in directory.searches()[0]


# -- accounts without an entry

def test_an_entry_can_be_required(get_server, directory):
    user = get_server(policy=on(directory, ldap_require_entry=True)).add_user(new_name())
    assert_senseless(user, 'pop_policy_ldap_require_entry', 'No LDAP entry', user.name)
    directory.add_account(user.name)
    assert login_answer(user).startswith('+OK')


def test_a_base_of_the_account_that_does_not_exist_is_no_entry(get_server, directory):
    base = on(directory, ldap_base='mail=%{user},' + PEOPLE, ldap_require_entry=True)
    user = get_server(policy=base).add_user(new_name())
    assert_senseless(user, 'pop_policy_ldap_require_entry')
    user.policy(**{**base, 'ldap_require_entry': False})
    assert login_answer(user).startswith('+OK')
    user.policy(**settings(base['ldap_uris'], ldap_base='ou=none,' + PEOPLE,
                           ldap_require_entry=True))
    assert_unavailable(user, 'No such object')


def test_an_entry_that_is_required_can_be_empty(get_server):
    with FakeLdap(answering(entry(), result())) as server:
        user = get_server().add_user()
        user.policy(**settings(server.uri, ldap_require_entry=True))
        assert login_answer(user).startswith('+OK')
