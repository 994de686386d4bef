"""A private Dovecot: started on loopback ports from its private configuration, stopped by pid."""

import atexit
import dataclasses
import functools
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile

from tests.lib import dovecot_config, sanitizer, settings_module
from tests.lib.certificates import openssl
from tests.lib.mailuser import MailUser
from tests.lib.places import (DOVECOT, LDAP_MODULE, LIBEXEC, MODULE, MODULE_DIR, PATH,
                              SETTINGS_MODULE)
from tests.lib.processes import children, die_with_parent, end, group_members
from tests.lib.serverlog import ServerLog, poll
from tests.lib.valgrind import Valgrind

MASTER_USER, MASTER_PASSWORD = 'admin', 'master-secret'
# A passwd-file is looked at once a second at most, a missing one always: a change of a user's
# fields goes into the next file of this chain, the first one found counts.
GENERATIONS = 4
# commands of doveadm that read the configuration once more, as the mail user
ASKING_AGAIN = frozenset(('backup', 'import', 'sync'))


@dataclasses.dataclass
class Spec:
    """How a server must be.

    plugin: 'pop3' (loaded there), 'global' (in the global mail_plugins) or None (stock).
    settings: top-level settings; policy: {'spam': 'include'} for pop_policy_spam;
    others: {plugin: what it is told} for quota {root: {driver, storage, messages, namespace}},
    mail_log {events, fields}, lazy_expunge {mailbox}, compress {method}, acl, fts,
    pop3_migration {mailbox}, virtual;
    mailboxes: {name: special use, dict of mailbox settings, or None};
    namespaces: {name: {prefix, storage, path, mailboxes, settings}} beside the one called inbox;
    pop3_service: settings of service pop3 { }; extra: configuration text at the end;
    module, ldap_module, settings_module: others than those built; None for the last two: none;
    modules: more modules for the folder of plugins, of which others names the plugins;
    tz: the server's time zone, away from UTC so that mistakes show;
    quick: mail is not synced to disk, and imap processes serve many sessions, unlike by default.
    """
    plugin: str = 'pop3'
    storage: str = 'maildir'
    settings: dict = dataclasses.field(default_factory=dict)
    policy: dict = dataclasses.field(default_factory=dict)
    others: dict = dataclasses.field(default_factory=dict)
    mailboxes: dict = dataclasses.field(default_factory=lambda: dict(dovecot_config.MAILBOXES))
    namespaces: dict = dataclasses.field(default_factory=dict)
    pop3_service: dict = dataclasses.field(default_factory=dict)
    extra: str = ''
    module: pathlib.Path = MODULE
    ldap_module: pathlib.Path = LDAP_MODULE
    settings_module: pathlib.Path = SETTINGS_MODULE
    modules: tuple = ()
    tz: str = 'TEST-5:30'
    valgrind: bool = False
    quick: bool = True

    def top_level(self):
        """All top-level settings."""
        return {**({'mail_fsync': 'never'} if self.quick else {}), **self.settings}

    def imap_service(self):
        """Settings of service imap { }."""
        return {'service_count': 100, 'process_limit': 100} if self.quick else {}


def free_ports(names):
    """One free loopback port per name; another process may still grab it before we do."""
    sockets = [socket.socket() for _ in names]
    for sock in sockets:
        sock.bind(('127.0.0.1', 0))
    ports = {name: sock.getsockname()[1] for name, sock in zip(names, sockets)}
    for sock in sockets:
        sock.close()
    return ports


@functools.lru_cache(maxsize=None)
def certificate():
    """Key and certificate of all servers of this test process."""
    with tempfile.TemporaryDirectory(prefix='pp-') as name:
        paths = [pathlib.Path(name, part) for part in ('key.pem', 'cert.pem')]
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
                '-nodes', '-subj', '/CN=localhost', '-days', '2', '-keyout', paths[0],
                '-out', paths[1])
        return [path.read_bytes() for path in paths]


