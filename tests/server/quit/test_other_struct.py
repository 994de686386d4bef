"""Behaviour 10: a plugin that was built for another pop3 lets nobody in, or changes no mail.

Dovecot's ABI version says nothing of pop3's struct client, which a distribution may have patched.
Here pop3 is the installed one, and the plugin is built with other headers.
"""

import pytest

from tests.lib import dovecot_config, rebuild
from tests.lib.harness import Server
from tests.lib.mailuser import fill
from tests.lib.outcome import state

pytestmark = pytest.mark.release

REFUSED = '-ERR [SYS/TEMP] '
ERROR = 'The plugin was built for another pop3'
READERS = ['pop-policy-' + name for name in ('client', 'login', 'refusal', 'session')]
FIRST_BIT = 'bool destroyed:1;'


def one_more_field(text):
    """The bits are read where there are none: they seem never to be set."""
    assert text.count(FIRST_BIT) == 1
    return text.replace(FIRST_BIT, 'unsigned int patched;\n\t' + FIRST_BIT)


def exchanged(name):
    """The bit quit_seen is read where another one is."""
    def exchange(text):
        assert text.count('bool %s:1' % name) == text.count('bool quit_seen:1') == 1
        return (text.replace('bool quit_seen:1', 'bool other:1')
                .replace('bool %s:1' % name, 'bool quit_seen:1')
                .replace('bool other:1', 'bool %s:1' % name))
    return exchange


@pytest.fixture
def get_misled(server_cache, tmp_path):
    """get_misled(patch): a user of a server whose plugin was built with patched headers."""
    if not rebuild.possible():
        pytest.skip('there is no compiler, or no Dovecot headers')
    servers = []

    def get(patch):
        for name, change in (('pop3-common.h', str), ('pop3-client.h', patch)):
            (tmp_path / name).write_text(change(rebuild.header(name).read_text()))
        module = rebuild.plugin(tmp_path, READERS, '-I%s' % tmp_path)
        servers.append(Server(module=module, settings={
            'pop3_logout_format': dovecot_config.LOGOUT_FORMAT}))
        user = servers[-1].add_user()
        fill(user)
        return user
    yield get
    late = [line for server in servers for line in server.stop()]
    assert not late, 'unexpected log lines:\n' + '\n'.join(late)


@pytest.mark.parametrize('action', ['delete', 'keep', 'read', 'archive'])
def test_quit_is_not_seen(get_misled, action):
    user = get_misled(one_more_field)
    user.policy(delete=action, spam='include')
    before = state(user)
    with user.pop() as client:
        client.dele(1, 2)
        assert client.quit().startswith('-ERR')
    user.server.log.claim_error(ERROR)
    user.server.log.allow_errors(ERROR)
    assert state(user) == before
    assert len(user.queue()) == 5


def test_quit_is_not_seen_after_retr(get_misled):
    user = get_misled(one_more_field)
    user.policy(retrieve='delete')
    with user.pop() as client:
        client.retr(1)
        assert client.quit().startswith('-ERR')
    user.server.log.claim_error(ERROR)
    user.server.log.allow_errors(ERROR)
    assert user.subjects() == ['one', 'two', 'three']


@pytest.mark.parametrize('policy', [{}, {'delete': 'keep'}, {'retrieve': 'delete'}])
def test_quit_is_seen_at_the_login(get_misled, policy):
    # there is something to save, as the format of the logout line asks for it
    user = get_misled(exchanged('message_uidls_save'))
    user.policy(**policy)
    before = state(user)
    with user.attempt() as client:
        assert client.login_reply.startswith(REFUSED)
    user.server.log.claim_error(ERROR)
    assert state(user) == before


def test_quit_is_seen_at_retr(get_misled):
    user = get_misled(exchanged('anvil_sent'))
    user.policy(retrieve='delete')
    with user.attempt() as client:
        if client.login_reply.startswith('+OK'):
            client.ok('NOOP')
            assert client.cmd('RETR 1').startswith('-ERR')
            client.drop()
    user.server.log.claim_error(ERROR)
    user.server.log.allow_errors(ERROR)
    assert user.subjects() == ['one', 'two', 'three']
