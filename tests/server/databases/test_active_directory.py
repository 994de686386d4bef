"""Active Directory, whose schema nobody extends: doc/ldap.md's configuration at Samba's."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.documents import LDAP_PAGE, block
from tests.lib.dovecot_config import IS_24
from tests.lib.ldap_policy import NEEDS_LDAP
from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.model import DISABLED, INVALID, TEMPORARY, UNAVAILABLE
from tests.lib.samba import PASSWORD, USERS, ActiveDirectory

pytestmark = NEEDS_LDAP

NAMES = ('available', 'enabled', 'since', 'spam', 'delete', 'retrieve', 'extra_mailboxes',
         'keep_for')
ATTRIBUTES = {'available': 'employeeType',
              **{name: 'msDS-cloudExtensionAttribute%d' % number
                 for number, name in enumerate(NAMES) if number}}


@pytest.fixture(scope='module')
def directory():
    directory = ActiveDirectory()
    yield directory
    directory.stop()


def written(directory):
    """The page's settings, its servers, password and folder replaced by ours."""
    text = block('active directory for ' + ('2.4' if IS_24 else '2.3'), LDAP_PAGE)
    for old, new in (('ldaps://dc1.example.org ldaps://dc2.example.org',
                      'ldapi://%s' % directory.socket),
                     ('password = secret', 'password = ' + PASSWORD),
                     ('OU=People,DC=example,DC=org', USERS)):
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture
def ann(directory, get_server):
    """ann with mail; her entry has no policy."""
    user = get_server(extra=written(directory)).add_user('ann@example.org')
    user.dn = directory.add_user('ann')
    fill(user)
    return user


def test_the_policy_of_an_account(directory, ann):
    assert ann.queue() == ['one', 'two', 'three']
    for values, answer in (({'available': False}, UNAVAILABLE),
                           ({'available': True, 'enabled': 'no'}, DISABLED),
                           ({'enabled': 'yes', 'retrieve': 'sometimes'}, INVALID)):
        directory.set(ann.dn, **{ATTRIBUTES[name]: value for name, value in values.items()})
        assert login_answer(ann) == answer
    ann.server.log.claim_error('sometimes')
    policy = {'since': stamp(NOON + 10), 'spam': 'include', 'delete': 'keep', 'retrieve': 'read',
              'extra_mailboxes': 'Work', 'keep_for': '90d'}
    directory.set(ann.dn, **{ATTRIBUTES[name]: value for name, value in policy.items()})
    ann.append('Work', ('work', NOON + 30))
    assert ann.queue() == ['two', 'spam2', 'three', 'work']
    with ann.pop() as client:
        client.dele(1)
        client.quit()
    assert ann.subjects() == ['one', 'two', 'three']


def test_the_root_of_the_domain_is_no_base(directory, get_server):
    """It answers with references to its other parts, which count as a failure."""
    text = written(directory).replace('base = ' + USERS, 'base = DC=example,DC=org')
    user = get_server(extra=text).add_user('nobody@example.org')
    assert login_answer(user) == TEMPORARY
    user.server.log.claim_error('refer')


def test_users_write_their_own_policy_and_not_what_their_plan_has(directory):
    """Personal Information, which AD lets them write, has the one and not the other."""
    change = 'dn: CN=bob,%s\nchangetype: modify\nreplace: %%s\n%%s: no\n' % USERS
    for name in 'bob', 'eve':
        directory.add_user(name)
    for setting, name in ATTRIBUTES.items():
        for who in 'eve', 'dovecot':
            assert not directory.modify(who, change % (name, name))
        assert directory.modify('bob', change % (name, name)) == (setting != 'available')
