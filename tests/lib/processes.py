"""Processes as the kernel shows them."""

import ctypes
import os
import pathlib
import signal
import subprocess

from tests.lib.serverlog import poll

PR_SET_PDEATHSIG = 1


def die_with_parent():
    """In the child: end when the test process dies without cleaning up."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def command_name(pid):
    """The name of the command that a process runs; None if it has ended."""
    try:
        text = pathlib.Path('/proc', str(pid), 'stat').read_text()
    except OSError:
        return None
    name, _, rest = text.partition('(')[2].rpartition(')')
    return name if rest.split()[0] != 'Z' else None


def named(pids):
    """{pid: command name} of those that still run."""
    found = {int(pid): command_name(pid) for pid in pids}
    return {pid: name for pid, name in found.items() if name is not None}


def children(pid):
    """{pid: command name} of the processes that a process has started, and that still run."""
    try:
        return named(pathlib.Path('/proc/%d/task/%d/children' % (pid, pid)).read_text().split())
    except OSError:
        return {}


def group_members(group):
    """{pid: command name} of the processes of a group that still run."""
    def is_member(pid):
        try:
            return os.getpgid(int(pid)) == group
        except OSError:
            return False
    # (not by glob: it fails if a process ends meanwhile)
    return named(filter(is_member, filter(str.isdigit, os.listdir('/proc'))))


def is_waiting(pid):
    """Whether a process waits for events, and does nothing else."""
    try:
        return 'poll' in pathlib.Path('/proc/%d/wchan' % pid).read_text()
    except OSError:
        return False


def end(process):
    """End a server's master by its pid, then whatever is left of its process group."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    poll(lambda: not group_members(process.pid), 3)
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
