"""A kept connection through which nothing gets any more, as after a firewall has forgotten it."""

import shutil
import subprocess
import sys

import pytest

from tests.lib.ldap_policy import NEEDS_LDAP
from tests.lib.places import SOURCE
from tests.server.ldap import half_dead

pytestmark = NEEDS_LDAP


def test_it_is_given_up_in_time_for_another_one():
    if not (shutil.which('tc') and shutil.which('ip')):
        pytest.skip('no ip and tc here')
    if subprocess.run(['unshare', '--net', 'true'], capture_output=True).returncode != 0:
        pytest.skip('no network namespace can be made here')
    done = subprocess.run(['unshare', '--net', sys.executable, '-m', half_dead.__name__, 'near'],
                          capture_output=True, text=True, timeout=120,
                          cwd=SOURCE)
    assert done.stdout == 'OK\n', done.stdout + done.stderr
