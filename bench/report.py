"""The results as tables, and the page that has those of every version, with pictures."""

import json
import statistics

from bench import drawing, folders, goals, moves, peers_report
from bench.tables import number, short, table
from bench.variants import DELETING, VARIANTS

HUGE_PREFIX = 'huge-'
TITLES = {'sdbox': 'sdbox', 'maildir': 'Maildir'}
RATES = {'ref20': 'stock', 'nothing20': 'plugin, no policy', 'idle20': 'stock with an idle plugin',
         'idle-nothing20': 'the same and the plugin, no policy'}
HEAD = """# Benchmarks

What a POP3 session costs the server under the plugin's policies, beside stock Dovecot, its
virtual plugin and its `pop3_deleted_flag`. `make bench` takes the figures and writes this page;
CONTRIBUTING.md tells how.

- A session connects, logs in, and sends STAT, LIST, UIDL and QUIT: a client that finds nothing
  new. Mail: an INBOX of N messages and a Junk of S = N / 20, 2 to 20 KB each (under 1 KB for a
  million); 20 messages in INBOX and 2 in Junk are newer than the date that policies have.
- Instructions are those of the pop3 process in user space (valgrind): exact, and the same on a
  busy machine. The client has been here before, and the mailbox is at rest: Dovecot has folded its
  transaction logs into the indexes, as it does after five minutes.
- CPU is that of the pop3 process, kernel included, until just before QUIT; time is from connecting
  to the answer to QUIT, both ends on one machine. They are medians of rounds in which all variants
  take turns; ratios are medians of the ratios within a round. Memory is the process's peak.
- "Cold" is a first session: Dovecot knows no size and no date, and the plugin nothing of the
  mailbox. "Opens" and "stats" are how often it opens a message file, or asks for the status of one
  (strace). "+1" is a session after the delivery of one message.
- "Floor" is a test plugin that does nothing but limit every search to the newest 20 messages by
  their number. The idle plugin ({idle}) has nothing to do here.
- Every configuration has a protocol pop3 {{ }} block, as Dovecot's example has.
"""
SHORT = """Instructions of a session that finds nothing new in an INBOX of {count}, to those of
stock Dovecot with an INBOX that has only the messages which the policy shows:
"""
MOVES = """Mail is moved in batches of {size}: if the process is killed, no more than one batch is in
both mailboxes. The smaller a batch, the more often both mailboxes are locked and synced. These
QUITs follow the DELE of 1,000 messages under `pop_policy_delete = archive`; instructions are those
of the session, less those of one that deletes nothing.
""".format(size=moves.SIZE)
NOT_MET = """A plugin cannot reach what is not met:

- G3: sdbox has the arrival date of a message in the message's file alone until Dovecot has cached
  it, and nothing says that later messages have later dates. So the first session with a date opens
  each message whose date is not cached, and only that one: the index keeps the result. Fewer opens
  would be a guess about mail nobody has looked at.
- G5, where nothing but dates has to be looked up: Dovecot 2.4 notes a message's size in the index
  when it saves it, so that a plain first session opens no message there. Merging by arrival needs
  the dates, once.

Opening many mailboxes (G14) is measured with mailboxes of one message. Where a cache file is
smaller than 1 KB, so in a mailbox of few messages, Dovecot asks the system for the size of the
file at each look into it: some of it for each message, whoever opens the mailbox.
"""

# (policy, variant, stock's INBOX of as many messages as it shows)
SUMMARY = (
    ('none', 'nothing', 'plain'),
    ('since a date, 20 shown', 'from-now', 'ref20'),
    ('recent mail, 20 shown', 'recent', 'ref20'),
    ('all but 20 dequeued', 'dequeued', 'ref20'),
    ('all but 20 dequeued, with keep_for', 'kept', 'ref20'),
    ('95 % dequeued here and there', 'dequeued95', 'junk'),
    ('spam merged', 'include', 'total'),
    ('since a date, spam merged, 22 shown', 'now-include', 'ref20'),
    ('only spam', 'only', 'junk'),
)


def median(result, what, field):
    """A variant's median as text, empty where it was not measured."""
    return number(statistics.median(result[what][field])) if what in result else ''


