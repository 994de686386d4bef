"""mutt, which stays in the mailbox: what its screen says of a refused login."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time

import pytest

from tests.lib.mailclients import Client
from tests.lib.mailuser import fill
from tests.lib.model import DISABLED, INVALID, UNAVAILABLE

ESCAPES = re.compile(r'\x1b(?:\[[0-9;?]*[a-zA-Z]|[()][A-Z0-9]|[=>78])|[\r\x0e\x0f]')
PATIENCE = 15


class Mutt(Client):
    """mutt on a terminal of 200 columns, with the account's mailbox open."""

    program = 'mutt'

    def screen(self, wanted):
        """Open the mailbox; all that was on the screen until wanted was."""
        path = self.config(
            'muttrc',
            'set ssl_force_tls=no ssl_starttls=no pop_delete=no\n'
            'set pop_user="{user.name}" pop_pass="{user.password}"\n'
            'set folder="{client.inbox}" spoolfile="{client.inbox}" header_cache=""\n')
        child, terminal = pty.fork()
        if child == 0:
            # (later, the signal may interrupt Mutt while it opens the terminal)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 200, 0, 0))
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            os.execvpe('mutt', ['mutt', '-n', '-F', str(path),
                                '-f', 'pop://127.0.0.1:%d/' % self.port],
                       {'HOME': str(self.home), 'PATH': os.environ['PATH'], 'TERM': 'vt100',
                        'LC_ALL': 'C'})
        text, end = '', time.monotonic() + PATIENCE
        while wanted not in text and time.monotonic() < end:
            if select.select([terminal], [], [], 0.1)[0]:
                try:
                    text += ESCAPES.sub('', os.read(terminal, 1 << 16).decode('utf-8', 'replace'))
                except OSError:  # it has ended
                    break
        os.kill(child, signal.SIGKILL)
        os.close(terminal)
        os.waitpid(child, 0)
        return text


@pytest.mark.parametrize('policy,answer', [
    ({'enabled': 'no'}, DISABLED), ({'available': 'no'}, UNAVAILABLE), ({'spam': 'x'}, INVALID)],
    ids=['disabled', 'unavailable', 'invalid'])
def test_the_screen_shows_why_a_login_is_refused(user, policy, answer):
    fill(user)
    user.policy(**policy)
    words = answer.partition('] ')[2]
    assert words in Mutt(user).screen(words)
    if answer == INVALID:
        user.server.log.allow_errors('pop_policy_spam')


def test_the_screen_shows_the_queue(user):
    fill(user)
    user.policy(spam='only')
    assert 'spam2' in Mutt(user).screen('spam2')
