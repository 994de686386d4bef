"""A program that cuts the cable between Dovecot and a directory, which a test starts.

The cable lies between two network namespaces; the program runs in both of them.
"""

import subprocess
import sys
import threading
import time

from tests.lib import fake_ldap
from tests.lib.answers import login_answer
from tests.lib.harness import Server
from tests.lib.model import TEMPORARY

HERE, THERE, PORT = '10.9.0.1', '10.9.0.2', 3890
TIMEOUT = 4


def run(*commands):
    """Commands of a shell, each of which must succeed."""
    for command in commands:
        subprocess.run(command.split(), check=True)


def far_end():
    """The directory: waits for its end of the cable, then tells its connections when asked."""
    print('ready', flush=True)
    sys.stdin.readline()
    run('ip link set lo up', 'ip addr add %s/24 dev far' % THERE, 'ip link set far up')
    with fake_ldap.FakeLdap(fake_ldap.answering(fake_ldap.result()), address=(THERE, PORT)) as far:
        print('listening', flush=True)
        for _ in sys.stdin:
            print(far.connections, flush=True)


class FarEnd:
    """The process of the directory."""

    def __init__(self):
        run('ip link set lo up', 'ip link add near type veth peer name far')
        self.process = subprocess.Popen(['unshare', '--net', sys.executable, '-m', __spec__.name,
                                         'far'],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.process.stdout.readline()
        run('ip link set far netns %d' % self.process.pid, 'ip addr add %s/24 dev near' % HERE,
            'ip link set near up')
        self.ask()

    def ask(self):
        """What it says next."""
        self.process.stdin.write('\n')
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def cut(self):
        """Let nothing through to it."""
        run('tc qdisc add dev near root pfifo limit 0')

    def mend(self):
        """Let all through again."""
        run('tc qdisc del dev near root')


def near_end():
    """Dovecot and its client: prints OK in the end."""
    far = FarEnd()
    server = Server(pop3_service={'service_count': 1000, 'process_limit': 1})
    user = server.add_user()
    user.policy(ldap_uris='ldap://%s:%d' % (THERE, PORT), ldap_timeout='%ds' % TIMEOUT,
                ldap_base='dc=example')
    assert login_answer(user).startswith('+OK')
    assert far.ask() == '1'

    # Once it has been given up, after half of the time, another one can be had.
    far.cut()
    threading.Timer(TIMEOUT * 0.6, far.mend).start()
    assert login_answer(user).startswith('+OK')
    assert far.ask() == '2'

    far.cut()
    start = time.monotonic()
    assert login_answer(user) == TEMPORARY
    assert time.monotonic() - start < TIMEOUT + 2
    server.log.claim_error('timed out')
    assert server.stop() == []
    far.process.kill()
    print('OK')


if __name__ == '__main__':
    {'far': far_end, 'near': near_end}[sys.argv[1]]()
