"""What the demo prints about users: a block for each, and a summary of all."""

import dataclasses
import datetime
import email
import email.policy
import textwrap

from demo.oracle import DEQUEUED, SEEN
from demo.table import WIDTH, colour, table

HEAD = ('message', 'arrived (UTC)', 'folder', '1st\nPOP', 'client\ndid', '2nd\nPOP', 'then IMAP')
WIDTHS = (25, 16, 6, 3, 9, 3, 16)  # so that the tables of all users are alike


@dataclasses.dataclass
class Result:
    """One user's part: reasons are the log lines about refused logins, visit may be None."""
    account: object
    visit: object
    reasons: list
    differences: list


def wrapped(text, indent=''):
    """Lines of a text, the further ones indented."""
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def subject(mail):
    """The subject as a mail program shows it."""
    header = mail.raw.partition(b'\r\n\r\n')[0]
    return str(email.message_from_bytes(header, policy=email.policy.default)['Subject'])


def arrived(mail):
    """The arrival date to the minute."""
    when = datetime.datetime.fromtimestamp(mail.date, datetime.timezone.utc)
    return when.strftime('%Y-%m-%d %H:%M')


def whereabouts(mails):
    """Where IMAP has a message, in plain words."""
    words = {SEEN: 'read', DEQUEUED: 'kept'}
    places = ['%s %s' % (mail.folder, ', '.join(word for flag, word in words.items()
                                                if flag in mail.flags)) for mail in mails]
    return ' + '.join(map(str.strip, places)) or 'gone'


def message_table(result):
    """What became of each message, a line each."""
    visit = result.visit
    wrong = {difference.key for difference in result.differences}
    rows, colours = [], []
    for mail in sorted(visit.before, key=lambda mail: mail.date):
        listed = visit.first.number(mail.key)
        rows.append([
            ('✘ ' if mail.key in wrong else '') + subject(mail), arrived(mail), mail.folder,
            listed or '-', ' '.join(visit.first.did.get(mail.key, ())),
            visit.second.number(mail.key) or '-',
            whereabouts([other for other in visit.after if other.key == mail.key])])
        colours.append('red' if mail.key in wrong else '' if listed else 'dim')
    return table(HEAD, rows, colours, WIDTHS)


def refusal(result):
    """The lines about a login that was turned down."""
    visit = result.visit
    same = sorted(map(repr, visit.before)) == sorted(map(repr, visit.after))
    lines = ['POP login   ' + visit.first.refused]
    lines += ['server log  ' + line[line.find('pop3('):] for line in result.reasons[:1]]
    lines += ['IMAP        %d messages, %s'
              % (len(visit.after), 'all as they were' if same else 'but not as they were')]
    return [line for text in lines for line in wrapped(text, ' ' * 12)]


def block(result):
    """Everything about one user."""
    account, visit = result.account, result.visit
    lines = [colour('bold', account.name) + ': ' + account.about]
    lines += [colour('cyan', line) for line in wrapped('settings: ' + account.settings())]
    if visit:
        lines += refusal(result) if visit.first.refused else message_table(result)
    for difference in result.differences:
        about = difference.key and difference.key + ': '
        lines += [colour('red', line) for line in wrapped('✘ ' + about + difference.text, '  ')]
    if not result.differences:
        lines.append(colour('green', '✔ %s: as the policy says' % account.name))
    return lines


def counts(mails):
    """How many messages are where: `INBOX 5 (2 kept), Junk 2`."""
    parts = []
    for folder in dict.fromkeys(mail.folder for mail in mails):
        here = [mail for mail in mails if mail.folder == folder]
        kept = sum(DEQUEUED in mail.flags for mail in here)
        parts.append('%s %d' % (folder, len(here)) + (' (%d kept)' % kept if kept else ''))
    return ', '.join(parts)


def conclusion(results, complaints, what='users'):
    """The last word; complaints are error lines in the log that nobody expected."""
    wrong = sum(bool(result.differences) for result in results)
    lines = [colour('red', 'unexpected in the log: ' + line) for line in complaints]
    if wrong:
        lines.append(colour('red', 'FAILED: %d of %d %s did not get what the policy says.'
                            % (wrong, len(results), what)))
    elif complaints:
        lines.append(colour('red', 'FAILED: the server has logged errors.'))
    else:
        lines.append(colour('green', 'All %d %s got what the policy says.'
                            % (len(results), what)))
    return lines


def summary(results):
    """One line per user."""
    rows, colours = [], []
    for result in results:
        visit = result.visit
        policy = ' '.join('%s=%s' % pair for pair in result.account.policy.items()) or '-'
        if not visit:
            row = ['', '', '']
        elif visit.first.refused:
            row = ['refused', '-', counts(visit.after)]
        else:
            row = [str(len(visit.first.keys)), str(len(visit.second.keys)), counts(visit.after)]
        rows.append([result.account.name, policy, *row,
                     '✘ differs' if result.differences else '✔ ok'])
        colours.append('red' if result.differences else '')
    return table(('user', 'policy', '1st\nPOP', '2nd\nPOP', 'IMAP afterwards', 'verdict'),
                 rows, colours, elastic=1)
