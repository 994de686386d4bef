"""The passwords of binds are seen nowhere but in the configuration and where it is needed."""

import os
import pathlib
import stat
import subprocess

import pytest

from tests.lib import settings_module
from tests.lib.config_text import assignments, section, text
from tests.lib.doveadm import KEY, DoveadmServer
from tests.lib.dovecot_config import IS_24, policy, policy_in
from tests.lib.fake_ldap import FakeLdap, mute
from tests.lib.ldap_policy import NEEDS_LDAP, new_name, settings
from tests.lib.model import TEMPORARY
from tests.lib.processes import group_members
from tests.lib.serverlog import poll
from tests.server.login.doveconf import doveconf

pytestmark = [NEEDS_LDAP, pytest.mark.release]

READ, WRITE = 'to-read-0f3a', 'to-write-7c1e'
BINDS = {'ldap_auth_dn': 'cn=reader', 'ldap_auth_dn_password': READ,
         'ldap_write_dn': 'cn=writer', 'ldap_write_dn_password': WRITE}
PLACES = {
    'global': text(policy(BINDS)),
    'pop3': policy_in('protocol pop3', BINDS),
    'remote': policy_in('remote 192.0.2.1', BINDS),
    **({'block': text(section('pop_policy', assignments(BINDS)))} if IS_24 else {}),
}


@pytest.mark.parametrize('option', ['-n', '-a'])
@pytest.mark.parametrize('place', PLACES)
def test_doveconf_hides_passwords(server, place, option):
    done = doveconf(server, option, extra=PLACES[place])
    assert (done.returncode, done.stderr) == (0, '')
    assert 'ldap_auth_dn_password' in done.stdout and 'ldap_write_dn_password' in done.stdout
    assert READ not in done.stdout and WRITE not in done.stdout
    # -P: on demand
    shown = doveconf(server, '-P', option, extra=PLACES[place]).stdout
    assert READ in shown and WRITE in shown


@pytest.fixture
def silent():
    """A directory that takes connections and says nothing, so that whoever asks it waits."""
    with FakeLdap(mute) as fake:
        yield fake


def waiting(fake):
    """The policy of a server that waits for it."""
    return {**settings(fake.uri, **BINDS), 'ldap_timeout': '6s'}


def exposed(pid):
    """What others see of a process: its arguments; its environment, for its own user and root."""
    folder = pathlib.Path('/proc/%d' % pid)
    try:
        return (folder / 'cmdline').read_bytes(), (folder / 'environ').read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b'', b''


def assert_hidden(pids, secrets):
    """No process shows one."""
    for pid in pids:
        for part in exposed(pid):
            for secret in secrets:
                assert secret.encode() not in part, (pid, part)


def test_no_process_of_the_server_shows_one(silent):
    server = DoveadmServer(policy=waiting(silent), settings={'verbose_proctitle': True})
    try:
        shown = doveconf(server, '-n').stdout
        assert 'doveadm_api_key' in shown and KEY not in shown
        user = server.add_user(new_name())
        with user.connect() as client:
            client.sock.settimeout(30)
            client.send('USER ' + user.name, 'PASS ' + user.password)
            assert poll(lambda: server.processes('pop3'), 10)
            assert poll(lambda: silent.connections, 10)
            members = group_members(server.process.pid)
            assert {'dovecot', 'pop3', 'config', 'auth'} <= set(members.values())
            assert_hidden(members, (READ, WRITE, KEY, user.password))
            assert client.reply().startswith('+OK')
            assert client.reply() == TEMPORARY
        server.log.claim_error('POP login refused')
    finally:
        bad = server.stop()
    assert bad == []


def test_doveadm_shows_none_to_others(get_server, silent):
    """Dovecot 2.3 hands doveadm its settings in the environment, which root alone can read."""
    server = get_server(policy=waiting(silent))
    user = server.add_user(new_name())
    if not settings_module.show.doveadm:
        pytest.skip('no mount namespace: doveadm cannot see the module')
    with subprocess.Popen(server.command('doveadm', '-c', server.conf, 'pop-policy', 'get', '-u',
                                         user.name), stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, cwd='/', env=server.environment) as process:
        assert poll(lambda: silent.connections, 10)
        arguments, environment = exposed(process.pid)
        status = os.stat('/proc/%d/environ' % process.pid)
        said, errors = process.communicate(timeout=60)
    assert b'doveadm' in arguments and READ.encode() not in arguments
    assert (status.st_uid, stat.S_IMODE(status.st_mode)) == (0, 0o400)
    assert not IS_24 or READ.encode() not in environment
    assert READ.encode() not in said + errors
    assert process.returncode == 75
