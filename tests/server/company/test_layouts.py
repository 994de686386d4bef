"""Mailboxes that are not where they usually are."""

import pytest

from tests.lib.mailuser import NOON
from tests.lib.model import ACTIONS, KEYWORD
from tests.lib.outcome import DELETED, DONE, QUEUES, after, dele, fill_flagged, retr, state

PREFIXED = {'extra': 'namespace inbox {\n  prefix = INBOX/\n}\n'}
# the format of the user's mail, that of the other namespace
formats = pytest.mark.parametrize('storage,location', [
    ('maildir', 'maildir'), ('maildir', 'sdbox'), ('sdbox', 'mdbox'), ('mdbox', 'maildir'),
    ('mbox', 'mdbox')])


def spam_apart(storage):
    """A server that has the spam mailbox in another namespace of that format."""
    bulk = {'special_use': r'\Junk', 'auto': 'create'}
    return {'mailboxes': {'Archive': r'\Archive'}, 'namespaces': {'spam': {
        'prefix': 'Spam/', 'storage': storage, 'path': '~/apart', 'mailboxes': {'Bulk': bulk}}}}


def old_apart(storage, auto):
    """A server that has the archive in another namespace of that format."""
    mail = {'special_use': r'\Archive', 'auto': auto}
    return {'mailboxes': {'Junk': r'\Junk'}, 'namespaces': {'old': {
        'prefix': 'Old/', 'storage': storage, 'path': '~/apart', 'mailboxes': {'Mail': mail}}}}


def fill_with_spam_in(user, mailbox):
    """fill_flagged with the spam in another mailbox than Junk."""
    user.append('INBOX', ('in1', NOON, r'\Flagged'), ('in2', NOON + 10, r'\Seen Label1'),
                ('in3', NOON + 20), ('in4', NOON + 30, r'\Answered $Forwarded'),
                ('in5', NOON + 40, r'\Draft Label2'))
    user.append(mailbox, ('sp1', NOON + 5, '$Junk'), ('sp2', NOON + 15, r'\Seen'),
                ('sp3', NOON + 25), ('sp4', NOON + 35, r'\Flagged Label1'))


@pytest.mark.parametrize('action', ACTIONS)
def test_a_namespace_with_a_prefix(get_server, action):
    user = get_server(**PREFIXED).add_user()
    fill_with_spam_in(user, 'INBOX/Junk')
    user.policy(delete=action, spam='include')
    before = state(user)
    assert user.queue() == QUEUES['include']
    assert dele(user, 1, 2) == DELETED
    names = {'archive': 'INBOX/Archive', 'trash': 'INBOX/Trash'}
    assert state(user) == after(before, action, ['in1', 'sp1'], names.get(action))


@formats
@pytest.mark.parametrize('action', ['delete', 'keep', 'archive'])
def test_spam_in_a_namespace_and_a_format_of_its_own(get_server, storage, location, action):
    server = get_server(**spam_apart(location))
    user = server.add_user(storage=storage)
    fill_with_spam_in(user, 'Spam/Bulk')
    for policy in ({'delete': action, 'spam': 'include'}, {'delete': action, 'spam': 'only'}):
        user.policy(**policy)
        before = state(user)
        names = user.queue()
        assert dele(user, 1, 2) == DELETED
        assert state(user) == after(before, action, names[:2])
        assert user.queue() == names[2:]
    user.policy(retrieve=action, spam='include')
    before = state(user)
    names = user.queue()
    assert retr(user, 1, len(names)) == DONE
    chosen = [names[0], names[-1]]
    assert state(user) == after(after(before, 'seen', chosen), action, chosen)


def archive_apart(user):
    """DELE some messages where the \\Archive mailbox is in another namespace."""
    fill_flagged(user)
    user.policy(delete='archive', spam='include')
    before = state(user)
    assert dele(user, 1, 2, 9) == DELETED
    assert state(user) == after(before, 'archive', ['in1', 'sp1', 'in5'], 'Old/Mail')


@formats
def test_target_in_a_namespace_and_a_format_of_its_own(get_server, storage, location):
    archive_apart(get_server(**old_apart(location, 'create')).add_user(storage=storage))


def test_target_in_another_namespace_is_created_there(get_server):
    archive_apart(get_server(**old_apart('maildir', 'no')).add_user())


@pytest.mark.parametrize('action', ['keep', 'read'])
def test_a_mailbox_full_of_keywords(stored, action):
    words = ['Word%d' % num for num in range(40)]
    stored.append('INBOX', ('in1', NOON, ' '.join(words[:20])),
                  ('in2', NOON, ' '.join(words[20:])))
    stored.policy(delete=action)
    with stored.pop() as client:
        client.dele(1)
        answer = client.quit()
    if answer == DELETED:
        assert stored.queue() == ['in2']
        stored.append('INBOX', 'in3')
        assert stored.queue() == ['in2', 'in3']
        flags, = [mail.flags for mail in stored.look() if mail.subject == 'in1']
        assert KEYWORD in flags
    else:
        assert answer.startswith('-ERR') and stored.storage == 'maildir'
        stored.server.log.allow_errors('pop_policy')
        assert stored.queue() == ['in1', 'in2']
