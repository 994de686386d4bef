"""How the plugin's own LDAP lookup connects and binds, and whom it trusts (behaviour 4)."""

import os
import subprocess

import pytest

from tests.lib.certificates import Authority
from tests.lib.directory import READER, SUFFIX
from tests.lib.dovecot_config import IS_24, MAIL_UID
from tests.lib.fake_ldap import BIND_RESULT, FakeLdap, refusing
from tests.lib.ldap_policy import BIND, NEEDS_LDAP, assert_unavailable, new_user, on, settings
from tests.lib.mailuser import fill

pytestmark = NEEDS_LDAP

SPAM_ONLY = ['spam1', 'spam2']
SCHEMES = ['ldapi', 'ldap', 'ldaps', 'starttls']


@pytest.mark.parametrize('scheme', SCHEMES)
@pytest.mark.parametrize('auth', [{}, BIND], ids=['anonymous', 'bind'])
def test_transports(server, directory, scheme, auth):
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    user.policy(**on(directory, scheme, **auth))
    directory.forget()
    assert user.queue() == SPAM_ONLY
    assert len(directory.connections()) == 1
    assert bool(directory.operations('TLS established')) == (scheme in ('ldaps', 'starttls'))
    assert bool(directory.operations('BIND dn="%s" method=128' % READER)) == bool(auth)


@pytest.mark.parametrize('host', ['localhost', '[::ffff:127.0.0.1]'])
def test_other_ways_to_name_a_host(server, directory, host):
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    user.policy(**settings('ldap://%s:%d' % (host, directory.ports['ldap']), ldap_timeout='20s'))
    assert user.queue() == SPAM_ONLY


def test_a_socket_in_the_notation_of_the_rfc(server, directory):
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    # 2.3 expands variables in it
    uri = directory.uris['ldapi'].replace('%', '%' if IS_24 else '%%')
    user.policy(**on(directory, ldap_uris=uri))
    assert user.queue() == SPAM_ONLY


def test_sasl_external(server, own_directory):
    directory = own_directory
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    directory.configure("""dn: olcDatabase={1}mdb,cn=config
changetype: modify
replace: olcAccess
olcAccess: to * by dn.exact="gidNumber=%d+uidNumber=%d,cn=peercred,cn=external,cn=auth" read
""" % (MAIL_UID, MAIL_UID))
    user.policy(**on(directory))
    assert_unavailable(user, 'No such object')
    user.policy(**on(directory, ldap_sasl_mechanism='external'))
    assert user.queue() == SPAM_ONLY
    assert directory.operations('BIND dn="" method=163')


def test_sasl_external_where_the_server_has_none(server, directory):
    user = server.add_user()
    path = directory.root / 'fake'
    with FakeLdap(refusing(BIND_RESULT, 7), address=path) as fake:
        user.policy(**settings(fake.uri, ldap_sasl_mechanism='EXTERNAL'))
        assert_unavailable(user, 'Bind failed: Authentication method not supported')
    path.unlink()


def test_a_wrong_password(server, directory):
    user = new_user(server, directory)
    user.policy(**on(directory, **{**BIND, 'ldap_auth_dn_password': 'wrong-secret'}))
    line = assert_unavailable(user, 'Invalid credentials')
    assert 'wrong-secret' not in line


@pytest.mark.parametrize('password', ['with space', 'p%%q', 'a"b\\c', 'gr\u00fcn', '#x;y'])
def test_passwords_from_the_configuration(get_server, directory, password):
    dn = directory.add('cn=%s,ou=services,%s' % (os.urandom(4).hex(), SUFFIX),
                       objectClass=['organizationalRole', 'simpleSecurityObject'],
                       userPassword=password.replace('%%', '%') if not IS_24 else password)
    server = get_server(policy=on(directory, ldap_auth_dn=dn, ldap_auth_dn_password=password))
    user = new_user(server, directory, popPolicySpam='only')
    fill(user)
    assert user.queue() == SPAM_ONLY


# -- certificates

