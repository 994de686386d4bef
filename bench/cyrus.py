"""A private Cyrus IMAP server for make bench-peers: Debian's packages, which are not installed.

They exclude Dovecot's. So they are unpacked into a folder, and the server runs from there, on
loopback ports, as the user "mail".
"""

import atexit
import functools
import imaplib
import os
import pathlib
import shutil
import socket
import socketserver
import struct
import subprocess
import tempfile
import threading
import time

from bench import machine
from tests.lib.harness import free_ports
from tests.lib.popclient import PopClient
from tests.lib.processes import die_with_parent, end, group_members
from tests.lib.serverlog import poll

PACKAGES = ('cyrus-imapd', 'cyrus-pop3d')
USER, ADMIN, PASSWORD = 'mail', 'cyrus', 'secret'
SHOW_AFTER = '/shared/vendor/cmu/cyrus-imapd/pop3showafter'
FOLDERS = ('state', 'state/db', 'state/lock', 'state/proc', 'state/socket', 'spool')
# popminpoll: a client may come as often as it likes, as with Dovecot
IMAPD_CONF = """configdirectory: {root}/state
defaultpartition: default
partition-default: {root}/spool
cyrus_user: {user}
admins: {admin}
servername: localhost
allowplaintext: yes
popminpoll: 0
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: {root}/passwords
sasl_mech_list: PLAIN
"""
# pop3: a process for each session, as with Dovecot's defaults; many: for so many of them
CYRUS_CONF = """START {{
  recover cmd="{bin}/ctl_cyrusdb -C {root}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{bin}/imapd -C {root}/imapd.conf" listen="127.0.0.1:{imap}"
  pop3 cmd="{bin}/pop3d -C {root}/imapd.conf -U 1" listen="127.0.0.1:{pop3}"
  many cmd="{bin}/pop3d -C {root}/imapd.conf -U {sessions}" listen="127.0.0.1:{many}"
}}
EVENTS {{
}}
"""


class Packages:
    """What is needed of Cyrus, unpacked below a cache folder."""

    def __init__(self, cache):
        codename = machine.first(r'^VERSION_CODENAME=(\S+)', '/etc/os-release')
        self.root = cache / ('cyrus-' + codename)
        if not self.root.exists():
            self._unpack(self.root.with_suffix('.new'))

    def _unpack(self, new):
        shutil.rmtree(new, ignore_errors=True)
        archives = new / 'archives'
        (archives / 'partial').mkdir(parents=True)
        if not download(archives):
            subprocess.run(['apt-get', '--quiet', '--quiet', 'update'], check=True)
            assert download(archives), 'apt-get has no Cyrus'
        for path in archives.glob('*.deb'):
            subprocess.run(['dpkg', '--extract', path, new], check=True)
        new.rename(self.root)

    @property
    def version(self):
        """That of Cyrus, without Debian's."""
        path, = self.root.glob('archives/cyrus-pop3d_*.deb')
        return path.name.split('_')[1].split('-')[0]

    @property
    def programs(self):
        """The folder of the programs."""
        return self.root / 'usr/lib/cyrus/bin'

    @property
    def libraries(self):
        """The folder of the libraries."""
        path, = self.root.glob('usr/lib/*/libcyrus.so.0')
        return path.parent


def download(folder):
    """Get the packages, and those of their libraries that are not installed; nothing is."""
    done = subprocess.run(
        ['apt-get', '--quiet', '--quiet', '--yes', '--no-install-recommends', '--download-only',
         '-o', 'Dir::Cache::archives=%s' % folder, 'install', *PACKAGES],
        check=False, stdout=subprocess.DEVNULL)
    return done.returncode == 0


class Passwords(socketserver.StreamRequestHandler):
    """In place of saslauthd: knows one password."""

    def handle(self):
        """Answer one question: user, password, service, realm."""
        words = [self.rfile.read(struct.unpack('!H', self.rfile.read(2))[0]) for _ in range(4)]
        answer = b'OK' if words[1] == PASSWORD.encode() else b'NO'
        self.wfile.write(struct.pack('!H', len(answer)) + answer)


