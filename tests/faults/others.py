"""Faults: somebody else changes the mailboxes meanwhile, or the clock."""

import atexit
import contextlib
import functools
import shutil
import threading
import time

from tests.faults import row as rows
from tests.faults.store import append, listed, mail
from tests.lib.clock import DAY, Clock
from tests.lib.mailuser import NOON
from tests.lib.model import TARGETS
from tests.lib.outcome import DELETED, DONE
from tests.lib.places import DOVEADM
from tests.lib.serverlog import poll

# seconds for QUIT, on a busy machine
SOON = 10
MAILBOXES = ('INBOX', 'Junk', 'Other', 'Archive', 'Trash')


def of(run, mailbox):
    """The Message-IDs in a mailbox."""
    return {one.name[0] for one in run.before if one.mailbox == mailbox}


def renamed(name):
    """A fault: a mailbox has this name."""
    @contextlib.contextmanager
    def fault(run):
        mailbox = run.random.choice(MAILBOXES[1:])
        run.details = mailbox
        run.renamed = {mailbox: name}
        # what is moved there may arrive in the mailbox that was renamed, or in a new one
        run.touched = {ident for ident in run.deleted | run.retrieved} | of(run, mailbox)
        run.user.doveadm('mailbox rename', mailbox, name)
        yield
    return fault


@contextlib.contextmanager
def inbox_renamed(run):
    """INBOX is renamed over IMAP: its mail is somewhere else, and there is a new INBOX."""
    run.renamed = {'INBOX': 'Renamed'}
    client = run.user.imap()

    def act():
        assert client.rename('INBOX', 'Renamed')[0] == 'OK'
        client.logout()
    if run.random.random() < 0.5:
        act()
        yield
    else:
        run.details = 'after %.4f s' % run.moment
        with meanwhile(run, act):
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


def changes(run):
    """What an IMAP client does: what change() is told."""
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
    return mailbox, steps, target


def change(client, steps, target):
    """Expunge, flag and move mail of the mailbox that is selected, one after the other."""
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


@contextlib.contextmanager
def imap(run):
    """An IMAP client changes mail."""
    mailbox, *what = changes(run)
    client = run.user.imap()
    client.select(mailbox)
    with meanwhile(run, lambda: change(client, *what)):
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
    for number in range(len(run.arrived), len(run.arrived) + count):
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
            # it fails if QUIT is quicker with one of them
            run.server.doveadm(*what[:words], '-u', run.user.name, *what[words:], check=False)
    # doveadm takes about so long to start
    run.moment += run.random.choice((0, 0.02, 0.04))
    with meanwhile(run, act):
        yield


def replicate(run, command, copy):
    """One run of dsync, which looks at all mailboxes: the same numbers may be of other changes."""
    run.server.doveadm(command, '-f', '-u', run.user.name, DOVEADM, '-c', str(run.server.conf),
                       'dsync-server', '-u', copy.name, check=False)


def everything(user):
    """All mail, without UIDs."""
    return sorted((name, one.digest, one.date, sorted(one.flags)) for name in user.mailboxes()
                  for one in user.look(name))


@contextlib.contextmanager
def replicated(run, command, copy):
    """dsync runs while QUIT does, and then until it has nothing more to do."""
    run.moment += run.random.choice((0, 0.02, 0.06))
    with meanwhile(run, lambda: replicate(run, command, copy)):
        yield
    run.server.wait_for_end()
    for _ in range(2):
        replicate(run, command, copy)
    if everything(run.user) != everything(copy):
        run.trouble.append('dsync has made something else of it')
    shutil.rmtree(copy.home)


@contextlib.contextmanager
def dsync(run):
    """The mail is replicated to another home."""
    with replicated(run, 'backup', run.server.add_user(storage=run.storage)):
        yield


@contextlib.contextmanager
def dsync_both(run):
    """The mail is synchronized with another home, where it was the same and has changed as well.

    If dsync looks at a mailbox while mails are moved there, it may make copies of them, and in a
    Maildir it may undo flags that change meanwhile. It does so beside IMAP without the plugin, too.
    """
    copy = run.server.add_user(storage=run.storage)
    # (not a copy of the files: of an sdbox dsync would not know what was expunged last)
    replicate(run, 'backup', copy)
    mailbox, *what = changes(run)
    with copy.imap() as client:
        client.select(mailbox)
        change(client, *what)
    for user in (copy, run.user):
        arriving(run, run.random.randint(0, 3), user.deliver)()
    with replicated(run, 'sync', copy):
        yield
    if run.storage == 'maildir':
        run.may_double = True
        for action, idents in ((run.policy.delete, run.deleted),
                               (run.policy.retrieve, run.retrieved)):
            run.may_stay |= idents if action in ('keep', 'read') else set()


# -- time

@functools.lru_cache(None)
def own_clock(steps):
    """The clock of this process, see Clock."""
    clock = Clock(steps)
    atexit.register(clock.close)
    return clock


def with_clock(steps):
    """spec of a server whose POP3 sessions go by a clock of their own."""
    return lambda _storage: own_clock(steps).spec


def wrong(run):
    """By how many seconds a clock is wrong."""
    return run.random.choice((-1, 1)) * run.random.choice((10, 3600, DAY, 300 * DAY))


def note(run, others):
    """A session that notes since when mail is dequeued; so many others are there."""
    with run.user.pop() as client:
        client.quit()
    assert poll(lambda: len(run.server.processes('pop3')) == others, 20)


@contextlib.contextmanager
def step(run):
    """The clock was set to another time; afterwards to one more."""
    clock = own_clock(False)
    clock.set(wrong(run))
    note(run, 0)
    for when in ('session', 'next'):
        offset = wrong(run)
        run.details += ' %+d s' % offset
        clock.set(offset)
        if when == 'session':
            yield


@contextlib.contextmanager
def wrong_clock(run):
    """The usual place for a home, and a clock that is wrong."""
    own_clock(True).set(wrong(run))
    yield


@contextlib.contextmanager
def steps(run):
    """The clock of the session goes back and forth, and the next one's is wrong as well."""
    clock = own_clock(True)
    chosen = [(wrong(run), run.random.uniform(0, 0.004)) for _ in range(run.random.randint(1, 20))]
    run.details = '%d steps' % len(chosen)
    note(run, 1)

    def act():
        for offset, pause in chosen:
            clock.set(offset)
            time.sleep(pause)
    run.moment = run.random.choice((0, run.moment))
    with meanwhile(run, act):
        yield
    if run.seconds > SOON:
        run.trouble.append('QUIT took %.1f s' % run.seconds)
    # Without +OK the clock has ended the session before: Dovecot does not go back in time, and
    # clients may not be idle for too long.
    run.unheard = run.outcome != rows.DONE
    if run.outcome == rows.FAILED and 'inactivity' not in run.answer:
        run.trouble.append('QUIT failed')
    run.server.wait_for_end()
    clock.set(wrong(run))
