"""Faults: processes are killed, or a system call fails."""

import contextlib
import dataclasses
import os
import random
import re
import signal
import subprocess
import threading
import time

import pytest

from tests.faults.row import DONE, nowhere
from tests.lib.model import ACTIONS
from tests.lib.serverlog import poll

# {error: the calls that may really fail with it, as strace shows them}
WRITES = r'write|pwrite64|pwritev|fsync|fdatasync|ftruncate|fallocate|link|linkat|rename' \
    r'|renameat|renameat2|mkdir|mkdirat'
REMOVES = 'unlink|unlinkat'
FAILING = {
    'ENOSPC': r'(%s)\(|openat\(.*O_CREAT' % WRITES,
    'EIO': r'(%s|%s|read|pread64|openat)\(' % (WRITES, REMOVES),
    'EROFS': r'(link|linkat|rename|renameat|renameat2|mkdir|mkdirat|%s|ftruncate)\('
             r'|openat\(.*(O_CREAT|O_WRONLY|O_RDWR)' % REMOVES,
    'ENOLCK': r'fcntl\(.*F_(OFD_)?SETLKW?\b',
}
CALLS = 'trace=' + ','.join('?' + name for name in sorted(set(re.findall(
    r'[a-z]\w*[a-z0-9]', '|'.join((WRITES, REMOVES, 'read|pread64|openat|fcntl'))))))


def after(seconds, act):
    """A thread that acts then; it is to be joined."""
    def run():
        time.sleep(seconds)
        act()
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def kill_all(pids):
    """Kill processes that may have ended; whether there was one."""
    killed = False
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
            killed = True
    return killed


def settled(run):
    """What a killed process leaves."""
    run.server.wait_for_end()
    run.user.unlock()


@contextlib.contextmanager
def kill(run):
    """The process is killed while it executes QUIT, or just before or after it."""
    pids = run.server.processes('pop3')
    thread = after(run.moment, lambda: kill_all(pids))
    yield
    thread.join()
    if not run.answer:
        assert run.server.log.errors('killed with signal 9', wait=10)
    settled(run)


@contextlib.contextmanager
def kill_before(run):
    """The process is killed, and QUIT comes too late."""
    assert kill_all(run.server.processes('pop3'))
    run.server.wait_for_end()
    assert run.server.log.errors('killed with signal 9', wait=10)
    run.unheard = True
    yield
    settled(run)


@contextlib.contextmanager
def kill_master(run):
    """The master process is killed during QUIT, and Dovecot is started again."""
    thread = after(run.moment, run.server.process.kill)
    try:
        yield
    finally:
        thread.join()
        run.server.process.wait(10)
        settled(run)
        run.server.restart()


# -- system calls

@contextlib.contextmanager
def strace(run, *args):
    """Trace the session's process from now on; the path of the trace."""
    pid, = run.server.processes('pop3')
    log = run.server.root / 'trace'
    # -y: with the paths of files
    with subprocess.Popen(['strace', '-y', '-s', '200', '-o', log, *args, '-p', str(pid)],
                          stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        said = process.stderr.readline().decode()
        if 'attached' not in said:
            process.wait(10)
            pytest.skip('no process can be traced here: ' + said)
        yield log
        process.wait(20)


class Tracing:
    """The context manager of a fault that is no fault: it notes the calls of QUIT."""

    def __init__(self):
        self.calls = []

    @contextlib.contextmanager
    def __call__(self, run):
        with strace(run, '-e', CALLS) as log:
            yield
        counts = {}
        for line in log.read_text(errors='replace').splitlines():
            found = re.match(r'(\w+)\(', line)
            if found:
                name = found[1]
                counts[name] = counts.get(name, 0) + 1
                # (those on sockets, and on the log, are no matter of mail)
                if str(run.user.home) in line:
                    self.calls.append((name, counts[name], line))


@contextlib.contextmanager
def traced(run):
    """The usual place for a home, after another run has shown which calls such a QUIT makes."""
    action = run.settings['delete']
    if action not in run.pattern.known:
        tracing = Tracing()
        row = dataclasses.replace(run.row, fault=tracing, place=nowhere, answers=(DONE,))
        wrong = type(run)(row, run.pattern, run.seed).play()
        assert not wrong, wrong
        run.pattern.known[action] = tracing.calls
    yield


def calls(run, pattern):
    """[(call, its number)] of this QUIT that the pattern matches, in a fair order."""
    found = [(name, number) for name, number, line in run.pattern.known[run.settings['delete']]
             if re.match(pattern, line)]
    random.Random('order').shuffle(found)
    return found


def chosen(run, pattern):
    """The call for this run, (name, number): each in turn; None if there is none."""
    found = calls(run, pattern)
    return found[run.seed // len(ACTIONS) % len(found)] if found else None


def inject(error):
    """A fault: one of the calls of QUIT fails with this error."""
    @contextlib.contextmanager
    def fault(run):
        with injected(run, FAILING[error], 'error=' + error):
            yield
    return fault


@contextlib.contextmanager
def kill_at_call(run):
    """The process is killed at one of the calls that QUIT makes."""
    with injected(run, '', 'signal=KILL'):
        yield
    settled(run)


@contextlib.contextmanager
def injected(run, pattern, what):
    """This happens at a call that the pattern matches."""
    call = chosen(run, pattern)
    if not call:
        run.details = 'none of these calls'
        yield
        return
    name, number = call
    run.details = '%s at %s %d' % (what, name, number)
    with strace(run, '-e', 'trace=' + name, '-e', 'inject=%s:%s:when=%d' % (name, what,
                                                                        number)) as log:
        yield
    hit = [line for line in log.read_text(errors='replace').splitlines()
           if re.search('INJECTED|killed', line)]
    run.details += ': ' + (hit[0] if hit else 'not reached')
    if hit and 'error=' in what and re.search(r'/dbox-Mails(>|", O_RDONLY\))', hit[0]):
        # Dovecot crashes when it has stored mail in a dbox, and cannot sync the folder to the disk
        # (sdbox_transaction_save_commit_post, mdbox_transaction_save_commit_post).
        run.explained = 'killed with signal 11'
    # What Dovecot has read of a Maildir's names of keywords, until an error, is what it believes.
    run.flags_lost |= bool(hit and re.search('pread64.*/dovecot-keywords>', hit[0]))
