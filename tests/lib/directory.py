"""A private slapd: on loopback ports and a socket, from its private cn=config, ended by pid."""

import atexit
import base64
import dataclasses
import itertools
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.parse

from tests.lib.certificates import Authority
from tests.lib.harness import free_ports
from tests.lib.places import SOURCE
from tests.lib.processes import die_with_parent
from tests.lib.serverlog import LogFile, poll

SCHEMA = SOURCE / 'schema'
SLAPD, SLAPADD = '/usr/sbin/slapd', '/usr/sbin/slapadd'
MODULES = pathlib.Path('/usr/lib/ldap')
SYSTEM_SCHEMAS = pathlib.Path('/etc/ldap/schema')

# libldap takes "localhost" for the name this machine has outside: best not to use it.
HOSTS = ('IP:127.0.0.1', 'DNS:localhost')

SUFFIX = 'dc=example,dc=org'
PEOPLE = 'ou=people,' + SUFFIX
ADMIN, ADMIN_PASSWORD = 'cn=admin,' + SUFFIX, 'admin-secret'
# may read everything, passwords included
READER, READER_PASSWORD = 'cn=dovecot,ou=services,' + SUFFIX, 'reader-secret'

# As Debian's: root on this machine may change the configuration, over ldapi. Clients with a
# certificate of our CA are known by its subject, and so are clients that use SASL EXTERNAL.
CONFIG = """\
dn: cn=config
objectClass: olcGlobal
cn: config
olcPidFile: {root}/slapd.pid
olcTLSCACertificateFile: {authority}
olcTLSCertificateFile: {root}/server.pem
olcTLSCertificateKeyFile: {root}/server.key
olcTLSVerifyClient: try
olcIdleTimeout: 0
olcThreads: 4

dn: cn=module,cn=config
objectClass: olcModuleList
cn: module
olcModulePath: {modules}
olcModuleLoad: back_mdb

dn: cn=schema,cn=config
objectClass: olcSchemaConfig
cn: schema

{schemas}
dn: olcDatabase={{-1}}frontend,cn=config
objectClass: olcDatabaseConfig
objectClass: olcFrontendConfig
olcDatabase: {{-1}}frontend
olcAccess: {{0}}to dn.base="" by * read
olcAccess: {{1}}to dn.base="cn=subschema" by * read

dn: olcDatabase={{0}}config,cn=config
objectClass: olcDatabaseConfig
olcDatabase: {{0}}config
olcAccess: {{0}}to * by dn.exact={peer} manage by * none

dn: olcDatabase={{1}}mdb,cn=config
objectClass: olcDatabaseConfig
objectClass: olcMdbConfig
olcDatabase: {{1}}mdb
olcSuffix: {suffix}
olcRootDN: {admin}
olcRootPW: {admin_password}
olcDbDirectory: {root}/data
olcDbMaxSize: 4294967296
olcDbNoSync: TRUE
olcDbIndex: objectClass,mail,uid eq
olcAccess: {{0}}to attrs=userPassword by dn.exact={reader} read by anonymous auth by * none
olcAccess: {{1}}to * by dn.exact={peer} manage by * read
"""

PEER = 'gidNumber=0+uidNumber=0,cn=peercred,cn=external,cn=auth'

TREE = """\
dn: {suffix}
objectClass: dcObject
objectClass: organization
o: Example
dc: example

dn: ou=people,{suffix}
objectClass: organizationalUnit
ou: people

dn: ou=services,{suffix}
objectClass: organizationalUnit
ou: services

dn: {reader}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: dovecot
userPassword: {reader_password}
"""


@dataclasses.dataclass
class Spec:
    """How a directory must be.

    schema: text of cn=schema entries, instead of schema/pop-policy.ldif; config: LDIF that changes
    cn=config once slapd runs; tree: whether the entries above are there; entries: more of them,
    as LDIF, before slapd starts; debug: what slapd logs, searches() needs stats.
    """
    schema: str = None
    config: str = ''
    tree: bool = True
    entries: str = ''
    debug: str = 'stats'


def schemas(own):
    """The entries of cn=schema,cn=config."""
    found = [(SYSTEM_SCHEMAS / (name + '.ldif')).read_text()
             for name in ('core', 'cosine', 'inetorgperson', 'misc')]
    own = (SCHEMA / 'pop-policy.ldif').read_text() if own is None else own
    # a comment can be folded like any other line
    return '\n'.join(re.sub(r'(?m)^#.*\n( .*\n)*', '', text) for text in [*found, own]) + '\n'


def encoded(name, value):
    """One attribute as a line of LDIF; bytes and text go in base64."""
    value = value if isinstance(value, bytes) else str(value).encode()
    return '%s:: %s' % (name, base64.b64encode(value).decode()) if value else name + ':'


