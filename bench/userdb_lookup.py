"""What the policy attributes add to an LDAP lookup of Dovecot's auth process.

Two Dovecots with the configuration of examples/ldap ask the same slapd, one of them without the
policy attributes. Lookups at their auth sockets alternate, so that what else the machine does
meets both alike. Fails if the attributes cost more than GOAL.
"""

import os
import random
import re
import socket
import statistics
import sys
import time

from tests.lib import dovecot_config
from tests.lib.examples import ExampleServer, example_directory

GOAL = 20  # microseconds
ACCOUNTS, PAIRS = 1000, 10000
POLICY = {'popPolicyAvailable': 'TRUE', 'popPolicyEnabled': 'TRUE',
          'popPolicySince': '20260101000000Z', 'popPolicySpam': 'include',
          'popPolicyDelete': 'keep', 'popPolicyRetrieve': 'none'}
ENTRY = """\
dn: uid={name},ou=people,dc=example,dc=org
objectClass: inetOrgPerson
objectClass: popPolicyAccount
uid: {name}
cn: {name}
sn: {name}
mail: {name}@example.org
{policy}
"""


def entries(prefix, policy):
    """LDIF of ACCOUNTS accounts."""
    lines = '\n'.join('%s: %s' % pair for pair in policy.items())
    return '\n'.join(ENTRY.format(name='%s%d' % (prefix, number), policy=lines)
                     for number in range(ACCOUNTS))


def with_uid(_, text):
    """The example's files with one attribute more: none at all would ask for every one."""
    if dovecot_config.IS_24:
        return text.replace('  fields {\n', '  fields {\n    bench = %{ldap:uid}\n')
    return text.replace('_attrs = \\\n', '_attrs = uid=bench, \\\n')


def without_policy(name, text):
    """The same without the policy attributes."""
    text = with_uid(name, text)
    if dovecot_config.IS_24:
        return re.sub(r'(?m)^ *(userdb_)?pop_policy_\w+ = %.*\n', '', text)
    return re.sub(r', \\\n(  popPolicy.*\\\n)*  popPolicy.*\n', '\n', text)


class Lookups:
    """A connection to a server's auth socket."""

    def __init__(self, server):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(server.root / 'run' / 'auth-userdb'))
        self.file = self.sock.makefile('rb')
        self.sock.sendall(b'VERSION\t1\t0\n')
        self.number = 0

    def __call__(self, name):
        """(seconds, answer) of one userdb lookup."""
        self.number += 1
        start = time.perf_counter()
        self.sock.sendall(b'USER\t%d\t%s\tservice=pop3\n' % (self.number, name.encode()))
        while not (line := self.file.readline()).startswith(b'USER\t%d\t' % self.number):
            assert line.startswith((b'VERSION', b'SPID', b'MECH', b'CUID')), line
        return time.perf_counter() - start, line


def check(with_, without):
    """Both find the accounts, and differ in nothing but the policy."""
    for prefix, policy in ('p', len(POLICY)), ('q', 0):
        answers = [look(prefix + '0@example.org')[1] for look in (with_, without)]
        assert all(b'bench=%s0' % prefix.encode() in answer for answer in answers), answers
        counts = [answer.count(b'pop_policy_') for answer in answers]
        assert counts == [len(POLICY) if dovecot_config.IS_24 else policy, 0], answers


def measure(with_, without, prefix):
    """([microseconds of lookups without], [what the one with took more, pair by pair])."""
    base, differences = [], []
    for _ in range(PAIRS):
        name = '%s%d@example.org' % (prefix, random.randrange(ACCOUNTS))
        took = {look: look(name)[0] * 1e6 for look in random.sample([with_, without], 2)}
        base.append(took[without])
        differences.append(took[with_] - took[without])
    return base, differences


def main():
    """Run the benchmark; the exit code."""
    if os.geteuid() != 0:
        return 'bench: Dovecot needs root to start, and so does this'
    directory = example_directory()
    directory.change(entries('p', POLICY) + '\n' + entries('q', {'description': 'none'}))
    servers = [ExampleServer('ldap', directory, edit=edit) for edit in (with_uid, without_policy)]
    with_, without = map(Lookups, servers)
    check(with_, without)
    failed = False
    for prefix, what in ('p', 'six attributes set'), ('q', 'none of them set'):
        base, differences = measure(with_, without, prefix)
        low, middle, high = statistics.quantiles(differences, n=4)
        failed |= middle > GOAL
        print('%s: lookup without policy %.0f us, with policy %+.1f us (quartiles %+.1f, %+.1f), '
              'goal %d us: %s' % (what, statistics.median(base), middle, low, high, GOAL,
                                  'missed' if middle > GOAL else 'ok'), flush=True)
    for server in servers:
        server.stop()
    directory.stop()
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
