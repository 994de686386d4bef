"""What the demo prints about users: a block for each, and a summary of all."""

import collections
import dataclasses
import email
import email.policy
import textwrap
import time

from demo.table import WIDTH, colour, table
from tests.lib.model import KEYWORD, SEEN

HEAD = ('message', 'arrived (UTC)', 'folder', '1st\nPOP', 'client\ndid', '2nd\nPOP', 'then IMAP')
WIDTHS = (25, 16, 6, 3, 9, 3, 16)  # so that the tables of all users are alike


@dataclasses.dataclass
class Result:
    """One user's part: reasons are the log lines about refused logins, visit may be None."""
    account: object
    visit: object
    reasons: list
    differences: list


def show(lines):
    """Print lines and a blank one, at once."""
    print(*lines, '', sep='\n', flush=True)


def wrapped(text, indent=''):
    """Lines of a text, the further ones indented."""
    return textwrap.wrap(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False)


def subject(mail):
    """The subject as a mail program shows it."""
    header = mail.raw.partition(b'\r\n\r\n')[0]
    return str(email.message_from_bytes(header, policy=email.policy.default)['Subject'])


def whereabouts(mails):
    """Where IMAP has a message, in plain words."""
    places = [' '.join([mail.mailbox, ', '.join(
        word for flag, word in ((SEEN, 'read'), (KEYWORD, 'kept')) if flag in mail.flags)])
        for mail in mails]
    return ' + '.join(map(str.strip, places)) or 'gone'


def message_table(result):
    """What became of each message, a line each."""
    first, second = result.visit.first, result.visit.second
    wrong = {difference.name for difference in result.differences}
    rows, colours = [], []
    for mail in sorted(result.visit.before, key=lambda mail: mail.date):
        bad, listed = mail.name in wrong, first.number(mail.name)
        rows.append([
            ('✘ ' if bad else '') + subject(mail),
            time.strftime('%Y-%m-%d %H:%M', time.gmtime(mail.date)), mail.mailbox, listed or '-',
            ' '.join(first.did.get(mail.name, ())), second.number(mail.name) or '-',
            whereabouts([other for other in result.visit.after if other.name == mail.name])])
        colours.append('red' if bad else '' if listed else 'dim')
    return table(HEAD, rows, colours, WIDTHS)


def refusal(result):
    """The lines about a login that was turned down."""
    visit = result.visit
    lines = ['POP login   ' + visit.first.refused]
    lines += ['server log  ' + line[line.find('pop3('):] for line in result.reasons[:1]]
    lines.append('IMAP        %d messages, %s as they were' % (
        len(visit.after), 'all' if set(visit.before) == set(visit.after) else 'but not'))
    return [line for text in lines for line in wrapped(text, ' ' * 12)]


def judgement(result, who=''):
    """The lines that say whether all is as it must be."""
    if not result.differences:
        return [colour('green', '✔ %sas the policy says' % who)]
    return [colour('red', line) for name, text in map(dataclasses.astuple, result.differences)
            for line in wrapped('✘ %s%s' % (name and name + ': ', text), '  ')]


def block(result):
    """Everything about one user."""
    account, visit = result.account, result.visit
    lines = [colour('bold', account.name) + ': ' + account.about]
    lines += [colour('cyan', line) for line in wrapped('settings: ' + account.settings())]
    if visit:
        lines += refusal(result) if visit.first.refused else message_table(result)
    return lines + judgement(result, account.name + ': ')


def counts(mails, mailboxes=()):
    """How many messages are where: `INBOX 5, Junk 2; 3 kept`; those mailboxes in any case."""
    found = collections.Counter(dict.fromkeys(mailboxes, 0))
    found.update(mail.mailbox for mail in mails)
    kept = sum(KEYWORD in mail.flags for mail in mails)
    return ', '.join('%s %d' % pair for pair in sorted(found.items())) + (
        '; %d kept' % kept if kept else '')


def changes(before, after):
    """The same of the mailboxes where something has changed."""
    changed = {mail.mailbox for mail in {*before} ^ {*after}}
    return counts([mail for mail in after if mail.mailbox in changed], changed) or 'as before'


def conclusion(results, complaints, what='users'):
    """The last word; complaints say what else went wrong, such as an error in the log."""
    wrong = sum(bool(result.differences) for result in results)
    bad = ['FAILED: unexpected: ' + line for line in complaints]
    if wrong:
        bad.append('FAILED: %d of %d %s did not get what the policy says.'
                   % (wrong, len(results), what))
    return [colour('red', line) for line in bad] or [
        colour('green', 'All %d %s got what the policy says.' % (len(results), what))]


def summary(results):
    """One line per user."""
    rows = []
    for result in results:
        visit, row = result.visit, ['', '', '']
        if visit:
            row = ['refused', '-'] if visit.first.refused else [
                str(len(session.names)) for session in (visit.first, visit.second)]
            row.append(changes(visit.before, visit.after))
        policy = ' '.join('%s=%s' % pair for pair in result.account.policy.items()) or '-'
        rows.append([result.account.name, policy, *row,
                     '✘ differs' if result.differences else '✔ ok'])
    return table(('user', 'policy', '1st\nPOP', '2nd\nPOP', 'IMAP afterwards', 'verdict'), rows,
                 ['red' if result.differences else '' for result in results], elastic=1)
