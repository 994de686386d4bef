"""A table for the POP policy: examples/sql/sqlite, pgsql and mysql at work."""

import time

import pytest

from tests.lib.answers import login_answer
from tests.lib.databases import (DatabaseServer, Maria, Postgres, Sqlite, example_sql, refill)
from tests.lib.examples import NEW_YEAR, keep_by_default, running
from tests.lib.model import DISABLED, INVALID, UNAVAILABLE
from tests.lib.popclient import PopError
from tests.lib.serverlog import poll

ENGINES = {'sqlite': Sqlite, 'pgsql': Postgres, 'mysql': Maria}
# the moment `new` of fill() arrived at, a second later, now, and all mail, as one writes them
TIMES = {
    'sqlite': ["'2026-01-01T00:00:00Z'", "'2026-01-01T00:00:01Z'",
               "strftime('%Y-%m-%dT%H:%M:%SZ', 'now')", "'all'"],
    'pgsql': ["'2026-01-01T00:00:00Z'", "'2026-01-01 05:30:01+05:30'", 'now()', "'epoch'"],
    'mysql': ['FROM_UNIXTIME(%d)' % NEW_YEAR, "'2026-01-01 05:30:01'", 'NOW()', "'1970-01-02'"],
}


@pytest.fixture(scope='module', params=ENGINES)
def site(request):
    """The example; its configuration says: what POP deletes is kept."""
    database = ENGINES[request.param](example_sql(request.param + '/tables'))
    with running('sql/' + request.param, database, DatabaseServer, edit=keep_by_default) as server:
        server.engine = request.param
        yield server


@pytest.fixture
def ann(site):
    """ann without a policy; errors in the log belong to the test."""
    ann = site.account('ann@example.org')
    ann.row()
    yield refill(ann)
    assert site.log.settle() == []


def after_dele(user):
    """The subjects over IMAP after a DELE of the first message."""
    with user.pop() as client:
        client.dele(1)
        client.quit()
    return user.subjects()


def test_the_accounts_are_as_their_comments_say(site):
    ann, bob, cay = (refill(site.account(name + '@example.org')) for name in ('ann', 'bob', 'cay'))
    assert ann.queue() == ['old', 'new']
    assert login_answer(bob) == DISABLED
    assert bob.subjects() == ['old', 'new']
    assert cay.queue() == ['new', 'spam']
    assert after_dele(cay) == ['old', 'new']
    assert cay.queue() == ['spam']
    assert site.doveadm('user', '*').split() == [user.name for user in (ann, bob, cay)]


def test_null_and_empty_are_not_set_and_a_column_wins_over_the_site(ann):
    columns = ('available', 'enabled', 'since', 'spam', 'on_delete', 'on_retrieve',
               'extra_mailboxes', 'keep_for')
    for row in {}, dict.fromkeys(columns, 'NULL'), {'extra_mailboxes': "''", 'keep_for': "''"}:
        ann.row(**row)
        assert ann.queue() == ['old', 'new']
        assert after_dele(refill(ann)) == ['old', 'new']
        refill(ann)
    ann.row(on_delete="'delete'")
    assert after_dele(ann) == ['new']


def test_booleans(ann):
    true, false = ('1', '0') if ann.server.engine == 'sqlite' else ('TRUE', 'FALSE')
    ann.row(available=false, enabled=true)
    assert login_answer(ann) == UNAVAILABLE
    ann.row(available=true, enabled=false)
    assert login_answer(ann) == DISABLED
    ann.row(available=true, enabled=true)
    assert ann.queue() == ['old', 'new']


def test_times(site, ann):
    new_year, later, now, everything = TIMES[site.engine]
    ann.row(since=new_year)
    assert ann.queue() == ['new']
    ann.row(since=later)
    assert ann.queue() == []
    before = int(time.time())
    ann.row(since=now)
    ann.append('INBOX', ('before', before - 1), ('after', int(time.time()) + 1))
    assert ann.queue() == ['after']
    ann.row(since=everything)
    assert ann.queue() == ['old', 'new', 'before', 'after']


def test_words(ann):
    ann.row(spam="'only'", on_retrieve="'read'")
    with ann.pop() as client:
        assert client.subjects() == ['spam']
        client.retr(1)
        client.quit()
    assert ann.queue() == []
    ann.append('Lists', ('list', NEW_YEAR + 2))
    ann.row(extra_mailboxes="'Lists, Work'")
    assert ann.queue() == ['old', 'new', 'list']


@pytest.mark.parametrize('column', ['spam', 'on_delete', 'on_retrieve'])
def test_the_database_takes_no_word_that_makes_no_sense(ann, column):
    with pytest.raises(AssertionError, match='(?i)check|constraint'):
        ann.row(**{column: "'sometimes'"})


def test_a_value_that_makes_no_sense_refuses_the_login(site, ann):
    ann.row(keep_for="'for a while'")
    assert login_answer(ann) == INVALID
    assert 'for a while' in site.log.claim_error('pop_policy_keep_for')
    assert ann.subjects() == ['old', 'new']


def test_a_name_is_no_part_of_a_query(site):
    for name in ("ann@example.org'--", "' or address='ann@example.org", 'ann@example.org\\', '%'):
        assert login_answer(site.account(name)).startswith('-ERR [AUTH]')
    assert site.log.settle() == []


def test_a_database_that_is_down_lets_nobody_in(site, ann):
    if site.engine != 'pgsql':
        pytest.skip('SQLite is a file that stays open; with MySQL a login waits too long')
    assert ann.queue() == ['old', 'new']
    site.directory.down()
    with pytest.raises(PopError, match=r'\[SYS/TEMP\]'):
        ann.pop()
    site.log.allow_errors('sql|Login auth request failed')
    site.directory.up()
    assert poll(lambda: login_answer(ann).startswith('+OK'), 30, 0.2)
    assert ann.queue() == ['old', 'new']
