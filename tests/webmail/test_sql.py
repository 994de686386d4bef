"""The backend sql: the site's own statements, and Dovecot with the same table."""

import os
import re
import sqlite3

import pytest

from tests.lib import dovecot_config
from tests.lib.harness import Server
from tests.lib.mailuser import fill
from tests.lib.model import DISABLED, UNAVAILABLE
from tests.webmail.roundcube import PLUGIN, Roundcube
from tests.webmail.test_refusals import UNREACHABLE, form, send

TABLE = """CREATE TABLE pop_policy (username TEXT PRIMARY KEY, available TEXT, enabled TEXT,
    since TEXT, spam TEXT, "delete" TEXT, extra_mailboxes TEXT, keep_for TEXT)"""
SETTINGS = ('available', 'enabled', 'since', 'spam', 'delete', 'extra_mailboxes', 'keep_for')
QUERY = 'SELECT \'{home}\' || username AS home, {uid} AS uid, {uid} AS gid, %s FROM pop_policy ' \
    'WHERE username = \'{user}\'' % ', '.join(
        '"%s" AS pop_policy_%s' % (name, name) for name in SETTINGS)


class SqlServer(Server):
    """A Dovecot whose users are in a table, with their policy."""

    generations = 0

    def _prepare(self):
        super()._prepare()
        (self.root / 'sql').mkdir()
        (self.root / 'sql').chmod(0o777)
        self.database = self.root / 'sql/mail.db'
        self.execute(TABLE)
        self.execute('CREATE TABLE more (username TEXT PRIMARY KEY, spam TEXT)')
        self.database.chmod(0o666)

    def execute(self, statement, *values):
        """Rows of the database."""
        with sqlite3.connect(self.database, timeout=30) as database:
            return database.execute(statement, values).fetchall()

    def configuration(self):
        query = QUERY.format(home='%s/mail/' % self.root, uid=dovecot_config.MAIL_UID,
                             user='%{user}' if dovecot_config.IS_24 else '%u')
        if dovecot_config.IS_24:
            return super().configuration() + (
                'sql_driver = sqlite\nsqlite_path = %s\nuserdb sql {\n  query = %s\n}\n' %
                (self.database, query))
        (self.root / 'sql.conf').write_text('driver = sqlite\nconnect = %s\nuser_query = %s\n' %
                                            (self.database, query))
        return super().configuration() + (
            'userdb {\n  driver = sql\n  args = %s/sql.conf\n}\n' % self.root)

    def write_user(self, user, fields):
        """The account's row and password."""
        (self.root / 'users' / (user.name + '.pass')).write_text(
            '%s:{PLAIN}%s\n' % (user.name, user.password))
        self.execute('INSERT INTO pop_policy (username) VALUES (?)', user.name)


def row(user):
    """What is stored of the policy."""
    names = ', '.join('"%s"' % name for name in SETTINGS)
    (values,) = user.server.execute(
        'SELECT %s FROM pop_policy WHERE username = ?' % names, user.name)
    return {name: value for name, value in zip(SETTINGS, values) if value is not None}


def statement(name):
    """The statement that config.inc.php.dist has."""
    text = (PLUGIN / 'config.inc.php.dist').read_text()
    return re.search(r"(?m)^\$config\['pop_policy_%s'\] = '(.*)';$" % name, text)[1]


def settings(server, **more):
    """The plugin's settings, with the statements of config.inc.php.dist."""
    return {'backend': 'sql', 'sql_dsn': 'sqlite:///%s?mode=0666' % server.database,
            'sql_read': statement('sql_read').replace('SELECT', 'SELECT available,'),
            'sql_write': statement('sql_write'), **more}


@pytest.fixture(scope='module')
def database():
    """The Dovecot with the database."""
    server = SqlServer()
    os.chown(server.root / 'mail', dovecot_config.MAIL_UID, dovecot_config.MAIL_UID)
    yield server
    assert server.stop() == []