def costs(results, storage):
    """The table of one storage format: every variant, every size."""
    counts = results['counts']
    sizes = results['storages'][storage]
    last = short(counts[-1])
    head = ['', *('Minstr ' + short(count) for count in counts),
            *('CPU ms ' + short(count) for count in counts),
            *(what + last for what in ('ms ', 'MB ', 'cold opens ', 'cold stats ', 'cold CPU ',
                                       '+1 CPU '))]
    rows = []
    for variant in VARIANTS:
        if variant.name not in sizes[str(counts[0])]['variants']:
            continue
        cells = [sizes[str(count)]['variants'][variant.name] for count in counts]
        rows.append([variant.text, *(number(cell['instructions'] / 1e6) for cell in cells),
                     *(median(cell, 'warm', 'cpu') for cell in cells),
                     median(cells[-1], 'warm', 'wall'), median(cells[-1], 'warm', 'rss'),
                     *('{:,}'.format(cells[-1][key]) if key in cells[-1] else ''
                       for key in ('opened', 'asked')),
                     median(cells[-1], 'cold', 'cpu'), median(cells[-1], 'delivered', 'cpu')])
    return table(head, rows)


def summary(runs):
    """What a session costs under each policy, beside one of stock that shows as many messages."""
    cells = [(run, storage, str(goals.largest(run))) for run in runs for storage in TITLES]
    head = ['policy', *('%s, %s' % (run['dovecot'], TITLES[storage]) for run, storage, _ in cells)]
    rows = []
    for text, ours, theirs in SUMMARY:
        found = (run['storages'][storage][count]['variants'] for run, storage, count in cells)
        rows.append([text, *('%.2f' % (cell[ours]['instructions'] / cell[theirs]['instructions'])
                             for cell in found)])
    return table(head, rows)


def quits(results):
    """QUIT after 20 DELEs."""
    cells = [(TITLES[storage], count, found[str(count)]['quit'])
             for storage, found in results['storages'].items() for count in results['counts']]
    head = ['ms', *('%s %s' % (title, short(count)) for title, count, _ in cells)]
    return table(head, [[variant.text, *(number(statistics.median(cell[variant.name]))
                                         for _, _, cell in cells)] for variant in DELETING])


def rates(results):
    """Sessions per second."""
    storages, first = results['storages'], str(results['counts'][0])
    return table(['sessions per second, INBOX of 20', *(TITLES[name] for name in storages)],
                 [[text, *(number(statistics.median(found[first]['rates'][name]))
                           for found in storages.values())] for name, text in RATES.items()])


def verdicts(runs):
    """Every goal, with what each run has measured."""
    head = ['goal', 'what', 'bound']
    columns = [goals.checks(results) for results in runs]
    rows = []
    for row in zip(*columns):
        rows.append([row[0].goal, row[0].text, row[0].bound,
                     *(verdict(check) for check in row)])
    return table([*head, *('Dovecot ' + results['dovecot'] for results in runs)], rows, 3)


def verdict(check):
    """What was measured, and whether that is good enough."""
    if check.met is None:
        return check.value
    return '%s %s' % (check.value, 'met' if check.met else '**not met**')


def batches(results):
    """QUIT that moves 1,000 messages, by the size of the batches, and relative to one batch."""
    cells = [(TITLES[storage], count, cell) for storage, found in results['moves'].items()
             for count, cell in found.items()]
    head = ['batches of']
    for title, count, _ in cells:
        place = '%s %s' % (title, short(int(count)))
        head += [place + ' ms', 'to one', 'Minstr', 'to one']
    rows = []
    for batch in moves.BATCHES:
        row = ['{:,}'.format(batch)]
        for _, _, cell in cells:
            row += [number(moves.milliseconds(cell, batch)), '%.2f' % moves.times(cell, batch),
                    number(cell[str(batch)]['instructions'] / 1e6),
                    '%.2f' % moves.instructions(cell, batch)]
        rows.append(row)
    return table(head, rows, 0)


def many(results):
    """Sessions that many mailboxes feed, beside those of an INBOX of as many messages."""
    names = {'plain': 'stock, all in INBOX', 'merged': 'plugin, %d mailboxes' % folders.FOLDERS,
             'headed': 'the same, with a header'}
    cells = results['folders']
    head = ['', *('%s Minstr, %d messages' % (TITLES[storage], size * (folders.FOLDERS + 1))
                  for storage in cells for size in folders.SIZES)]
    rows = [[text, *(number(cell[name][str(size)] / 1e6) for cell in cells.values()
                     for size in folders.SIZES)] for name, text in names.items()]
    return table(head, rows)


