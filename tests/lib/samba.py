"""A private Active Directory, by Samba: on sockets in a folder of its own, ended by pid."""

import atexit
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from tests.lib.databases import program
from tests.lib.directory import Directory
from tests.lib.processes import die_with_parent
from tests.lib.serverlog import LogFile, poll

USERS = 'CN=Users,DC=example,DC=org'
ADMIN, ADMIN_PASSWORD = 'Administrator@example.org', 'Admin-secret1'
# as AD demands, of several kinds of characters
PASSWORD = 'Reader-secret1'

CONFIG = """\
[global]
	netbios name = DC1
	realm = EXAMPLE.ORG
	workgroup = EXAMPLE
	server role = active directory domain controller
	server services = ldap
	ldap server require strong auth = no
	tls enabled = no
	interfaces = lo
	bind interfaces only = yes
	private dir = {domain}/private
	state directory = {domain}/state
	cache directory = {domain}/cache
	lock directory = {domain}
	pid directory = {domain}
	ncalrpc dir = {domain}/ncalrpc
	logging = file
	log file = {root}/log.samba
"""


class ActiveDirectory(Directory):
    """An Active Directory with the user dovecot, that answers on a socket."""

    def __init__(self):
        self.samba, self.tool = program('samba'), program('samba-tool')
        self.process = None
        self.root = pathlib.Path(tempfile.mkdtemp(prefix='pp-ad-', dir='/tmp'))
        self.root.chmod(0o755)
        atexit.register(self.stop)
        self.domain = self.root / 'domain'
        self.socket = self.domain / 'private' / 'ldapi'
        self.log = LogFile(self.root / 'log')
        self._provision()
        (self.root / 'smb.conf').write_text(CONFIG.format(domain=self.domain, root=self.root))
        self.up()
        self.add_user('dovecot')

    def _provision(self):
        done = self._run('domain', 'provision', '--targetdir=%s' % self.domain,
                         '--realm=EXAMPLE.ORG', '--domain=EXAMPLE', '--server-role=dc',
                         '--adminpass=' + ADMIN_PASSWORD, '--dns-backend=NONE',
                         '--host-name=dc1', '--host-ip=127.0.0.1')
        if done.returncode != 0:
            self.stop()
            pytest.skip('Samba cannot be provisioned here: %s' % done.stderr.splitlines()[-1:])

    def _run(self, *args):
        return subprocess.run([self.tool, *args], stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=600)

    def up(self):
        """In a network of its own, for its ports are fixed; sockets are files."""
        with open(self.log.path, 'ab') as log:
            self.process = subprocess.Popen(
                ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$0" "$@"', self.samba,
                 '-i', '-M', 'single', '--configfile=%s' % (self.root / 'smb.conf')],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=die_with_parent)
        assert poll(lambda: self.process.poll() is not None or self._answers(), 120, 0.1)
        assert self.process.poll() is None, 'it does not start: ' + self.log.path.read_text()
        # mail users connect to the socket
        self.socket.parent.chmod(0o711)

    @property
    def uri(self):
        """For clients of OpenLDAP."""
        return 'ldapi://' + str(self.socket).replace('/', '%2F')

    def _answers(self):
        return self.client('ldapsearch', '-x', '-H', self.uri, '-b', '', '-s', 'base',
                           check=False).returncode == 0

    def _admin(self, command, *args, **kwargs):
        return self.client(command, '-x', '-H', self.uri, '-D', ADMIN, '-w', ADMIN_PASSWORD,
                           *args, **kwargs)

    def add_user(self, name):
        """A new user with a password and an address; its DN."""
        done = self._run('user', 'create', name, PASSWORD, '--mail-address=%s@example.org' % name,
                         '-H', str(self.domain / 'private' / 'sam.ldb'),
                         '--configfile=%s' % (self.root / 'smb.conf'))
        assert done.returncode == 0, done.stderr
        return 'CN=%s,%s' % (name, USERS)

    def modify(self, name, text):
        """ldapmodify as that user; whether it was allowed."""
        return self.client('ldapmodify', '-x', '-H', self.uri, '-D', name + '@example.org',
                           '-w', PASSWORD, ldif=text, check=False).returncode == 0

    def stop(self):
        if self.process is not None:
            self._end()
        shutil.rmtree(self.root, ignore_errors=True)
