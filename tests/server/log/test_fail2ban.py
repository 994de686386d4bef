"""fail2ban's own filter bans who guesses passwords, not whose POP is switched off."""

import re
import shutil
import subprocess

import pytest

from tests.lib.dovecot_config import IS_24

FILTER = '/etc/fail2ban/filter.d/dovecot.conf'

pytestmark = [
    pytest.mark.skipif(not shutil.which('fail2ban-regex'), reason='fail2ban is not installed'),
    # it misses every wrong password there: "Login aborted: " is new
    pytest.mark.skipif(IS_24, reason='the filter does not know the words of Dovecot 2.4'),
]


def matched(log):
    """How many lines of the log the filter takes for failures."""
    done = subprocess.run(['fail2ban-regex', log, FILTER], capture_output=True, text=True)
    return int(re.search(r'(\d+) matched', done.stdout)[1])


def login(user, password):
    """One login that is refused, by a client that leaves then."""
    with user.connect() as client:
        assert client.login(user.name, password).startswith('-ERR')
        client.cmd('QUIT')


def test_a_refused_login_is_no_failure(server, tmp_path):
    for values in ({'enabled': 'no'}, {'available': 'no'}, {'spam': 'wrong'}):
        user = server.add_user()
        user.policy(**values)
        login(user, user.password)
    server.log.claim_error('pop_policy_spam')
    log = tmp_path / 'log'
    lines = server.log.infos('', wait=5) + server.log.error.lines()
    assert sum('login refused' in line for line in lines) == 3
    log.write_text('\n'.join(lines) + '\n')
    assert matched(log) == 0

    login(user, 'a guess')
    failures = server.log.infos('auth failed', wait=5)
    log.write_text('\n'.join([*lines, *failures]) + '\n')
    assert matched(log) == 1
