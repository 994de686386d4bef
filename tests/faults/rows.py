"""The matrix."""

from tests.faults import crash, damage, disk, lookups, others
from tests.faults.row import (DONE, EITHER, FAILED, LOGIN, QUIT, REFUSED, SILENT, Row)
from tests.lib.dovecot_config import STORAGES
from tests.lib.ldap_policy import LDAP_MODULE
from tests.lib.model import ACTIONS
from tests.lib.soak import BATCH, KILLED, NO_CRASH

ANY = (DONE, FAILED, SILENT, REFUSED)
# An mdbox with a broken index ends the session that finds it, once it is rebuilt. Marks of an mbox
# that were not written to it may be in the index, and show when the file is.
REBUILT = ('mdbox', 'mbox')
# dbox has no mail that its index does not know.
INDEXED = ('sdbox', 'mdbox', 'mbox')
NOT_MBOX = ('maildir', 'sdbox', 'mdbox')
IN_PLACE = 'Dovecot rewrites an mbox in place: a kill while it does, or a call that fails, ' \
    'damages it, with the plugin or without.'
TWO_AT_ONCE = 'Two processes that change an mbox at the same time may undo what the other one ' \
    'does, with the plugin or without; QUIT notices, and says -ERR.'
RECREATED = 'When a session syncs an sdbox mailbox that was deleted and made anew since it was ' \
    'opened, the new mail is gone, in IMAP without the plugin as well; an mdbox may do so too.'
ROOT = 'Dovecot renames no INBOX of a Maildir.'
DSYNC = 'Dovecot\'s own dsync cannot lock the mailboxes of an mbox.'
CRASHED = {'explained': KILLED, 'crash': True, 'copies': BATCH, 'resync': REBUILT}
FULL = {'answers': (DONE, FAILED), 'explained': disk.FULL, 'crash': True, 'copies': BATCH,
        'resync': REBUILT}
# (A Maildir that has not changed is not read again when its uidlist is gone, and has no mail then.)
DAMAGED = {'answers': ANY, 'explained': NO_CRASH, 'copies': BATCH, 'resync': STORAGES,
           'shorter': True}
FAILING = {'answers': (DONE, FAILED, SILENT), 'crash': True, 'copies': BATCH, 'resync': REBUILT,
           'fixed': True, 'place': crash.traced,
           'explained': disk.FULL + r'|Input/output error|Read-only file system'
           r'|No locks available|read-only|unlink\(.* failed|corrupted cache record'
           r'|broken sync positions|Fixed index file|Unexpectedly lost uid'}
ALONE = {'answers': (REFUSED,), 'explained': 'POP login refused', 'storages': ('maildir',)}


def killed(action):
    """Kills in a QUIT that does this."""
    return Row('kill-' + action, 'kill -9 of pop3, `pop_policy_delete = %s`' % action, QUIT,
               crash.kill, (DONE, SILENT), action=action, storages=NOT_MBOX, why=IN_PLACE,
               many=True, times=4, **CRASHED)


def injected(error):
    """A call fails."""
    return Row('call-' + error, 'a system call of QUIT fails with ' + error, QUIT,
               crash.inject(error), storages=NOT_MBOX, why=IN_PLACE, **FAILING)


def asked(step, text):
    """A fault at a step of the lookup."""
    return Row('ldap-' + step, text, LOGIN,
               lookups.bad_tls if step == 'tls' else lookups.failing(step),
               lookup=lookups.scripted(step), **ALONE)


