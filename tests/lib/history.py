"""Mail stores with a random history, whose POP queues must be those of the model.

The model (behaviour 3.3 and 3.4) is applied to what IMAP shows: every message's INTERNALDATE and
flags. It remembers nothing.
"""

import itertools
import re
import threading

from tests.lib import model
from tests.lib.mailuser import NOON, examine, seconds, stamp
from tests.lib.model import KEYWORD, SPAM, Mail, Policy
from tests.lib.places import DOVEADM
from tests.lib.popclient import PopError

# 0: all mail. Dates of messages lie around the others, and on them.
CUTOFFS = (0, NOON, NOON + 50, NOON + 100)
MAILBOXES = ('INBOX', 'Junk', 'Work')
# an interval that reaches back to all of them
LONG = '5000d'
# below the home
INDEXES = {
    'maildir': {'INBOX': 'Maildir', 'Junk': 'Maildir/.Junk', 'Work': 'Maildir/.Work'},
    'sdbox': {name: 'sdbox/mailboxes/%s/dbox-Mails' % name for name in MAILBOXES},
    'mdbox': {name: 'mdbox/mailboxes/%s/dbox-Mails' % name for name in MAILBOXES},
    'mbox': {name: 'mail/.imap/%s' % name for name in MAILBOXES},
}
LOSSES = {'all': 'dovecot.index*', 'cache': 'dovecot.index.cache', 'log': 'dovecot.index.log*',
          'index': 'dovecot.index', 'uidlist': 'dovecot-uidlist'}


def rows(client, mailbox):
    """The mails of a mailbox, named (uidvalidity, uid), over an IMAP connection."""
    if not examine(client, mailbox):
        return []
    validity = int(client.untagged_responses['UIDVALIDITY'][0])
    found = []
    for item in client.uid('FETCH', '1:*', '(UID FLAGS INTERNALDATE)')[1]:
        if item is None:
            continue
        text = item.decode()
        date = re.search(r'INTERNALDATE "([^"]+)"', text)[1]
        flags = re.search(r'FLAGS \(([^)]*)\)', text)[1].split()
        found.append(Mail((validity, int(re.search(r'UID (\d+)', text)[1])), mailbox,
                          seconds(date), frozenset(flags) - {r'\Recent'}))
    return found


