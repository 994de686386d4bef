"""Private database servers: on a socket in a folder of their own, ended by pid."""

import atexit
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import sqlite3
import subprocess
import tempfile

import pytest

from tests.lib.examples import EXAMPLES, ExampleServer, fill
from tests.lib.mailuser import MailUser
from tests.lib.places import MODULE_DIR
from tests.lib.processes import die_with_parent
from tests.lib.serverlog import poll

# Away from UTC, so that mistakes show.
ZONE = '+05:30'


def program(*names):
    """The first of these programs of a server that is there; without any the test is skipped.

    Each process of tests would start a server of its own, so this is not for "make check".
    """
    if not os.environ.get('POP_POLICY_DATABASES'):
        pytest.skip('only "make check-databases" starts %s' % names[0])
    places = [*os.environ['PATH'].split(os.pathsep), '/usr/sbin', '/usr/libexec',
              *map(str, sorted(pathlib.Path('/usr/lib/postgresql').glob('*/bin'), reverse=True))]
    found = (shutil.which(name, path=os.pathsep.join(places)) for name in names)
    path = next(filter(None, found), None)
    if path is None:
        pytest.skip('no %s here ("make check-databases" installs it)' % names[0])
    return path


def need_driver(name):
    """Skip the test if Dovecot cannot talk to such a database."""
    if not list(MODULE_DIR.rglob('libdriver_%s.so' % name)):
        pytest.skip('Dovecot has no driver for %s here ("make check-databases" installs it)' % name)


def run(*args, **kwargs):
    """A program that must succeed; what it prints."""
    done = subprocess.run(list(map(str, args)), capture_output=True, text=True, timeout=300,
                          **kwargs)
    assert done.returncode == 0, (args, done.stdout, done.stderr)
    return done.stdout


