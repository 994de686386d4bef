"""doveadm pop-policy, and servers that have what only doveadm needs."""

import base64
import json
import os
import subprocess

import pytest

from tests.lib import dovecot_config, settings_module
from tests.lib.harness import Server
from tests.lib.serverlog import poll

KEY = 'secret-key'


class Answer:
    """What a command came to: its exit code, rows (dicts) and what it said."""

    def __init__(self, done):
        self.code = done.returncode
        self.text = done.stdout.decode()
        self.said = done.stderr.decode()
        lines = [line.split('\t') for line in self.text.splitlines()]
        self.rows = [dict(zip(lines[0], line)) for line in lines[1:]] if lines else []


def run(server, *args, form='tab', check=None, environment=()):
    """doveadm -f FORM pop-policy ARGS; check: the exit code that it must have."""
    if not settings_module.show.doveadm:
        pytest.skip('no mount namespace: doveadm cannot see the module')
    done = subprocess.run(
        server.command('doveadm', '-f', form, '-c', server.conf, 'pop-policy', *args),
        capture_output=True, timeout=120, cwd='/', env={**server.environment, **dict(environment)})
    answer = Answer(done)
    if check is not None:
        assert answer.code == check, (args, answer.code, answer.text, answer.said)
    return answer


def get(user, *args, check=0):
    """{setting: (value, source, error)} of `get` for a user."""
    rows = run(user.server, 'get', '-u', user.name, *args, check=check).rows
    return {row['setting']: (row['value'], row['source'], row['error']) for row in rows}


class DoveadmServer(Server):
    """A server whose users can be listed, with doveadm's HTTP API."""

    generations = 0
    listeners = (*Server.listeners, 'http')
    allowed = ''

    def __init__(self, **spec):
        self.lines = {}
        self.written = 0
        super().__init__(**spec)

    def _prepare(self):
        super()._prepare()
        self.write_all()

    def configuration(self):
        return (super().configuration() + dovecot_config.syntax.userdb('%s/all' % self.root) +
                self.api())

    def api(self):
        """The configuration of the API."""
        return dovecot_config.syntax.doveadm_http(self.ports['http'], KEY, self.allowed)

    def write_user(self, user, fields):
        """Write the account into the one file that has all."""
        (self.root / 'users' / (user.name + '.pass')).write_text(
            '%s:{PLAIN}%s\n' % (user.name, user.password))
        self.lines[user.name] = self.account_line(user, fields)
        self.write_all()

    def add_users(self, accounts):
        """Accounts, {name: userdb fields}, once the auth process knows them all."""
        users = [self.add_user(name, fields=fields) for name, fields in accounts.items()]
        # it looks for a new file once a second
        assert poll(lambda: all(self.userdb(name) for name in accounts), 10, 0.2)
        return users

    def write_all(self):
        """Write the file."""
        self.written += 1
        draft = self.root / 'all.new'
        draft.write_text(''.join(self.lines.values()))
        os.utime(draft, (0, 10 ** 9 + self.written))
        draft.rename(self.root / 'all')

    def http(self, command, key=KEY, **parameters):
        """(HTTP status, what the API answers); parameters as the API has them.

        With a wrong key some Dovecots answer nothing: (401, None).
        """
        secret = base64.b64encode(key.encode()).decode()
        done = subprocess.run(
            ['curl', '--silent', '--max-time', '20' if key == KEY else '3',
             '--header', 'Authorization: X-Dovecot-API ' + secret,
             '--header', 'Content-Type: application/json', '--write-out', '\n%{http_code}',
             '--data', json.dumps([[command, parameters, 'tag']]),
             'http://127.0.0.1:%d/doveadm/v1' % self.ports['http']],
            capture_output=True, text=True, check=False)
        if done.returncode == 28:  # its time is up
            return 401, None
        assert done.returncode == 0, done
        answer, _, status = done.stdout.rpartition('\n')
        return int(status), json.loads(answer)[0] if status == '200' else None
