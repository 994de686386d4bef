"""What the server must answer and log when it refuses a login."""

import re

from tests.lib.model import INVALID

# Namespaces are set up at every login: these are no mailboxes.
ROOTS = ('Maildir', 'sdbox', 'mdbox', 'mail', 'mail/.imap')


def mailbox_files(user):
    """MailUser.files() without what is outside all mailboxes."""
    return {path: status for path, status in user.files().items()
            if path not in ROOTS and '/dovecot.list.index' not in path}


def login_answer(user):
    """The answer to a USER/PASS login, refused or not; the session ends with QUIT.

    '' if Dovecot has closed the connection without a word.
    """
    with user.attempt() as client:
        left = client.quit()
        # Dovecot itself closes at once if it cannot look up the user. 2.4's login process may do
        # so before the pop3 process has written why.
        assert left.startswith('+OK') or client.login_reply == '' or (
            'Internal' in client.login_reply), client.login_reply
        return client.login_reply


def assert_invalid(user, setting, value):
    """The login is refused for a bad value, with one error line that names the culprit."""
    before = mailbox_files(user)
    assert login_answer(user) == INVALID
    line = user.server.log.claim_error(re.escape(user.name))
    assert setting in line
    assert value in line
    assert mailbox_files(user) == before
    return line