class Database:
    """A database after these SQL scripts; key: the column with the address in pop_policy.

    places: what an example calls the server's socket or file, and where it is here.
    """

    driver = None

    def __init__(self, *scripts, name='mail', key='address'):
        need_driver(self.driver)
        self.name, self.key = name, key
        self.root = pathlib.Path(tempfile.mkdtemp(prefix='pp-sql-', dir='/tmp'))
        self.root.chmod(0o755)
        self.process = None
        self.places = {}
        atexit.register(self.stop)
        try:
            self._prepare()
            self.up()
            self._create()
            for sql in scripts:
                self.execute(sql)
        except BaseException:
            self.stop()
            raise

    def _prepare(self):
        """Make the files of an empty server."""

    def _create(self):
        """Make the database."""

    def _command(self):
        """The command that runs the server in the foreground, and its user's id."""

    def _answers(self):
        """Whether the server answers."""

    def execute(self, sql):
        """Execute statements."""
        raise NotImplementedError

    def up(self):
        """Start the server."""
        command, uid = self._command()
        with open(self.root / 'log', 'ab') as log:
            self.process = subprocess.Popen(
                list(map(str, command)), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                cwd='/', start_new_session=True, preexec_fn=die_with_parent, user=uid)
        assert poll(lambda: self.process.poll() is not None or self._answers(), 120, 0.05)
        assert self.process.poll() is None, (self.root / 'log').read_text()

    def down(self):
        """End the server; the data stay."""
        process, self.process = self.process, None
        if process is None:
            return
        process.send_signal(signal.SIGINT if isinstance(self, Postgres) else signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def stop(self):
        """End the server and remove everything."""
        self.down()
        shutil.rmtree(self.root, ignore_errors=True)


class Sqlite(Database):
    """SQLite: no server, a file."""

    driver = 'sqlite'

    def _prepare(self):
        self.places = {'/etc/dovecot/accounts.db': str(self.root / 'accounts.db')}

    def execute(self, sql):
        with contextlib.closing(sqlite3.connect(self.root / 'accounts.db')) as connection:
            try:
                connection.executescript(sql)
            except sqlite3.Error as error:
                raise AssertionError(str(error)) from error

    def up(self):
        """It is always there."""


class Postgres(Database):
    """PostgreSQL; it does not run as root."""

    driver = 'pgsql'

    def _prepare(self):
        self.postgres = program('postgres')
        self.psql = program('psql')
        self.uid = pwd.getpwnam('postgres').pw_uid
        os.chown(self.root, self.uid, -1)
        run(program('initdb'), '-D', self.root / 'data', '-U', 'admin', '-A', 'trust', '-N',
            '-E', 'UTF8', '--locale=C', user=self.uid, cwd='/')
        (self.root / 'data' / 'pg_hba.conf').write_text(
            'local all admin trust\nlocal all all scram-sha-256\n')
        self.places = {'/run/postgresql': str(self.root)}

    def _command(self):
        settings = {'unix_socket_directories': self.root, 'listen_addresses': '', 'fsync': 'off',
                    'timezone': 'Asia/Kolkata', 'shared_buffers': '16MB',
                    'dynamic_shared_memory_type': 'mmap'}
        return [self.postgres, '-D', self.root / 'data',
                *('--%s=%s' % setting for setting in settings.items())], self.uid

    def _client(self, database, sql):
        return subprocess.run(
            [self.psql, '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-h', self.root,
             '-U', 'admin', '-d', database], input=sql, capture_output=True, text=True, timeout=60)

    def _answers(self):
        return self._client('postgres', 'SELECT 1').returncode == 0

    def _create(self):
        assert self._client('postgres', 'CREATE DATABASE %s' % self.name).returncode == 0

    def execute(self, sql):
        done = self._client(self.name, sql)
        assert done.returncode == 0, done.stderr


class Maria(Database):
    """MariaDB."""

    driver = 'mysql'

    def _prepare(self):
        self.mariadbd = program('mariadbd', 'mysqld')
        self.client = program('mariadb', 'mysql')
        run(program('mariadb-install-db', 'mysql_install_db'), '--no-defaults', '--user=root',
            '--datadir=%s' % (self.root / 'data'), '--skip-test-db',
            '--auth-root-authentication-method=normal')
        self.places = {'/run/mysqld/mysqld.sock': str(self.root / 'socket')}

    def _command(self):
        settings = {'user': 'root', 'datadir': self.root / 'data', 'socket': self.root / 'socket',
                    'pid-file': self.root / 'pid', 'default-time-zone': ZONE,
                    'innodb-buffer-pool-size': '16M', 'innodb-flush-log-at-trx-commit': '0'}
        return [self.mariadbd, '--no-defaults', '--skip-networking',
                *('--%s=%s' % setting for setting in settings.items())], 0

    def _client(self, sql, *args):
        return subprocess.run(
            [self.client, '--no-defaults', '-N', '-B', '-u', 'root', '-S', self.root / 'socket',
             '--default-character-set=utf8mb4', *args], input=sql, capture_output=True, text=True,
            timeout=60)

    def _answers(self):
        return self._client('SELECT 1').returncode == 0

    def _create(self):
        done = self._client('CREATE DATABASE %s' % self.name)
        assert done.returncode == 0, done.stderr

    def execute(self, sql):
        done = self._client(sql, self.name)
        assert done.returncode == 0, done.stderr


class DatabaseServer(ExampleServer):
    """A Dovecot with one of examples/sql and a database."""

    def account(self, name, password='secret'):
        return DatabaseUser(self, name, password)


class DatabaseUser(MailUser):
    """A mail user whose account is in the database."""

    def __init__(self, server, name, password):
        self.server, self.name, self.password = server, name, password
        user, _, domain = name.partition('@')
        self.home = server.root / 'mail' / domain / user

    def row(self, **columns):
        """Replace the account's row of pop_policy: SQL expressions; without any there is none."""
        database = self.server.directory
        database.execute("DELETE FROM pop_policy WHERE %s = '%s'" % (database.key, self.name))
        if columns:
            database.execute("INSERT INTO pop_policy (%s) VALUES ('%s', %s)" % (
                ', '.join([database.key, *columns]), self.name, ', '.join(columns.values())))


def example_sql(name):
    """The text of examples/sql/NAME.sql."""
    return (EXAMPLES / 'sql' / (name + '.sql')).read_text()


def refill(user):
    """The account's mail is as fill() gives it."""
    for mailbox in user.mailboxes():
        user.doveadm('expunge', 'mailbox', mailbox, 'all')
    fill(user)
    return user
