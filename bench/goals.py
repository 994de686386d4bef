"""What a session may cost, and whether it does."""

import dataclasses
import math
import statistics

from bench import folders, moves, stores
from bench.measuring import ratio


@dataclasses.dataclass(frozen=True)
class Check:
    """One bound and what was measured; a met of None only reports."""
    goal: str
    text: str
    bound: str
    value: str
    met: bool


class Figures:
    """The figures of one storage format and size."""

    def __init__(self, results, storage, count):
        self.count = count
        self.cell = results['storages'][storage][str(count)]

    def one(self, name, key):
        """An exact figure of a variant, such as its instructions."""
        return self.cell['variants'][name][key]

    def instructions(self, ours, theirs):
        """The ratio of two variants' instructions."""
        return self.one(ours, 'instructions') / self.one(theirs, 'instructions')

    def times(self, what, ours, theirs, field='cpu'):
        """The median ratio of two variants, round by round."""
        variants = self.cell['variants']
        return ratio(variants[ours][what][field], variants[theirs][what][field])

    def median(self, what, name, field):
        """A variant's median."""
        return statistics.median(self.cell['variants'][name][what][field])

    def quit(self, ours, theirs):
        """The median ratio of QUITs, round by round."""
        return ratio(self.cell['quit'][ours], self.cell['quit'][theirs])


def at_most(goal, text, value, bound, form='%.2f'):
    """A check that value is not above bound."""
    return Check(goal, text, '≤ ' + trimmed(bound), form % value, value <= bound)


def at_least(goal, text, value, bound):
    """A check that value is not below bound."""
    return Check(goal, text, '≥ ' + trimmed(bound), '%.2f' % value, value >= bound)


def trimmed(bound):
    """A bound as it was written: 2, 1.5."""
    return '%g' % bound


def from_now(small, large, maildir):
    """G1 and G2."""
    growth = large.one('from-now', 'instructions') / small.one('from-now', 'instructions')
    return [
        at_most('G1', 'since a date, sdbox: instructions, to an INBOX of 20',
                large.instructions('from-now', 'ref20'), 1.5),
        at_most('G1', 'the same: CPU', large.times('warm', 'from-now', 'ref20'), 2),
        at_most('G1', 'the same: instructions, to those with the smallest INBOX', growth, 1.4),
        at_most('G2', 'since a date, Maildir: instructions, to the floor',
                maildir.instructions('from-now', 'floor20'), 1.15),
        at_most('G2', 'the same, to all of INBOX', maildir.instructions('from-now', 'plain'),
                0.18, '%.3f'),
    ]


def maildirs(middle, large):
    """G15: a poll that finds nothing new, where Dovecot itself would read all of a uidlist."""
    return [
        check for figures, size, since in ((middle, '10k', 1.2), (large, 'N', 1.3))
        for check in (
            at_most('G15', 'since a date, Maildir of %s: instructions, to an INBOX of 20' % size,
                    figures.instructions('from-now', 'ref20'), since),
            at_most('G15', 'the same with spam merged',
                    figures.instructions('now-include', 'ref20'), 1.4),
            at_most('G15', 'all but 20 dequeued',
                    figures.instructions('dequeued', 'ref20'), 2))]


def first_session(large):
    """G3, which reports what was reached."""
    opened = large.one('from-now', 'opened')
    most = stores.FRESH + 2 * int(math.log2(large.count))
    return [
        at_most('G3', 'first session with a date, cold, sdbox: message files opened', opened, most,
                '%d'),
        at_most('G3', 'the same: CPU, to the floor', large.times('cold', 'from-now', 'floor20'),
                1.3),
        at_most('G3', 'the same: CPU, to all of INBOX', large.times('cold', 'from-now', 'plain'),
                0.05, '%.3f'),
    ]


def merged(large, maildir):
    """G4 to G6."""
    mails = large.count + stores.spam(large.count)
    return [
        *(at_most('G4', 'spam merged, %s: instructions, to an INBOX of as many' % storage,
                  figures.instructions('include', 'total'), 1.06)
          for storage, figures in (('sdbox', large), ('Maildir', maildir))),
        *(at_least('G4', 'virtual, %s: instructions, to spam merged' % storage,
                   figures.instructions('virtall', 'include'), 1.3)
          for storage, figures in (('sdbox', large), ('Maildir', maildir))),
        at_least('G4', 'virtual after a delivery, sdbox: CPU, to spam merged',
                 large.times('delivered', 'virtall', 'include'), 1.4),
        at_most('G5', 'spam merged, cold, sdbox: message files opened, to messages',
                large.one('include', 'opened') / mails, 1),
        at_most('G5', 'the same: CPU, to an INBOX of as many',
                large.times('cold', 'include', 'total'), 1.1),
        at_most('G5', 'the same where nothing but dates has to be looked up',
                large.times('undated', 'include', 'total'), 1.1),
        at_most('G6', 'spam merged, since a date, sdbox: instructions, to an INBOX of 20',
                large.instructions('now-include', 'ref20'), 2),
        at_most('G6', 'the same after a delivery: CPU, to virtual, since a date',
                large.times('delivered', 'now-include', 'virtsince'), 0.75),
    ]


