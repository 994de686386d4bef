"""Databases that others have designed: examples/sql/iredmail, postfixadmin and mailcow at work.

The tables have the columns that Dovecot's queries name, as the three projects define them.
"""

import imaplib

import pytest

from tests.lib import dovecot_config
from tests.lib.answers import login_answer
from tests.lib.config_text import text
from tests.lib.databases import DatabaseServer, Maria, Postgres, example_sql, refill
from tests.lib.examples import EXAMPLES, keep_by_default, running
from tests.lib.model import DISABLED, INVALID, UNAVAILABLE

ANN = 'ann@example.org'
WRONG_PASSWORD = '-ERR [AUTH] Authentication failed.'

SERVICES = ('pop3', 'pop3secured', 'pop3tls', 'imap', 'imapsecured', 'imaptls', 'doveadm', 'lmtp',
            'dsync', 'lib-storage', 'indexer-worker')
IREDMAIL = """
CREATE TABLE domain (
  domain VARCHAR(255) NOT NULL PRIMARY KEY,
  backupmx TINYINT(1) NOT NULL DEFAULT 0,
  active TINYINT(1) NOT NULL DEFAULT 1
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE TABLE mailbox (
  username VARCHAR(255) NOT NULL PRIMARY KEY,
  password VARCHAR(255) NOT NULL DEFAULT '',
  mailboxformat VARCHAR(50) NOT NULL DEFAULT 'maildir',
  mailboxfolder VARCHAR(50) NOT NULL DEFAULT 'Maildir',
  storagebasedirectory VARCHAR(255) NOT NULL DEFAULT '',
  storagenode VARCHAR(255) NOT NULL DEFAULT '',
  maildir VARCHAR(255) NOT NULL DEFAULT '',
  quota BIGINT(20) NOT NULL DEFAULT 0,
  domain VARCHAR(255) NOT NULL DEFAULT '',
  %s,
  allow_nets TEXT DEFAULT NULL,
  active TINYINT(1) NOT NULL DEFAULT 1
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE USER 'vmail'@'localhost' IDENTIFIED BY 'sql-secret';
GRANT SELECT ON vmail.* TO 'vmail'@'localhost';
INSERT INTO domain (domain) VALUES ('example.org');
INSERT INTO mailbox (username, password, storagenode, maildir, quota, domain)
  VALUES ('ann@example.org', '{PLAIN}secret', 'vmail1', 'example.org/a/ann/', 100, 'example.org');
""" % ',\n  '.join('`enable%s` TINYINT(1) NOT NULL DEFAULT 1' % name for name in SERVICES)

POSTFIXADMIN = """
CREATE TABLE mailbox (
  username character varying(255) NOT NULL PRIMARY KEY,
  password character varying(255) NOT NULL DEFAULT '',
  maildir character varying(255) NOT NULL DEFAULT '',
  quota bigint NOT NULL DEFAULT 0,
  active boolean NOT NULL DEFAULT true
);
CREATE ROLE postfix LOGIN PASSWORD 'sql-secret';
GRANT SELECT ON mailbox TO postfix;
INSERT INTO mailbox (username, password, maildir, quota)
  VALUES ('ann@example.org', '{PLAIN}secret', 'example.org/ann/', 102400000);
"""

MAILCOW = """
CREATE TABLE domain (
  domain VARCHAR(255) NOT NULL PRIMARY KEY,
  active TINYINT(1) NOT NULL DEFAULT '1'
);
CREATE TABLE mailbox (
  username VARCHAR(255) NOT NULL PRIMARY KEY,
  password VARCHAR(255) NOT NULL,
  mailbox_path_prefix VARCHAR(150) DEFAULT '/var/vmail/',
  quota BIGINT(20) NOT NULL DEFAULT '102400',
  domain VARCHAR(255) NOT NULL,
  attributes JSON,
  custom_attributes JSON NOT NULL DEFAULT ('{}'),
  active TINYINT(1) NOT NULL DEFAULT '1'
);
CREATE USER 'mailcow'@'localhost' IDENTIFIED BY 'sql-secret';
GRANT SELECT ON mailcow.* TO 'mailcow'@'localhost';
INSERT INTO domain (domain) VALUES ('example.org');
INSERT INTO mailbox (username, password, domain, attributes) VALUES
  ('ann@example.org', '{PLAIN}secret', 'example.org',
   '{"imap_access": "1", "pop3_access": "1", "mailbox_format": "maildir:"}');
"""


def update(site, assignments):
    """UPDATE mailbox for ann."""
    site.directory.execute("UPDATE mailbox SET %s WHERE username = '%s'" % (assignments, ANN))


def imap(user):
    """Whether IMAP lets the account in."""
    try:
        with user.imap():
            return True
    except imaplib.IMAP4.error:
        return False


# -- iRedMail

class SecureServer(DatabaseServer):
    """With POP3S, as iRedMail has it."""

    listeners = ('pop3', 'pop3s', 'imap')

    def configuration(self):
        names = ('ssl_server_cert_file', 'ssl_server_key_file') if dovecot_config.IS_24 else (
            'ssl_cert', 'ssl_key')
        files = (self.root / 'cert.pem', self.root / 'key.pem')
        mark = '' if dovecot_config.IS_24 else '<'
        return super().configuration() + text(
            ['ssl = yes', *('%s = %s%s' % (name, mark, file) for name, file in zip(names, files))])