class Store:
    """One home, which has an account for every date and way with spam; some have extra mailboxes.
    """

    def __init__(self, server, storage, random):
        self.storage = storage
        self.random = random
        self.user = server.add_user(storage=storage)
        self.accounts = []
        dials = [(since, '') for since in CUTOFFS] + [(0, LONG), (CUTOFFS[2], LONG)]
        for (since, recent), spam in itertools.product(dials, SPAM):
            policy = Policy(since=since, spam=spam, delete='keep',
                            recent=model.interval(recent or 'no'),
                            extra_mailboxes=random.choice(('', 'Work', 'W*')),
                            mailbox_header=random.choice(('', 'X-Mailbox')))
            fields = {'pop_policy_since': stamp(since) if since else '',
                      'pop_policy_spam': spam, 'pop_policy_delete': 'keep',
                      'pop_policy_recent': recent,
                      # stamps are written, and nothing expires
                      'pop_policy_keep_for': LONG if spam == 'include' else '',
                      'pop_policy_extra_mailboxes': policy.extra_mailboxes,
                      'pop_policy_mailbox_header': policy.mailbox_header,
                      **server.storage_fields(storage)}
            account = server.add_user(storage=storage, home=self.user.home, fields=fields)
            self.accounts.append((account, policy))
        # apart from each other's for good, so that no UIDL is made unique
        for number, name in enumerate(MAILBOXES[1:]):
            self.user.append(name, 'the mailbox exists')
            self.user.doveadm('mailbox update', '--uid-validity',
                              str(2000000000 + number * 10 ** 6), name)

    # -- what is compared

    def mails(self):
        """All mails of the mailboxes, in the order of UIDs."""
        with self.user.imap() as client:
            return [mail for name in MAILBOXES for mail in rows(client, name)]

    def queue(self, policy):
        """The names of what the model lists now."""
        return [mail.name for mail in model.queue(policy, self.mails())]

    @staticmethod
    def session(account, dele=0):
        """The queue of a session as [(uidvalidity, uid)], its first messages DELEted."""
        with account.pop() as client:
            uidls = list(client.uidl().values())
            sizes = client.list()
            assert len(sizes) == len(uidls) and client.stat() == (len(sizes), sum(sizes.values()))
            if dele and uidls:
                client.dele(*range(1, min(dele, len(uidls)) + 1))
            assert client.quit().startswith('+OK')
        return [(int(uidl[8:16], 16), int(uidl[:8], 16)) for uidl in uidls]

    def check(self, index=None, dele=0):
        """A session's queue is what the model says."""
        account, policy = (self.random.choice(self.accounts) if index is None
                           else self.accounts[index])
        # Before the session, so that it is not told what IMAP has looked up, or after it.
        expected = self.queue(policy) if dele else None
        queue = self.session(account, dele)
        expected = expected or self.queue(policy)
        assert queue == expected, policy

    # -- what can happen

    def date(self):
        """A date near, or exactly at, one of the cut-offs."""
        return NOON + self.random.choice((0, 50, 100)) + self.random.choice((-30, -1, 0, 0, 1, 30))

    def uids(self, mailbox):
        """A few of the mailbox's UIDs, as an IMAP set, or None."""
        with self.user.imap() as client:
            uids = [mail.name[1] for mail in rows(client, mailbox)]
        chosen = self.random.sample(uids, min(len(uids), self.random.randint(1, 4)))
        return ','.join(map(str, chosen)) or None

    def append(self):
        """IMAP APPEND, the dates in any order."""
        count = self.random.choice((1, 1, 2, 5, 12))
        self.user.append(self.random.choice(MAILBOXES),
                         *(('a', self.date()) for _ in range(count)))

    def save(self):
        """Mail with the date of now."""
        self.user.save(self.random.choice(MAILBOXES), 'saved')

    def deliver(self):
        """LMTP."""
        self.user.deliver('delivered')

    def expunge(self):
        """Some messages, or a whole range of them."""
        mailbox = self.random.choice(MAILBOXES)
        uids = self.uids(mailbox)
        if uids and self.random.random() < 0.2:
            uids = '%s:%s' % (min(uids.split(','), key=int), max(uids.split(','), key=int))
        if uids:
            self.user.doveadm('expunge', 'mailbox', mailbox, 'uid', uids)

    def keyword(self):
        """Dequeue or bring back over IMAP."""
        mailbox = self.random.choice(MAILBOXES)
        uids = self.uids(mailbox)
        if uids:
            with self.user.imap() as client:
                client.select(mailbox)
                client.uid('STORE', uids, self.random.choice(('+FLAGS', '-FLAGS')),
                           '(%s)' % self.random.choice((KEYWORD, KEYWORD, 'Other')))

    def dele(self):
        """A POP session that dequeues."""
        self.check(dele=self.random.randint(1, 3))

    def lose(self):
        """Lose index files of one mailbox."""
        mailbox = self.random.choice(MAILBOXES)
        what = self.random.choice(list(LOSSES))
        for path in (self.user.home / INDEXES[self.storage][mailbox]).glob(LOSSES[what]):
            path.unlink()
        if what != 'cache' and self.storage in ('sdbox', 'mdbox'):
            self.user.doveadm('force-resync', mailbox)

    def uidvalidity(self):
        """Another UIDVALIDITY, a higher one."""
        mailbox = self.random.choice(MAILBOXES)
        with self.user.imap() as client:
            status = client.status(mailbox, '(UIDVALIDITY)')[1][0].decode()
        validity = int(re.search(r'UIDVALIDITY (\d+)', status)[1])
        self.user.doveadm('mailbox update', '--uid-validity', str(validity + 1), mailbox)

    def replicate(self):
        """dsync with the other store, both ways; it may have to be told twice."""
        server = self.user.server
        for _ in range(2):
            server.doveadm('sync', '-u', self.user.name, DOVEADM, '-c', str(server.conf),
                           'dsync-server', '-u', self.other.user.name, check=False)
        mine, others = ([(mail.date, mail.flags) for mail in store.mails()
                         if mail.mailbox == 'INBOX'] for store in (self, self.other))
        assert mine == others

    def race(self):
        """Mail arrives while a session opens its mailbox: each message is in or not."""
        account, policy = self.random.choice(self.accounts)
        mails = [('raced', self.date()) for _ in range(8)]
        mailbox = self.random.choice(MAILBOXES)
        thread = threading.Thread(target=self.user.append, args=(mailbox, *mails))
        before = self.queue(policy)
        thread.start()
        queue = self.session(account)
        thread.join()
        after = self.queue(policy)
        assert set(before) <= set(queue) <= set(after), policy
        assert queue == [name for name in after if name in queue], policy
        new = [name for name in after if name not in before]
        assert sorted(set(queue) - set(before)) == sorted(new)[:len(queue) - len(before)]


def play(stores, random, happenings, steps):
    """A history of so many steps; after each of them a session of some account."""
    told = []
    for step in range(steps):
        store = random.choice(stores)
        name = random.choice(happenings)
        told.append(name if len(stores) == 1 else '%s@%d' % (name, stores.index(store)))
        try:
            getattr(store, name)()
            for _ in range(random.randint(1, 2)):
                store.check()
        except (AssertionError, PopError) as error:
            raise AssertionError('step %d of %s: %s' % (step, ' '.join(told), error)) from error
    for store in stores:
        for index in range(len(store.accounts)):
            store.check(index)
