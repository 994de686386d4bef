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
    """The wrapper that `service pop3` executes, and its reports, one XML file per process."""

    def __init__(self, server):
        self.server = server
        self.folder = server.root / 'valgrind'
        self.folder.mkdir()
        self.folder.chmod(0o777)
        wrapper = server.root / 'pop3-valgrind'
        wrapper.write_text(WRAPPER.format(supp=SUPPRESSIONS, folder=self.folder, libexec=LIBEXEC))
        wrapper.chmod(0o755)
        # valgrind takes longer to start than a session does
        self.service = {'executable': wrapper, 'service_count': 1000, 'vsz_limit': '4 G'}

    def end(self):
        """End all processes, when they are idle."""
        def ended():
            left = [pid for name in ('pop3', 'memcheck-amd64-')
                    for pid in self.server.processes(name)]
            for pid in filter(is_waiting, left):
                # as the master ends idle processes; one that has a client goes on
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGINT)
            return not left
        assert poll(ended, 60, 0.05), 'pop3 does not end'

    def forget(self):
        """Put the reports of earlier sessions away."""
        self.end()
        for path in self.folder.iterdir():
            path.unlink()

    def problems(self):
        """One text per error or definite leak."""
        self.end()
        reports = [ElementTree.parse(path) for path in self.folder.iterdir()]
        assert reports, 'valgrind has reported nothing'
        return [describe(error) for report in reports for error in report.iter('error')]


def describe(error):
    """Kind, text and stacks of one valgrind error."""
    lines = [error.findtext('kind'), error.findtext('what') or error.findtext('xwhat/text') or '']
    for frame in error.iter('frame'):
        lines.append('  %s (%s:%s)' % (frame.findtext('fn') or frame.findtext('ip'),
                                       frame.findtext('file') or frame.findtext('obj'),
                                       frame.findtext('line')))
    return '\n'.join(lines)
