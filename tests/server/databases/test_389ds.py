"""schema/60pop-policy.ldif and self-service-389ds.ldif, in a real 389 Directory Server."""

import re

import pytest

from tests.lib.answers import login_answer
from tests.lib.directory import SUFFIX
from tests.lib.directory389 import Directory389
from tests.lib.examples import POLICY, POLICY_VALUES, fresh, ldif, running
from tests.lib.model import DISABLED, UNAVAILABLE
from tests.lib.places import SOURCE

ANN, BOB = (('uid=%s,ou=people,%s' % (name, SUFFIX), 'secret') for name in ('ann', 'bob'))


@pytest.fixture(scope='module')
def site():
    """examples/ldap, with the accounts and the access rules."""
    directory = Directory389()
    for name in 'accounts', 'self-service-389ds':
        directory.change(ldif(name))
    with running('ldap', directory) as server:
        yield server


def modify(directory, who, change):
    """ldapmodify of ann's entry; whether it was allowed."""
    bind = ('-D', who[0], '-w', who[1]) if who else ()
    text = 'dn: %s\nchangetype: modify\n%s\n' % (ANN[0], change)
    return directory.client('ldapmodify', '-x', '-H', directory.uris['ldap'], *bind, ldif=text,
                            check=False).returncode == 0


def values(directory, name):
    """The attribute's values in ann's entry, as the administrator sees them."""
    return re.findall(r'(?m)^%s: (.*)' % name, directory.search('-b', ANN[0], '-s', 'base'))


def test_the_schema_is_that_of_openldap():
    """Loaded, the file of OpenLDAP would be this one."""
    text = (SOURCE / 'schema/pop-policy.ldif').read_text()
    oid = re.search(r'popPolicy (2\.25\.\d+)', text)[1]
    text = re.sub(r'(?m)^(#|dn:|objectClass:|cn:|olcObjectIdentifier:).*\n', '', text).strip()
    for old, new in (('olcAttributeTypes', 'attributeTypes'), ('olcObjectClasses', 'objectClasses'),
                     ('popPolicyAttribute:', oid + '.1.'), ('popPolicyClass:', oid + '.2.')):
        text = text.replace(old, new)
    own = (SOURCE / 'schema/60pop-policy.ldif').read_text()
    head, own = own.split('dn: cn=schema\n')
    assert own.strip() == text
    # with an empty line before it the server does not start, and does not say why
    assert all(line.startswith('#') for line in head.splitlines())


def test_the_policy_of_an_account(site):
    ann = fresh(site.account('ann@example.org'))
    assert ann.queue() == ['old', 'new']
    ann.attributes(popPolicySince='20260101010000+0100', popPolicySpam='Include')
    assert ann.queue() == ['new', 'spam']
    found = site.directory.search('(&(popPolicySince>=20251231000000Z)(popPolicySpam=INCLUDE))')
    assert ANN[0] in found
    ann.attributes(popPolicyEnabled=False)
    assert login_answer(ann) == DISABLED
    ann.attributes(popPolicyAvailable=False)
    assert login_answer(ann) == UNAVAILABLE


@pytest.mark.parametrize('name, bad', [
    ('popPolicyEnabled', ['yes']), ('popPolicyAvailable', ['TRUE', 'FALSE']),
    ('popPolicySince', ['2026-01-01']), ('popPolicySpam', ['include', 'only'])])
def test_what_the_directory_does_not_take(site, name, bad):
    lines = '\n'.join('%s: %s' % (name, value) for value in bad)
    done = site.directory.change('dn: %s\nchangetype: modify\nreplace: %s\n%s\n' % (
        ANN[0], name, lines), check=False)
    assert re.search('Invalid syntax|Object class violation|Constraint violation', done.stderr)


@pytest.mark.parametrize('name', POLICY)
def test_who_may_write_the_policy(site, name):
    directory = site.directory
    directory.set(ANN[0], **{name: None})
    change = 'replace: %s\n%s: %s' % (name, name, POLICY_VALUES[name])
    for who in (None, BOB):
        assert not modify(directory, who, change)
    allowed = name != 'popPolicyAvailable'
    assert modify(directory, ANN, change) == allowed
    assert values(directory, name) == ([POLICY_VALUES[name]] if allowed else [])


def test_users_write_nothing_else(site):
    directory = site.directory
    for name, value in (('mail', 'x@example.org'), ('sn', 'x'), ('userPassword', 'x'),
                        ('objectClass', 'mailRecipient'), ('aci', '(targetattr = "*")')):
        assert not modify(directory, ANN, 'add: %s\n%s: %s' % (name, name, value))
    directory.set(ANN[0], **dict.fromkeys(POLICY))
    directory.change('dn: %s\nchangetype: modify\ndelete: objectClass\n'
                     'objectClass: popPolicyAccount\n' % ANN[0])
    assert modify(directory, ANN, 'add: objectClass\nobjectClass: popPolicyAccount\n-\n'
                                  'replace: popPolicySpam\npopPolicySpam: only')
    assert values(directory, 'popPolicySpam') == ['only']
