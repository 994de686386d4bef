"""Behaviour 2: which part of the configuration counts for whom."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.config_text import section, text
from tests.lib.dovecot_config import IS_24, policy
from tests.lib.mailuser import fill
from tests.lib.model import DISABLED

pytestmark = pytest.mark.release

INBOX_ONLY = ['one', 'two', 'three']
MERGED = ['one', 'spam1', 'two', 'spam2', 'three']
SPAM_ONLY = ['spam1', 'spam2']


def within(*sections, **values):
    """Configuration text: the policy in sections, the outermost first."""
    lines = policy(values)
    for name in reversed(sections):
        lines = section(name, lines)
    return text(lines)


def queue_from(user, source):
    """The POP queue that a client at this address sees, or the refusal."""
    with user.connect(source=source) as client:
        answer = client.login(user.name, user.password)
        if not answer.startswith('+OK'):
            return answer
        subjects = client.subjects()
        client.quit()
    return subjects


@pytest.fixture
def filled(get_server):
    """A user with mail on a server with that policy and configuration text."""
    def make(extra, **values):
        user = get_server(policy=values, extra=extra).add_user()
        fill(user)
        return user
    return make


def test_protocol_pop3_wins_over_what_holds_for_all(filled):
    user = filled(within('protocol pop3', spam='only'), spam='include')
    assert user.queue() == SPAM_ONLY


def test_another_protocol_does_not_count(filled):
    user = filled(within('protocol imap', spam='only', enabled=False), spam='include')
    assert user.queue() == MERGED


def test_userdb_wins_over_protocol_pop3(filled):
    user = filled(within('protocol pop3', enabled=False, spam='only'))
    assert login_answer(user) == DISABLED
    user.policy(enabled='yes', spam='include')
    assert user.queue() == MERGED


@pytest.mark.parametrize('sections', [
    ('remote 127.0.0.2',), ('remote 127.0.0.2/31', 'protocol pop3')])
def test_a_policy_for_some_clients(filled, sections):
    user = filled(within(*sections, spam='only'))
    assert queue_from(user, '127.0.0.1') == INBOX_ONLY
    assert queue_from(user, '127.0.0.2') == SPAM_ONLY
    user.policy(spam='include')
    assert queue_from(user, '127.0.0.2') == MERGED


def test_pop_for_the_own_network_only(filled):
    user = filled(within('remote 127.0.0.2', enabled=True), enabled=False)
    assert queue_from(user, '127.0.0.1') == DISABLED
    assert queue_from(user, '127.0.0.2') == INBOX_ONLY


@pytest.mark.parametrize('address,queue', [('127.0.0.1', MERGED), ('127.0.0.2', INBOX_ONLY)])
def test_a_policy_for_a_local_address(filled, address, queue):
    assert filled(within('local ' + address, spam='include')).queue() == queue


@pytest.mark.skipif(not IS_24, reason='the configuration is for Dovecot 2.4')
def test_fields_of_a_userdb_with_variables(get_server):
    fields = ['pop_policy_enabled = no', 'pop_policy_disabled_text = Sorry, %{user}.']
    extra = text(section('userdb users0', section('fields', fields)))
    user = get_server(extra=extra, policy={'disabled_text': 'No.'}).add_user()
    assert login_answer(user) == '-ERR [SYS/PERM] Sorry, %s.' % user.name
