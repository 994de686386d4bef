"""A clock of its own for the POP3 sessions of a server, and for doveadm, by libfaketime.

All else (IMAP, delivery) goes by the clock of the machine.
"""

import os
import pathlib
import shutil
import tempfile

import pytest

from tests.lib import sanitizer
from tests.lib.harness import PATH
from tests.lib.places import LIBEXEC

DAY = 86400
# what libfaketime has in /dev/shm, before the pid
SHARED = ('faketime_shm_', 'sem.faketime_sem_')
# -a: doveadm has doveconf start it again, with an environment of its own.
WRAPPER = """#!/bin/bash
export {offset} LD_PRELOAD={preload} FAKETIME_DONT_FAKE_MONOTONIC=1
echo $$ >>{folder}/pids
exec -a $0 {program} "$@"
"""
# whether a process has the offset that was set when it started, or looks at it each time
AT_START = 'FAKETIME=$(cat {folder}/offset)'
EACH_TIME = 'FAKETIME_TIMESTAMP_FILE={folder}/offset FAKETIME_NO_CACHE=1'


class Clock:
    """What `service pop3` executes; the offset counts for processes that start from then on.

    steps: it counts at once, for those that run, too.
    """

    def __init__(self, steps=False):
        sanitizer.excludes('libfaketime')
        libraries = [*pathlib.Path('/usr/lib').glob('*/faketime/libfaketime.so.1')]
        if not libraries:
            pytest.skip('no libfaketime')
        self.preload = libraries[0]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix='pp-clock-'))
        self.folder.chmod(0o755)
        self.source = (EACH_TIME if steps else AT_START).format(folder=self.folder)
        self.service = {'executable': self._wrap(LIBEXEC / 'pop3')}
        # The times of files are as wrong as the clock is, so that locks work: dates of mails must
        # come from the cache, which forgets after a month what is not always in it.
        self.spec = {'pop3_service': self.service,
                     'settings': {'mail_always_cache_fields': 'date.received'}}
        self._wrap(shutil.which('doveadm', path=PATH))
        self.set(0)

    def _wrap(self, program):
        """Something to execute in place of the program, with this clock."""
        wrapper = self.folder / os.path.basename(program)
        wrapper.write_text(WRAPPER.format(folder=self.folder, preload=self.preload,
                                          offset=self.source, program=program))
        wrapper.chmod(0o755)
        return wrapper

    def close(self):
        """Remove what sessions execute."""
        self.sweep()
        shutil.rmtree(self.folder)

    def sweep(self):
        """Remove the shared memory of processes that have ended: they had given up the rights."""
        pids = self.folder / 'pids'
        for pid in pids.read_text().split() if pids.exists() else ():
            if not os.path.exists('/proc/' + pid):
                for name in SHARED:
                    pathlib.Path('/dev/shm', name + pid).unlink(missing_ok=True)
        pids.unlink(missing_ok=True)

    def set(self, offset):
        """So many seconds away from the machine's clock."""
        self.offset = int(offset)
        draft = self.folder / 'offset.new'
        draft.write_text('%+ds' % self.offset)
        draft.rename(self.folder / 'offset')

    def advance(self, seconds):
        """So many seconds later, or earlier."""
        self.set(self.offset + seconds)

    def environment(self):
        """For a doveadm that is to have this clock."""
        return {'PATH': '%s:%s' % (self.folder, PATH)}