def storages(results):
    """The table of each storage format."""
    return [line for storage in results['storages']
            for line in ('### %s' % TITLES[storage], '', *costs(results, storage), '')]


def figures(results):
    """All that was measured in one run."""
    lines = storages(results)
    lines += ['### QUIT after 20 DELEs', '', *quits(results), '']
    if 'moves' in results:
        lines += ['### QUIT that moves 1,000 messages', '', *batches(results), '']
    lines += ['### INBOX and %d mailboxes' % folders.FOLDERS, '', *many(results), '']
    return [*lines, '### Logins', '', *rates(results)]


def machine(results):
    """What it ran on."""
    return ('{system}, Linux {kernel}, {processor}, {cores} cores, {memory} of memory; '
            'valgrind {valgrind}.'.format(**results))


def show(results):
    """Print it all."""
    lines = [*figures(results), '', *verdicts([results])] if 'moves' in results else (
        storages(results))
    print('', 'Dovecot %s on %s' % (results['dovecot'], machine(results)), '', *lines, '',
          sep='\n', flush=True)


def picture(name, text):
    """An image in Markdown."""
    return '![%s](%s)' % (text, name)


def huge_section(runs):
    """What was measured in mailboxes of other sizes, in runs of their own."""
    lines = []
    for results in runs:
        lines += ['## Dovecot %s, INBOX of %s' % (
            results['dovecot'], ' and '.join(map(short, results['counts']))), '',
                  machine(results), '', *storages(results)]
    return lines


def page(runs, peers, huge):
    """The text of doc/benchmarks.md.

    peers: the results of make bench-peers; huge: those of make bench with BENCH_N.
    """
    lines = [HEAD.format(idle='zlib, in Dovecot 2.4 mail_compress'), '## In short', '',
             *SHORT.format(count=short(goals.largest(runs[0]))).splitlines(), '',
             *summary(runs), '', '## Growth', '']
    for results in runs:
        lines += [picture(drawing.file_name('growth', results), 'Instructions of a session by the '
                          'size of INBOX, Dovecot ' + results['dovecot']), '']
    lines += ['## Spam merged', '']
    for results in runs:
        lines += [picture(drawing.file_name('merged', results), 'Cost of INBOX and Junk in one '
                          'session, Dovecot ' + results['dovecot']), '']
    moved = [results for results in runs if 'moves' in results]
    if moved:
        lines += ['## Moves', '', *MOVES.splitlines(), '']
    for results in moved:
        lines += [picture(drawing.file_name('moves', results), 'Time of QUIT by the size of the '
                          'batches that mail is moved in, Dovecot ' + results['dovecot']), '']
    if peers:
        lines += peers_report.section(peers)
    lines += ['## Goals', '', 'At N = %s.' % short(goals.largest(runs[0])), '', *verdicts(runs), '',
              *NOT_MET.splitlines(), '']
    for results in runs:
        lines += ['## Dovecot ' + results['dovecot'], '', machine(results), '', *figures(results),
                  '']
    lines += huge_section(huge)
    return '\n'.join(lines).rstrip() + '\n'


def save(results, top, prefix=''):
    """Keep the results of this version of Dovecot, in place of those of its last run."""
    folder = top / 'bench' / 'results'
    folder.mkdir(exist_ok=True)
    name = prefix + '.'.join(results['dovecot'].split('.')[:2]) + '.json'
    (folder / name).write_text(json.dumps(results, separators=(',', ':')) + '\n')


def saved(top, prefix=''):
    """The results of all versions."""
    return [json.loads(path.read_text())
            for path in sorted(top.glob('bench/results/%s[0-9]*.json' % prefix))]


def publish(top):
    """Write the page and the pictures, from the results of all versions."""
    runs = saved(top)
    doc = top / 'doc'
    doc.mkdir(exist_ok=True)
    for results in runs:
        for kind, draw in drawing.PICTURES.items():
            if kind == 'moves' and kind not in results:
                continue
            (doc / drawing.file_name(kind, results)).write_text(draw(results))
    (doc / 'benchmarks.md').write_text(page(
        runs, saved(top, peers_report.PREFIX), saved(top, HUGE_PREFIX)))
