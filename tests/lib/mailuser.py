"""Mail users of a test server: their policy, their mail, their sessions."""

import dataclasses
import datetime
import functools
import hashlib
import imaplib
import os
import re
import shutil
import smtplib

from tests.lib.dovecot_config import MAIL_UID
from tests.lib.places import DOVEADM
from tests.lib.popclient import PopClient, PopError

UTC = datetime.timezone.utc
NOON = int(datetime.datetime(2026, 1, 15, 12, tzinfo=UTC).timestamp())


def stamp(when):
    """A GeneralizedTime for seconds since the epoch."""
    return datetime.datetime.fromtimestamp(when, UTC).strftime('%Y%m%d%H%M%SZ')


def internal(when):
    """An IMAP date-time for seconds since the epoch."""
    return datetime.datetime.fromtimestamp(when, UTC).strftime('"%d-%b-%Y %H:%M:%S +0000"')


@functools.lru_cache(maxsize=10000)
def seconds(date):
    """The seconds since the epoch of an INTERNALDATE; tests ask for the same ones all the time."""
    return int(datetime.datetime.strptime(date.strip(), '%d-%b-%Y %H:%M:%S %z').timestamp())


def message(subject='hello', body='text\r\n', headers=()):
    """A small message as bytes, CRLF line ends; headers are more `Name: value` lines."""
    head = ['From: Sender <sender@example.org>', 'To: someone@example.org',
            'Subject: ' + subject, 'Date: Thu, 15 Jan 2026 12:00:00 +0000',
            'Message-ID: <%s@example.org>' % re.sub(r'[^A-Za-z0-9.-]', '-', subject)]
    own = {line.split(':')[0] for line in headers}
    head = [line for line in head if line.split(':')[0] not in own] + list(headers)
    return ('\r\n'.join(head) + '\r\n\r\n' + body).encode()


