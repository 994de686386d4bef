"""Faults: somebody else changes the mailboxes meanwhile, or the clock."""

import atexit
import contextlib
import functools
import shutil
import threading
import time

from tests.faults.store import append, listed, mail
from tests.lib.clock import DAY, Clock
from tests.lib.mailuser import NOON
from tests.lib.model import TARGETS
from tests.lib.outcome import DELETED, DONE
from tests.lib.places import DOVEADM

MAILBOXES = ('INBOX', 'Junk', 'Other', 'Archive', 'Trash')


def of(run, mailbox):
    """The Message-IDs in a mailbox."""
    return {one.name[0] for one in run.before if one.mailbox == mailbox}


@contextlib.contextmanager
def renamed(run):
    """A mailbox has another name."""
    mailbox = run.random.choice(MAILBOXES[1:])
    run.details = mailbox
    run.renamed = {mailbox: 'Renamed'}
    # what is moved there may arrive in the mailbox that was renamed, or in a new one
    run.touched = {ident for ident in run.deleted | run.retrieved} | of(run, mailbox)
    run.user.doveadm('mailbox rename', mailbox, 'Renamed')
    yield


def delete(run):
    """Delete a mailbox, with its mail; which one."""
    mailbox = run.random.choice(MAILBOXES[1:])
    run.details = mailbox
    run.touched = run.may_go = of(run, mailbox)
    run.user.doveadm('mailbox delete', '-s', mailbox)
    return mailbox


@contextlib.contextmanager
def removed(run):
    """A mailbox is deleted, with its mail."""
    delete(run)
    yield


@contextlib.contextmanager
def recreated(run):
    """A mailbox is deleted and made anew; its new mail has the UIDs of the old."""
    mailbox = delete(run)
    new = []
    for number in range(len(run.touched)):
        ident = 'new%d' % number
        run.raws[ident] = mail(ident, 10)
        run.arrived.add(ident)
        new.append((run.raws[ident], NOON, ''))
    with run.user.imap() as client:
        client.create(mailbox)
        assert append(client, mailbox, new)
    yield


@contextlib.contextmanager
def uidvalidity(run):
    """A mailbox has another UIDVALIDITY."""
    mailbox = run.random.choice(MAILBOXES)
    run.details = mailbox
    run.user.doveadm('mailbox update', '--uid-validity', str(2100000000 + run.seed), mailbox)
    yield


# -- at the same time

@contextlib.contextmanager
def meanwhile(run, act):
    """act() runs while QUIT does, and is waited for."""
    def safely():
        try:
            act()
        except Exception as error:  # pylint: disable=broad-except
            run.trouble.append('the other one: %r' % error)
    thread = threading.Thread(target=safely)
    thread.start()
    time.sleep(run.moment)
    yield
    thread.join()


@contextlib.contextmanager
def imap(run):
    """An IMAP client expunges, flags and moves mail, one after the other."""
    mailbox = run.random.choice(run.policy.sources(MAILBOXES))
    names = [one.name for one in run.before if one.mailbox == mailbox]
    wanted = [name for name in names if name[0] in run.deleted]
    steps = []
    for _ in range(run.random.randint(1, 6)):
        chosen = run.random.sample(wanted or names, min(len(wanted or names), 5))
        steps.append((run.random.uniform(0, 0.004), run.random.choice(('flag', 'move', 'expunge')),
                      ','.join(str(name[2]) for name in chosen)))
        run.touched |= {name[0] for name in chosen}
        if steps[-1][1] == 'expunge':
            run.may_go |= {name[0] for name in chosen}
    target = run.random.choice([name for name in ('Other', 'Archive', 'Trash') if name != mailbox])
    client = run.user.imap()
    client.select(mailbox)

    def act():
        for pause, what, uids in steps:
            time.sleep(pause)
            if what == 'move':
                client.uid('MOVE', uids, target)
            else:
                client.uid('STORE', uids, '+FLAGS', r'(\%s)' % (
                    'Flagged' if what == 'flag' else 'Deleted'))
            if what == 'expunge':
                client.uid('EXPUNGE', uids)
        client.logout()
    with meanwhile(run, act):
        yield


