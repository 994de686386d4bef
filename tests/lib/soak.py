"""Random sessions with kills, full disks, other clients and lost connections, one after another.

After each of them, what IMAP shows is compared with the model. soak_history.py makes them up,
soak_reduce.py makes those that fail shorter. Chance that no seed rules is left: the moment at
which a process is killed, and how two processes meet.
"""

import atexit
import collections
import contextlib
import dataclasses
import functools
import imaplib
import os
import re
import signal
import time
import traceback

import pytest

from tests.lib import model
from tests.lib.clock import Clock
from tests.lib.model import KEYWORD, SEEN
from tests.lib.outcome import DELETED, DONE
from tests.lib.popclient import PopError
from tests.lib.serverlog import poll
from tests.lib.soak_beside import ACTORS, Others
from tests.lib.soak_history import MAILBOXES, OTHERS_FLAGS, picked
from tests.lib.soak_store import Store, wait_for_end

LASTING = {'pop3_service': {'service_count': 1000}}
TROUBLE = (AssertionError, OSError, imaplib.IMAP4.error)
WITHOUT_QUIT = ('drop', 'kill before QUIT')
# A process that is killed, or cannot write to the disk or expunge from an mbox, may leave so many
# mails in two mailboxes: the copies are stored before the originals are removed.
BATCH = 100
# The cache file was made anew, and the index does not know that yet.
CACHE = 'Deleting corrupted cache: reset_id mismatch'
# A process was killed; its last write to an index's log may be cut off. If a dbox then loses the
# whole index, its flags are lost, in stock Dovecot as well.
CUT_OFF = 'Unexpected garbage at EOF'
KILLED = 'killed with signal 9|refcount too low|reset, view is now inconsistent|' \
    + CUT_OFF + '|' + CACHE
# In the log all but crashes is explained: for damage that is none of the plugin's.
NO_CRASH = r'^(?!.*(Panic|killed with signal))'
# What the log may say after a fault. On a full disk Dovecot fails an assertion of its own when it
# expunges from sdbox, and an mdbox may have to rebuild its indexes, as after a kill. It is so
# without the plugin, too.
EXPLAINED = {
    'disk': r'No space left on device|in-memory|pop_policy|Couldn.t|/dovecot\.index.* failed'
            r'|dovecot-uidlist: next_uid was lowered'
            r'|Panic: Leaked view for index .* mail-index-sync\.c|Raw backtrace|signal 6'
            r'|refcount too low|reset, view is now inconsistent|Inconsistency in map index',
    'kill': KILLED,
    'kill before QUIT': 'killed with signal 9|' + CACHE,
}
# Two processes that change an mbox at the same time may undo each other's flags and expunges. QUIT
# must notice, and whoever expires what is old.
RACE = r'pop_policy: (QUIT failed|Some messages could not be removed)|were not expired: .*removed$'


class Failure(AssertionError):
    """A history that has failed, up to the session that did; wrong: what is wrong."""

    def __init__(self, history, wrong, told):
        super().__init__('\n'.join([told, *wrong[:30]]))
        self.history = history
        # what is wrong, in a word or two
        self.kinds = {line.split(':')[0] for line in wrong}


@dataclasses.dataclass
class Done:
    """What a session did. names of mails; answer: None if QUIT got none."""
    deleted: set = dataclasses.field(default_factory=set)
    retrieved: set = dataclasses.field(default_factory=set)
    answer: str = None


