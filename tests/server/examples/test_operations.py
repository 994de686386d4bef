"""doc/operations.md: what is written there works."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.documents import block
from tests.lib.examples import VERSION
from tests.lib.model import DISABLED
from tests.lib.places import SOURCE

PAGE = (SOURCE / 'doc/operations.md').read_text()


@pytest.fixture
def written(get_server):
    """A function: a server with a block of the page in its configuration, some words replaced."""
    def get(name, **words):
        text = block('%s, %s' % (name, VERSION), PAGE)
        for old, new in words.get('replace', {}).items():
            assert old in text
            text = text.replace(old, new)
        return get_server(extra=text)
    return get


def allowed(server, name, **policy):
    """Whether POP lets a new user in."""
    user = server.add_user(name)
    user.policy(**policy)
    answer = login_answer(user)
    assert answer == DISABLED or answer.startswith('+OK')
    return answer.startswith('+OK')


def test_off_for_a_domain(written):
    server = written('off for a domain')
    assert not allowed(server, 'a@example.org')
    assert allowed(server, 'b@example.com')
    assert allowed(server, 'c@example.org', enabled='yes')


def test_off_but_for_some(written):
    server = written('off but for some')
    assert not allowed(server, 'a@example.org')
    assert not allowed(server, 'b@example.org', enabled='')
    assert allowed(server, 'c@example.org', enabled='yes')


def test_off_outside(written):
    inside = written('off outside', replace={'192.0.2.0/24': '127.0.0.0/8'})
    assert allowed(inside, 'a@example.org')
    outside = written('off outside')
    assert not allowed(outside, 'b@example.org')


def test_every_block_is_for_both_versions():
    for name in ('off for a domain', 'off but for some', 'off outside'):
        assert all(block('%s, %s' % (name, version), PAGE) for version in ('2.3', '2.4'))
