"""A directory that is dead, mute, slow, lying or confused: refused, in time, nothing changed."""

import contextlib
import time

import pytest

from tests.lib import fake_ldap
from tests.lib.answers import login_answer
from tests.lib.fake_ldap import (BIND_RESULT, BUSY, EXTENDED_RESULT, REFERRAL, SIZE_LIMIT, FakeLdap,
                                 answering, closing, dripping, entry, message, mute,
                                 mute_after_starttls, reference, refusing, result)
from tests.lib.harness import free_ports
from tests.lib.ldap_faults import FAULTS, GOOD, SENSELESS
from tests.lib.ldap_policy import (BIND, NEEDS_LDAP, PATIENCE, TIMEOUT, assert_senseless,
                                   assert_unavailable, settings)
from tests.lib.mailuser import fill
from tests.lib.model import INVALID

pytestmark = NEEDS_LDAP

ATTRIBUTES = ('available', 'enabled', 'since', 'spam', 'delete', 'retrieve')


@pytest.fixture
def talk_to(server):
    """talk_to(uris, **more): a filled user for whom Dovecot asks there."""
    def make(uris, **more):
        user = server.add_user()
        fill(user)
        user.policy(**settings(uris, **more))
        return user
    return make


# -- what a server answers

@pytest.mark.parametrize('fault', FAULTS)
def test_faults(talk_to, fault):
    behave, told = FAULTS[fault]
    with FakeLdap(behave) as server:
        line = assert_unavailable(talk_to(server.uri), server.uri, told)
    assert line.isprintable()


@pytest.mark.parametrize('fault', ['mute', 'drips', 'endless other ids', 'half an entry',
                                   'giant length', 'entry, then closes'])
def test_faults_behind_tls(talk_to, directory, fault):
    behave, told = FAULTS[fault]
    certificate = directory.authority.issue('fake', 'IP:127.0.0.1')
    with FakeLdap(behave, certificate) as server:
        assert_unavailable(talk_to(server.uri, ldap_tls_ca_file=directory.authority.file),
                           server.uri, told)
    assert fake_ldap.SEARCH in server.requests


@pytest.mark.parametrize('case', SENSELESS)
def test_senseless_entries(talk_to, case):
    attributes, *told = SENSELESS[case]
    with FakeLdap(answering(entry(attributes), result())) as server:
        line = assert_senseless(talk_to(server.uri), *told)
    assert 'pop_policy_' not in line.partition('refused')[2]
    assert line.isprintable() and len(line) < 1200


@pytest.mark.parametrize('setting', ATTRIBUTES)
def test_an_empty_value_is_as_none_at_all(talk_to, setting):
    """The value of the layer below, here an invalid one, stays in force."""
    name = 'popPolicy' + setting.capitalize()
    with FakeLdap(answering(entry([(name, [''])]), result())) as server:
        assert_senseless(talk_to(server.uri, **{setting: 'other'}), 'pop_policy_' + setting)
        assert talk_to(server.uri).queue() == ['one', 'two', 'three']


def test_a_senseless_entry_counts_only_with_success(talk_to):
    two = entry([('popPolicySpam', ['only', 'include'])])
    with FakeLdap(answering(two, result(code=BUSY))) as server:
        assert_unavailable(talk_to(server.uri), 'busy')


@pytest.mark.parametrize('code', [0, SIZE_LIMIT])
def test_two_entries(talk_to, code):
    with FakeLdap(answering(GOOD, GOOD, result(code=code))) as server:
        assert_senseless(talk_to(server.uri), 'Several LDAP entries')


def test_two_entries_that_agree_and_then_an_error(talk_to):
    with FakeLdap(answering(GOOD, GOOD, result(code=BUSY))) as server:
        assert_unavailable(talk_to(server.uri), 'busy')


def test_what_was_not_asked_for_is_ignored(talk_to):
    answer = entry([('cn', ['a', 'b']), ('popPolicyOther', ['x']), ('POPPOLICYSPAM', ['only'])])
    with FakeLdap(answering(answer, result())) as server:
        assert talk_to(server.uri).queue() == ['spam1', 'spam2']


def test_a_slow_answer_is_one_in_time(talk_to):
    def behave(talk):
        for num, _ in talk.requests():
            talk.server.stopping.wait(TIMEOUT / 2)
            talk.send(message(num, GOOD), message(num, result()))
    with FakeLdap(behave) as server:
        assert talk_to(server.uri).queue() == ['spam1', 'spam2']


# -- before the search

@pytest.mark.parametrize('behave', [mute, closing, dripping(result())], ids=['mute', 'closes',
                                                                            'drips'])
def test_bind_without_answer(talk_to, behave):
    def no_bind(talk):
        for num, _ in talk.requests():
            if behave is closing:
                return
            if behave is not mute:
                for octet in message(num, result(BIND_RESULT)):
                    talk.send(bytes([octet]))
                    talk.server.stopping.wait(0.2)
    with FakeLdap(no_bind) as server:
        line = assert_unavailable(talk_to(server.uri, **BIND), 'Bind failed')
    assert BIND['ldap_auth_dn_password'] not in line


def test_bind_refused(talk_to):
    with FakeLdap(refusing(BIND_RESULT, 49, 'who\r\nare you')) as server:
        line = assert_unavailable(talk_to(server.uri, **BIND), 'Invalid credentials')
    assert fake_ldap.SEARCH not in server.requests
    assert line.isprintable()