class Session:
    """One session, as its plan says."""

    def __init__(self, store, plan):
        self.store = store
        self.plan = plan
        self.fault = plan.fault
        self.settings = model.read(plan.settings)
        self.racy = store.storage == 'mbox' and 'imap' in dict(plan.beside)
        self.done = Done()
        self.others = Others()
        self.account = None
        # Store.marked before the session
        self.marked = {}
        # whether a dbox has lost an index, and all flags with it
        self.forgotten = False
        self.log = []

    @property
    def policy(self):
        """The settings in force, at this moment."""
        return dataclasses.replace(self.settings, ahead=self.store.ahead)

    def __str__(self):
        return 'session %d, %s on %s, %s, script %s, fault %s, beside %s, QUIT: %s' % (
            self.plan.seed, self.store.storage, 'ext4' if self.store.disk.image else 'tmpfs',
            self.plan.settings,
            ''.join(letter for letter, _ in self.plan.script) or '-', self.fault or '-',
            [name for name, _ in self.plan.beside], self.done.answer)

    # -- the session

    def play(self):
        """All of it; the list of what is wrong."""
        self.store.refill(self.plan)
        self.account = self.store.account(self.plan.settings)
        wrong = []
        for happening in self.plan.before:
            wrong += self.store.happen(happening, self.policy, self.account)
        before = self.store.mails()
        self.marked = self.store.marked
        with self.account.pop() as client:
            listed = self.listed(client, before)
            wrong += self.compare_queue('before', listed, before)
            if not wrong:
                self.run_script(client, listed)
                getattr(self, 'end_' + (self.fault or 'none').replace(' ', '_'))(client, listed)
        self.settle()
        now = self.store.mails()
        wrong += [*self.compare_answer(), *self.compare(before, now)]
        with self.account.pop() as client:
            wrong += self.compare_queue('of the next session', self.listed(client, now), now)
            client.quit()
        return wrong + self.locks() + self.log_lines()

    def settle(self):
        """Let come to rest what the session has left."""
        if self.store.storage in ('mdbox', 'mbox') and self.fault in ('disk', 'kill'):
            # mdbox: an IMAP session that finds a broken index ends when it has rebuilt it. mbox:
            # marks of a QUIT that failed may be in the index, and show when the file is written.
            said = self.store.user.resync()
            self.forgotten = self.store.storage == 'mdbox' and CUT_OFF in said
        if self.policy.keep_for:
            wait_for_end(self.store.server)
        if self.store.storage in ('maildir', 'sdbox') and self.fault in ('disk', 'kill'):
            # A session that finds an index's log cut off ends; the next one has a new one. A uidlist
            # that cannot be written makes Dovecot forget all mails of the mailbox; the first session
            # that can write it finds them again, with new UIDs.
            with contextlib.suppress(*TROUBLE):
                self.store.mails()
        if self.store.storage == 'sdbox' and self.fault in ('disk', 'kill'):
            if self.store.server.log.errors(CUT_OFF):
                # Dovecot 2.4 shows no mail of this mailbox any more.
                self.forgotten = True
                self.store.user.resync()
            self.store.drop_orphans()

    def locks(self):
        """The locks that are left when nobody is there any more."""
        wait_for_end(self.store.server)
        poll(lambda: not self.store.user.locks(), 5)
        return ['lock left: %s' % path for path in self.store.user.locks()]

    def listed(self, client, mails):
        """The names of what a session lists."""
        names = {(self.store.validities[mail.mailbox], mail.name[2]): mail.name for mail in mails}
        uidls = [(int(uidl[8:16], 16), int(uidl[:8], 16)) for uidl in client.uidl().values()]
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
        sources = self.policy.sources(MAILBOXES)
        only = sources[self.plan.source % len(sources)] if self.plan.source else None
        for letter, numbers in self.plan.script:
            if letter == 'X':
                client.rset()
                deleted, retrieved = set(), set()
                continue
            left = [num for num, name in enumerate(listed, 1)
                    if name not in deleted and only in (None, name[1])]
            nums = picked(numbers, left)
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

    def end_none(self, client, listed):
        """QUIT, and nothing goes wrong."""
        actors = [ACTORS[name](self, listed, options) for name, options in self.plan.beside]
        for actor in actors:
            actor.start()
        if actors:
            time.sleep(self.plan.moment +
                       max(options.get('ahead', 0) for _, options in self.plan.beside))
        self.done.answer = client.quit()
        for actor in actors:
            actor.join()

    def end_disk(self, client, _listed):
        """The disk is full, or nearly, at QUIT."""
        self.store.disk.fill(self.plan.leave)
        self.done.answer = client.quit()
        wait_for_end(self.store.server)
        self.store.disk.free()

    def end_kill(self, client, _listed):
        """The process is killed while it executes QUIT, or just after."""
        server = self.store.server
        pids = server.processes('pop3')
        client.send('QUIT')
        time.sleep(self.plan.moment)
        killed = 0
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
        self.done.answer = client.reply() or None
        wait_for_end(server)
        if killed and not self.done.answer:
            assert server.log.errors('killed with signal 9', wait=10)
        self.store.user.unlock()

    def end_kill_before_QUIT(self, client, _listed):
        """The process is killed, and there was no QUIT."""
        server = self.store.server
        for pid in server.processes('pop3'):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert client.rest() == b''
        wait_for_end(server)
        assert server.log.errors('killed with signal 9', wait=10)

    def end_drop(self, client, _listed):
        """No QUIT."""
        client.close()
        wait_for_end(self.store.server)

    def end_hang_up(self, client, _listed):
        """The connection is gone when QUIT is executed."""
        client.send('QUIT')
        if self.plan.moment > 0.001:
            time.sleep(self.plan.moment / 10)
        client.close()
        wait_for_end(self.store.server)

    # -- what is compared

    def compare_answer(self):
        """A full disk is the server's fault, and does not last (RFC 3206)."""
        if self.fault == 'disk' and not self.done.answer.startswith(('+OK', '-ERR [SYS/TEMP]')):
            yield 'answer to QUIT: %s' % self.done.answer

    def expected(self, before):
        """The mails after QUIT as the model has it."""
        mails = model.after_quit(self.policy, before, self.done.deleted, self.done.retrieved)
        return [mail.flagged(KEYWORD) if mail.name in self.others.marked else mail
                for mail in mails]

    def compare(self, before, now):
        """What is wrong with the mails after the session."""
        yield from self.others.trouble
        yield from self.compare_delivered(now)
        expected = self.unexpired(self.expected(before), before, now)
        before = self.unexpired(before, before, now)
        if self.forgotten:
            before, expected, now = map(without_flags, (before, expected, now))
        if not self.succeeded() and not self.fault and not self.racy:
            yield 'QUIT failed'
        if self.fault in WITHOUT_QUIT:
            yield from self.compare_exactly(before, now)
        elif self.succeeded():
            yield from self.compare_exactly(expected, now)
            yield from self.compare_touched(before, now)
        else:
            yield from self.compare_loosely(before, expected, now)
            yield from self.compare_touched(before, now)

    def compare_delivered(self, now):
        """Each mail that was delivered is there once."""
        for ident in self.others.delivered:
            places = [mail.mailbox for mail in now if mail.name[0] == ident]
            if places != ['INBOX']:
                yield 'delivered: %s is in %s' % (ident, places)

    def unexpired(self, mails, before, now):
        """The mails, but for those that are gone because they were dequeued for long enough."""
        def place(mail):  # after a fault a mail may be in two mailboxes
            return mail.name[0], mail.mailbox
        expired = {place(mail) for mail in (*before, *self.expected(before))
                   if self.store.may_expire(self.policy, mail, self.marked)}
        expired -= {place(mail) for mail in now}
        return [mail for mail in mails if place(mail) not in expired]

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
        """The Message-IDs of what somebody else has delivered, moved, expunged or, where it
        matters, flagged."""
        flagged = self.others.flagged if self.racy and not self.succeeded() else ()
        return self.others.delivered | {
            name[0] for name in (*self.others.moved, *self.others.expunged, *flagged)}

    def succeeded(self):
        """Whether QUIT was answered +OK."""
        return self.done.answer in (DELETED, DONE)

    def ignored_flags(self):
        """{Message-ID: flags that say nothing}."""
        ignored = collections.defaultdict(frozenset)
        for name in self.others.flagged:
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
        copies, were = (collections.Counter(mail.name[0] for mail in mails)
                        for mails in (now, before))
        may_go = {*self.others.expunged}
        for action, names in ((self.policy.delete, self.done.deleted),
                              (self.policy.retrieve, self.done.retrieved)):
            may_go |= names if action == 'delete' else set()
        for mail in before:
            if mail.name in self.others.moved or mail.name in self.others.expunged:
                if not copies[mail.name[0]] and mail.name not in may_go:
                    yield 'lost: %s' % (mail,)
                if copies[mail.name[0]] > were[mail.name[0]] + 1:
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
            yield 'copies too many: %d' % doubled
        for name in found.keys() - old.keys():
            yield 'not there before: %s' % (found[name],)

    def log_lines(self):
        """What the log says that the fault does not explain."""
        log = self.store.server.log
        self.log = log.error.lines()
        explained = ('killed with signal 9|' + NO_CRASH if self.forgotten else RACE if self.racy
                     else EXPLAINED.get(self.fault))
        return ['log: ' + line for line in log.settle()
                if not explained or not re.search(explained, line)]


