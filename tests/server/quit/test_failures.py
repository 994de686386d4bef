"""Behaviour 3.9: when a change cannot be stored QUIT says so, and no message is lost."""

import pytest

from tests.lib.dovecot_config import storage_fields
from tests.lib.faults import SmallDisk, everything, folder_of, folders_of, mode
from tests.lib.mailuser import NOON, big_message, message, stamp
from tests.lib.model import KEYWORD, TARGETS
from tests.lib.outcome import DELETED, QUEUES, after, fill_flagged, flags_of, state

KEEPING = ('keep', 'read', 'archive', 'trash')


@pytest.fixture
def disk(stored):
    """The disk of `stored`."""
    disk = SmallDisk(stored)
    yield disk
    disk.close()


MANY = 2048


def fill_many(user):
    """So many mails that marking every other one does not fit into a page that has room left."""
    user.append('INBOX', 'mail')
    with user.imap() as client:
        client.select('INBOX')
        for _ in range(MANY.bit_length() - 1):
            client.copy('1:*', 'INBOX')
            client.noop()


def expect_full_disk(user):
    """Allow what the log says then."""
    user.server.log.allow_errors('No space left on device|in-memory|pop_policy|Couldn.t')
    user.server.log.allow_errors(r'/dovecot\.index.* failed')


def dele_every_other(client):
    """DELE 1, 3, 5, ..."""
    nums = range(1, client.stat()[0] + 1, 2)
    client.send(*('DELE %d' % num for num in nums))
    assert all(client.reply().startswith('+OK') for _ in nums)


# -- full disk

@pytest.mark.parametrize('action', KEEPING)
def test_full_disk_at_quit(stored, disk, action):
    fill_many(stored)
    stored.policy(delete=action)
    expect_full_disk(stored)
    with stored.pop() as client:
        dele_every_other(client)
        disk.fill()
        answer = client.quit()
    disk.free()
    assert answer.startswith('-ERR')
    assert len(everything(stored)) == MANY
    with stored.pop() as client:
        assert client.stat()[0] == MANY
        dele_every_other(client)
        assert client.quit() == DELETED
    with stored.pop() as client:
        assert client.stat()[0] == MANY // 2
    assert len(everything(stored)) == MANY


def test_full_disk_at_login_does_not_spoil_the_quit(stored, disk):
    """What is remembered of the dates cannot be written: that alone must not be felt."""
    stored.append('INBOX', *(('m%d' % n, NOON + n % 2 * 10) for n in range(440)))
    assert len(stored.queue()) == 440
    stored.policy(since=stamp(NOON + 5), delete='keep')
    expect_full_disk(stored)
    disk.fill()
    with stored.pop() as client:
        assert client.stat()[0] == 220
        disk.free()
        client.dele(1)
        assert client.quit() == DELETED
    with stored.pop() as client:
        assert client.stat()[0] == 219


@pytest.mark.parametrize('action', KEEPING)
def test_full_disk_and_a_change_that_may_still_fit(stored, disk, action):
    fill_flagged(stored)
    stored.policy(delete=action, spam='include')
    before = state(stored)
    expect_full_disk(stored)
    with stored.pop() as client:
        client.dele(1, 2)
        disk.fill()
        answer = client.quit()
    disk.free()
    if answer == DELETED:
        assert state(stored) == after(before, action, ['in1', 'sp1'])
        assert stored.queue() == QUEUES['include'][2:]
    else:
        assert everything(stored) == sorted((place.name, place.digest) for place in before)
        assert set(stored.queue()) >= set(QUEUES['include'][2:])


@pytest.mark.parametrize('delete,retrieve', [
    ('delete', 'keep'), ('delete', 'archive'), ('archive', 'delete'), ('keep', 'delete')])
def test_full_disk_loses_only_what_was_to_be_deleted(stored, disk, delete, retrieve):
    fill_many(stored)
    stored.policy(delete=delete, retrieve=retrieve)
    expect_full_disk(stored)
    deletes = MANY // 2 if delete == 'delete' else 1
    with stored.pop() as client:
        client.retr(2)
        dele_every_other(client)
        disk.fill()
        answer = client.quit()
    disk.free()
    left = len(everything(stored))
    assert MANY - deletes <= left <= MANY
    if answer == DELETED:
        assert left == MANY - deletes
        with stored.pop() as client:
            assert client.stat()[0] == MANY // 2 - 1


