"""Users with different POP policies on a private Dovecot: what they see and what they keep.

Then the same with policies in a directory that change between logins. Shows it user by user,
compares it with what the policy says, and fails if that differs.
POP_POLICY_MODULE names the module; DEMO_KEEP=1 leaves Dovecot running.
"""

import imaplib
import os
import re
import signal
import sys
import time

from demo import letters, report, sessions, standing, toggles, verdict
from demo.accounts import HABITS, PASSWORD, accounts
from tests.lib.harness import Server
from tests.lib.mailuser import stamp
from tests.lib.model import KEYWORD

MISHAPS = (AssertionError, OSError, EOFError, imaplib.IMAP4.error)
INTRODUCTION = """
Dovecot with the POP policy plugin: {users} users with the same {mails} messages, each user with a
policy of its own. Their mail programs are alike: over POP they download (RETR) and delete (DELE)
the same messages, as far as they can see them, and leave (QUIT). Then POP looks once more, and
IMAP shows what is still there. "#3" is a message's number in that POP session, "kept" is mail that
has left POP for good but not the server (keyword {keyword}).
"""


def attend(account, user):
    """One user's visit and what was wrong with it."""
    try:
        visit = sessions.visit(user, HABITS)
    except MISHAPS as error:
        text = 'broke off: %s: %s' % (type(error).__name__, error)
        return report.Result(account, None, [], [verdict.Difference('', text)])
    for line in visit.errors:
        user.server.log.claim_error(re.escape(line))  # compare() judges it
    return verdict.judge(account, visit, HABITS)


def play(server, people, mails):
    """Deliver the mail, let everybody visit, show it: a report.Result per account."""
    users = {}
    for account in people:
        fields = {'pop_policy_' + name: value for name, value in account.policy.items()}
        users[account] = server.add_user(account.name, password=PASSWORD, fields=fields)
        letters.deliver(users[account], mails)
    results = []
    for account in people:
        results.append(attend(account, users[account]))
        report.show(report.block(results[-1]))
    report.show(report.summary(results))
    return results


def main():
    """Run the demo; the exit code."""
    sys.stdout.reconfigure(encoding='utf-8')
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(1))
    if os.geteuid() != 0:
        return 'demo: Dovecot needs root to start, and so does this'
    now = int(time.time())
    since = now - now % letters.DAY - 30 * letters.DAY
    mails, people = letters.letters(since, now), accounts(stamp(since))
    try:
        server = Server()
    except (AssertionError, OSError) as error:
        return 'demo: %s' % error
    report.show(report.wrapped(INTRODUCTION.format(
        users=len(people), mails=len(mails), keyword=KEYWORD).strip()))
    results = play(server, people, mails)
    keep = os.environ.get('DEMO_KEEP')
    complaints = standing.restart(server) if keep else server.stop()
    report.show(report.conclusion(results, complaints))
    try:
        more_results, more_complaints = toggles.play(mails, since)
    except MISHAPS as error:
        return 'demo: the second act broke off: %s: %s' % (type(error).__name__, error)
    report.show(report.conclusion(more_results, more_complaints, 'logins'))
    if keep:
        standing.prepare(server, mails)
        report.show(standing.directions(server, [account.name for account in people]))
    wrong = any(result.differences for result in results + more_results)
    return 1 if wrong or complaints or more_complaints else 0


if __name__ == '__main__':
    sys.exit(main())