def without_flags(mails):
    """The mails as an index that was lost knows them."""
    return [dataclasses.replace(mail, flags=frozenset()) for mail in mails]


def between(mail, before, one):
    """Whether a mail is where one is, with its flags, perhaps not all of the new ones."""
    least = frozenset.intersection(*(old.flags for old in before))
    return mail.mailbox == one.mailbox and mail.date == one.date and (
        mail.flags == one.flags or least <= mail.flags <= one.flags)


def play(get_server, history, played=lambda: False):
    """The sessions of a history on a fresh store; Failure tells which one fails.

    played() is called after each, and ends it all if it returns something true.
    """
    clock = the_clock() if history.service == 'clock' else None
    server = get_server(quick=False, **(LASTING if history.service == 'lasting' else
                                        clock.spec if clock else {}))
    server.log.settle()
    store = Store(server, history, clock)
    try:
        for index, plan in enumerate(history.sessions):
            session = Session(store, plan)
            try:
                wrong = session.play()
            except TROUBLE as error:
                wrong = [what_failed(error), *session.log_lines()]
            if wrong:
                raise Failure(
                    dataclasses.replace(history, sessions=history.sessions[:index + 1]),
                    wrong, '\n'.join([str(session), 'log:', *session.log[:30]]))
            if played():
                break
    finally:
        store.close()


@functools.lru_cache(maxsize=None)
def the_clock():
    """The clock of this process, None if there can be none."""
    try:
        clock = Clock()
    except pytest.skip.Exception:
        return None
    atexit.register(clock.close)
    return clock


def what_failed(error):
    """An exception in one line, with where it comes from."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return '%s in %s: %s' % (type(error).__name__, place.name, error)
