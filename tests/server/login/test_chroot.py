"""Users whose sessions are chrooted: the plugin's policy holds for them as for anybody else."""

import re

import pytest

from tests.lib.answers import login_answer, mailbox_files
from tests.lib.config_text import section, text
from tests.lib.dovecot_config import policy
from tests.lib.ldap_policy import NEEDS_LDAP
from tests.lib.mailuser import fill
from tests.lib.model import TEMPORARY


@pytest.fixture(scope='module')
def chroots(server_cache):
    """A server that lets users be chrooted, by processes that serve nobody else."""
    return server_cache.get(settings={'valid_chroot_dirs': '/tmp'}, quick=False)


@pytest.fixture
def chrooted(chroots):
    """chrooted(**policy): a user with mail, whose sessions are confined to the home."""
    def make(**policy):
        user = chroots.add_user()
        fill(user)
        user.set(chroot=user.home, home='/',
                 **{'pop_policy_' + name: value for name, value in policy.items()})
        return user
    return make


def test_a_chrooted_user_without_a_policy_gets_in(chrooted):
    assert chrooted().queue() == ['one', 'two', 'three']


def test_a_chrooted_user_with_a_policy_gets_in_and_it_holds(chrooted):
    user = chrooted(spam='only', delete='keep')
    with user.pop() as client:
        assert client.subjects() == ['spam1', 'spam2']
        client.dele(1)
        client.quit()
    assert user.queue() == ['spam2']
    assert user.subjects('Junk') == ['spam1', 'spam2']


def test_a_chrooted_user_is_refused_as_others_are(chrooted):
    assert login_answer(chrooted(enabled='no')).startswith('-ERR [SYS/PERM]')


@pytest.mark.parametrize('extra', ['', text(section('remote 127.0.0.2', policy({'spam': 'only'})))])
def test_a_chrooted_user_with_an_empty_field(get_server, extra):
    server = get_server(settings={'valid_chroot_dirs': '/tmp'}, policy={'spam': 'include'},
                        extra=extra)
    user = server.add_user()
    fill(user)
    user.set(chroot=user.home, home='/', pop_policy_spam='')
    assert user.queue() == ['one', 'spam1', 'two', 'spam2', 'three']


@NEEDS_LDAP
def test_a_chrooted_user_of_a_directory_does_not_get_in(chrooted):
    """The LDAP module is loaded when it is needed, and a chroot hides it."""
    user = chrooted(ldap_uris='ldap://127.0.0.1:1', ldap_base='dc=example')
    before = mailbox_files(user)
    assert login_answer(user) == TEMPORARY
    assert 'The LDAP module cannot be loaded' in user.server.log.claim_error(re.escape(user.name))
    assert mailbox_files(user) == before
