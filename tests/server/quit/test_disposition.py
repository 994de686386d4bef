"""Behaviour 3.6, 3.7, 3.9: what becomes of a DELEted message."""

import pytest

from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.model import ACTIONS, KEYWORD, TARGETS
from tests.lib.outcome import (DELETED, DONE, QUEUES, after, dele, fill_flagged, flags_of, retr,
                               state)

pytestmark = pytest.mark.release

SOURCES = ('exclude', 'include', 'only')
CHOSEN = {'exclude': (1, 2, 5), 'include': (1, 2, 6, 9), 'only': (1, 4)}
KEEPING = ('keep', 'read', 'archive', 'trash')


def listing(client):
    """LIST and UIDL side by side."""
    sizes, uidls = client.list(), client.uidl()
    assert sizes.keys() == uidls.keys()
    assert client.stat() == (len(sizes), sum(sizes.values()))
    return {num: (sizes[num], uidls[num]) for num in sizes}


@pytest.mark.parametrize('spam', SOURCES)
@pytest.mark.parametrize('action', ACTIONS)
def test_dele_and_quit(stored, action, spam):
    fill_flagged(stored)
    stored.policy(delete=action, spam=spam)
    before, uidls = state(stored), stored.uidls()
    chosen = CHOSEN[spam]
    with stored.pop() as client:
        full = listing(client)
        client.dele(*chosen)
        assert listing(client) == {n: full[n] for n in full if n not in chosen}
        for command in ('RETR %d', 'DELE %d', 'TOP %d 0', 'LIST %d', 'UIDL %d'):
            assert client.cmd(command % chosen[0]).startswith('-ERR')
        assert client.quit() == DELETED
    subjects = [QUEUES[spam][num - 1] for num in chosen]
    assert state(stored) == after(before, action, subjects)
    left = {name: uidl for name, uidl in uidls.items() if name not in subjects}
    assert stored.uidls() == left
    assert list(left) == [name for name in QUEUES[spam] if name not in subjects]


@pytest.mark.parametrize('spam', SOURCES)
@pytest.mark.parametrize('action', ACTIONS)
def test_rset_brings_deleted_messages_back(user, action, spam):
    fill_flagged(user)
    user.policy(delete=action, spam=spam)
    before = state(user)
    with user.pop() as client:
        full = listing(client)
        client.dele(*CHOSEN[spam])
        client.rset()
        assert listing(client) == full
        assert client.quit() == DONE
    assert state(user) == before
    assert user.queue() == QUEUES[spam]


@pytest.mark.parametrize('action', ACTIONS)
def test_dele_after_rset_counts(user, action):
    fill_flagged(user)
    user.policy(delete=action)
    before = state(user)
    with user.pop() as client:
        client.dele(1, 2)
        client.rset()
        client.dele(3)
        assert client.quit() == DELETED
    assert state(user) == after(before, action, ['in3'])


@pytest.mark.parametrize('action', ['keep', 'archive', 'trash'])
def test_retr_before_dele_leaves_seen_as_it_was(stored, action):
    fill_flagged(stored)
    stored.policy(delete=action)
    before = state(stored)
    with stored.pop() as client:
        client.retr(1)
        client.retr(2)
        client.dele(1, 2)
        assert client.quit() == DELETED
    assert state(stored) == after(before, action, ['in1', 'in2'])


@pytest.mark.parametrize('action', ACTIONS)
def test_dele_of_everything(stored, action):
    fill_flagged(stored)
    stored.policy(delete=action, spam='include')
    before = state(stored)
    assert dele(stored, *range(1, 10)) == DELETED
    assert state(stored) == after(before, action, QUEUES['include'])
    assert stored.queue() == []


@pytest.mark.parametrize('spam', SOURCES)
@pytest.mark.parametrize('action', KEEPING)
def test_sessions_with_hidden_messages_in_between(user, action, spam):
    fill_flagged(user)
    user.policy(delete=action, spam=spam)
    before = state(user)
    queue = list(QUEUES[spam])
    for nums in ((2,), (1, 3), (len(queue) - 3,)):
        subjects = [queue[num - 1] for num in nums]
        assert dele(user, *nums) == DELETED
        before = after(before, action, subjects)
        assert state(user) == before
        queue = [name for name in queue if name not in subjects]
        assert user.queue() == queue


@pytest.mark.parametrize('action', ACTIONS)
def test_messages_before_the_date_are_never_touched(stored, action):
    fill_flagged(stored)
    stored.policy(delete=action, spam='include', since=stamp(NOON + 20))
    before = state(stored)
    assert dele(stored, 1, 2, 5) == DELETED
    assert state(stored) == after(before, action, ['in3', 'sp3', 'in5'])


def test_a_later_policy_leaves_the_kept_ones_hidden_and_on_the_server(stored):
    fill_flagged(stored)
    stored.policy(delete='keep', spam='include')
    before = state(stored)
    dele(stored, 1, 2)
    for action in ('delete', 'archive', 'read'):
        stored.policy(delete=action, spam='include')
        assert stored.queue() == QUEUES['include'][2:]
    stored.policy(delete='delete', spam='include')
    dele(stored, 1, 2)
    expected = after(before, 'keep', ['in1', 'sp1'])
    assert state(stored) == after(expected, 'delete', ['in2', 'sp2'])


def test_the_built_in_policy_does_not_list_kept_ones(user):
    fill_flagged(user)
    user.policy(delete='keep')
    dele(user, 1, 3)
    user.policy()
    assert user.queue() == ['in2', 'in4', 'in5']


