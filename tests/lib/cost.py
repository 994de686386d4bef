"""What a POP3 session costs its server process: instructions by valgrind, files by strace."""

import re

from tests.lib import sanitizer
from tests.lib.places import LIBEXEC
from tests.lib.serverlog import poll

PATIENCE = 600

# The shell is for what is counted only: "under" is there then, and says how to go on.
WRAPPER = """#!/bin/sh
[ ! -e {folder}/under ] || . {folder}/under
exec {libexec}/pop3 "$@"
"""
# Without its cache simulation it counts like callgrind, and is three times as fast.
COUNT = """exec valgrind --tool=cachegrind --cache-sim=no --vgdb=no \
--cachegrind-out-file=/dev/null --log-file={folder}/%p.log {libexec}/pop3 "$@"
"""
# -D: the process that Dovecot has started stays the one that serves.
STRACE = """exec strace -D -f -q --seccomp-bpf -e 'trace=openat,newfstatat,statx,?stat,?lstat' \
-o {folder}/$$.log {libexec}/pop3 "$@"
"""
KILL = """exec strace -D -f -q -P '%s' -e trace=openat -e inject=openat:signal=KILL \
-o {folder}/$$.log {libexec}/pop3 "$@"
"""
KILL_AT_WRITE = """exec strace -D -f -q -P '%s' -e trace=write,pwrite64,writev \
-e inject=write,pwrite64,writev:signal=KILL:when=%d -o {folder}/$$.log {libexec}/pop3 "$@"
"""
SLOW = """exec strace -D -f -q --seccomp-bpf -e 'trace=newfstatat,statx,?stat' \
-e 'inject=newfstatat,statx,?stat:delay_enter=1000' -o {folder}/$$.log {libexec}/pop3 "$@"
"""
REFERENCES = r'I +refs: +([\d,]+)'
MESSAGE_FILE = re.compile(r'"[^"]*?(?:/cur/[^"/]+|u\.\d+)"')


def fetch(client, command):
    """Send a command with a multi-line answer; the number of its lines, read at full speed."""
    client.ok(command)
    tail, lines = b'\r\n', 0
    while not tail.endswith(b'\r\n.\r\n'):
        data = client.file.read1(1 << 16)
        assert data, 'the connection ended inside the answer to ' + command
        lines += data.count(b'\n')
        tail = (tail + data)[-5:]
    return lines - 1


def look(client):
    """STAT, LIST and UIDL, as a client that finds nothing new; how many messages it sees."""
    count, _ = client.stat()
    assert fetch(client, 'LIST') == count
    assert fetch(client, 'UIDL') == count
    return count


def login(user):
    """A connection that is logged in, and may be served very slowly."""
    client = user.connect()
    client.sock.settimeout(PATIENCE)
    answer = client.login(user.name, user.password)
    assert answer.startswith('+OK'), answer
    return client


def session(user):
    """A whole session; how many messages it saw."""
    with login(user) as client:
        count = look(client)
        assert client.quit().startswith('+OK')
    return count


class Probe:
    """What `service pop3` executes so that the next sessions of a server can be looked into."""

    def __init__(self, folder):
        sanitizer.excludes('valgrind')
        self.folder = folder
        folder.mkdir()
        folder.chmod(0o777)
        wrapper = folder / 'pop3'
        wrapper.write_text(WRAPPER.format(folder=folder, libexec=LIBEXEC))
        wrapper.chmod(0o755)
        self.service = {'executable': wrapper, 'vsz_limit': '4 G'}

    def _under(self, script, run, pattern, wait=60):
        """Call run() with sessions started by that script; the log, complete when it matches."""
        under = self.folder / 'under'
        under.write_text(script.format(folder=self.folder, libexec=LIBEXEC))
        try:
            run()
        finally:
            under.unlink()
        found = poll(lambda: [text for path in self.folder.glob('*.log')
                              if re.search(pattern, text := path.read_text())], wait)
        assert len(found) == 1, 'not one process that has ended: %d' % len(found)
        for path in self.folder.glob('*.log'):
            path.unlink()
        return found[0]

    def instructions(self, run):
        """Instructions, in user space, of the one pop3 process that run() starts."""
        log = self._under(COUNT, run, REFERENCES)
        return int(re.search(REFERENCES, log)[1].replace(',', ''))

    def message_files(self, run):
        """How often that process opened a message file, and asked for the status of one."""
        log = self._under(STRACE, run, r'(?m)^\S*\s*\+\+\+ exited')
        lines = [line for line in log.splitlines() if MESSAGE_FILE.search(line)]
        opened = sum('openat(' in line for line in lines)
        return opened, len(lines) - opened

    def kill_at_file(self, path, run):
        """Kill the process that run() starts when it opens this file."""
        self._under(KILL % path, run, r'\+\+\+ killed by SIGKILL')

    def kill_at_write(self, path, number, run):
        """Kill the process that run() starts when it writes to this file, that many times."""
        self._under(KILL_AT_WRITE % (path, number), run, r'\+\+\+ killed by SIGKILL')

    def slow_down(self, run):
        """Let the process that run() starts wait before it asks for the status of a file."""
        self._under(SLOW, run, r'(?m)^\S*\s*\+\+\+ exited')
