"""`requeue` and `dequeue` put mail into the queue and out of it."""

import pytest

from tests.lib import doveadm
from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.model import KEYWORD, SEEN


def marked(user, command, *query, check=0):
    """How many mails the command says it has changed; None: it says nothing."""
    rows = doveadm.run(user.server, command, '-u', user.name, *query, check=check).rows
    return int(rows[0][command + 'd']) if rows else None


def flags(user, mailbox='INBOX'):
    """{subject: flags}."""
    return {mail.subject: mail.flags for mail in user.look(mailbox)}


def test_out_and_back(stored):
    user = stored
    fill(user)
    user.store('INBOX', 'one', '+FLAGS', SEEN)
    assert marked(user, 'dequeue', 'subject', 'one') == 1
    assert user.queue() == ['two', 'three']
    assert flags(user) == {'one': {SEEN, KEYWORD}, 'two': set(), 'three': set()}
    assert marked(user, 'dequeue', 'subject', 'one') == 0
    assert marked(user, 'requeue', 'all') == 1
    assert user.queue() == ['one', 'two', 'three']
    assert flags(user) == {'one': {SEEN}, 'two': set(), 'three': set()}
    assert marked(user, 'requeue', 'all') == 0


def test_what_dele_has_dequeued_comes_back(stored):
    user = stored
    fill(user)
    user.set(**{**user.server.storage_fields(user.storage), 'pop_policy_delete': 'keep',
                'pop_policy_spam': 'include'})
    with user.pop() as client:
        client.dele(1, 2, 3)
        client.quit()
    assert user.queue() == ['spam2', 'three']
    assert marked(user, 'requeue', 'subject', 'one', 'or', 'subject', 'spam') == 2
    assert user.queue() == ['one', 'spam1', 'spam2', 'three']


def test_queries(user):
    user.policy(spam='include')
    fill(user)
    assert marked(user, 'dequeue', 'mailbox', 'Junk', 'uid', '1') == 1
    assert user.queue() == ['one', 'two', 'spam2', 'three']
    assert marked(user, 'dequeue', 'mailbox', 'INBOX', 'not', 'subject', 'two') == 2
    assert user.queue() == ['two', 'spam2']
    assert marked(user, 'requeue', 'mailbox', 'Junk') == 1
    assert user.queue() == ['spam1', 'two', 'spam2']
    assert marked(user, 'dequeue', 'all') == 3
    assert user.queue() == []


def test_only_what_is_in_the_queue_is_dequeued(user):
    user.policy(since=stamp(NOON + 10))
    fill(user)
    user.append('Work', 'filed')
    assert marked(user, 'dequeue', 'all') == 2
    assert flags(user) == {'one': set(), 'two': {KEYWORD}, 'three': {KEYWORD}}
    assert not any(flags(user, 'Junk').values()) and not any(flags(user, 'Work').values())


def test_requeue_finds_marks_whatever_the_policy_is_now(user):
    user.append('INBOX', ('one', NOON, KEYWORD))
    user.append('Junk', ('spam', NOON, KEYWORD))
    user.policy(enabled='no', spam='exclude', since=stamp(NOON + 100))
    assert marked(user, 'requeue', 'all') == 2


def test_the_keyword_of_the_policy(user):
    user.policy(keyword='$Mine')
    user.append('INBOX', ('one', NOON, KEYWORD), ('two', NOON))
    assert marked(user, 'dequeue', 'all') == 2
    assert flags(user) == {'one': {KEYWORD, '$Mine'}, 'two': {'$Mine'}}


@pytest.mark.parametrize('command', ['requeue', 'dequeue'])
def test_without_a_query(user, command):
    answer = doveadm.run(user.server, command, '-u', user.name, check=64)
    assert answer.rows == [] and 'query is missing' in answer.said


@pytest.mark.parametrize('query', ['subject', 'nonsense', 'uid x', '( all'])
def test_a_query_that_is_none(user, query):
    fill(user)
    answer = doveadm.run(user.server, 'dequeue', '-u', user.name, *query.split(), check=64)
    assert answer.rows == [] and answer.said
    assert user.queue() == ['one', 'two', 'three']


@pytest.mark.parametrize('command', ['requeue', 'dequeue'])
def test_where_the_policy_is_invalid_nothing_changes(user, command):
    user.append('INBOX', ('one', NOON, KEYWORD), ('two', NOON))
    before = user.look()
    user.policy(spam='nonsense')
    assert marked(user, command, 'all', check=65) is None
    assert user.look() == before
