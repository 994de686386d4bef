"""What a user's mail programs see: POP sessions with poplib, mailboxes over IMAP."""

import dataclasses
import email
import poplib
import re

from tests.lib.serverlog import poll

HOST = '127.0.0.1'
LOGINS = 2  # POP sessions in a visit


@dataclasses.dataclass(frozen=True)
class Stored:
    """A message on the server, as IMAP has it; key is the first part of its Message-ID."""
    key: str
    folder: str
    uid: int
    uidvalidity: int
    date: int
    flags: frozenset
    raw: bytes = dataclasses.field(repr=False)


@dataclasses.dataclass
class PopSession:
    """One POP session. Lists are in the order of the message numbers."""
    refused: str = ''
    stat: tuple = (0, 0)
    keys: list = dataclasses.field(default_factory=list)
    sizes: list = dataclasses.field(default_factory=list)
    uidls: dict = dataclasses.field(default_factory=dict)
    did: dict = dataclasses.field(default_factory=dict)
    fetched: dict = dataclasses.field(default_factory=dict)
    left: list = dataclasses.field(default_factory=list)

    def number(self, key):
        """`#3` for a message that was listed, nothing for another."""
        return '#%d' % (self.keys.index(key) + 1) if key in self.keys else ''


def message_key(raw):
    """Our name of a message, of which at least the header is given."""
    text = email.message_from_bytes(raw).get('Message-ID', '')
    return text.strip('<> ').partition('@')[0]


def text_of(answer):
    """The message in poplib's answer to RETR or TOP."""
    return b''.join(line + b'\r\n' for line in answer[1])


def numbers(answer):
    """[(message number, rest of the line)] of poplib's answer to LIST or UIDL."""
    pairs = (line.decode().split(' ', 1) for line in answer[1])
    return [(int(number), rest) for number, rest in pairs]


def pop_session(user, habits):
    """Log in, look at everything, do what the habits say, QUIT."""
    client = poplib.POP3(HOST, user.server.ports['pop3'], timeout=20)
    try:
        client.user(user.name)
        client.pass_(user.password)
    except poplib.error_proto as error:
        client.close()
        return PopSession(refused=error.args[0].decode('ascii', 'backslashreplace'))
    seen = PopSession(stat=client.stat())
    sizes, uidls = dict(numbers(client.list())), dict(numbers(client.uidl()))
    for number in sizes:
        key = message_key(text_of(client.top(number, 0)))
        seen.keys.append(key)
        seen.sizes.append(int(sizes[number]))
        seen.uidls[key] = uidls.get(number, '')
    for number, key in zip(sizes, seen.keys):
        seen.did[key] = habits.get(key, ())
        if 'TOP' in seen.did[key]:
            client.top(number, 99999)
        if 'RETR' in seen.did[key]:
            seen.fetched[key] = text_of(client.retr(number))
        if 'DELE' in seen.did[key]:
            client.dele(number)
    remaining = [number for number, _ in numbers(client.list())]
    seen.left = [key for number, key in zip(sizes, seen.keys) if number in remaining]
    client.quit()
    return seen


def stored(user):
    """Every message of every mailbox, over IMAP and without changing a flag."""
    found = []
    for folder in sorted(user.mailboxes()):
        with user.imap() as client:
            answer = client.status('"%s"' % folder, '(UIDVALIDITY)')[1]
        uidvalidity = int(re.search(rb'UIDVALIDITY (\d+)', answer[0])[1])
        found += [Stored(message_key(mail.raw), folder, mail.uid, uidvalidity, mail.date,
                         mail.flags, mail.raw)
                  for mail in user.look(folder)]
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
    first = pop_session(user, habits)
    second = pop_session(user, {})
    after = stored(user)
    poll(lambda: len(pop_log(user)[1]) >= infos + LOGINS, 2)
    new_errors, new_infos = pop_log(user)
    return Visit(before, first, second, after, new_errors[errors:], new_infos[infos:])
