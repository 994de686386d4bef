"""A private Roundcube: the installed one with our plugin, on a loopback port, ended by pid."""

import atexit
import os
import pathlib
import pwd
import secrets
import shutil
import sqlite3
import subprocess
import tempfile
import urllib.error
import urllib.request

from tests.lib.harness import free_ports
from tests.lib.places import SOURCE
from tests.lib.processes import die_with_parent
from tests.lib.serverlog import poll

INSTALLED = pathlib.Path('/var/lib/roundcube')
SHARED = pathlib.Path('/usr/share/roundcube')
PLUGIN = SOURCE / 'webmail/roundcube/pop_policy'
HERE = pathlib.Path(__file__).parent

INDEX = """<?php
define('INSTALL_PATH', '{root}/');
include INSTALL_PATH . 'index.php';
"""

# The browser may keep what never changes, as with any real web server.
ROUTER = """<?php
$types = ['css' => 'text/css', 'js' => 'text/javascript', 'png' => 'image/png',
    'svg' => 'image/svg+xml', 'woff2' => 'font/woff2'];
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$type = $types[pathinfo($path, PATHINFO_EXTENSION)] ?? null;
if ($type === null || !is_file($_SERVER['DOCUMENT_ROOT'] . $path)) {
    return false;
}
header('Content-Type: ' . $type);
header('Cache-Control: max-age=3600');
readfile($_SERVER['DOCUMENT_ROOT'] . $path);
"""


def php(value):
    """A value as PHP writes it."""
    if isinstance(value, dict):
        return '[%s]' % ', '.join('%s => %s' % (php(key), php(one)) for key, one in value.items())
    if isinstance(value, (list, tuple)):
        return '[%s]' % ', '.join(php(one) for one in value)
    if value is None or isinstance(value, bool):
        return {None: 'null', True: 'true', False: 'false'}[value]
    if isinstance(value, int):
        return str(value)
    return "'%s'" % str(value).replace('\\', '\\\\').replace("'", "\\'")


