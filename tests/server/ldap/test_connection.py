"""One connection for all sessions of a process, and what must not leak through it."""

import pathlib
import re
import time

import pytest

from tests.lib.answers import login_answer
from tests.lib.fake_ldap import BUSY, SEARCH, FakeLdap, answering, entry, message, result
from tests.lib.ldap_policy import (BIND, NEEDS_LDAP, PATIENCE, TIMEOUT, assert_senseless,
                                   assert_unavailable, new_name, new_user, on, settings)
from tests.lib.mailuser import fill
from tests.lib.model import DISABLED
from tests.lib.serverlog import poll

pytestmark = NEEDS_LDAP

INBOX_ONLY = ['one', 'two', 'three']
SPAM_ONLY = ['spam1', 'spam2']
ONE_PROCESS = {'service_count': 100000, 'process_limit': 1}
CLOSED = entry([('popPolicyEnabled', ['FALSE'])])


@pytest.fixture
def reusing(get_server):
    """A Dovecot with one pop3 process for all sessions."""
    return get_server(pop3_service=ONE_PROCESS)


@pytest.fixture
def make(reusing):
    """make(**settings): a filled user of it with these settings."""
    def user(**values):
        user = reusing.add_user(new_name())
        fill(user)
        user.policy(**values)
        return user
    return user


def process(server):
    """The pid of the only pop3 process."""
    pid, = server.processes('pop3')
    return pid


@pytest.mark.parametrize('scheme', ['ldapi', 'ldap', 'ldaps', 'starttls'])
def test_one_connection_for_all_sessions(reusing, make, directory, scheme):
    user = make(**on(directory, scheme, **BIND))
    directory.add_account(user.name, popPolicySpam='only')
    other = make(**on(directory, scheme, **BIND))
    directory.forget()
    pids = set()
    for _ in range(3):
        assert user.queue() == SPAM_ONLY
        pids.add(process(reusing))
        assert other.queue() == INBOX_ONLY
    assert len(pids) == 1
    assert len(directory.searches()) == 6
    assert len(directory.connections()) == 1
    assert len(directory.operations('BIND dn="cn=dovecot.*method=128')) == 1


def test_no_connection_stays_open_for_a_session_without_successor(server, directory):
    user = new_user(server, directory)
    user.policy(**on(directory))
    directory.forget()
    with user.pop() as client:
        assert poll(lambda: directory.operations('closed'), 5)
        client.quit()


def test_each_change_is_seen_at_the_next_login(make, directory):
    user = make(**on(directory))
    dn = directory.add_account(user.name)
    for spam, queue in (('only', SPAM_ONLY), ('exclude', INBOX_ONLY), (None, INBOX_ONLY),
                        ('only', SPAM_ONLY)):
        directory.set(dn, popPolicySpam=spam)
        assert user.queue() == queue


@pytest.mark.parametrize('scheme', ['ldapi', 'ldap', 'ldaps', 'starttls'])
def test_a_restart_of_the_directory_goes_unnoticed(reusing, make, own_directory, scheme):
    directory = own_directory
    user = make(**on(directory, scheme, **BIND))
    directory.add_account(user.name, popPolicySpam='only')
    assert user.queue() == SPAM_ONLY
    pid = process(reusing)
    for _ in range(3):
        directory.restart()
        assert user.queue() == SPAM_ONLY
    directory.down()
    assert_unavailable(user)
    directory.up()
    assert user.queue() == SPAM_ONLY
    assert process(reusing) == pid


def test_an_idle_connection_that_the_server_closes_goes_unnoticed(make, own_directory):
    directory = own_directory
    directory.configure('dn: cn=config\nchangetype: modify\nreplace: olcIdleTimeout\n'
                        'olcIdleTimeout: 1\n')
    user = make(**on(directory))
    directory.add_account(user.name, popPolicySpam='only')
    assert user.queue() == SPAM_ONLY
    assert poll(lambda: directory.operations(r'closed \(idletimeout\)'), 20)
    assert user.queue() == SPAM_ONLY


def test_a_frozen_directory_is_given_up_in_time(reusing, make, own_directory):
    directory = own_directory
    user = make(**on(directory, ldap_timeout='%ds' % TIMEOUT))
    directory.add_account(user.name, popPolicySpam='only')
    assert user.queue() == SPAM_ONLY
    directory.freeze()
    assert_unavailable(user, 'Timed out')
    directory.thaw()
    assert user.queue() == SPAM_ONLY


class Script:
    """A server that does something else on each connection in turn, the last one for ever."""

    def __init__(self, *behaviours):
        self.left = list(behaviours)

    def __call__(self, talk):
        behave = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        behave(talk)


def once(*operations, then):
    """Answer the first search with these operations, and the rest of the connection by `then`."""
    def behave(talk):
        for num, tag in talk.requests():
            if tag == SEARCH:
                talk.send(*(message(num, operation) for operation in operations))
                break
            talk.succeed(num, tag)
        then(talk)
    return behave


def mute(talk):
    """Read, and say nothing."""
    for _ in talk.requests():
        pass


