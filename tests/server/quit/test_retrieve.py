"""Behaviour 3.8: what becomes of a message that RETR has sent to its end."""

import socket
import struct

import pytest

from tests.lib.mailuser import NOON, big_message, stamp
from tests.lib.model import KEYWORD
from tests.lib.outcome import DELETED, DONE, QUEUES, after, dele, fill_flagged, play, retr, state
from tests.lib.serverlog import poll

ACTIONS = ('keep', 'read', 'archive', 'trash', 'delete')
CHOSEN = {'exclude': (1, 3, 5), 'include': (1, 2, 6, 9), 'only': (1, 4)}


def retrieved(places, action, subjects):
    """State after RETR and QUIT: stock marks what it has sent as seen, then the action."""
    return after(after(places, 'seen', subjects), action, subjects)


@pytest.mark.parametrize('spam', QUEUES)
@pytest.mark.parametrize('action', ('none', *ACTIONS))
def test_retr_and_quit(stored, action, spam):
    fill_flagged(stored)
    stored.policy(retrieve=action, spam=spam)
    before, uidls = state(stored), stored.uidls()
    assert retr(stored, *CHOSEN[spam]) == DONE
    subjects = [QUEUES[spam][num - 1] for num in CHOSEN[spam]]
    assert state(stored) == retrieved(before, action, subjects)
    if action != 'none':
        uidls = {name: uidl for name, uidl in uidls.items() if name not in subjects}
    assert stored.uidls() == uidls


@pytest.mark.parametrize('action', ACTIONS)
def test_retr_changes_nothing_in_the_session_itself(user, action):
    fill_flagged(user)
    user.policy(retrieve=action, spam='include')
    with user.pop() as client:
        full = client.list(), client.uidl(), client.stat()
        client.retr(1)
        client.retr(2)
        assert (client.list(), client.uidl(), client.stat()) == full
        first = client.retr(1)
        assert first == client.top(1, 1000)
        assert client.quit() == DONE
    assert user.queue() == QUEUES['include'][2:]


# What counts at QUIT: the session, the numbers retrieved, the numbers deleted.
SESSIONS = [
    ('Q', '', ''),
    ('R1 Q', '1', ''),
    ('R5 Q', '5', ''),
    ('R1 R5 Q', '15', ''),
    ('R2 R4 Q', '24', ''),
    ('R5 R3 R1 Q', '135', ''),
    ('R1 R2 R3 R4 R5 Q', '12345', ''),
    ('R1 R1 Q', '1', ''),
    ('T1 Q', '', ''),
    ('T1 R2 Q', '2', ''),
    ('R2 T2 T3 Q', '2', ''),
    ('X Q', '', ''),
    ('R1 X Q', '', ''),
    ('R1 X X Q', '', ''),
    ('R1 X R2 Q', '2', ''),
    ('R1 X R1 Q', '1', ''),
    ('R1 X T1 Q', '', ''),
    ('R1 X U R2 U Q', '2', ''),
    ('R1 X R2 X Q', '', ''),
    ('R1 X R2 X R5 Q', '5', ''),
    ('D1 Q', '', '1'),
    ('R1 D1 Q', '', '1'),
    ('R1 D2 Q', '1', '2'),
    ('D1 R5 Q', '5', '1'),
    ('R1 R2 R3 D2 Q', '13', '2'),
    ('D1 D2 R3 D4 D5 Q', '3', '1245'),
    ('R1 D1 X Q', '', ''),
    ('R1 D1 X D2 Q', '', '2'),
    ('R1 D2 X D2 Q', '', '2'),
    ('R1 X D1 Q', '', '1'),
    ('R1 X D2 Q', '', '2'),
    ('R1 X D2 R3 Q', '3', '2'),
    ('R1 D2 X R3 D4 Q', '3', '4'),
    ('D1 X R1 Q', '1', ''),
    ('D1 X R2 Q', '2', ''),
    ('D1 X D2 X R3 Q', '3', ''),
    ('D1 D2 D3 D4 D5 X R5 D1 Q', '5', '1'),
]


@pytest.mark.parametrize('delete,retrieve', [
    ('delete', 'keep'), ('keep', 'delete'), ('trash', 'archive')])
@pytest.mark.parametrize('script,got,gone', SESSIONS, ids=[row[0] for row in SESSIONS])
def test_what_counts_at_quit(user, script, got, gone, delete, retrieve):
    fill_flagged(user)
    user.policy(delete=delete, retrieve=retrieve)
    before = state(user)
    with user.pop() as client:
        assert play(client, script) == (DELETED if gone else DONE)
    expected = retrieved(before, retrieve, ['in' + num for num in got])
    assert state(user) == after(expected, delete, ['in' + num for num in gone])