@contextlib.contextmanager
def pop(run):
    """Another POP3 session with the same policy deletes some of the same mail, and some other."""
    client = run.user.pop()
    queue = listed(client, run.pattern.uidls)
    ours = [ident for ident in queue if ident in run.deleted]
    rest = [ident for ident in queue if ident not in run.deleted | run.retrieved]
    chosen = [ident for group in (ours, rest)
              for ident in run.random.sample(group, run.random.randint(0, len(group)))]
    run.details = '%d DELE' % len(chosen)
    for ident in chosen:
        client.dele(queue.index(ident) + 1)

    def act():
        answer = client.quit()
        assert answer in (DONE, DELETED), answer
    with meanwhile(run, act):
        yield
    run.deleted |= {*chosen}
    if run.policy.delete in TARGETS:
        # as two MOVEs over IMAP: both may have copied what neither had removed
        run.touched |= {*chosen} & {*ours}


def arriving(run, count, deliver):
    """Mail arrives, one after the other."""
    mails = []
    for number in range(count):
        ident = 'new%d' % number
        run.raws[ident] = mail(ident, 10)
        run.arrived.add(ident)
        mails.append(run.raws[ident])

    def act():
        for raw in mails:
            deliver(raw)
    return act


@contextlib.contextmanager
def lmtp(run):
    """Mail is delivered by LMTP."""
    with meanwhile(run, arriving(run, run.random.randint(2, 8), run.user.deliver)):
        yield


@contextlib.contextmanager
def doveadm(run):
    """doveadm moves, flags and expunges mail, and saves new one."""
    mailbox = run.random.choice(run.policy.sources(MAILBOXES))
    names = [one.name for one in run.before if one.mailbox == mailbox]
    chosen = run.random.sample(names, min(len(names), 6))
    uids = ['mailbox', mailbox, 'uid', ','.join(str(name[2]) for name in chosen)]
    # (a move within one mailbox is none)
    target = 'Trash' if mailbox != 'Trash' else 'Archive'
    what = run.random.choice((['flags', 'add', r'\Flagged', *uids], ['move', target, *uids],
                              ['expunge', *uids], ['save']))
    run.details = what[0]
    if what == ['save']:
        act = arriving(run, 2, lambda raw: run.user.save(mailbox, raw))
    else:
        run.touched = {name[0] for name in chosen}
        run.may_go = run.touched if what[0] == 'expunge' else set()
        words = 2 if what[0] == 'flags' else 1

        def act():
            run.user.doveadm(' '.join(what[:words]), *what[words:])
    # doveadm takes about so long to start
    run.moment += run.random.choice((0, 0.02, 0.04))
    with meanwhile(run, act):
        yield


@contextlib.contextmanager
def dsync(run):
    """The mail is replicated to another home, which has the same mail in the end."""
    copy = run.server.add_user(storage=run.storage)

    def act():
        run.server.doveadm('backup', '-u', run.user.name, DOVEADM, '-c', str(run.server.conf),
                           'dsync-server', '-u', copy.name, check=False)
    run.moment += run.random.choice((0, 0.02, 0.06))
    with meanwhile(run, act):
        yield
    run.server.wait_for_end()
    for _ in range(2):
        run.user.backup(copy)
    mine, others = (sorted((one.digest, one.date, sorted(one.flags)) for name in MAILBOXES
                           for one in user.look(name)) for user in (run.user, copy))
    if mine != others:
        run.trouble.append('dsync has made something else of it')
    shutil.rmtree(copy.home)


# -- time

@functools.lru_cache(None)
def own_clock():
    """The clock of this process."""
    clock = Clock()
    atexit.register(clock.close)
    return clock


def with_clock(_storage):
    """A server whose POP3 sessions go by a clock of their own."""
    return {'pop3_service': own_clock().service}


@contextlib.contextmanager
def step(run):
    """The clock was set to another time; afterwards to one more."""
    clock = own_clock()
    for when in ('session', 'next'):
        offset = run.random.choice((-1, 1)) * run.random.choice((10, 3600, DAY, 300 * DAY))
        run.details += ' %+d s' % offset
        clock.set(offset)
        if when == 'session':
            yield