def hang_up_when_asked(talk):
    """Wait for one more request and close."""
    for _ in talk.requests():
        return


FINE = answering(result())


def test_a_connection_that_has_died_is_made_again(make):
    with FakeLdap(Script(once(result(), then=hang_up_when_asked), FINE)) as server:
        user = make(**settings(server.uri))
        assert user.queue() == INBOX_ONLY
        start = time.monotonic()
        assert user.queue() == INBOX_ONLY
        assert time.monotonic() - start < TIMEOUT + PATIENCE
        assert server.connections == 2


def test_a_connection_that_says_nothing_counts_against_the_time(make):
    with FakeLdap(Script(once(result(), then=mute), FINE)) as server, FakeLdap(FINE) as second:
        user = make(**settings(server.uri))
        assert user.queue() == INBOX_ONLY
        assert_unavailable(user, 'Timed out')
        assert user.queue() == INBOX_ONLY
        assert server.connections == 2
    with FakeLdap(Script(once(result(), then=mute), FINE)) as server, FakeLdap(FINE) as second:
        user = make(**settings([server.uri, second.uri]))
        assert user.queue() == INBOX_ONLY
        assert user.queue() == INBOX_ONLY
        assert (server.connections, second.connections) == (1, 1)


def test_a_slow_answer_on_a_kept_connection_is_one_in_time(make):
    def behave(talk):
        for num, _ in talk.requests():
            talk.server.stopping.wait(TIMEOUT * 0.7)
            talk.send(message(num, result()))
    with FakeLdap(behave) as server:
        user = make(**settings(server.uri))
        for _ in range(3):
            assert user.queue() == INBOX_ONLY
        assert server.connections == 1


def test_it_is_made_again_once(make):
    with FakeLdap(Script(once(result(), then=hang_up_when_asked), hang_up_when_asked)) as server:
        user = make(**settings(server.uri))
        assert user.queue() == INBOX_ONLY
        assert_unavailable(user, server.uri)
        assert server.connections == 2


@pytest.mark.parametrize('data', [b'\0', message(0, result()), message(2, CLOSED)])
def test_a_connection_on_which_nobody_was_asked_is_not_trusted(make, data):
    def unasked(talk):
        talk.send(data)
        mute(talk)
    with FakeLdap(Script(once(result(), then=unasked), FINE)) as server:
        user = make(**settings(server.uri))
        assert user.queue() == INBOX_ONLY
        time.sleep(0.1)
        assert user.queue() == INBOX_ONLY
        assert server.connections == 2


@pytest.mark.parametrize('answer', [(result(code=BUSY),), (CLOSED, result(code=BUSY))])
def test_a_fault_ends_the_connection(make, answer):
    with FakeLdap(Script(answering(*answer), FINE)) as server:
        user = make(**settings(server.uri))
        assert_unavailable(user, 'busy')
        assert user.queue() == INBOX_ONLY
        assert server.connections == 2


def test_a_late_answer_is_for_nobody(make):
    def late(talk):
        for num, _ in talk.requests():
            talk.server.stopping.wait(TIMEOUT + 0.2)
            talk.send(message(num, CLOSED), message(num, result()))
    with FakeLdap(Script(late, FINE)) as server:
        user, other = make(**settings(server.uri)), make(**settings(server.uri))
        assert_unavailable(user, 'Timed out')
        time.sleep(0.4)
        assert other.queue() == INBOX_ONLY


def test_a_senseless_entry_leaves_no_trace(make):
    def behave(talk):
        answers = iter([entry([('popPolicySpam', ['a', 'b']), ('popPolicyEnabled', ['FALSE'])]),
                        entry([('popPolicyDelete', ['keep'])])])
        for num, _ in talk.requests():
            talk.send(message(num, next(answers)), message(num, result()))
    with FakeLdap(behave) as server:
        user, other = make(**settings(server.uri)), make(**settings(server.uri))
        assert_senseless(user, 'popPolicySpam')
        assert other.queue() == INBOX_ONLY
        assert server.connections == 1


@pytest.mark.parametrize('change', [
    BIND, {'ldap_sasl_mechanism': 'EXTERNAL'}, {'ldap_uris': 'ldap'}, {'ldap_starttls': True},
    {'ldap_tls_ca_file': 'ca'}], ids=lambda change: next(iter(change)))
def test_other_settings_make_another_connection(make, directory, change):
    change = dict(change)
    if 'ldap_uris' in change:
        change['ldap_uris'] = directory.uris['ldap']
    if 'ldap_tls_ca_file' in change:
        change['ldap_tls_ca_file'] = str(directory.authority.file.parent) + '/./ca.pem'
    scheme = 'starttls' if 'ldap_tls_ca_file' in change else \
        'ldap' if 'ldap_starttls' in change else 'ldapi'
    base = on(directory, scheme, ldap_tls_ca_file=directory.authority.file)
    user, other = make(**base), make(**{**base, **change})
    assert user.queue() == INBOX_ONLY
    directory.forget()
    for _ in range(2):
        assert other.queue() == INBOX_ONLY
        assert user.queue() == INBOX_ONLY
    assert len(directory.connections()) == 4


