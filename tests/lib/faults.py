"""Faults for the server to run into, and what must be true after one."""

import contextlib
import os
import shutil
import subprocess

import pytest

from tests.lib.dovecot_config import MAIL_UID
from tests.lib.outcome import state


class SmallDisk:
    """A file system for a user's home alone, which can be filled to the last byte.

    kind: tmpfs of a size, or ext4 of 8 MB with small blocks, in a file beside the home.
    """

    def __init__(self, user, size='3m', kind='tmpfs'):
        self.path = user.home
        self.image = None
        if kind == 'tmpfs':
            mount = ['-t', 'tmpfs', '-o', 'size=%s,mode=0700,uid=%d,gid=%d'
                     % (size, MAIL_UID, MAIL_UID), 'tmpfs']
        else:
            if not shutil.which('mkfs.ext4'):
                pytest.skip('there is no mkfs.ext4')
            self.image = self.path.with_suffix('.image')
            with open(self.image, 'wb') as file:
                file.truncate(8 << 20)
            subprocess.run(['mkfs.ext4', '-q', '-m', '0', '-b', '1024', self.image], check=True)
            mount = ['-o', 'loop', self.image]
        done = subprocess.run(['mount', *mount, self.path], capture_output=True)
        if done.returncode != 0:
            if self.image:
                self.image.unlink()
            pytest.skip('no file system can be mounted here')
        os.chown(self.path, MAIL_UID, MAIL_UID)

    def fill(self, leave=0):
        """Use up all space, but for so many octets."""
        with open(self.path / 'filler', 'wb', buffering=0) as file:
            for size in (65536, 4096, 1024, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(size))
            file.truncate(max(file.tell() - leave, 0))

    def free(self):
        """Give the space back."""
        (self.path / 'filler').unlink()

    def close(self):
        """Unmount, even if a process is still there."""
        subprocess.run(['umount', '-l', self.path], check=True)
        if self.image:
            self.image.unlink()


@contextlib.contextmanager
def mode(path, bits, owner=MAIL_UID):
    """Another mode (and owner) for a file or folder, for a while."""
    before = os.stat(path)
    os.chown(path, owner, owner)
    os.chmod(path, bits)
    try:
        yield
    finally:
        os.chown(path, before.st_uid, before.st_gid)
        os.chmod(path, before.st_mode & 0o7777)


def folders_of(user):
    """The folder in which a new mailbox of this user appears."""
    return user.home / {'maildir': 'Maildir', 'sdbox': 'sdbox/mailboxes',
                        'mdbox': 'mdbox/mailboxes', 'mbox': 'mail'}[user.storage]


def folder_of(user, name):
    """Where one mailbox of this user is."""
    return folders_of(user) / ('.' + name if user.storage == 'maildir' else name)


def everything(user):
    """Subject and digest of every message, as often as there are copies."""
    return sorted((place.name, place.digest) for place in state(user))
