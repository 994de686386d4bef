"""Who else is there while a session of a soak says QUIT."""

import imaplib
import smtplib
import threading
import time

from tests.lib.mailuser import message
from tests.lib.soak_history import MAILBOXES, picked


class Others:
    """What they have done: names of mails, and the Message-IDs of those that were delivered."""

    def __init__(self):
        self.flagged, self.moved, self.expunged, self.marked = set(), set(), set(), set()
        self.delivered = set()
        self.trouble = []


class Actor(threading.Thread):
    """One of them. listed: what the session lists; wanted: what it has deleted or retrieved."""

    def __init__(self, session, listed, options):
        super().__init__()
        self.store = session.store
        self.account = session.account
        self.others = session.others
        self.options = options
        self.prepare(session, listed)

    def prepare(self, session, listed):
        """Before it starts."""

    def run(self):
        try:
            self.act()
        except (OSError, AssertionError, imaplib.IMAP4.error, smtplib.SMTPException) as error:
            self.others.trouble.append('trouble: %s: %r' % (type(self).__name__, error))

    def act(self):
        """What it does."""
        raise NotImplementedError

    def in_a_source(self, session, listed):
        """The listed mails of one source."""
        sources = session.policy.sources(MAILBOXES)
        mailbox = sources[self.options['mailbox'] % len(sources)]
        return mailbox, [name for name in listed if name[1] == mailbox]


class Imap(Actor):
    """An IMAP client that expunges, flags and moves what was deleted, and other mail."""

    def prepare(self, session, listed):
        mailbox, names = self.in_a_source(session, listed)
        wanted = [name for name in names if name in session.done.deleted | session.done.retrieved]
        self.names = wanted if wanted and self.options['wanted'] else names
        self.client = self.store.user.imap()
        self.client.select(mailbox)
        # (a move within an mbox makes Dovecot fail an assertion)
        self.targets = [name for name in ('Other', 'Archive', 'Trash') if name != mailbox]

    def act(self):
        for pause, what, numbers, *how in self.options['steps'] if self.names else ():
            time.sleep(pause)
            names = picked(numbers, self.names)
            getattr(self, what)(names, ','.join(str(name[2]) for name in names), *how)
        self.client.logout()

    def flag(self, names, uids, change, flag):
        """Set or remove a flag."""
        self.others.flagged |= {*names}
        self.client.uid('STORE', uids, change, '(%s)' % flag)

    def move(self, names, uids, target):
        """MOVE."""
        self.others.moved |= {*names}
        self.client.uid('MOVE', uids, self.targets[target])

    def expunge(self, names, uids):
        """Expunge."""
        self.others.expunged |= {*names}
        self.client.uid('STORE', uids, '+FLAGS', r'(\Deleted)')
        self.client.uid('EXPUNGE', uids)


class Lmtp(Actor):
    """New mail is delivered."""

    def act(self):
        for _ in range(self.options['mails']):
            ident = 'd%d' % (len(self.store.raws) + len(self.store.sent))
            raw = message(ident, 'delivered\r\n', ['Message-ID: <%s>' % ident])
            self.store.sent[ident] = raw
            self.others.delivered.add(ident)
            self.store.user.deliver(raw)


class Dequeue(Actor):
    """doveadm pop-policy dequeue, of mails that the session has nothing to do with."""

    def prepare(self, session, listed):
        self.mailbox, names = self.in_a_source(session, listed)
        busy = session.done.deleted | session.done.retrieved
        self.names = picked(self.options['mails'], [name for name in names if name not in busy])

    def act(self):
        uids = ','.join(str(name[2]) for name in self.names)
        if uids and self.store.pop_policy('dequeue', self.account, 'mailbox', self.mailbox, 'uid',
                                          uids):
            self.others.marked |= {*self.names}


ACTORS = {'imap': Imap, 'lmtp': Lmtp, 'dequeue': Dequeue}
