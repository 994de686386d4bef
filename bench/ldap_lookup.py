"""The plugin's own LDAP lookup beside libldap alone, on every transport; for make bench-ldap.

Both do the same search in the same process, in turns. The goals: on a kept connection at most
1.5 times the bare search, on a fresh one at most 1.2 times connecting, binding and searching.
"""

import os
import subprocess
import sys

from tests.lib.directory import PEOPLE, READER, READER_PASSWORD, Directory
from tests.lib.places import BUILD

PROGRAM = BUILD / 'bench/ldap-lookup'
ROUNDS = int(os.environ.get('ROUNDS') or 2000)
GOALS = {'kept': 1.5, 'fresh': 1.2}
ENTRIES = 200


def fill(directory):
    """Accounts with a policy; the filter that finds one of them."""
    for number in range(ENTRIES):
        directory.add_account('a%d@example.org' % number, popPolicyAvailable=True,
                              popPolicyEnabled=True, popPolicySince='20260101000000Z',
                              popPolicySpam='include', popPolicyDelete='keep')
    return '(&(objectClass=popPolicyAccount)(mail=a%d@example.org))' % (ENTRIES // 2)


def measure(directory, uri, starttls, search):
    """{'kept' or 'fresh': (microseconds of libldap, of the plugin)}."""
    done = subprocess.run(
        [PROGRAM, str(ROUNDS), uri, starttls, directory.authority.file, READER, READER_PASSWORD,
         PEOPLE, search], check=True, capture_output=True, text=True)
    return {name: (float(bare), float(plugin))
            for name, bare, plugin in map(str.split, done.stdout.splitlines())}


def main():
    """Print the table; the exit status says whether the goals are met."""
    directory = Directory()
    # Both are told the socket in a way that both understand.
    runs = {'ldapi': (directory.uris['ldapi'], 'no'), 'ldap': (directory.uris['ldap'], 'no'),
            'StartTLS': (directory.uris['ldap'], 'yes'), 'ldaps': (directory.uris['ldaps'], 'no')}
    met = True
    try:
        search = fill(directory)
        print('%-10s %-7s %12s %12s %8s %6s' % (
            'transport', '', 'libldap us', 'plugin us', 'ratio', 'goal'))
        for name, (uri, starttls) in runs.items():
            for kind, (bare, plugin) in measure(directory, uri, starttls, search).items():
                ratio = plugin / bare
                good = ratio <= GOALS[kind]
                met = met and good
                print('%-10s %-7s %12.1f %12.1f %8.2f %6.1f %s' % (
                    name, kind, bare, plugin, ratio, GOALS[kind], '' if good else 'MISSED'))
    finally:
        directory.stop()
    return 0 if met else 1


if __name__ == '__main__':
    sys.exit(main())
