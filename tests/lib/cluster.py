"""The nodes of examples/cluster at work: a proxy, two backends, a directory and its replica.

Each Dovecot has an address of its own on the loopback interface, and there the ports that the
example has: nothing else may listen on them on all addresses of the machine.
"""

import contextlib
import itertools
import os
import random
import re
import signal
import smtplib

from tests.lib.directory import SUFFIX, Directory
from tests.lib.examples import EXAMPLES, DirectoryUser, ExampleServer, ldif
from tests.lib.mailclients import Fetchmail, Getmail, Mpop
from tests.lib.mailuser import fill
from tests.lib.serverlog import poll

# each remembers in its own way what it has downloaded
CLIENTS = Fetchmail, Mpop, Getmail

# the backends and the ports in the examples
FIRST, SECOND = '192.0.2.11', '192.0.2.12'
LMTP_PORT, DOVEADM_PORT = 24, 12345
# for what a directory or a Dovecot tells another one
PATIENCE = 30
UIDL_FORMAT = 'pop3_uidl_format = '
REPLICATION = '!include conf.d/90-replication.conf'
SYNCREPL = 'dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\n%s: olcSyncrepl\n'


def usual_uidls(name, text):
    """The example, but UIDLs are as Dovecot makes them by itself."""
    if name != 'dovecot.conf' or UIDL_FORMAT not in text:
        return text
    return text.replace(UIDL_FORMAT, '#' + UIDL_FORMAT)


def replicated(_, text):
    """The example, and both backends have all mail."""
    return text.replace('#' + REPLICATION, REPLICATION)


