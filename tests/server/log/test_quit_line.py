"""Behaviour 8.2: one line of log says what QUIT has done."""

import re

import pytest

from tests.lib.faults import mode
from tests.lib.mailuser import NOON, fill

LINE = re.compile(r'pop3\((?P<user>[^)]*)\).*: POP QUIT: (?P<what>.*)')


def quit_lines(user, wait=5):
    """What the user's sessions have done, by the log."""
    lines = user.server.log.infos('POP QUIT: ', wait)
    found = [match for line in lines if (match := LINE.search(line))]
    return [match['what'] for match in found if match['user'] == user.name]


def session(user, retr=(), dele=()):
    """A session that RETRieves and DELEtes, and what its line says."""
    with user.pop() as client:
        for number in retr:
            client.retr(number)
        client.dele(*dele)
        assert client.quit().startswith('+OK')
    lines = quit_lines(user)
    assert len(lines) == 1
    return lines[0]


@pytest.mark.parametrize('action,word', [
    ('delete', 'deleted'), ('keep', 'kept'), ('read', 'read'), ('archive', 'archived'),
    ('trash', 'trashed'), (None, 'deleted')])
def test_dele(server, storage, action, word):
    user = server.add_user(storage=storage)
    fill(user)
    user.policy(since='all', **({'delete': action} if action else {'spam': 'exclude'}))
    uids = [mail.uid for mail in user.look()]
    assert session(user, dele=[1, 3]) == '%s INBOX count=2 uid=%d,%d' % (word, uids[0], uids[2])


def test_two_mailboxes_and_two_triggers(server):
    user = server.add_user()
    fill(user)
    user.policy(spam='include', delete='keep', retrieve='trash')
    # one spam1 two spam2 three
    line = session(user, retr=[1, 2, 3], dele=[3, 4])
    assert line == ('kept INBOX count=1 uid=2; trashed INBOX count=1 uid=1 (RETR); '
                    'kept Junk count=1 uid=2; trashed Junk count=1 uid=1 (RETR)')


def test_nothing_was_changed(server):
    user = server.add_user()
    fill(user)
    user.policy(delete='keep')
    with user.pop() as client:
        client.retr(1)
        client.dele(1)
        client.rset()
        client.quit()
    with user.pop() as client:
        client.dele(1)
        client.drop()
    assert quit_lines(user, wait=0) == []


def test_a_mailbox_name_cannot_look_like_something_else(server):
    name = 'x; deleted INBOX count=1 uid=9'
    user = server.add_user()
    user.append('INBOX', ('one', NOON))
    user.append(name, ('spam', NOON))
    user.policy(spam='only', spam_mailbox=name, delete='keep')
    assert session(user, dele=[1]) == 'kept "%s" count=1 uid=1' % name


def test_mail_that_somebody_else_has_expunged(server):
    user = server.add_user()
    fill(user)
    user.policy(delete='keep')
    with user.pop() as client:
        client.dele(1, 2)
        user.doveadm('expunge', 'mailbox', 'INBOX', 'uid', '1')
        assert client.quit().startswith('+OK')
    assert quit_lines(user) == ['kept INBOX count=1 uid=2']


def test_what_was_stored_of_a_quit_that_failed(server):
    user = server.add_user()
    fill(user)
    user.policy(delete='delete', retrieve='keep')
    user.store('INBOX', 'three', '+FLAGS', '$POPDequeued')
    cur = user.home / 'Maildir/cur'
    with user.pop() as client:
        client.retr(1)
        client.dele(2)
        with mode(cur, 0o555), mode(user.home / 'Maildir/new', 0o555):
            assert client.quit().startswith('-ERR')
    user.server.log.allow_errors('unlink|Permission denied|rename')
    user.server.log.claim_error('pop_policy: QUIT failed: 1 of 1 messages could not be removed')
    user.server.log.claim_error('pop_policy: QUIT failed: 1 of 1 messages were not marked')
    assert quit_lines(user, wait=0) == []
    assert len(user.subjects()) == 3
