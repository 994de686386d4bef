"""The page doc/reliability.md, from the counts of the last full run with each Dovecot."""

import json
import time

from bench.report import table
from tests.faults.row import WORDS
from tests.faults.rows import GROUPS, ROWS
from tests.lib.dovecot_config import STORAGES

RESULTS = 'tests/faults/results'
HEAD = """# Reliability

What was tried to make the plugin lose mail, show what a policy hides, or say `+OK` for what is not
stored. [behaviour.md](behaviour.md) says what is promised, in 3.2 and 3.9 above all. `make
check-faults` plays what is in these tables and writes this page; see the end of it.

Each run is a POP3 session with a policy, some DELE and some RETR, which meets one fault. The seed
of the run says which policy, which messages, and the details of the fault. In every run this must
hold afterwards, whatever the client was told:

- No message is gone unless the policy has deleted it, and every message is octet for octet what was
  stored. Only where a process was killed or a disk was full may messages be in two mailboxes: one
  batch of moves, 100 messages.
- A QUIT that was answered `+OK` has done exactly what the policy says. After one that was not, each
  message is as before or as after.
- The session has listed nothing that the policy hides, nor does the next one; that one gets in, and
  lists what IMAP and the policy say.
- No lock is left.
- The log has no error that the fault does not explain, and one if the client was told `-ERR`.

A cell has the number of runs, and how many of them failed.
"""
TAIL = """## What the tables do not say

- Dovecot itself may do what the plugin cannot help: it forgets flags when it loses the index of an
  sdbox or mdbox, and may find mail again that was expunged from an mdbox and not purged yet. It
  may fail an assertion of its own on a full disk. Dovecot 2.4 crashes when it has to write an index
  whose log it cannot write: at a POP3 login or an IMAP COPY without the plugin as well. It leaves
  lock files of processes that were killed, and overrides them after two minutes; the runs remove
  them.
- To Dovecot, a mail of a Maildir whose name in `dovecot-uidlist` is damaged is gone, and there is a
  new one. If the file is lost, a folder shows no mail until something changes in it.
- A dsync that goes both ways may undo flags of a Maildir that change meanwhile, and double mail that
  is being moved, IMAP's as well.
- A session may end when it finds that a killed one has left half a line in an index's log; the next
  one gets in. If an sdbox or mdbox had no other file of that index, its flags are lost, so that POP
  lists again what it had dequeued. Dovecot 2.4 shows such an sdbox as empty: `doveadm force-resync`,
  called twice, brings the mail back.
- After a fault in an mdbox, and where Dovecot itself needs that, the runs call `doveadm
  force-resync`, as an administrator would, with the plugin or without.

Cells are empty where nothing can be promised:

{whys}

## Repeat it

As root on Debian, in a clone of the repository:

    make check-faults             # all of it: half an hour or more
    make check-faults RUNS=1      # a look
    make check-faults POP_POLICY_ROWS='kill-keep missing' PYTEST_ARGS='-k sdbox'

A run that fails prints how to play it again. Chance that the seed does not rule is left where a
process is killed at a moment, and where two processes meet.
"""


def moment():
    """When the figures were taken."""
    return {'date': time.strftime('%Y-%m-%d')}


def complete(rows, least):
    """Whether every row was run so often with each of its storage formats."""
    return all(rows.get(row.name, {}).get(storage, {'runs': 0})['runs'] >= least
               for row in ROWS.values() for storage in row.storages)


def cell(results, row, storage):
    """Runs and failures."""
    found = results['rows'].get(row.name, {}).get(storage)
    return '%d / %d' % (found['runs'], found['failures']) if found else ''


def answers(runs, row):
    """What clients were told, in words, the usual first."""
    told = {}
    for results in runs:
        for found in results['rows'].get(row.name, {}).values():
            for word, count in found['told'].items():
                told[word] = told.get(word, 0) + count
    return ', '.join(WORDS.get(word, 'nothing')
                     for word in sorted(told, key=lambda one: -told[one]))


def tables(runs):
    """Lines: a table for each group of rows."""
    lines = []
    for title, group in GROUPS.items():
        shown = [row for row in group if any(row.name in results['rows'] for results in runs)]
        if not shown:
            continue
        used = [storage for storage in STORAGES if any(storage in row.storages for row in shown)]
        head = ['fault', 'when', 'the client was told',
                *('%s %s' % (short(results), storage) for results in runs for storage in used)]
        lines += ['## ' + title, '', *table(head, [
            ['%s (`%s`)' % (row.text, row.name), row.when, answers(runs, row),
             *(cell(results, row, storage) for results in runs for storage in used)]
            for row in shown], 3), '']
    return lines


def short(results):
    """2.3 or 2.4."""
    return '.'.join(results['dovecot'].split('.')[:2])


def page(runs):
    """The text of the page."""
    lines = [*HEAD.splitlines(), '']
    for results in runs:
        lines.append('- {dovecot}: {date}, {system}, Linux {kernel}, {cores} cores'.format(
            **results))
    whys = ['- `%s`: %s' % (', '.join(row.name for row in ROWS.values() if row.why == why), why)
            for why in dict.fromkeys(row.why for row in ROWS.values() if row.why)]
    return '\n'.join([*lines, '', *tables(runs), TAIL.format(whys='\n'.join(whys))])


def save(results, top):
    """Keep the counts of this version of Dovecot, in place of those of its last full run."""
    folder = top / RESULTS
    folder.mkdir(exist_ok=True)
    (folder / (short(results) + '.json')).write_text(json.dumps(results, indent=1) + '\n')


def publish(top):
    """Write the page, from the counts of all versions."""
    runs = [json.loads(path.read_text()) for path in sorted((top / RESULTS).glob('*.json'))]
    (top / 'doc').mkdir(exist_ok=True)
    (top / 'doc' / 'reliability.md').write_text(page(runs))
