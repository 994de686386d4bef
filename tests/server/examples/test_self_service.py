"""examples/directory/self-service.ldif: users change their own policy, and nothing else."""

import re

import pytest

from tests.lib.directory import SUFFIX
from tests.lib.examples import (DOVECOT, PERMISSIVE, POLICY, POLICY_VALUES, WRITER,
                                example_directory, ldif)

ANN, BOB = (('uid=%s,ou=people,%s' % (name, SUFFIX), 'secret') for name in ('ann', 'bob'))
RIGHTS = ('popPolicyAvailable',)  # the administrator's


@pytest.fixture(scope='module')
def directory():
    directory = example_directory('policy-writer')
    directory.configure(ldif('self-service'))
    yield directory
    directory.stop()


@pytest.fixture(autouse=True)
def fresh(directory):
    """ann has no policy."""
    directory.set(ANN[0], **dict.fromkeys(POLICY))


def run(command, directory, who, *args, text=None):
    """One of ldap-utils as that DN with that password, or as nobody."""
    bind = ('-D', who[0], '-w', who[1]) if who else ()
    return directory.client(command, '-x', '-H', directory.uris['ldap'], *bind, *args,
                            ldif=text, check=False)


def modify(directory, who, change, *args):
    """ldapmodify of ann's entry; whether it was allowed."""
    text = 'dn: %s\nchangetype: modify\n%s\n' % (ANN[0], change)
    return run('ldapmodify', directory, who, *args, text=text).returncode == 0


def values(directory, name):
    """The attribute's values in ann's entry, as the administrator sees them."""
    return re.findall(r'(?m)^%s: (.*)' % name, directory.search('-b', ANN[0], '-s', 'base'))


@pytest.mark.parametrize('name', POLICY)
def test_who_may_write_the_policy(directory, name):
    change = 'replace: %s\n%s: %s' % (name, name, POLICY_VALUES[name])
    for who in (None, BOB, DOVECOT):
        assert not modify(directory, who, change)
    for who in (ANN, WRITER):
        allowed = name not in RIGHTS
        assert modify(directory, who, change) == allowed
        assert values(directory, name) == ([POLICY_VALUES[name]] if allowed else [])
        assert modify(directory, who, 'replace: ' + name) == allowed
        assert values(directory, name) == []


def test_what_the_plan_has_not_no_user_removes(directory):
    directory.set(ANN[0], popPolicyAvailable=False)
    assert not modify(directory, ANN, 'delete: popPolicyAvailable')
    assert not modify(directory, ANN, 'delete: objectClass\nobjectClass: popPolicyAccount')
    assert values(directory, 'popPolicyAvailable') == ['FALSE']


@pytest.mark.parametrize('name,value', [
    ('mail', 'x@example.org'), ('userPassword', 'x'), ('sn', 'x'), ('uid', 'x'),
    ('labeledURI', 'ldap:///x'), ('objectClass', 'labeledURIObject')])
def test_users_write_nothing_else(directory, name, value):
    before = directory.search('-b', ANN[0], '-s', 'base')
    for verb in ('add', 'replace'):
        assert not modify(directory, ANN, '%s: %s\n%s: %s' % (verb, name, name, value))
    assert not run('ldapdelete', directory, ANN, ANN[0]).returncode == 0
    assert directory.search('-b', ANN[0], '-s', 'base') == before


def test_users_read_their_own_entry_and_no_password(directory):
    directory.set(ANN[0], popPolicyAvailable=True, popPolicySpam='only')
    found = run('ldapsearch', directory, ANN, '-LLL', '-b', ANN[0], '-s', 'base').stdout
    assert 'popPolicyAvailable: TRUE' in found and 'popPolicySpam: only' in found
    assert 'userPassword' not in found
    for who in (None, BOB):
        assert 'dn:' not in run('ldapsearch', directory, who, '-LLL', '-b', ANN[0]).stdout


def test_a_class_for_an_entry_without_it(directory):
    directory.change('dn: %s\nchangetype: modify\ndelete: objectClass\n'
                     'objectClass: popPolicyAccount\n' % ANN[0])
    change = ('add: objectClass\nobjectClass: popPolicyAccount\n-\n'
              'replace: popPolicySpam\npopPolicySpam: only')
    for who in (None, BOB):
        assert not modify(directory, who, change)
    for _ in range(2):  # as often as one likes
        assert modify(directory, ANN, change, '-e', PERMISSIVE)
    assert values(directory, 'popPolicySpam') == ['only']
