"""A server whose sessions are counted, instruction by instruction, and mailboxes to count with."""

import contextlib
import time

from tests.lib import bulk
from tests.lib.cost import Probe, session
from tests.lib.harness import Server

# The messages of each mailbox that are new, if not told otherwise.
FRESH = 20


class Site:
    """A server with mailboxes, sdbox unless told otherwise, and a probe in its pop3 service."""

    def __init__(self, folder, storage='sdbox', **spec):
        self.probe = Probe(folder)
        self.server = Server(storage=storage, pop3_service=self.probe.service, **spec)

    def user(self, count, others=None, fresh=FRESH, **policy):
        """A user with that policy and that many messages in INBOX and in others, {name: count}."""
        user = self.server.add_user()
        user.policy(**policy)
        is_maildir = user.storage == 'maildir'
        maildir = user.home / 'Maildir' if is_maildir else self.server.root / user.name
        bulk.write_maildir(maildir, count, fresh)
        for name, messages in (others or {}).items():
            bulk.write_maildir(maildir / ('.' + name), messages, fresh)
        if not is_maildir:
            bulk.import_maildir(user, maildir)
        return user

    def instructions(self, user, expected, at_rest=True, times=1):
        """Those of a session of a client that has been there, which must show that many mails.

        Unless it is at rest, a Maildir has just changed, and Dovecot reads it again. times: the
        least of so many sessions, since a login may do a little more than it must.
        """
        for _ in range(2):
            assert session(user) == expected
        bulk.settle(*((user, mailbox) for mailbox in user.mailboxes()
                      if mailbox in ('INBOX', 'Junk') or mailbox.startswith('Folder')))
        assert session(user) == expected
        if at_rest and user.storage == 'maildir':
            time.sleep(2.1)
            assert session(user) == expected
        return min(self.probe.instructions(lambda: session(user)) for _ in range(times))


@contextlib.contextmanager
def running(folder, **spec):
    """A Site that is stopped in the end, and must leave no errors in its log."""
    site = Site(folder, **spec)
    bad = None
    try:
        yield site
    finally:
        bad = site.server.stop()
    assert bad == []