PROCESSES = (
    *map(killed, ACTIONS),
    Row('kill-call', 'kill -9 of pop3 at each system call of QUIT', QUIT, crash.kill_at_call,
        (DONE, SILENT), storages=NOT_MBOX, why=IN_PLACE, fixed=True,
        place=crash.traced, **CRASHED),
    Row('kill-before', 'kill -9 of pop3 before QUIT', QUIT, crash.kill_before, (SILENT,),
        **CRASHED),
    Row('kill-master', 'kill -9 of the master process', QUIT, crash.kill_master,
        (DONE, SILENT), spec=lambda _: {'extra': '# the master is killed'}, **CRASHED),
)
DISKS = tuple(
    Row('%s-%s' % (kind, name), '%s %s' % (text, kind), when, fault, place=disk.small(kind),
        **{**FULL, **({'answers': ANY, 'shorter': True} if when == LOGIN else {})})
    for kind in ('tmpfs', 'ext4')
    for name, text, when, fault in (
        ('full-login', 'a full', LOGIN, disk.full), ('full', 'a full', QUIT, disk.full),
        ('fills-up', 'during QUIT a full', QUIT, disk.fills_up))
) + (
    Row('quota-full', 'no quota where mail is to be moved', QUIT, disk.quota_full, (DONE, FAILED),
        explained='pop_policy|[Qq]uota', action='archive',
        dials={'archive_mailbox': disk.OVER}, spec=disk.limited),
    Row('quota-fills-up', 'quota for some of the mail that is to be moved', QUIT,
        disk.quota_fills_up, (DONE, FAILED), explained='pop_policy|[Qq]uota', action='trash',
        dials={'trash_mailbox': disk.OVER}, spec=disk.limited),
)
FILES = (
    Row('unwritable', 'a file or folder cannot be written', EITHER, disk.unwritable, **DAMAGED),
    Row('unreadable', 'a file or folder cannot be read', EITHER, disk.unreadable, **DAMAGED),
    Row('missing', 'a file or folder is missing', EITHER, disk.missing, **DAMAGED),
    Row('other-type', 'a file is a folder, a folder a file, either a dead link', EITHER,
        disk.other_type, **DAMAGED),
    Row('lost', 'index, cache, uidlist, keywords: deleted', EITHER, damage.deleted, **DAMAGED),
    Row('cut', 'index, cache, uidlist, keywords: cut', EITHER, damage.cut, **DAMAGED),
    Row('garbage', 'index, cache, uidlist, keywords: random octets', EITHER, damage.garbage,
        **DAMAGED),
    *map(injected, crash.FAILING),
)
OTHERS = (
    Row('renamed', 'a mailbox is renamed', QUIT, others.renamed('Renamed'), (DONE, FAILED),
        explained=NO_CRASH, copies=BATCH, shared=True),
    Row('moved', 'a mailbox is moved into a folder', QUIT, others.renamed('Folder/Moved'),
        (DONE, FAILED), explained=NO_CRASH, copies=BATCH, shared=True),
    Row('inbox-renamed', 'INBOX is renamed, by IMAP', QUIT, others.inbox_renamed,
        (DONE, FAILED), explained=NO_CRASH, copies=BATCH, shared=True,
        storages=INDEXED, why=ROOT),
    Row('removed', 'a mailbox is deleted', QUIT, others.removed, (DONE, FAILED),
        explained=NO_CRASH, copies=BATCH, shared=True),
    Row('recreated', 'a mailbox is deleted and made anew', QUIT, others.recreated,
        (DONE, FAILED), explained=NO_CRASH, copies=BATCH, shared=True,
        storages=('maildir', 'mbox'), why=RECREATED),
    Row('uidvalidity', 'a mailbox gets another UIDVALIDITY', QUIT, others.uidvalidity,
        (DONE, FAILED), explained=NO_CRASH, shared=True),
    Row('imap', 'an IMAP client at the same time', QUIT, others.imap, (DONE,),
        storages=NOT_MBOX, why=TWO_AT_ONCE),
    Row('pop', 'another POP3 session at the same time', QUIT, others.pop, (DONE,),
        storages=NOT_MBOX, why=TWO_AT_ONCE),
    Row('lmtp', 'LMTP at the same time', QUIT, others.lmtp, (DONE,), shared=True),
    Row('doveadm', 'doveadm at the same time', QUIT, others.doveadm, (DONE,),
        storages=NOT_MBOX, why=TWO_AT_ONCE),
    Row('dsync', 'dsync at the same time', QUIT, others.dsync, (DONE,), explained=NO_CRASH,
        storages=NOT_MBOX, why=DSYNC),
    Row('dsync-both', 'dsync both ways at the same time', QUIT, others.dsync_both,
        (DONE, FAILED), explained=NO_CRASH, storages=NOT_MBOX, why=DSYNC),
    Row('clock', 'the clock is wrong, and then another wrong', LOGIN, others.step, (DONE,),
        spec=others.with_clock(False), dials={'keep_for': '1000d'}),
    Row('clock-steps', 'the clock goes back and forth', QUIT, others.steps,
        (DONE, FAILED, SILENT), explained='Fatal: Time just moved backwards', shared=True,
        spec=others.with_clock(True), place=others.wrong_clock, dials={'keep_for': '1000d'}),
)
LOOKUPS = (
    asked('connect', 'LDAP: connections are closed, mute or not LDAP'),
    asked('starttls', 'LDAP: StartTLS is refused, mute, slow, not TLS'),
    asked('tls', 'LDAP: certificates are wrong, TLS mute or none'),
    asked('bind', 'LDAP: the bind is refused, mute, slow, cut off'),
    asked('search', 'LDAP: the search is mute, slow, lying, cut off, referred, limited'),
    asked('entry', 'LDAP: the entry makes no sense'),
    Row('slapd-killed', 'kill -9 of slapd', LOGIN, lookups.killed, lookup=lookups.real,
        **{**ALONE, 'answers': (DONE, REFUSED)}),
    Row('slapd-frozen', 'slapd hangs', LOGIN, lookups.frozen, lookup=lookups.real, **ALONE),
)
# what each table of the page has
GROUPS = {'Processes': PROCESSES, 'Disks and quotas': DISKS, 'Files': FILES,
          'Others at work': OTHERS, 'LDAP': LOOKUPS if LDAP_MODULE.exists() else ()}
ROWS = {row.name: row for group in GROUPS.values() for row in group}
