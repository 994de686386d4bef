"""What the figures were taken on."""

import os
import pathlib
import platform
import re
import subprocess

from tests.lib import dovecot_config


def first(pattern, path):
    """The first match in a file of /proc or /etc, '' without one."""
    found = re.search(pattern, pathlib.Path(path).read_text(), re.MULTILINE)
    return found[1].strip() if found else ''


def describe():
    """{what: text} of hardware and software; nothing that names the machine."""
    memory = int(first(r'^MemTotal:\s+(\d+)', '/proc/meminfo')) / 2 ** 20
    tools = subprocess.run(['valgrind', '--version'], check=True, capture_output=True, text=True)
    return {
        'dovecot': '.'.join(map(str, dovecot_config.VERSION)),
        'system': first(r'^PRETTY_NAME="(.*)"', '/etc/os-release'),
        'kernel': platform.release().split('-')[0],
        'processor': first(r'^model name\s*:(.*)', '/proc/cpuinfo') or platform.machine(),
        'cores': os.cpu_count(),
        'memory': '%.0f GiB' % memory,
        'valgrind': tools.stdout.strip().replace('valgrind-', ''),
    }
