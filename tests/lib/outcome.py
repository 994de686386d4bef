"""Where a user's mail is and how it looks, and what an action must have made of it."""

import dataclasses

from tests.lib.mailuser import NOON

KEYWORD = '$POPDequeued'
ACTIONS = ('delete', 'keep', 'read', 'archive', 'trash')
TARGETS = {'archive': 'Archive', 'trash': 'Trash'}

DONE = '+OK Logging out.'
DELETED = '+OK Logging out, messages deleted.'

QUEUES = {
    'exclude': ['in1', 'in2', 'in3', 'in4', 'in5'],
    'include': ['in1', 'sp1', 'in2', 'sp2', 'in3', 'sp3', 'in4', 'sp4', 'in5'],
    'only': ['sp1', 'sp2', 'sp3', 'sp4'],
}


@dataclasses.dataclass(frozen=True, order=True)
class Place:
    """One message in one mailbox, as IMAP shows it; no UID, for a move changes that."""
    mailbox: str
    subject: str
    date: int
    digest: str
    flags: tuple


def fill_flagged(user):
    """Five mails in INBOX, four in Junk, 5 s apart and alternating, with all sorts of flags."""
    user.append('INBOX', ('in1', NOON, r'\Flagged'), ('in2', NOON + 10, r'\Seen Label1'),
                ('in3', NOON + 20), ('in4', NOON + 30, r'\Answered $Forwarded'),
                ('in5', NOON + 40, r'\Draft Label2'))
    user.append('Junk', ('sp1', NOON + 5, '$Junk'), ('sp2', NOON + 15, r'\Seen'),
                ('sp3', NOON + 25), ('sp4', NOON + 35, r'\Flagged Label1'))


def state(user):
    """Every message of every mailbox of the user, sorted."""
    return sorted(Place(name, mail.subject, mail.date, mail.digest, tuple(sorted(mail.flags)))
                  for name in user.mailboxes() for mail in user.look(name))


def after(places, action, subjects, target=None, keyword=KEYWORD):
    """What `state` must be once the action has been applied to those subjects."""
    result = []
    for place in places:
        flags = set(place.flags)
        mailbox = place.mailbox
        if place.subject in subjects:
            if action == 'delete':
                continue
            if action in ('keep', 'read'):
                flags.add(keyword)
            if action in ('read', 'seen'):
                flags.add(r'\Seen')
            if action in TARGETS:
                mailbox = target or TARGETS[action]
        result.append(dataclasses.replace(place, mailbox=mailbox, flags=tuple(sorted(flags))))
    return sorted(result)


def flags_of(user, subject, mailbox='INBOX'):
    """The flags of the only message with that subject."""
    flags, = [mail.flags for mail in user.look(mailbox) if mail.subject == subject]
    return set(flags)


def dele(user, *nums):
    """A session that DELEtes those numbers; the answer to its QUIT."""
    with user.pop() as client:
        client.dele(*nums)
        return client.quit()


def retr(user, *nums):
    """A session that RETRieves those numbers; the answer to its QUIT."""
    with user.pop() as client:
        for num in nums:
            client.retr(num)
        return client.quit()


def play(client, script):
    """Run a session written as words, such as 'R1 D2 X T3 Q'; the last reply line.

    R RETR, D DELE, T TOP with all lines, U UIDL, X RSET, Q QUIT.
    """
    reply = ''
    for word in script.split():
        verb, num = word[0], word[1:]
        if verb == 'Q':
            reply = client.quit()
        elif verb == 'R':
            client.retr(int(num))
        elif verb == 'T':
            client.top(int(num), 99999999)
        elif verb == 'U':
            client.uidl()
        else:
            reply = client.ok({'D': 'DELE ' + num, 'X': 'RSET'}[verb])
    return reply
