"""Random sessions with kills, full disks, concurrent IMAP and lost connections.

After each of them, what IMAP shows is compared with the model. A session has a number, which is
its seed, and a store, which serves LIFE sessions: mail lives on from one to the next. So a replay
of a session plays those of its store before it. Chance that the seed does not rule is left: the
moment at which a process is killed, and how two processes meet.
"""

import collections
import contextlib
import dataclasses
import imaplib
import os
import random
import re
import signal
import threading
import time

import pytest

from tests.lib import model
from tests.lib.faults import SmallDisk
from tests.lib.history import seconds
from tests.lib.mailuser import NOON, examine, internal, message, stamp
from tests.lib.model import ACTIONS, KEYWORD, SEEN, SPAM
from tests.lib.outcome import DELETED, DONE
from tests.lib.popclient import PopError
from tests.lib.serverlog import poll

# sessions per store
LIFE = 10
SOURCES = ('INBOX', 'Junk')
EXTRA = ('', '', 'Other', 'O*', '*', 'Archive,Other', 'Other, \\Trash')
MAILBOXES = (*SOURCES, 'Archive', 'Trash', 'Other')
# apart from each other's and INBOX's for good, so that no UIDL is made unique
VALIDITIES = {mailbox: 2000000000 + number * 10 ** 6
              for number, mailbox in enumerate(MAILBOXES[1:])}
FAULTS = ('none', 'disk', 'disk', 'kill', 'kill', 'imap', 'imap', 'drop', 'hang up')
WITHOUT_QUIT = ('drop', 'kill before QUIT')
SCRIPTS = ('D', 'D', 'D', 'R', 'RD', 'DR', 'RDR', 'DXD', 'RXD', 'RDXR', 'RDX', '')
FLAGS = ('', '', '', r'\Seen', r'\Flagged', 'Label1', r'\Seen Label1', KEYWORD)
# those that the other IMAP client sets
OTHERS_FLAGS = (r'\Flagged', r'\Answered', 'Label1')
# A process that is killed, or cannot write to the disk or expunge from an mbox, may leave so many
# mails in two mailboxes: the copies are stored before the originals are removed.
BATCH = 100
# A Maildir's keyword without a name: killed between renaming files and writing dovecot-keywords.
NAMELESS = re.compile(r'unknown-\d+')
# The cache file was made anew, and the index does not know that yet.
CACHE = 'Deleting corrupted cache: reset_id mismatch'
# What the log may say after a fault. On a full disk Dovecot fails an assertion of its own when it
# expunges from sdbox, and an mdbox may have to rebuild its indexes, as after a kill. It is so
# without the plugin, too.
EXPLAINED = {
    'disk': r'No space left on device|in-memory|pop_policy|Couldn.t|/dovecot\.index.* failed'
            r'|dovecot-uidlist: next_uid was lowered'
            r'|Panic: Leaked view for index .* mail-index-sync\.c|Raw backtrace|signal 6'
            r'|refcount too low|reset, view is now inconsistent|Inconsistency in map index',
    'kill': 'killed with signal 9|refcount too low|reset, view is now inconsistent|' + CACHE,
    'kill before QUIT': 'killed with signal 9|' + CACHE,
}


def store_of(seed):
    """The number of the store that a session belongs to."""
    return seed // LIFE


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
        date = seconds(re.search(r'INTERNALDATE "([^"]+)"', head)[1].strip())
        found.append((model.Mail(name, mailbox, date, flags), raw))
    return found


