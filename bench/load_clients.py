"""The clients of make load: processes that have POP and IMAP sessions, and deliver mail.

Each writes a file of lines: what it has measured, and what went wrong.
"""

import imaplib
import os
import pathlib
import random
import shutil
import smtplib
import time

from tests.lib import bulk
from tests.lib.dovecot_config import MAIL_UID
from tests.lib.mailuser import message
from tests.lib.popclient import PopClient, PopError

DOMAIN = 'example.org'
PASSWORD = 'secret'
# of a mailbox at its first visit, and how many of them are of 2026
MESSAGES, FRESH = 5, 2
# a client leaves so many on the server
LEFT = 3
# seconds that a session stays open, on average
HOLD = 3
# seconds between two deliveries to each server, and between two IMAP sessions of a client
DELIVERY_PAUSE, IMAP_PAUSE = 0.2, 2
TIMEOUT = 60
FAILURES = OSError, EOFError, PopError, imaplib.IMAP4.error, smtplib.SMTPException


def account(number):
    """The login name of an account."""
    return 'load%d@%s' % (number, DOMAIN)


class Homes:
    """Mailboxes of accounts, made when they are first visited, of links to the same messages."""

    def __init__(self, folder):
        self.template = folder / 'Maildir'
        bulk.write_maildir(self.template, MESSAGES, FRESH)
        bulk.write_maildir(self.template / '.Junk', 2, 2)

    def make(self, server, number):
        """See to it that an account has its mailboxes on a server."""
        home = server.root / 'mail' / DOMAIN / ('load%d' % number)
        if home.exists():
            return
        home.parent.mkdir(mode=0o700, exist_ok=True)
        os.chown(home.parent, MAIL_UID, MAIL_UID)
        new = home.with_name('.%d.%d' % (number, os.getpid()))
        new.mkdir(mode=0o700)
        os.chown(new, MAIL_UID, MAIL_UID)
        self._copy(self.template, new / 'Maildir')
        try:
            new.rename(home)
        except OSError:  # another client was faster
            shutil.rmtree(new)

    def _copy(self, source, target):
        target.mkdir(mode=0o700)
        os.chown(target, MAIL_UID, MAIL_UID)
        for entry in source.iterdir():
            if entry.is_dir():
                self._copy(entry, target / entry.name)
            else:
                os.link(entry, target / entry.name)


class Client:
    """What one process does until the end; numbers are the accounts that nobody else visits."""

    def __init__(self, name, servers, homes, numbers, folder):
        self.servers, self.homes, self.numbers = servers, homes, numbers
        self.random = random.Random(name)
        self.name = name
        self.path = pathlib.Path(folder) / name

    def run(self, end):
        """Go on until that time (of time.monotonic())."""
        with open(self.path, 'w', buffering=1) as self.file:
            turn = self.random.randrange(len(self.servers))
            while time.monotonic() < end:
                name, server = list(self.servers.items())[turn % len(self.servers)]
                turn += 1
                try:
                    self.visit(name, server, self.random.choice(self.numbers))
                except FAILURES as error:
                    self.write('error', name, '%s: %s' % (type(error).__name__, error))
                    time.sleep(self.random.random())

    def write(self, *words):
        """A line with the present time."""
        self.file.write('\t'.join(['%.3f' % time.monotonic(), *words])
                        .replace('\n', ' ').replace('\r', ' ') + '\n')

    def visit(self, name, server, number):
        """One session at a server."""
        raise NotImplementedError


class Pop(Client):
    """A mail program that fetches what is new, and deletes when there is too much."""

    def __init__(self, *args):
        super().__init__(*args)
        self.known = {}
        self.gone = {}

    def visit(self, name, server, number):
        self.homes.make(server, number)
        key = name, number
        with PopClient(server.ports['pop3'], timeout=TIMEOUT) as client:
            client.ok('USER ' + account(number))
            start = time.monotonic()
            client.ok('PASS ' + PASSWORD)
            login = time.monotonic() - start
            deleted = self.fetch(client, key, name)
            time.sleep(self.random.uniform(0, 2 * HOLD))
            start = time.monotonic()
            answer = client.cmd('QUIT')
            left = time.monotonic() - start
        if not answer.startswith('+OK'):
            raise PopError('QUIT: %r' % answer)
        self.gone.setdefault(key, set()).update(deleted)
        self.write('session', name, '%.6f' % login, '%.6f' % left)

    def fetch(self, client, key, name):
        """Download, and delete the oldest; the UIDLs of these."""
        count, _ = client.stat()
        uidls = client.uidl()
        if len(uidls) != count or len(set(uidls.values())) != count:
            self.write('wrong', name, 'STAT and UIDL differ, or UIDLs are not unique')
        back = self.gone.get(key, set()) & set(uidls.values())
        if back:
            self.write('wrong', name, 'deleted mail is back: %s' % sorted(back))
        new = set(uidls.values()) - self.known.get(key, set())
        for number, uidl in uidls.items():
            if uidl in new:
                client.retr(number)
        self.known[key] = set(uidls.values())
        oldest = list(uidls)[:max(0, count - LEFT)]
        for number in oldest:
            client.dele(number)
        return {uidls[number] for number in oldest}


class Imap(Client):
    """Looks at INBOX, and marks a message."""

    def visit(self, name, server, number):
        self.homes.make(server, number)
        with imaplib.IMAP4('127.0.0.1', server.ports['imap'], timeout=TIMEOUT) as client:
            client.login(account(number), PASSWORD)
            _, count = client.select('INBOX')
            if count != [b'0']:
                client.fetch('1:*', '(UID FLAGS INTERNALDATE RFC822.SIZE)')
                client.store('1', '+FLAGS', r'(\Flagged)')
        self.write('imap', name)
        time.sleep(self.random.uniform(0, 2 * IMAP_PAUSE))


class Delivery(Client):
    """Delivers to accounts that somebody visits."""

    def visit(self, name, server, number):
        self.homes.make(server, number)
        raw = message('new mail', 'text\r\n' * self.random.randrange(10, 200))
        with smtplib.LMTP(str(server.root / 'run' / 'lmtp')) as client:
            client.sock.settimeout(TIMEOUT)
            client.sendmail('sender@example.org', [account(number)], raw)
        self.write('delivery', name)
        time.sleep(DELIVERY_PAUSE / len(self.servers))
