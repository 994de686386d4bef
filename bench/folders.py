"""What it costs to feed POP from many mailboxes: each message, and opening the mailboxes."""

import dataclasses
import time

from tests.lib import bulk, cost
from tests.lib.cost_site import FRESH, Site

# beside INBOX
FOLDERS = 20
# messages of each mailbox, INBOX too
SIZES = (20, 220)
POLICIES = {'merged': {'extra_mailboxes': 'Folder*'},
            'headed': {'extra_mailboxes': 'Folder*', 'mailbox_header': 'X-Mailbox'}}
IMAP = 'service imap {\n  executable = %s\n  vsz_limit = 4 G\n}\n'


@dataclasses.dataclass(frozen=True)
class Costs:
    """Instructions of one storage format, as measure() returns them."""
    found: dict

    def _each(self, what):
        """Of a message more, in a session of that kind."""
        small, large = (self.found[what][str(size)] for size in SIZES)
        return large - small

    def per_message(self, what):
        """Those of a message from many mailboxes, to one from INBOX."""
        return self._each(what) / self._each('plain')

    def opening(self):
        """Those of opening the mailboxes, to an IMAP client's that selects each of them."""
        first = str(SIZES[0])
        return (self.found['merged'][first] - self.found['plain'][first]) / self.found['select']


def names():
    """Those of the mailboxes beside INBOX."""
    return ['Folder%d' % number for number in range(FOLDERS)]


def select(user, mailboxes):
    """An IMAP session that selects these mailboxes."""
    with user.imap() as client:
        client.sock.settimeout(cost.PATIENCE)
        for mailbox in mailboxes:
            assert client.select(mailbox)[0] == 'OK'


def selecting(probe, user):
    """Instructions of SELECT of all the mailboxes, with caches as warm as those of POP."""
    def count(mailboxes):
        return probe.instructions(lambda: select(user, mailboxes))
    select(user, names())
    bulk.settle(*((user, mailbox) for mailbox in names()))
    select(user, names())
    time.sleep(2.1)  # Dovecot reads a Maildir again while its folders have just changed
    return count(names()) - count([])


def measure(storage, folder):
    """One storage format: {session: {messages of a mailbox: instructions}, 'select': them}."""
    folder.mkdir(mode=0o755)
    imap = cost.Probe(folder / 'imap', 'imap')
    plugin = Site(folder / 'plugin', storage)
    stock = Site(folder / 'stock', storage, plugin=None,
                 extra=IMAP % imap.service['executable'])
    found = {what: {} for what in ('plain', *POLICIES)}
    try:
        for size in SIZES:
            total = (FOLDERS + 1) * size
            others = dict.fromkeys(names(), size)
            found['plain'][str(size)] = stock.instructions(stock.user(total), total)
            for what, policy in POLICIES.items():
                found[what][str(size)] = plugin.instructions(
                    plugin.user(size, others, **policy), total)
        found['select'] = selecting(imap, stock.user(FRESH, dict.fromkeys(names(), SIZES[0])))
    finally:
        bad = [*plugin.server.stop(), *stock.server.stop()]
    assert not bad, 'unexpected log lines:\n' + '\n'.join(bad)
    return found
