"""What QUIT does and what it fails to do, under valgrind: no error, no leak."""

import pytest

from tests.lib.faults import folders_of, mode
from tests.lib.mailuser import big_message
from tests.lib.model import ACTIONS
from tests.lib.other_plugins import ALL, LAZY
from tests.lib.outcome import DELETED, fill_flagged, play


def run(user, *scripts):
    """One session per script; all that valgrind had to say."""
    for script in scripts:
        with user.pop() as client:
            client.list()
            play(client, script)
            if 'Q' not in script:
                client.drop()
    problems = user.server.valgrind.problems()
    assert not problems, '\n\n'.join(problems)


@pytest.mark.parametrize('spam', ['exclude', 'include', 'only'])
def test_every_command_without_a_disposition(checked, spam):
    user = checked.add_user()
    fill_flagged(user)
    user.policy(spam=spam)
    run(user, 'U R1 R2 T3 R4 U D2 X D1 D4 U Q', 'R1 T2 U D1 X', 'R1 R2 X R1 D2 U Q')


@pytest.mark.parametrize('delete,retrieve', [
    ('keep', 'archive'), ('trash', 'delete')])
def test_dispositions_from_two_mailboxes(checked, storage, delete, retrieve):
    user = checked.add_user(storage=storage)
    fill_flagged(user)
    user.policy(spam='include', delete=delete, retrieve=retrieve)
    run(user, 'U R1 R2 T3 U D2 D3 U Q', 'U R1 D1 X D2 R3 X R2 D1 Q')


@pytest.mark.parametrize('action', ACTIONS)
def test_dispositions_from_one_mailbox(checked, action):
    user = checked.add_user()
    fill_flagged(user)
    user.policy(delete=action)
    run(user, 'R1 D1 D3 Q', 'D1 X R1 D2 D1')


def test_resets(checked):
    user = checked.add_user()
    fill_flagged(user)
    user.policy(spam='include', delete='keep', retrieve='archive')
    run(user, 'R1 X Q', 'R1 X R2 X D3 X', 'D1 X D2 X R3 D3 X R3 Q', 'X D1 X Q')


def test_no_spam_mailbox_at_all(checked):
    user = checked.add_user()
    user.append('INBOX', 'one', 'two')
    for spam in ('only', 'include'):
        user.policy(spam=spam, delete='archive', retrieve='keep')
        with user.pop() as client:
            count = client.stat()[0]
            client.uidl()
            play(client, 'R1 D2 Q' if count else 'X Q')
    problems = checked.valgrind.problems()
    assert not problems, '\n\n'.join(problems)


def test_quit_that_fails(checked, storage):
    fields = {'mail': 'maildir:~/Maildir:INBOX=~/inbox'} if storage == 'maildir' else {}
    user = checked.add_user(storage=storage, fields=fields)
    fill_flagged(user)
    user.set(pop_policy_delete='archive', pop_policy_retrieve='keep',
             pop_policy_spam='include', **fields)
    checked.log.allow_errors('Permission denied')
    with user.pop() as client:
        client.retr(3)
        client.dele(1, 2)
        with mode(folders_of(user), 0o555):
            assert client.quit().startswith('-ERR')
    problems = checked.valgrind.problems()
    assert not problems, '\n\n'.join(problems)


@pytest.mark.parametrize('storage', ['sdbox', 'mbox'])
def test_messages_that_are_gone_at_quit(checked, storage):
    user = checked.add_user(storage=storage)
    fill_flagged(user)
    user.policy(spam='include', delete='archive')
    user.queue()
    with user.pop() as client:
        client.dele(1, 2)
        user.doveadm('expunge', 'mailbox', 'INBOX', 'subject', 'in1')
        user.doveadm('expunge', 'mailbox', 'Junk', 'subject', 'sp1')
        assert client.quit() == DELETED
    problems = checked.valgrind.problems()
    assert not problems, '\n\n'.join(problems)


@pytest.mark.parametrize('mailbox,header', [('INBOX', ''), ('Junk', 'X-Mailbox')])
def test_a_retr_that_is_cut(checked, mailbox, header):
    user = checked.add_user()
    user.append(mailbox, big_message(lines=100000))
    user.policy(spam='include', retrieve='delete', mailbox_header=header)
    client = user.pop()
    client.send('RETR 1', 'QUIT')
    client.file.read(5000)
    client.close()
    problems = checked.valgrind.problems()
    assert not problems, '\n\n'.join(problems)
    assert user.subjects(mailbox) == ['big']


@pytest.mark.parametrize('spec', [ALL, {'others': LAZY}], ids=['all', 'lazy'])
def test_with_other_plugins(get_checked, spec):
    server = get_checked(**spec)
    user = server.add_user()
    fill_flagged(user)
    user.policy(spam='include', delete='archive', retrieve='keep')
    run(user, 'U R1 R2 D3 D4 Q', 'D1 X D2 R1 Q', 'R1 D2')
