"""Sessions and what they cost: one at a time, in rounds, side by side."""

import dataclasses
import os
import pathlib
import statistics
import threading
import time

from tests.lib import cost
from tests.lib.serverlog import poll


@dataclasses.dataclass(frozen=True)
class Visit:
    """What one session took: milliseconds, and the peak of its memory in MB."""
    cpu: float
    wall: float
    rss: float


def newest(server, service='pop3'):
    """The pid of that service's process that was started last."""
    def age(pid):
        fields = pathlib.Path('/proc/%d/stat' % pid).read_text().rpartition(')')[2].split()
        return int(fields[19]), pid
    return max(server.processes(service), key=age)


def inspect(pid):
    """CPU milliseconds of a process until now, and the peak of its memory in MB."""
    folder = pathlib.Path('/proc/%d' % pid)
    nanoseconds = int((folder / 'schedstat').read_text().split()[0])
    status = dict(line.split(':', 1) for line in (folder / 'status').read_text().splitlines())
    return nanoseconds / 1e6, int(status['VmHWM'].split()[0]) / 1024


def visit(user, expected):
    """One session; the time it takes to look at its process does not count."""
    start = time.monotonic()
    with cost.login(user) as client:
        assert cost.look(client) == expected, 'other messages than there should be'
        paused = time.monotonic()
        pid = newest(user.server)
        cpu, rss = inspect(pid)
        resumed = time.monotonic()
        assert client.quit().startswith('+OK')
        wall = time.monotonic() - resumed + paused - start
    ended(pid)
    return Visit(cpu, wall * 1000, rss)


def quit_after_dele(user, number):
    """Milliseconds that QUIT takes after so many DELEs."""
    with cost.login(user) as client:
        client.send(*('DELE %d' % (num + 1) for num in range(number)))
        for _ in range(number):
            assert client.reply().startswith('+OK')
        pid = newest(user.server)
        start = time.monotonic()
        answer = client.cmd('QUIT')
        wall = time.monotonic() - start
        assert answer.startswith('+OK'), answer
        client.rest()
    ended(pid)
    return wall * 1000


def ended(pid):
    """Wait until the process is gone, so that it does not disturb the next one."""
    assert poll(lambda: not os.path.exists('/proc/%d' % pid), 30, 0.002)


def sessions_per_second(user, clients, sessions):
    """With so many clients at once, each having so many sessions."""
    def run():
        for _ in range(sessions):
            cost.session(user)
    threads = [threading.Thread(target=run) for _ in range(clients)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return clients * sessions / (time.monotonic() - start)


def rounds(number, jobs):
    """Call each of jobs, {name: function}, so many times, in turns; {name: [result per round]}.

    Every round starts with another job, so that none always follows the same one.
    """
    results = {name: [] for name in jobs}
    names = list(jobs)
    for turn in range(number if jobs else 0):
        shift = turn % len(names)
        for name in names[shift:] + names[:shift]:
            results[name].append(jobs[name]())
    return results


def ratio(ours, theirs):
    """The median of the ratios of paired rounds."""
    return statistics.median(a / b for a, b in zip(ours, theirs))
