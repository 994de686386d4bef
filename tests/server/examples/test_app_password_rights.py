"""examples/directory/app-passwords-access.ldif: users add and revoke their own, and no others."""

import re

import pytest

from tests.lib.directory import SUFFIX
from tests.lib.examples import DOVECOT, example_directory, ldif, running
from tests.server.examples.test_app_passwords import (ANN, BOB, CONTAINER, LAPTOP, MAIN, PHONE,
                                                      entry, imap, name_of, pop)

PEOPLE = 'ou=people,' + SUFFIX
NEW = 'tablet-frobnitz-2'
WHO = {'nobody': None, 'bob': ('uid=bob,' + PEOPLE, MAIN),
       'dovecot': DOVECOT,
       'an application password': (entry(LAPTOP), LAPTOP)}
ANN_DN = 'uid=ann,' + PEOPLE


@pytest.fixture(scope='module')
def site():
    """The example with the rules of self-service.ldif and these; bob has application passwords."""
    directory = example_directory('app-passwords')
    directory.set('uid=bob,' + PEOPLE, popPolicyEnabled=None)
    directory.add('ou=app-passwords,uid=bob,' + PEOPLE, objectClass='organizationalUnit',
                  ou='app-passwords')
    for name in ('self-service', 'app-passwords-access'):
        directory.configure(ldif(name))
    with running('app-passwords', directory) as server:
        yield server


def run(site, command, who, *args, text=None):
    """One of ldap-utils as that DN with that password, or as nobody; whether it was allowed."""
    bind = ('-D', who[0], '-w', who[1]) if who else ()
    return site.directory.client(command, '-x', '-H', site.directory.uris['ldap'], *bind, *args,
                                 ldif=text, check=False)


def allowed(*args, **kwargs):
    """Whether it went well."""
    return run(*args, **kwargs).returncode == 0


def text_of(password=NEW, dn=None, **more):
    """LDIF of a new entry."""
    values = {'objectClass': 'organizationalUnit', 'ou': name_of(password), 'description': 'Tablet',
              **more}
    return 'dn: %s\n%s' % (dn or entry(password), ''.join(
        '%s: %s\n' % (name, one) for name, value in values.items() for one in
        (value if isinstance(value, list) else [value])))


def test_users_add_and_revoke(site):
    ann = (ANN_DN, MAIN)
    assert allowed(site, 'ldapadd', ann, text=text_of())
    assert not pop(site, ANN, NEW)
    assert allowed(site, 'ldappasswd', ann, '-s', NEW, entry(NEW))
    stored = site.directory.search('-b', entry(NEW), '-s', 'base', 'userPassword')
    assert re.search('userPassword:: e1NTSEF9', stored)  # {SSHA}: hashed by the directory
    assert pop(site, ANN, NEW) and pop(site, ANN, LAPTOP)
    assert not imap(site, ANN, NEW) and not pop(site, BOB, NEW)
    assert allowed(site, 'ldapdelete', ann, entry(NEW))
    assert not pop(site, ANN, NEW) and pop(site, ANN, LAPTOP)


def test_users_read_labels_and_no_password(site):
    found = run(site, 'ldapsearch', (ANN_DN, MAIN), '-LLL', '-b', CONTAINER, '*', '+').stdout
    assert 'description: Laptop' in found and 'description: Phone' in found
    assert found.count('createTimestamp: ') == 2
    assert 'userPassword' not in found
    for value in 'userPassword=*', 'userPassword={SSHA}BvOTAUp90p827qcF/UwBztEV6wyt9CID':
        assert 'dn:' not in run(site, 'ldapsearch', (ANN_DN, MAIN), '-LLL', '-b', CONTAINER,
                                '(%s)' % value).stdout


@pytest.mark.parametrize('who', WHO)
def test_others_do_nothing(site, who):
    who = WHO[who]
    before = site.directory.search('-b', CONTAINER, '*', '+')
    assert not allowed(site, 'ldapadd', who, text=text_of())
    assert not allowed(site, 'ldapdelete', who, entry(LAPTOP))
    assert not allowed(site, 'ldappasswd', who, '-s', 'mine', entry(PHONE))
    change = 'dn: %s\nchangetype: modify\nreplace: description\ndescription: x\n' % entry(PHONE)
    assert not allowed(site, 'ldapmodify', who, text=change)
    found = run(site, 'ldapsearch', who, '-LLL', '-b', CONTAINER).stdout
    assert 'userPassword' not in found
    if who != WHO['dovecot']:
        assert 'dn:' not in found
    assert site.directory.search('-b', CONTAINER, '*', '+') == before


@pytest.mark.parametrize('change', [
    {'dn': 'ou=%s,%s' % (name_of(NEW), ANN_DN)},
    {'dn': 'ou=%s,%s' % (name_of(NEW), entry(LAPTOP))},
    {'dn': 'ou=%s,ou=app-passwords,uid=bob,%s' % (name_of(NEW), PEOPLE)},
    {'dn': 'ou=%s,uid=bob,%s' % (name_of(NEW), PEOPLE)},
    {'objectClass': ['organizationalUnit', 'uidObject'], 'uid': BOB},
    {'objectClass': 'inetOrgPerson', 'cn': 'x', 'sn': 'x', 'mail': BOB},
    {'l': 'x'}], ids=lambda change: ' '.join(change))
def test_users_add_nothing_else(site, change):
    refused = run(site, 'ldapadd', (ANN_DN, MAIN), text=text_of(**change))
    assert 'Insufficient access' in refused.stderr, refused.stderr


def test_users_do_not_go_back_to_the_main_password(site):
    ann = (ANN_DN, MAIN)
    for dn in (entry(LAPTOP), entry(PHONE)):
        moved = run(site, 'ldapmodrdn', ann, '-s', 'ou=app-passwords,uid=bob,' + PEOPLE, dn,
                    dn.partition(',')[0])
        assert moved.returncode != 0
    assert not allowed(site, 'ldapdelete', ann, '-r', 'ou=app-passwords,uid=bob,' + PEOPLE)
    assert not allowed(site, 'ldapmodrdn', ann, CONTAINER, 'ou=other')
    assert not allowed(site, 'ldappasswd', ann, '-s', 'x', CONTAINER)
    assert pop(site, ANN, LAPTOP) and not pop(site, ANN, MAIN)
