"""`make soak`: random histories on every storage format at once, for a given time.

It says how far it is once a minute. The first history that fails ends it, and is made shorter.
What Dovecot's long-lived processes use is measured meanwhile.
"""

import argparse
import collections
import multiprocessing
import os
import queue
import random
import re
import signal
import sys
import time
import traceback

from tests.lib import soak, soak_reduce
from tests.lib.dovecot_config import STORAGES
from tests.lib.harness import Server
from tests.lib.processes import die_with_parent, group_members
from tests.lib.soak_history import generate

LONG_LIVED = ('dovecot', 'log', 'anvil', 'config', 'auth', 'stats', 'pop3-login', 'imap-login')
# Flat: from the minute FROM on, until the end, both grow by less than GROWTH percent. A run must
# be longer than LONG_ENOUGH seconds for it.
FROM, GROWTH, LONG_ENOUGH = 10, 2, 20 * 60
# Each storage format has stores of its own: what is rare shall happen on one of them soon.
APART = 10 ** 6


def say(text):
    """One line, at once, with the time."""
    print('%s %s' % (time.strftime('%H:%M:%S'), text), flush=True)


def measure(servers):
    """(KiB of memory that is not shared, descriptors) of the long-lived processes."""
    memory = descriptors = 0
    for server in servers:
        for pid, command in group_members(server.process.pid).items():
            if command not in LONG_LIVED:
                continue
            try:
                with open('/proc/%d/status' % pid, encoding='ascii', errors='replace') as file:
                    memory += int(re.search(r'RssAnon:\s+(\d+)', file.read())[1])
                descriptors += len(os.listdir('/proc/%d/fd' % pid))
            except (OSError, TypeError):
                continue  # it has just ended
    return memory, descriptors


def growth(samples):
    """By how many percent memory and descriptors have grown since minute FROM."""
    def mean(part, index):
        return sum(sample[index] for sample in part) / len(part)
    later = samples[FROM:]
    return [100 * (mean(later[-3:], index) / mean(later[:3], index) - 1) for index in (0, 1)]


