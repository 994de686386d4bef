"""Servers with several addresses, and several servers, some of which are mute (behaviour 4)."""

import contextlib
import time

import pytest

from tests.lib.answers import login_answer
from tests.lib.fake_ldap import (SEARCH, FakeLdap, answering, closing, entry, full_port, message,
                                 mute, mute_after_starttls, result)
from tests.lib.harness import free_ports
from tests.lib.ldap_policy import (BIND, NEEDS_LDAP, PATIENCE, TIMEOUT, assert_unavailable, new_name,
                                   settings)
from tests.lib.model import DISABLED
from tests.lib.moved_server import with_hosts

pytestmark = NEEDS_LDAP

OFF = (entry([('popPolicyEnabled', ['FALSE'])]), result())
FINE = answering(*OFF)
HOSTS = {'pair.example.net': ['127.1.0.1', '127.1.0.2'],
         'three.example.net': ['127.1.0.1', '127.1.0.2', '127.1.0.3'],
         'many.example.net': ['127.1.0.%d' % number for number in range(1, 21)]}
ONE_PROCESS = {'service_count': 1000, 'process_limit': 1}


@pytest.fixture(scope='module')
def resolving(tmp_path_factory):
    """A Dovecot with one pop3 process that knows these names."""
    server = with_hosts(tmp_path_factory.mktemp('hosts') / 'hosts', HOSTS,
                        pop3_service=ONE_PROCESS)
    yield server
    assert server.stop() == []


@pytest.fixture
def user(resolving):
    """A user of it."""
    yield resolving.add_user(new_name())
    assert resolving.log.settle() == []


def once(talk):
    """Answer a search and hang up, so that no connection is kept."""
    closing(*OFF)(talk)


def address(number, port):
    """One of the addresses of the names."""
    return '127.1.0.%d' % number, port


@contextlib.contextmanager
def servers(behaviours, certificate=None):
    """Servers on the same port of the first addresses: the port, and the servers.

    'full' for one that drops connections, 'dead' for none at all.
    """
    port = free_ports(['ldap'])['ldap']
    with contextlib.ExitStack() as stack:
        made = []
        for number, behave in enumerate(behaviours, 1):
            if behave == 'full':
                stack.enter_context(full_port(address(number, port)))
            elif behave != 'dead':
                made.append(stack.enter_context(
                    FakeLdap(behave, certificate, address(number, port))))
        yield port, made


def timed_login(user):
    """The answer to a login, and the seconds it took."""
    start = time.monotonic()
    return login_answer(user), time.monotonic() - start


MUTE = {'connect': ('full', {}), 'bind': (mute, BIND), 'search': (mute, {}),
        'refused': ('dead', {}), 'hangs up': (closing(), {})}


@pytest.mark.parametrize('first', [0, 1])
@pytest.mark.parametrize('fault', MUTE)
def test_another_address_is_asked(user, fault, first):
    behave, more = MUTE[fault]
    # the system decides which address is the first one
    pair = [behave, FINE] if first == 0 else [FINE, behave]
    with servers(pair) as (port, _):
        user.policy(**settings('ldap://pair.example.net:%d' % port, **more))
        answer, seconds = timed_login(user)
        assert answer == DISABLED
        assert seconds < TIMEOUT + PATIENCE


@pytest.mark.parametrize('scheme', ['ldaps', 'starttls'])
def test_another_address_is_asked_when_one_is_mute_in_tls(user, directory, scheme):
    certificate = directory.authority.issue('three', 'DNS:three.example.net')
    port = free_ports(['ldap'])['ldap']
    tls = {'ldap_tls_ca_file': directory.authority.file, 'ldap_starttls': scheme == 'starttls'}
    if scheme == 'ldaps':
        behaviours = [lambda talk: talk.server.stopping.wait(60)] * 2
        certificates = [None, None, certificate]
        behaviours.append(FINE)
    else:
        # the fake server has no StartTLS: one that fails is proof enough of having been asked
        behaviours = [mute_after_starttls, mute, closing()]
        certificates = [None] * 3
    with contextlib.ExitStack() as stack:
        made = [stack.enter_context(FakeLdap(behave, issued, address(number, port)))
                for number, (behave, issued) in enumerate(zip(behaviours, certificates), 1)]
        user.policy(**settings('%s://three.example.net:%d' % (
            'ldap' if scheme == 'starttls' else 'ldaps', port), **tls))
        if scheme == 'ldaps':
            assert timed_login(user)[0] == DISABLED
        else:
            assert_unavailable(user)
        assert made[2].connections == 1


