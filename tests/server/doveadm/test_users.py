"""Many users, other ways to name them, and all of doveadm's formatters."""

import json
import os
import re
import shutil
import subprocess

import pytest

from tests.lib import doveadm, dovecot_config
from tests.lib.doveadm import DoveadmServer
from tests.lib.mailuser import fill
from tests.lib.places import SOURCE

FORMATS = ('table', 'tab', 'json', 'flow', 'pager')


@pytest.fixture(scope='module')
def all_users():
    """A server with three users whom the userdb can list: one is broken, one has no POP."""
    server = DoveadmServer()
    for user in server.add_users({'ann': {}, 'bob': {'pop_policy_spam': 'maybe'},
                                  'cay': {'pop_policy_enabled': 'no'}, 'dan': {}}):
        fill(user)
    yield server
    server.stop()


def test_a_broken_account_does_not_stop_the_others(all_users):
    answer = doveadm.run(all_users, 'get', '-A', 'spam', 'login', check=65)
    rows = [(row['Username'], row['setting'], row['value'], bool(row['error']))
            for row in answer.rows]
    assert [row for row in rows if row[1] == 'pop_policy_spam'] == [
        (name, 'pop_policy_spam', value, name == 'bob')
        for name, value in (('ann', 'exclude'), ('bob', 'maybe'), ('cay', 'exclude'),
                            ('dan', 'exclude'))]
    assert [name for name, setting, _, error in rows if setting == 'login' and error] == ['bob']


def test_status_of_all(all_users):
    answer = doveadm.run(all_users, 'status', '-A', check=65)
    assert [(row['Username'], row['messages'], row['spam']) for row in answer.rows] == [
        ('ann', '3', '2'), ('dan', '3', '2')]
    assert 'bob): Error' in answer.said and 'cay): Error' not in answer.said


@pytest.mark.parametrize('args,names', [
    (('-u', '*a*'), ['ann', 'cay', 'dan']), (('-u', 'an?'), ['ann']), (('-F', 'FILE'), ['dan', 'ann'])],
    ids=' '.join)
def test_some_users(all_users, tmp_path, args, names):
    (tmp_path / 'users').write_text('dan\nann\n')
    args = [str(tmp_path / 'users') if arg == 'FILE' else arg for arg in args]
    rows = doveadm.run(all_users, 'get', *args, 'spam', check=0).rows
    assert [row['Username'] for row in rows] == names


@pytest.mark.parametrize('args', [('-u', 'ann'), ('-u', 'bob'), ('-A',)], ids=' '.join)
@pytest.mark.parametrize('command', ['get', 'list', 'status'])
def test_by_doveadm_server(all_users, command, args):
    alone = doveadm.run(all_users, command, *args)
    socket = str(all_users.root / 'run' / 'doveadm-server')
    served = doveadm.run(all_users, command, '-S', socket, *args)
    assert served.code == alone.code
    assert sorted(map(str, served.rows)) == sorted(map(str, alone.rows))
    all_users.log.allow_errors('bob|cay')


def test_arguments_reach_doveadm_server(all_users):
    socket = str(all_users.root / 'run' / 'doveadm-server')
    rows = doveadm.run(all_users, 'get', '-S', socket, '-u', 'ann', '--rip', '127.0.0.7', 'spam',
                       check=0).rows
    assert [row['setting'] for row in rows] == ['pop_policy_spam']
    rows = doveadm.run(all_users, 'list', '-S', socket, '-a', '-u', 'ann', check=0).rows
    assert [row['hidden'] for row in rows] == ['', '', '', 'spam', 'spam']
    assert doveadm.run(all_users, 'dequeue', '-S', socket, '-u', 'ann', 'subject', 'nothing',
                       check=0).rows == [{'dequeued': '0'}]


@pytest.mark.parametrize('form', FORMATS)
def test_formats(all_users, form):
    text = doveadm.run(all_users, 'get', '-u', 'ann', 'spam', form=form, check=0).text
    assert {
        'table': 'setting         value                              source  error\n'
                 'pop_policy_spam exclude                            default \n',
        'tab': 'setting\tvalue\tsource\terror\npop_policy_spam\texclude\tdefault\t\n',
        'json': '[{"setting":"pop_policy_spam","value":"exclude","source":"default","error":""}]',
        'flow': 'setting=pop_policy_spam value=exclude source=default error=\n',
        'pager': 'setting: pop_policy_spam\nvalue: exclude\nsource: default\nerror: \n\f\n',
    }[form].split() == [word for word in text.split() if word != '-']  # 2.4.5: an empty cell


def test_json_has_numbers(all_users):
    text = doveadm.run(all_users, 'status', '-u', 'ann', form='json', check=0).text
    assert json.loads(text)[0]['messages'] in (3, '3')


def memory(server, count):
    """The memory, in KiB, that `get` for the first so many users needs at most."""
    path = server.root / 'names'
    path.write_text(''.join('many%d\n' % number for number in range(count)))
    command = server.command('doveadm', '-f', 'tab', '-c', server.conf, 'pop-policy', 'get',
                             '-F', str(path), 'spam')
    with subprocess.Popen(command, env=server.environment, cwd='/', stdout=subprocess.PIPE,
                          text=True) as process:
        lines = process.stdout.read().splitlines()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0 and len(lines) == count + 1
    return usage.ru_maxrss


