"""Lines of log are bounded and escaped, whatever names and servers they are about."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.dovecot_config import IS_24
from tests.lib.fake_ldap import BIND_RESULT, BUSY, FakeLdap, answering, refusing, result
from tests.lib.ldap_policy import (BIND, NEEDS_LDAP, assert_senseless, assert_unavailable, new_name,
                                   settings)
from tests.lib.model import INVALID
from tests.lib.serverlog import poll

pytestmark = NEEDS_LDAP

# the prefix, which is Dovecot's, and what the plugin says
BOUND = 1400


def test_a_host_of_2000_characters(server):
    user = server.add_user()
    user.policy(**settings('ldap://' + 'a' * 2000 + '.example.net'))
    line = assert_unavailable(user, 'ldap://aaaa')
    assert len(line) < 500


def test_many_servers_with_long_names(server):
    user = server.add_user()
    user.policy(**settings(['ldap://%d%s:1' % (number, 'a' * 200) for number in range(16)]))
    line = assert_unavailable(user, 'ldap://0aaaa', servers=2)
    assert len(line) < BOUND


def test_a_long_text_of_a_server(server):
    told = 'x' * 5000 + '\r\nfake line'
    with FakeLdap(answering(result(code=BUSY, diagnostic=told))) as fake, \
            FakeLdap(refusing(BIND_RESULT, 49, told)) as other:
        user = server.add_user()
        user.policy(**settings([fake.uri, other.uri], **BIND))
        line = assert_unavailable(user, 'xxxx', servers=2)
    assert line.isprintable() and len(line) < BOUND


def test_a_long_uri_of_a_mistake(server):
    user = server.add_user()
    user.policy(**settings('ldaps://' + 'a' * 2000, ldap_starttls=True))
    assert len(assert_senseless(user, 'pop_policy_ldap_uris')) < 500
    user.policy(**settings('ldaps://' + 'a' * 2000, ldap_sasl_mechanism='EXTERNAL'))
    assert len(assert_senseless(user, 'pop_policy_ldap_sasl_mechanism')) < 500


@pytest.mark.parametrize('name', ['x\x1b\x01\t\x7f\x07', 'x' * 200], ids=['control', 'long'])
def test_user_names(server, name):
    """All names are allowed here: auth_username_chars is empty."""
    name += new_name()
    user = server.add_user(name, home=server.root / 'mail' / new_name(),
                           fields={'pop_policy_spam': 'some'})
    with user.connect() as client:
        assert client.auth_plain(name, user.password) == INVALID
    line = server.log.claim_error('POP login refused')
    said = line.partition('POP login refused')[2]
    assert said.isprintable() and len(said) < 250


def test_what_is_searched_in_the_debug_log(get_server):
    debug = {'log_debug': 'category=storage'} if IS_24 else {'mail_debug': True}
    server = get_server(settings=debug)
    with FakeLdap(answering(result())) as fake:
        user = server.add_user(new_name())
        user.policy(**settings(fake.uri, ldap_base='dc=\x1b[2J' + 'b' * 1000,
                               ldap_filter='(&(cn=\x07%s)(mail=%%{user}))' % ('f' * 1000)))
        assert login_answer(user).startswith('+OK')
    line, = poll(lambda: server.log.debug.lines('LDAP lookup'), 5)
    assert line.isprintable() and len(line) < BOUND
