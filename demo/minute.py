"""An administrator's minute: doveadm tells which policy ann has and what she sees, and changes it."""

import re
import time

from demo import report
from demo.table import colour
from tests.lib import doveadm
from tests.lib.dovecot_config import policy_in
from tests.lib.directory import ADMIN, ADMIN_PASSWORD, PEOPLE
from tests.lib.mailuser import stamp
from tests.lib.settings_module import show

INTRODUCTION = """
Last, an administrator's minute: which policy does ann have, why does she not see all mail, put the
kept mail back into her queue, and from now on only new mail.
"""


def settings(directory):
    """What doveadm pop-policy set needs to know of the directory."""
    return policy_in('protocol doveadm', {
        'ldap_uris': directory.uris['ldap'], 'ldap_base': PEOPLE,
        'ldap_write_dn': ADMIN, 'ldap_write_dn_password': ADMIN_PASSWORD})


def perform(user, command, *args):
    """Run doveadm pop-policy COMMAND and show what it prints."""
    report.show([colour('bold', '$ doveadm pop-policy %s' % ' '.join([command, '-u', user.name,
                                                                      *args]))])
    answer = doveadm.run(user.server, command, '-u', user.name, *args, form='table')
    text = answer.text + answer.said
    report.show([line.rstrip() for line in text.splitlines()] + [''])
    return text if answer.code == 0 else ''


def play(user):
    """The minute; what went wrong."""
    if not show.doveadm:
        return ['the doveadm module cannot be made visible here']
    report.show(report.wrapped(INTRODUCTION.strip()))
    before, start = user.queue(), stamp(time.time())
    wrong = []
    if 'login' not in perform(user, 'get'):
        wrong.append('get says nothing of the login')
    if 'dequeued' not in perform(user, 'list', '-a'):
        wrong.append('list -a shows no dequeued mail')
    perform(user, 'requeue', 'all')
    if len(user.queue()) <= len(before):
        wrong.append('requeue brings nothing back')
    new = re.findall(r'\b\d{14}Z', perform(user, 'set', 'since=now'))
    if not new or not start <= new[-1] <= stamp(time.time()) or user.queue():
        wrong.append('since=now does not hide the mail that is there')
    return wrong
