"""Application passwords for POP: examples/app-passwords at work."""

import hashlib
import imaplib

import pytest

from tests.lib.answers import login_answer
from tests.lib.examples import example_directory, ldif, running
from tests.lib.model import DISABLED

ANN, BOB = 'ann@example.org', 'bob@example.org'
LAPTOP, PHONE, MAIN = 'laptop-gnusp-wizzle', 'phone-drumb-olifax', 'secret'
CONTAINER = 'ou=app-passwords,uid=ann,ou=people,dc=example,dc=org'
REFUSED = '-ERR [AUTH] Authentication failed.'


def name_of(password):
    """The name of the entry for that password."""
    return hashlib.sha256(password.encode()).hexdigest()[:2]


def entry(password):
    """The entry for that password of ann's."""
    return 'ou=%s,%s' % (name_of(password), CONTAINER)


@pytest.fixture
def site():
    """The example; ann signs in with two factors, bob does not."""
    directory = example_directory('app-passwords')
    directory.set('uid=bob,ou=people,dc=example,dc=org', popPolicyEnabled=None)
    with running('app-passwords', directory) as server:
        yield server


def pop(site, name, password):
    """Whether POP takes the password; a refusal must be that of a wrong password."""
    with site.account(name, password).attempt() as client:
        answer = client.login_reply
    assert answer.startswith('+OK') or answer == REFUSED
    return answer.startswith('+OK')


def imap(site, name, password):
    """Whether IMAP takes it."""
    try:
        with site.account(name, password).imap():
            return True
    except imaplib.IMAP4.error:
        return False


def test_pop_takes_the_application_passwords_and_not_the_main_one(site):
    assert pop(site, ANN, LAPTOP)
    assert pop(site, ANN, PHONE)
    assert not pop(site, ANN, MAIN)
    for wrong in LAPTOP[:-1], LAPTOP + PHONE, LAPTOP + ' ', '{SSHA}', '*', ')(', '\\':
        assert not pop(site, ANN, wrong)


def test_no_password_is_no_password(site):
    for name in ANN, BOB:
        assert not pop(site, name, '')
    # Dovecot 2.4.5 forgets about these logins, and notices when it ends.
    site.log.allow_errors('sasl_server_instance_unref|Raw backtrace|killed with signal 6')


def test_other_services_take_the_main_one(site):
    assert imap(site, ANN, MAIN)
    assert not imap(site, ANN, LAPTOP)


def test_they_are_of_no_use_for_another_account(site):
    assert pop(site, BOB, MAIN)
    assert not pop(site, BOB, LAPTOP)
    assert not pop(site, BOB, PHONE)
    assert not imap(site, BOB, LAPTOP)


def test_one_is_revoked_and_the_others_go_on(site):
    site.directory.change(ldif('app-password-revoke'))
    assert not pop(site, ANN, LAPTOP)
    assert pop(site, ANN, PHONE)
    site.directory.delete(entry(PHONE))
    for password in LAPTOP, PHONE, MAIN:
        assert not pop(site, ANN, password)
    site.directory.delete(CONTAINER)
    assert pop(site, ANN, MAIN)
    assert not pop(site, ANN, PHONE)


def test_an_entry_without_a_password_lets_nobody_in(site):
    """As it is between the two steps of adding one."""
    site.directory.set(entry(LAPTOP), userPassword=None)
    assert not pop(site, ANN, LAPTOP)
    assert pop(site, ANN, PHONE)


def test_another_password_of_the_same_byte(site):
    """It leads to the entry, and no further."""
    other = next(text for text in map(str, range(10000)) if name_of(text) == name_of(LAPTOP))
    assert not pop(site, ANN, other)
    site.directory.add(entry(MAIN), objectClass='organizationalUnit', ou=name_of(MAIN),
                       userPassword='another')
    assert not pop(site, ANN, MAIN)


def test_the_domain_counts(site):
    for password in LAPTOP, MAIN:
        assert not pop(site, 'ann@example.net', password)
        assert not pop(site, 'bob@example.net', password)


def test_the_stored_ones_are_no_passwords(site):
    stored = [line.partition(': ')[2] for line in ldif('app-passwords').splitlines()
              if line.startswith('userPassword')]
    assert len(stored) == 2
    for value in stored:
        assert value.startswith('{SSHA}')
        assert not pop(site, ANN, value)


def test_no_hash_leaves_the_directory(site):
    site.directory.forget()
    assert pop(site, ANN, LAPTOP)
    assert imap(site, ANN, MAIN)
    asked = site.directory.operations('SRCH attr=')
    assert len(asked) == len(site.directory.searches()) == 4  # two passdbs, two userdbs
    assert not [line for line in asked if 'userPassword' in line]


@pytest.mark.parametrize('name', ['*', '*@example.org', 'ann@example.org)(uid=bob@example.org',
                                  'ou=app-passwords,uid=ann', 'app-passwords', 'ann'])
def test_no_other_name_finds_them(site, name):
    for password in LAPTOP, MAIN:
        assert not pop(site, name, password)


def test_the_policy_is_still_that_of_the_account(site):
    ann = site.account(ANN, LAPTOP)
    ann.attributes(popPolicyEnabled=False)
    assert login_answer(ann) == DISABLED
    assert not pop(site, ANN, MAIN)