@pytest.fixture
def certified(server, own_directory):
    """certified(scheme, **more): a user whose directory is asked with TLS, by ldap_policy.on()."""
    user = new_user(server, own_directory, popPolicySpam='only')
    fill(user)

    def make(scheme, **more):
        user.policy(**on(own_directory, scheme, **more))
        return user
    return make


@pytest.mark.parametrize('scheme', ['ldaps', 'starttls'])
def test_certificates(certified, own_directory, tmp_path, scheme):
    directory = own_directory
    assert certified(scheme).queue() == SPAM_ONLY
    for issued, told in (({'hosts': ('IP:127.0.0.2', 'DNS:other.example.org')}, 'does not match'),
                         ({'days': (-3, -1)}, 'expired'),
                         ({'days': (1, 3)}, 'not yet valid'),
                         ({'authority': Authority(tmp_path)}, 'issuer')):
        directory.certify(**issued)
        directory.restart()
        assert_unavailable(certified(scheme, **BIND), 'TLS failed', told)
        assert not directory.operations('BIND dn="cn=dovecot')

    # the system does not know our authority
    directory.certify()
    directory.restart()
    assert certified(scheme).queue() == SPAM_ONLY
    assert_unavailable(certified(scheme, ldap_tls_ca_file=''), 'TLS')


@pytest.mark.parametrize('hosts,taken', [
    ((), True), (('IP:127.0.0.2',), False), (('DNS:other.example.org',), False),
    (('IP:127.0.0.2', 'IP:127.0.0.1'), True)])
def test_a_common_name_counts_only_without_subject_alt_name(certified, own_directory, hosts,
                                                            taken):
    own_directory.certify(hosts, common_name='127.0.0.1')
    own_directory.restart()
    user = certified('ldaps')
    if taken:
        assert user.queue() == SPAM_ONLY
    else:
        assert_unavailable(user, 'TLS failed', 'does not match subjectAltName')


def test_a_host_name_is_checked_as_well(certified, own_directory):
    directory = own_directory
    uri = 'ldaps://127.0.0.2:%d' % directory.ports['ldaps']
    # nobody listens there: a proxy of our own
    relay = subprocess.Popen(['/usr/bin/python3', '-c', RELAY, str(directory.ports['ldaps'])],
                             stdout=subprocess.PIPE, text=True)
    try:
        port = int(relay.stdout.readline())
        user = certified('ldaps', ldap_uris=uri.rpartition(':')[0] + ':%d' % port)
        assert_unavailable(user, 'TLS failed')
        directory.certify(('IP:127.0.0.2',))
        directory.restart()
        assert user.queue() == SPAM_ONLY
    finally:
        relay.kill()
        relay.wait()


RELAY = """
import socket, sys, threading
listener = socket.create_server(('127.0.0.2', 0))
print(listener.getsockname()[1], flush=True)
def pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass
while True:
    client, _ = listener.accept()
    server = socket.create_connection(('127.0.0.1', int(sys.argv[1])))
    threading.Thread(target=pump, args=(client, server), daemon=True).start()
    threading.Thread(target=pump, args=(server, client), daemon=True).start()
"""


@pytest.mark.parametrize('make,told', [
    (lambda path: None, 'No such file'),
    (lambda path: path.touch(), 'empty'),
    (lambda path: path.mkdir(), 'Not a file'),
    (lambda path: (path.write_text('x'), path.chmod(0o600)), 'Permission denied'),
    (lambda path: path.write_text('x' * 20000 + '\nno certificate\n'), 'No certificate in it'),
    (lambda path: path.write_text('-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n'),
     'TLS cannot be set up with it')],
    ids=['missing', 'empty', 'folder', 'unreadable', 'none', 'garbage'])
def test_ca_files(certified, own_directory, make, told):
    path = own_directory.root / 'other-ca.pem'
    make(path)
    line = assert_unavailable(certified('ldaps', ldap_tls_ca_file=path), told)
    assert 'pop_policy_ldap_tls_ca_file: %s: ' % path in line
