"""Logins per second with the plugin's own LDAP lookup, beside stock; for make bench-ldap.

How much of the difference is libldap itself shows a stock Dovecot whose pop3 has libldap and the
libraries that this needs loaded, and never calls them.
"""

import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from bench import measuring
from tests.lib import ldap_policy
from tests.lib.directory import Directory
from tests.lib.harness import Server
from tests.lib.places import LDAP_MODULE, LIBEXEC

ROUNDS = 21
CLIENTS, SESSIONS = 4, 20
# sessions of a process
MANY = 100
WRAPPER = '#!/bin/sh\n%sexec %s/pop3 "$@"\n'


def libldap():
    """The file of the libldap that the plugin's module is linked with."""
    linked = subprocess.run(['ldd', LDAP_MODULE], check=True, capture_output=True, text=True)
    return re.search(r'libldap\S* => (\S+)', linked.stdout)[1]


def wrapper(folder, name, environment=''):
    """A pop3 that a shell starts, and an environment for it."""
    path = folder / name
    path.write_text(WRAPPER % (environment, LIBEXEC))
    path.chmod(0o755)
    return {'executable': path}


def specs(folder, directory):
    """{text: (what it is compared with, keyword arguments of Server)}."""
    own = {'policy': ldap_policy.on(directory)}
    many = {'service_count': MANY}
    return {
        'stock': (None, {'plugin': None}),
        'plugin, no lookup': ('stock', {}),
        'plugin, own lookup': ('stock', own),
        'stock by a shell': (None, {'plugin': None, 'pop3_service': wrapper(folder, 'plain')}),
        'the same, libldap loaded': ('stock by a shell', {
            'plugin': None, 'pop3_service': wrapper(
                folder, 'preloaded', 'LD_PRELOAD=%s\nexport LD_PRELOAD\n' % libldap())}),
        'stock, %d sessions a process' % MANY: (None, {'plugin': None, 'pop3_service': many}),
        'plugin, own lookup, %d sessions a process' % MANY: (
            'stock', {**own, 'pop3_service': many}),
    }


def measure(servers, directory):
    """{text: [sessions per second, per round]}."""
    jobs = {}
    for text, server in servers.items():
        user = ldap_policy.new_user(server, directory, popPolicyEnabled=True)
        user.append('INBOX', 'one')
        jobs[text] = lambda user=user: measuring.sessions_per_second(user, CLIENTS, SESSIONS)
    for job in jobs.values():
        job()
    return measuring.rounds(ROUNDS, jobs)


def main():
    """Print the table."""
    directory = Directory()
    servers = {}
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        chosen = specs(folder, directory)
        try:
            for text, (_, spec) in chosen.items():
                servers[text] = Server(quick=False, **spec)
            rates = measure(servers, directory)
        finally:
            bad = [line for server in servers.values() for line in server.stop()]
            directory.stop()
    assert not bad, 'unexpected log lines:\n' + '\n'.join(bad)
    print('%-45s %12s %10s' % ('', 'sessions/s', 'to'))
    for text, (other, _) in chosen.items():
        ratio = '%.2f %s' % (measuring.ratio(rates[text], rates[other]), other) if other else ''
        print('%-45s %12.1f   %s' % (text, statistics.median(rates[text]), ratio))


if __name__ == '__main__':
    sys.exit(main())
