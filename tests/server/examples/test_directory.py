"""examples/directory: files for a directory that is in use, and who may change what."""

import re
import subprocess
import time

import pytest

from tests.lib.directory import ADMIN_PASSWORD, SUFFIX
from tests.lib.examples import (DOVECOT, EXAMPLES, PERMISSIVE, POLICY, POLICY_VALUES, WRITER,
                                example_directory, ldif)
from tests.lib.mailuser import stamp

ANN = 'uid=ann,ou=people,' + SUFFIX


@pytest.fixture(scope='module')
def directory():
    directory = example_directory('policy-writer')
    directory.configure(ldif('policy-access'))
    yield directory
    directory.stop()


def run(command, directory, who, *args, text=None):
    """One of ldap-utils as that DN with that password, or as nobody."""
    bind = ('-D', who[0], '-w', who[1]) if who else ()
    return directory.client(command, '-x', '-H', directory.uris['ldap'], *bind, *args,
                            ldif=text, check=False)


def modify(directory, who, text, *args):
    """ldapmodify; whether it was allowed."""
    return run('ldapmodify', directory, who, *args, text=text).returncode == 0


def write(name, value):
    """LDIF that replaces ann's attribute."""
    return 'dn: %s\nchangetype: modify\nreplace: %s\n%s: %s\n' % (ANN, name, name, value)


def entry(directory):
    """ann's entry as LDIF, as the administrator sees it."""
    return directory.search('-b', ANN, '-s', 'base')


@pytest.mark.parametrize('name', POLICY)
def test_who_may_write_the_policy(directory, name):
    text = write(name, POLICY_VALUES[name])
    ann = (ANN, 'secret')
    for who in (None, DOVECOT, ann):
        assert not modify(directory, who, text)
    assert modify(directory, WRITER, text) == (name != 'popPolicyAvailable')
    assert (POLICY_VALUES[name] in re.findall(r'(?m)^%s: (.*)' % name, entry(directory))) == (
        name != 'popPolicyAvailable')


@pytest.mark.parametrize('name,value', [('mail', 'x@example.org'), ('userPassword', 'x'),
                                        ('sn', 'x'), ('objectClass', 'inetOrgPerson'),
                                        ('objectClass', 'labeledURIObject')])
def test_the_writer_can_do_nothing_else(directory, name, value):
    before = entry(directory)
    assert not modify(directory, WRITER, write(name, value))
    assert not modify(directory, WRITER, write(name, value).replace('replace', 'add'))
    assert not modify(directory, WRITER, 'dn: %s\nchangetype: delete\n' % ANN)
    assert entry(directory) == before


def test_nobody_reads_passwords_and_strangers_nothing(directory):
    for who in (DOVECOT, WRITER):
        found = run('ldapsearch', directory, who, '-LLL', '-b', SUFFIX, '(mail=ann@example.org)')
        assert 'dn: ' + ANN in found.stdout and 'userPassword' not in found.stdout
    found = run('ldapsearch', directory, None, '-LLL', '-b', SUFFIX)
    assert 'dn:' not in found.stdout


def test_a_class_for_an_entry_without_it(directory):
    text = ldif('change/add-class')
    without = text.replace('add: objectClass', 'delete: objectClass')
    for name in POLICY:
        directory.set(ANN, **{name: None})
    directory.change(without)
    assert not modify(directory, WRITER, write('popPolicySpam', 'only'))
    for _ in range(2):  # as often as one likes
        assert modify(directory, WRITER, text, '-e', PERMISSIVE)
    assert PERMISSIVE in text
    assert modify(directory, WRITER, write('popPolicySpam', 'only'))


def test_from_now_on(directory):
    """The command in the file's head, but for how it binds."""
    command, = re.findall(r'(?m)^#   (sed .*)', ldif('change/enable-from-now'))
    for old, new in (('ldap://localhost', directory.uris['ldap']), (' -W', ' -w ' + ADMIN_PASSWORD)):
        assert old in command
        command = command.replace(old, new)
    before = int(time.time())
    subprocess.run(command, shell=True, check=True, cwd=EXAMPLES / 'directory/change',
                   capture_output=True)
    value, = re.findall(r'(?m)^popPolicySince: (.*)', entry(directory))
    assert stamp(before) <= value <= stamp(time.time())