@pytest.mark.parametrize('since', [{}, {'since': stamp(NOON + 15)}], ids=['all', 'since'])
@pytest.mark.parametrize('hidden', [(0,), (1, 2), (0, 2, 4, 6, 8), (8,), (3, 4, 8), ()])
def test_retr_and_dele_with_hidden_messages_in_between(user, hidden, since):
    names = ['m%d' % num for num in range(9)]
    user.append('INBOX', *((name, NOON + 5 * num, KEYWORD if num in hidden else '')
                           for num, name in enumerate(names)))
    user.policy(delete='trash', retrieve='archive', **since)
    before = state(user)
    queue = [name for num, name in enumerate(names)
             if num not in hidden and (not since or num >= 3)]
    assert user.queue() == queue
    with user.pop() as client:
        client.retr(1)
        client.retr(len(queue))
        client.dele(2)
        assert client.quit() == DELETED
    expected = retrieved(before, 'archive', [queue[0], queue[-1]])
    assert state(user) == after(expected, 'trash', [queue[1]])
    assert user.queue() == queue[2:-1]


@pytest.mark.parametrize('action', ['none', *ACTIONS])
def test_pop3_no_flag_updates(get_server, action):
    user = get_server(settings={'pop3_no_flag_updates': True}).add_user()
    fill_flagged(user)
    user.policy(retrieve=action, spam='include')
    before = state(user)
    assert retr(user, 1, 6) == DONE
    assert state(user) == after(before, action, ['in1', 'sp3'])


@pytest.mark.parametrize('action', ['keep', 'archive', 'delete'])
def test_the_same_action_for_both(user, action):
    fill_flagged(user)
    user.policy(delete=action, retrieve=action, spam='include')
    before = state(user)
    with user.pop() as client:
        client.retr(1)
        client.retr(2)
        client.dele(2, 3)
        assert client.quit() == DELETED
    expected = retrieved(before, action, ['in1'])
    assert state(user) == after(expected, action, ['sp1', 'in2'])


def test_a_kept_message_is_not_retrieved_again_by_a_later_policy(user):
    fill_flagged(user)
    user.policy(retrieve='keep')
    retr(user, 1, 2)
    user.policy(retrieve='delete')
    before = state(user)
    assert retr(user, 1) == DONE
    assert state(user) == retrieved(before, 'delete', ['in3'])


@pytest.mark.parametrize('settings', [
    {'pop3_enable_last': True}, {'pop3_fast_size_lookups': True}, {'pop3_save_uidl': True},
    {'pop3_uidl_duplicates': 'rename'}, {'pop3_client_workarounds': 'outlook-no-nuls oe-ns-eoh'}])
def test_pop3_settings_beside_retrieve_actions(get_server, settings):
    user = get_server(settings=settings).add_user()
    fill_flagged(user)
    user.policy(retrieve='archive', delete='trash', spam='include')
    subjects = {place.name for place in state(user)}
    with user.pop() as client:
        assert play(client, 'U R1 R2 D3 X U R2 D4 Q') == DELETED
    assert {place.name for place in state(user) if place.mailbox == 'Archive'} == {'sp1'}
    assert {place.name for place in state(user) if place.mailbox == 'Trash'} == {'sp2'}
    assert {place.name for place in state(user)} == subjects
    assert user.queue() == [name for name in QUEUES['include'] if name not in ('sp1', 'sp2')]


@pytest.mark.parametrize('action', ACTIONS)
def test_a_session_with_only_dele_leaves_the_rest_alone(user, action):
    fill_flagged(user)
    user.policy(delete='keep', retrieve=action)
    before = state(user)
    assert dele(user, 1, 5) == DELETED
    assert state(user) == after(before, 'keep', ['in1', 'in5'])


@pytest.mark.parametrize('action', ['delete', 'archive', 'keep'])
def test_a_retr_cut_in_the_middle_does_not_count(stored, action):
    raw = big_message(lines=200000)
    stored.append('INBOX', 'small', raw)
    stored.policy(retrieve=action)
    before = state(stored)
    client = stored.pop()
    client.send('RETR 2', 'QUIT')
    client.file.read(5000)
    # a reset: the server cannot send any more, while it has read QUIT already
    client.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    client.close()
    assert poll(stored.sessions_ended)
    assert stored.queue() == ['small', 'big']
    seen = [place.flags for place in state(stored) if place.name == 'big']
    assert seen in ([frozenset()], [{r'\Seen'}])
    assert state(stored) in (before, after(before, 'seen', ['big']))


def test_a_big_retr_counts_when_read_to_its_end(stored):
    raw = big_message(lines=200000)
    stored.append('INBOX', 'small', raw)
    stored.policy(retrieve='archive')
    with stored.pop() as client:
        assert client.retr(2) == raw
        assert client.quit() == DONE
    assert stored.subjects() == ['small']
    assert stored.look('Archive')[0].raw == raw