def test_another_search_is_no_other_connection(make, directory):
    base = on(directory)
    user, other = make(**base), make(**{**base, 'ldap_filter': '(uid=%{user})',
                                        'ldap_timeout': '30s', 'ldap_scope': 'onelevel'})
    assert user.queue() == INBOX_ONLY
    directory.forget()
    assert other.queue() == INBOX_ONLY
    assert user.queue() == INBOX_ONLY
    assert len(directory.searches()) == 2
    assert len(directory.connections()) == 0


def test_users_with_and_without_a_directory(make, directory):
    user, other = make(**on(directory)), make(spam='include')
    directory.add_account(user.name, popPolicyEnabled=False)
    for _ in range(2):
        assert login_answer(user) == DISABLED
        assert other.queue() == ['one', 'spam1', 'two', 'spam2', 'three']


@pytest.mark.parametrize('limit', [1, 5])
def test_a_process_that_serves_several_users_is_warned_of_once(get_server, directory, limit):
    server = get_server(pop3_service={**ONE_PROCESS, 'client_limit': limit})
    plain, user = server.add_user(new_name()), server.add_user(new_name())
    user.policy(**on(directory))
    assert login_answer(plain).startswith('+OK')
    assert server.log.error.lines('pop_policy_ldap_uris') == []
    for _ in range(2):
        assert login_answer(user).startswith('+OK')
    warnings = server.log.error.lines('Warning: pop_policy_ldap_uris: .*client_limit',
                                      wait=10 * (limit > 1))
    assert len(warnings) == (limit > 1)


def memory(pid):
    """Resident size of a process, in kB."""
    return int(re.search(r'VmRSS:\s*(\d+)', pathlib.Path('/proc/%d/status' % pid).read_text())[1])


def descriptors(pid):
    """The number of its open files."""
    return len(list(pathlib.Path('/proc/%d/fd' % pid).iterdir()))


def stat(user):
    """The number of messages a session has."""
    with user.pop() as client:
        count = client.stat()[0]
        client.quit()
    return count


def growth(server, *sessions):
    """By how many kB, and files, the pop3 process grows in 400 rounds of these sessions.

    A leak grows in either half of them, an allocator's free list in one.
    """
    sizes = []
    for number in range(500):
        for user, count in sessions:
            assert stat(user) == count
        if number in (99, 299, 499):
            sizes.append((memory(process(server)), descriptors(process(server))))
    (before, files), (half, _), (after, files_after) = sizes
    return 2 * min(half - before, after - half), files_after - files


@pytest.mark.parametrize('scheme', ['ldapi', 'starttls'])
def test_a_thousand_logins_of_two_users(reusing, make, directory, scheme):
    plain, its_brother = make(spam='only'), make(spam='include')
    user, other = make(**on(directory, scheme, **BIND)), make(**on(directory, scheme, **BIND))
    directory.add_account(user.name, popPolicySpam='only')
    directory.add_account(other.name, popPolicySpam='include')
    # Dovecot 2.4.1 itself grows by 1 kB with every session
    expected, _ = growth(reusing, (plain, 2), (its_brother, 5))
    directory.forget()
    grown, files = growth(reusing, (user, 2), (other, 5))
    # an allocator's ups and downs are about 100 kB; 200 octets a login would be 160 kB
    assert grown <= expected + 128
    # the last session may be about to end
    assert files < 20
    assert len(directory.searches()) == 1000
    assert len(directory.connections()) == 1


def test_connections_leak_nothing_either(reusing, make, own_directory):
    directory = own_directory
    plain = make()
    user, other = make(**on(directory, 'starttls', **BIND)), make(**on(directory, 'ldaps'))
    expected, _ = growth(reusing, (plain, 3), (plain, 3))
    directory.forget()
    grown, files = growth(reusing, (user, 3), (other, 3))
    # 800 connections
    assert grown <= expected + 256
    assert files < 20
    assert len(directory.connections()) == 1000


def test_a_kept_connection_that_hangs_leaves_time_for_the_other_servers(make):
    """It is to the second server, since the first one was down."""
    refuse = answering(entry([('popPolicyEnabled', ['FALSE'])]), result())
    first_is = Script(lambda talk: None, refuse)
    second_is = once(entry([('popPolicyEnabled', ['FALSE'])]), result(), then=mute)
    with FakeLdap(first_is) as first, FakeLdap(second_is) as second:
        user = make(**settings([first.uri, second.uri]))
        assert login_answer(user) == DISABLED
        start = time.monotonic()
        assert login_answer(user) == DISABLED
        assert time.monotonic() - start < TIMEOUT + PATIENCE
        assert (first.connections, second.connections) == (2, 1)


def test_a_kept_connection_that_hangs_is_what_the_log_blames(make):
    with FakeLdap(lambda talk: None) as first, \
            FakeLdap(once(result(), then=mute)) as second:
        user = make(**settings([first.uri, second.uri]))
        assert user.queue() == INBOX_ONLY
        line = assert_unavailable(user, second.uri + ': Timed out', servers=2)
        assert line.count('Timed out') == 1
