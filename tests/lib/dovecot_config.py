"""What the tests need to know about Dovecot's configuration, whichever version is installed.

`syntax` holds everything that differs: dovecot_config_23 or dovecot_config_24.
"""

import re
import subprocess

from tests.lib import dovecot_config_23, dovecot_config_24
from tests.lib.config_text import assignments, section, text
from tests.lib.places import DOVECOT

MAIL_UID = 5000

STORAGES = ('maildir', 'sdbox', 'mdbox', 'mbox')

MAILBOXES = {'Junk': r'\Junk', 'Archive': r'\Archive', 'Trash': r'\Trash'}


def installed_version():
    """The version of the installed Dovecot as numbers, such as (2, 4, 1)."""
    said = subprocess.run([DOVECOT, '--version'], check=True, capture_output=True, text=True)
    return tuple(map(int, re.match(r'[\d.]*\d', said.stdout)[0].split('.')))


VERSION = installed_version()
IS_24 = VERSION >= (2, 4)

syntax = dovecot_config_24 if IS_24 else dovecot_config_23

# the full text search that other_plugins() configures
FTS_BACKEND = syntax.FTS_BACKEND
# drivers of the quota plugin
QUOTA_DRIVERS = syntax.QUOTA_DRIVERS
# whether the maildir driver miscounts moves, IMAP's as well
MAILDIR_QUOTA_FORGETS_MOVES = syntax.MAILDIR_QUOTA_FORGETS_MOVES
# a pop3_logout_format with every variable
LOGOUT_FORMAT = syntax.LOGOUT_FORMAT
# for the environment of Dovecot
ENVIRONMENT = syntax.ENVIRONMENT
# render(server, spec): the text of dovecot.conf
render = syntax.render
# policy(values): the lines that set pop_policy_NAME, for the outermost level or a filter
policy = syntax.policy
# unchecked(value): a policy value that Dovecot checks at the login only
unchecked = syntax.unchecked
# storage_fields(storage, inbox=, index=): userdb fields for a storage format and its places
storage_fields = syntax.storage_fields

# environment(values): the lines that hand variables on to all processes of Dovecot
environment = syntax.environment
# certificate(file, key): the lines for another server certificate
certificate = syntax.certificate
# proxy_passdb(host, port): a passdb that hands users whom no passdb before it has to that server
proxy_passdb = syntax.proxy_passdb


def policy_in(block, values, more=()):
    """A block such as 'protocol pop3' or 'remote 192.0.2.1': pop_policy_NAME settings and more."""
    return text(section(block, [*assignments(dict(more)), *policy(values)]))


def uidl_format(parts):
    """The pop3_uidl_format that consists of these parts, such as 'uid uidvalidity'."""
    return syntax.UIDL_FORMATS[parts]


def field(name, value):
    """One userdb field in a passwd-file; None: the name alone."""
    if value is None:
        return 'userdb_' + name
    if isinstance(value, bool):
        value = 'yes' if value else 'no'
    return 'userdb_%s=%s' % (name, syntax.field_value(str(value)))
