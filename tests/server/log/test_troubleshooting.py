"""doc/troubleshooting.md explains every line that the plugin writes for an administrator."""

import re

import pytest

from tests.lib.places import SOURCE

PAGE = re.sub(r'\s+', ' ', (SOURCE / 'doc/troubleshooting.md').read_text())
CALL = re.compile(r'\b(?:e_error|e_warning|e_info|mailbox_set_critical)\((.*?)\);', re.S)
STRING = r'"(?:[^"\\]|\\.)*"'


def lines():
    """The longest fixed part of the text of each log call in src, by file."""
    for path in sorted((SOURCE / 'src').glob('*/*.c')):
        for call in CALL.findall(path.read_text()):
            texts = [''.join(part[1:-1] for part in re.findall(STRING, text))
                     for text in re.findall(r'(?:%s\s*)+' % STRING, call)]
            text = max(texts, key=len)
            parts = [part.strip(' :().') for part in re.split(r'%\S+|pop_policy: ', text)]
            yield path.name, max(parts, key=len)


LINES = sorted(set(lines()))


@pytest.mark.parametrize('path,text', LINES, ids=['%s-%s' % line for line in LINES])
def test_the_page_has_the_line(path, text):
    assert path and len(text) >= 8 and text in PAGE


def test_there_are_lines():
    assert len(LINES) > 15