@pytest.mark.parametrize('storage', ['mbox'])
@pytest.mark.parametrize('action', TARGETS)
def test_full_disk_for_the_text_of_a_copy(stored, disk, action):
    stored.append('INBOX', message('big1', 'x' * 70 + '\r\n' * 5000), 'small')
    stored.append(TARGETS[action], 'there')
    stored.policy(delete=action)
    before = state(stored)
    with stored.pop() as client:
        client.dele(1, 2)
        disk.fill()
        stored.server.log.allow_errors('No space left on device|disk space')
        assert client.quit().startswith('-ERR')
    disk.free()
    assert state(stored) == before
    assert stored.queue() == ['big1', 'small']


# -- the target of a move

@pytest.mark.parametrize('spam', QUEUES)
@pytest.mark.parametrize('action', TARGETS)
def test_target_cannot_be_created(server, storage, action, spam):
    fields = {}
    if storage == 'maildir':
        fields = storage_fields(storage, inbox='~/inbox')
    user = server.add_user(storage=storage, fields=fields)
    fill_flagged(user)
    user.set(pop_policy_delete=action, pop_policy_spam=spam, **fields)
    before = state(user)
    with user.pop() as client:
        client.dele(1, 2)
        with mode(folders_of(user), 0o555):
            assert client.quit().startswith('-ERR')
    server.log.allow_errors('Permission denied|pop_policy')
    assert state(user) == before
    assert user.queue() == QUEUES[spam]
    with user.pop() as client:
        client.dele(1, 2)
        assert client.quit() == DELETED
    assert state(user) == after(before, action, QUEUES[spam][:2])


@pytest.mark.parametrize('action', TARGETS)
def test_target_cannot_be_written(stored, action):
    fill_flagged(stored)
    stored.append(TARGETS[action], 'there')
    stored.policy(delete=action, retrieve='keep', spam='include')
    before = state(stored)
    with stored.pop() as client:
        client.retr(3)
        client.dele(1, 2)
        with mode(folder_of(stored, TARGETS[action]), 0):
            assert client.quit().startswith('-ERR')
    stored.server.log.allow_errors('Permission denied|pop_policy')
    kept = after(after(before, 'seen', ['in2']), 'keep', ['in2'])
    assert state(stored) in (before, after(before, 'seen', ['in2']), kept)
    assert [name for name in stored.queue() if name != 'in2'] == \
        [name for name in QUEUES['include'] if name != 'in2']


QUOTA = {'User': {'namespace': 'inbox', 'storage': '1G'},
         'Old': {'namespace': 'old', 'storage': '10K'}}


@pytest.fixture
def limited(get_server, storage):
    """A user whose other namespace takes small messages only."""
    server = get_server(others={'quota': QUOTA}, storage=storage, namespaces={
        'old': {'prefix': 'Old/', 'storage': storage, 'path': '~/old'}})
    return server.add_user()


@pytest.mark.parametrize('action', TARGETS)
def test_target_is_over_its_quota(limited, action):
    fill_flagged(limited)
    limited.append('INBOX', (big_message(), NOON + 50))
    queue = [*QUEUES['include'], 'big']
    limited.policy(**{'delete': action, 'spam': 'include', action + '_mailbox': 'Old/Mail'})
    before = state(limited)
    with limited.pop() as client:
        client.dele(1, 2, len(queue))
        answer = client.quit()
    assert answer.startswith('-ERR')
    moved = limited.subjects('Old/Mail')
    assert everything(limited) == sorted((place.name, place.digest) for place in before)
    assert limited.queue() == [name for name in queue if name not in moved]
    assert 'big' not in moved
    with limited.pop() as client:
        client.dele(1)
        assert client.quit() == DELETED
    assert len(limited.subjects('Old/Mail')) == len(moved) + 1


def test_a_move_within_a_full_quota_works_as_over_imap(get_server, storage):
    user = get_server(others={'quota': {'User': {'messages': 10}}}, storage=storage).add_user()
    fill_flagged(user)
    user.append('INBOX', 'last')
    user.policy(delete='archive', spam='include')
    before = state(user)
    with user.pop() as client:
        client.dele(1, 2)
        assert client.quit() == DELETED
    assert state(user) == after(before, 'archive', ['in1', 'sp1'])


# -- sources that cannot be read or written

