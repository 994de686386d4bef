"""Idle polls, first sessions and sessions with one new message: the plugin beside its peers.

Those are stock Dovecot, its virtual plugin, its pop3_deleted_flag, and Cyrus with pop3showafter,
all with the same mail. `make bench-peers` prints the table, and writes results and
doc/benchmarks.md. BENCH_N: the size of INBOX, or several.
"""

import os
import pathlib
import shutil
import signal
import sys
import tempfile
import time

from bench import cyrus, machine, measuring, peers_report, report, stores, variants
from bench.variants import Variant
from tests.lib import bulk, cost, harness
from tests.lib.mailuser import message
from tests.lib.places import SOURCE
from tests.lib.serverlog import poll

STORAGES = ('sdbox', 'maildir')
# sessions of a POP3 process
ONE, MANY = 1, 100
VARIANTS = [Variant(*values) for values in (
    ('ref20', 'stock, INBOX of 20', variants.few(20), 'stock', 'small'),
    ('plain', 'stock, all of INBOX', variants.everything),
    ('from-now', 'plugin, since a date', variants.few(20), 'plugin', 'full', (variants.SINCE,)),
    ('dequeued', 'plugin, all but 20 dequeued', variants.few(20), 'plugin', 'old flagged'),
    ('virtual', 'virtual, since a date', variants.few(20), 'virtual', 'virtual INBOX', (), '',
     'SINCE ' + bulk.CUTOFF_IMAP),
    ('flag20', 'pop3_deleted_flag on all but 20', variants.few(20), 'flag', 'old flagged'),
)]
# (name, text, how many it shows)
CYRUS = (('cyrus-ref20', 'INBOX of 20', variants.few(20)),
         ('cyrus-plain', 'all of INBOX', variants.everything),
         ('cyrus-since', 'pop3showafter', variants.few(20)))


def say(text):
    """One line, at once, with the time."""
    print('%s %s' % (time.strftime('%H:%M:%S'), text), flush=True)


def spent(server, services):
    """{pid: CPU milliseconds} of a server's processes of these names."""
    found = {}
    for service in services:
        for pid in server.processes(service):
            try:
                found[pid] = measuring.inspect(pid)[0]
            except (FileNotFoundError, ProcessLookupError, KeyError):
                pass  # it has just ended
    return found


def at_rest(server, services):
    """What spent() returns, once none of them works any more."""
    def probe():
        before = spent(server, services)
        time.sleep(0.01)
        return [before] if spent(server, services) == before else None
    found = poll(probe, 30)
    assert found, 'the server does not come to rest'
    return found[0]


def visit(user, services, expected):
    """CPU milliseconds of one session until just before QUIT, in all processes that serve it."""
    before = at_rest(user.server, services)
    with cost.login(user) as client:
        assert cost.look(client) == expected, 'other messages than there should be'
        after = spent(user.server, services)
        assert client.quit().startswith('+OK')
    return sum(after.values()) - sum(before.get(pid, 0) for pid in after)


class DovecotPeer:
    """A Variant in one storage format."""

    services = ('pop3', 'pop3-login')

    def __init__(self, servers, variant, templates, count, home):
        self.variant, self.count, self.home = variant, count, home
        self.shown = variant.listed(count)
        self.stock = variants.provide(variant, servers['stock', ONE], templates, count, home)
        self.users = {sessions: variants.account(variant, servers[variant.server, sessions], home)
                      for sessions in (ONE, MANY)}
        self.frozen = None

    def mailboxes(self):
        """(user, mailbox) of what bulk.settle() brings to rest."""
        return [(self.stock, 'INBOX')]

    def visit(self, sessions):
        """A session in a process that has so many."""
        return visit(self.users[sessions], self.services, self.shown)

    def forget(self):
        """Make Dovecot forget sizes and dates."""
        variants.forget(self.variant, self.stock, self.count)

    def freeze(self):
        """first() goes back to this."""
        self.frozen = stores.Frozen(self.home, self.stock.server.spec.storage)

    def first(self):
        """A first session."""
        self.frozen.restore()
        return self.visit(ONE)

    def delivered(self):
        """A session after a delivery."""
        self.stock.deliver('one more')
        self.shown += 1
        return self.visit(ONE)


class CyrusPeer:
    """An account of Cyrus."""

    services = ('pop3d',)

    def __init__(self, server, name, shown, mails, since):
        self.account = cyrus.Account(server, name)
        self.shown, self.frozen = shown, {}
        self.account.fill(mails)
        if since:
            self.account.show_after(bulk.CUTOFF - 1)
        # Nobody has looked yet.
        self.freeze()

    def mailboxes(self):
        """Nothing: what it has changed is in its index at once."""
        return []

    def visit(self, sessions):
        """A session in a process that has so many."""
        self.account.port = 'pop3' if sessions == ONE else 'many'
        return visit(self.account, self.services, self.shown)

    def forget(self):
        """Nothing: sizes and dates are part of its index."""

    def freeze(self):
        """first() goes back to what is there when this is called first."""
        if not self.frozen:
            self.frozen = {path: path.read_bytes() for path in self.account.index_files()}
            assert self.frozen

    def first(self):
        """A first session."""
        for path, data in self.frozen.items():
            path.unlink()
            path.write_bytes(data)
            shutil.chown(path, cyrus.USER, cyrus.USER)
        return self.visit(ONE)

    def delivered(self):
        """A session after a delivery."""
        self.account.append(message('one more'))
        self.shown += 1
        return self.visit(ONE)


