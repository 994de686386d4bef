"""A clock of its own for the POP3 sessions of a server, and for doveadm, by libfaketime.

All else (IMAP, delivery) goes by the clock of the machine.
"""

import pathlib
import tempfile

import pytest

from tests.lib.places import LIBEXEC

DAY = 86400
WRAPPER = """#!/bin/sh
FAKETIME=$(cat {folder}/offset)
export FAKETIME LD_PRELOAD={library} FAKETIME_DONT_FAKE_MONOTONIC=1
exec {libexec}/pop3 "$@"
"""


class Clock:
    """What `service pop3` executes; the offset counts for processes that start from then on."""

    def __init__(self):
        libraries = [*pathlib.Path('/usr/lib').glob('*/faketime/libfaketime.so.1')]
        if not libraries:
            pytest.skip('no libfaketime')
        self.library = libraries[0]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='pp-clock-'))
        self.folder.chmod(0o755)
        wrapper = self.folder / 'pop3'
        wrapper.write_text(WRAPPER.format(folder=self.folder, library=self.library,
                                          libexec=LIBEXEC))
        wrapper.chmod(0o755)
        self.service = {'executable': wrapper}
        self.set(0)

    def set(self, offset):
        """So many seconds away from the machine's clock."""
        self.offset = int(offset)
        (self.folder / 'offset').write_text('%+ds' % self.offset)

    def advance(self, seconds):
        """So many seconds later, or earlier."""
        self.set(self.offset + seconds)

    def environment(self):
        """For a program that is to have this clock, such as doveadm."""
        return {'FAKETIME': '%+ds' % self.offset, 'LD_PRELOAD': str(self.library),
                'FAKETIME_DONT_FAKE_MONOTONIC': '1'}