class Worker:
    """Plays histories of one storage format, in a process of its own, until its time is up."""

    def __init__(self, storage, options, messages, stop):
        self.storage = storage
        self.options = options
        self.messages = messages
        self.stop = stop
        self.servers = {}
        self.sessions = 0
        self.samples = []
        self.start = time.monotonic()

    def run(self):
        """What the process does."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
        signal.signal(signal.SIGINT, lambda *_: None)
        die_with_parent()
        failed = False
        try:
            self.play_all()
        except soak.Failure as failure:
            failed = True
            self.stop.set()
            self.tell('failed', soak_reduce.explain(self.play, failure, self.options.reduce))
        except Exception:  # pylint: disable=broad-except
            failed = True
            self.stop.set()
            self.tell('broken', traceback.format_exc())
        finally:
            late = [line for server in self.servers.values() for line in server.stop()]
            if clock := soak.the_clock():
                clock.close()
            self.tell('ended', [] if failed else late)

    def tell(self, what, value):
        """A message to the process that shows it."""
        self.messages.put((self.storage, what, value))

    def get_server(self, **spec):
        """The running server of that configuration."""
        key = repr(spec)
        if key not in self.servers:
            self.servers[key] = Server(**spec)
        return self.servers[key]

    def play(self, history):
        """One history, whatever the time is."""
        soak.play(self.get_server, history)

    def play_all(self):
        """One history after another."""
        number = self.options.seed + APART * STORAGES.index(self.storage)
        while not self.over():
            soak.play(self.get_server, generate(self.storage, number), self.played)
            number += 1

    def over(self):
        """Whether to end."""
        return self.stop.is_set() or time.monotonic() - self.start > self.options.seconds

    def played(self):
        """A session is done; whether to end."""
        self.sessions += 1
        minute = int(time.monotonic() - self.start) // 60
        if len(self.samples) <= minute:
            sample = measure(self.servers.values())
            self.samples += [sample] * (minute + 1 - len(self.samples))
            self.tell('sample', sample)
        self.tell('sessions', self.sessions)
        return self.over()


class Run:
    """All workers; what they have told so far."""

    def __init__(self, options):
        self.options = options
        self.storages = STORAGES if options.storage == 'all' else [options.storage]
        self.messages = multiprocessing.Queue()
        self.stop = multiprocessing.Event()
        self.sessions = dict.fromkeys(self.storages, 0)
        self.samples = collections.defaultdict(list)
        self.ended = set()
        self.trouble = []

    def run(self):
        """The exit code."""
        options = self.options
        say('soak: %d s, storage %s; to play the same: make soak SEED=%d SOAK=%d STORAGE=%s' % (
            options.seconds, ' '.join(self.storages), options.seed, options.seconds,
            options.storage))
        workers = [multiprocessing.Process(
            target=Worker(storage, options, self.messages, self.stop).run)
            for storage in self.storages]
        for worker in workers:
            worker.start()
        try:
            self.watch(workers)
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.join()
        self.check_growth()
        for line in self.trouble:
            say('soak: ' + line)
        say('soak: %s' % ('FAILED' if self.trouble else 'nothing wrong') + ', ' + self.counts())
        return 1 if self.trouble else 0

    def watch(self, workers):
        """Read messages until all workers have ended, and show how far they are."""
        start, shown = time.monotonic(), 0
        while len(self.ended) < len(self.storages):
            try:
                self.read(*self.messages.get(timeout=1))
            except queue.Empty:
                for storage, worker in zip(self.storages, workers):
                    if not worker.is_alive() and storage not in self.ended:
                        self.trouble.append('%s: its process has died' % storage)
                        self.ended.add(storage)
            minute = int(time.monotonic() - start) // 60
            if minute > shown:
                shown = minute
                say('minute %d: %s' % (minute, self.counts()))

    def read(self, storage, what, value):
        """A message of a worker."""
        if what == 'sessions':
            self.sessions[storage] = value
        elif what == 'sample':
            self.samples[storage].append(value)
        elif what == 'failed':
            self.trouble.append('counter-example on %s\n%s' % (storage, value))
        elif what == 'broken':
            self.trouble.append('%s: %s' % (storage, value))
        else:
            self.ended.add(storage)
            if value:
                self.trouble.append('%s: unexpected log lines: %s' % (storage, value[:10]))

    def counts(self):
        """How far all are, and what Dovecot uses."""
        last = [samples[-1] for samples in self.samples.values()]
        return '%s sessions; Dovecot has %d KiB, %d descriptors' % (
            ', '.join('%s %d' % item for item in self.sessions.items()),
            *(sum(sample[index] for sample in last) for index in (0, 1)))

    def check_growth(self):
        """Whether what Dovecot uses is flat."""
        if self.options.seconds <= LONG_ENOUGH or self.trouble:
            return
        for storage, samples in self.samples.items():
            grown = growth(samples)
            say('%s: from minute %d on memory %+.1f %%, descriptors %+.1f %%' % (
                storage, FROM, *grown))
            if max(grown) >= GROWTH:
                self.trouble.append('%s: not flat: %s' % (storage, samples))


def main():
    """The exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--seconds', type=int, default=60)
    parser.add_argument('--storage', choices=[*STORAGES, 'all'], default='all')
    parser.add_argument('--seed', type=int, default=None, help='number of the first store')
    parser.add_argument('--reduce', type=int, default=soak_reduce.SECONDS,
                        help='seconds for making a counter-example shorter; 0: it stays as it is')
    options = parser.parse_args()
    if os.geteuid() != 0:
        parser.error('needs root to start Dovecot')
    if options.seed is None:
        options.seed = random.randrange(10 ** 6)
    multiprocessing.set_start_method('fork')
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    return Run(options).run()


if __name__ == '__main__':
    sys.exit(main())
