"""Mail to measure with: made once, kept in a cache folder, cloned by hard links when needed."""

import os
import pathlib
import shutil
import subprocess

from tests.lib import bulk
from tests.lib.dovecot_config import MAIL_UID, VERSION
from tests.lib.mailuser import MailUser

SMALL = 20
FRESH, FRESH_SPAM = 20, 2
SPAM_SHARE = 20
KEYWORD = '$POPDequeued'
# The timeout of a doveadm that handles a whole mailbox, in seconds.
LONG = 1800
# What is known to the index alone: it is no cache, and stays when caches are to be cold.
KNOWLEDGE = ('dovecot-virtual', 'dovecot-keywords')


def spam(count):
    """How many messages Junk has, beside an INBOX of that many."""
    return count // SPAM_SHARE


def sizes(count):
    """Shortest and longest message."""
    return (2000, 20000) if count < 1000000 else (300, 900)


class Templates:
    """Homes as Dovecot finds them before anybody has looked, by storage format and size."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def home(self, server, count):
        """The home with that many messages in INBOX, in the storage format of the server."""
        if server.spec.storage == 'maildir':
            return self.maildir(count).parent
        home = self.folder / ('%s-%d.%d-%d' % (server.spec.storage, *VERSION[:2], count))
        if not home.exists():
            new = new_folder(home)
            self.load(MailUser(server, home.name, home=new), count)
            new.rename(home)
        return home

    def maildir(self, count):
        """The Maildir of that size, without index files."""
        home = self.folder / ('maildir-%d' % count)
        if not home.exists():
            new = new_folder(home)
            bulk.write_maildir(new / 'Maildir', count, FRESH, sizes(count))
            if count > SMALL:
                bulk.write_maildir(new / 'Maildir' / '.Junk', spam(count), FRESH_SPAM,
                                   sizes(count))
            new.rename(home)
        return home / 'Maildir'

    def load(self, user, count, part=''):
        """Import the Maildir of that size, or a folder of it, into a user's mail."""
        maildir = self.maildir(count)
        bulk.import_maildir(user, maildir / part, LONG)
        for path in list(index_files(maildir)):
            path.unlink()


def new_folder(home):
    """An empty home that gets its name when it is complete."""
    new = home.with_name(home.name + '.new')
    shutil.rmtree(new, ignore_errors=True)
    make_folder(new)
    return new


def make_folder(folder):
    """A folder of the mail user."""
    folder.mkdir(mode=0o700)
    os.chown(folder, MAIL_UID, MAIL_UID)


def index_files(home):
    """Dovecot's own files below a home, what is known from nowhere else left out."""
    for folder, _, files in os.walk(home):
        for name in files:
            if name.startswith('dovecot') and name not in KNOWLEDGE:
                yield pathlib.Path(folder) / name


def rebuild(user, mailboxes):
    """Have an sdbox's indexes made from its messages: without sizes, dates and flags.

    Dovecot 2.4 notes the size of a mail in the index when it saves it.
    """
    for path in list(index_files(user.home)):
        path.unlink()
    for mailbox in mailboxes:
        bulk.bulk_doveadm(user, 'force-resync', mailbox, timeout=LONG)


def clone(template, home):
    """The same mail again: message files are linked, index files copied."""
    subprocess.run(['cp', '-a', '--link', template, home], check=True)
    for path in list(index_files(home)):
        data = path.read_bytes()
        path.unlink()
        bulk.write_file(path, data, path.parent.stat().st_mtime)


def without_dates(home):
    """{path: content} of Dovecot's own files but for its caches."""
    return {path: path.read_bytes() for path in index_files(home)
            if not path.name.startswith('dovecot.index.cache')}


class Frozen:
    """A home whose index files can be put back as they were before the first session."""

    def __init__(self, home, storage):
        self.home = home
        # Maildir's can be had from the files; sdbox keeps flags nowhere else.
        self.files = without_dates(home) if storage != 'maildir' else {}

    def restore(self):
        """Back to the first session: no sizes, no dates, nothing that the plugin remembers."""
        self._put(self.files)

    def forget_dates(self):
        """No dates, but what else Dovecot knows, the sizes for one if it has them in the index."""
        self._put(without_dates(self.home))

    def _put(self, files):
        for path in list(index_files(self.home)):
            path.unlink()
        for path, data in files.items():
            bulk.write_file(path, data, bulk.CUTOFF)
        # Dovecot reads a Maildir's folders again and again while they have just changed.
        for folder in self.home.glob('Maildir/**/cur'):
            os.utime(folder, (bulk.CUTOFF, bulk.CUTOFF))
            os.utime(folder.with_name('new'), (bulk.CUTOFF, bulk.CUTOFF))