def test_two_of_three_are_mute(user):
    with servers(['full', mute, FINE]) as (port, made):
        user.policy(**settings('ldap://three.example.net:%d' % port))
        answer, seconds = timed_login(user)
        assert answer == DISABLED
        assert seconds < TIMEOUT + PATIENCE
        assert made[1].connections == 1


def test_all_are_mute(user):
    with servers([mute, 'full', mute]) as (port, made):
        user.policy(**settings('ldap://three.example.net:%d' % port))
        line = assert_unavailable(user, 'three.example.net', '127.1.0.1: Timed out')
        assert '127.1.0.3: Timed out' in line
        assert [server.connections for server in made] == [1, 1]


def test_a_name_with_many_addresses(user):
    with servers(['full'] * 20) as (port, _):
        user.policy(**settings('ldap://many.example.net:%d' % port))
        assert_unavailable(user, 'Cannot connect', 'timed out')


def test_an_address_that_failed_is_tried_last_by_the_next_lookup(user):
    with servers([mute, once]) as (port, made), servers([once, mute]) as (other_port, other):
        for number, servers_of in ((port, made), (other_port, other)):
            user.policy(**settings('ldap://pair.example.net:%d' % number))
            times = []
            for _ in range(4):
                answer, seconds = timed_login(user)
                assert answer == DISABLED
                times.append(seconds)
            # (a busy machine may slow some of them down)
            assert min(times[1:]) < TIMEOUT * 0.4
            of_mute, of_other = sorted(server.connections for server in servers_of)
            # on a busy machine the other one may be slow once, too
            assert of_mute < 3 and of_other == 4


def test_an_address_that_stopped_answering_on_a_kept_connection(user):
    def first_only(talk):
        for num, tag in talk.requests():
            if tag == SEARCH:
                talk.send(*(message(num, operation) for operation in OFF))
                break
        mute(talk)
    with servers([first_only, 'dead']) as (port, _):
        user.policy(**settings('ldap://pair.example.net:%d' % port))
        assert login_answer(user) == DISABLED
        with FakeLdap(FINE, address=address(2, port)):
            answer, seconds = timed_login(user)
            assert answer == DISABLED
            assert seconds < TIMEOUT + PATIENCE


# -- several URIs

def test_a_server_that_failed_is_tried_last_by_later_lookups(user):
    with FakeLdap(mute) as first, FakeLdap(once) as second:
        user.policy(**settings([first.uri, second.uri]))
        assert login_answer(user) == DISABLED
        for _ in range(3):
            answer, seconds = timed_login(user)
            assert answer == DISABLED
            assert seconds < TIMEOUT * 0.5
        assert (first.connections, second.connections) == (1, 4)


def test_a_server_that_failed_is_asked_when_there_is_no_other(user):
    with FakeLdap(mute) as first, FakeLdap(once) as second:
        user.policy(**settings([first.uri, second.uri]))
        assert login_answer(user) == DISABLED
        second.behave, first.behave = mute, once
        assert login_answer(user) == DISABLED
        assert (first.connections, second.connections) == (2, 2)
        # now it is the other one that failed
        answer, seconds = timed_login(user)
        assert answer == DISABLED
        assert seconds < TIMEOUT * 0.5
        assert (first.connections, second.connections) == (3, 2)
