"""Leaving the demo's Dovecot running for a mail program to connect to."""

import shlex
import shutil
import subprocess

from demo.accounts import PASSWORD
from tests.lib.places import DOVECOT, LIBEXEC, PATH

STOP = """#!/bin/sh
# Stops the demo's Dovecot and removes everything it has.
{doveadm} -c {conf} stop
cd / && exec rm -rf {root}
"""


def restart(server):
    """Start the server anew as a daemon that outlives us; the bad log lines so far."""
    server.doveadm('stop')
    server.process.wait(10)
    server.process = None
    complaints = server.log.settle()
    subprocess.run([DOVECOT, '-c', server.conf], check=True, stdin=subprocess.DEVNULL,
                   env={'PATH': PATH, 'TZ': 'UTC'})
    return complaints


def prepare(server, mails):
    """Put a script that ends it all, and the messages as files, into the server's directory."""
    script = server.root / 'stop'
    doveadm = shutil.which('doveadm', path=PATH)
    script.write_text(STOP.format(doveadm=shlex.quote(doveadm), conf=shlex.quote(str(server.conf)),
                                  root=shlex.quote(str(server.root))))
    script.chmod(0o755)
    (server.root / 'letters').mkdir()
    for mail in mails:
        (server.root / 'letters' / (mail.key + '.eml')).write_bytes(mail.raw)


def directions(server, names):
    """How to look at it with a mail program."""
    root, ports = server.root, server.ports
    return [
        'Dovecot goes on running. In a mail program:',
        '  server    127.0.0.1',
        '  POP3      port %d (plain or STARTTLS)' % ports['pop3'],
        '  POP3S     port %d (TLS, self-signed certificate)' % ports['pop3s'],
        '  IMAP      port %d (plain or STARTTLS)' % ports['imap'],
        '  users     ' + ' '.join(names),
        '  password  %s, for all' % PASSWORD,
        'Policy: the last field of %s/users/NAME.0,' % root,
        '  such as userdb_pop_policy_delete=keep; the next login has it, a second later',
        'New mail: %s/dovecot-lda -c %s -d NAME < FILE' % (LIBEXEC, server.conf),
        '  FILE may be %s/letters/news.eml' % root,
        'Logs: %s/log' % root,
        'The end: %s/stop  (stops Dovecot and removes %s)' % (root, root)]