def test_memory_does_not_grow_with_the_number_of_users():
    server = DoveadmServer()
    if not doveadm.settings_module.show.doveadm:
        server.stop()
        pytest.skip('no mount namespace: doveadm cannot see the module')
    for number in range(1000):
        name = 'many%d' % number
        server.lines[name] = '%s::%d:%d::%s/mail/%s::userdb_pop_policy_spam=include\n' % (
            name, dovecot_config.MAIL_UID, dovecot_config.MAIL_UID, server.root, name)
    server.write_all()
    few, many = memory(server, 50), memory(server, 1000)
    assert many < few + 1500, (few, many)
    assert server.stop() == []


class Pop3Userdb(DoveadmServer):
    """A server with a userdb for pop3 alone, which has pat."""

    def _prepare(self):
        super()._prepare()
        (self.root / 'mail' / 'pat').mkdir()
        os.chown(self.root / 'mail' / 'pat', dovecot_config.MAIL_UID, dovecot_config.MAIL_UID)
        (self.root / 'pop3-only').write_text('pat::%d:%d::%s/mail/pat::userdb_pop_policy_spam=only\n' % (
            dovecot_config.MAIL_UID, dovecot_config.MAIL_UID, self.root))

    def configuration(self):
        userdb = dovecot_config.syntax.userdb('%s/pop3-only' % self.root)
        return super().configuration() + 'protocol pop3 {\n%s}\n' % userdb.replace(' all {', ' own {')


@pytest.fixture(scope='module')
def pop3_userdb():
    """Such a server, with ann for all protocols."""
    server = Pop3Userdb()
    server.add_users({'ann': {}})
    yield server
    server.stop()


def test_a_user_of_pop3_alone(pop3_userdb, tmp_path):
    server = pop3_userdb
    nobody = subprocess.run(server.command('doveadm', '-c', server.conf, 'user', 'pat'),
                            capture_output=True, check=False, env=server.environment)
    assert nobody.returncode == 67
    (tmp_path / 'users').write_text('ann\npat\nnobody\n')
    socket = str(server.root / 'run' / 'doveadm-server')
    for args in (('-u', 'pat'), ('-S', socket, '-u', 'pat'), ('-F', str(tmp_path / 'users'))):
        rows = doveadm.run(server, 'get', *args, 'spam', check=0).rows
        assert rows[-1]['value'] == 'only' and rows[-1]['source'] == 'userdb'
    assert [row['Username'] for row in rows] == ['ann', 'pat']
    assert doveadm.run(server, 'list', '-u', 'pat', check=0).rows == []


def test_a_user_whose_lookup_fails():
    server = DoveadmServer()
    server.add_users({'ann': {}, 'eve': {'mail_max_keyword_length': 'many'}, 'zoe': {}})
    alone = doveadm.run(server, 'get', '-u', 'eve', 'spam', check=75)
    assert alone.rows == [] and 'mail_max_keyword_length' in alone.said
    answer = doveadm.run(server, 'get', '-A', 'spam', check=75)
    assert [row['Username'] for row in answer.rows] == ['ann', 'zoe']
    server.log.allow_errors('eve')
    assert server.stop() == []


def test_the_command_line_wins(all_users):
    name = 'pop_policy_spam' if dovecot_config.IS_24 else 'plugin/pop_policy_spam'
    done = subprocess.run(
        all_users.command('doveadm', '-f', 'tab', '-c', all_users.conf, '-o', name + '=include',
                          'pop-policy', 'get', '-u', 'ann', 'spam'),
        capture_output=True, check=True, env=all_users.environment, cwd='/')
    assert done.stdout.decode().splitlines()[1] == 'pop_policy_spam\tinclude\tconfig\t'


def test_the_manual_page_has_every_command():
    text = (SOURCE / 'man/doveadm-pop-policy.1').read_text()
    names = re.findall(r'"pop-policy (\w+)"', ''.join(
        path.read_text() for path in (SOURCE / 'src/doveadm').glob('*.c')))
    assert sorted(names) == ['dequeue', 'expire', 'get', 'list', 'requeue', 'set', 'status']
    assert sorted(re.findall(r'^\.SS pop\\-policy (\w+)', text, re.M)) == sorted(names)


# (doveadm looks into the folder that Dovecot was built for)
SHOW_HELP = """mkdir -p /usr/share/man && mount -t tmpfs tmpfs /usr/share/man &&
mkdir /usr/share/man/man1 && cp "$0" /usr/share/man/man1 && exec "$@"
"""


def test_help(all_users):
    """`doveadm help pop-policy` shows the manual page, where there is a man that can."""
    if not shutil.which('man'):
        pytest.skip('no man')
    done = subprocess.run(
        ['unshare', '--mount', 'sh', '-c', SHOW_HELP, SOURCE / 'man/doveadm-pop-policy.1',
         *all_users.command('doveadm', '-c', all_users.conf, 'help', 'pop-policy')],
        capture_output=True, check=False, env={**all_users.environment, 'MANPAGER': 'cat'})
    assert done.returncode == 0 and 'requeue' in done.stdout.decode(), done
