"""Behaviour 3.9: whatever ends a session but QUIT changes nothing."""

import os
import signal
import socket
import struct
import time

import pytest

from tests.lib.harness import Server
from tests.lib.model import ACTIONS
from tests.lib.outcome import DELETED, QUEUES, after, fill_flagged, state
from tests.lib.serverlog import poll

POLICIES = [{'delete': action, 'retrieve': 'none'} for action in ACTIONS]
POLICIES += [{'delete': 'keep', 'retrieve': action} for action in ACTIONS]
POLICIES += [{'delete': 'archive', 'retrieve': 'delete'}]
policies = pytest.mark.parametrize(
    'policy', POLICIES, ids=['-'.join(policy.values()) for policy in POLICIES])

RETRIEVED, DELETES = ['in1', 'sp1', 'in5'], ['in2', 'sp2', 'in4']


def half_a_session(user, policy):
    """A session with some RETR and DELE and no QUIT yet; the state before it."""
    fill_flagged(user)
    user.policy(spam='include', **policy)
    before = state(user)
    client = user.pop()
    queue = client.subjects()
    for subject in RETRIEVED:
        client.retr(queue.index(subject) + 1)
    client.dele(*(queue.index(subject) + 1 for subject in DELETES))
    return client, before


def assert_nothing_done(user, before):
    """All mail is where it was, save that stock marks retrieved mail as seen."""
    assert state(user) in (before, after(before, 'seen', RETRIEVED))
    assert user.queue() == QUEUES['include']


def end_by_close(_user, client):
    """The client closes its connection."""
    client.drop()


def end_by_reset(_user, client):
    """The client's computer resets the connection."""
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    client.drop()


def end_in_a_command(_user, client):
    """The connection ends before QUIT's line does."""
    client.sock.sendall(b'QUIT')
    client.drop()


def end_by_bad_commands(_user, client):
    """The server is fed up with the client."""
    client.send(*['BAD'] * 30)
    client.rest()
    client.close()


def kill(user, client, signum):
    """Send the pop3 process of the session a signal."""
    line, = user.server.log.infos(r'pop3-login: .*user=<%s>.*mpid=\d+' % user.name, wait=5)
    os.kill(int(line.partition('mpid=')[2].split(',')[0]), signum)
    client.rest()
    client.close()


def end_by_kick(user, client):
    """The administrator ends the session."""
    kill(user, client, signal.SIGTERM)


def end_by_crash(user, client):
    """The pop3 process dies at once."""
    kill(user, client, signal.SIGKILL)
    user.server.log.claim_error('killed with signal 9')


ENDS = [end_by_close, end_by_reset, end_in_a_command, end_by_bad_commands, end_by_kick,
        end_by_crash]


@pytest.mark.parametrize('end', ENDS, ids=lambda end: end.__name__)
@policies
def test_no_quit_no_change(user, policy, end):
    client, before = half_a_session(user, policy)
    end(user, client)
    assert_nothing_done(user, before)


@policies
def test_no_quit_no_change_in_all_formats(stored, policy):
    client, before = half_a_session(stored, policy)
    client.drop()
    assert_nothing_done(stored, before)


@pytest.mark.parametrize('end', ENDS, ids=lambda end: end.__name__)
def test_no_quit_no_change_under_a_session_lock(get_server, end):
    user = get_server(settings={'pop3_lock_session': True}).add_user()
    client, before = half_a_session(user, {'delete': 'archive', 'retrieve': 'trash'})
    end(user, client)
    assert_nothing_done(user, before)


def test_shutdown_of_the_server_changes_nothing():
    server = Server()
    try:
        sessions = []
        for policy in POLICIES:
            user = server.add_user()
            sessions.append((user, *half_a_session(user, policy)))
        server.restart()
        for user, client, before in sessions:
            client.rest()
            client.close()
            assert_nothing_done(user, before)
    finally:
        late = server.stop()
    assert not late


def test_an_early_commit_of_an_idle_session(server):
    """pop3 stores what it has after ten idle seconds; that is no QUIT, nor a RSET."""
    sessions = []
    for policy in POLICIES:
        for quits in (False, True):
            user = server.add_user()
            client, before = half_a_session(user, policy)
            sessions.append((user, client, before, policy, quits))
    time.sleep(11)
    for user, client, before, policy, quits in sessions:
        assert state(user) in (before, after(before, 'seen', RETRIEVED))
        if not quits:
            client.drop()
            assert_nothing_done(user, before)
            continue
        queue = [name for name in QUEUES['include'] if name not in DELETES]
        assert len(client.list()) == len(client.uidl()) == len(queue)
        client.retr(QUEUES['include'].index('sp4') + 1)
        client.dele(QUEUES['include'].index('in3') + 1)
        assert client.quit() == DELETED
        got, gone = [*RETRIEVED, 'sp4'], [*DELETES, 'in3']
        expected = after(after(before, 'seen', got), policy['retrieve'], got)
        assert state(user) == after(expected, policy['delete'], gone), policy


def test_quit_and_close_at_once_counts(user):
    fill_flagged(user)
    user.policy(delete='archive', retrieve='trash')
    before = state(user)
    with user.pop() as client:
        client.send('RETR 1', 'DELE 2', 'QUIT')
        client.drop()
    expected = after(after(before, 'seen', ['in1']), 'trash', ['in1'])
    assert poll(lambda: state(user) == after(expected, 'archive', ['in2']), 3)
