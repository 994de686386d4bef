"""What is wrong with the mail after a run. Mails are known by their Message-IDs."""

import collections
import dataclasses

from tests.faults import row as rows
from tests.lib import model
from tests.lib.model import KEYWORD, SEEN
from tests.lib.soak import between


def judge(run, now):
    """Lines that say what is wrong."""
    yield from queue(run)
    yield from strangers(run, now)
    deleted, retrieved = run.deleted, run.retrieved
    if run.outcome == rows.REFUSED or run.unheard:
        deleted, retrieved = set(), set()
    names = {mail.name[0]: mail.name for mail in run.before}
    expected = model.after_quit(run.policy, known(run), {names[ident] for ident in deleted},
                                {names[ident] for ident in retrieved})
    expected = moved(run, expected)
    before = moved(run, run.before)
    if run.outcome == rows.DONE:
        yield from exactly(run, expected, now)
    elif run.outcome == rows.REFUSED:
        yield from exactly(run, before, now)
    else:
        yield from loosely(run, before, expected, now)
    yield from touched(run, before, expected, now)


def known(run):
    """The mails as the session knows them: not that they are dequeued, if that is lost."""
    if not run.flags_lost or run.when != rows.LOGIN:
        return run.before
    return [dataclasses.replace(mail, flags=mail.flags - {KEYWORD})
            if mail.name[0] in run.queue else mail for mail in run.before]


def moved(run, mails):
    """The mails, in mailboxes that somebody has renamed meanwhile."""
    return [mail.moved(run.renamed.get(mail.mailbox, mail.mailbox)) for mail in mails]


def queue(run):
    """The session itself lists what the policy says; nothing that it hides in any case."""
    if run.outcome == rows.REFUSED:
        return
    expected = [mail.name[0] for mail in model.queue(run.policy, run.before)]
    more = [ident for ident in run.queue if ident is not None and ident not in expected]
    if run.flags_lost and run.when == rows.LOGIN:
        # what was dequeued is not known any more: the state is in the mailbox
        lost = {mail.name[0] for mail in run.before if KEYWORD in mail.flags}
        more = [ident for ident in more if ident not in lost]
        expected = [ident for ident in run.queue if ident in lost or ident in expected]
    if more:
        yield 'hidden, and listed: %s' % more
    elif run.queue != expected and not run.row.shorter:
        yield 'queue of the session: not listed %s, in order: %s' % (
            [ident for ident in expected if ident not in run.queue],
            run.queue == [ident for ident in expected if ident in run.queue])


def strangers(run, now):
    """Mail that is new is there once, as it came."""
    known = {mail.name[0] for mail in run.before}
    for mail in now:
        if mail.name[0] not in known and mail.name[0] not in run.arrived:
            yield 'not there before: %s' % (mail,)
    found = collections.defaultdict(list)
    for mail in now:
        found[mail.name[0]].append(mail)
    for ident in run.arrived:
        if len(found[ident]) != 1 or found[ident][0].flags & {KEYWORD, SEEN}:
            yield 'new mail %s: %s' % (ident, found[ident])


def places(run, mails):
    """Where mails are, as far as that can be said."""
    found = collections.Counter()
    for mail in mails:
        ident = mail.name[0]
        if ident in run.touched or ident in run.arrived:
            continue
        flags = mail.flags
        if ident in run.retrieved and run.policy.retrieve != 'read':
            # Dovecot itself marks what it has sent, without QUIT as well, and says nothing if it
            # could not.
            flags -= {SEEN}
        found[(ident, mail.mailbox, mail.date, frozenset() if run.flags_lost else flags)] += 1
    return found


def exactly(run, expected, now):
    """Everything is as expected."""
    wanted, found = places(run, expected), places(run, now)
    before = places(run, moved(run, run.before))
    # (without its flags)
    old = {place[:2] for place in before} if run.may_return else ()
    stayed = {place[0] for place in found if place[0] in run.may_stay and place in before}
    for place in wanted - found:
        if place[0] not in stayed:
            yield 'not there: %s' % (place,)
    for place in found - wanted:
        double = run.may_double and place in wanted and place not in before
        if place[:2] not in old and place[0] not in stayed and not double:
            yield 'there: %s' % (place,)


def loosely(run, before, expected, now):
    """Every mail is as before or as after; a few may be both."""
    old, new, found = (collections.defaultdict(list) for _ in range(3))
    for mails, by_ident in ((before, old), (expected, new), (now, found)):
        for mail in mails:
            if mail.name[0] not in run.touched:
                by_ident[mail.name[0]].append(mail)
    copies = 0
    for ident, mails in old.items():
        allowed = [*mails, *new[ident]]
        if ident in run.retrieved:
            allowed += [mail.flagged(SEEN) for mail in mails]
        good = [mail for mail in found[ident] if any(fits(run, mail, mails, one)
                                                     for one in allowed)]
        if not good and new[ident]:
            yield 'lost: %s, there: %s' % (mails, found[ident])
        elif len(good) < len(found[ident]) and not run.row.crash:
            yield 'neither as before nor as after: %s' % found[ident]
        copies += max(len(found[ident]) - len(mails), 0)
    if copies > run.row.copies:
        yield '%d mails are in two mailboxes' % copies


def fits(run, mail, before, one):
    """Whether a mail is where one is, with its flags, perhaps not all of the new ones."""
    if run.flags_lost:
        return (mail.mailbox, mail.date) == (one.mailbox, one.date)
    return between(mail, before, one)


def touched(run, before, expected, now):
    """Mail that others have touched is not lost, unless they or the policy have deleted it."""
    copies = collections.Counter(mail.name[0] for mail in now)
    kept = {mail.name[0] for mail in expected}
    for mail in before:
        ident = mail.name[0]
        if ident in run.touched:
            if not copies[ident] and ident in kept and ident not in run.may_go:
                yield 'lost: %s' % (mail,)
            if copies[ident] > 2:
                yield 'too many: %s' % (mail,)
