"""What must not matter to an LDAP lookup: ldap.conf, ldaprc, LDAP*, dead name servers; valgrind."""

import os
import re
import socket
import subprocess
import time

import pytest

from tests.lib.answers import login_answer
from tests.lib.certificates import Authority
from tests.lib.directory import PEOPLE
from tests.lib.dovecot_config import IS_24, MAIL_UID
from tests.lib.ldap_policy import (BIND, NEEDS_LDAP, TIMEOUT, assert_senseless, assert_unavailable,
                                   new_user, on, settings)
from tests.lib.mailuser import fill
from tests.lib.model import DISABLED
from tests.lib.moved_server import MovedServer, with_hosts
from tests.lib.places import LDAP_MODULE

pytestmark = NEEDS_LDAP

SPAM_ONLY = ['spam1', 'spam2']
LAX = 'TLS_REQCERT never\n'
STRANGE = LAX + 'TLS_CACERT /nowhere\nREFERRALS on\nDEREF always\nSIZELIMIT 1\n' \
    'URI ldap://127.0.0.1:1\nBASE dc=nowhere\nTIMEOUT 1\nNETWORK_TIMEOUT 1\n'


def imported(variables):
    """Configuration that gives Dovecot's processes these environment variables."""
    if IS_24:
        return 'import_environment {\n%s}\n' % ''.join(
            '  %s = %s\n' % item for item in variables.items())
    return 'import_environment = TZ PP_SPACE PP_NEWLINE PP_TAB PP_CR PP_SOH %s\n' % ' '.join(
        '%s=%s' % item for item in variables.items())


def ldapsearch(directory, environment):
    """Whether ldapsearch takes the directory's certificate in this environment."""
    done = subprocess.run(['ldapsearch', '-x', '-H', directory.uris['ldaps'], '-s', 'base', '-b',
                           PEOPLE], env={'PATH': os.environ['PATH'], **environment},
                          capture_output=True, timeout=30)
    return done.returncode == 0


@pytest.fixture
def suspect(own_directory, tmp_path):
    """A directory whose certificate nobody should take."""
    own_directory.certify(authority=Authority(tmp_path))
    own_directory.restart()
    return own_directory


@pytest.mark.parametrize('name', ['.ldaprc', 'ldaprc'])
def test_files_in_the_home(server, suspect, name):
    user = new_user(server, suspect)
    (user.home / name).write_text(LAX)
    os.chown(user.home / name, MAIL_UID, MAIL_UID)
    assert ldapsearch(suspect, {'HOME': str(user.home)})
    assert not ldapsearch(suspect, {})
    user.policy(**on(suspect, 'ldaps'))
    assert_unavailable(user, 'TLS failed')


@pytest.mark.parametrize('kind', ['LDAPTLS_REQCERT', 'LDAPCONF', 'LDAPRC'])
def test_environment(get_server, suspect, kind):
    path = suspect.root / 'lax'
    path.write_text(LAX)
    value = {'LDAPTLS_REQCERT': 'never', 'LDAPCONF': path, 'LDAPRC': 'lax'}[kind]
    assert ldapsearch(suspect, {kind: str(value), 'HOME': str(suspect.root)})
    server = get_server(extra=imported({kind: value}))
    user = new_user(server, suspect)
    (user.home / 'lax').write_text(LAX)
    user.policy(**on(suspect, 'ldaps'))
    assert_unavailable(user, 'TLS failed')


def test_a_good_directory_is_found_in_a_strange_environment(get_server, directory):
    path = directory.root / 'strange'
    path.write_text(STRANGE)
    server = get_server(extra=imported({
        'LDAPCONF': path, 'LDAPURI': 'ldap://127.0.0.1:1', 'LDAPBASE': 'dc=nowhere',
        'LDAPTLS_CACERT': '/nowhere', 'LDAPTIMEOUT': '1', 'LDAPVERSION': '2',
        'LDAPSASL_SECPROPS': 'minssf=256', 'LDAPTLS_CIPHER_SUITE': 'NONE'}))
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    for scheme in ('ldapi', 'ldaps', 'starttls'):
        user.policy(**on(directory, scheme, **BIND))
        assert user.queue() == SPAM_ONLY


# -- name servers

