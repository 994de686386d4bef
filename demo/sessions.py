"""What a user's mail programs see: POP sessions, mailboxes over IMAP, and what the log says."""

import dataclasses
import email
import re

from tests.lib.model import Mail
from tests.lib.serverlog import poll

LOGINS = 2  # POP sessions in a visit


@dataclasses.dataclass(frozen=True)
class Stored(Mail):
    """A message on the server, as IMAP has it; its name is the first part of its Message-ID."""
    uidl: str = ''
    raw: bytes = dataclasses.field(default=b'', repr=False)


@dataclasses.dataclass
class PopSession:
    """One POP session. Lists are in the order of the message numbers."""
    refused: str = ''
    stat: tuple = (0, 0)
    names: list = dataclasses.field(default_factory=list)
    sizes: list = dataclasses.field(default_factory=list)
    uidls: list = dataclasses.field(default_factory=list)
    did: dict = dataclasses.field(default_factory=dict)
    fetched: dict = dataclasses.field(default_factory=dict)
    left: list = dataclasses.field(default_factory=list)

    def number(self, name):
        """`#3` for a message that was listed, nothing for another."""
        return '#%d' % (self.names.index(name) + 1) if name in self.names else ''


def name_of(raw):
    """Our name of a message, of which at least the header is given."""
    text = email.message_from_bytes(raw).get('Message-ID', '')
    return text.strip('<> ').partition('@')[0]


def pop_session(user, habits):
    """Log in, look at everything, do what the habits say, QUIT."""
    with user.attempt() as client:
        if not client.login_reply.startswith('+OK'):
            return PopSession(refused=client.login_reply)
        sizes, uidls = client.list(), client.uidl()
        seen = PopSession('', client.stat(), [name_of(client.top(number, 0)) for number in sizes],
                          list(sizes.values()), list(uidls.values()))
        for number, name in zip(sizes, seen.names):
            seen.did[name] = habits.get(name, ())
            if 'TOP' in seen.did[name]:
                client.top(number, 99999)
            if 'RETR' in seen.did[name]:
                seen.fetched[name] = client.retr(number)
            if 'DELE' in seen.did[name]:
                client.dele(number)
        remaining = client.list()
        seen.left = [name for number, name in zip(sizes, seen.names) if number in remaining]
        client.quit()
    return seen


def stored(user):
    """Every message of every mailbox, over IMAP and without changing a flag.

    The UIDL is the one in Dovecot's default format, were the message's mailbox the INBOX.
    """
    found = []
    for mailbox in sorted(user.mailboxes()):
        with user.imap() as client:
            answer = client.status('"%s"' % mailbox, '(UIDVALIDITY)')[1]
        validity = int(re.search(rb'UIDVALIDITY (\d+)', answer[0])[1])
        found += [Stored(name_of(mail.raw), mailbox, mail.date, mail.flags,
                         '%08x%08x' % (mail.uid, validity), mail.raw)
                  for mail in user.look(mailbox)]
    return found


@dataclasses.dataclass
class Visit:
    """One user's story: the mail before, two POP sessions, the mail afterwards, the log."""
    before: list
    first: PopSession
    second: PopSession
    after: list
    errors: list
    infos: list


def pop_log(user):
    """(errors, infos) that the server has logged about the user's POP sessions so far."""
    pattern = r'pop3\(%s\)' % re.escape(user.name)
    return user.server.log.errors(pattern), user.server.log.infos(pattern)


def visit(user, habits):
    """Let the user's POP program come twice; the second time it only looks."""
    errors, infos = map(len, pop_log(user))
    before = stored(user)
    first, second = pop_session(user, habits), pop_session(user, {})
    after = stored(user)
    poll(lambda: len(pop_log(user)[1]) >= infos + LOGINS, 2)
    new_errors, new_infos = pop_log(user)
    return Visit(before, first, second, after, new_errors[errors:], new_infos[infos:])
