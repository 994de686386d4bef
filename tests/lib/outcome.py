"""Where a user's mail is and how it looks, and what an action must have made of it."""

import dataclasses

from tests.lib import model
from tests.lib.mailuser import NOON
from tests.lib.model import KEYWORD, SEEN, SPAM, TARGETS, Mail, Policy

DONE = '+OK Logging out.'
DELETED = '+OK Logging out, messages deleted.'

# Five mails in INBOX, four in Junk, 5 s apart and alternating, with all sorts of flags.
FLAGGED = [Mail(name, mailbox, NOON + seconds, frozenset(flags.split()))
           for name, mailbox, seconds, flags in (
               ('in1', 'INBOX', 0, r'\Flagged'), ('in2', 'INBOX', 10, r'\Seen Label1'),
               ('in3', 'INBOX', 20, ''), ('in4', 'INBOX', 30, r'\Answered $Forwarded'),
               ('in5', 'INBOX', 40, r'\Draft Label2'), ('sp1', 'Junk', 5, '$Junk'),
               ('sp2', 'Junk', 15, r'\Seen'), ('sp3', 'Junk', 25, ''),
               ('sp4', 'Junk', 35, r'\Flagged Label1'))]
# Their subjects in the POP queue.
QUEUES = {spam: [mail.name for mail in model.queue(Policy(spam=spam), FLAGGED)] for spam in SPAM}


@dataclasses.dataclass(frozen=True)
class Place(Mail):
    """One message in one mailbox, as IMAP shows it; name: its subject. No UID: moves change it."""
    digest: str = ''


def fill_flagged(user):
    """Give a user the mails of FLAGGED."""
    for mailbox in 'INBOX', 'Junk':
        user.append(mailbox, *((mail.name, mail.date, ' '.join(mail.flags)) for mail in FLAGGED
                               if mail.mailbox == mailbox))


def ordered(places):
    """The places in an order in which lists of them can be compared."""
    return sorted(places, key=lambda place: (place.mailbox, place.name, place.date, place.digest,
                                             sorted(place.flags)))


def state(user):
    """Every message of every mailbox of the user, ordered."""
    return ordered(Place(mail.subject, name, mail.date, mail.flags, mail.digest)
                   for name in user.mailboxes() for mail in user.look(name))


def after(places, action, subjects, target=None, keyword=KEYWORD):
    """What `state` must be once the action has been applied to those subjects.

    The action 'seen' is what Dovecot does to a message that it has sent.
    """
    policy = Policy(keyword=keyword, **{name + '_mailbox': target or TARGETS[name]
                                        for name in TARGETS})
    result = []
    for place in places:
        if place.name in subjects:
            place = (place.flagged(SEEN) if action == 'seen'
                     else model.disposed(policy, action, place))
        if place:
            result.append(place)
    return ordered(result)


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