@pytest.mark.parametrize('spam', ['include', 'only'])
def test_spam_mailbox_that_cannot_be_opened_ends_the_session(stored, spam):
    fill_flagged(stored)
    stored.policy(spam=spam, delete='keep')
    stored.server.log.allow_errors('Permission denied|Mailbox init failed|pop_policy')
    with mode(folder_of(stored, 'Junk'), 0, owner=0):
        with stored.attempt() as client:
            client.send('STAT', 'LIST', 'UIDL', 'DELE 1', 'QUIT')
            said = client.login_reply.encode() + b'\r\n' + client.rest()
    assert b'\r\n1 ' not in said and b'+OK 5' not in said
    answers = said.split(b'\r\n')
    assert answers[0].startswith(b'-ERR') or answers[1].startswith(b'-ERR')
    assert sum(line.startswith(b'+OK') for line in answers) <= 1
    assert stored.queue() == QUEUES[spam]


@pytest.mark.parametrize('action', KEEPING)
def test_mbox_that_is_read_only(server, action):
    user = server.add_user(storage='mbox')
    user.append('INBOX', 'mail')
    user.policy(delete=action)
    before = state(user)
    with mode(user.home / 'inbox', 0o444):
        with user.pop() as client:
            client.dele(1)
            assert client.quit().startswith('-ERR')
    server.log.allow_errors('read-only|Permission denied|pop_policy')
    assert state(user) == before
    assert user.queue() == ['mail']


@pytest.mark.parametrize('storage', ['maildir', 'mbox'])
@pytest.mark.parametrize('action', KEEPING)
def test_indexes_that_cannot_be_written(server, storage, action):
    fields = storage_fields(storage, index='~/index')
    user = server.add_user(storage=storage, fields=fields)
    fill_flagged(user)
    user.set(pop_policy_delete=action, pop_policy_spam='include', **fields)
    before = everything(user)
    server.log.allow_errors('Permission denied|pop_policy|in-memory|Couldn.t')
    with mode(user.home / 'index', 0):
        with user.attempt() as client:
            client.send('DELE 1', 'DELE 2', 'QUIT')
            said = client.rest()
    assert everything(user) == before
    done = said.endswith(b'+OK Logging out, messages deleted.\r\n')
    names = user.queue()
    assert names == QUEUES['include'][2:] if done else set(names) <= set(QUEUES['include'])


@pytest.mark.parametrize('action', ['keep', 'archive', 'delete'])
def test_a_spam_mailbox_that_breaks_during_the_session(stored, action):
    fill_flagged(stored)
    stored.policy(delete=action, spam='include')
    before = state(stored)
    stored.server.log.allow_errors('.')
    with stored.pop() as client:
        client.dele(1, 2)
        with mode(folder_of(stored, 'Junk'), 0, owner=0):
            answer = client.quit()
    now = state(stored)
    if answer == DELETED:
        assert now == after(before, action, ['in1', 'sp1'])
        return
    assert answer.startswith('-ERR')
    gone = {place.name for place in before} - {place.name for place in now}
    assert gone <= ({'in1', 'sp1'} if action == 'delete' else set())
    # sp1 may have been copied before it turned out that it cannot be expunged
    names = [place.name for place in now if place.name != 'sp1']
    assert len(names) == len(set(names))


# -- rights

@pytest.mark.parametrize('rights,action', [
    ('lr', 'keep'), ('lrs', 'keep'), ('lrs', 'read'), ('lr', 'archive'), ('lrs', 'trash'),
    ('lrw', 'archive')])
def test_missing_rights_fail_the_quit(get_server, rights, action):
    user = get_server(others={'acl': {}}).add_user()
    fill_flagged(user)
    (user.home / 'Maildir' / 'dovecot-acl').write_text('owner %s\n' % rights)
    user.policy(delete=action)
    before = state(user)
    with user.pop() as client:
        client.dele(1)
        assert client.quit().startswith('-ERR')
    assert state(user) == before
    assert user.queue() == QUEUES['exclude']


def test_keep_needs_no_right_to_expunge(get_server):
    user = get_server(others={'acl': {}}).add_user()
    fill_flagged(user)
    (user.home / 'Maildir' / 'dovecot-acl').write_text('owner lrws\n')
    user.policy(delete='keep')
    with user.pop() as client:
        client.dele(1)
        assert client.quit() == DELETED
    assert flags_of(user, 'in1') == {KEYWORD, r'\Flagged'}
