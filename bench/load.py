"""Many clients at a server with the plugin and at a stock one, for an hour or so: make load.

Accounts and policies are in one directory. POP sessions alternate between the two servers, with
deliveries and IMAP beside them. Meanwhile both servers reload, slapd restarts, and both servers
restart. Fails if there was an error that these do not explain, and, if there was time to find out,
if memory or descriptors of the servers grow.
"""

import multiprocessing
import os
import pathlib
import re
import statistics
import sys
import tempfile
import time

from bench import load_clients, load_watch
from bench.userdb_lookup import without_policy
from tests.lib import dovecot_config
from tests.lib.directory import Directory
from tests.lib.examples import ExampleServer, ldif

# What happens, and when, as a part of the time: an hour must leave enough of it to see growth.
PLAN = (('reload', 0.2), ('slapd restarts', 0.25), ('Dovecot restarts', 0.3))
SHORTEST = 30
SAMPLES = 240
# policies of the accounts, in turns; None: no attribute
POLICIES = ({}, {'popPolicyDelete': 'keep'}, {'popPolicySpam': 'include'},
            {'popPolicyDelete': 'archive', 'popPolicySpam': 'include'},
            {'popPolicySince': '20260101000000Z', 'popPolicyDelete': 'keep',
             'popPolicyKeepFor': '90d'})
ENTRY = """\
dn: uid=load{number},ou=people,dc=example,dc=org
objectClass: inetOrgPerson
objectClass: popPolicyAccount
uid: load{number}
cn: load{number}
sn: load{number}
mail: load{number}@example.org
userPassword: secret
{policy}
"""
# A login process for each of many clients would be too many.
LOGIN_SERVICE = 'service %s-login {\n  %s\n}\n'


class SteadyServer(ExampleServer):
    """An example that has the same ports when it starts again."""

    ports = None

    def choose_ports(self):
        return self.ports or super().choose_ports()


def entries(users):
    """LDIF of the accounts."""
    for number in range(users):
        policy = POLICIES[number % len(POLICIES)]
        yield ENTRY.format(number=number,
                           policy='\n'.join('%s: %s' % pair for pair in policy.items()))


def stock(name, text):
    """The example without plugin and policy."""
    text = without_policy(name, text)
    if dovecot_config.IS_24:
        return re.sub(r'(?m)^protocol pop3 \{\n(.*\n)*?\}\n', '', text)
    return text.replace('mail_plugins = $mail_plugins pop_policy', '')


def start(users):
    """(directory, {name: server})"""
    directory = Directory(tree=False, debug='none',
                          entries=ldif('accounts') + '\n' + '\n'.join(entries(users)))
    many = 'restart_request_count = unlimited' if dovecot_config.IS_24 else 'service_count = 0'
    extra = ''.join(LOGIN_SERVICE % (name, many) for name in ('pop3', 'imap'))
    servers = {}
    for name, edit in ('plugin', None), ('stock', stock):
        servers[name] = SteadyServer('ldap', directory, edit=edit, extra=extra,
                                     **({} if edit is None else {'plugin': None}))
    return directory, servers


