"""Mail as it is before each run: made once, copied for each of them, the same to the last octet."""

import random
import re
import subprocess
import time

from tests.lib import model
from tests.lib.mailuser import NOON, internal, message
from tests.lib.model import KEYWORD
from tests.lib.serverlog import poll

# {mailbox: how many mails}; with `many`, INBOX has more
COUNTS = {'INBOX': 36, 'Junk': 12, 'Other': 8, 'Archive': 3, 'Trash': 2}
MANY = 260
# of the first of them, and so on
VALIDITY = 2000000000
FLAGS = ('', '', '', r'\Seen', r'\Flagged', 'Label1', r'\Seen Label1', KEYWORD)
# A Maildir's keyword without a name: killed between renaming files and writing dovecot-keywords.
NAMELESS = re.compile(r'unknown-\d+')
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
        if storage == 'maildir':
            # Dovecot reads a folder again that has changed in this second or the last one
            time.sleep(2.1)
        for number, mailbox in enumerate(counts):
            self.user.doveadm('mailbox update', '--uid-validity', str(VALIDITY + number), mailbox)
        self.mails = look(self.user, self.raws)
        # {UIDL: Message-ID}
        self.uidls = {'%08x%08x' % (one.name[2], VALIDITY + [*counts].index(one.mailbox)):
                      one.name[0] for one in self.mails}
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
    for mailbox in sorted(user.mailboxes()):
        for one in user.look(mailbox):
            ident = IDENT.search(one.raw)
            ident = ident[1].decode() if ident else '?'
            # delivery adds fields on top
            assert ident in raws and one.raw.endswith(raws[ident]), \
                'not what was stored: %s in %s: %r' % (one, mailbox, one.raw)
            flags = frozenset(flag for flag in one.flags if not NAMELESS.fullmatch(flag))
            found.append(model.Mail((ident, mailbox, one.uid), mailbox, one.date, flags))
    return found


def listed(client, known=None):
    """The Message-IDs that a POP3 session lists; None for what cannot be read.

    known: {UIDL: Message-ID} of those that need not be read. Who has read an mbox locks it.
    """
    client.send('UIDL')
    answer = client.reply()
    if not answer.startswith('+OK'):
        return [None]
    uidls = dict(line.decode().split() for line in client.body())
    found = {num: (known or {}).get(uidl.lower()) for num, uidl in uidls.items()}
    unknown = [num for num, ident in found.items() if not ident]
    if unknown:
        client.send(*('TOP %s 0' % num for num in unknown))
    for num in unknown:
        found[num] = read_ident(client)
    return [*found.values()]


def read_ident(client):
    """The Message-ID in an answer to TOP, None if there is no telling."""
    if not client.reply().startswith('+OK'):
        return None
    ident = IDENT.search(b''.join(client.body()))
    return ident[1].decode() if ident else None


def timed(act):
    """What act() returns, and the seconds it took."""
    start = time.monotonic()
    return act(), time.monotonic() - start
