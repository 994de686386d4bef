"""Running pop3 sessions under valgrind and reading what it found."""

import pathlib
import xml.etree.ElementTree as ElementTree

from tests.lib.places import LIBEXEC
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

    def __init__(self, root):
        self.folder = root / 'valgrind'
        self.folder.mkdir()
        self.folder.chmod(0o777)
        wrapper = root / 'pop3-valgrind'
        wrapper.write_text(WRAPPER.format(supp=SUPPRESSIONS, folder=self.folder, libexec=LIBEXEC))
        wrapper.chmod(0o755)
        self.wrapper = str(wrapper)

    def reports(self):
        """The parsed reports, [] while one of them is still being written."""
        found = []
        for path in self.folder.glob('*.xml'):
            try:
                found.append(ElementTree.parse(path).getroot())
            except ElementTree.ParseError:
                return []
        return found

    def problems(self, sessions=1, wait=60):
        """One text per error or definite leak, after that many processes have ended."""
        reports = poll(lambda: len(r := self.reports()) >= sessions and r, wait, 0.1)
        assert reports, 'valgrind has not reported %d ended processes' % sessions
        return [describe(error) for report in reports for error in report.iter('error')]


def describe(error):
    """Kind, text and stacks of one valgrind error."""
    lines = [error.findtext('kind'), error.findtext('what') or error.findtext('xwhat/text') or '']
    for frame in error.iter('frame'):
        lines.append('  %s (%s:%s)' % (frame.findtext('fn') or frame.findtext('ip'),
                                       frame.findtext('file') or frame.findtext('obj'),
                                       frame.findtext('line')))
    return '\n'.join(lines)
