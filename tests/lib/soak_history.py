"""What a soak plays, as data: made up from a seed, printed as JSON, shortened, and played again.

A history is what happens to one store, session after session. All that chance decides is in it as
a number, which picks from what there is when it is played (mails of a queue, say): so the rest
goes on meaning something when a part is left out.
"""

import dataclasses
import json
import random

from tests.lib.mailuser import NOON, stamp
from tests.lib.model import ACTIONS, KEYWORD, SPAM

# sessions per store
LIFE = 10
# OUTSIDE has no place in a configuration; other mailboxes are renamed to it.
SOURCES, OUTSIDE = ('INBOX', 'Junk'), 'Outside'
MAILBOXES = (*SOURCES, 'Archive', 'Trash', 'Other', OUTSIDE)
EXTRA = ('', '', 'Other', 'O*', '*', 'Archive,Other', 'Other, \\Trash')
FAULTS = ('', 'disk', 'disk', 'kill', 'kill', 'beside', 'beside', 'drop', 'hang up')
SCRIPTS = ('D', 'D', 'D', 'R', 'RD', 'DR', 'RDR', 'DXD', 'RXD', 'RDXR', 'RDX', '')
FLAGS = ('', '', '', r'\Seen', r'\Flagged', 'Label1', r'\Seen Label1', KEYWORD)
# those that the other IMAP client sets
OTHERS_FLAGS = (r'\Flagged', r'\Answered', 'Label1')
# what happens between sessions
# wait: by a clock of its own, where there is one
DAY = 86400
WAITS = tuple(round(days * DAY) for days in (0.4, 20.4, 88.4, 92.4))
HAPPENINGS = ('delete', 'rename', 'create', 'lose', 'lose', 'resync', 'requeue', 'dequeue')
LOSSES = {'all': 'dovecot.index*', 'cache': 'dovecot.index.cache', 'log': 'dovecot.index.log*',
          'index': 'dovecot.index', 'uidlist': 'dovecot-uidlist'}
# {query of doveadm: the flag that it looks for}
QUERIES = {'all': '', 'seen': r'\Seen', 'flagged': r'\Flagged', 'keyword Label1': 'Label1'}
PICK, ALL = 10000, 300


@dataclasses.dataclass
class Plan:
    """A session. Numbers in lists pick mails, of those that are still there to be picked.

    mail: how many mails each mailbox gets before, if the queue has become short; before: what
    happens then, as [name, argument...]; script: DELE, RETR and RSET as [letter, numbers];
    source: the mailbox that they pick from, 0 for all that feed the queue; beside: who else is
    there during QUIT, as [name, {...}]; moment: seconds from QUIT to the fault; leave: octets that
    a full disk still has.
    """
    seed: int = 0
    mail: dict = dataclasses.field(default_factory=dict)
    before: list = dataclasses.field(default_factory=list)
    settings: dict = dataclasses.field(default_factory=dict)
    script: list = dataclasses.field(default_factory=list)
    source: int = 0
    beside: list = dataclasses.field(default_factory=list)
    fault: str = ''
    moment: float = 0
    leave: int = 0


@dataclasses.dataclass
class History:
    """A store and its sessions. disk: tmpfs or ext4.

    service: 'lasting' if a process of pop3 serves many sessions, 'clock' if it has a clock of its
    own.
    """
    storage: str
    disk: str = 'tmpfs'
    service: str = ''
    sessions: list = dataclasses.field(default_factory=list)

    def dump(self):
        """As JSON, without what is as it is anyway."""
        return json.dumps({**vars(self), 'sessions': [
            {name: value for name, value in vars(plan).items() if value}
            for plan in self.sessions]})

    def with_session(self, index, **changes):
        """The same with other values in one session."""
        sessions = list(self.sessions)
        sessions[index] = dataclasses.replace(sessions[index], **changes)
        return dataclasses.replace(self, sessions=sessions)


def load(text):
    """The history of a JSON text."""
    values = json.loads(text)
    values['sessions'] = [Plan(**session) for session in values['sessions']]
    return History(**values)


def store_of(seed):
    """The number of the store that a session belongs to."""
    return seed // LIFE


def generate(storage, number, sessions=LIFE):
    """The history of the store with that number: its first sessions."""
    rnd = random.Random('store %d' % number)
    disk = rnd.choice(('tmpfs', 'ext4'))
    service = rnd.choice(('', '', 'lasting', 'lasting', 'clock'))
    return History(storage, disk, service, [
        make_plan(storage, service, number * LIFE + index) for index in range(sessions)])


