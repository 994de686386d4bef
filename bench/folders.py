"""What it costs to feed POP from many mailboxes: each message, and opening the mailboxes."""

import dataclasses
import time

from bench import measuring
from tests.lib import bulk
from tests.lib.cost_site import Site

# beside INBOX, for the cost of a message: so many, each of so many messages, INBOX too
FOLDERS = 20
SIZES = (20, 220)
# for the cost of opening: so many of one message each
OPENED = 100
ROUNDS = 15
POLICIES = {'merged': {'extra_mailboxes': 'Folder*'},
            'headed': {'extra_mailboxes': 'Folder*', 'mailbox_header': 'X-Mailbox'}}


@dataclasses.dataclass(frozen=True)
class Costs:
    """Those of one storage format, as measure() returns them."""
    found: dict

    def _each(self, what):
        small, large = (self.found[what][str(size)] for size in SIZES)
        return large - small

    def per_message(self, what):
        """Instructions of one more message from many mailboxes, to one more from INBOX."""
        return self._each(what) / self._each('plain')

    def opening(self):
        """CPU of opening the mailboxes, to that of SELECT."""
        cpu = self.found['cpu']
        return measuring.ratio(difference(cpu, 'merged', 'plain'),
                               difference(cpu, 'selected', 'looked'))


def difference(cpu, more, less):
    """Round by round."""
    return [a - b for a, b in zip(cpu[more], cpu[less])]


def others(number, size):
    """{mailbox: messages}: those beside INBOX."""
    return {'Folder%d' % place: size for place in range(number)}


def selecting(user, mailboxes):
    """CPU milliseconds of an IMAP session that selects these mailboxes."""
    with user.imap() as client:
        for mailbox in mailboxes:
            assert client.select(mailbox)[0] == 'OK'
        pid = measuring.newest(user.server, 'imap')
        found, _ = measuring.inspect(pid)
    measuring.ended(pid)
    return found


def count_messages(plugin, stock):
    """{session: {messages of a mailbox: instructions}}."""
    found = {what: {} for what in ('plain', *POLICIES)}
    for size in SIZES:
        total = (FOLDERS + 1) * size
        found['plain'][str(size)] = stock.instructions(stock.user(total), total)
        for what, policy in POLICIES.items():
            user = plugin.user(size, others(FOLDERS, size), **policy)
            found[what][str(size)] = plugin.instructions(user, total)
    return found


def time_opening(plugin, stock):
    """{session: [CPU milliseconds, round by round]}."""
    folders = others(OPENED, 1)
    merged = plugin.user(1, folders, fresh=1, **POLICIES['merged'])
    plain = stock.user(1 + OPENED, fresh=1)
    selected = stock.user(1, folders, fresh=1)
    jobs = {'merged': lambda: measuring.visit(merged, 1 + OPENED).cpu,
            'plain': lambda: measuring.visit(plain, 1 + OPENED).cpu,
            'selected': lambda: selecting(selected, folders),
            'looked': lambda: selecting(selected, ())}
    measuring.rounds(2, jobs)
    bulk.settle(*((user, mailbox) for user in (merged, selected) for mailbox in folders),
                (plain, 'INBOX'))
    measuring.rounds(2, jobs)
    time.sleep(2.1)  # Dovecot reads a Maildir again while its folders have just changed
    return {what: [round(cpu, 3) for cpu in found]
            for what, found in measuring.rounds(ROUNDS, jobs).items()}


def measure(storage, folder):
    """One storage format: what count_messages() returns, and as 'cpu' what time_opening() does."""
    folder.mkdir(mode=0o755)
    sites = (Site(folder / 'plugin', storage, quick=False),
             Site(folder / 'stock', storage, quick=False, plugin=None))
    try:
        found = {**count_messages(*sites), 'cpu': time_opening(*sites)}
    finally:
        bad = [line for site in sites for line in site.server.stop()]
    assert not bad, 'unexpected log lines:\n' + '\n'.join(bad)
    return found