class Run:
    """One run, from the first client to the table."""

    def __init__(self, directory, servers, folder, seconds):
        self.directory, self.servers, self.folder = directory, servers, folder
        self.seconds = seconds
        self.started = None
        self.watch = load_watch.Watch(servers, directory)
        self.events = []

    def clients(self, users, clients):
        """All of them, each with accounts of its own; those of IMAP and delivery have all."""
        homes = load_clients.Homes(self.folder)
        (self.folder / 'results').mkdir()
        for kind, count, step in ((load_clients.Pop, clients, clients),
                                  (load_clients.Imap, clients // 10 + 1, 1),
                                  (load_clients.Delivery, 1, 1)):
            for number in range(count):
                yield kind('%s%d' % (kind.__name__.lower(), number), self.servers, homes,
                           range(number, users, step), self.folder / 'results')

    def happen(self, what):
        """Do what the plan says."""
        begin = time.monotonic()
        if what == 'slapd restarts':
            for server in self.servers.values():
                server.log.allow_errors('(?i)ldap')
            self.directory.restart()
        for server in self.servers.values():
            if what == 'reload':
                server.reload()
            elif what == 'Dovecot restarts':
                server.log.allow_errors(r'master\(\w+\): read\(\) failed: Remote closed')
                server.restart()
        event = load_watch.Event(what, begin, time.monotonic())
        print('after %.1f s, for %.1f s: %s' % (begin - self.started, event.end - begin, what),
              flush=True)
        self.events.append(event)

    def go(self, clients):
        """Let the clients run, watch, and do what the plan says."""
        self.started = time.monotonic()
        end = self.started + self.seconds
        fork = multiprocessing.get_context('fork')
        processes = [fork.Process(target=client.run, args=(end,), daemon=True)
                     for client in clients]
        for process in processes:
            process.start()
        plan = list(PLAN)
        while (now := time.monotonic()) < end:
            if plan and now >= self.started + plan[0][1] * self.seconds:
                self.happen(plan.pop(0)[0])
            self.watch.sample(time.monotonic())
            time.sleep(max(1, self.seconds / SAMPLES))
        for process in processes:
            process.join(load_clients.TIMEOUT + 3 * load_clients.HOLD)
            assert process.exitcode == 0, 'a client does not end, or has failed'

    def results(self):
        """[(time, kind, server, words)] of all clients."""
        for path in (self.folder / 'results').iterdir():
            for line in path.read_text().splitlines():
                when, kind, server, *words = line.split('\t')
                yield float(when), kind, server, words


def percentiles(values):
    """Milliseconds: the median, 95 %, 99 %, and the longest."""
    cuts = statistics.quantiles(values, n=100)
    return [1000 * value for value in (cuts[49], cuts[94], cuts[98], max(values))]


def report_sessions(run, results):
    """Print what the clients have seen; whether all was well."""
    well = True
    found = {}
    print('%-8s %9s %9s %11s %11s %8s' % ('', 'sessions', 'IMAP', 'deliveries', 'explained',
                                          'errors'))
    for name in run.servers:
        mine = [result for result in results if result[2] == name]
        kinds = {kind: [one for one in mine if one[1] == kind]
                 for kind in ('session', 'imap', 'delivery', 'error', 'wrong')}
        explained, left = load_watch.judge(
            run.events, [(when, words[0]) for when, _, _, words in kinds['error']])
        left += [(when, words[0]) for when, _, _, words in kinds['wrong']]
        print('%-8s %9d %9d %11d %11d %8d' % (
            name, *(len(kinds[kind]) for kind in ('session', 'imap', 'delivery')),
            len(explained), len(left)))
        for when, text in left[:10]:
            print('  %s after %.1f s: %s' % (name, when - run.started, text))
        well &= not left
        found[name] = {'login': [float(words[0]) for *_, words in kinds['session']],
                       'QUIT': [float(words[1]) for *_, words in kinds['session']]}
    print()
    print('%-8s %-8s %8s %8s %8s %8s' % ('ms', '', 'median', '95 %', '99 %', 'longest'))
    for what in 'login', 'QUIT':
        for name in run.servers:
            print('%-8s %-8s %8.1f %8.1f %8.1f %8.1f' % (
                what, name, *percentiles(found[name][what])))
    return well


def report_watch(run):
    """Print memory and descriptors; whether they are flat, as far as there was time."""
    last = run.events[-1].end
    since = last + min(load_watch.WARM, run.seconds / 6)
    enough = run.seconds + run.started - since >= load_watch.ENOUGH
    flat = True
    print()
    print('%-8s %19s %8s %19s' % ('', 'MB at first, last', '', 'descriptors'))
    for name in run.watch.samples:
        memory, files = run.watch.growth(name, since)
        print('%-8s %9.1f %9.1f %+6.1f %% %9.0f %9.0f %+6.1f %%' % (
            name, *memory, 100 * load_watch.grown(*memory),
            *files, 100 * load_watch.grown(*files)))
        flat &= max(load_watch.grown(*memory), load_watch.grown(*files)) < load_watch.GROWTH
    print('from %.0f s after the last restart on, for %.0f s%s' % (
        since - last, run.started + run.seconds - since,
        '' if enough else ': too short to tell whether they grow'))
    return flat or not enough


def main():
    """Run it; the exit code."""
    seconds, users, clients = (int(os.environ[name]) for name in ('LOAD', 'USERS', 'CLIENTS'))
    if os.geteuid() != 0:
        return 'load: Dovecot needs root to start, and so does this'
    if seconds < SHORTEST or users < clients:
        return 'load: LOAD is at least %d, and USERS at least CLIENTS' % SHORTEST
    directory, servers = start(users)
    print('%d accounts (a database of %.0f MB), %d clients at once, %d s' % (
        users, directory.size() / 2 ** 20, clients, seconds), flush=True)
    with tempfile.TemporaryDirectory(dir='/tmp') as name:
        run = Run(directory, servers, pathlib.Path(name), seconds)
        try:
            run.go(list(run.clients(users, clients)))
            results = list(run.results())
            well = report_sessions(run, results)
            well &= report_watch(run)
        finally:
            bad = [line for server in servers.values() for line in server.stop()]
            directory.stop()
    print(*bad[:20], sep='\n', end='\n' if bad else '')
    return 0 if well and not bad else 1


if __name__ == '__main__':
    sys.exit(main())
