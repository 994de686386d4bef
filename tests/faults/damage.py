"""Faults: indexes and the like are lost or damaged."""

import contextlib

from tests.faults.row import QUIT

# What Dovecot keeps beside mail, and whether flags are in it. (dbox has them in indexes alone, and
# a Maildir's names of keywords are in a file of their own. What a Maildir or an mbox has lost of an
# index is in the mail itself, but for what has not been written there yet.)
CACHE = 'dovecot.index.cache'
FILES = {CACHE: False, 'dovecot.index': True, 'dovecot.index.log': True,
         'dovecot-uidlist': False, 'dovecot-keywords': True, 'dovecot.map.index': True,
         'dovecot.map.index.log': True, 'dovecot.list.index': False,
         'dovecot.list.index.log': False}


def files(run):
    """The files that are to be damaged: one, or all indexes of a mailbox."""
    found = sorted(path for path in run.user.home.rglob('dovecot*') if path.name in FILES)
    # one of the kinds of files first: there are fewer of some
    name = run.random.choice(sorted({path.name for path in found}))
    path = run.random.choice([path for path in found if path.name == name])
    chosen = [path]
    if name.startswith('dovecot.index') and run.random.random() < 0.3:
        chosen = [other for other in found if other.parent == path.parent and
                  other.name.startswith('dovecot.index')]
    run.flags_lost = any(FILES[path.name] for path in chosen)
    # what is expunged from an mdbox is in its files until it is purged, and a new map finds it
    run.may_return = run.storage == 'mdbox'
    if name.startswith('dovecot.map'):
        # Dovecot crashes when it closes a mailbox, QUIT being answered, and wants to rebuild the
        # storage while this cannot be locked (mdbox_map_atomic_unset_fscked), or finds the map's
        # index still in use.
        run.explained = r'killed with signal (6|11)|Panic: Leaked view for index .*mdbox-map\.c'
    if name == 'dovecot-uidlist':
        # A mail whose file has another name there is a new one to Dovecot: what the session has
        # deleted is gone.
        mailbox = path.parent.name.partition('.')[2] or 'INBOX'
        run.may_stay = {mail.name[0] for mail in run.before if mail.mailbox == mailbox}
    run.details = ' '.join(str(path.relative_to(run.user.home)) for path in chosen)
    return chosen


@contextlib.contextmanager
def deleted(run):
    """They are not there any more."""
    for path in files(run):
        path.unlink()
    yield


def forget_caches(run):
    """Dovecot believes what a damaged cache says of sizes and dates, in IMAP too."""
    run.server.wait_for_end()
    for path in run.user.home.rglob(CACHE):
        path.unlink(missing_ok=True)


@contextlib.contextmanager
def cut(run):
    """They are shorter."""
    for path in files(run):
        size = path.stat().st_size
        length = run.random.choice((0, run.random.randint(0, size), max(size - 4, 0)))
        run.details += ' (%d of %d octets)' % (length, size)
        if path.name == CACHE and run.when == QUIT:
            # the session has it in its memory, and Dovecot reads there what is no more
            run.explained = 'killed with signal (7|11)'
        with open(path, 'r+b') as file:
            file.truncate(length)
    yield
    forget_caches(run)


@contextlib.contextmanager
def garbage(run):
    """There are random octets in them."""
    chosen = files(run)
    for path in chosen:
        size = path.stat().st_size
        start = run.random.choice((0, run.random.randint(0, size)))
        length = run.random.choice((1, 4, 64, size))
        run.details += ' (%d octets at %d of %d)' % (length, start, size)
        with open(path, 'r+b') as file:
            file.seek(start)
            file.write(run.random.randbytes(length))
    yield
    forget_caches(run)
