"""What is compared: servers, the mail they are given, and the policy of their user."""

import dataclasses
import time
import typing

from bench import stores
from tests.lib import bulk, dovecot_config
from tests.lib.mailuser import MailUser

VIRTUAL = {'virtual': {'prefix': '', 'storage': 'virtual', 'path': '~/virtual'}}
# A plugin that has nothing to do here: the first one makes Dovecot read its module folder.
IDLE = {'compress': {}}
FLAG = {'pop3_deleted_flag': stores.KEYWORD}
# As Dovecot's example configuration has one, and the plugin needs one.
POP3_BLOCK = 'protocol pop3 {\n}\n'


@dataclasses.dataclass(frozen=True)
class Variant:
    """A user who logs in again and again.

    listed(N): how many messages a session shows with N in INBOX and N / 20, called S, in Junk;
    server: see specs(); mail: see provide(); policy: values of pop_policy_NAME, a callable's when
    its mail is made; home: the variant whose mail this one shares; search: for a virtual INBOX.
    """
    name: str
    text: str
    listed: typing.Callable
    server: str = 'stock'
    mail: str = 'full'
    policy: tuple = ()
    home: str = ''
    search: str = ''


SINCE = ('since', bulk.CUTOFF_TEXT)
INCLUDE = ('spam', 'include')
ONLY = ('spam', 'only')
KEPT = ('keep_for', '3650d')