def test_sasl_bind_that_wants_to_go_on(talk_to, directory):
    path = directory.root / 'wants-more'
    with FakeLdap(refusing(BIND_RESULT, 14), address=path) as server:
        assert_unavailable(talk_to(server.uri, ldap_sasl_mechanism='EXTERNAL'), 'Bind failed')
    assert fake_ldap.SEARCH not in server.requests
    path.unlink()


@pytest.mark.parametrize('behave,told', [
    (mute, 'Timed out'), (mute_after_starttls, 'Timed out'),
    (refusing(EXTENDED_RESULT, 2), 'Protocol error'),
    (refusing(EXTENDED_RESULT, REFERRAL), 'Referral'),
    (answering(GOOD, result()), 'TLS failed')],
    ids=['mute', 'mute after it', 'unknown', 'elsewhere', 'no TLS after it'])
def test_starttls_without_tls(talk_to, directory, behave, told):
    with FakeLdap(behave) as server:
        assert_unavailable(talk_to(server.uri, ldap_starttls=True,
                                   ldap_tls_ca_file=directory.authority.file, **BIND), told)
    assert set(server.requests) <= {fake_ldap.EXTENDED}


def test_ldaps_port_that_is_mute(talk_to, directory):
    with FakeLdap(lambda talk: talk.server.stopping.wait(60)) as server:
        assert_unavailable(talk_to(server.uris['ldaps'],
                                   ldap_tls_ca_file=directory.authority.file), 'Timed out')


def test_ldaps_port_that_drips(talk_to, directory):
    def behave(talk):
        for _ in range(300):
            talk.send(b'\x16')
            talk.server.stopping.wait(0.1)
    with FakeLdap(behave) as server:
        assert_unavailable(talk_to(server.uris['ldaps'],
                                   ldap_tls_ca_file=directory.authority.file), 'TLS failed')


def test_ldaps_port_without_tls(talk_to, directory):
    with FakeLdap(lambda talk: talk.send(b'220 hello\r\n' * 10)) as server:
        assert_unavailable(talk_to(server.uris['ldaps'],
                                   ldap_tls_ca_file=directory.authority.file), 'TLS failed')


def test_port_where_nobody_is(talk_to):
    port = free_ports(['ldap'])['ldap']
    assert_unavailable(talk_to('ldap://127.0.0.1:%d' % port), 'Connection refused')


def test_port_that_drops_connections(talk_to):
    with fake_ldap.full_port() as port:
        assert_unavailable(talk_to('ldap://127.0.0.1:%d' % port), "Cannot connect", 'timed out')


def test_socket_that_is_not_there(talk_to, directory):
    assert_unavailable(talk_to('ldapi://%s/no' % directory.root), "Cannot connect", 'No such file')


def test_socket_that_drops_connections(talk_to, directory):
    with fake_ldap.full_socket(directory.root / 'full') as path:
        assert_unavailable(talk_to('ldapi://%s' % path), "Cannot connect", 'timed out')
    path.unlink()


def test_host_name_that_does_not_exist(talk_to):
    assert_unavailable(talk_to('ldap://no-such-host.invalid'), "Cannot resolve no-such-host.invalid")


def test_name_service_that_is_not_there(get_server):
    user = get_server(policy=settings('ldap://localhost'),
                      extra='service dns-client {\n  unix_listener dns-client {\n    mode = 0\n'
                            '  }\n}').add_user()
    user.server.log.allow_errors('dns-client')
    assert_unavailable(user, "Cannot resolve localhost")


# -- several servers

def test_all_servers_dead(talk_to):
    ports = free_ports(['a', 'b', 'c']).values()
    uris = ['ldap://127.0.0.1:%d' % port for port in ports]
    assert_unavailable(talk_to(uris), *uris)


@pytest.mark.parametrize('count', [2, 4])
def test_all_servers_mute(talk_to, count):
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(FakeLdap(mute)) for _ in range(count)]
        start = time.monotonic()
        assert_unavailable(talk_to([server.uri for server in servers]), 'Timed out', servers=count)
        assert time.monotonic() - start > TIMEOUT * 2 - 0.5


FIRST = {
    'dead': None,
    'mute': mute,
    'closes': closing(),
    'busy': answering(result(code=BUSY)),
    'entry, then closes': closing(entry([('popPolicyEnabled', ['FALSE'])])),
    'refers': answering(reference(), result()),
}


@pytest.mark.parametrize('fault', FIRST)
def test_the_second_server_is_asked_when_the_first_fails(talk_to, fault):
    with contextlib.ExitStack() as stack:
        first = 'ldap://127.0.0.1:%d' % free_ports(['a'])['a']
        if FIRST[fault]:
            first = stack.enter_context(FakeLdap(FIRST[fault])).uri
        second = stack.enter_context(FakeLdap(answering(GOOD, result())))
        user = talk_to([first, second.uri])
        start = time.monotonic()
        assert user.queue() == ['spam1', 'spam2']
        assert time.monotonic() - start < TIMEOUT + PATIENCE
        assert second.connections == 1


@pytest.mark.parametrize('answer', [answering(result()), answering(GOOD, result()),
                                    answering(entry([('popPolicySpam', ['x'])]), result())],
                         ids=['no entry', 'entry', 'senseless'])
def test_the_second_server_is_not_asked_when_the_first_has_answered(talk_to, answer):
    with FakeLdap(answer) as first, FakeLdap(answering(GOOD, result())) as second:
        user = talk_to([first.uri, second.uri])
        if login_answer(user) == INVALID:
            user.server.log.claim_error('popPolicySpam')
        assert (first.connections, second.connections) == (1, 0)
