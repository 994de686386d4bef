"""pop_policy_keep_for on several nodes: since when mail is dequeued is known where it was."""

import shutil

import pytest

from tests.lib.clock import DAY, Clock
from tests.lib.cluster import started
from tests.lib.model import KEYWORD

SERVICE = 'service pop3 {\n  executable = %s\n}\n'


@pytest.fixture(scope='module')
def the_clock():
    """One for all tests of this file."""
    clock = Clock()
    yield clock
    clock.close()


@pytest.fixture(scope='module')
def timed(the_clock):
    """A cluster whose POP3 sessions have that clock."""
    yield from started(extra=SERVICE % the_clock.service['executable'])


@pytest.fixture
def clock(the_clock):
    """The same, at the machine's time."""
    the_clock.set(0)
    return the_clock


@pytest.fixture
def user(timed, clock):
    """An account on the first backend whose kept mail goes after 90 days."""
    account = timed.account(popPolicyDelete='keep', popPolicyKeepFor='90d')
    account.append('INBOX', 'one', 'two', 'three')
    account.dequeue('one')
    timed.first.wait_for_end()
    return account


def visit(user, node, clock, day):
    """INBOX after a session there on that day, counted from when one was dequeued."""
    clock.set(day * DAY)
    user.queue()
    node.wait_for_end()
    return user.subjects()


def test_it_starts_anew_on_another_backend(timed, user, clock):
    clock.set(60 * DAY)
    user.move(timed.second)
    assert visit(user, timed.second, clock, 61) == ['one', 'two', 'three']
    assert visit(user, timed.second, clock, 61 + 89) == ['one', 'two', 'three']
    assert visit(user, timed.second, clock, 61 + 90) == ['two', 'three']
    user.move(timed.first)
    assert user.subjects() == ['two', 'three']


def test_it_goes_on_where_it_began(timed, user, clock):
    user.move(timed.second)
    assert visit(user, timed.second, clock, 30) == ['one', 'two', 'three']
    user.move(timed.first)
    assert visit(user, timed.first, clock, 89) == ['one', 'two', 'three']
    assert visit(user, timed.first, clock, 90) == ['two', 'three']
    user.move(timed.second)
    assert visit(user, timed.second, clock, 91) == ['two', 'three']


def test_without_the_old_copy_it_starts_anew_there_as_well(timed, user, clock):
    user.move(timed.second)
    shutil.rmtree(user.at(timed.first).home)
    # back in the queue, and dequeued again
    user.store('INBOX', 'one', '-FLAGS', KEYWORD)
    assert visit(user, timed.second, clock, 10) == ['one', 'two', 'three']
    user.dequeue('one')
    timed.second.wait_for_end()
    user.move(timed.first)
    assert visit(user, timed.first, clock, 30) == ['one', 'two', 'three']
    assert visit(user, timed.first, clock, 30 + 89) == ['one', 'two', 'three']
    assert visit(user, timed.first, clock, 30 + 90) == ['two', 'three']


def test_a_mark_that_came_off_and_on_meanwhile_is_noticed_if_a_session_has_looked(
        timed, user, clock):
    user.move(timed.second)
    user.store('INBOX', 'one', '-FLAGS', KEYWORD)
    user.move(timed.first)
    assert visit(user, timed.first, clock, 10) == ['one', 'two', 'three']
    user.move(timed.second)
    user.dequeue('one')
    timed.second.wait_for_end()
    user.move(timed.first)
    assert visit(user, timed.first, clock, 90) == ['one', 'two', 'three']
    assert visit(user, timed.first, clock, 90 + 89) == ['one', 'two', 'three']
    assert visit(user, timed.first, clock, 90 + 90) == ['two', 'three']
