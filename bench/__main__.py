"""What a POP3 session costs: the plugin beside stock Dovecot, its virtual plugin and its flag.

Prints tables, and writes results and doc/benchmarks.md with its pictures. `make bench` calls it.
BENCH_QUICK=1: small mailboxes, nothing is written. BENCH_N=1000000: that size instead, of which
only the most telling is measured.
"""

import collections
import concurrent.futures
import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

from bench import folders, machine, measuring, moves, report, stores, variants
from bench.variants import DELETING, HUGE, VARIANTS
from tests.lib import bulk, cost, harness
from tests.lib.places import SOURCE

STORAGES = ('sdbox', 'maildir')
COLD = ('ref20', 'plain', 'total', 'floor20', 'from-now', 'include', 'now-include', 'flag20',
        'virtall', 'virtsince')
UNDATED = ('total', 'include')
DELIVERED = ('ref20', 'plain', 'total', 'from-now', 'include', 'now-include', 'flag20', 'virtall',
             'virtsince')
DELES = 20
CLIENTS, SESSIONS = 4, 40


def say(text):
    """One line, at once, with the time."""
    print('%s %s' % (time.strftime('%H:%M:%S'), text), flush=True)


def turns(count, large):
    """How many rounds: many for a small mailbox, `large` for one of 100,000."""
    return 15 if count < 100000 else large if count < 1000000 else 3


class Servers:
    """Every server of one storage format, twice: one to look into, one to take the time."""

    def __init__(self, storage, floor, folder):
        self.storage = storage
        self.probes, self.counted, self.timed = {}, {}, {}
        for kind, spec in variants.specs(storage, floor).items():
            self.probes[kind] = cost.Probe(folder / kind)
            self.counted[kind] = harness.Server(
                quick=False, pop3_service=self.probes[kind].service, **spec)
            self.timed[kind] = harness.Server(quick=False, **spec)

    def stop(self):
        """Stop all; the bad lines in their logs."""
        return [line for server in (*self.counted.values(), *self.timed.values())
                for line in server.stop()]


class Cell:
    """The variants with one storage format and one number of messages."""

    def __init__(self, servers, templates, count, folder, compared, deleting=()):
        self.servers, self.count, self.folder = servers, count, folder
        self.compared, self.deleting = compared, deleting
        self.stock, self.frozen, self.users, self.counted = {}, {}, {}, {}
        self.arrived = collections.Counter()
        self.results = {variant.name: {} for variant in compared}
        self.own = [variant for variant in (*compared, *deleting) if not variant.home]
        for variant in self.own:
            self.stock[variant.name] = variants.provide(
                variant, servers.timed['stock'], templates, count, folder / variant.name)
        for variant in (*compared, *deleting):
            home = folder / (variant.home or variant.name)
            self.users[variant.name] = variants.account(
                variant, servers.timed[variant.server], home)
            self.counted[variant.name] = variants.account(
                variant, servers.counted[variant.server], home)

    def freeze(self):
        """Get ready for first sessions: restore() of what is frozen goes back to this."""
        for variant in self.own:
            variants.forget(variant, self.stock[variant.name], self.count)
        self._settle()
        for variant in self.own:
            self.frozen[variant.name] = stores.Frozen(self.folder / variant.name,
                                                      self.servers.storage)

    def _settle(self):
        """Bring mailboxes to rest: what has changed is folded into their indexes."""
        bulk.settle(*((self.stock[variant.name], mailbox) for variant in self.own
                      for mailbox in variants.mailboxes(variant)))
        time.sleep(2.1)  # Dovecot reads a Maildir again while its folders have just changed

    def warm_up(self):
        """As after some sessions, and then some time."""
        for _ in range(2):
            for variant in self.own:
                cost.session(self.users[variant.name])
        self._settle()
        for variant in self.compared:
            cost.session(self.users[variant.name])

    def count_instructions(self):
        """Those of a session with warm caches."""
        def count(variant, probe, run):
            run()
            self.results[variant.name]['instructions'] = probe.instructions(run)
        self._count(self.compared, count)

    def count_files(self):
        """Message files that a first session opens, or asks for their status."""
        def count(variant, probe, run):
            self.frozen[variant.name].restore()
            opened, asked = probe.message_files(run)
            self.results[variant.name].update(opened=opened, asked=asked)
        self._count([variant for variant in self.compared if not variant.home], count)

    def _count(self, group, count):
        """Call count(variant, probe, run) on all cores, but once at a time per server."""
        def count_kind(kind):
            for variant in kinds[kind]:
                def run(variant=variant):
                    assert cost.session(self.counted[variant.name]) == variant.listed(self.count)
                count(variant, self.servers.probes[kind], run)
        kinds = {}
        for variant in group:
            kinds.setdefault(variant.server, []).append(variant)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(count_kind, sorted(kinds, key=lambda kind: -len(kinds[kind]))))

    def take_warm_times(self):
        """CPU, wall time and memory of sessions that find nothing new."""
        self._rounds('warm', turns(self.count, 11),
                     [name for name in self.results if 'idle' not in name],
                     self._visit)

    def take_other_times(self):
        """The same with cold caches, and after a delivery each."""
        number = min(turns(self.count, 5), 11)
        self._rounds('cold', number, COLD, self._visit_cold)
        self.warm_up()
        self._rounds('undated', number, UNDATED, self._visit_undated)
        self._rounds('delivered', turns(self.count, 9), DELIVERED, self._visit_delivered)

    def _rounds(self, what, number, names, run):
        jobs = {name: lambda name=name: run(name) for name in names if name in self.results}
        for name, visits in measuring.rounds(number, jobs).items():
            self.results[name][what] = {
                field: [round(getattr(visit, field), 2) for visit in visits]
                for field in ('cpu', 'wall', 'rss')}

    def _visit(self, name, more=0):
        expected = variants.BY_NAME[name].listed(self.count) + more
        return measuring.visit(self.users[name], expected)

    def _visit_cold(self, name):
        self.frozen[name].restore()
        return self._visit(name)

    def _visit_undated(self, name):
        self.frozen[name].forget_dates()
        return self._visit(name)

    def _visit_delivered(self, name):
        self.stock[name].deliver('one more')
        self.arrived[name] += 1
        return self._visit(name, self.arrived[name])

    def quits(self):
        """{name: milliseconds of QUIT after DELE, per round}."""
        jobs = {}
        for variant in self.deleting:
            user = self.users[variant.name]
            cost.session(user)
            jobs[variant.name] = lambda user=user: measuring.quit_after_dele(user, DELES)
        return {name: [round(wall, 2) for wall in walls]
                for name, walls in measuring.rounds(31, jobs).items()}

    def rates(self):
        """{name: sessions per second, per round} for an INBOX of 20."""
        jobs = {name: lambda user=self.users[name]: measuring.sessions_per_second(
            user, CLIENTS, SESSIONS) for name in ('ref20', 'nothing20', 'idle20',
                                                  'idle-nothing20')}
        return {name: [round(rate, 1) for rate in rates]
                for name, rates in measuring.rounds(31, jobs).items()}

    def remove(self):
        """Delete the clones."""
        for home in self.folder.iterdir():
            shutil.rmtree(home)


