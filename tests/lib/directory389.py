"""A private 389 Directory Server: in a folder of its own, ended by pid."""

import atexit
import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile
import urllib.parse

import pytest

from tests.lib.databases import program
from tests.lib.directory import ADMIN, ADMIN_PASSWORD, SCHEMA, SUFFIX, Directory
from tests.lib.harness import free_ports
from tests.lib.processes import die_with_parent
from tests.lib.serverlog import LogFile, poll

USER = 'dirsrv'
NAME = 'slapd-test'

SETUP = """\
[general]
config_version = 2
full_machine_name = localhost
start = False
systemd = False
selinux = False

[slapd]
instance_name = test
user = {user}
group = {user}
root_dn = {admin}
root_password = {password}
port = {port}
self_sign_cert = False
ldapi = {root}/ldapi

[backend-userroot]
suffix = {suffix}
"""


class Directory389(Directory):
    """A 389 Directory Server with schema/60pop-policy.ldif, and without any entry."""

    def __init__(self):
        self.dscreate, self.server = program('dscreate'), program('ns-slapd')
        self.process = None
        self.root = pathlib.Path(tempfile.mkdtemp(prefix='pp-389-', dir='/tmp'))
        self.root.chmod(0o755)
        atexit.register(self.stop)
        self.user = pwd.getpwnam(USER)
        os.chown(self.root, self.user.pw_uid, self.user.pw_gid)
        self.log = LogFile(self.root / 'log')
        self.ports = free_ports(['ldap'])
        self.uris = {'ldap': 'ldap://127.0.0.1:%d' % self.ports['ldap'],
                     'ldapi': 'ldapi://' + urllib.parse.quote(str(self.root / 'ldapi'), '')}
        self._create()
        self.up()

    @property
    def places(self):
        return {'ldap://localhost': self.uris['ldap']}

    @property
    def configuration(self):
        """Its configuration folder."""
        return self.root / 'prefix' / 'etc' / 'dirsrv' / NAME

    def _as_user(self, *command):
        path = '%s/bin:/usr/sbin:/usr/bin:/sbin:/bin' % self.root
        return subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=300, cwd=self.root,
                              user=self.user.pw_uid, group=self.user.pw_gid, extra_groups=[],
                              env={'PATH': path, 'HOME': str(self.root)})

    def _create(self):
        """An instance in a folder, as the server's own tests make one: without root's rights."""
        setup = self.root / 'setup.inf'
        setup.write_text(SETUP.format(user=USER, admin=ADMIN, password=ADMIN_PASSWORD,
                                      port=self.ports['ldap'], root=self.root, suffix=SUFFIX))
        (self.root / 'bin').mkdir()
        os.chown(self.root / 'bin', self.user.pw_uid, self.user.pw_gid)
        for command in ([self.dscreate, 'ds-root', self.root / 'prefix', self.root / 'bin'],
                        [self.root / 'bin' / 'dscreate', 'from-file', setup]):
            done = self._as_user(*command)
            if done.returncode != 0:
                said = (done.stdout + done.stderr).strip().splitlines()
                self.stop()
                pytest.skip('389 Directory Server cannot be set up here: %s' % said[-1:])
        shutil.copy(SCHEMA / '60pop-policy.ldif', self.configuration / 'schema')

    def up(self):
        with open(self.log.path, 'ab') as log:
            self.process = subprocess.Popen(
                [self.server, '-D', self.configuration, '-i', self.root / 'pid', '-d', '0'],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=die_with_parent, user=self.user.pw_uid, group=self.user.pw_gid,
                extra_groups=[])
        assert poll(lambda: self.process.poll() is not None or self._answers(), 120, 0.1)
        assert self.process.poll() is None, 'it does not start: ' + self.log.path.read_text()

    def _answers(self):
        return self.client('ldapsearch', '-x', '-H', self.uris['ldapi'], '-b', '', '-s', 'base',
                           check=False).returncode == 0
