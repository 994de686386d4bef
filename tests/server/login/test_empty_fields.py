"""Behaviour 2: empty means not set. The layer below is in force, for every setting."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.config_text import section, text
from tests.lib.documents import code_settings
from tests.lib.dovecot_config import IS_24, VERSION, policy, unchecked
from tests.lib.fake_ldap import FakeLdap, answering, entry, result
from tests.lib.ldap_policy import NEEDS_LDAP, settings
from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.model import DISABLED, INVALID, TEMPORARY, UNAVAILABLE

pytestmark = pytest.mark.release

EVERY = [name[len('pop_policy_'):] for name in code_settings()]
NOWHERE = {'ldap_uris': 'ldaps://127.0.0.1:1', 'ldap_timeout': '1s'}

# A value per setting (but one) that refuses the login and shows in the log: it is in force.
CULPRITS = {
    'available': unchecked('other'), 'enabled': unchecked('other'), 'since': unchecked('other'),
    'spam': unchecked('other'), 'delete': unchecked('other'), 'retrieve': unchecked('other'),
    'spam_mailbox': unchecked('INBOX'), 'archive_mailbox': unchecked('INBOX'),
    'trash_mailbox': unchecked('INBOX'), 'keyword': unchecked('a b'),
    'unavailable_text': unchecked('[x]'), 'disabled_text': unchecked('[x]'),
    'extra_mailboxes': unchecked('a,,b'), 'mailbox_header': unchecked('a b'),
    'keep_for': unchecked('0'), 'recent': unchecked('0'),
    'ldap_uris': unchecked('other'), 'ldap_starttls': unchecked('other'),
    'ldap_auth_dn': unchecked('cn=x'),
    'ldap_auth_dn_password': unchecked('x'), 'ldap_sasl_mechanism': unchecked('other'),
    'ldap_base': 'ou=%{other}', 'ldap_filter': '(a=%{other})', 'ldap_scope': unchecked('other'),
    'ldap_timeout': unchecked('other'), 'ldap_schema': unchecked('other'),
    'ldap_attributes': unchecked('other'), 'ldap_require_entry': unchecked('other')}

# A good value per setting, together: all show in a session, but for those of LDAP.
SITE = {'since': stamp(NOON + 1), 'spam': 'include', 'delete': 'archive', 'retrieve': 'keep',
        'spam_mailbox': 'Bulk', 'archive_mailbox': 'Old', 'trash_mailbox': 'Bin',
        'keyword': 'Gone', 'unavailable_text': 'No plan.', 'disabled_text': 'Off.'}


def named(values):
    """{setting: value} as userdb fields."""
    return {'pop_policy_' + name: value for name, value in values.items()}


def address(name):
    """The address of clients for whom the site has the culprit of this setting."""
    return '127.0.1.%d' % (1 + EVERY.index(name))


def culprit(name):
    """The lines for that address."""
    values = {**(NOWHERE if name.startswith('ldap_') else {}), name: CULPRITS[name]}
    return section('remote ' + address(name), policy(values))


def test_every_setting_has_a_culprit():
    for_doveadm = {'ldap_write_dn', 'ldap_write_dn_password', 'ldap_write_filter'}
    assert {*CULPRITS, 'ldap_tls_ca_file', *for_doveadm} == {*EVERY}


@pytest.fixture(scope='module')
def culprits(server_cache):
    """A server with a culprit for each address."""
    return server_cache.get(extra=text(line for name in CULPRITS for line in culprit(name)))


@pytest.mark.parametrize('name', CULPRITS)
@pytest.mark.parametrize('value', ['', None], ids=['empty', 'bare'])
def test_an_empty_field_leaves_the_configuration_in_force(culprits, name, value):
    user = culprits.add_user(fields=named({name: value}))
    with user.connect(source=address(name)) as client:
        assert client.login(user.name, user.password) in (INVALID, TEMPORARY)
    assert 'pop_policy_' + name in culprits.log.claim_error(user.name)
    assert login_answer(user) == '+OK Logged in.'


@NEEDS_LDAP
def test_the_same_for_the_ca_file(get_server, directory):
    certificate = directory.authority.issue('fake', 'IP:127.0.0.1')
    with FakeLdap(answering(entry([('popPolicySpam', ['only'])]), result()), certificate) as fake:
        site = settings(fake.uri, ldap_tls_ca_file=directory.authority.file, ldap_timeout='20s')
        user = get_server(policy=site).add_user(fields=named({'ldap_tls_ca_file': ''}))
        fill(user)
        assert user.queue() == ['spam1', 'spam2']


@pytest.fixture(params=['', 'protocol pop3'], ids=['outermost', 'protocol'])
def site(request, get_server):
    """site(**more): a server whose configuration says SITE and more."""
    def make(**more):
        lines = policy({**SITE, **more})
        return get_server(extra=text(section(request.param, lines) if request.param else lines))
    return make


@pytest.mark.parametrize('empty', [EVERY, ['spam'], []], ids=['all', 'one', 'none'])
def test_the_site_holds_whatever_is_empty(site, empty):
    user = site().add_user(fields=named(dict.fromkeys(empty, '')))
    fill(user)
    user.append('Bulk', ('bulk', NOON + 15))
    with user.pop() as client:
        assert client.subjects() == ['two', 'bulk', 'three']
        client.dele(1)
        client.retr(2)
        assert client.quit().startswith('+OK')
    assert user.subjects('Old') == ['two']
    assert [mail.flags >= {'Gone'} for mail in user.look('Bulk')] == [True]
    assert user.queue() == ['three']


@pytest.mark.parametrize('switch,answer', [
    ('available', '-ERR [SYS/PERM] No plan.'), ('enabled', '-ERR [SYS/PERM] Off.')])
def test_what_the_site_switches_off_stays_off(site, switch, answer):
    user = site(**{switch: False}).add_user(fields=named(dict.fromkeys(EVERY, '')))
    assert login_answer(user) == answer
    user.policy(**{switch: 'yes'})
    assert login_answer(user) == '+OK Logged in.'


def test_one_empty_field_does_not_touch_the_others(site):
    user = site().add_user(fields=named({'spam': '', 'delete': 'delete', 'since': '1970-01-01'}))
    fill(user)
    with user.pop() as client:
        assert client.subjects() == ['one', 'two', 'three']
        client.dele(1)
        client.quit()
    assert (user.subjects(), user.subjects('Old')) == (['two', 'three'], [])


def test_empty_in_the_configuration_is_the_default(get_server):
    server = get_server(policy=dict.fromkeys(EVERY, ''))
    user = server.add_user()
    fill(user)
    with user.pop() as client:
        assert client.subjects() == ['one', 'two', 'three']
        client.dele(1)
        client.quit()
    assert user.subjects() == ['two', 'three']
    user.policy(**dict.fromkeys(EVERY, ''))
    assert user.queue() == ['two', 'three']
    user.policy(enabled='no', disabled_text='')
    assert login_answer(user) == DISABLED
    user.policy(available='no', unavailable_text='')
    assert login_answer(user) == UNAVAILABLE


def test_empty_in_a_part_of_the_configuration_is_the_default(get_server):
    extra = text(section('protocol pop3', policy({'spam': ''})))
    user = get_server(policy={'spam': 'only'}, extra=extra).add_user()
    fill(user)
    assert user.queue() == ['one', 'two', 'three']
    user.policy(spam='')
    assert user.queue() == ['one', 'two', 'three']


def test_variables_are_expanded_in_either_layer(get_server):
    name = '%{user}' if IS_24 else '%u'
    extra = text(policy({'enabled': False, 'disabled_text': 'Sorry, %s.' % name}))
    user = get_server(extra=extra).add_user(fields=named({'disabled_text': ''}))
    assert login_answer(user) == '-ERR [SYS/PERM] Sorry, %s.' % user.name


@pytest.mark.parametrize('prefix', [
    pytest.param('plugin/', marks=pytest.mark.skipif(IS_24, reason='the name is of Dovecot 2.3')),
    pytest.param('set/', marks=pytest.mark.skipif(VERSION < (2, 4, 4), reason='since 2.4.4'))])
def test_a_field_with_the_longer_name(get_server, prefix):
    long, short = prefix + 'pop_policy_spam', 'pop_policy_spam'
    user = get_server(policy={'spam': 'include'}).add_user()
    fill(user)
    merged = ['one', 'spam1', 'two', 'spam2', 'three']
    for fields, queue in (({long: 'only'}, ['spam1', 'spam2']), ({long: ''}, merged),
                          ({long: '', short: ''}, merged),
                          ({long: 'only', short: ''}, ['spam1', 'spam2']),
                          ({long: '', short: 'only'}, ['spam1', 'spam2'])):
        user.set(**fields)
        assert user.queue() == queue, fields


@pytest.mark.skipif(not IS_24, reason='Dovecot 2.3 ignores these fields, with an error')
def test_a_field_that_adds_nothing(get_server):
    user = get_server(policy={'spam': 'include'}).add_user()
    fill(user)
    user.set(**{'pop_policy_spam+': ''})
    assert user.queue() == ['one', 'spam1', 'two', 'spam2', 'three']
    user.set(**{'pop_policy_spam+': '', 'pop_policy_spam': 'only'})
    assert user.queue() == ['spam1', 'spam2']


def test_a_process_of_many_sessions_reads_it_for_each(get_server):
    server = get_server(policy={'spam': 'include'}, pop3_service={'service_count': 9,
                                                                   'process_limit': 1},
                        extra=text(section('remote 127.0.0.9', policy({'spam': 'only'}))))
    empty, other = (server.add_user(fields=named({'spam': value})) for value in ('', 'exclude'))
    for user in empty, other:
        fill(user)
    for _ in range(3):
        assert empty.queue() == ['one', 'spam1', 'two', 'spam2', 'three']
        assert other.queue() == ['one', 'two', 'three']