def values_of(value):
    """A list of an attribute's values: None has none, a bool is as LDAP writes it."""
    found = [] if value is None else value if isinstance(value, (list, tuple)) else [value]
    return [{True: 'TRUE', False: 'FALSE'}[one] if isinstance(one, bool) else one
            for one in found]


def accepts(family, address):
    """Whether somebody accepts connections there."""
    with socket.socket(family) as sock:
        return sock.connect_ex(address) == 0


class Directory:
    """A running slapd; see Spec for the keyword arguments.

    uris has its addresses by scheme; authority is the CA that signed its certificate, the file
    authority.file; places says where that is which examples name.
    """

    def __init__(self, **spec):
        self.spec = Spec(**spec)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix='pp-ldap-', dir='/tmp'))
        self.root.chmod(0o755)
        self.log = LogFile(self.root / 'log')
        self.process = None
        self.numbers = itertools.count(1)
        atexit.register(self.stop)
        for name in ('data', 'config', 'certificates'):
            (self.root / name).mkdir()
        self.authority = Authority(self.root / 'certificates')
        self.certify()
        self._load('0', CONFIG.format(
            root=self.root, modules=MODULES, authority=self.authority.file, peer=PEER,
            schemas=schemas(self.spec.schema), suffix=SUFFIX, admin=ADMIN, reader=READER,
            admin_password=ADMIN_PASSWORD))
        if self.spec.tree:
            self._load('1', TREE.format(suffix=SUFFIX, reader=READER,
                                        reader_password=READER_PASSWORD))
        if self.spec.entries:
            self._load('1', self.spec.entries)
        self._start_anywhere()
        if self.spec.config:
            self.configure(self.spec.config)

    @property
    def places(self):
        """What an example calls the directory and its CA, and what they are here."""
        return {'/etc/ssl/certs/ca-certificates.crt': str(self.authority.file),
                'ldap://localhost': self.uris['ldap'],
                'ldaps://ldap.example.org': self.uris['ldaps']}

    # -- life

    def _load(self, database, ldif):
        quick = ('-q',) if database != '0' else ()
        done = subprocess.run([SLAPADD, *quick, '-n', database, '-F', self.root / 'config'],
                              input=ldif, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    def _start_anywhere(self):
        for _ in range(10):
            ports = free_ports(('ldap', 'ldaps'))
            self.uris = {name: '%s://127.0.0.1:%d' % (name, port) for name, port in ports.items()}
            self.uris['ldapi'] = 'ldapi://' + urllib.parse.quote(str(self.root / 'ldapi'), '')
            self.ports = ports
            if self._run():
                return
        raise AssertionError('no free ports: ' + '\n'.join(self.log.lines()))

    def _run(self):
        """Start slapd on the ports chosen; False if one of them is in use."""
        listen = ['ldap://127.0.0.1:%d' % self.ports['ldap'],
                  'ldaps://127.0.0.1:%d' % self.ports['ldaps'], self.uris['ldapi']]
        self.log.advance()
        with open(self.log.path, 'ab') as log:
            # -d keeps it in the foreground
            self.process = subprocess.Popen(
                [SLAPD, '-d', self.spec.debug, '-F', self.root / 'config', '-h', ' '.join(listen)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=die_with_parent)
        if poll(self._started, 20) == 'up':
            self.forget()
            return True
        self._end()
        assert self.log.lines('Address already in use'), '\n'.join(self.log.lines())
        return False

    def _started(self):
        if self.process.poll() is not None:
            return 'ended'
        # It says so before it listens; whoever has its ports instead of it makes it end.
        if not self.log.lines('slapd starting'):
            return None
        return 'up' if accepts(socket.AF_UNIX, str(self.root / 'ldapi')) and all(
            accepts(socket.AF_INET, ('127.0.0.1', port)) for port in self.ports.values()) else None

    def _end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def down(self):
        """End slapd; the data stay."""
        self._end()

    def up(self):
        """Start slapd again, where it was."""
        assert poll(self._run, 20, 0.5), 'slapd cannot have its ports again'

    def restart(self):
        """End slapd and start it again on the same ports."""
        self.down()
        self.up()

    def freeze(self):
        """Stop slapd in its tracks: connections are accepted by the kernel, nothing answers."""
        self.process.send_signal(signal.SIGSTOP)
        assert poll(self._is_frozen)

    def _is_frozen(self):
        """Whether each of its threads has stopped: the signal reaches one after the other."""
        return all(path.read_text().rpartition(')')[2].split()[0] == 'T'
                   for path in pathlib.Path('/proc/%d/task' % self.process.pid).glob('*/stat'))

    def thaw(self):
        """Let it go on."""
        self.process.send_signal(signal.SIGCONT)

    def stop(self):
        """End slapd and remove everything."""
        if self.process is not None:
            self._end()
        shutil.rmtree(self.root, ignore_errors=True)

    def certify(self, hosts=HOSTS, authority=None, **more):
        """Give slapd another certificate, from its next start on; see Authority.issue()."""
        issued = (authority or self.authority).issue('slapd', *hosts, **more)
        for file, name in zip(issued, ('server.pem', 'server.key')):
            shutil.copy(file, self.root / name)

    def size(self):
        """Octets of its database."""
        return (self.root / 'data' / 'data.mdb').stat().st_blocks * 512

    # -- entries

    def client(self, *args, ldif=None, check=True):
        """Run a program of ldap-utils, without any configuration of this machine."""
        done = subprocess.run(list(args), input=ldif, capture_output=True, text=True, timeout=60,
                              env={'PATH': os.environ['PATH'], 'LDAPNOINIT': '1'})
        if check:
            assert done.returncode == 0, (args, ldif, done.stdout, done.stderr)
        return done

    def _admin(self, command, *args, **kwargs):
        return self.client(command, '-x', '-H', self.uris['ldapi'], '-D', ADMIN,
                           '-w', ADMIN_PASSWORD, *args, **kwargs)

    def change(self, ldif, check=True):
        """ldapmodify as the admin: LDIF with changetype, or entries to add."""
        return self._admin('ldapmodify', '-a', ldif=ldif, check=check)

    def configure(self, ldif, check=True):
        """The same for cn=config, as root does it: -Y EXTERNAL over ldapi."""
        return self.client('ldapmodify', '-Q', '-Y', 'EXTERNAL', '-H', self.uris['ldapi'], '-a',
                           ldif=ldif, check=check)

    def add(self, dn, **attributes):
        """A new entry; attributes as in set(), with _ for - in their names."""
        lines = [encoded('dn', dn)]
        for name, value in attributes.items():
            lines += [encoded(name.replace('_', '-'), one) for one in values_of(value)]
        self.change('\n'.join(lines) + '\n')
        return dn

    def add_account(self, mail=None, password='secret', **attributes):
        """A new inetOrgPerson and popPolicyAccount below ou=people, its DN."""
        mail = mail or 'a%dx%d@example.org' % (next(self.numbers), os.getpid())
        classes = ['inetOrgPerson', 'popPolicyAccount', *attributes.pop('objectClass', ())]
        uid = mail.partition('@')[0]
        return self.add('mail=%s,%s' % (re.sub(r'([,+"\\<>;=#])', r'\\\1', mail), PEOPLE),
                        objectClass=classes, cn=uid, sn=uid, uid=uid, mail=mail,
                        userPassword=password, **attributes)

    def set(self, dn, **attributes):
        """Replace attributes: text, bytes, bool, a list of these; None deletes."""
        lines = [encoded('dn', dn), 'changetype: modify']
        for name, value in attributes.items():
            lines.append('replace: ' + name)
            lines += [encoded(name, one) for one in values_of(value)]
            lines.append('-')
        self.change('\n'.join(lines) + '\n')

    def delete(self, dn):
        """Delete an entry and all below it."""
        self._admin('ldapdelete', '-r', dn)

    def search(self, *args, check=True):
        """The LDIF that ldapsearch prints, as the admin: filter and attributes."""
        return self._admin('ldapsearch', '-LLL', '-o', 'ldif-wrap=no', '-b', SUFFIX, *args,
                           check=check).stdout

    # -- what slapd was asked; its own clients of above are not counted

    def _ours(self):
        """The connections of change(), search() and their kin: those over ldapi as the admin."""
        pattern = r'(conn=\d+) op=\d+ BIND dn="(?:%s|%s)"' % (re.escape(ADMIN), re.escape(PEER))
        found = (re.search(pattern, line) for line in self.log.lines('BIND'))
        return {match[1] for match in found if match}

    def operations(self, what):
        """Log lines of operations, such as 'SRCH base=', 'BIND dn=' or 'STARTTLS'."""
        ours = self._ours()
        # (threads of slapd that log at once may do so in one line)
        found = (re.search(r'(conn=\d+) \S+ ' + what, line) for line in self.log.lines(what))
        return [match.string[match.start():] for match in found if match and match[1] not in ours]

    def searches(self):
        """Log lines of searches since the last forget()."""
        return self.operations('SRCH base=')

    def connections(self):
        """Log lines of accepted connections since the last forget()."""
        return self.operations('ACCEPT from')

    def forget(self):
        """Begin counting afresh."""
        self.log.advance()
