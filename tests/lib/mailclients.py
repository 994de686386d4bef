"""Real POP clients, each with a private home and run as nobody."""

import email
import os
import shutil
import subprocess

import pytest

# in seconds, on a busy machine
PATIENCE = 300


class Client:
    """One installation of a client, for one account."""

    program = None

    def __init__(self, user):
        if shutil.which(self.program) is None:
            pytest.skip(self.program + ' is not installed')
        self.user = user
        self.address = user.server.address
        self.port = user.server.ports['pop3']
        self.home = user.server.root / ('client-' + user.name)
        self.inbox = self.home / 'inbox'
        for path in (self.home, self.inbox, *(self.inbox / n for n in ('cur', 'new', 'tmp'))):
            path.mkdir()
            shutil.chown(path, 'nobody')

    def run(self, *args):
        """Run a program with the private home; its output, whatever its exit status."""
        env = {'HOME': str(self.home), 'PATH': os.environ['PATH'], 'LC_ALL': 'C',
               'LOGNAME': 'nobody', 'USER': 'nobody'}
        done = subprocess.run(args, env=env, cwd=self.home, timeout=PATIENCE,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, user='nobody', group='nogroup',
                              extra_groups=[])
        return done.stdout.decode('utf-8', 'replace')

    def config(self, name, text):
        """Write a configuration file only its owner can read."""
        path = self.home / name
        path.write_text(text.format(client=self, user=self.user))
        path.chmod(0o600)
        shutil.chown(path, 'nobody')
        return path

    def fetch(self, keep=True):
        """Download what is new; sorted subjects of it, and what the client printed."""
        text = self.download(keep)
        subjects = []
        for path in [*self.inbox.glob('new/*'), *self.inbox.glob('cur/*')]:
            subjects.append(email.message_from_bytes(path.read_bytes())['Subject'])
            path.unlink()
        return sorted(subjects), text

    def download(self, keep):
        """Run the client once, mail going to self.inbox."""
        raise NotImplementedError


class Fetchmail(Client):
    """fetchmail; it downloads with TOP if it keeps mail."""

    program = 'fetchmail'

    def download(self, keep):
        sink = self.home / 'sink'
        sink.write_text('#!/bin/sh\nexec cat >"$(mktemp %s/new/XXXXXXXX)"\n' % self.inbox)
        sink.chmod(0o755)
        path = self.config(
            'fetchmailrc',
            'poll {client.address} protocol POP3 port {client.port} auth password uidl\n'
            '  user "{user.name}" password "{user.password}" sslproto "" '
            + ('keep' if keep else 'nokeep') + ' mda "{client.home}/sink"\n')
        return self.run('fetchmail', '-v', '--nosyslog', '-f', path,
                        '-i', self.home / 'ids', '--pidfile', self.home / 'pid')


class Mpop(Client):
    """mpop; it pipelines RETR and then DELE."""

    program = 'mpop'

    def download(self, keep):
        path = self.config(
            'mpoprc',
            'account default\nhost {client.address}\nport {client.port}\nuser {user.name}\n'
            'password {user.password}\nauth user\ntls off\nreceived_header off\n'
            'delivery maildir {client.inbox}\nuidls_file {client.home}/uidls\nkeep '
            + ('on' if keep else 'off') + '\n')
        return self.run('mpop', '--file=%s' % path)


# getmail sets its signal handler when it has forked, and waits for three minutes if the child has
# ended by then: on a busy machine.
GETMAIL = """
import os, runpy, shutil, sys, time
fork = os.fork
def fork_late():
    pid = fork()
    if pid == 0:
        time.sleep(0.05)
    return pid
os.fork = fork_late
sys.argv[0] = shutil.which('getmail')
runpy.run_path(sys.argv[0], run_name='__main__')
"""


class Getmail(Client):
    """getmail; it never forgets a UIDL."""

    program = 'getmail'

    def download(self, keep):
        self.config(
            'getmailrc',
            '[retriever]\ntype = SimplePOP3Retriever\nserver = {client.address}\n'
            'port = {client.port}\nusername = {user.name}\npassword = {user.password}\n'
            '[destination]\ntype = Maildir\npath = {client.inbox}/\n'
            '[options]\nverbose = 2\nread_all = false\ndelivered_to = false\nreceived = false\n'
            'delete = ' + ('false' if keep else 'true') + '\n')
        return self.run('/usr/bin/python3', '-c', GETMAIL, '--getmaildir=%s' % self.home,
                        '--rcfile=getmailrc')


class Curl(Client):
    """curl, as a script would use it: LIST, then RETR and DELE of every number."""

    program = 'curl'

    def download(self, keep):
        login = ('-s', '-S', '--max-time', '20', '-u',
                 '%s:%s' % (self.user.name, self.user.password))
        url = 'pop3://%s:%d/' % (self.address, self.port)
        text = self.run('curl', *login, url)
        nums = [line.split()[0] for line in text.splitlines() if line.split()[1:]]
        nums = [num for num in nums if num.isdigit()]
        if not nums:
            return text
        args = []
        for num in nums:
            args += [*login, '-o', str(self.inbox / 'new' / num), url + num, '--next']
        if not keep:
            for num in nums:
                args += [*login, '-I', '-X', 'DELE', '-o', str(self.home / 'null'), url + num,
                         '--next']
        return self.run('curl', *args[:-1])