class Roundcube:
    """A running Roundcube for a mail server.

    settings: those of our plugin, without pop_policy_; more: those of Roundcube itself;
    plugins: folders of plugins beside ours; environment: more of it.
    """

    def __init__(self, server, settings, more=(), plugins=(), environment=()):
        self.server, self.plugins = server, ('pop_policy', *plugins)
        self.environment = dict(environment)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix='pp-web-', dir='/tmp'))
        self.root.chmod(0o755)
        self.more = dict(more)
        self.process = None
        self.database = self.root / 'data/roundcube.db'
        self.owner = pwd.getpwnam('www-data')
        atexit.register(self.stop)
        self._prepare(settings)
        self._start()

    # -- life

    def _prepare(self, settings):
        for name in ('config', 'data', 'logs', 'temp', 'plugins', 'public_html'):
            (self.root / name).mkdir()
        for name in ('SQL', 'program', 'skins', 'index.php'):
            (self.root / name).symlink_to(INSTALLED / name)
        for name in ('program', 'skins'):
            (self.root / 'public_html' / name).symlink_to(INSTALLED / 'public_html' / name)
        (self.root / 'public_html/plugins').symlink_to(self.root / 'plugins')
        (self.root / 'public_html/index.php').write_text(INDEX.format(root=self.root))
        (self.root / 'router.php').write_text(ROUTER)
        for path in (INSTALLED / 'plugins').iterdir():
            (self.root / 'plugins' / path.name).symlink_to(path.resolve())
        # a copy: only root may be able to read this tree, and the configuration is ours
        shutil.copytree(PLUGIN, self.root / 'plugins/pop_policy')
        for name in self.plugins[1:]:
            shutil.copytree(HERE / 'plugins' / name, self.root / 'plugins' / name)
        self._readable(self.root / 'plugins')
        for path in INSTALLED.joinpath('config').iterdir():
            if path.name not in ('config.inc.php', 'plugins'):
                (self.root / 'config' / path.name).symlink_to(path.resolve())
        (self.root / 'config/config.inc.php').write_text(self.configuration())
        self.configure(settings)
        with sqlite3.connect(self.database) as database:
            database.executescript((SHARED / 'SQL/sqlite.initial.sql').read_text())
        for path in (self.root / 'data', self.database, self.root / 'logs', self.root / 'temp'):
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)

    @staticmethod
    def _readable(folder):
        for path in (folder, *folder.rglob('*')):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() else 0o644)

    def configuration(self):
        """The text of Roundcube's configuration."""
        values = {'db_dsnw': 'sqlite:///%s?mode=0640' % self.database,
                  'imap_host': '127.0.0.1:%d' % self.server.ports['imap'],
                  'smtp_host': '127.0.0.1:1', 'des_key': secrets.token_hex(12),
                  'plugins': list(self.plugins), 'skin': 'elastic', 'product_name': 'Webmail',
                  'log_dir': str(self.root / 'logs'), 'temp_dir': str(self.root / 'temp'),
                  'log_driver': 'file', 'timezone': 'UTC', 'enable_installer': False,
                  'archive_mbox': 'Archive', 'junk_mbox': 'Junk', **self.more}
        return self._written(values)

    @staticmethod
    def _written(values):
        return '<?php\n' + ''.join('$config[%s] = %s;\n' % (php(name), php(value))
                                   for name, value in values.items())

    def configure(self, settings):
        """Other settings of the plugin from now on."""
        path = self.root / 'plugins/pop_policy/config.inc.php'
        draft = path.with_suffix('.new')
        draft.write_text(self._written({'pop_policy_' + name: value
                                        for name, value in settings.items()}))
        draft.chmod(0o644)
        draft.rename(path)

    def _compiled_once(self):
        """Arguments for php: all but our configuration, which changes within a second."""
        path = self.root / 'changing'
        path.write_text(str(self.root / 'plugins/pop_policy/config.inc.php') + '\n')
        return ['-d', 'opcache.enable_cli=1', '-d', 'opcache.revalidate_freq=0', '-d',
                'opcache.blacklist_filename=' + str(path)]

    def _start(self):
        for _ in range(10):
            port = free_ports(['http'])['http']
            self.url = 'http://127.0.0.1:%d/' % port
            with open(self.root / 'server.log', 'ab') as log:
                self.process = subprocess.Popen(
                    ['php', *self._compiled_once(), '-d', 'display_errors=0', '-d',
                     'session.gc_probability=0', '-S', '127.0.0.1:%d' % port,
                     '-t', str(self.root / 'public_html'), str(self.root / 'router.php')],
                    stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd='/', user='www-data',
                    group='www-data', extra_groups=[], preexec_fn=die_with_parent,
                    env={'PATH': os.environ['PATH'], 'TZ': 'UTC', **self.environment},
                    start_new_session=True)
            if poll(self._started, 20) == 'up':
                return
            self._end()
        raise AssertionError((self.root / 'server.log').read_text())

    def _started(self):
        if self.process.poll() is not None:
            return 'ended'
        try:
            with urllib.request.urlopen(self.url, timeout=10) as answer:
                return 'up' if answer.status == 200 else None
        except (urllib.error.URLError, OSError):
            return None

    def _end(self):
        try:
            os.killpg(self.process.pid, 15)
        except ProcessLookupError:
            pass
        self.process.wait()
        self.process = None

    def stop(self):
        """Stop it and remove everything."""
        if self.process is not None:
            self._end()
            shutil.rmtree(self.root, ignore_errors=True)

    # -- what it says

    def errors(self):
        """The lines of its error log, which is empty afterwards."""
        path = self.root / 'logs/errors.log'
        lines = path.read_text().splitlines() if path.exists() else []
        path.write_text('')
        os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        return lines

    # -- tools

    def set_preferences(self, user, **values):
        """Preferences of a user, who has signed in and waits."""
        text = ''.join('s:%d:"%s";s:%d:"%s";' % (len(name), name, len(value), value)
                       for name, value in values.items())
        with sqlite3.connect(self.database) as database:
            database.execute('UPDATE users SET preferences = ? WHERE username = ?',
                             ['a:%d:{%s}' % (len(values), text), user.name])
