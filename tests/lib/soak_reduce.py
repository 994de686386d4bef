"""A history that fails, made as short as it goes while it still fails in the same way.

Sessions are left out, then what happens before and beside those that are left, their commands,
settings, fault and mails. Each attempt is played on a fresh store, several times if chance has a
part in it.
"""

import dataclasses
import os
import time

from tests.lib import soak

# The most that it may take, in seconds
SECONDS = int(os.environ.get('POP_POLICY_REDUCE') or 300)  # (0: as it is)
# how often an attempt is played, if a history does not fail each time
TRIES = 5


def shorten(items, fails):
    """The shortest list that fails, by leaving out ever smaller parts (delta debugging)."""
    size = len(items)
    while size:
        start = 0
        while start < len(items):
            shorter = items[:start] + items[start + size:]
            if fails(shorter):
                items = shorter
            else:
                start += size
        size = min(size, len(items) + 1) // 2
    return items


class Reduction:
    """best: the shortest Failure so far; play(history) raises one, or the history is good."""

    def __init__(self, play, failure, seconds=SECONDS):
        self.play = play
        self.best = failure
        self.until = time.monotonic() + seconds
        self.tries = TRIES
        self.again = sum(self.fails(failure.history, 1) for _ in range(2))
        self.tries = TRIES if self.again < 2 else 1

    def fails(self, history, tries=None):
        """Whether it fails in the way of the best one; then it is the best one."""
        for _ in range(tries or self.tries):
            if time.monotonic() > self.until:
                return False
            try:
                self.play(history)
            except soak.Failure as failure:
                if failure.kinds & self.best.kinds:
                    self.best = failure
                    return True
            except soak.TROUBLE:
                pass  # something else
        return False

    def run(self):
        """The shortest Failure that was found."""
        last = None
        while self.best.history != last and time.monotonic() < self.until:
            last = self.best.history
            self.reduce_sessions()
            self.reduce_store()
            for index in reversed(range(len(last.sessions))):
                if index < len(self.best.history.sessions):
                    self.reduce_session(index)
        return self.best

    def reduce_sessions(self):
        """Leave out sessions."""
        start = self.best.history

        def fails(sessions):
            return bool(sessions) and self.fails(dataclasses.replace(
                start, sessions=sessions))
        shorten(start.sessions, fails)

    def reduce_store(self):
        """The plainest server and disk."""
        for values in ({'service': ''}, {'disk': 'tmpfs'}):
            history = dataclasses.replace(self.best.history, **values)
            if history != self.best.history:
                self.fails(history)

    def reduce_session(self, index):
        """All that one session has."""
        for field in ('beside', 'before', 'script', 'settings'):
            self.reduce_field(index, field)
        self.change(index, fault='', moment=0, leave=0)
        self.change(index, source=0)
        self.reduce_numbers(index)
        self.reduce_mail(index)

    def plan(self, index):
        """The session, as it is now."""
        return self.best.history.sessions[index]

    def change(self, index, **values):
        """Other values in one session, if it fails with them; whether it does."""
        history = self.best.history.with_session(index, **values)
        return history != self.best.history and self.fails(history)

    def reduce_field(self, index, field):
        """Leave out items of a list or dict."""
        value = getattr(self.plan(index), field)
        items = list(value.items()) if isinstance(value, dict) else value
        shorten(items, lambda items: self.change(index, **{field: type(value)(items)}))

    def reduce_numbers(self, index):
        """Fewer mails in the commands, fewer steps of others."""
        for position, (letter, numbers) in enumerate(self.plan(index).script):
            def fails(numbers, position=position, letter=letter):
                script = list(self.plan(index).script)
                script[position] = [letter, numbers]
                return self.change(index, script=script)
            shorten(numbers, fails)
        for position, (name, options) in enumerate(self.plan(index).beside):
            for key, value in options.items():
                def fails(items, position=position, name=name, key=key):
                    beside = list(self.plan(index).beside)
                    beside[position] = [name, {**beside[position][1], key: items}]
                    return self.change(index, beside=beside)
                if isinstance(value, list):
                    shorten(value, fails)

    def reduce_mail(self, index):
        """Fewer mails in the mailboxes."""
        self.reduce_field(index, 'mail')
        for mailbox in self.plan(index).mail:
            while any(self.change(index, mail={**self.plan(index).mail, mailbox: count})
                      for count in self.fewer(self.plan(index).mail[mailbox])):
                pass

    @staticmethod
    def fewer(count):
        """Smaller numbers, that which saves most first."""
        return [smaller for smaller in (1, count // 4, count // 2, count - 1)
                if 0 < smaller < count]


def replay(history):
    """The command that plays a history."""
    return "replay: POP_POLICY_HISTORY='%s' make check-random" % history.dump()


def replay_seed(history):
    """The command that plays a history as it was made up."""
    return "replay: POP_POLICY_SEEDS=%d make check-random PYTEST_ARGS='-k %s'" % (
        history.sessions[-1].seed, history.storage)


def explain(play, failure, seconds=SECONDS):
    """The text that tells of a failure, as short as it can be made within that time."""
    lines = [replay_seed(failure.history), str(failure)]
    if seconds > 0:
        reduction = Reduction(play, failure, seconds)
        best = reduction.run()
        lines += ['', 'reduced (it had failed again %d times of 2):' % reduction.again,
                  replay(best.history), str(best)]
    return '\n'.join(lines)