@pytest.fixture(scope='module')
def iredmail():
    database = Maria(IREDMAIL, example_sql('iredmail/pop-policy'), name='vmail', key='username')
    with running('sql/iredmail', database, SecureServer) as server:
        update(server, "storagebasedirectory = '%s'" % (server.root / 'mail'))
        yield server


def test_iredmail(iredmail):
    ann = refill(iredmail.account(ANN))
    assert ann.queue() == ['old', 'new']
    assert (iredmail.root / 'mail/vmail1/example.org/a/ann/Maildir/new').is_dir()
    ann.row(since="'2026-01-01 05:30:00'", spam="'include'", on_delete="'keep'")
    with ann.pop() as client:
        assert client.subjects() == ['new', 'spam']
        client.dele(1)
        client.quit()
    assert ann.queue() == ['spam']
    assert ann.subjects() == ['old', 'new']
    ann.row(enabled='FALSE')
    assert login_answer(ann) == DISABLED
    ann.row()


def test_iredmail_says_why_and_not_wrong_password(iredmail):
    ann = iredmail.account(ANN)
    update(iredmail, 'enablepop3 = 0, enablepop3secured = 0, enablepop3tls = 0')
    assert login_answer(ann) == UNAVAILABLE
    assert imap(ann)
    update(iredmail, 'enableimap = 0, enableimapsecured = 0, enableimaptls = 0')
    assert not imap(ann)
    update(iredmail, ', '.join('`enable%s` = 1' % name for name in SERVICES))
    assert imap(ann)
    update(iredmail, 'active = 0')
    assert login_answer(ann) == WRONG_PASSWORD
    update(iredmail, 'active = 1')


def test_iredmail_has_a_switch_for_tls(iredmail):
    ann = iredmail.account(ANN)
    update(iredmail, 'enablepop3tls = 0')
    with ann.attempt(tls=True) as client:
        assert client.login_reply == UNAVAILABLE
    assert login_answer(ann).startswith('+OK')
    update(iredmail, 'enablepop3tls = 1')
    with ann.attempt(tls=True) as client:
        assert client.login_reply.startswith('+OK')


# -- PostfixAdmin

def test_postfixadmin():
    database = Postgres(POSTFIXADMIN, example_sql('postfixadmin/pop-policy'), name='postfix',
                        key='username')
    with running('sql/postfixadmin', database, DatabaseServer, edit=keep_by_default) as server:
        ann = refill(server.account(ANN))
        assert ann.queue() == ['old', 'new']
        ann.row(available='false')
        assert login_answer(ann) == UNAVAILABLE
        ann.row(available='true', enabled='false')
        assert login_answer(ann) == DISABLED
        ann.row(since="'2026-01-01 05:30:00+05:30'", spam="'include'", on_delete="'delete'")
        assert ann.queue() == ['new', 'spam']
        update(server, 'active = false')
        assert login_answer(ann) == WRONG_PASSWORD
        assert not imap(ann)


# -- mailcow

def custom(site, **attributes):
    """What the form "custom attributes" stores."""
    pairs = ', '.join("'%s', '%s'" % pair for pair in attributes.items())
    update(site, 'custom_attributes = JSON_OBJECT(%s)' % pairs)


def access(site, protocol, value):
    """What the form stores that says which protocols a mailbox has."""
    update(site, "attributes = JSON_SET(attributes, '$.%s_access', '%d')" % (protocol, value))


def test_mailcow():
    database = Maria(MAILCOW, name='mailcow')
    with running('sql/mailcow', database, DatabaseServer) as server:
        update(server, "mailbox_path_prefix = '%s/'" % (server.root / 'mail'))
        ann = refill(server.account(ANN))
        assert ann.queue() == ['old', 'new']
        custom(server, pop_policy_since='2026-01-01T00:00:00Z', pop_policy_spam='include',
               footer='of mailcow')
        assert ann.queue() == ['new', 'spam']
        custom(server, pop_policy_enabled='no')
        assert login_answer(ann) == DISABLED
        custom(server, pop_policy_delete='sometimes')
        assert login_answer(ann) == INVALID
        assert 'sometimes' in server.log.claim_error('pop_policy_delete')
        custom(server)
        access(server, 'pop3', False)
        assert login_answer(ann) == UNAVAILABLE
        assert imap(ann)
        access(server, 'imap', False)
        assert not imap(ann)
        access(server, 'pop3', True)
        assert ann.queue() == ['old', 'new']


# -- their documents

@pytest.mark.parametrize('path', sorted(EXAMPLES.glob('sql/*/*/dovecot.conf')), ids=str)
def test_no_example_forgets_a_setting(path):
    """All that a user may be given."""
    names = ('available', 'enabled', 'since', 'spam', 'delete', 'retrieve', 'extra_mailboxes',
             'keep_for')
    written = ''.join(file.read_text() for file in path.parent.iterdir())
    assert [name for name in names if 'AS pop_policy_%s' % name not in written] == []
