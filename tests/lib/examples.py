"""Servers that run the configurations of examples/ as they are, but for paths and ports."""

import contextlib
import os
import re

from tests.lib import dovecot_config
from tests.lib.config_text import PLACES
from tests.lib.directory import READER, READER_PASSWORD, SCHEMA, SUFFIX, Directory
from tests.lib.harness import Server
from tests.lib.mailuser import MailUser
from tests.lib.places import SOURCE

EXAMPLES = SOURCE / 'examples'
NEW_YEAR = 1767225600  # 2026-01-01T00:00:00Z
# a value for each, other than the default
POLICY_VALUES = {'popPolicyAvailable': 'FALSE', 'popPolicyEnabled': 'FALSE',
                 'popPolicySince': '20260101000000Z', 'popPolicySpam': 'include',
                 'popPolicyDelete': 'keep', 'popPolicyRetrieve': 'read',
                 'popPolicyExtraMailboxes': 'Lists/*', 'popPolicyKeepFor': '90d'}
POLICY = tuple(POLICY_VALUES)
# (DN, password) of services in the example's directory, and the control that lets a change add
# what is there already
DOVECOT = (READER, READER_PASSWORD)
WRITER = ('cn=pop-policy,ou=services,' + SUFFIX, 'writer-secret')
PERMISSIVE = '1.2.840.113556.1.4.1413'
VERSION = '2.4' if dovecot_config.IS_24 else '2.3'

# What tests need besides: files where we may write, no waiting after a wrong password.
SURROUNDINGS = PLACES + """
auth_failure_delay = 0
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

LISTENER = """
service {service}-login {{
  inet_listener {name} {{
    port = {port}
  }}
}}
"""


def ldif(name):
    """The text of examples/directory/NAME.ldif."""
    return (EXAMPLES / 'directory' / (name + '.ldif')).read_text()


def example_directory(*names, tree='accounts', **spec):
    """A slapd with the entries of examples/directory/TREE.ldif and then those called names."""
    directory = Directory(tree=False, **spec)
    for name in (tree, *names):
        directory.change(ldif(name))
    return directory


class ExampleServer(Server):
    """A Dovecot with the files of examples/SUBJECT for this version and a directory.

    edit: a function from (file name, text) to text, for tests of variations. extra: text at the
    end of dovecot.conf.
    """

    # whatever else the example does not listen on is off
    listeners = ('pop3', 'imap')

    def __init__(self, subject, directory, edit=None, **spec):
        self.folder = EXAMPLES / subject / VERSION
        self.directory = directory
        self.edit = edit or (lambda name, text: text)
        super().__init__(**spec)

    def _prepare(self):
        super()._prepare()
        (self.root / 'etc').mkdir()
        os.chown(self.root / 'mail', dovecot_config.MAIL_UID, dovecot_config.MAIL_UID)

    def moved(self, text):
        """The text with paths and addresses of this server."""
        for old, new in {**self.directory.places,
                         '/etc/dovecot/': '%s/etc/' % self.root,
                         '/var/mail': str(self.root / 'mail'),
                         '/var/vmail': str(self.root / 'mail'),
                         '_uid = vmail': '_uid = %d' % dovecot_config.MAIL_UID,
                         '_gid = vmail': '_gid = %d' % dovecot_config.MAIL_UID}.items():
            text = text.replace(old, new)
        return text

    def configuration(self):
        for path in self.folder.iterdir():
            text = self.moved(self.edit(path.name, path.read_text()))
            (self.root / 'etc' / path.name).write_text(text)
        text = (self.root / 'etc' / 'dovecot.conf').read_text()
        text += SURROUNDINGS.format(root=self.root, name=self.root.name, address=self.address)
        for name in ('pop3', 'pop3s', 'imap', 'imaps'):
            port = self.ports.get(name, 0)
            if port or 'inet_listener %s {' % name not in text:
                text += LISTENER.format(service=name.rstrip('s'), name=name, port=port)
        return text + self.spec.extra

    def account(self, name, password='secret'):
        """An account of the directory, by the name it logs in with."""
        return DirectoryUser(self, name, password)


class DirectoryUser(MailUser):
    """A mail user whose account is an entry of the directory, with its uid below ou=people."""

    def __init__(self, server, name, password):
        self.server, self.name, self.password = server, name, password
        user, _, domain = name.partition('@')
        self.home = server.root / 'mail' / domain / user
        self.dn = 'uid=%s,ou=people,%s' % (user, SUFFIX)

    def attributes(self, **values):
        """Replace attributes of the entry; None deletes."""
        self.server.directory.set(self.dn, **values)


def fill(user):
    """INBOX: old, new; Junk: spam. New arrived at NEW_YEAR, old a second before."""
    user.append('INBOX', ('old', NEW_YEAR - 1), ('new', NEW_YEAR))
    user.append('Junk', ('spam', NEW_YEAR + 1))


def fresh(user):
    """The account without any attribute of the policy, with mail as fill() gives it."""
    user.attributes(**dict.fromkeys(POLICY))
    for mailbox in user.mailboxes():
        user.doveadm('expunge', 'mailbox', mailbox, 'all')
    fill(user)
    return user


def keep_by_default(name, text):
    """The site says: what POP deletes is kept, where the account has no say."""
    if name == 'dovecot.conf':
        assert '#pop_policy_delete = keep\n' in text
        text = text.replace('#pop_policy_delete = keep\n', 'pop_policy_delete = keep\n')
    return text


def loose_schema():
    """Our schema, but attributes may have several values and empty ones."""
    text = (SCHEMA / 'pop-policy.ldif').read_text()
    text = text.replace('\n  SINGLE-VALUE', '').replace('Match\n', 'IA5Match\n')
    text = text.replace('boolean', 'caseIgnore').replace('generalizedTimeIA5', 'caseIgnoreIA5')
    text = re.sub(r'  ORDERING .*\n', '', text)
    return re.sub(r'121\.1\.(7|15|24)\b', '121.1.26', text)


@contextlib.contextmanager
def running(subject, directory, kind=ExampleServer, **spec):
    """An ExampleServer of that kind, whose log must be clean in the end."""
    server = kind(subject, directory, **spec)
    try:
        yield server
    finally:
        bad = server.stop()
        directory.stop()
    assert not bad, '\n'.join(bad)
