"""Behaviour 3.1 and 3.2 through a Dovecot proxy, whose login process keeps the client."""

import time

import pytest

from tests.lib.answers import login_answer
from tests.lib.dovecot_config import proxy_passdb
from tests.lib.harness import Server
from tests.lib.mailuser import MailUser, fill
from tests.lib.model import DISABLED, INVALID, TEMPORARY, UNAVAILABLE
from tests.lib.serverlog import poll

LOGGED_IN = '+OK Logged in.'
# The proxy tries a temporary answer again, three times, after a second each.
RETRIES = 3


@pytest.fixture(scope='module')
def proxy(server_cache):
    """A stock Dovecot that hands all users on to the default server of the tests."""
    backend = server_cache.get()
    server = Server(plugin=None, extra=proxy_passdb('127.0.0.1', backend.ports['pop3']))
    server.backend = backend
    yield server
    server.stop()


class Proxied(MailUser):
    """An account of the backend, whose POP3 connections go to the proxy."""

    def __init__(self, proxy, name, **kwargs):
        self.proxy = proxy
        super().__init__(proxy.backend, name, **kwargs)

    def connect(self, tls=False, **kwargs):
        """A POP3 connection to the proxy."""
        backend, self.server = self.server, self.proxy
        try:
            return super().connect(tls, **kwargs)
        finally:
            self.server = backend


@pytest.fixture
def account(proxy):
    """A fresh account behind the proxy."""
    return Proxied(proxy, 'p' + proxy.backend.add_user().name)


@pytest.mark.parametrize('policy,answer', [
    ({'available': 'no'}, UNAVAILABLE), ({'enabled': 'no'}, DISABLED), ({'since': 'x'}, INVALID)],
    ids=['unavailable', 'disabled', 'invalid'])
@pytest.mark.parametrize('tls', [False, True], ids=['plain', 'tls'])
def test_the_words_reach_the_client(account, policy, answer, tls):
    account.policy(**policy)
    with account.attempt(tls=tls) as client:
        assert client.login_reply == answer
        assert poll(lambda: not account.server.processes('pop3'), 2), 'the backend waits'
        account.policy()
        fill(account)
        # the same connection
        assert client.login(account.name, account.password) == LOGGED_IN
        assert client.subjects() == ['one', 'two', 'three']
        client.quit()
    if answer == INVALID:
        account.server.log.claim_error('pop_policy_since')


def test_a_temporary_answer_is_tried_again_by_the_proxy(account):
    account.policy(ldap_uris='ldapi:///nowhere', ldap_base='dc=example', ldap_timeout='1s')
    begin = time.monotonic()
    assert login_answer(account) == TEMPORARY
    taken = time.monotonic() - begin
    lines = account.server.log.errors('POP login refused for user ' + account.name, 10,
                                      1 + RETRIES)
    account.server.log.allow_errors('POP login refused')
    assert len(lines) == 1 + RETRIES
    assert taken < 10
    print('%d lookups in %.1f s' % (len(lines), taken))
