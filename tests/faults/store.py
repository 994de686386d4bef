"""Mail as it is before each run: made once, copied for each of them, the same to the last octet."""

import random
import re
import subprocess
import time

from tests.lib.mailuser import NOON, internal, message
from tests.lib.model import KEYWORD
from tests.lib.serverlog import poll
from tests.lib.soak import mails_of

# {mailbox: how many mails}; with `many`, INBOX has more
COUNTS = {'INBOX': 36, 'Junk': 12, 'Other': 8, 'Archive': 3, 'Trash': 2}
MANY = 260
FLAGS = ('', '', '', r'\Seen', r'\Flagged', 'Label1', r'\Seen Label1', KEYWORD)
IDENT = re.compile(rb'(?mi)^Message-ID: <([^>]*)>')


def append(client, mailbox, mails):
    """Append [(raw, date, flags)] with one IMAP command."""
    command = b'MULTI APPEND %s' % mailbox.encode()
    for raw, date, flags in mails:
        command += b' (%s) %s {%d+}\r\n%s' % (flags.encode(), internal(date).encode(), len(raw),
                                             raw)
    client.send(command + b'\r\n')
    while not (line := client.readline()).startswith(b'MULTI '):
        assert line, 'the connection ended inside APPEND'
    return line.startswith(b'MULTI OK')


def mail(ident, lines):
    """A message that is known by its Message-ID."""
    return message(ident, 'line\r\n' * lines, ['Message-ID: <%s>' % ident])


class Pattern:
    """What all runs with one server and storage format begin with."""

    def __init__(self, server, storage, many):
        self.server, self.storage = server, storage
        self.random = random.Random('pattern')
        self.user = server.add_user(storage=storage)
        # {Message-ID: the message}
        self.raws = {}
        # what runs find out about this mail, for those after them
        self.known = {}
        counts = {**COUNTS, 'INBOX': MANY} if many else COUNTS
        with self.user.imap() as client:
            for mailbox, count in counts.items():
                if mailbox != 'INBOX':
                    client.create(mailbox)
                assert append(client, mailbox, [self._mail() for _ in range(count)])
        self.mails = look(self.user, self.raws)
        assert len(self.mails) == len(self.raws) == sum(counts.values())
        assert poll(lambda: not server.processes('imap'), 20), 'imap does not end'

    def _mail(self):
        ident = 'm%d' % len(self.raws)
        self.raws[ident] = mail(ident, self.random.randint(1, 100))
        return (self.raws[ident], NOON + self.random.randint(-50, 50), self.random.choice(FLAGS))

    def copy(self, home):
        """Put the mail into a home, which is empty."""
        subprocess.run(['cp', '-a', '%s/.' % self.user.home, home], check=True)


def look(user, raws):
    """All mails of a user, those of a mailbox in the order of UIDs; each must be whole."""
    found = []
    with user.imap() as client:
        for mailbox in sorted(user.mailboxes()):
            for one, raw in mails_of(client, '"%s"' % mailbox):
                ident = one.name[0]
                # delivery adds fields on top
                assert ident in raws and raw.endswith(raws[ident]), 'not what was stored: %s %r' % (
                    one, raw)
                found.append(one.moved(mailbox))
    return found


def listed(client):
    """The Message-IDs that a POP3 session lists, and whether all of it could be read."""
    answer = client.cmd('STAT')
    if not answer.startswith('+OK'):
        return [], False
    nums = range(1, int(answer.split()[1]) + 1)
    client.send(*('TOP %d 0' % num for num in nums))
    found, whole = [], True
    for _ in nums:
        answer = client.reply()
        if not answer:
            return found, False
        if not answer.startswith('+OK'):
            found.append(None)
            whole = False
            continue
        ident = IDENT.search(b''.join(client.body()))
        found.append(ident[1].decode() if ident else '?')
    return found, whole


def timed(act):
    """What act() returns, and the seconds it took."""
    start = time.monotonic()
    return act(), time.monotonic() - start
