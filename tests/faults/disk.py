"""Faults: disks and quotas that are full, rights that are missing."""

import contextlib
import imaplib
import os
import shutil
import stat

from tests.faults.crash import after
from tests.faults.store import IDENT, append, mail
from tests.lib.dovecot_config import IS_24, MAIL_UID
from tests.lib.faults import SmallDisk
from tests.lib.mailuser import NOON

# On a full disk Dovecot fails an assertion of its own when it expunges from sdbox, and an mdbox
# may have to rebuild its indexes. It is so without the plugin, too.
FULL = r'No space left on device|in-memory|pop_policy|Couldn.t|/dovecot\.index.* failed' \
    r'|dovecot-uidlist: next_uid was lowered' \
    r'|Panic: Leaked view for index .* mail-index-sync\.c|Raw backtrace|signal 6' \
    r'|refcount too low|reset, view is now inconsistent|Inconsistency in map index|disk space'


def small(kind):
    """A place for the home: a disk of this kind."""
    @contextlib.contextmanager
    def place(run):
        run.disk = SmallDisk(run.user, size='8m', kind=kind)
        try:
            yield
        finally:
            run.server.wait_for_end()
            run.disk.close()
    return place


def room(run):
    """How much of the disk stays free."""
    return run.random.choice((0, 0, run.random.randint(0, 40000)))


@contextlib.contextmanager
def full(run):
    """The disk is full, or nearly."""
    leave = room(run)
    run.details = '%d octets left' % leave
    run.disk.fill(leave)
    yield
    run.server.wait_for_end()
    run.disk.free()


@contextlib.contextmanager
def fills_up(run):
    """The disk becomes full during QUIT."""
    leave = room(run)
    run.details = '%d octets left after %.4f s' % (leave, run.moment)
    # with less to write at that moment
    run.disk.fill(200000)
    filler = run.disk.path / 'filler'

    def rest():
        with open(filler, 'ab', buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(1024))
    thread = after(run.moment, rest)
    yield
    thread.join()
    run.server.wait_for_end()
    run.disk.free()


# -- quota

OVER = 'Old/Mail'
LIMITED = {'User': {'namespace': 'inbox', 'storage': '1G'},
           'Old': {'namespace': 'old', 'storage': '10K'}}


def limited(storage):
    """A server with a namespace that takes little mail."""
    return {'others': {'quota': LIMITED}, 'storage': storage, 'namespaces': {
        'old': {'prefix': 'Old/', 'storage': storage, 'path': '~/old'}}}


@contextlib.contextmanager
def quota_full(run):
    """There is no room in the namespace that mail is to be moved to."""
    with run.user.imap() as client:
        client.create(OVER)
        for number in range(100):
            ident = 'filler%d' % number
            raw = mail(ident, run.random.choice((10, 100)))
            if not append(client, OVER, [(raw, NOON, '')]):
                break
            run.raws[ident] = raw
            run.arrived.add(ident)
        else:
            raise imaplib.IMAP4.error('the quota is never full')
    yield


@contextlib.contextmanager
def quota_fills_up(_run):
    """There is room for some of the mail that is to be moved."""
    yield


# -- rights

def thing(run):
    """A file or folder below the home, of mail or indexes."""
    found = sorted(run.user.home.rglob('*'))
    folders = [path for path in found if path.is_dir()]
    # mail is many files: not all luck shall fall on it
    special = [path for path in found if path.is_file() and path.name.startswith('dovecot')]
    mails = [path for path in found if path.is_file() and path not in special]
    group = run.random.choice([group for group in (folders, special, mails) if group])
    path = run.random.choice(group)
    run.details = str(path.relative_to(run.user.home))
    return path


@contextlib.contextmanager
def lacking(run, path, bits, owner):
    """A mode for a while."""
    inode = path.stat().st_ino
    # what cannot be removed from a dbox is out of its index, and comes back by force-resync
    run.may_return = run.storage in ('sdbox', 'mdbox')
    if path.name.startswith('dovecot.list.index'):
        # Dovecot's own assertion fails, in imap as in pop3, without the plugin as with it
        run.explained = r'Panic: .* \(mail_index_sync_map\)|killed with signal 6'
    if IS_24 and path.name == 'dovecot.index.log':
        # so does IMAP, and so does a POP3 login without the plugin
        run.explained = r'Panic: file mdbox-save\.c|killed with signal (6|11)'
    os.chown(path, owner, owner)
    path.chmod(bits)
    try:
        yield
        run.server.wait_for_end()
    finally:
        # Dovecot gives new files the mode of others, and the file may have moved.
        for place in run.user.home.rglob('*'):
            status = place.lstat()
            if status.st_ino == inode or status.st_mode & 0o600 != 0o600:
                os.chown(place, MAIL_UID, MAIL_UID)
                place.chmod(0o700 if stat.S_ISDIR(status.st_mode) else 0o600)


@contextlib.contextmanager
def unwritable(run):
    """A file or folder cannot be written."""
    path = thing(run)
    with lacking(run, path, 0o555 if path.is_dir() else 0o444, MAIL_UID):
        yield


@contextlib.contextmanager
def unreadable(run):
    """A file or folder cannot be read."""
    path = thing(run)
    with lacking(run, path, 0, run.random.choice((0, MAIL_UID))):
        yield


# -- what is not there, or is something else

@contextlib.contextmanager
def away(run, path, put):
    """Something is away for a while, and put(path) may have put something else in its place."""
    aside = run.server.root / ('aside-' + run.user.name)
    # Mail that is in it is not there during QUIT, and may be there again afterwards.
    run.touched |= {one.name[0] for one in run.before}
    run.flags_lost = run.may_return = True
    shutil.move(path, aside)
    put(path)
    mine = inode_of(path)
    yield
    run.server.wait_for_end()
    if inode_of(path) == mine:
        if mine:
            remove(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(aside, path)
        for place in (path.parent, path, *path.rglob('*')):
            os.chown(place, MAIL_UID, MAIL_UID, follow_symlinks=False)
        return
    # Dovecot has made it anew: what was there is lost for good
    run.may_go |= {found[1].decode() for file in (aside, *aside.rglob('*')) if file.is_file()
                   for found in IDENT.finditer(file.read_bytes())}
    remove(aside)


def remove(path):
    """A file, link or folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def inode_of(path):
    """What is there, None if nothing is."""
    return path.lstat().st_ino if os.path.lexists(path) else None


@contextlib.contextmanager
def missing(run):
    """A file or folder is not there."""
    with away(run, thing(run), lambda path: None):
        yield


def something_else(run, folder):
    """Something to put where a file, or folder, was."""
    kind = run.random.choice(('other', 'loop', 'nowhere'))
    run.details += ': ' + kind

    def put(path):
        if kind == 'loop':
            path.symlink_to(path)
        elif kind == 'nowhere':
            path.symlink_to('/nonexistent/place')
        elif folder:
            path.write_bytes(b'')
        else:
            path.mkdir()
        os.chown(path, MAIL_UID, MAIL_UID, follow_symlinks=False)
    return put


@contextlib.contextmanager
def other_type(run):
    """A file is a folder, or a folder a file, or either a link that leads nowhere."""
    path = thing(run)
    with away(run, path, something_else(run, path.is_dir())):
        yield
