"""doc/ldap.md's configuration for the plugin's own LDAP lookup works as it stands."""

import pytest

from tests.lib.answers import login_answer
from tests.lib.directory import READER_PASSWORD
from tests.lib.documents import LDAP_PAGE, block
from tests.lib.dovecot_config import IS_24
from tests.lib.ldap_policy import NEEDS_LDAP, new_user
from tests.lib.model import DISABLED

pytestmark = NEEDS_LDAP


@pytest.fixture
def written(get_server, directory):
    """A Dovecot with the page's settings, its servers and password replaced by ours."""
    text = block('ldap for ' + ('2.4' if IS_24 else '2.3'), LDAP_PAGE)
    uris = 'ldaps://ldap1.example.org ldaps://ldap2.example.org'
    for old, new in ((uris, 'ldaps://127.0.0.1:1 ' + directory.uris['ldaps']),
                     ('password = secret', 'password = ' + READER_PASSWORD)):
        assert old in text
        text = text.replace(old, new)
    return get_server(extra=text, policy={'ldap_tls_ca_file': directory.authority.file})


def test_the_configuration_works(written, directory):
    user = new_user(written, directory)
    directory.forget()
    assert login_answer(user).startswith('+OK')
    assert directory.operations('TLS established')
    assert directory.operations('BIND dn="cn=dovecot,ou=services,dc=example,dc=org"')
    directory.set(user.dn, popPolicyEnabled=False)
    assert login_answer(user) == DISABLED
