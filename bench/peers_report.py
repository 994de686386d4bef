"""The section of doc/benchmarks.md that make bench-peers is for."""

import statistics

from bench.tables import number, short, table

PREFIX = 'peers-'
COLUMNS = (('poll', 'poll'), ('many', 'poll, 100 a process'), ('first', 'first'),
           ('delivered', '+1'))
TEXT = """The plugin beside what else can keep old mail out of POP: Dovecot's virtual plugin, its
`pop3_deleted_flag`, and Cyrus IMAP with `pop3showafter`. `make bench-peers` takes these figures, in
one run of its own for each version of Dovecot; all servers have the same messages, and take turns.

- CPU milliseconds, kernel included, of all processes that serve the session, until just before
  QUIT: `pop3` and its share of `pop3-login`, and for Cyrus `pop3d`, which does both. Whoever checks
  the password is left out with both servers. Medians.
- "Poll" is a session that finds nothing new, in a process of its own, as by Dovecot's defaults
  (`pop3d -U 1`). Starting the process is most of what a short session costs: the next column has
  the same in processes that have 100 sessions (`service_count = 100`, 2.4:
  `restart_request_count = 100`; `pop3d -U 100`).
- "First" is a first session, as above. Cyrus notes size and date of a message when that arrives,
  and keeps them for ever: it has nothing to find out in a first session.
- "+1" is a session after the delivery of one message, by `dovecot-lda`, and for Cyrus by APPEND.
- 20 messages are newer than the date. Cyrus goes through its whole index in each session, so that
  what it hides costs a little each time. `pop3showafter` is one date for a mailbox, which an
  administrator sets: nothing in Cyrus is like spam merged, or mail that is kept but not listed.
- Dovecot writes its log here, and `pop3d` has no syslog to write to.
"""


def cells(results, name):
    """The figures of one row."""
    return [number(statistics.median(results['sizes'][str(count)][name][what]))
            for count in results['counts'] for what, _ in COLUMNS]


def figures(results):
    """The table of one run."""
    head = ['CPU ms', *('%s %s' % (text, short(count)) for count in results['counts']
                        for _, text in COLUMNS)]
    return table(head, [[text, *cells(results, name)] for name, text in results['rows']])


def section(runs):
    """The lines of the section, with one table for each version of Dovecot."""
    lines = ['## Peers', '', *TEXT.splitlines(), '']
    for results in runs:
        lines += ['Dovecot {dovecot}, Cyrus IMAP {cyrus}; {system}, Linux {kernel}, {processor}, '
                  '{cores} cores, {memory} of memory.'.format(**results), '', *figures(results),
                  '']
    return lines
