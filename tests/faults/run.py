"""One run: a POP3 session that meets a fault, what came of it, and what is wrong with that."""

import contextlib
import imaplib
import random
import re
import shutil

from tests.faults import row as rows
from tests.faults.judge import judge
from tests.faults.store import listed, look, timed
from tests.lib import model
from tests.lib.mailuser import NOON, stamp
from tests.lib.model import ACTIONS, SPAM
from tests.lib.outcome import DELETED, DONE
from tests.lib.popclient import PopError
from tests.lib.serverlog import poll
from tests.lib.soak import CUT_OFF, NO_CRASH

# seconds for the next session to list its queue, on a busy machine
USUAL = 10


def lost():
    """Whatever needs the connection, which may be gone."""
    return contextlib.suppress(BrokenPipeError, ConnectionResetError)


class Run:
    """One session, made up from its seed."""

    def __init__(self, row, pattern, seed):
        self.row, self.pattern, self.seed = row, pattern, seed
        self.server, self.storage = pattern.server, pattern.storage
        self.random = random.Random(
            'fixed %s %d' % (self.storage, seed % len(ACTIONS)) if row.fixed
            else '%s %s %d' % (row.name, self.storage, seed))
        self.before = pattern.mails
        self.raws = dict(pattern.raws)
        self.settings = self.dials()
        self.policy = model.read(self.settings)
        self.when = self.random.choice((rows.LOGIN, rows.QUIT)) if row.when == rows.EITHER \
            else row.when
        # a small QUIT takes less than a millisecond
        self.moment = self.random.choice((0.001, 0.004, 0.02, 0.06)) * self.random.random()
        self.name = self.user = self.disk = None
        self.directory = self.good = None
        # what the session did, by Message-ID, and what it was told
        self.queue = []
        self.deleted, self.retrieved = set(), set()
        self.outcome, self.answer, self.seconds = None, None, 0
        # what the fault itself did: details for whoever reads a failure; mails that others have
        # touched, that may be gone, that may be as before, that are new; mailboxes that have another
        # name; whether flags may be lost, whether what is gone may come back, whether what is moved
        # may come twice, and whether there was no QUIT
        self.details = ''
        self.touched, self.may_go, self.may_stay, self.arrived = set(), set(), set(), set()
        self.renamed = {}
        self.flags_lost = self.may_return = self.may_double = self.unheard = False
        # a pattern for what only this one may leave in the log
        self.explained = None
        self.trouble = []

    def dials(self):
        """The settings of the policy, those that are set."""
        if self.row.fixed:
            return {'delete': ACTIONS[self.seed % len(ACTIONS)], 'spam': 'include'}
        rnd = self.random
        chosen = {
            'delete': self.row.action or rnd.choice(ACTIONS),
            'retrieve': '' if self.row.action else rnd.choice(('', '', *ACTIONS)),
            'spam': rnd.choice(SPAM),
            'since': rnd.choice(('', stamp(NOON))),
            'extra_mailboxes': rnd.choice(('', 'Other'))}
        chosen.update(self.row.dials)
        return {name: value for name, value in chosen.items() if value}

    def __str__(self):
        return 'run %d of %s, %s, %s: %s; fault %s; told: %s %r' % (
            self.seed, self.row.name, self.storage, self.settings,
            '%d DELE, %d RETR' % (len(self.deleted), len(self.retrieved)),
            ' '.join(filter(None, (self.when, self.details))), self.outcome, self.answer)

    # -- the session

    def play(self):
        """All of it; the list of what is wrong."""
        with contextlib.ExitStack() as stack:
            settings = stack.enter_context(self.row.lookup(self)) if self.row.lookup \
                else self.settings
            self.user = self.server.add_user(self.name, storage=self.storage, fields={
                'pop_policy_' + name: value for name, value in settings.items()})
            stack.callback(shutil.rmtree, self.user.home, ignore_errors=True)
            stack.enter_context(self.row.place(self))
            self.pattern.copy(self.user.home)
            try:
                wrong = [*self.trial()]
            except Exception as error:  # pylint: disable=broad-except
                # whatever it is, it is of this run alone
                wrong = ['%s: %s' % (type(error).__name__, error)]
            return wrong + self.log_lines()

    def trial(self):
        """The session, and what is wrong after it."""
        with self.row.fault(self) if self.when == rows.LOGIN else contextlib.nullcontext():
            self.session()
        yield from self.trouble
        self.recover()
        now = self.look()
        yield from judge(self, now)
        yield from self.next_session(now)
        locks = [str(path) for path in self.user.locks()]
        if locks:
            yield 'locks left: %s' % locks

    def session(self):
        """Log in, do something, and QUIT."""
        client, self.seconds = timed(self.user.attempt)
        with client:
            answer = client.login_reply
            if answer.startswith('+OK'):
                # it may come before the mailboxes are open
                with lost():
                    answer = ''
                    answer = client.cmd('NOOP')
            if answer.startswith('+OK'):
                with lost():
                    self.queue = listed(client, self.pattern.uidls)
                    self.script(client)
                with self.row.fault(self) if self.when == rows.QUIT else contextlib.nullcontext():
                    self.quit(client)
                return
            client.close()
            self.server.wait_for_end()
            self.told(rows.REFUSED, answer)

    def told(self, outcome, answer):
        """Note what the client was told."""
        self.outcome, self.answer = outcome, answer
        if outcome not in self.row.answers:
            self.trouble.append('the answer must not be %s: %r' % (rows.WORDS[outcome], answer))
        log = self.server.log
        name = re.escape(self.user.name)
        if outcome in (rows.FAILED, rows.REFUSED) and not poll(
                lambda: log.error.lines(name) or
                log.infos(name + '.*(failed|Cannot move messages|Inactivity)'), 5):
            self.trouble.append('no line of log says why')

    def script(self, client):
        """DELE and RETR."""
        known = [num for num, ident in enumerate(self.queue, 1) if ident in self.raws]
        most = self.random.choice((1, 5, len(known), len(known)))
        deletes = self.random.sample(known, min(len(known), most))
        retrieves = self.random.sample(known, min(len(known), self.random.choice((0, 2, 10))))
        if self.row.shared and self.storage == 'mbox':
            # who has read an mbox locks it until it has been idle for ten seconds
            retrieves = []
        for num in retrieves:
            if self.retr(client, num):
                self.retrieved.add(self.queue[num - 1])
        client.send(*('DELE %d' % num for num in deletes), 'NOOP')
        for num in deletes:
            if client.reply().startswith('+OK'):
                self.deleted.add(self.queue[num - 1])
        client.reply()

    def retr(self, client, num):
        """Whether a message could be had; what is sent must be what is stored."""
        if not client.cmd('RETR %d' % num).startswith('+OK'):
            return False
        try:
            raw = b''.join(client.body())
        except PopError:
            return False
        if raw != self.raws[self.queue[num - 1]]:
            self.trouble.append('RETR %d is not what is stored: %r' % (num, raw[:200]))
        return True

    def quit(self, client):
        """QUIT, until the server has done with the session."""
        answer = ''
        with lost():
            client.send('QUIT')
            answer, self.seconds = timed(client.reply)
            client.rest()
        client.close()
        self.server.wait_for_end()
        self.told(rows.DONE if answer in (DELETED, DONE) else rows.FAILED if answer
                  else rows.SILENT, answer)

    # -- afterwards

    def recover(self):
        """What an administrator does after such a fault, with the plugin or without it."""
        if self.storage in self.row.resync:
            said = self.user.resync()
            if self.row.crash and self.storage == 'mdbox' and CUT_OFF in said:
                self.flags_lost = True

    def look(self):
        """All mails there are now."""
        if self.row.shorter or self.row.crash:
            # A session that finds a broken index, or a wrong size in its cache, ends; the next one
            # has a new one. A uidlist that could not be written makes Dovecot forget mails of the
            # mailbox; the first session that can write it finds them again.
            with contextlib.suppress(AssertionError, imaplib.IMAP4.error):
                look(self.user, self.raws)
        if self.row.crash and self.storage == 'sdbox' and self.server.log.errors(CUT_OFF):
            # Dovecot 2.4 shows no mail of this mailbox any more.
            self.flags_lost = True
            self.explained = NO_CRASH
            self.user.resync()
        return look(self.user, self.raws)

    def next_session(self, now):
        """The next session gets in, and lists what policy and IMAP say."""
        def visit():
            with self.user.pop() as client:
                found = listed(client)
                client.quit()
            return found
        queue, seconds = timed(visit)
        if seconds > USUAL:
            yield 'the next session took %.1f s' % seconds
        expected = [mail.name[0] for mail in model.queue(self.policy, now)]
        if queue != expected:
            yield 'queue of the next session: %s listed, %s not listed, %d expected' % (
                [name for name in queue if name not in expected],
                [name for name in expected if name not in queue], len(expected))
        self.server.wait_for_end()

    def log_lines(self):
        """What the log says that the fault does not explain."""
        patterns = [pattern for pattern in (self.row.explained, self.explained) if pattern]
        return ['log: ' + line for line in self.server.log.settle()
                if not any(re.search(pattern, line) for pattern in patterns)]
