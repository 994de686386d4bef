"""doc/operations.md: what is written there works."""

import re
import subprocess

import pytest

from tests.lib import ldap_policy
from tests.lib.answers import login_answer
from tests.lib.directory import ADMIN, ADMIN_PASSWORD
from tests.lib.doveadm import DoveadmServer
from tests.lib.documents import block
from tests.lib.examples import VERSION
from tests.lib.ldap_policy import NEEDS_LDAP
from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.model import DISABLED
from tests.lib.places import DOVEADM, SOURCE

PAGE = (SOURCE / 'doc/operations.md').read_text()

RUNS = re.compile(r'<!-- run: (\w+) -->\n```\n\$ (.*)\n([^`]*)```')
# what is another one every time
CHANGING = [(r'\b[0-9a-f]{16}\b', 'UIDL'), (r'\b2\d{13}Z', 'TIME'),
            (r'\w+ +\d+ \d\d:\d\d:\d\d', 'DATE'), (r'<\d+><[^>]*>', '<PID><SESSION>'),
            (r' +', ' '),
            # an empty cell of a table, from 2.4.5 on
            (r'(?m) -(?= |$)', ''), (r'(?m) *$', '')]


@pytest.fixture
def written(get_server):
    """A function: a server with a block of the page in its configuration, some words replaced."""
    def get(name, **words):
        text = block('%s, %s' % (name, VERSION), PAGE)
        for old, new in words.get('replace', {}).items():
            assert old in text
            text = text.replace(old, new)
        return get_server(extra=text)
    return get


def allowed(server, name, **policy):
    """Whether POP lets a new user in."""
    user = server.add_user(name)
    user.policy(**policy)
    answer = login_answer(user)
    assert answer == DISABLED or answer.startswith('+OK')
    return answer.startswith('+OK')


def test_off_for_a_domain(written):
    server = written('off for a domain')
    assert not allowed(server, 'a@example.org')
    assert allowed(server, 'b@example.com')
    assert allowed(server, 'c@example.org', enabled='yes')


def test_off_but_for_some(written):
    server = written('off but for some')
    assert not allowed(server, 'a@example.org')
    assert not allowed(server, 'b@example.org', enabled='')
    assert allowed(server, 'c@example.org', enabled='yes')


def test_off_outside(written):
    inside = written('off outside', replace={'192.0.2.0/24': '127.0.0.0/8'})
    assert allowed(inside, 'a@example.org')
    outside = written('off outside')
    assert not allowed(outside, 'b@example.org')


def test_every_block_is_for_both_versions():
    for name in ('off for a domain', 'off but for some', 'off outside'):
        assert all(block('%s, %s' % (name, version), PAGE) for version in ('2.3', '2.4'))


def prepare(directory):
    """The page's server: ann has a policy in the directory and has used POP; bob's is misspelt."""
    server = DoveadmServer(policy={**ldap_policy.on(directory), 'delete': 'keep',
                                   'ldap_write_dn': ADMIN,
                                   'ldap_write_dn_password': ADMIN_PASSWORD})
    users = server.add_users({'ann@example.org': {}, 'cay@example.org': {},
                              'bob@example.org': {'pop_policy_delete': 'archiv'}})
    ann, cay, _ = users
    directory.add_account(ann.name, popPolicySince=stamp(NOON + 10), popPolicySpam='include')
    directory.add_account(cay.name, popPolicyEnabled=False)
    for user in users:
        fill(user)
    ann.append('Work', ('work', NOON))
    with ann.pop() as client:
        client.dele(1)
        client.quit()
    assert login_answer(cay) == DISABLED
    return server


def normal(text):
    """The text without what changes from run to run."""
    for pattern, replacement in CHANGING:
        text = re.sub(pattern, replacement, text)
    return text


def run(server, command):
    """Run a command of the page, with this server's doveadm and log; what it prints."""
    wrapper = server.root / 'bin'
    if not wrapper.exists():
        wrapper.mkdir()
        script = '#!/bin/sh\nexec %s "$@"\n' % ' '.join(
            map(str, server.command(DOVEADM, '-c', server.conf)))
        (wrapper / 'doveadm').write_text(script)
        (wrapper / 'doveadm').chmod(0o755)
    log = server.root / 'all.log'
    log.write_bytes(server.log.info.path.read_bytes() + server.log.error.path.read_bytes())
    command = command.replace('/var/log/dovecot.log', str(log))
    done = subprocess.run(['sh', '-c', command], capture_output=True, timeout=60, text=True,
                          cwd='/', env={**server.environment, 'PATH': '%s:/usr/bin:/bin' % wrapper})
    return done.stdout


@NEEDS_LDAP
def test_every_command_prints_what_is_written(own_directory):
    server = prepare(own_directory)
    found = RUNS.findall(PAGE)
    assert len(found) == 9
    try:
        printed = {name: run(server, command) for name, command, _ in found}
    finally:
        server.stop()
    for name, _, written in found:
        assert normal(printed[name]) == normal(written), (name, printed[name])
