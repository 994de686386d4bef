"""Behaviour 3.1: the connection of a refused login, which the client is to close."""

import base64
import contextlib
import time

import pytest

from tests.lib.answers import login_answer, mailbox_files
from tests.lib.mailuser import fill
from tests.lib.model import DISABLED, INVALID, UNAVAILABLE
from tests.lib.serverlog import poll

pytestmark = pytest.mark.release

LOGGING_OUT = '+OK Logging out.'
REFUSALS = [({'available': 'no'}, UNAVAILABLE), ({'enabled': 'no'}, DISABLED),
            ({'since': 'soon'}, INVALID)]
NAMES = ['available', 'enabled', 'invalid']
COMMANDS = ['STAT', 'UIDL', 'RETR 1', 'DELE 1']
# The bound, and what a busy machine may add.
WAIT, PATIENCE = 5, 3


@pytest.fixture(params=[{}, {'pop3_lock_session': True}], ids=['unlocked', 'locked'])
def site(request, get_server):
    """The plugin's server with and without pop3_lock_session."""
    return get_server(settings=request.param)


@pytest.fixture(params=[False, True], ids=['plain', 'tls'])
def refused(request, server):
    """A connection whose login has been refused."""
    user = server.add_user(fields={'pop_policy_enabled': 'no'})
    fill(user)
    with user.attempt(tls=request.param) as client:
        assert client.login_reply == DISABLED
        client.user = user
        yield client


def ended(user):
    """Whether the session of the server's only pop3 process ends within a second."""
    return poll(lambda: not user.server.processes('pop3'), 1)


@pytest.mark.parametrize('policy,answer', REFUSALS, ids=NAMES)
def test_commands_that_come_together_with_the_login(site, policy, answer):
    user = site.add_user()
    fill(user)
    user.policy(**policy)
    before = mailbox_files(user)
    with user.connect() as client:
        client.send('USER ' + user.name, 'PASS ' + user.password, *COMMANDS, 'QUIT')
        assert client.reply().startswith('+OK')
        assert [client.reply() for _ in range(5)] == [answer] * 5
        assert client.reply() == LOGGING_OUT
        assert client.rest() == b''
    assert mailbox_files(user) == before
    if answer == INVALID:
        site.log.claim_error('pop_policy_since')


def test_more_commands_than_answers_together_with_the_login(site):
    user = site.add_user(fields={'pop_policy_enabled': 'no'})
    token = base64.b64encode(('\0%s\0%s' % (user.name, user.password)).encode())
    with user.connect() as client:
        client.send(b'AUTH PLAIN ' + token, *['RETR 1'] * 500)
        assert [client.reply() for _ in range(5)] == [DISABLED] * 5
        assert client.rest() == b''


def test_four_commands_are_answered_and_the_fifth_closes(refused):
    for command in COMMANDS:
        assert refused.cmd(command) == DISABLED
    refused.send('NOOP')
    assert refused.rest() == b''
    assert ended(refused.user)


@pytest.mark.parametrize('count', [0, 1, 4])
@pytest.mark.parametrize('word', ['QUIT', 'quit', 'Quit '])
def test_quit_says_ok_and_closes(refused, count, word):
    for command in COMMANDS[:count]:
        assert refused.cmd(command) == DISABLED
    assert refused.cmd(word) == LOGGING_OUT
    assert refused.rest() == b''
    assert ended(refused.user)


def test_an_empty_line_counts(refused):
    assert [refused.cmd('') for _ in range(4)] == [DISABLED] * 4
    refused.send('')
    assert refused.rest() == b''


@pytest.mark.parametrize('length', [1, 512, 1024])
def test_a_line_of_fair_length_is_answered(refused, length):
    assert refused.cmd('x' * length) == DISABLED
    assert refused.cmd('QUIT') == LOGGING_OUT


@pytest.mark.parametrize('data', [b'x' * 1025 + b'\r\n', b'x' * 1026, b'x' * 100000],
                         ids=['line', 'start', 'flood'])
def test_a_longer_line_closes(refused, data):
    begin = time.monotonic()
    with contextlib.suppress(OSError):  # it may close while we are still sending
        refused.sock.sendall(data)
        assert refused.rest() == b''
    assert time.monotonic() - begin < WAIT - 1
    assert ended(refused.user)


def test_a_silent_client_is_closed_after_five_seconds(refused):
    begin = time.monotonic()
    assert refused.rest() == b''
    assert WAIT - 1 < time.monotonic() - begin < WAIT + PATIENCE
    assert ended(refused.user)


def test_commands_do_not_lengthen_the_wait(refused):
    begin = time.monotonic()
    for _ in range(4):
        time.sleep(1)
        assert refused.cmd('NOOP') == DISABLED
    assert refused.rest() == b''
    assert time.monotonic() - begin < WAIT + PATIENCE
    assert ended(refused.user)


def test_a_client_that_is_gone_at_once(refused):
    refused.close()
    assert ended(refused.user)


def test_a_client_that_sends_and_is_gone(refused):
    refused.send(*COMMANDS)
    refused.close()
    assert ended(refused.user)


def test_the_log_has_the_refusal_at_once_and_once(refused):
    name = r'pop3\(%s\)' % refused.user.name
    log = refused.user.server.log
    assert len(log.infos(name + '.*POP login refused: .*enabled', wait=2)) == 1
    assert refused.cmd('NOOP') == DISABLED
    refused.quit()
    assert ended(refused.user)
    assert len(log.infos(name)) == 1


def test_a_waiting_session_holds_no_lock(get_server):
    user = get_server(settings={'pop3_lock_session': True}).add_user()
    user.policy(enabled='no')
    with user.attempt() as client:
        assert client.login_reply == DISABLED
        user.policy()
        begin = time.monotonic()
        assert user.queue() == []
        assert time.monotonic() - begin < WAIT - 1


def test_a_waiting_session_does_not_count_as_a_connection(get_server):
    user = get_server(settings={'mail_max_userip_connections': 1}).add_user()
    user.policy(enabled='no')
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            client = stack.enter_context(user.attempt())
            assert client.login_reply == DISABLED
            time.sleep(0.2)
        user.policy()
        assert user.queue() == []
        assert client.cmd('NOOP') == DISABLED


@pytest.mark.parametrize('tls', [False, True], ids=['plain', 'tls'])
def test_many_refused_clients_keep_nobody_out(server, tls):
    refused = [server.add_user(fields={'pop_policy_enabled': 'no'}) for _ in range(10)]
    other = server.add_user()
    fill(other)
    begin = time.monotonic()
    with contextlib.ExitStack() as stack:
        for number in range(200):
            client = stack.enter_context(refused[number % 10].attempt(tls=tls))
            assert client.login_reply == DISABLED
            if number % 40 == 39:
                assert other.queue() == ['one', 'two', 'three']
        assert other.queue() == ['one', 'two', 'three']
        opened = time.monotonic() - begin
        assert poll(lambda: not server.processes('pop3'), WAIT + PATIENCE)
    print('200 logins took %.1f s' % opened)


def test_a_stopped_server_ends_a_waiting_session(get_server):
    server = get_server(settings={'mail_debug': True})
    user = server.add_user(fields={'pop_policy_enabled': 'no'})
    with user.attempt() as client:
        assert client.login_reply == DISABLED
        begin = time.monotonic()
        server.restart()
        assert client.rest() == b''
        assert time.monotonic() - begin < WAIT + PATIENCE
    assert login_answer(user) == DISABLED
