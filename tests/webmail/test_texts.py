"""The localisation: every language has every text, and the page no other."""

import json
import re
import subprocess

import pytest

from tests.webmail.roundcube import PLUGIN

LANGUAGES = sorted(path.stem for path in (PLUGIN / 'localization').iterdir())


def texts(language):
    """{label: text}, in order, as PHP reads the file."""
    code = "include $argv[1]; echo json_encode($labels + $messages);"
    done = subprocess.run(['php', '-r', code, str(PLUGIN / 'localization' / (language + '.inc'))],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_four_languages():
    assert LANGUAGES == ['de_DE', 'en_US', 'fr_FR', 'nl_NL']


@pytest.mark.parametrize('language', LANGUAGES)
def test_every_text_is_there(language):
    english, found = texts('en_US'), texts(language)
    assert list(found) == list(english)
    for label, text in found.items():
        assert text.strip() == text != ''
        assert re.findall(r'\$\w+', text) == re.findall(r'\$\w+', english[label])


def test_every_text_is_used():
    code = ''.join(path.read_text() for path in PLUGIN.rglob('*.php'))
    fields = {'access': ['', 'hint', 'on', 'all', 'now', 'since', 'off'],
              'spam': ['', 'hint', 'exclude', 'include', 'only'],
              'delete': ['', 'hint', 'keep', 'read', 'archive', 'trash', 'delete'],
              'keep_for': ['', 'hint', 'infinite'], 'extra_mailboxes': ['', 'hint'],
              'security': ['', 'tls', 'starttls', 'none']}
    made = {field + end for field, ends in fields.items() for end in ends}
    made |= {protocol + 'server' for protocol in ('pop', 'smtp')}
    assert [label for label in texts('en_US') if label not in made and "'%s'" % label not in code] == []