class Store:
    """A home on a small disk, with an account for each session."""

    def __init__(self, server, storage, number):
        self.server = server
        self.random = random.Random('store %d' % number)
        self.user = server.add_user(storage=storage)
        self.kind = self.random.choice(('tmpfs', 'ext4'))
        try:
            self.disk = SmallDisk(self.user, size='8m', kind=self.kind)
        except pytest.skip.Exception:
            # not in every chroot
            self.kind = 'tmpfs'
            self.disk = SmallDisk(self.user, size='8m')
        self.yesterday = int(time.time()) - 86400
        # {Message-ID: the message}
        self.raws = {}
        for mailbox, validity in VALIDITIES.items():
            self.user.doveadm('mailbox create', mailbox)
            self.user.doveadm('mailbox update', '--uid-validity', str(validity), mailbox)

    def close(self):
        """Unmount the disk, when the last session has nothing more to expire."""
        try:
            self.server.wait_for_end()
        finally:
            self.disk.close()

    def account(self, settings):
        """An account with a policy that has this mail."""
        fields = {'pop_policy_' + name: value for name, value in settings.items()}
        fields.update(self.server.storage_fields(self.user.storage))
        return self.server.add_user(storage=self.user.storage, home=self.user.home, fields=fields)

    def mails(self):
        """All mails, those of a mailbox in the order of UIDs; each must be whole."""
        found = []
        with self.user.imap() as client:
            for mailbox in MAILBOXES:
                for mail, raw in mails_of(client, mailbox):
                    assert self.raws.get(mail.name[0]) == raw, 'not what was stored: %s %r' % (
                        mail, raw)
                    found.append(mail)
        return found

    def refill(self):
        """See to it that there are some mails in the queue."""
        mails = self.mails()
        if sum(mail.mailbox in SOURCES and KEYWORD not in mail.flags for mail in mails) > 20:
            return
        with self.user.imap() as client:
            for mailbox in MAILBOXES:
                self._clean(client, mailbox)
            for mailbox, most in (('INBOX', 120), ('Junk', 30), ('Other', 30)):
                self._append(client, mailbox, self.random.randint(10, most))

    @staticmethod
    def _clean(client, mailbox):
        """Expunge what is in no queue."""
        if client.select(mailbox)[0] == 'OK':
            chosen = ('KEYWORD ' + KEYWORD,) if mailbox in SOURCES else ('ALL',)
            numbers = client.search(None, *chosen)[1][0].decode().split()
            if numbers:
                client.store(','.join(numbers), '+FLAGS', r'(\Deleted)')
                client.expunge()

    def _append(self, client, mailbox, count):
        """Append so many new mails with one command."""
        command = b'MULTI APPEND %s' % mailbox.encode()
        for _ in range(count):
            ident = 'm%d' % len(self.raws)
            raw = message(ident, 'line\r\n' * self.random.randint(1, 200),
                          ['Message-ID: <%s>' % ident])
            self.raws[ident] = raw
            date = self.random.choice((NOON, NOON, self.yesterday)) + self.random.randint(-50, 50)
            command += b' (%s) %s {%d+}\r\n%s' % (
                self.random.choice(FLAGS).encode(), internal(date).encode(), len(raw), raw)
        client.send(command + b'\r\n')
        while not (line := client.readline()).startswith(b'MULTI '):
            assert line, 'the connection ended inside APPEND'
        assert line.startswith(b'MULTI OK'), line


class Interference(threading.Thread):
    """An IMAP client that expunges, flags and moves mail while a session says QUIT."""

    def __init__(self, store, rnd, mailbox, names):
        super().__init__()
        self.random = rnd
        self.uids = [name[2] for name in names]
        self.names = {name[2]: name for name in names}
        # names of mails: flagged, and expunged or moved
        self.flagged, self.moved, self.expunged = set(), set(), set()
        self.trouble = []
        self.client = store.user.imap()
        self.client.select(mailbox)
        # (a move within an mbox makes Dovecot fail an assertion)
        self.targets = [name for name in ('Other', 'Archive') if name != mailbox]

    def run(self):
        try:
            for _ in range(self.random.randint(1, 6)):
                time.sleep(self.random.uniform(0, 0.004))
                self.step()
            self.client.logout()
        except (OSError, self.client.error) as error:
            self.trouble.append(repr(error))

    def step(self):
        """One change."""
        uids = self.random.sample(self.uids, self.random.randint(1, min(5, len(self.uids))))
        names = {self.names[uid] for uid in uids}
        text = ','.join(map(str, uids))
        what = self.random.choice(('expunge', 'flag', 'move'))
        if what == 'flag':
            self.flagged |= names
            self.client.uid('STORE', text, self.random.choice(('+FLAGS', '-FLAGS')),
                            '(%s)' % self.random.choice(OTHERS_FLAGS))
        elif what == 'move':
            self.moved |= names
            self.client.uid('MOVE', text, self.random.choice(self.targets))
        else:
            self.expunged |= names
            self.client.uid('STORE', text, '+FLAGS', r'(\Deleted)')
            self.client.uid('EXPUNGE', text)


class Untouched:
    """The Interference that there is not."""
    flagged, moved, expunged, trouble = (), (), (), ()


@dataclasses.dataclass
class Done:
    """What a session did. names of mails; answer: None if QUIT got none."""
    deleted: set = dataclasses.field(default_factory=set)
    retrieved: set = dataclasses.field(default_factory=set)
    answer: str = None


