"""The store of a soak: a home on a small disk, its mail, and what happens to it between sessions.
"""

import collections
import os
import pathlib
import random
import re
import time

import pytest

from tests.lib import doveadm, model, settings_module
from tests.lib.faults import SmallDisk
from tests.lib.mailuser import NOON, examine, internal, message, seconds
from tests.lib.model import KEYWORD
from tests.lib.processes import is_waiting
from tests.lib.serverlog import poll
from tests.lib.soak_history import FLAGS, LOSSES, MAILBOXES, QUERIES, SOURCES

# A Maildir's keyword without a name: killed between renaming files and writing dovecot-keywords.
NAMELESS = re.compile(r'unknown-\d+')
# where the index files of a mailbox are, below the home
INDEXES = {'maildir': 'Maildir/.%s', 'sdbox': 'sdbox/mailboxes/%s/dbox-Mails',
           'mdbox': 'mdbox/mailboxes/%s/dbox-Mails', 'mbox': 'mail/.imap/%s'}
# Dovecot says a lot about index files that are gone; a panic is not among it.
LOSS = r'^(?!.*(Panic|Fatal|backtrace|signal)).*(index|dbox|cache|UIDVALIDITY|Sync failed for mbox)'
VALIDITY = 2000000000
# No store lives for so many seconds, and nothing that takes longer is waited for.
TOLERANCE, LONGEST = 600, 100 * 86400


class Accounts:
    """The accounts of a server, used again and again: Dovecot remembers all that it has seen."""
    MOST = 40

    def __init__(self, server):
        self.server = server
        self.users = collections.deque()

    def get(self, storage, home, settings):
        """An account with a policy that has this mail."""
        fields = {'pop_policy_' + name: value for name, value in settings.items()}
        fields.update(self.server.storage_fields(storage))
        if len(self.users) < self.MOST:
            user = self.server.add_user(storage=storage, home=home, fields=fields)
        else:
            user = self.users.popleft()
            user.storage, user.home = storage, home
            user.set(**fields)
        self.users.append(user)
        return user

    @classmethod
    def of(cls, server):
        """Those of a server."""
        return vars(server).setdefault('soak_accounts', cls(server))


def wait_for_end(server):
    """Wait until no POP3 session is left: what comes after a session is done."""
    assert poll(lambda: not any(serving(server, pid) for pid in server.processes('pop3')), 20), (
        'pop3 does not end')


def serving(server, pid):
    """Whether a process of pop3 has a session, or ends one: it has files of a mailbox open, or
    does not wait for events. (Its title does not always tell.)"""
    process = pathlib.Path('/proc/%d' % pid)
    try:
        return not is_waiting(pid) or any(
            path.is_relative_to(server.root / 'mail')
            for path in map(pathlib.Path, map(os.readlink, (process / 'fd').iterdir())))
    except OSError:
        # it, or the file, is no longer there
        return process.exists()


def mails_of(client, mailbox):
    """The mails of a mailbox over IMAP as [(model.Mail, raw)], named (Message-ID, mailbox, UID)."""
    if not examine(client, mailbox):
        return []
    found = []
    for item in client.uid('FETCH', '1:*', '(UID FLAGS INTERNALDATE BODY.PEEK[])')[1]:
        if not isinstance(item, tuple):
            continue
        head, raw = item[0].decode(), item[1]
        ident = re.search(rb'(?mi)^Message-ID: <([^>]*)>', raw)
        flags = frozenset(flag for flag in re.search(r'FLAGS \(([^)]*)\)', head)[1].split()
                          if flag != r'\Recent' and not NAMELESS.fullmatch(flag))
        name = (ident[1].decode() if ident else '?', mailbox,
                int(re.search(r'UID (\d+)', head)[1]))
        date = seconds(re.search(r'INTERNALDATE "([^"]+)"', head)[1])
        found.append((model.Mail(name, mailbox, date, flags), raw))
    return found