def mail_of(maildir):
    """(content, time of arrival) of every message of a Maildir, in the order of arrival."""
    for path in sorted((maildir / 'cur').iterdir(), key=lambda path: path.stat().st_mtime):
        yield path.read_bytes().replace(b'\n', b'\r\n'), path.stat().st_mtime


def cyrus_peers(server, templates, count):
    """{name: CyrusPeer}."""
    found = {}
    for name, _, listed in CYRUS:
        maildir = templates.maildir(stores.SMALL if name == 'cyrus-ref20' else count)
        found[name] = CyrusPeer(server, '%s-%d' % (name, count), listed(count), mail_of(maildir),
                                name == 'cyrus-since')
    return found


def dovecot_peers(servers, storage, templates, count, folder):
    """{name: DovecotPeer} of one storage format."""
    folder.mkdir(mode=0o755)
    return {'%s-%s' % (storage, variant.name): DovecotPeer(
        servers, variant, templates, count, folder / variant.name) for variant in VARIANTS}


def settle(peers):
    """As after some sessions, and then some time."""
    for _ in range(2):
        for peer in peers.values():
            peer.visit(ONE)
    come_to_rest(peers)
    for peer in peers.values():
        for sessions in (ONE, MANY):
            peer.visit(sessions)


def come_to_rest(peers):
    """Let Dovecot fold what has changed into its indexes."""
    bulk.settle(*(pair for peer in peers.values() for pair in peer.mailboxes()))
    time.sleep(2.1)  # Dovecot reads a Maildir again while its folders have just changed


def measure(peers, turns):
    """{name: {what: [CPU milliseconds, per round]}}."""
    found = {name: {} for name in peers}

    def take(what, run):
        say(what)
        jobs = {name: lambda peer=peer: run(peer) for name, peer in peers.items()}
        for name, values in measuring.rounds(turns, jobs).items():
            found[name][what] = [round(value, 3) for value in values]
    settle(peers)
    take('poll', lambda peer: peer.visit(ONE))
    take('many', lambda peer: peer.visit(MANY))
    for peer in peers.values():
        peer.forget()
    come_to_rest(peers)
    for peer in peers.values():
        peer.freeze()
    take('first', lambda peer: peer.first())
    settle(peers)
    take('delivered', lambda peer: peer.delivered())
    return found


class Servers:
    """All servers: those of Dovecot by storage format, kind and sessions of a process."""

    def __init__(self, packages):
        self.dovecots = {}
        self.cyrus = cyrus.Server(packages, MANY)
        kinds = {variant.server for variant in VARIANTS}
        for storage in STORAGES:
            specs = variants.specs(storage, None)
            self.dovecots[storage] = {
                (kind, sessions): harness.Server(**specs[kind], quick=False,
                                                 pop3_service={'service_count': sessions})
                for kind in sorted(kinds) for sessions in (ONE, MANY)}

    def stop(self):
        """Stop all; the bad lines in Dovecot's logs."""
        self.cyrus.stop()
        return [line for servers in self.dovecots.values() for server in servers.values()
                for line in server.stop()]


def run(servers, templates, count, folder):
    """All figures with an INBOX of so many."""
    say('%s messages: mailboxes' % format(count, ','))
    peers = {}
    for storage in STORAGES:
        peers.update(dovecot_peers(servers.dovecots[storage], storage, templates, count,
                                   folder / storage))
    peers.update(cyrus_peers(servers.cyrus, templates, count))
    found = measure(peers, 15 if count < 100000 else 7)
    for storage in STORAGES:
        shutil.rmtree(folder / storage)
    return found


def rows():
    """[(name, text)] of all peers, as the page has them."""
    titles = {'sdbox': 'Dovecot, sdbox: ', 'maildir': 'Dovecot, Maildir: '}
    return [*(('%s-%s' % (storage, variant.name), title + variant.text)
              for storage, title in titles.items() for variant in VARIANTS),
            *((name, 'Cyrus: ' + text) for name, text, _ in CYRUS)]


def main():
    """Run it all."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(1))
    if os.geteuid() != 0:
        return 'bench: Dovecot needs root to start, and so does this'
    counts = sorted(map(int, (os.environ.get('BENCH_N') or '10000').split()))
    cache = pathlib.Path(os.environ['BENCH_CACHE'])
    templates = stores.Templates(cache)
    packages = cyrus.Packages(cache)
    results = {**machine.describe(), 'cyrus': packages.version, 'counts': counts, 'rows': rows(),
               'sizes': {}}
    servers = Servers(packages)
    try:
        with tempfile.TemporaryDirectory(prefix='run-', dir=cache) as name:
            folder = pathlib.Path(name)
            folder.chmod(0o755)
            for count in counts:
                results['sizes'][str(count)] = run(servers, templates, count, folder)
    finally:
        bad = servers.stop()
    assert not bad, 'unexpected log lines:\n' + '\n'.join(bad)
    say('done')
    print('', *peers_report.figures(results), '', sep='\n', flush=True)
    report.save(results, SOURCE, peers_report.PREFIX)
    report.publish(SOURCE)
    return 0


if __name__ == '__main__':
    sys.exit(main())
