"""A module that is missing, or made for another Dovecot: nobody logs in without a policy."""

import re

import pytest

from tests.lib import settings_module
from tests.lib.answers import login_answer
from tests.lib.dovecot_config import IS_24
from tests.lib.harness import Server
from tests.lib.mailuser import fill
from tests.lib.model import TEMPORARY
from tests.lib.places import MODULE, SETTINGS_MODULE
from tests.lib.serverlog import poll
from tests.server.login.doveconf import doveconf

pytestmark = pytest.mark.release

ABI = re.compile(rb'\d(?=\.\d\.ABIv\d+\b)')
needs_settings_module = pytest.mark.skipif(not IS_24, reason='Dovecot 2.3 has no settings modules')


@pytest.fixture
def start():
    """Server(**spec), stopped at the end of the test, which claims all log lines."""
    servers = []

    def make(**spec):
        servers.append(Server(**spec))
        return servers[-1]
    yield make
    assert [line for server in servers for line in server.stop()] == []


def patched(module, folder, pattern, new):
    """A copy of a module in which one string is another one of the same length."""
    data, count = re.subn(pattern, new, module.read_bytes())
    assert count > 0 and len(data) == module.stat().st_size
    copy = folder / module.name
    copy.write_bytes(data)
    copy.chmod(0o755)
    folder.chmod(0o755)
    return copy


def assert_nobody_logs_in(server, why, answer='-ERR'):
    """No greeting of a session, nothing listed, no mail changed; the log says why."""
    user = server.add_user()
    fill(user)
    with user.connect() as client:
        client.send('USER ' + user.name, 'PASS ' + user.password, 'STAT', 'UIDL', 'DELE 1', 'QUIT')
        said = client.rest().decode()
    assert re.match(r'\+OK.*\r\n' + re.escape(answer), said)
    # where there is a refusal, QUIT is answered too
    assert said.count('+OK') == 1 + said.count('\r\n+OK Logging out.')
    assert '\r\n1 ' not in said
    assert server.log.claim_error(why)
    poll(lambda: not server.processes('pop3'))
    server.log.allow_errors('pop3|lib01_pop_policy_plugin|' + why)
    assert user.subjects() == ['one', 'two', 'three']


def test_a_plugin_for_another_dovecot(start, tmp_path):
    server = start(module=patched(MODULE, tmp_path, ABI, b'9'))
    assert_nobody_logs_in(server, 'different ABI version 9')


def test_a_plugin_that_is_not_there(start):
    server = start()
    (server.root / 'modules' / 'lib01_pop_policy_plugin.so').unlink()
    assert_nobody_logs_in(server, "Plugin 'pop_policy' not found")


@needs_settings_module
def test_no_settings_module(start):
    server = start(settings_module=None)
    assert_nobody_logs_in(server, "Cannot get settings: .*pop_policy", TEMPORARY)


@needs_settings_module
def test_no_settings_module_but_settings():
    with pytest.raises(AssertionError, match='(?s)does not start: .*pop_policy_spam'):
        Server(settings_module=None, policy={'spam': 'only'})


@needs_settings_module
def test_a_settings_module_for_another_dovecot(start, tmp_path):
    module = patched(SETTINGS_MODULE, tmp_path, ABI, b'9')
    server = start(settings_module=module)
    assert 'different ABI version 9' in doveconf(server).stderr
    server.log.allow_errors('different ABI version 9')
    assert_nobody_logs_in(server, "Cannot get settings: .*pop_policy", TEMPORARY)
    with pytest.raises(AssertionError, match='(?s)does not start: .*pop_policy_spam'):
        Server(settings_module=module, policy={'spam': 'only'})


@needs_settings_module
def test_a_settings_module_of_another_version_of_the_plugin(start, tmp_path):
    module = patched(SETTINGS_MODULE, tmp_path, rb'pop_policy_since(?=\0)',
                     b'pop_policy_until')
    server = start(settings_module=module)
    assert_nobody_logs_in(server, "Cannot get settings: .*pop_policy_(since|until)", TEMPORARY)


@needs_settings_module
def test_a_settings_module_that_comes_later_needs_a_restart(start):
    server = start(settings_module=None)
    user = server.add_user()
    fill(user)
    settings_module.fill(server.root / 'settings', {
        SETTINGS_MODULE.name: SETTINGS_MODULE.read_bytes()})
    server.spec.policy = {'spam': 'only'}
    server.conf.write_text(server.configuration())
    server.reload()
    server.log.claim_error('Unknown setting: pop_policy_spam')
    assert login_answer(user) == TEMPORARY
    server.log.claim_error("Cannot get settings: .*pop_policy")
    server.restart()
    assert user.queue() == ['spam1', 'spam2']