class Session:
    """One session, made up from its seed."""

    def __init__(self, store, seed):
        self.store = store
        self.random = rnd = random.Random(seed)
        self.seed = seed
        self.settings = {
            'delete': rnd.choice(('', 'keep', *ACTIONS)),
            'retrieve': rnd.choice(('', '', 'none', *ACTIONS)),
            'spam': rnd.choice(SPAM),
            'since': rnd.choice(('', '', '', stamp(NOON))),
            'extra_mailboxes': rnd.choice(EXTRA),
            'mailbox_header': rnd.choice(('', 'X-Mailbox')),
            'keep_for': rnd.choice(('', '', 'infinite', '5000d', '1s')),
            # (not near the arrival of any mail: time passes)
            'recent': rnd.choice(('', '', '', '', 'no', '30d', '5000d'))}
        self.policy = model.read(self.settings)
        self.script = rnd.choice(SCRIPTS)
        self.fault = rnd.choice(FAULTS)
        if store.user.storage == 'mbox' and self.fault == 'kill':
            # Dovecot rewrites an mbox in place: a kill during QUIT damages the file, with the
            # plugin or without.
            self.fault = 'kill before QUIT'
        # Two processes that change an mbox at the same time may undo each other's flags and
        # expunges. QUIT must notice.
        self.racy = store.user.storage == 'mbox' and self.fault == 'imap'
        self.leave = rnd.choice((0, 0, rnd.randint(0, 40000)))
        # a small QUIT takes less than a millisecond
        self.moment = rnd.choice((0.001, 0.004, 0.02)) * rnd.random()
        self.done = Done()
        self.other = Untouched
        self.log = []

    def __str__(self):
        return 'session %d, %s on %s, %s, script %s, fault %s, QUIT: %s' % (
            self.seed, self.store.user.storage, self.store.kind,
            {name: value for name, value in self.settings.items() if value}, self.script or '-',
            self.fault, self.done.answer)

    # -- the session

    def play(self):
        """All of it; the list of what is wrong."""
        self.store.refill()
        before = self.store.mails()
        account = self.store.account({name: value for name, value in self.settings.items()
                                      if value})
        with account.pop() as client:
            listed = self.listed(client, before)
            wrong = self.compare_queue('before', listed, before)
            if not wrong:
                self.run_script(client, listed)
                getattr(self, 'end_' + self.fault.replace(' ', '_'))(client, listed)
        if self.store.user.storage in ('mdbox', 'mbox') and self.fault in ('disk', 'kill'):
            # mdbox: an IMAP session that finds a broken index ends when it has rebuilt it. mbox:
            # marks of a QUIT that failed may be in the index, and show when the file is written.
            self.store.user.doveadm('force-resync', '*')
        if self.policy.keep_for:
            self.store.server.wait_for_end()
        if self.store.user.storage == 'maildir' and self.fault == 'disk':
            # A uidlist that cannot be written makes Dovecot forget all mails of the mailbox. The
            # first session that can write it finds them again, with new UIDs.
            self.store.mails()
        now = self.store.mails()
        wrong += list(self.compare(before, now))
        with account.pop() as client:
            wrong += self.compare_queue('of the next session', self.listed(client, now), now)
            client.quit()
        return wrong + self.log_lines()

    @staticmethod
    def listed(client, mails):
        """The names of what a session lists."""
        names = {}
        for mail in mails:
            names.setdefault((VALIDITIES.get(mail.mailbox), mail.name[2]), mail.name)
        known = set(VALIDITIES.values())
        uidls = [(int(uidl[8:16], 16), int(uidl[:8], 16)) for uidl in client.uidl().values()]
        uidls = [(validity if validity in known else None, uid) for validity, uid in uidls]
        return [names.get(uidl, uidl) for uidl in uidls]

    def compare_queue(self, what, listed, mails):
        """Whether the queue is the model's."""
        expected = [mail.name for mail in model.queue(self.policy, mails)]
        if listed == expected:
            return []
        return ['queue %s: %s listed, %s not listed, %d expected' % (
            what, [name for name in listed if name not in expected],
            [name for name in expected if name not in listed], len(expected))]

    def run_script(self, client, listed):
        """RETR, DELE and RSET."""
        deleted, retrieved = set(), set()
        for letter in self.script:
            if letter == 'X':
                client.rset()
                deleted, retrieved = set(), set()
                continue
            left = [num for num, name in enumerate(listed, 1) if name not in deleted]
            most = self.random.choice((3, 20, len(left)))
            nums = self.random.sample(left, min(len(left), self.random.randint(0, most)))
            client.send(*('%s %d' % ({'D': 'DELE', 'R': 'RETR'}[letter], num) for num in nums))
            for num in nums:
                answer = client.reply()
                if not answer.startswith('+OK'):
                    raise PopError('%s %d: %s' % (letter, num, answer))
                if letter == 'R':
                    self.compare_message(listed[num - 1], answer, b''.join(client.body()))
                (deleted if letter == 'D' else retrieved).add(listed[num - 1])
        self.done.deleted, self.done.retrieved = deleted, retrieved

    def compare_message(self, name, answer, raw):
        """Whether RETR has sent what is stored, and its size."""
        ident, mailbox, _ = name
        if raw != self.policy.header(mailbox) + self.store.raws[ident]:
            raise PopError('%s is not what is stored: %r' % (name, raw[:200]))
        if int(answer.split()[1]) != len(raw):
            raise PopError('%s has %d octets: %s' % (name, len(raw), answer))

    # -- the ends it may have

    def end_none(self, client, _listed):
        """QUIT, and nothing goes wrong."""
        self.done.answer = client.quit()

    def end_disk(self, client, _listed):
        """The disk is full, or nearly, at QUIT."""
        self.store.disk.fill(self.leave)
        self.done.answer = client.quit()
        self.store.server.wait_for_end()
        self.store.disk.free()

    def end_kill(self, client, _listed):
        """The process is killed while it executes QUIT, or just after."""
        server = self.store.server
        pids = server.processes('pop3')
        client.send('QUIT')
        time.sleep(self.moment)
        killed = 0
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        self.done.answer = client.reply() or None
        self.store.server.wait_for_end()
        if killed and not self.done.answer:
            assert poll(lambda: server.log.errors('killed with signal 9'), 10)
        for path in self.store.user.home.rglob('*.lock'):
            path.unlink()

    def end_kill_before_QUIT(self, client, _listed):
        """The process is killed, and there was no QUIT."""
        server = self.store.server
        for pid in server.processes('pop3'):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert client.rest() == b''
        self.store.server.wait_for_end()
        assert poll(lambda: server.log.errors('killed with signal 9'), 10)

    def end_imap(self, client, listed):
        """An IMAP client changes what was deleted, and other mail."""
        mailbox = self.random.choice(self.policy.sources(MAILBOXES))
        names = [name for name in listed if name[1] == mailbox]
        wanted = [name for name in names if name in self.done.deleted | self.done.retrieved]
        names = wanted if wanted and self.random.random() < 0.7 else names
        if names:
            self.other = Interference(self.store, self.random, mailbox, names)
            self.other.start()
            time.sleep(self.moment)
        self.done.answer = client.quit()
        if names:
            self.other.join()

    def end_drop(self, client, _listed):
        """No QUIT."""
        client.drop()

    def end_hang_up(self, client, _listed):
        """The connection is gone when QUIT is executed."""
        client.send('QUIT')
        if self.moment > 0.001:
            time.sleep(self.moment / 10)
        client.close()
        self.store.server.wait_for_end()

    # -- what is compared

    def expected(self, before):
        """The mails after QUIT as the model has it."""
        return model.after_quit(self.policy, before, self.done.deleted, self.done.retrieved)

    def compare(self, before, now):
        """What is wrong with the mails after the session."""
        yield from self.other.trouble
        expected = self.unexpired(self.expected(before), before, now)
        before = self.unexpired(before, before, now)
        if not self.succeeded() and self.fault in ('none', 'imap') and not self.racy:
            yield 'QUIT failed'
        if self.fault in WITHOUT_QUIT:
            yield from self.compare_exactly(before, now)
        elif self.succeeded():
            yield from self.compare_exactly(expected, now)
            yield from self.compare_touched(before, now)
        else:
            yield from self.compare_loosely(before, expected, now)
            yield from self.compare_touched(before, now)

    def unexpired(self, mails, before, now):
        """The mails, but for those that are gone because they were dequeued for long enough."""
        if not self.policy.keep_for or self.policy.keep_for > 1:
            return mails
        there = {mail.name[0] for mail in now}
        expired = {mail.name[0] for mail in (*before, *self.expected(before))
                   if model.may_expire(self.policy, mail)} - there
        return [mail for mail in mails if mail.name[0] not in expired]

    def compare_exactly(self, expected, now):
        """Mails that nobody else has touched are as expected."""
        touched = self.touched()
        ignored = self.ignored_flags()

        def places(mails):
            return collections.Counter(
                (mail.name[0], mail.mailbox, mail.date, mail.flags - ignored[mail.name[0]])
                for mail in mails if mail.name[0] not in touched)
        wanted, found = places(expected), places(now)
        for place in wanted - found:
            yield 'not there: %s' % (place,)
        for place in found - wanted:
            yield 'there: %s' % (place,)

    def touched(self):
        """The Message-IDs of what somebody else has moved, expunged or, where it matters, flagged.
        """
        flagged = self.other.flagged if self.racy and not self.succeeded() else ()
        return {name[0] for name in (*self.other.moved, *self.other.expunged, *flagged)}

    def succeeded(self):
        """Whether QUIT was answered +OK."""
        return self.done.answer in (DELETED, DONE)

    def ignored_flags(self):
        """{Message-ID: flags that say nothing}."""
        ignored = collections.defaultdict(frozenset)
        for name in self.other.flagged:
            ignored[name[0]] |= {*OTHERS_FLAGS}
        if self.fault in WITHOUT_QUIT or (
                (self.fault == 'disk' or self.racy) and self.policy.retrieve != 'read'):
            # Dovecot itself marks what it has sent, without QUIT as well. It does not say if it
            # could not.
            for name in self.done.retrieved:
                ignored[name[0]] |= {SEEN}
        return ignored

    def compare_touched(self, before, now):
        """Mails that somebody else has moved or expunged are not lost, or doubled twice."""
        copies = collections.Counter(mail.name[0] for mail in now)
        may_go = {*self.other.expunged}
        for action, names in ((self.policy.delete, self.done.deleted),
                              (self.policy.retrieve, self.done.retrieved)):
            may_go |= names if action == 'delete' else set()
        for mail in before:
            if mail.name in self.other.moved or mail.name in self.other.expunged:
                if not copies[mail.name[0]] and mail.name not in may_go:
                    yield 'lost: %s' % (mail,)
                if copies[mail.name[0]] > 2:
                    yield 'too many: %s' % (mail,)

    def compare_loosely(self, before, expected, now):
        """Every mail is as before or as after; a few may be both."""
        old, new, found = (collections.defaultdict(list) for _ in range(3))
        touched = self.touched()
        for mails, by_name in ((before, old), (expected, new), (now, found)):
            for mail in mails:
                if mail.name[0] not in touched:
                    by_name[mail.name[0]].append(mail)
        doubled = 0
        for name, mails in old.items():
            allowed = [*mails, *(mail.flagged(SEEN) for mail in mails
                                 if mail.name in self.done.retrieved), *new[name]]
            bad = [mail for mail in found[name]
                   if not any(between(mail, mails, one) for one in allowed)]
            if len(bad) == len(found[name]) and len(new[name]) == len(mails):
                yield 'lost: %s, there: %s' % (mails, bad)
            elif bad and self.fault != 'kill':
                yield 'neither as before nor as after: %s' % bad
            doubled += max(len(found[name]) - len(mails), 0)
        if doubled > (BATCH if self.racy or self.fault in ('kill', 'disk') else 0):
            yield '%d copies too many' % doubled
        for name in found.keys() - old.keys():
            yield 'not there before: %s' % (found[name],)

    def log_lines(self):
        """What the log says that the fault does not explain."""
        log = self.store.server.log
        self.log = log.error.lines()
        explained = 'pop_policy: QUIT failed' if self.racy else EXPLAINED.get(self.fault)
        return [line for line in log.settle() if not explained or not re.search(explained, line)]


def between(mail, before, one):
    """Whether a mail is where one is, with its flags, perhaps not all of the new ones."""
    least = frozenset.intersection(*(old.flags for old in before))
    return mail.mailbox == one.mailbox and mail.date == one.date and (
        mail.flags == one.flags or least <= mail.flags <= one.flags)


def play(server, storage, seeds):
    """The sessions of one store with these seeds, and those before them."""
    store = Store(server, storage, store_of(seeds[0]))
    try:
        for seed in range(store_of(seeds[0]) * LIFE, max(seeds) + 1):
            session = Session(store, seed)
            try:
                wrong = session.play()
            except (AssertionError, OSError, imaplib.IMAP4.error) as error:
                wrong = ['%s: %s' % (type(error).__name__, error), *session.log_lines()]
            assert not wrong, '\n'.join([
                str(session), "replay: make check-random PYTEST_ARGS='-k %s' POP_POLICY_SEEDS=%d"
                % (storage, seed), *wrong[:30],
                'log:', *session.log[:30]])
    finally:
        store.close()
