"""Behaviour 3.1, 3.2 and 3.13: what a login is answered, and for whom."""

import re

import pytest

from tests.lib.answers import login_answer, mailbox_files
from tests.lib.harness import MASTER_PASSWORD, MASTER_USER
from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.model import DISABLED, INVALID, UNAVAILABLE
from tests.lib.serverlog import poll

LOGGED_IN = '+OK Logged in.'
LOGGING_OUT = '+OK Logging out.'
REFUSALS = [({'available': 'no'}, UNAVAILABLE), ({'enabled': 'no'}, DISABLED),
            ({'since': 'soon'}, INVALID)]
LOCKING = {'pop3_lock_session': True}


def user_pass(user):
    """USER and PASS."""
    client = user.connect()
    return client, client.login(user.name, user.password)


def user_pass_tls(user):
    """USER and PASS on the TLS port."""
    client = user.connect(tls=True)
    return client, client.login(user.name, user.password)


def user_pass_stls(user):
    """USER and PASS after STLS."""
    client = user.connect()
    client.stls()
    return client, client.login(user.name, user.password)


def auth_plain(user):
    """AUTH PLAIN with an initial response."""
    client = user.connect()
    return client, client.auth_plain(user.name, user.password)


def auth_plain_challenge(user):
    """AUTH PLAIN without an initial response."""
    client = user.connect()
    return client, client.auth_plain(user.name, user.password, initial=False)


def auth_plain_tls(user):
    """AUTH PLAIN on the TLS port."""
    client = user.connect(tls=True)
    return client, client.auth_plain(user.name, user.password)


def auth_plain_cancelled_first(user):
    """AUTH PLAIN, cancelled, then again."""
    client = user.connect()
    client.cmd('AUTH PLAIN')
    assert client.cmd('*').startswith('-ERR')
    return client, client.auth_plain(user.name, user.password)


def master_user_pass(user):
    """USER and PASS of a master user for this account."""
    client = user.connect()
    return client, client.login('%s*%s' % (user.name, MASTER_USER), MASTER_PASSWORD)


def master_auth_plain(user):
    """AUTH PLAIN of a master user for this account."""
    client = user.connect()
    return client, client.auth_plain(user.name, MASTER_PASSWORD, master=MASTER_USER)


WAYS = [user_pass, user_pass_tls, user_pass_stls, auth_plain, auth_plain_challenge, auth_plain_tls,
        auth_plain_cancelled_first, master_user_pass, master_auth_plain]


@pytest.fixture(params=[{}, LOCKING], ids=['unlocked', 'locked'])
def site(request, get_server):
    """The plugin's server with and without pop3_lock_session."""
    return get_server(settings=request.param)


def pop3_infos(user):
    """The info lines of this user's pop3 processes."""
    return user.server.log.infos(r'pop3\(%s\)' % user.name, wait=5)


# -- the answer

@pytest.mark.parametrize('way', WAYS)
@pytest.mark.parametrize('policy,answer', REFUSALS, ids=['available', 'enabled', 'invalid'])
def test_refusal_is_the_answer_to_the_login(site, way, policy, answer):
    user = site.add_user()
    user.policy(**policy)
    client, reply = way(user)
    with client:
        assert reply == answer
        assert client.quit() == LOGGING_OUT
        assert b'Logged in' not in client.received()
    if answer == INVALID:
        site.log.claim_error('pop_policy_since')


@pytest.mark.parametrize('way', WAYS)
def test_every_way_of_login_gets_the_policy(site, way):
    user = site.add_user()
    fill(user)
    user.policy(since=stamp(NOON + 10))
    client, reply = way(user)
    with client:
        assert reply == LOGGED_IN
        assert client.subjects() == ['two', 'three']
        client.quit()


def test_wrong_password_of_a_refused_account_tells_nothing(user):
    user.policy(enabled='no')
    with user.connect() as client:
        assert client.login(user.name, 'wrong').startswith('-ERR [AUTH]')


def test_pipelined_commands_behind_an_accepted_pass_are_answered(site):
    user = site.add_user(fields={'pop_policy_spam': 'include'})
    fill(user)
    with user.connect() as client:
        client.send('USER ' + user.name, 'PASS ' + user.password, 'STAT', 'DELE 2', 'QUIT')
        answers = [client.reply()[:5] for _ in range(5)]
        assert answers == ['+OK', '+OK L', '+OK 5', '+OK M', '+OK L']
    assert poll(lambda: user.subjects('Junk') == ['spam2'])


def test_unavailable_and_disabled_have_texts_of_their_own(get_server):
    server = get_server(policy={'unavailable_text': 'Not in your plan.',
                                'disabled_text': 'Switched off.'})
    unavailable = server.add_user(fields={'pop_policy_available': 'no'})
    disabled = server.add_user(fields={'pop_policy_enabled': 'no'})
    assert login_answer(unavailable) == '-ERR [SYS/PERM] Not in your plan.'
    assert login_answer(disabled) == '-ERR [SYS/PERM] Switched off.'


# -- the log

@pytest.mark.parametrize('policy,why', [({'available': 'no'}, 'availab|plan'),
                                        ({'enabled': 'no'}, 'enabled|disabled')])
def test_a_refusal_logs_one_info_line_that_says_why(site, policy, why):
    user = site.add_user()
    user.policy(**policy)
    login_answer(user)
    lines = pop3_infos(user)
    assert len(lines) == 1 and re.search(why, lines[0])