class Server:
    """A running Dovecot; see Spec for the keyword arguments."""

    generations = GENERATIONS
    listeners = ('pop3', 'pop3s', 'imap')
    address = '127.0.0.1'

    def __init__(self, **spec):
        self.spec = Spec(**spec)
        if self.spec.plugin:
            assert self.spec.module.exists(), (
                '%s is not built (POP_POLICY_MODULE names another)' % self.spec.module)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix='pp-', dir='/tmp'))
        self.root.chmod(0o755)
        self.conf = self.root / 'dovecot.conf'
        self.log = ServerLog(self.root / 'log')
        self.valgrind = Valgrind(self) if self.spec.valgrind else None
        self.environment = {'PATH': PATH, 'TZ': self.spec.tz,
                            **dovecot_config.ENVIRONMENT, **settings_module.show(),
                            **sanitizer.ENVIRONMENT}
        self.wrapper = []
        self.process = None
        self.users = {}
        self.numbers = itertools.count(1)
        atexit.register(self.stop)
        self._prepare()
        self._start()

    # -- life

    def _prepare(self):
        for name in ('log', 'users', 'state', 'modules', 'modules/pop_policy', 'mail'):
            (self.root / name).mkdir()
        for path in MODULE_DIR.iterdir():
            if path.name not in (MODULE.name, 'pop_policy'):
                (self.root / 'modules' / path.name).symlink_to(path)
        for path in self.spec.modules:
            (self.root / 'modules' / path.name).symlink_to(path)
        if self.spec.plugin:
            (self.root / 'modules' / 'lib01_pop_policy_plugin.so').symlink_to(
                self.spec.module.resolve())
            self._copy(LDAP_MODULE.name, self.spec.ldap_module)
        if dovecot_config.IS_24 and self.spec.settings_module != SETTINGS_MODULE:
            self.wrapper = settings_module.with_other(self.spec.settings_module,
                                                      self.root / 'settings')
        (self.root / 'masters').write_text('%s:{PLAIN}%s\n' % (MASTER_USER, MASTER_PASSWORD))
        for name, pem in zip(('key.pem', 'cert.pem'), certificate()):
            (self.root / name).write_bytes(pem)

    def _copy(self, name, module):
        """Give the plugin a copy of a module, if there is one, that the mail user can read."""
        if module and module.exists():
            path = self.root / 'modules' / 'pop_policy' / name
            shutil.copyfile(module, path)
            path.chmod(0o755)

    def _start(self):
        for _ in range(10):
            self.ports = self.choose_ports()
            self.conf.write_text(self.configuration() + sanitizer.configuration())
            with open(self.root / 'log' / 'stdout', 'wb') as out:
                self.process = subprocess.Popen(
                    self.command(DOVECOT, '-F', '-c', self.conf), stdin=subprocess.DEVNULL,
                    stdout=out, stderr=out, start_new_session=True, preexec_fn=die_with_parent,
                    env=self.environment)
            if poll(self._started, 20) == 'up':
                return
            said = (self.root / 'log' / 'stdout').read_text() + '\n'.join(self.log.error.lines())
            end(self.process)
            if 'Address already in use' not in said:
                raise AssertionError('Dovecot does not start: ' + said)
            self.log.error.advance()
        raise AssertionError('no free ports')

    def choose_ports(self):
        """{listener: port} for the next start."""
        return free_ports(self.listeners)

    def configuration(self):
        """The text of dovecot.conf."""
        return dovecot_config.render(self, self.spec)

    def _started(self):
        if self.process.poll() is not None:
            return 'ended'
        if not (self.root / 'run' / 'master.pid').exists():
            return None
        try:
            with socket.create_connection((self.address, self.ports['pop3']), 10) as sock:
                return 'up' if sock.recv(3) == b'+OK' else None
        except OSError:
            return None

    def terminate(self):
        """Tell the server to end; stop() must still follow."""
        if self.valgrind:
            self.valgrind.end()
        self.process.terminate()

    def stop(self):
        """Stop and remove everything; the bad log lines that nobody expected.

        So are errors and leaks that valgrind has found in any session.
        """
        if self.process is None:
            return []
        self.terminate()
        end(self.process)
        self.process = None
        bad = self.log.settle() + (self.valgrind.everything() if self.valgrind else [])
        shutil.rmtree(self.root, ignore_errors=True)
        return bad

    def restart(self):
        """Stop the server and start it again, on other ports, with the same mail."""
        end(self.process)
        self._start()

    def reload(self):
        """Make the server read its configuration again (SIGHUP)."""
        self.process.send_signal(signal.SIGHUP)
        assert self.log.error.lines('SIGHUP received', wait=20)

    def processes(self, name):
        """The pids of this server's processes of that name, such as 'pop3'."""
        # To look at all processes of the machine takes longer, but it finds children of a master
        # that is dead, and one that was not listed since another one ended meanwhile.
        for members in children, group_members:
            found = [pid for pid, command in members(self.process.pid).items() if command == name]
            if found:
                break
        return found

    def wait_for_end(self):
        """Wait until no process of POP3 is left: what comes after a session is done."""
        assert poll(lambda: not self.processes('pop3'), 20), 'pop3 does not end'

    # -- users

    def add_user(self, name=None, **kwargs):
        """A new account, see MailUser; without a name one that no other test has."""
        name = name or 'u%dx%d' % (next(self.numbers), os.getpid())
        user = MailUser(self, name, **kwargs)
        self.users[name] = user
        return user

    def storage_fields(self, storage):
        """The userdb fields that give a user this storage format."""
        if storage == self.spec.storage:
            return {}
        return dovecot_config.storage_fields(storage)

    def account_line(self, user, fields):
        """An account's line of a passwd-file."""
        extra = ' '.join(dovecot_config.field(name, value) for name, value in fields.items())
        return '%s::%d:%d::%s::%s\n' % (user.name, dovecot_config.MAIL_UID,
                                        dovecot_config.MAIL_UID, user.home, extra)

    def write_user(self, user, fields):
        """Write an account's passwd-file and wait until the auth process answers from it."""
        folder = self.root / 'users'
        # Apart from the userdb: fields named userdb_ in a passdb would stay in force.
        (folder / (user.name + '.pass')).write_text('%s:{PLAIN}%s\n' % (user.name, user.password))
        fields = {**fields, 'ppgen': user.generation}
        line = self.account_line(user, fields)
        number = min(user.generation, self.generations - 1)
        path = folder / ('%s.%d' % (user.name, number))
        draft = self.root / 'users.new'
        draft.write_bytes(line.encode('utf-8', 'surrogateescape'))
        os.utime(draft, (0, 10 ** 9 + user.generation))
        draft.rename(path)
        if user.generation > 0:
            wanted = 'ppgen=%d' % user.generation
            assert poll(lambda: wanted in self.userdb(user.name), 5, 0.05), 'userdb is stale'

    def userdb(self, name):
        """The userdb fields the auth process has for a user, as `name=value` texts."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(self.root / 'run' / 'auth-userdb'))
            sock.sendall(b'VERSION\t1\t0\nUSER\t1\t%s\tservice=pop3\n' % name.encode())
            with sock.makefile('rb') as file:
                for line in file:
                    if not line.startswith((b'VERSION', b'SPID')):
                        return line.decode().rstrip('\n').split('\t')[2:]
        return []

    # -- tools

    def command(self, *args):
        """A command that finds this server's settings module."""
        return [*self.wrapper, *args]

    def doveadm(self, *args, stdin=b'', check=True, timeout=60):
        """doveadm on this server's configuration, its standard output as text."""
        done = self.run_doveadm(*args, stdin=stdin, timeout=timeout)
        if check:
            assert done.returncode == 0, (args, done.stdout, done.stderr)
        return done.stdout.decode()

    def run_doveadm(self, *args, stdin=b'', timeout=60):
        """The same, all that came of it.

        Like root's doveadm without -c, it asks the server for the configuration if that runs:
        reading the files takes Dovecot 2.4 four times as long as all the rest. Only root may ask.
        """
        server = self.root / 'run' / 'config'
        asked = self.process and server.is_socket() and not ASKING_AGAIN.intersection(args)
        config = server if asked else self.conf
        return subprocess.run(self.command('doveadm', '-c', config, *args), input=stdin,
                              capture_output=True, timeout=timeout, env=self.environment)

    def lda(self, name, raw, *args):
        """dovecot-lda as the mail server calls it."""
        subprocess.run(self.command(LIBEXEC / 'dovecot-lda', '-c', self.conf, '-d', name, *args),
                       input=raw, check=True, timeout=60, env=self.environment)
