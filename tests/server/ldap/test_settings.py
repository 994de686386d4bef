"""Mistakes in the settings of the LDAP lookup: refused by name, nobody asked."""

import subprocess

import pytest

from tests.lib.dovecot_config import IS_24
from tests.lib.fake_ldap import FakeLdap, answering, result
from tests.lib.ldap_policy import BIND, NEEDS_LDAP, assert_senseless, settings
from tests.lib.mailuser import fill

pytestmark = NEEDS_LDAP

BAD = [
    ('ldap_uris', 'ldap.example.org'), ('ldap_uris', 'http://127.0.0.1'),
    ('ldap_uris', 'ldap://127.0.0.1:0'), ('ldap_uris', 'ldap://127.0.0.1:99999'),
    ('ldap_uris', 'ldap://127.0.0.1/dc=example'), ('ldap_uris', 'ldapi://run/ldapi'),
    ('ldap_starttls', 'required'), ('ldap_auth_dn', 'cn=x'),
    ('ldap_auth_dn_password', 'secret-word'), ('ldap_sasl_mechanism', 'PLAIN'),
    ('ldap_filter', '(objectClass=*)'), ('ldap_filter', '(mail=%{user}'),
    ('ldap_scope', 'sub'), ('ldap_timeout', '0'), ('ldap_timeout', '-1s'),
    ('ldap_timeout', '5'), ('ldap_timeout', 'soon'), ('ldap_timeout', '1ms'),
    ('ldap_timeout', '1 h'), ('ldap_schema', 'openldap'), ('ldap_attributes', 'enabled'),
    ('ldap_attributes', 'keyword=a'), ('ldap_attributes', 'enabled=a spam=a'),
    ('ldap_require_entry', 'always')]


@pytest.fixture
def asked():
    """A directory that knows nobody."""
    with FakeLdap(answering(result())) as server:
        yield server


@pytest.mark.parametrize('name,value', BAD)
def test_mistakes(server, asked, name, value):
    user = server.add_user()
    fill(user)
    user.policy(**settings(asked.uri))
    assert user.queue() == ['one', 'two', 'three']
    user.policy(**{**settings(asked.uri), name: value})
    line = assert_senseless(user, 'pop_policy_' + name)
    assert 'secret-word' not in line
    assert asked.connections == 1


@pytest.mark.parametrize('more', [
    {**BIND, 'ldap_sasl_mechanism': 'EXTERNAL', 'ldap_uris': 'ldapi:///'},
    {'ldap_sasl_mechanism': 'EXTERNAL'},
    {'ldap_sasl_mechanism': 'EXTERNAL', 'ldap_uris': 'ldapi:/// ldaps://127.0.0.1'},
    {'ldap_starttls': True, 'ldap_uris': 'ldap://127.0.0.1 ldaps://127.0.0.1'}])
def test_what_excludes_each_other(server, asked, more):
    user = server.add_user()
    user.policy(**{**settings(asked.uri), **more})
    line = assert_senseless(user, 'pop_policy_ldap_')
    assert BIND['ldap_auth_dn_password'] not in line
    assert asked.connections == 0


def doveconf(server, lines):
    """What doveconf says of the server's configuration with more lines: status, text."""
    path = server.root / 'more.conf'
    path.write_text(server.conf.read_text() + lines)
    done = subprocess.run(server.command('doveconf', '-n', '-c', path), capture_output=True,
                          text=True, timeout=60, env=server.environment)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.skipif(not IS_24, reason='Dovecot 2.3 checks no plugin settings')
@pytest.mark.parametrize('name,value', BAD)
def test_mistakes_are_refused_at_the_start(server, name, value):
    status, said = doveconf(server, 'pop_policy_%s = "%s"\n' % (name, value))
    assert status != 0
    assert 'pop_policy_' + name in said
    assert 'secret-word' not in said


@pytest.mark.skipif(not IS_24, reason='Dovecot 2.3 checks no plugin settings')
def test_good_settings_are_taken_at_the_start(server, directory):
    good = settings('ldap://[::1]:1389 ldapi:///', ldap_starttls=True, **BIND,
                    ldap_tls_ca_file=directory.authority.file)
    lines = ''.join('pop_policy_%s = "%s"\n' % item for item in good.items())
    assert doveconf(server, lines)[0] == 0
    # what is not known yet is not checked yet
    assert doveconf(server, lines + 'pop_policy_ldap_auth_dn_password = %{userdb:secret}\n')[0] == 0
    assert doveconf(server, 'pop_policy { \nldap_filter = (uid=%{user})\n }\n')[0] == 0