# -- nothing is opened, nothing is changed

@pytest.mark.parametrize('policy,answer', REFUSALS, ids=['available', 'enabled', 'invalid'])
def test_a_refused_login_opens_no_mailbox(site, storage, policy, answer):
    fresh, used = site.add_user(storage=storage), site.add_user(storage=storage)
    fill(used)
    before = mailbox_files(used)
    for user in (fresh, used):
        user.policy(**policy)
        assert login_answer(user) == answer
        if answer == INVALID:
            site.log.claim_error(user.name)
    assert mailbox_files(fresh) == {}
    assert mailbox_files(used) == before


def test_imap_and_delivery_work_for_a_refused_account(user):
    user.policy(available='no', enabled='no')
    user.deliver('by lmtp')
    user.append('INBOX', 'by imap')
    assert user.subjects() == ['by lmtp', 'by imap']


def test_a_refused_login_leaves_no_session_lock(get_server):
    user = get_server(settings=LOCKING).add_user(fields={'pop_policy_enabled': 'no'})
    assert login_answer(user) == DISABLED
    user.policy()
    assert login_answer(user) == LOGGED_IN


def test_a_refused_login_leaves_no_process(get_server):
    server = get_server(settings={'mail_max_userip_connections': 2})
    user = server.add_user(fields={'pop_policy_enabled': 'no'})
    for _ in range(5):
        assert login_answer(user) == DISABLED
    assert poll(lambda: not server.processes('pop3'))


# -- whose policy, and how long

def test_the_policy_stays_for_the_session(user):
    fill(user)
    with user.pop() as client:
        user.policy(enabled='no', spam='only', delete='keep')
        assert client.stat()[0] == 3
        client.dele(1)
        assert client.quit().startswith('+OK')
    assert user.subjects() == ['two', 'three']
    assert login_answer(user) == DISABLED


def test_a_master_user_login_has_the_policy_of_the_account(server):
    open_user, closed_user = server.add_user(), server.add_user()
    closed_user.policy(enabled='no')
    for user, answer in [(open_user, LOGGED_IN), (closed_user, DISABLED)]:
        client, reply = master_user_pass(user)
        with client:
            assert reply == answer


def test_users_whose_names_are_odd(server):
    user = server.add_user('jo+e=(x)@example.org')
    user.policy(since='soon')
    assert login_answer(user) == INVALID
    assert user.name in server.log.claim_error('pop_policy_since')


# -- one process for many users

@pytest.fixture
def single(get_server):
    """A server with one pop3 process that serves one user after another."""
    return get_server(pop3_service={'service_count': 50, 'client_limit': 1, 'process_limit': 1})


def queue_or_answer(user):
    """The queue, or the refusal."""
    with user.attempt() as client:
        if client.login_reply != LOGGED_IN:
            client.quit()
            return client.login_reply
        subjects = client.subjects()
        client.quit()
    return subjects


def test_a_process_carries_nothing_over_between_users(single):
    cases = [({'spam': 'include'}, ['one', 'spam1', 'two', 'spam2', 'three']),
             ({}, ['one', 'two', 'three']),
             ({'enabled': 'no'}, DISABLED),
             ({'since': stamp(NOON + 15)}, ['three']),
             ({'available': 'no', 'unavailable_text': 'Own text.'}, '-ERR [SYS/PERM] Own text.'),
             ({'spam': 'only'}, ['spam1', 'spam2']),
             ({'available': 'no'}, UNAVAILABLE),
             ({'spam': 'include', 'since': stamp(NOON + 15)}, ['spam2', 'three']),
             ({}, ['one', 'two', 'three'])]
    users = [single.add_user() for _ in cases]
    for user, (policy, _) in zip(users, cases):
        fill(user)
        user.policy(**policy)
    for _ in range(2):
        assert [queue_or_answer(user) for user in users] == [wanted for _, wanted in cases]
    pids = {re.search(r'pop3\([^)]*\)<(\d+)>', line)[1] for line in single.log.infos(r'pop3\(u')}
    assert len(pids) == 1


def test_a_process_forgets_delete_keyword_and_texts(single):
    keeper, deleter = single.add_user(), single.add_user()
    keeper.policy(delete='keep', keyword='Mine')
    for user in (keeper, deleter, keeper):
        user.append('INBOX', 'mail')
        with user.pop() as client:
            client.dele(1)
            assert client.quit().startswith('+OK')
    assert deleter.look() == []
    assert [mail.flags for mail in keeper.look()] == [{'Mine'}, {'Mine'}]


def test_a_process_goes_on_after_a_refusal(single):
    user = single.add_user()
    fill(user)
    for _ in range(2):
        user.policy(enabled='no')
        assert queue_or_answer(user) == DISABLED
        user.policy(since='soon')
        assert queue_or_answer(user) == INVALID
        single.log.claim_error('pop_policy_since')
        user.policy()
        assert queue_or_answer(user) == ['one', 'two', 'three']


def test_a_dropped_session_leaves_nothing_for_the_next_user(single):
    first, second = single.add_user(), single.add_user()
    for user in (first, second):
        fill(user)
    first.policy(spam='include', delete='trash')
    with first.pop() as client:
        client.dele(1, 2)
        client.drop()
    assert queue_or_answer(second) == ['one', 'two', 'three']
    assert first.subjects() == ['one', 'two', 'three'] and first.subjects('Trash') == []
