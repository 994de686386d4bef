"""Real POP clients download everything once, whatever becomes of the policy."""

import pytest

from tests.lib.mailclients import Curl, Fetchmail, Getmail, Mpop
from tests.lib.mailuser import NOON, fill
from tests.lib.model import DISABLED, INVALID, UNAVAILABLE
from tests.lib.outcome import after, state

INBOX, SPAM = ['one', 'three', 'two'], ['spam1', 'spam2']
MERGED = sorted(INBOX + SPAM)
with_uidls = pytest.mark.parametrize('kind', [Fetchmail, Mpop, Getmail])
with_all = pytest.mark.parametrize('kind', [Fetchmail, Mpop, Getmail, Curl])


@pytest.fixture
def client(user, kind):
    """A client for a user with some mail."""
    fill(user)
    return kind(user)


@with_uidls
def test_everything_once(client):
    client.user.policy(spam='include')
    assert client.fetch()[0] == MERGED
    assert client.fetch()[0] == []
    client.user.append('Junk', ('spam3', NOON - 100))
    client.user.append('INBOX', ('four', NOON + 100))
    assert client.fetch()[0] == ['four', 'spam3']
    assert client.fetch()[0] == []
    assert sorted(client.user.queue()) == sorted([*MERGED, 'four', 'spam3'])


@with_uidls
def test_spam_on_and_off_again_downloads_nothing_twice(client):
    assert client.fetch()[0] == INBOX
    uidls = client.user.uidls()
    client.user.policy(spam='include')
    assert client.fetch()[0] == SPAM
    assert client.fetch()[0] == []
    assert uidls.items() <= client.user.uidls().items()
    client.user.policy(spam='exclude')
    assert client.fetch()[0] == []
    assert client.user.uidls() == uidls


@pytest.mark.parametrize('kind', [Getmail])
def test_a_client_that_never_forgets_downloads_nothing_twice(client):
    """Others forget the UIDLs they do not see, and see again what comes back as new."""
    seen = {}
    for spam, news in (('exclude', INBOX), ('include', SPAM), ('only', []), ('exclude', []),
                       ('only', []), ('include', [])):
        client.user.policy(spam=spam)
        assert client.fetch()[0] == news, spam
        uidls = client.user.uidls()
        assert all(seen.setdefault(name, uidl) == uidl for name, uidl in uidls.items())


@with_uidls
def test_dates_and_dequeued_mail_download_nothing_twice(client):
    client.user.policy(spam='include')
    assert client.fetch()[0] == MERGED
    client.user.policy(spam='include', since='20260115120005Z')
    assert client.fetch()[0] == []
    client.user.store('INBOX', 'two', '+FLAGS', '$POPDequeued')
    assert client.fetch()[0] == []


@with_all
def test_a_client_that_deletes(client):
    assert client.fetch(keep=False)[0] == INBOX
    assert client.user.subjects() == []
    assert client.user.subjects('Junk') == SPAM


@with_all
@pytest.mark.parametrize('action', ['keep', 'archive'])
def test_a_client_that_deletes_under_a_policy_that_does_not(client, action):
    client.user.policy(spam='include', delete=action)
    before = state(client.user)
    assert client.fetch(keep=False)[0] == MERGED
    assert state(client.user) == after(before, action, MERGED)
    assert client.fetch(keep=False)[0] == []
    assert client.user.queue() == []
    client.user.append('INBOX', ('four', NOON + 100))
    assert client.fetch(keep=False)[0] == ['four']
    assert client.user.queue() == []


@pytest.mark.parametrize('kind', [Mpop, Getmail, Curl])
def test_retrieve_action_for_a_client_that_leaves_mail(client):
    client.user.policy(retrieve='archive', spam='include')
    before = state(client.user)
    assert client.fetch()[0] == MERGED
    assert state(client.user) == after(after(before, 'seen', MERGED), 'archive', MERGED)
    assert client.fetch()[0] == []


@pytest.mark.parametrize('kind', [Fetchmail])
def test_fetchmail_keeping_mail_uses_top_which_does_not_count(client):
    client.user.policy(retrieve='delete', spam='include')
    assert client.fetch()[0] == MERGED
    assert sorted(client.user.queue()) == MERGED
    assert client.fetch()[0] == []


@with_uidls
@pytest.mark.parametrize('policy,answer', [
    ({'enabled': 'no'}, DISABLED), ({'available': 'no'}, UNAVAILABLE), ({'spam': 'x'}, INVALID)],
    ids=['disabled', 'unavailable', 'invalid'])
def test_the_client_shows_why_a_login_is_refused(client, policy, answer):
    client.user.policy(**policy)
    news, text = client.fetch(keep=False)
    assert news == []
    assert answer.partition('] ')[2] in ' '.join(text.split())
    if answer == INVALID:
        client.user.server.log.allow_errors('pop_policy_spam')
    client.user.policy()
    assert client.fetch()[0] == INBOX


@with_uidls
def test_a_refused_login_makes_no_client_forget(client):
    assert client.fetch()[0] == INBOX
    client.user.policy(enabled='no')
    assert client.fetch()[0] == []
    client.user.policy(spam='include')
    assert client.fetch()[0] == SPAM