def big_message(subject='big', lines=2000):
    """A multipart message with dots at line starts, long lines and 8-bit text."""
    part = ['--b', 'Content-Type: text/plain; charset=utf-8', '', '.', '..', '.x', 'gr\u00fcn',
            'x' * 900, *('line %d of the text' % i for i in range(lines)), '--b--', '']
    return message(subject, '\r\n'.join(part),
                   ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary="b"'])


def examine(client, mailbox):
    """EXAMINE; False if there is no such mailbox. One that cannot be opened is another matter."""
    done, words = client.select(mailbox, readonly=True)
    if done == 'OK':
        return True
    assert re.search(rb"Mailbox (doesn't exist|isn't selectable)", words[0]), words
    return False


@dataclasses.dataclass(frozen=True)
class Mail:
    """A message as IMAP shows it; flags without \\Recent, date in seconds since the epoch."""
    uid: int
    flags: frozenset
    date: int
    subject: str
    digest: str
    raw: bytes = dataclasses.field(repr=False, compare=False)


def fill(user):
    """INBOX: one, two, three, at NOON, +10 and +20 s; Junk: spam1, spam2 at +5 and +15 s."""
    user.append('INBOX', ('one', NOON), ('two', NOON + 10), ('three', NOON + 20))
    user.append('Junk', ('spam1', NOON + 5), ('spam2', NOON + 15))


class MailUser:
    """One account of one server; fields are userdb fields without their `userdb_` prefix.

    Accounts with the same home share their mail.
    """

    def __init__(self, server, name, password='secret', storage=None, fields=None, home=None):
        self.server = server
        self.name = name
        self.password = password
        self.storage = storage or server.spec.storage
        self.home = home or server.root / 'mail' / name
        self.generation = -1
        self.home.mkdir(mode=0o700, parents=True, exist_ok=home is not None)
        os.chown(self.home, MAIL_UID, MAIL_UID)
        self.set(**(fields or {}))

    # -- account

    def set(self, **fields):
        """Replace all userdb fields; in force for every login after the return."""
        self.generation += 1
        fields = {**self.server.storage_fields(self.storage), **fields}
        self.server.write_user(self, fields)

    def policy(self, **values):
        """Replace all userdb fields by pop_policy_NAME=value ones; none: built-in policy."""
        self.set(**{'pop_policy_' + name: value for name, value in values.items()})

    def copy_store(self, other):
        """Make this account's mail a byte for byte copy of another's (of any server)."""
        shutil.rmtree(self.home)
        shutil.copytree(other.home, self.home, symlinks=True)
        for folder, _, files in os.walk(self.home):
            for path in [folder, *(os.path.join(folder, name) for name in files)]:
                os.chown(path, MAIL_UID, MAIL_UID, follow_symlinks=False)

    def backup(self, copy):
        """Make the mail of another account of this server the same as this one's, by dsync."""
        self.doveadm('backup', DOVEADM, '-c', str(self.server.conf), 'dsync-server',
                     '-u', copy.name)

    # -- POP3

    def connect(self, tls=False, **kwargs):
        """A POP3 connection before login."""
        port = self.server.ports['pop3s' if tls else 'pop3']
        return PopClient(port, tls, timeout=60 if self.server.valgrind else 20,
                         ended=self.sessions_ended, host=self.server.address, **kwargs)

    def sessions_ended(self):
        """The pids of this user's POP3 sessions that have ended in the current test."""
        lines = self.server.log.infos(r'pop3\(%s\).*Disconnected' % re.escape(self.name))
        return [re.search(r'pop3\(.*?\)<(\d+)>', line)[1] for line in lines]

    def attempt(self, tls=False):
        """A POP3 connection after USER/PASS, whatever came of it; `login_reply` tells."""
        client = self.connect(tls)
        client.login_reply = client.login(self.name, self.password)
        return client

    def pop(self, tls=False):
        """A POP3 session with its mailbox open (+OK alone may come earlier), else PopError."""
        client = self.attempt(tls)
        if not client.login_reply.startswith('+OK'):
            client.close()
            raise PopError('login of %s: %r' % (self.name, client.login_reply))
        client.ok('NOOP')
        return client

    def queue(self):
        """The subjects of the POP queue in order, from a new session."""
        with self.pop() as client:
            subjects = client.subjects()
            client.quit()
        return subjects

    def uidls(self):
        """{subject: uidl} of the POP queue, from a new session."""
        with self.pop() as client:
            result = dict(zip(client.subjects(), client.uidl().values()))
            client.quit()
        return result

    # -- mail

    def imap(self):
        """An imaplib connection, logged in."""
        client = imaplib.IMAP4(self.server.address, self.server.ports['imap'], timeout=20)
        client.login(self.name, self.password)
        return client

    def append(self, mailbox, *mails):
        """APPEND mails: each a subject, bytes, or (subject or bytes, epoch[, flags])."""
        with self.imap() as client:
            if mailbox != 'INBOX':
                client.create('"%s"' % mailbox)
            for mail in mails:
                mail = mail if isinstance(mail, tuple) else (mail,)
                text, when, flags = (*mail, *(NOON, '')[len(mail) - 1:])
                raw = text if isinstance(text, bytes) else message(text)
                done, answer = client.append('"%s"' % mailbox, flags, internal(when), raw)
                assert done == 'OK', answer

    def look(self, mailbox='INBOX'):
        """Every message of a mailbox over IMAP (EXAMINE); [] if it does not exist."""
        with self.imap() as client:
            if not examine(client, '"%s"' % mailbox):
                return []
            answer = client.uid('FETCH', '1:*', '(UID FLAGS INTERNALDATE BODY.PEEK[])')[1]
        return [self._mail(item) for item in answer if isinstance(item, tuple)]

    @staticmethod
    def _mail(item):
        # (names of keywords may be damaged)
        head, raw = item[0].decode(errors='replace'), item[1]
        subject = re.search(rb'(?mi)^Subject: (.*?)\r?$', raw)
        return Mail(
            uid=int(re.search(r'UID (\d+)', head)[1]),
            flags=frozenset(re.search(r'FLAGS \(([^)]*)\)', head)[1].split()) - {'\\Recent'},
            date=seconds(re.search(r'INTERNALDATE "([^"]+)"', head)[1]),
            subject=subject[1].decode() if subject else '',
            digest=hashlib.sha256(raw).hexdigest(), raw=raw)

    def subjects(self, mailbox='INBOX'):
        """The subjects of a mailbox over IMAP, in UID order."""
        return [mail.subject for mail in self.look(mailbox)]

    def mailboxes(self):
        """The names of all mailboxes, as IMAP LIST gives them."""
        with self.imap() as client:
            answer = client.list()[1]
        return {re.search(r'("([^"]*)"|\S+)$', line.decode())[0].strip('"')
                for line in answer if line}

    def store(self, mailbox, subject, change, flags):
        """IMAP STORE (change is +FLAGS, -FLAGS or FLAGS) on the messages with that subject."""
        uids = ','.join(str(mail.uid) for mail in self.look(mailbox) if mail.subject == subject)
        with self.imap() as client:
            client.select('"%s"' % mailbox)
            done, answer = client.uid('STORE', uids, change, '(%s)' % flags)
            assert done == 'OK', answer

    def lmtp(self):
        """An smtplib connection for delivery."""
        return smtplib.LMTP(str(self.server.root / 'run' / 'lmtp'))

    def deliver(self, *mails):
        """Deliver bytes or subjects through LMTP."""
        with self.lmtp() as client:
            for mail in mails:
                raw = mail if isinstance(mail, bytes) else message(mail)
                client.sendmail('sender@example.org', [self.name], raw)

    def lda(self, mail, mailbox='INBOX'):
        """Deliver bytes or a subject through dovecot-lda."""
        raw = mail if isinstance(mail, bytes) else message(mail)
        self.server.lda(self.name, raw, '-m', mailbox)

    def save(self, mailbox, mail):
        """Deliver bytes or a subject through `doveadm save`."""
        raw = mail if isinstance(mail, bytes) else message(mail)
        self.doveadm('save', '-m', mailbox, stdin=raw)

    def doveadm(self, command, *args, stdin=b''):
        """`doveadm COMMAND -u USER ARGS`, its output; COMMAND may be two words."""
        return self.server.doveadm(*command.split(), '-u', self.name, *args, stdin=stdin)

    def resync(self):
        """doveadm force-resync, which may have to be told twice after a kill; what it has said."""
        done = self.server.run_doveadm('force-resync', '-u', self.name, '*')
        self.doveadm('force-resync', '*')
        return done.stderr.decode()

    def locks(self):
        """The lock files that are there, also those of a log that is being rotated (.newlock)."""
        return [*self.home.rglob('*.lock'), *self.home.rglob('*.newlock')]

    def unlock(self):
        """Remove lock files of a process that was killed; Dovecot does so after minutes."""
        for path in self.locks():
            path.unlink()

    def files(self):
        """{path: (mtime_ns, size)} of everything below the home: did anything change?"""
        found = {}
        for folder, folders, names in os.walk(self.home):
            for name in folders + names:
                path = os.path.join(folder, name)
                try:
                    status = os.lstat(path)
                except FileNotFoundError:
                    continue
                found[os.path.relpath(path, self.home)] = (status.st_mtime_ns, status.st_size)
        return found