def make_plan(storage, service, seed):
    """The session with that seed."""
    rnd = random.Random(seed)
    settings = make_settings(rnd)
    fault = rnd.choice(FAULTS)
    if storage == 'mbox' and fault == 'kill':
        # Dovecot rewrites an mbox in place: a kill during QUIT damages the file, with the plugin
        # or without.
        fault = 'kill before QUIT'
    if service == 'clock' and fault.startswith('kill'):
        # (libfaketime leaves something behind)
        fault = ''
    return Plan(
        seed=seed, settings=settings, script=make_script(rnd),
        # (a move has batches of 100)
        mail={mailbox: rnd.randint(10, most) for mailbox, most in (
            ('INBOX', rnd.choice((60, 250))), ('Junk', 30), ('Other', 30))},
        before=[happening(rnd, service, settings) for _ in range(rnd.choice((0, 0, 1, 1, 2)))],
        beside=make_beside(rnd, storage) if fault == 'beside' else [],
        fault='' if fault == 'beside' else fault,
        # a small QUIT takes less than a millisecond
        moment=round(rnd.choice((0.001, 0.004, 0.02)) * rnd.random(), 6),
        leave=rnd.choice((0, 0, rnd.randint(0, 40000))),
        source=rnd.choice((0, 0, rnd.randint(1, PICK))))


def make_settings(rnd):
    """A policy, without the settings that are not set."""
    settings = {
        'delete': rnd.choice(('', 'keep', *ACTIONS)),
        'retrieve': rnd.choice(('', '', 'none', *ACTIONS)),
        'spam': rnd.choice(('', *SPAM)),
        'since': rnd.choice(('', '', '', stamp(NOON))),
        'extra_mailboxes': rnd.choice(EXTRA),
        'mailbox_header': rnd.choice(('', 'X-Mailbox')),
        'keep_for': rnd.choice(('', '', 'infinite', '5000d', '90d', '1s')),
        # (not near the arrival of any mail: time passes)
        'recent': rnd.choice(('', '', '', '', 'no', '30d', '5000d'))}
    return {name: value for name, value in settings.items() if value}


def picks(rnd, most):
    """Numbers that pick up to so many mails, or ALL."""
    return [rnd.randrange(PICK) for _ in range(most if most == ALL else rnd.randint(0, most))]


def make_script(rnd):
    """The commands between login and QUIT."""
    return [[letter, [] if letter == 'X' else picks(rnd, rnd.choice((3, 20, ALL)))]
            for letter in rnd.choice(SCRIPTS)]


def happening(rnd, service, settings):
    """One of the things that happen between sessions."""
    if settings.get('keep_for', 'infinite') != 'infinite' and rnd.random() < 0.3:
        return ['expire']
    if service == 'clock' and rnd.random() < 0.5:
        return ['wait', rnd.choice(WAITS)]
    name = rnd.choice(HAPPENINGS)
    if name in ('delete', 'create'):
        return [name, rnd.choice(MAILBOXES[1:])]
    if name == 'rename':
        names = [rnd.choice(MAILBOXES[1:-1]), OUTSIDE]
        return [name, *rnd.sample(names, 2)]
    if name == 'lose':
        return [name, rnd.choice(MAILBOXES), rnd.choice(list(LOSSES))]
    if name in ('requeue', 'dequeue'):
        return [name, rnd.choice(list(QUERIES))]
    return [name]


def make_beside(rnd, storage):
    """Who else is there: at least one."""
    steps = [make_step(rnd) for _ in range(rnd.randint(1, 6))]
    found = [['imap', {'mailbox': rnd.randrange(PICK), 'wanted': rnd.random() < 0.7,
                       'steps': steps}],
             ['lmtp', {'mails': rnd.randint(1, 4)}]]
    if storage != 'mbox':
        found.append(['dequeue', {'mailbox': rnd.randrange(PICK), 'mails': picks(rnd, 8),
                                  'ahead': round(rnd.uniform(0, 0.1), 3)}])
    return rnd.sample(found, rnd.randint(1, len(found)))


def make_step(rnd):
    """One change by the other IMAP client: seconds before it, what, mails, and how."""
    what = rnd.choice(('expunge', 'flag', 'move'))
    how = {'expunge': [], 'move': [rnd.randrange(2)],
           'flag': [rnd.choice(('+FLAGS', '-FLAGS')), rnd.choice(OTHERS_FLAGS)]}[what]
    return [round(rnd.uniform(0, 0.004), 6), what,
            [rnd.randrange(PICK) for _ in range(rnd.randint(1, 5))], *how]


def picked(numbers, items):
    """What the numbers pick from the items, each only once."""
    left, found = list(items), []
    for number in numbers:
        if left:
            found.append(left.pop(number % len(left)))
    return found
