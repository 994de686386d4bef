"""What a policy says must happen, worked out from its description alone, and compared."""

import dataclasses
import datetime
import heapq

from demo.sessions import LOGINS

SEEN, DEQUEUED = r'\Seen', '$POPDequeued'
SOURCES = {'exclude': ['INBOX'], 'include': ['INBOX', 'Junk'], 'only': ['Junk']}
MOVES = {'archive': 'Archive', 'trash': 'Trash'}
DELETE = ('delete', 'keep', 'read', *MOVES)
DEFAULTS = {'available': 'yes', 'enabled': 'yes', 'since': '', 'spam': 'exclude',
            'delete': 'delete', 'retrieve': 'none'}
WORDS = {'available': ('yes', 'no'), 'enabled': ('yes', 'no'), 'spam': SOURCES,
         'delete': DELETE, 'retrieve': ('none', *DELETE)}
REFUSALS = {
    'available': "-ERR [SYS/PERM] POP access is not part of this account's plan.",
    'enabled': '-ERR [SYS/PERM] POP access is disabled for this account.',
    'invalid': '-ERR [SYS/PERM] POP settings of this account are invalid. '
               'Please contact your administrator.'}


@dataclasses.dataclass
class Expected:
    """What must come out; queues are lists of sessions.Stored in POP order."""
    refused: str
    invalid: tuple
    first: list
    second: list
    after: list


@dataclasses.dataclass(frozen=True)
class Difference:
    """Something that is not what the policy says; key names the message, if it is about one."""
    key: str
    text: str


def instant(text):
    """Seconds since the epoch of a GeneralizedTime in UTC; the empty text is before all mail."""
    if not text:
        return 0
    when = datetime.datetime.strptime(text, '%Y%m%d%H%M%SZ')
    return int(when.replace(tzinfo=datetime.timezone.utc).timestamp())


def unreadable(policy):
    """The (name, value) of a setting that makes no sense, or ()."""
    for name, value in policy.items():
        try:
            if name == 'since':
                instant(value)
            elif value not in WORDS[name]:
                return name, value
        except ValueError:
            return name, value
    return ()


def queue(policy, mails):
    """The messages a POP session lists, in order: the mailboxes merged by arrival."""
    since = instant(policy['since'])
    boxes = [sorted((mail for mail in mails if mail.folder == folder and mail.date >= since
                     and DEQUEUED not in mail.flags), key=lambda mail: mail.uid)
             for folder in SOURCES[policy['spam']]]
    return list(heapq.merge(*boxes, key=lambda mail: mail.date))


def outcome(policy, mail, did):
    """The message after QUIT, None if it is gone."""
    flags = mail.flags
    if 'DELE' in did:
        action = policy['delete']
    elif 'RETR' in did:
        action = policy['retrieve']
        flags |= {SEEN}  # by the POP server itself, for what it has sent
    else:
        return mail
    if action == 'delete':
        return None
    if action in MOVES:
        return dataclasses.replace(mail, folder=MOVES[action], flags=flags)
    flags |= {'none': set(), 'keep': {DEQUEUED}, 'read': {DEQUEUED, SEEN}}[action]
    return dataclasses.replace(mail, flags=flags)


def expect(policy, before, habits):
    """What a visit must look like under this policy, given the mail before it."""
    invalid = unreadable(policy)
    policy = {**DEFAULTS, **policy}
    reasons = ['invalid'] if invalid else [name for name in ('available', 'enabled')
                                           if policy[name] == 'no']
    if reasons:
        return Expected(REFUSALS[reasons[0]], invalid, [], [], list(before))
    first = queue(policy, before)
    after = [mail if mail not in first else outcome(policy, mail, habits.get(mail.key, ()))
             for mail in before]
    after = [mail for mail in after if mail]
    return Expected('', (), first, queue(policy, after), after)


def uidl(mail):
    """Dovecot's UIDL in its default format, the message's mailbox being the INBOX."""
    return '%08x%08x' % (mail.uid, mail.uidvalidity)


def place(mail):
    """Where a message is and how it is marked, as text."""
    return ' '.join([mail.folder, *sorted(mail.flags)])


def compare_session(which, wanted, got):
    """Differences between a queue and what a POP session has listed."""
    keys = [mail.key for mail in wanted]
    if got.keys != keys:
        for key in [key for key in keys if key not in got.keys]:
            yield Difference(key, '%s POP session: must be listed, is not' % which)
        for key in [key for key in got.keys if key not in keys]:
            yield Difference(key, '%s POP session: must not be listed, is' % which)
        if sorted(got.keys) == sorted(keys):
            yield Difference('', '%s POP session: order is %s, must be %s'
                             % (which, ' '.join(got.keys), ' '.join(keys)))
        return
    sizes = [len(mail.raw) for mail in wanted]
    if got.sizes != sizes or got.stat != (len(sizes), sum(sizes)):
        yield Difference('', '%s POP session: STAT and LIST say %s and %s, must be %s'
                         % (which, got.stat, got.sizes, sizes))
    for mail in wanted:
        if got.uidls[mail.key] != uidl(mail):
            yield Difference(mail.key, '%s POP session: UIDL is %s, must be %s'
                             % (which, got.uidls[mail.key], uidl(mail)))
        if got.fetched.get(mail.key, mail.raw) != mail.raw:
            yield Difference(mail.key, '%s POP session: RETR gave another text' % which)


def compare_mail(wanted, got):
    """Differences between the mail that must be there and the mail that is, over IMAP."""
    keys = dict.fromkeys(mail.key for mail in [*wanted, *got])
    for key in keys:
        must = [mail for mail in wanted if mail.key == key]
        has = [mail for mail in got if mail.key == key]
        if sorted(map(place, must)) != sorted(map(place, has)):
            yield Difference(key, 'IMAP afterwards: %s, must be: %s'
                             % (' and '.join(map(place, has)) or 'gone',
                                ' and '.join(map(place, must)) or 'gone'))
        elif {(mail.date, mail.raw) for mail in must} != {(mail.date, mail.raw) for mail in has}:
            yield Difference(key, 'IMAP afterwards: date or text of the message has changed')


def explanations(expected, seen):
    """The log lines that say why a login was refused."""
    if expected.invalid:
        setting, value = expected.invalid
        return [line for line in seen.errors
                if 'Error: ' in line and 'pop_policy_' + setting in line and value in line]
    if expected.refused:
        return [line for line in seen.infos if 'Logged out' not in line]
    return []


def compare_log(expected, seen):
    """Differences between what the log must say about POP sessions and what it says."""
    lines = explanations(expected, seen)
    if expected.refused and len(lines) != LOGINS:
        yield Difference('', 'the log says %d times why, must be %d' % (len(lines), LOGINS))
    for line in seen.errors:
        if line not in lines:
            yield Difference('', 'error in the log: ' + line)


def compare(expected, seen, habits):
    """Everything in a visit that is not as expected."""
    found = []
    for which, wanted, got in (('first', expected.first, seen.first),
                               ('second', expected.second, seen.second)):
        if got.refused != expected.refused:
            found.append(Difference('', '%s login: %s, must be: %s' % (
                which, got.refused or 'accepted', expected.refused or 'accepted')))
        elif not expected.refused:
            found += compare_session(which, wanted, got)
    left = [key for key in seen.first.keys if 'DELE' not in habits.get(key, ())]
    if seen.first.left != left:
        found.append(Difference('', 'after DELE the session lists %s, must be %s'
                                % (' '.join(seen.first.left), ' '.join(left))))
    return [*found, *compare_log(expected, seen), *compare_mail(expected.after, seen.after)]
