"""What make load sees from outside: memory and descriptors over time, errors and what explains
them.
"""

import dataclasses
import pathlib
import re
import statistics

from tests.lib.harness import group_members

# they come and go with sessions and deliveries
SHORT = ('pop3', 'imap', 'lmtp')
# a process may grow by less than that, once it is warm
GROWTH = 0.02
# so long after the last restart processes are warm, in seconds; and so long must be left to judge
WARM, ENOUGH = 600, 900

LOST = re.compile(r"^(ConnectionRefused|ConnectionReset|BrokenPipe|FileNotFound)Error|: ''$|"
                  r'^SMTPServerDisconnected|^abort: ')
TEMPORARY = re.compile(r'\[SYS/TEMP\]|\[UNAVAILABLE\]|^SMTP\w+: .*\b4\d\d\b')
# what may go wrong while something happens, and so many seconds after it
ALLOWED = {'reload': (), 'slapd restarts': (LOST, TEMPORARY), 'Dovecot restarts': (LOST, TEMPORARY)}
GRACE = 10


@dataclasses.dataclass
class Event:
    """Something that the driver has done, by time.monotonic()."""
    what: str
    start: float
    end: float

    def explains(self, when, text):
        """Whether that error at that time may come from it."""
        return self.start <= when <= self.end + GRACE and any(
            pattern.search(text) for pattern in ALLOWED[self.what])


def footprint(pids):
    """(MB of memory of their own, open descriptors) of processes, together."""
    memory = files = 0
    for pid in pids:
        folder = pathlib.Path('/proc/%d' % pid)
        try:
            memory += int(re.search(r'(?m)^RssAnon:\s+(\d+)', (folder / 'status').read_text())[1])
            files += len(list((folder / 'fd').iterdir()))
        except (OSError, TypeError):  # it has ended
            continue
    return memory / 1024, files


class Watch:
    """Samples of the processes that stay: Dovecot's servers and slapd."""

    def __init__(self, servers, directory):
        self.servers, self.directory = servers, directory
        self.samples = {name: [] for name in (*servers, 'slapd')}

    def sample(self, now):
        """Take one of each."""
        for name, server in self.servers.items():
            members = group_members(server.process.pid)
            pids = [pid for pid, command in members.items() if command not in SHORT]
            self.samples[name].append((now, *footprint(pids)))
        self.samples['slapd'].append((now, *footprint([self.directory.process.pid])))

    def growth(self, name, since):
        """((first, last) MB, (first, last) descriptors) from that time on: medians of a third."""
        found = [sample[1:] for sample in self.samples[name] if sample[0] >= since]
        part = max(1, len(found) // 3)
        return [(statistics.median(column[:part]), statistics.median(column[-part:]))
                for column in zip(*found)]


def grown(first, last):
    """By which part."""
    return last / first - 1


def judge(events, errors):
    """(errors that an event explains, those that none does); errors: (time, text)."""
    explained = [error for error in errors if any(event.explains(*error) for event in events)]
    return explained, [error for error in errors if error not in explained]