def recent():
    """The interval that begins in the day without mail before CUTOFF."""
    return '%ds' % (time.time() - bulk.CUTOFF + bulk.GAP // 2)


def everything(count):
    """N: all of INBOX."""
    return count


def merged(count):
    """N + S: INBOX and Junk."""
    return count + stores.spam(count)


def few(number):
    """As many as that, whatever N is."""
    return lambda _count: number


VARIANTS = [Variant(*values) for values in (
    ('ref20', 'stock, INBOX of 20', few(20), 'stock', 'small'),
    ('plain', 'stock', everything),
    ('total', 'stock, INBOX of N + S', merged, 'stock', 'total'),
    ('junk', 'stock, INBOX of S', stores.spam, 'stock', 'junk'),
    ('floor20', 'floor: the newest 20 by number', few(20), 'floor'),
    ('from-now', 'plugin, since a date', few(20), 'plugin', 'full', (SINCE,)),
    ('recent', 'plugin, recent mail', few(20), 'plugin', 'full', (('recent', recent),)),
    ('dequeued', 'plugin, all but 20 dequeued', few(20), 'plugin', 'old flagged'),
    ('kept', 'plugin, the same, kept for ten years', few(20), 'plugin', 'old flagged', (KEPT,)),
    ('dequeued95', 'plugin, 95 % dequeued here and there', stores.spam, 'plugin', 'most flagged'),
    ('include', 'plugin, spam merged', merged, 'plugin', 'full', (INCLUDE,)),
    ('now-include', 'plugin, since a date, spam merged', few(22), 'plugin', 'full',
     (SINCE, INCLUDE)),
    ('only', 'plugin, only spam', stores.spam, 'plugin', 'full', (ONLY,)),
    ('only50', 'plugin, only spam, 50 of it', few(50), 'plugin', 'little spam', (ONLY,)),
    ('flag20', 'pop3_deleted_flag on all but 20', few(20), 'flag', 'old flagged'),
    ('flag95', 'pop3_deleted_flag on 95 % here and there', stores.spam, 'flag', 'most flagged'),
    ('virtall', 'virtual, INBOX and Junk', merged, 'virtual', 'virtual', (), '', 'all'),
    ('virtsince', 'virtual, INBOX and Junk, since a date', few(22), 'virtual', 'virtual', (), '',
     'SINCE ' + bulk.CUTOFF_IMAP),
    ('nothing', 'plugin, no policy', everything, 'plugin', 'full', (), 'plain'),
    ('idle', 'stock with an idle plugin', everything, 'idle', 'full', (), 'plain'),
    ('idle-nothing', 'the same and the plugin, no policy', everything, 'idle-plugin', 'full', (),
     'plain'),
    ('nothing20', 'plugin, no policy, INBOX of 20', few(20), 'plugin', 'small', (), 'ref20'),
    ('idle20', 'stock with an idle plugin, INBOX of 20', few(20), 'idle', 'small', (), 'ref20'),
    ('idle-nothing20', 'the same and the plugin, no policy, INBOX of 20', few(20), 'idle-plugin',
     'small', (), 'ref20'),
)]
BY_NAME = {variant.name: variant for variant in VARIANTS}
# what is measured in a mailbox of a million
HUGE = ('ref20', 'plain', 'floor20', 'from-now', 'dequeued', 'now-include', 'flag20', 'virtsince')
# QUIT after DELE
DELETING = [Variant(*values) for values in (
    ('keep', 'plugin, pop_policy_delete = keep', everything, 'plugin', 'full',
     (('delete', 'keep'),)),
    ('flag', 'pop3_delete_type = flag', everything, 'flag'),
    ('expunge', 'stock, expunge', everything),
)]


def specs(storage, floor):
    """{name: keyword arguments of harness.Server}; floor: the module of the floor plugin."""
    found = {
        'stock': {'plugin': None},
        'plugin': {'plugin': 'pop3'},
        'idle': {'plugin': None, 'others': IDLE},
        'idle-plugin': {'plugin': 'pop3', 'others': IDLE},
        'flag': {'plugin': None, 'settings': {**FLAG, 'pop3_delete_type': 'flag'}},
        'floor': {'plugin': 'pop3', 'module': floor, 'settings': FLAG},
        'virtual': {'plugin': None, 'others': {'virtual': {}}, 'namespaces': VIRTUAL,
                    'extra': virtual_owns_inbox(storage)},
    }
    return {name: {'storage': storage, 'tz': 'UTC', **values,
                   'extra': POP3_BLOCK + values.get('extra', '')}
            for name, values in found.items()}


def virtual_owns_inbox(storage):
    """Configuration: POP's INBOX is the virtual one, the real mail is below Real/."""
    fields = dovecot_config.storage_fields(storage, '~/Maildir' if storage == 'maildir' else None)
    lines = ['%s = %s' % ('location' if key == 'mail' else key, value)
             for key, value in fields.items()]
    return '\n'.join(['namespace inbox {', *lines, 'inbox = no', 'prefix = Real/', '}',
                      'namespace virtual {', 'inbox = yes', '}'])


def mailboxes(variant):
    """The names of the real mailboxes."""
    return ('INBOX',) if variant.mail in ('small', 'junk') else ('INBOX', 'Junk')


def account(variant, server, home):
    """The user of that variant on that server."""
    fields = {'pop_policy_' + name: value() if callable(value) else value
              for name, value in variant.policy}
    return MailUser(server, variant.name, home=home, fields=fields)


def provide(variant, stock, templates, count, home):
    """Make the mail of a variant; the user on the stock server that has the same mail."""
    if variant.mail == 'junk':
        stores.make_folder(home)
    else:
        small = variant.mail == 'small'
        stores.clone(templates.home(stock, stores.SMALL if small else count), home)
    user = MailUser(stock, 'stock-' + variant.name, home=home)
    if variant.mail == 'junk':
        templates.load(user, count, '.Junk')
    elif variant.mail == 'total':
        bulk.bulk_doveadm(user, 'copy', 'INBOX', 'mailbox', 'Junk', 'all', timeout=stores.LONG)
    elif variant.mail == 'little spam':
        if stores.spam(count) > 50:  # 51:* would mean 50:51
            bulk.bulk_doveadm(user, 'expunge', 'mailbox', 'Junk', '51:*', timeout=stores.LONG)
    elif variant.mail == 'virtual':
        make_virtual(home, mailboxes(variant), variant.search)
    elif variant.mail == 'virtual INBOX':
        make_virtual(home, ('INBOX',), variant.search)
    flag_mail(variant, user, count)
    return user


def forget(variant, user, count):
    """Make Dovecot forget sizes and dates."""
    if user.server.spec.storage == 'sdbox':
        stores.rebuild(user, mailboxes(variant))
        flag_mail(variant, user, count)


def flag_mail(variant, user, count):
    """Mark the messages that are to be out of the queue."""
    if variant.mail == 'old flagged':
        flag(user, 'add', '1:%d' % (count - stores.FRESH))
    elif variant.mail == 'most flagged':
        flag_most(user, count)


def flag(user, change, numbers):
    """Add or remove the keyword."""
    bulk.bulk_doveadm(user, 'flags ' + change, stores.KEYWORD, 'mailbox', 'INBOX', numbers,
                      timeout=stores.LONG)


def flag_most(user, count):
    """The keyword on all messages but every 20th."""
    flag(user, 'add', '1:*')
    left = [str(number) for number in range(20, count + 1, 20)]
    for start in range(0, len(left), 10000):
        flag(user, 'remove', ','.join(left[start:start + 10000]))


def make_virtual(home, sources, search):
    """The file that makes a virtual INBOX of these mailboxes."""
    for folder in (home / 'virtual', home / 'virtual' / 'INBOX'):
        stores.make_folder(folder)
    bulk.write_file(home / 'virtual' / 'INBOX' / 'dovecot-virtual',
                    '\n'.join([*('Real/' + name for name in sources), '  %s\n' % search]).encode(),
                    bulk.CUTOFF)