class Server:
    """A running Cyrus whose POP3 processes have one session each, at port "many" as many as that.

    It is stopped at exit, if not before.
    """

    def __init__(self, packages, sessions):
        self.packages = packages
        self.root = pathlib.Path(tempfile.mkdtemp(prefix='pp-', dir='/tmp'))
        self.ports = free_ports(('imap', 'pop3', 'many'))
        self.process = None
        atexit.register(self.stop)
        for folder in (self.root, *(self.root / name for name in FOLDERS)):
            folder.mkdir(exist_ok=True)
            shutil.chown(folder, USER, USER)
        self.passwords = socketserver.ThreadingUnixStreamServer(str(self.root / 'passwords'),
                                                                Passwords)
        (self.root / 'passwords').chmod(0o666)
        threading.Thread(target=self.passwords.serve_forever, daemon=True).start()
        values = {**self.ports, 'root': self.root, 'bin': packages.programs, 'user': USER,
                  'admin': ADMIN, 'sessions': sessions}
        (self.root / 'imapd.conf').write_text(IMAPD_CONF.format(**values))
        (self.root / 'cyrus.conf').write_text(CYRUS_CONF.format(**values))
        self._start()

    def _start(self):
        with open(self.root / 'stdout', 'wb') as out:
            self.process = subprocess.Popen(
                [self.packages.programs / 'master', '-D', '-C', self.root / 'imapd.conf',
                 '-M', self.root / 'cyrus.conf', '-p', self.root / 'state' / 'pid'],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                preexec_fn=die_with_parent, **self.surroundings())
        assert poll(self._started, 20), 'Cyrus does not start: ' + (
            self.root / 'stdout').read_text()

    def surroundings(self):
        """Keyword arguments for subprocess: who runs Cyrus's programs, and where libraries are."""
        return {'user': USER, 'group': USER, 'extra_groups': [], 'env': {
            'PATH': os.environ['PATH'], 'LD_LIBRARY_PATH': str(self.packages.libraries)}}

    def tool(self, name, *args):
        """What one of Cyrus's tools says."""
        command = [self.packages.programs / name, '-C', self.root / 'imapd.conf', *args]
        return subprocess.run(command, check=True, capture_output=True, text=True,
                              **self.surroundings()).stdout

    def _started(self):
        try:
            with socket.create_connection(('127.0.0.1', self.ports['pop3']), 10) as sock:
                return sock.recv(3) == b'+OK'
        except OSError:
            return False

    def stop(self):
        """Stop and remove everything."""
        if self.process is not None:
            end(self.process)
            self.process = None
            self.passwords.shutdown()
            self.passwords.server_close()
        shutil.rmtree(self.root, ignore_errors=True)

    def processes(self, name):
        """The pids of this server's processes of that name, such as 'pop3d'."""
        return [pid for pid, command in group_members(self.process.pid).items() if command == name]

    def imap(self, name):
        """An IMAP session."""
        client = imaplib.IMAP4('127.0.0.1', self.ports['imap'])
        client.login(name, PASSWORD)
        return client


class Account:
    """An account of a Server, with an empty INBOX; port: where its POP3 sessions connect."""

    def __init__(self, server, name):
        self.server, self.name, self.password = server, name, PASSWORD
        self.port = 'pop3'
        with server.imap(ADMIN) as client:
            succeed(client.create('user/' + name))

    def connect(self):
        """A POP3 connection before login."""
        return PopClient(self.server.ports[self.port])

    def fill(self, mails):
        """Put (content, time of arrival) of every message into INBOX, as after a migration."""
        for number, (raw, when) in enumerate(mails, 1):
            path = self._folder / ('%d.' % number)
            path.write_bytes(raw)
            os.utime(path, (when, when))
            shutil.chown(path, USER, USER)
        self.server.tool('reconstruct', 'user/' + self.name)

    def append(self, raw):
        """Add a message to INBOX."""
        with self.server.imap(self.name) as client:
            succeed(client.append('INBOX', None, None, raw))

    def show_after(self, when):
        """Let POP3 list only what arrived later than at that second."""
        text = time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(when))
        with self.server.imap(ADMIN) as client:
            succeed(client.xatom('SETMETADATA', 'user/' + self.name,
                                 '(%s "%s")' % (SHOW_AFTER, text)))

    @functools.cached_property
    def _folder(self):
        return pathlib.Path(self.server.tool('mbpath', 'user/' + self.name).strip())

    def index_files(self):
        """The paths of what Cyrus has for INBOX beside the messages."""
        return list(self._folder.glob('cyrus.*'))


def succeed(answer):
    """What IMAP has answered must be OK."""
    assert answer[0] == 'OK', answer
