"""Running pop3 sessions under valgrind and reading what it found."""

import contextlib
import os
import pathlib
import signal
import xml.etree.ElementTree as ElementTree

from tests.lib.places import LIBEXEC
from tests.lib.processes import is_waiting
from tests.lib.serverlog import poll

SUPPRESSIONS = pathlib.Path(__file__).resolve().parent / 'valgrind.supp'
WRAPPER = """#!/bin/sh
exec /usr/bin/valgrind -q --leak-check=full --show-leak-kinds=definite \
--errors-for-leak-kinds=definite --num-callers=40 --keep-debuginfo=yes --vgdb=no \
--child-silent-after-fork=yes --suppressions={supp} --xml=yes --xml-file={folder}/%p.xml \
{libexec}/pop3 "$@"
"""


class Valgrind:
    """The wrapper that `service pop3` executes, and its reports, one XML file per process.

    Valgrind takes longer to start than many sessions do, so a process serves those of many tests.
    """

    def __init__(self, server):
        self.server = server
        self.folder = server.root / 'valgrind'
        self.folder.mkdir()
        self.folder.chmod(0o777)
        wrapper = server.root / 'pop3-valgrind'
        wrapper.write_text(WRAPPER.format(supp=SUPPRESSIONS, folder=self.folder, libexec=LIBEXEC))
        wrapper.chmod(0o755)
        self.service = {'executable': wrapper, 'service_count': 1000, 'vsz_limit': '4 G'}
        self.known = set()

    def _processes(self):
        return [pid for name in ('pop3', 'memcheck-amd64-')
                for pid in self.server.processes(name)]

    def _errors(self):
        """{(file, number): text} of all errors; those of leaks come when a process ends."""
        found = {}
        for path in self.folder.iterdir():
            # (the file of a process that still runs is not complete)
            parser = ElementTree.XMLPullParser(['end'])
            parser.feed(path.read_bytes())
            found.update({(path.name, error.findtext('unique')): describe(error)
                          for _, error in parser.read_events() if error.tag == 'error'})
        return found

    def forget(self):
        """A new test begins: what earlier sessions have done does not count."""
        self.known = set(self._errors())

    def problems(self):
        """One text per error of this test's sessions, once none of them is at work."""
        assert poll(lambda: all(map(is_waiting, self._processes())), 60), 'pop3 does not rest'
        assert any(self.folder.iterdir()), 'valgrind has reported nothing'
        return [text for key, text in self._errors().items() if key not in self.known]

    def end(self):
        """End all processes, when they are idle."""
        def ended():
            left = self._processes()
            for pid in filter(is_waiting, left):
                # as the master ends idle processes; one that has a client goes on
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
            return not left
        assert poll(ended, 60, 0.05), 'pop3 does not end'

    def everything(self):
        """One text per error or definite leak of all sessions; all processes have ended."""
        return list(self._errors().values())


def describe(error):
    """Kind, text and stacks of one valgrind error."""
    lines = [error.findtext('kind'), error.findtext('what') or error.findtext('xwhat/text') or '']
    for frame in error.iter('frame'):
        lines.append('  %s (%s:%s)' % (frame.findtext('fn') or frame.findtext('ip'),
                                       frame.findtext('file') or frame.findtext('obj'),
                                       frame.findtext('line')))
    return '\n'.join(lines)