@pytest.mark.parametrize('mailbox,subject', [('INBOX', 'in3'), ('Junk', 'sp2')])
def test_removing_the_keyword_brings_a_message_back(stored, mailbox, subject):
    fill_flagged(stored)
    stored.policy(delete='keep', spam='include')
    uidls = stored.uidls()
    dele(stored, *range(1, 10))
    assert stored.queue() == []
    stored.store(mailbox, subject, '-FLAGS', KEYWORD)
    assert stored.uidls() == {subject: uidls[subject]}


def test_setting_the_keyword_over_imap_dequeues(stored):
    fill_flagged(stored)
    stored.policy(delete='keep')
    stored.store('INBOX', 'in2', '+FLAGS', KEYWORD)
    assert stored.queue() == ['in1', 'in3', 'in4', 'in5']


def test_an_own_keyword_is_the_only_one_that_counts(user):
    fill_flagged(user)
    user.policy(delete='keep', keyword='Taken')
    user.store('INBOX', 'in1', '+FLAGS', KEYWORD)
    before = state(user)
    assert dele(user, 1, 4) == DELETED
    assert state(user) == after(before, 'keep', ['in1', 'in4'], keyword='Taken')
    assert user.queue() == ['in2', 'in3', 'in5']


@pytest.mark.parametrize('action', ['delete', 'keep', 'archive'])
def test_deleted_flag_is_a_flag_like_any_other(user, action):
    fill_flagged(user)
    user.policy(delete=action)
    user.store('INBOX', 'in1', '+FLAGS', r'\Deleted')
    before = state(user)
    assert dele(user, 2) == DELETED
    assert state(user) == after(before, action, ['in2'])


@pytest.mark.parametrize('action', ACTIONS)
def test_under_a_session_lock(get_server, storage, action):
    server = get_server(settings={'pop3_lock_session': True})
    user = server.add_user(storage=storage)
    fill_flagged(user)
    user.policy(delete=action, spam='include')
    before = state(user)
    assert dele(user, 1, 2) == DELETED
    before = after(before, action, ['in1', 'sp1'])
    assert state(user) == before
    user.policy(retrieve=action, spam='only')
    num = user.queue().index('sp4') + 1
    assert retr(user, num) == DONE
    assert state(user) == after(after(before, 'seen', ['sp4']), action, ['sp4'])


@pytest.mark.parametrize('spam', SOURCES)
@pytest.mark.parametrize('action', ACTIONS)
def test_pop3_no_flag_updates(get_server, action, spam):
    user = get_server(settings={'pop3_no_flag_updates': True}).add_user()
    fill_flagged(user)
    user.policy(delete=action, spam=spam)
    before = state(user)
    with user.pop() as client:
        client.retr(1)
        client.retr(3)
        client.dele(1, 4)
        assert client.quit() == DELETED
    queue = QUEUES[spam]
    assert state(user) == after(before, action, [queue[0], queue[3]])


# -- a site that hides messages by a flag already

FLAG_SITE = {'pop3_deleted_flag': '$Old', 'pop3_delete_type': 'flag'}


@pytest.mark.parametrize('spam', SOURCES)
def test_flag_site_without_policy_is_as_stock(get_server, spam):
    user = get_server(settings=FLAG_SITE).add_user()
    fill_flagged(user)
    user.policy(spam=spam)
    before = state(user)
    assert dele(user, 1, 3) == DELETED
    expected = after(before, 'keep', [QUEUES[spam][0], QUEUES[spam][2]], keyword='$Old')
    assert state(user) == expected


def test_flag_site_gives_stock_bytes(get_server):
    twins = []
    for plugin in ('pop3', None):
        user = get_server(settings=FLAG_SITE, plugin=plugin).add_user()
        if twins:
            user.copy_store(twins[0])
        else:
            fill_flagged(user)
        twins.append(user)
    said = []
    for user in twins:
        with user.pop() as client:
            client.send('LIST', 'UIDL', 'RETR 1', 'DELE 2', 'STAT', 'RSET', 'DELE 4', 'QUIT')
            client.rest()
            said.append(client.received())
        with user.pop() as client:
            client.send('STAT', 'LIST', 'UIDL', 'QUIT')
            client.rest()
            said.append(client.received())
    assert said[:2] == said[2:]
    assert state(twins[0]) == state(twins[1])


@pytest.mark.parametrize('action', ACTIONS)
def test_policy_wins_on_a_flag_site_and_uses_its_keyword(get_server, action):
    user = get_server(settings=FLAG_SITE).add_user()
    fill_flagged(user)
    user.policy(delete=action, spam='include')
    user.store('INBOX', 'in2', '+FLAGS', '$Old')
    before = state(user)
    assert dele(user, 1, 2) == DELETED
    assert state(user) == after(before, action, ['in1', 'sp1'], keyword='$Old')
    assert user.queue() == QUEUES['include'][3:]


@pytest.mark.parametrize('action', TARGETS)
def test_a_move_keeps_what_the_target_holds(stored, action):
    fill_flagged(stored)
    stored.append(TARGETS[action], ('in1', NOON, 'Label1'), 'older')
    stored.policy(delete=action, spam='include')
    before = state(stored)
    assert dele(stored, 1, 2) == DELETED
    assert state(stored) == after(before, action, ['in1', 'sp1'])
    assert flags_of(stored, 'older', TARGETS[action]) == set()


def test_what_was_dequeued_stays_so_without_a_policy(user):
    fill(user)
    user.policy(delete='keep')
    dele(user, 2)
    user.policy()
    assert user.queue() == ['one', 'three']
    dele(user, 1)
    assert user.subjects() == ['two', 'three']