def measure_cell(cell, what, with_rates):
    """All figures of a Cell, and sessions per second if these are wanted."""
    found = {'variants': cell.results}
    cell.warm_up()
    say(what + 'instructions')
    cell.count_instructions()
    say(what + 'times with warm caches')
    cell.take_warm_times()
    if with_rates:
        found['rates'] = cell.rates()
    cell.freeze()
    say(what + 'files with cold caches')
    cell.count_files()
    say(what + 'times with cold caches, after deliveries, of QUIT')
    cell.take_other_times()
    if cell.deleting:
        found['quit'] = cell.quits()
    return found


def measure(storage, counts, floor, templates, folder, compared, deleting=()):
    """One storage format: {count: figures}."""
    found = {}
    mail = folder / 'mail'
    mail.mkdir(mode=0o755)
    servers = Servers(storage, floor, folder)
    try:
        for count in counts:
            what = '%s, %s messages: ' % (storage, format(count, ','))
            say(what + 'mailboxes')
            cell = Cell(servers, templates, count, mail, compared, deleting)
            found[str(count)] = measure_cell(cell, what, deleting and count == counts[0])
            cell.remove()
    finally:
        bad = servers.stop()
    assert not bad, 'unexpected log lines:\n' + '\n'.join(bad)
    return found


def measure_sessions(results, floor, templates, folder, *compared):
    """What sessions cost, added to the results."""
    results['storages'] = {}
    for storage in STORAGES:
        (folder / storage).mkdir(mode=0o755)
        results['storages'][storage] = measure(storage, results['counts'], floor, templates,
                                               folder / storage, *compared)


def measure_the_rest(results, quick, templates, folder):
    """Moves and sessions that many mailboxes feed, added to the results."""
    results.update(moves={}, folders={})
    for storage in STORAGES:
        say(storage + ': moves')
        results['moves'][storage] = moves.measure(
            storage, templates, folder / (storage + '-moves'), 1 if quick else moves.ROUNDS)
        say(storage + ': many mailboxes')
        results['folders'][storage] = folders.measure(storage, folder / (storage + '-folders'))


def main():
    """Run it all; the exit code says whether it ran, not which goals are met."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(1))
    if os.geteuid() != 0:
        return 'bench: Dovecot needs root to start, and so does this'
    quick = bool(os.environ.get('BENCH_QUICK'))
    huge = sorted(map(int, os.environ.get('BENCH_N', '').split()))
    counts = huge or [1000, 10000, *([] if quick else [100000])]
    cache = pathlib.Path(os.environ['BENCH_CACHE'])
    floor = pathlib.Path(os.environ['BENCH_FLOOR'])
    templates = stores.Templates(cache)
    results = {**machine.describe(), 'counts': counts}
    with tempfile.TemporaryDirectory(prefix='run-', dir=cache) as name:
        folder = pathlib.Path(name)
        folder.chmod(0o755)
        if huge:
            measure_sessions(results, floor, templates, folder,
                             [variants.BY_NAME[name] for name in HUGE])
        else:
            measure_sessions(results, floor, templates, folder, VARIANTS, DELETING)
            measure_the_rest(results, quick, templates, folder)
    say('done')
    report.show(results)
    if not quick:
        report.save(results, SOURCE, report.HUGE_PREFIX if huge else '')
        report.publish(SOURCE)
    return 0


if __name__ == '__main__':
    sys.exit(main())
