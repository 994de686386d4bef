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


def group_members(group):
    """{pid: command name} of the processes of a group that still run."""
    found = {}
    # (not by glob: it fails if a process ends meanwhile)
    for pid in filter(str.isdigit, os.listdir('/proc')):
        try:
            # (tests ask often, and reading files about every process takes much longer)
            if os.getpgid(int(pid)) != group:
                continue
            text = pathlib.Path('/proc', pid, 'stat').read_text()
        except OSError:
            continue
        name, _, rest = text.partition('(')[2].rpartition(')')
        if rest.split()[0] != 'Z':
            found[int(pid)] = name
    return found


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
