"""Behaviour 2: mail_max_keyword_length, and the keyword that a policy needs."""

import pytest

from tests.lib.answers import assert_invalid, login_answer
from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.serverlog import poll

SHORT = {'mail_max_keyword_length': 10}
NEEDS = [{'delete': 'keep'}, {'delete': 'read'}, {'delete': 'archive'}, {'retrieve': 'keep'},
         {'retrieve': 'trash', 'spam': 'include'}, {'delete': 'keep', 'spam': 'only'}]
NO_NEED = [({}, ['one', 'two', 'three']), ({'enabled': 'yes'}, ['one', 'two', 'three']),
           ({'since': stamp(NOON + 10)}, ['two', 'three']),
           ({'spam': 'include'}, ['one', 'spam1', 'two', 'spam2', 'three']),
           ({'spam': 'only'}, ['spam1', 'spam2']), ({'delete': 'delete'}, ['one', 'two', 'three']),
           ({'retrieve': 'delete'}, ['one', 'two', 'three'])]


@pytest.fixture
def short(get_server):
    """A server that allows only short keywords."""
    return get_server(settings=SHORT)


def conversation(user):
    """All that a session with every command gets to see."""
    with user.attempt() as client:
        for line in ['STAT', 'LIST', 'UIDL', 'RETR 1', 'TOP 2 0', 'DELE 2', 'LIST 1', 'UIDL 3',
                     'RSET', 'DELE 1', 'LAST', 'NOOP', 'CAPA', 'STAT', 'QUIT']:
            client.send(line)
        client.rest()
        return client.received()


def test_no_policy_is_byte_for_byte_stock(get_server, short):
    stock = get_server(settings=SHORT, plugin=None)
    ours, theirs = short.add_user(), stock.add_user()
    fill(theirs)
    ours.copy_store(theirs)
    assert conversation(ours) == conversation(theirs)
    assert poll(lambda: ours.subjects() == theirs.subjects() == ['two', 'three'])


@pytest.mark.parametrize('policy,queue', NO_NEED)
def test_a_policy_that_needs_no_keyword(short, policy, queue):
    user = short.add_user()
    fill(user)
    user.policy(**policy)
    assert user.queue() == queue
    with user.pop() as client:
        client.uidl()
        client.dele(1)
        assert client.quit().startswith('+OK')
    assert user.queue() == queue[1:]


@pytest.mark.parametrize('policy', NEEDS)
def test_a_policy_that_needs_the_keyword(short, policy):
    user = short.add_user()
    fill(user)
    user.policy(**policy)
    assert_invalid(user, 'pop_policy_keyword', 'mail_max_keyword_length')


@pytest.mark.parametrize('policy', [{}, *NEEDS[:2]])
def test_a_keyword_that_is_short_enough(short, policy):
    user = short.add_user()
    fill(user)
    user.policy(keyword='$POPped', **policy)
    with user.pop() as client:
        client.dele(1)
        assert client.quit().startswith('+OK')
    assert user.queue() == ['two', 'three']
    assert ('one' in user.subjects()) == bool(policy)


def test_a_keyword_of_the_policy_that_is_too_long(short):
    user = short.add_user(fields={'pop_policy_keyword': '$POPPED-BEFORE'})
    assert_invalid(user, 'pop_policy_keyword', '$POPPED-BEFORE')
    user.policy(enabled='yes')
    assert login_answer(user).startswith('+OK')
