"""A build without libldap: all is as ever, and whoever wants a directory asked is told."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.mailuser import fill
from tests.lib.model import TEMPORARY
from tests.lib.places import LDAP_MODULE

pytestmark = pytest.mark.skipif(LDAP_MODULE.exists(), reason='built with LDAP')


def test_a_directory_cannot_be_asked(user):
    user.policy(ldap_uris='ldap://127.0.0.1')
    assert login_answer(user) == TEMPORARY
    line = user.server.log.claim_error(user.name)
    assert 'pop_policy_ldap_uris' in line and 'Built without LDAP' in line


def test_an_invalid_setting_is_not_looked_at(user):
    user.policy(ldap_uris='ldap://127.0.0.1', ldap_scope='sub')
    assert login_answer(user) == TEMPORARY
    user.server.log.claim_error('Built without LDAP')


def test_without_a_directory_nothing_is_missing(user):
    fill(user)
    user.policy(spam='only', ldap_scope='base')
    assert user.queue() == ['spam1', 'spam2']