@pytest.fixture(scope='module')
def site(database):
    """A Roundcube that uses it."""
    site = Roundcube(database, settings(database))
    yield site
    site.stop()


@pytest.fixture
def owner(database):
    """An account with mail."""
    user = database.add_user()
    fill(user)
    return user


@pytest.fixture
def there(browser, site, owner):
    """The page, as that account sees it; nothing goes to a log."""
    yield browser.login(site, owner).open()
    site.configure(settings(owner.server))
    assert site.errors() == [] and owner.server.log.settle() == []


def test_each_dial(there, owner):
    assert there.status() == 'POP is on for all mail.' and row(owner) == {}
    there.save(spam='include', delete='keep')
    assert row(owner) == {'spam': 'include', 'delete': 'keep'}
    assert owner.queue() == ['one', 'spam1', 'two', 'spam2', 'three']
    there.save(access='now')
    assert re.fullmatch(r'\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ', row(owner)['since'])
    assert owner.queue() == []
    there.save(access='all')
    assert row(owner) == {'enabled': 'yes', 'since': 'all', 'spam': 'include', 'delete': 'keep'} \
        or row(owner) == {'since': 'all', 'spam': 'include', 'delete': 'keep'}
    there.save(access='off')
    assert owner.attempt().login_reply == DISABLED


def test_nobody_elses_row(there, owner, database):
    other = database.add_user()
    there.save(spam='only')
    assert row(other) == {}


def test_a_plan_without_pop(there, owner):
    sent = {**form(there), '_spam': 'only'}
    owner.server.execute("UPDATE pop_policy SET available = 'no' WHERE username = ?", owner.name)
    assert there.open().status().startswith('POP is not part of')
    assert owner.attempt().login_reply == UNAVAILABLE
    send(there, sent)
    assert row(owner) == {'available': 'no'}


def test_times_of_the_database(there, owner):
    owner.server.execute("UPDATE pop_policy SET since = '2026-01-01 01:00:00+01' "
                         "WHERE username = ?", owner.name)
    assert there.open().status() == \
        'POP is on for mail that arrives from 1 January 2026, 00:00.'


def test_a_row_comes_with_the_first_change(there, owner):
    """Where the settings have a table of their own, and the statement is an upsert."""
    there.site.configure(settings(
        owner.server, dials=['spam'], sql_read='SELECT spam FROM more WHERE username = :user',
        sql_write='INSERT OR REPLACE INTO more (username, spam) VALUES (:user, :spam)'))
    there.open().save(spam='only')
    assert there.chosen('spam') == ['only']
    assert owner.server.execute('SELECT * FROM more') == [(owner.name, 'only')]


@pytest.mark.parametrize('more,words', [
    ({'sql_write': 'UPDATE pop_policy SET spam = :spam WHERE username = :usr'}, 'there is no :usr'),
    ({'sql_write': 'UPDATE pop_policy SET enabled = :enabled WHERE username = :user'},
     'does not write :spam'),
    ({'sql_write': 'UPDATE nowhere SET spam = :spam WHERE username = :user'}, 'no such table'),
    ({'sql_write': "UPDATE pop_policy SET spam = :spam WHERE username = 'x' || :user"},
     'not what was written')])
def test_statements_that_do_not_work(browser, site, owner, more, words):
    site.configure(settings(owner.server, dials=['enabled', 'spam'], **more))
    try:
        browser.login(site, owner).open().choose(spam='only')
        browser.submit()
        assert browser.messages() == UNREACHABLE and not browser.all('.pop-policy input')
        assert words in '\n'.join(site.errors())
    finally:
        site.configure(settings(owner.server))
    assert row(owner) == {}


def test_a_database_that_is_not_there(browser, site, owner):
    site.configure(settings(owner.server, sql_dsn='sqlite:////nowhere/x.db?mode=0666'))
    try:
        browser.login(site, owner).open()
        assert browser.messages() == UNREACHABLE and not browser.all('.pop-policy input')
        assert site.errors()
    finally:
        site.configure(settings(owner.server))
