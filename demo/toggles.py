"""The second act: the policy comes from a directory, and an admin changes it between logins."""

import dataclasses
import re

from demo import letters, minute, report, sessions, verdict
from demo.table import colour, table
from tests.lib.examples import ExampleServer, example_directory, ldif
from tests.lib.mailuser import stamp

ANN, DAN = 'ann@example.org', 'dan@example.org'
INTRODUCTION = """
Second act: accounts and policies in a directory, a real slapd, and Dovecot as examples/ldap has
it. An admin changes attributes with ldapmodify; the next POP login obeys, IMAP notices nothing.
"""


@dataclasses.dataclass(frozen=True, eq=False)
class Step:
    """A change of the directory, or none; policy is what then holds for the user."""
    name: str
    about: str
    user: str
    change: str
    policy: dict
    habits: dict = dataclasses.field(default_factory=dict)

    def lines(self):
        """The change as ldapmodify reads it, without comments."""
        return re.sub(r'(?m)^(#.*)?\n', '', self.change).splitlines()


def steps(since):
    """The story; since is a GeneralizedTime between the messages."""
    from_now = ldif('change/enable-from-now').replace('20260101000000Z', since)
    assert since in from_now
    return [
        Step('1', 'no attribute is set', ANN, '', {}),
        Step('2', 'POP is switched off', ANN, ldif('change/disable'), {'enabled': 'no'}),
        Step('3', 'on again, from a certain time on', ANN, from_now, {'since': since}),
        Step('4', 'spam as well', ANN, ldif('change/include-spam'),
             {'since': since, 'spam': 'include'}),
        Step('5', 'nothing but spam', ANN, ldif('change/only-spam'),
             {'since': since, 'spam': 'only'}),
        Step('6', 'all mail, and its spam', ANN, ldif('change/all-mail'), {'spam': 'only'}),
        Step('7', 'no spam anymore', ANN, ldif('change/exclude-spam'), {}),
        Step('8', 'deleting keeps the mail, and she deletes', ANN, ldif('change/keep'),
             {'delete': 'keep'}, {'invoice': ('RETR', 'DELE'), 'news': ('DELE',)}),
        Step('9', 'deleting deletes, and she deletes', ANN, ldif('change/delete'), {},
             {'lunch': ('RETR', 'DELE')}),
        Step('10', 'another user, whose plan has no POP', DAN, '', {'available': 'no'}),
        Step('11', 'now the plan has', DAN, ldif('change/plan-with-pop'), {}),
        Step('12', 'and no more', DAN, ldif('change/plan-without-pop'), {'available': 'no'})]


def perform(server, step):
    """Change the directory, log in, look: a report.Result."""
    if step.change:
        server.directory.change(step.change)
    visit = sessions.visit(server.account(step.user), step.habits)
    return verdict.judge(step, visit, step.habits)


def block(result):
    """Everything about one step."""
    step, visit = result.account, result.visit
    lines = [colour('bold', '%s. %s: %s' % (step.name, step.user, step.about))]
    lines += [colour('cyan', '  ' + line) for line in step.lines()]
    if visit.first.refused:
        lines += report.wrapped('POP   ' + visit.first.refused, ' ' * 6)
    subjects = {mail.name: report.subject(mail) for mail in visit.before}
    for number, name in enumerate(visit.first.names, 1):
        did = ' '.join(visit.first.did[name])
        lines.append('%-5s #%d %s%s' % ('POP' if number == 1 else '', number, subjects[name],
                                        did and '  <- ' + did))
    return [*lines, 'IMAP  ' + report.counts(visit.after), *report.judgement(result)]


def summary(results):
    """What POP lists in which step, a line per message."""
    mails = {mail.name: mail for result in results for mail in result.visit.before}
    head = ['message', *(result.account.name for result in results)]
    rows = [[report.subject(mail),
             *(result.visit.first.number(name) or '-' for result in results)]
            for name, mail in mails.items()]
    rows.append(['as the policy says', *('✘' if result.differences else '✔'
                                         for result in results)])
    return table(head, rows, ['' for _ in rows])


def play(mails, since):
    """The whole act: its results and the complaints of the log."""
    directory = example_directory('plans', config=ldif('plans-overlay'))
    server = ExampleServer('ldap', directory, extra=minute.settings(directory))
    report.show(report.wrapped(INTRODUCTION.strip()))
    for name in ANN, DAN:
        letters.deliver(server.account(name), mails)
    results = []
    for step in steps(stamp(since)):
        results.append(perform(server, step))
        report.show(block(results[-1]))
    report.show(summary(results))
    complaints = minute.play(server.account(ANN)) + server.stop()
    directory.stop()
    return results, complaints