class Store:
    """A home on a small disk, with an account for each session."""
    made = 0

    def __init__(self, server, history, clock=None):
        self.server = server
        self.clock = clock
        if clock:
            clock.set(0)
        self.storage = history.storage
        Store.made += 1
        home = server.root / 'mail' / ('store%d' % Store.made)
        home.mkdir(0o700)
        self.user = self.account({}, home)
        try:
            self.disk = SmallDisk(self.user, size='8m', kind=history.disk)
        except pytest.skip.Exception:
            # not in every chroot
            self.disk = SmallDisk(self.user, size='8m')
        self.yesterday = int(time.time()) - 86400
        # {Message-ID: the message}; those that LMTP adds headers to, before they are first seen
        self.raws, self.sent = {}, {}
        # when mails() was last called: {mailbox: UIDVALIDITY}, and {Message-ID: self.ahead when
        # it was first seen as dequeued}
        self.validities, self.marked = {}, {}
        with self.user.imap() as client:
            for mailbox in MAILBOXES[1:-1]:
                client.create(mailbox)

    def close(self):
        """Unmount the disk, when the last session has nothing more to expire."""
        try:
            wait_for_end(self.server)
        finally:
            if self.clock:
                self.clock.sweep()
            self.disk.close()
            self.user.home.rmdir()

    def account(self, settings, home=None):
        """An account with a policy that has this mail."""
        return Accounts.of(self.server).get(self.storage, home or self.user.home, settings)

    @property
    def ahead(self):
        """By how many seconds the clock of sessions is ahead; it never goes back."""
        return self.clock.offset if self.clock else 0

    # -- its mail

    def mails(self):
        """All mails, those of a mailbox in the order of UIDs; each must be whole."""
        found, self.validities = [], {}
        with self.user.imap() as client:
            for mailbox in MAILBOXES:
                for mail, raw in mails_of(client, mailbox):
                    self._check(mail, raw)
                    self.validities[mailbox] = int(client.untagged_responses['UIDVALIDITY'][0])
                    found.append(mail)
        if len(set(self.validities.values())) < len(self.validities):
            # UIDLs would be made unique
            self._part()
            return self.mails()
        self.marked = {mail.name[0]: self.marked.get(mail.name[0], self.ahead)
                       for mail in found if KEYWORD in mail.flags}
        return found

    def drop_orphans(self):
        """Remove files of an sdbox that its indexes do not know, of copies or expunges cut off.

        Dovecot's next copy to a mailbox with such a file fails, and rebuilds the index.
        """
        known = {mail.name[1:] for mail in self.mails()}
        for path in self.user.home.rglob('dbox-Mails/u.*'):
            if (path.parent.parent.name, int(path.name[2:])) not in known:
                path.unlink()

    def _check(self, mail, raw):
        ident = mail.name[0]
        if ident in self.sent and raw.endswith(self.sent[ident]):
            self.raws[ident] = raw
            del self.sent[ident]
        assert self.raws.get(ident) == raw, 'not what was stored: %s %r' % (mail, raw)

    def _part(self):
        for number, mailbox in enumerate(self.validities):
            self.user.doveadm('mailbox update', '--uid-validity',
                              str(VALIDITY + number * 10 ** 6), mailbox)

    def refill(self, plan):
        """See to it that there are some mails in the queue."""
        mails = self.mails()
        if sum(mail.mailbox in SOURCES and KEYWORD not in mail.flags for mail in mails) > 20:
            return
        with self.user.imap() as client:
            for mailbox in MAILBOXES:
                self._clean(client, mailbox)
            for mailbox, count in plan.mail.items():
                client.create(mailbox)
                self._append(client, mailbox, count, plan.seed)

    @staticmethod
    def _clean(client, mailbox):
        """Expunge what is in no queue."""
        if client.select(mailbox)[0] == 'OK':
            chosen = ('KEYWORD ' + KEYWORD,) if mailbox in SOURCES else ('ALL',)
            numbers = client.search(None, *chosen)[1][0].decode().split()
            if numbers:
                client.store(','.join(numbers), '+FLAGS', r'(\Deleted)')
                client.expunge()

    def _append(self, client, mailbox, count, seed):
        """Append so many new mails with one command."""
        command = b'MULTI APPEND %s' % mailbox.encode()
        for number in range(count):
            rnd = random.Random('%d %s %d' % (seed, mailbox, number))
            ident = 'm%d' % len(self.raws)
            raw = message(ident, 'line\r\n' * rnd.randint(1, 200), ['Message-ID: <%s>' % ident])
            self.raws[ident] = raw
            date = rnd.choice((NOON, NOON, self.yesterday)) + rnd.randint(-50, 50)
            command += b' (%s) %s {%d+}\r\n%s' % (
                rnd.choice(FLAGS).encode(), internal(date).encode(), len(raw), raw)
        client.send(command + b'\r\n')
        while not (line := client.readline()).startswith(b'MULTI '):
            assert line, 'the connection ended inside APPEND'
        assert line.startswith(b'MULTI OK'), line

    # -- what happens between sessions

    def happen(self, happening, policy, account):
        """One of Plan.before; the list of what is wrong."""
        name, *arguments = happening
        before = self.mails()
        expected = getattr(self, 'happen_' + name)(before, policy, account, *arguments)
        if expected is None:
            return ['lost by %s: %s' % (happening, mail) for mail in self.missing(before)]
        now = self.mails()
        places = [collections.Counter((mail.name[0], mail.mailbox, mail.date, mail.flags)
                                      for mail in mails) for mails in (expected, now)]
        return ['%s by %s: %s' % (word, happening, place) for word, found in (
            ('not there', places[0] - places[1]), ('there', places[1] - places[0]))
            for place in found]

    def missing(self, before):
        """The mails that were there before, and are nowhere.

        Flags and UIDs may be others, and mdbox may find again what it has expunged.
        """
        def gone():
            there = {mail.name[0] for mail in self.mails()}
            return [mail for mail in before if mail.name[0] not in there]
        if gone() and self.storage == 'maildir':
            # Without its uidlist it seems empty, until Dovecot has a reason to look again.
            self.happen_resync()
        return gone()

    def happen_delete(self, before, _policy, _account, mailbox):
        """IMAP DELETE."""
        with self.user.imap() as client:
            client.delete(mailbox)
        return [mail for mail in before if mail.mailbox != mailbox]

    def happen_rename(self, before, _policy, _account, old, new):
        """IMAP RENAME, if there is the one and not the other."""
        with self.user.imap() as client:
            done = client.rename(old, new)[0] == 'OK'
        return [mail.moved(new) if done and mail.mailbox == old else mail for mail in before]

    def happen_create(self, before, _policy, _account, mailbox):
        """IMAP CREATE, if it is not there."""
        with self.user.imap() as client:
            client.create(mailbox)
        return before

    def happen_lose(self, _before, _policy, _account, mailbox, what):
        """Index files are lost."""
        folder = INDEXES[self.storage] % mailbox
        if folder == 'Maildir/.INBOX':
            folder = 'Maildir'
        self.server.log.allow_errors(LOSS)
        for path in (self.user.home / folder).glob(LOSSES[what]):
            path.unlink()
        if what != 'cache' and self.storage in ('sdbox', 'mdbox'):
            self.happen_resync()

    def happen_resync(self, *_):
        """doveadm force-resync."""
        self.server.log.allow_errors(LOSS)
        self.user.doveadm('force-resync', '*')

    def happen_requeue(self, before, policy, account, query):
        """doveadm pop-policy requeue."""
        if not self.pop_policy('requeue', account, *query.split()):
            return before
        return model.requeued(policy, before, QUERIES[query])

    def happen_dequeue(self, before, policy, account, query):
        """doveadm pop-policy dequeue."""
        if not self.pop_policy('dequeue', account, *query.split()):
            return before
        return model.dequeued(policy, before, QUERIES[query])

    def happen_expire(self, before, policy, account):
        """doveadm pop-policy expire, twice if nobody has to wait: the first one may start it."""
        if not policy.keep_for or not self.pop_policy('expire', account):
            return before
        if policy.keep_for > (LONGEST if self.clock else 1):
            return before
        if self.clock:
            self.clock.advance(policy.keep_for + 1)
        else:
            time.sleep(policy.keep_for + 1)
        self.pop_policy('expire', account)
        return [mail for mail in before if not model.may_expire(policy, mail)]

    def may_expire(self, policy, mail, marked):
        """Whether a mail may be gone by now; marked: an earlier state of self.marked."""
        since = marked.get(mail.name[0], self.ahead)
        return (model.may_expire(policy, mail) and
                self.ahead - since + TOLERANCE >= policy.keep_for)

    def happen_wait(self, before, _policy, _account, time_passed):
        """Time passes, if there is a clock for it."""
        if self.clock:
            self.clock.advance(time_passed)
        return before

    def pop_policy(self, command, account, *arguments):
        """doveadm pop-policy; False where doveadm cannot see the module."""
        if settings_module.show.doveadm:
            doveadm.run(account.server, command, '-u', account.name, *arguments, check=0,
                        environment=self.clock.environment() if self.clock else ())
        return settings_module.show.doveadm