class Node(ExampleServer):
    """A proxy or a backend."""

    def __init__(self, cluster, role, address, **spec):
        self.address = address
        self.swapped = address == cluster.places[SECOND]
        super().__init__('cluster/' + role, cluster, **spec)

    def moved(self, text):
        # the files are the first backend's, and name the second as the other one
        if self.swapped:
            text = re.sub('%s|%s' % (FIRST, SECOND),
                          lambda match: FIRST if match[0] == SECOND else SECOND, text)
        return super().moved(text)

    def _prepare(self):
        super()._prepare()
        # Hosts have different names: that is how two dsyncs agree whose lock they both take. With
        # one name each takes its own, and they wait for each other's mailbox.
        self.environment.update(DOVECOT_HOSTNAME=self.address, DOVECOT_HOSTDOMAIN=self.address)
        folder = self.root / 'conf.d'
        folder.mkdir()
        for path in EXAMPLES.glob('cluster/replication/2.3/*.conf'):
            text = path.read_text().replace('user = vmail', 'mode = 0666')
            (folder / path.name).write_text(self.moved(text))

    def choose_ports(self):
        return {'pop3': 110, 'imap': 143}

    def die(self):
        """All of it at once, without a word."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def rise(self):
        """After die()."""
        self._start()


class Cluster:
    """All of them; edit and extra are those of the backends, see ExampleServer."""

    def __init__(self, edit=None, extra=''):
        self.numbers = itertools.count(1)
        net = '127.%d.%d.' % (random.randrange(1, 255), random.randrange(256))
        self.provider, self.replica = (Directory(tree=False) for _ in range(2))
        # The proxy calls from the address that the kernel gives it.
        self.places = {'192.0.2.10': '127.0.0.1', FIRST: net + '11', SECOND: net + '12',
                       'ldap://ldap1.example.org': self.provider.uris['ldap'],
                       'ldap://ldap2.example.org': self.replica.uris['ldap']}
        self.provider.configure(ldif('cluster-provider'))
        self.provider.change(self._moved(ldif('cluster')))
        self.replica.configure(self._moved(ldif('cluster-replica')))
        self.settle()
        self.first, self.second = (
            Node(self, 'backend', net + part, edit=edit, extra=extra) for part in ('11', '12'))
        self.proxy = Node(self, 'proxy', net + '10')
        self.nodes = self.first, self.second, self.proxy

    def _moved(self, text):
        for old, new in self.places.items():
            text = text.replace(old, new)
        return text

    def stop(self):
        """Stop all; the bad log lines that nobody expected."""
        bad = [line for node in self.nodes for line in node.stop()]
        for directory in self.provider, self.replica:
            directory.stop()
        return bad

    def settled_logs(self):
        """End of a test: the bad log lines of all that nobody expected."""
        return [line for node in self.nodes for line in node.log.settle()]

    def allow_errors(self, pattern):
        """See ServerLog; for all nodes."""
        for node in self.nodes:
            node.log.allow_errors(pattern)

    @contextlib.contextmanager
    def dead(self, node):
        """While that backend is dead."""
        self.allow_errors(re.escape(node.address))
        node.die()
        try:
            yield
        finally:
            node.rise()

    # -- the directory

    def settle(self):
        """Wait until the replica has what the provider has."""
        def state(directory):
            return directory.search('-s', 'base', '(objectClass=*)', 'contextCSN', check=False)
        assert poll(lambda: state(self.provider) == state(self.replica), PATIENCE, 0.1)

    def set(self, dn, settle=True, **attributes):
        """Directory.set() at the provider, and in the end at the replica."""
        self.provider.set(dn, **attributes)
        if settle:
            self.settle()

    @contextlib.contextmanager
    def lagging(self):
        """The replica hears nothing of what changes."""
        text = self._moved(ldif('cluster-replica'))
        value = text[text.index('olcSyncrepl: '):].partition('\n-\n')[0]
        self.replica.configure(SYNCREPL % 'delete')
        try:
            yield
        finally:
            self.replica.configure(SYNCREPL % 'add' + value + '\n')
            self.settle()

    @contextlib.contextmanager
    def without(self, *directories):
        """While these are down."""
        self.allow_errors('(?i)ldap|auth')
        for directory in directories:
            directory.down()
        try:
            yield
        finally:
            for directory in directories:
                directory.up()
            self.settle()

    # -- accounts

    def account(self, **attributes):
        """A new account, whose mail is on the first backend."""
        name = 'c%d' % next(self.numbers)
        self.provider.add(
            'uid=%s,ou=people,%s' % (name, SUFFIX), uid=name, cn=name, sn=name,
            objectClass=['inetOrgPerson', 'inetLocalMailRecipient', 'popPolicyAccount'],
            mail=name + '@example.org', userPassword='secret', mailHost=self.first.address,
            **attributes)
        self.settle()
        return self.member(name + '@example.org')

    def member(self, name):
        """An account that is there already."""
        return Member(self, name)


class Member(DirectoryUser):
    """An account, whose programs talk to the proxy."""

    def __init__(self, cluster, name):
        super().__init__(cluster.proxy, name, 'secret')
        self.cluster = cluster

    def lmtp(self):
        return smtplib.LMTP(self.server.address, LMTP_PORT)

    def at(self, node):
        """The same account for who talks to that node."""
        return node.account(self.name)

    def sync(self, source, target):
        """Both backends have the same mail then."""
        source.doveadm('sync', '-f', '-u', self.name,
                       'tcp:%s:%d' % (target.address, DOVEADM_PORT))

    def send_to(self, node, **more):
        """From the next login on the proxy sends this account there."""
        self.cluster.set(self.dn, mailHost=node.address, **more)

    def move(self, node):
        """Move the account to that backend, as doc/scale.md says."""
        other, = {self.cluster.first, self.cluster.second} - {node}
        self.sync(other, node)
        self.send_to(node)
        self.sync(other, node)

    def dequeue(self, *subjects):
        """A POP session that deletes these."""
        dequeue(self, *subjects)


def dequeue(user, *subjects):
    """A POP session of any mail user that deletes these."""
    with user.pop() as client:
        found = client.subjects()
        client.dele(*(found.index(subject) + 1 for subject in subjects))
        assert client.quit().startswith('+OK')


def started(**spec):
    """For fixtures: a Cluster, whose logs must be clean in the end."""
    cluster = Cluster(**spec)
    yield cluster
    bad = cluster.stop()
    assert not bad, '\n'.join(bad)


def filled(cluster, **policy):
    """A new account as fill() fills it; by default both mailboxes are merged, and mail is kept."""
    user = cluster.account(**(policy or {'popPolicyDelete': 'keep', 'popPolicySpam': 'include'}))
    fill(user)
    return user
