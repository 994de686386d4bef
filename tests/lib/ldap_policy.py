"""Settings for the plugin's own LDAP lookup, and what must be true when it fails."""

import itertools
import os
import re
import time

import pytest

from tests.lib.answers import login_answer, mailbox_files
from tests.lib.directory import PEOPLE, READER, READER_PASSWORD
from tests.lib.model import INVALID, TEMPORARY
from tests.lib.places import LDAP_MODULE

# for modules of tests: pytestmark
NEEDS_LDAP = pytest.mark.skipif(not LDAP_MODULE.exists(), reason='built without LDAP')

# Users of all servers share the directory of the test process.
NUMBERS = itertools.count(1)

# A login may take twice as long and a second more; the rest is for a busy machine.
TIMEOUT = 1
PATIENCE = 2

BIND = {'ldap_auth_dn': READER, 'ldap_auth_dn_password': READER_PASSWORD}


def ldapi(directory):
    """The URI of a slapd's socket. Dovecot 2.3 would take a %2F for a variable."""
    return 'ldapi://%s/ldapi' % directory.root


def settings(uris, **more):
    """harness.Spec.policy with a directory: its URIs (or one), and more settings."""
    uris = uris if isinstance(uris, str) else ' '.join(uris)
    return {'ldap_uris': uris, 'ldap_base': PEOPLE, 'ldap_timeout': '%ds' % TIMEOUT, **more}


def on(directory, scheme='ldapi', **more):
    """The same for a running slapd, by scheme or with 'starttls'."""
    uri = ldapi(directory) if scheme == 'ldapi' else directory.uris[scheme.replace('start', '')
                                                                    .replace('tls', 'ldap')]
    tls = {'ldap_tls_ca_file': directory.authority.file} if scheme in ('ldaps', 'starttls') else {}
    if scheme == 'starttls':
        tls['ldap_starttls'] = True
    # generous: these must succeed
    return settings(uri, **{'ldap_timeout': '20s', **tls, **more})


def new_name():
    """A name that no other user of the directory has, whatever their server."""
    return 'l%dx%d' % (next(NUMBERS), os.getpid())


def new_user(server, directory, **attributes):
    """An account of Dovecot with its entry, and its DN as user.dn."""
    user = server.add_user(new_name())
    user.dn = directory.add_account(user.name, **attributes)
    return user


def refused(user, answer, *told):
    """The login fails with that answer, one error line and no change; the line, and seconds."""
    before = mailbox_files(user)
    start = time.monotonic()
    assert login_answer(user) == answer
    seconds = time.monotonic() - start
    line = user.server.log.claim_error(re.escape(user.name))
    for text in told:
        assert text in line
    assert mailbox_files(user) == before
    return line, seconds


def assert_unavailable(user, *told, servers=1):
    """The policy cannot be had: refused for now, and in time."""
    line, seconds = refused(user, TEMPORARY, *told)
    assert seconds < TIMEOUT * min(servers, 2) + 1 + PATIENCE
    return line


def assert_senseless(user, *told):
    """The policy is there, but invalid."""
    line, _ = refused(user, INVALID, *told)
    return line