def simple(small, middle, large, rates):
    """G7 and G8."""
    growth = large.one('only50', 'instructions') / small.one('only50', 'instructions')
    return [
        at_most('G7', 'only spam, sdbox: instructions, to an INBOX of as many',
                large.instructions('only', 'junk'), 1.05),
        at_most('G7', 'only spam, 50 of it: instructions, to those with the smallest INBOX',
                growth, 1.1),
        at_most('G8', 'no policy, INBOX of 20, sdbox: instructions, to stock with an idle plugin',
                large.instructions('idle-nothing20', 'idle20'), 1.04, '%.3f'),
        at_most('G8', 'no policy, INBOX of 10k, sdbox: instructions, to stock with an idle plugin',
                middle.instructions('idle-nothing', 'idle'), 1.01, '%.3f'),
        at_least('G8', 'no policy, INBOX of 20: sessions per second, to stock with an idle plugin',
                 ratio(rates['idle-nothing20'], rates['idle20']), 0.97),
    ]


def deleting(large):
    """G9."""
    return [
        at_most('G9', 'QUIT after 20 DELEs that keep, sdbox: time, to pop3_delete_type = flag',
                large.quit('keep', 'flag'), 1.3),
        at_most('G9', 'the same, to expunging', large.quit('keep', 'expunge'), 1),
        at_most('G9', 'all but 20 dequeued, sdbox: instructions, to an INBOX of 20',
                large.instructions('dequeued', 'ref20'), 3),
        at_most('G9', '95 % dequeued here and there: instructions, to pop3_deleted_flag',
                large.instructions('dequeued95', 'flag95'), 1.1),
    ]


def memory_and_growth(small, large):
    """G11 and G12."""
    more = large.median('warm', 'from-now', 'rss') - large.median('warm', 'floor20', 'rss')
    slope = ((large.one('from-now', 'instructions') - small.one('from-now', 'instructions'))
             / (large.count - small.count))
    return [
        at_most('G11', 'since a date, sdbox: peak memory above the floor, MB', more, 1),
        at_most('G11', 'spam merged, sdbox: peak memory, to an INBOX of as many',
                large.times('warm', 'include', 'total', 'rss'), 1.1),
        at_most('G12', 'since a date, sdbox: instructions per hidden message', round(slope), 100,
                '%d'),
    ]


def largest(results):
    """The size that the goals are about."""
    return max(results['counts'])


def moving(results):
    """G13."""
    found = []
    for storage, title in (('sdbox', 'sdbox'), ('maildir', 'Maildir')):
        for count in moves.COUNTS:
            text = 'MOVE of 1,000 in batches of %d, %s, INBOX of %dk: time, to one batch' % (
                moves.SIZE, title, count // 1000)
            if storage in results.get('moves', {}):
                ratio_found = moves.times(results['moves'][storage][str(count)], moves.SIZE)
                found.append(at_most('G13', text, ratio_found, 3))
            else:
                found.append(Check('G13', text, '≤ 3', 'not measured', None))
    return found


def feeding(results):
    """G14."""
    found = []
    for storage, title in (('sdbox', 'sdbox'), ('maildir', 'Maildir')):
        costs = folders.Costs(results['folders'][storage])
        bounds = (
            ('a message from %d mailboxes, %s: instructions, to one from INBOX' % (
                folders.FOLDERS, title), 1.06, costs.per_message('merged')),
            ('the same with pop_policy_mailbox_header', 1.06, costs.per_message('headed')),
            ('opening %d mailboxes, %s: CPU, to SELECT of them' % (folders.OPENED, title), 1.1,
             costs.opening()))
        found += [at_most('G14', words, value, bound) for words, bound, value in bounds]
    return found


def checks(results):
    """Every goal, in order."""
    small = Figures(results, 'sdbox', results['counts'][0])
    middle = Figures(results, 'sdbox', 10000)
    large = Figures(results, 'sdbox', largest(results))
    maildir = Figures(results, 'maildir', largest(results))
    middle_maildir = Figures(results, 'maildir', 10000)
    rates = small.cell['rates']
    return [*from_now(small, large, maildir), *first_session(large), *merged(large, maildir),
            *simple(small, middle, large, rates), *deleting(large),
            *memory_and_growth(small, large), *moving(results), *feeding(results),
            *maildirs(middle_maildir, maildir)]