@pytest.fixture(scope='module')
def lost(tmp_path_factory):
    """A host with a name that only its name server knows, which takes questions and is mute.

    Dovecot's master asks it twice when it starts, and waits for 4 seconds each time.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        address = '127.0.%d.%d' % divmod(os.getpid() % 65000 + 256, 256)
        mute.bind((address, 53))
        resolver = tmp_path_factory.mktemp('lost') / 'resolv.conf'
        resolver.write_text('nameserver %s\noptions timeout:2 attempts:1\n' % address)
        server = MovedServer(
            'hostname nowhere.example.net && mount --bind %s /etc/resolv.conf' % resolver)
        yield server
        assert server.stop() == []


def test_a_dead_name_server_delays_no_lookup(lost, directory):
    user = new_user(lost, directory, popPolicyEnabled=False)
    for scheme in ('ldapi', 'ldap', 'ldaps'):
        user.policy(**on(directory, scheme))
        start = time.monotonic()
        assert login_answer(user) == DISABLED
        assert time.monotonic() - start < 3.5  # it would take 4 s at least


def test_a_dead_name_server_is_given_up_in_time(lost, directory):
    user = new_user(lost, directory, popPolicyEnabled=False)
    user.policy(**settings('ldap://ldap.example.net'))
    line = assert_unavailable(user, "Cannot resolve ldap.example.net")
    assert 'imed out' in line
    # /etc/hosts is still good
    user.policy(**settings('ldap://localhost:%d' % directory.ports['ldap'], ldap_timeout='20s'))
    assert login_answer(user) == DISABLED


def test_a_password_without_tls_is_warned_of_once(directory, tmp_path):
    """The name is that of another machine for all that can be told without asking for it."""
    name = 'ldap.example.net'
    server = with_hosts(tmp_path / 'hosts', {name: ['127.0.0.1']},
                        pop3_service={'service_count': 100, 'process_limit': 1})
    try:
        uri = 'ldap://%s:%d' % (name, directory.ports['ldap'])
        user = new_user(server, directory)
        for harmless in (on(directory, 'ldap', **BIND), on(directory, **BIND),
                         on(directory, 'starttls', **BIND),
                         on(directory, 'ldap', ldap_uris=uri.replace(name, 'localhost'), **BIND),
                         on(directory, 'ldap', ldap_uris=uri)):
            user.policy(**harmless)
            assert login_answer(user).startswith('+OK')
        assert server.log.error.lines('Warning: pop_policy') == []
        for _ in range(2):
            user.policy(**on(directory, 'ldap', ldap_uris=uri, **BIND))
            assert login_answer(user).startswith('+OK')
            user.policy(**on(directory, 'ldapi', **BIND))
            assert login_answer(user).startswith('+OK')
        line, = server.log.error.lines('Warning: pop_policy', wait=10)
        assert 'pop_policy_ldap_auth_dn_password is sent without TLS to ' + uri in line
    finally:
        bad = server.stop()
    assert bad == []


SYSTEM_CA_FILE = '/etc/ssl/certs/ca-certificates.crt'


@pytest.mark.skipif(not os.path.exists(SYSTEM_CA_FILE), reason='no CA certificates here')
def test_the_trust_store_of_the_system(directory):
    assert SYSTEM_CA_FILE.encode() in LDAP_MODULE.read_bytes()
    server = MovedServer('mount --bind %s %s' % (directory.authority.file, SYSTEM_CA_FILE),
                         policy=on(directory, 'ldaps', ldap_tls_ca_file=''))
    try:
        assert login_answer(new_user(server, directory, popPolicyEnabled=False)) == DISABLED
    finally:
        bad = server.stop()
    assert bad == []


# -- the module

def test_the_module_is_missing(get_server, directory):
    user = get_server(ldap_module=None, policy=on(directory)).add_user()
    assert_unavailable(user, 'pop_policy_ldap_uris', 'not found')


def test_a_module_of_another_dovecot(get_server, directory):
    path = directory.root / LDAP_MODULE.name
    path.write_bytes(re.sub(rb'(?<=\.ABIv)\d+', lambda found: b'8' * len(found[0]),
                            LDAP_MODULE.read_bytes(), count=1))
    user = get_server(ldap_module=path, policy=on(directory)).add_user()
    assert_unavailable(user, 'pop_policy_ldap_uris', 'ABI')


def test_the_module_is_not_missed_where_no_directory_is_asked(get_server):
    user = get_server(ldap_module=None).add_user()
    fill(user)
    assert user.queue() == ['one', 'two', 'three']


# -- valgrind

@pytest.mark.parametrize('scheme', ['ldapi', 'ldaps', 'starttls'])
def test_lookups_are_clean(checked, directory, scheme):
    user = new_user(checked, directory, popPolicySpam='only')
    fill(user)
    user.policy(**on(directory, scheme, **BIND))
    assert user.queue() == SPAM_ONLY
    directory.set(user.dn, popPolicySpam='some')
    assert_senseless(user, 'popPolicySpam')
    user.policy(**on(directory, scheme, ldap_base='dc=nowhere', ldap_timeout='%ds' % TIMEOUT))
    assert login_answer(user).startswith('-ERR [SYS/TEMP]')
    checked.log.claim_error('No such object|Timed out')
    problems = checked.valgrind.problems()
    assert not problems, '\n\n'.join(problems)
