"""Behaviour 2: a name that looks like a setting and is none."""

import pytest

from tests.lib.answers import assert_invalid, login_answer
from tests.lib.dovecot_config import IS_24, VERSION
from tests.lib.mailuser import fill
from tests.lib.model import DISABLED, INVALID

pytestmark = pytest.mark.release

LOGGED_IN = '+OK Logged in.'
NAMES = ['pop_policy_spma', 'pop_policy_', 'pop_policy_Spam', 'pop_policy_spam_', 'pop_policy_xspam',
         'pop_policy_x', 'pop_policy_ldap_uri']
ONLY_23 = pytest.mark.skipif(IS_24, reason='Dovecot 2.4 refuses unknown settings when it starts')


@pytest.mark.parametrize('name', NAMES)
@pytest.mark.parametrize('value', ['include', '', None], ids=['value', 'empty', 'bare'])
def test_an_unknown_userdb_field(user, name, value):
    fill(user)
    user.set(**{name: value})
    assert_invalid(user, "'%s'" % name, 'Unknown setting')
    user.set()
    assert user.queue() == ['one', 'two', 'three']


def test_an_unknown_field_beside_a_good_one(user):
    user.set(pop_policy_enabled='no', pop_policy_spma='include')
    assert_invalid(user, "'pop_policy_spma'", 'Unknown setting')


@pytest.mark.parametrize('name', ['pop_policy_x_', 'pop_policy_x_shop', 'pop_policyspam',
                                  'xpop_policy_spam', 'pop_policies'])
def test_a_name_that_is_free(user, name):
    user.set(**{name: 'whatever'})
    assert login_answer(user) == LOGGED_IN
    user.set(pop_policy_enabled='no', **{name: 'whatever'})
    assert login_answer(user) == DISABLED


def test_a_long_name_is_shortened_and_escaped(user):
    user.set(**{'pop_policy_' + 'x\x02' * 500: 'y'})
    line = assert_invalid(user, 'pop_policy_x?x?', 'Unknown setting')
    assert len(line) < 400


@ONLY_23
@pytest.mark.parametrize('name', ['plugin/pop_policy_spma', 'pop_policy_spma+',
                                  'pop_policy_spam+'])
def test_other_spellings_with_dovecot_23(user, name):
    user.set(**{name: 'include'})
    user.server.log.allow_errors("'\\+' can only be used for strings")
    assert login_answer(user) == INVALID
    user.server.log.claim_error("Unknown setting 'pop_policy_sp")


@ONLY_23
def test_another_spelling_of_a_setting_with_dovecot_23(user):
    user.set(**{'plugin/pop_policy_enabled': 'no'})
    assert login_answer(user) == DISABLED


@pytest.mark.skipif(not IS_24, reason='for Dovecot 2.4')
@pytest.mark.parametrize('name', ['pop_policy_spma+', 'set/pop_policy_spma'])
def test_other_spellings_with_dovecot_24(user, name):
    user.set(**{name: 'include'})
    answer = login_answer_or_nothing(user)
    assert answer.startswith('-ERR')
    user.server.log.claim_error('pop_policy_spma')
    user.server.log.allow_errors('pop_policy_spma')


def login_answer_or_nothing(user):
    """The answer of a server that may close at once."""
    with user.attempt() as client:
        return client.login_reply


@pytest.mark.skipif(VERSION < (2, 4, 4), reason='set/ is new in Dovecot 2.4.4')
def test_another_spelling_of_a_setting_with_dovecot_244(user):
    user.set(**{'set/pop_policy_disabled_text': 'Closed.', 'pop_policy_enabled': 'no'})
    assert login_answer(user) == '-ERR [SYS/PERM] Closed.'


@ONLY_23
def test_an_unknown_setting_in_the_configuration(get_server):
    user = get_server(policy={'spma': 'include'}).add_user()
    fill(user)
    assert_invalid(user, "'pop_policy_spma'", 'Unknown setting')


@ONLY_23
def test_a_setting_of_the_site_in_the_configuration(get_server):
    user = get_server(policy={'x_shop': 'include'}).add_user()
    fill(user)
    assert user.queue() == ['one', 'two', 'three']
