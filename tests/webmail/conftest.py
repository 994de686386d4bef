"""Fixtures: mail server, directory, Roundcube and browser, all real and on loopback."""

import pytest

from tests.lib.directory import PEER, READER, SUFFIX, Directory
from tests.lib.harness import Server
from tests.lib.ldap_policy import BIND, on
from tests.webmail.accounts import Accounts
from tests.webmail.browser import Browser
from tests.webmail.roundcube import Roundcube

# Users write the policy of their own entry, but for what the plan says. Everybody may look for a
# name. The class comes with the first attribute.
ACCESS = """\
dn: olcDatabase={{1}}mdb,cn=config
changetype: modify
replace: olcAccess
olcAccess: {{0}}to * by dn.exact={peer} manage by * break
olcAccess: {{1}}to attrs=userPassword by anonymous auth by * none
olcAccess: {{2}}to attrs=objectClass val=popPolicyAccount by self =adscr by * break
olcAccess: {{3}}to attrs=objectClass by self read by dn.exact={reader} read by * none
olcAccess: {{4}}to attrs=popPolicyAvailable by dn.exact={reader} read by self read by * none
olcAccess: {{5}}to attrs=@popPolicyAccount by dn.exact={reader} read by self write by * none
olcAccess: {{6}}to attrs=entry,mail by * read
olcAccess: {{7}}to * by dn.exact={reader} read by self read by * none
"""


@pytest.fixture(scope='session')
def browser():
    """A browser that all tests share; each signs in anew."""
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture(scope='session')
def directory():
    """A slapd whose users may write their own policy."""
    directory = Directory(config=ACCESS.format(peer=PEER, reader=READER))
    yield directory
    directory.stop()


@pytest.fixture(scope='session')
def server(directory):
    """A Dovecot that asks this directory at each POP login."""
    server = Server(policy=on(directory, **BIND))
    yield server
    assert server.stop() == []


@pytest.fixture(autouse=True)
def clean_log(server):
    """No test leaves an error in Dovecot's log that it has not claimed."""
    yield
    assert server.log.settle() == []


def ldap_settings(directory, **more):
    """The plugin's settings for a directory."""
    return {'backend': 'ldap', 'ldap_uris': directory.uris['ldap'],
            'ldap_dn': 'mail=%u,ou=people,' + SUFFIX, **more}


ALL_DIALS = ['enabled', 'since', 'spam', 'delete', 'extra_mailboxes', 'keep_for']


@pytest.fixture(scope='session')
def webmail(server, directory):
    """A Roundcube with the LDAP backend, where users may change everything."""
    site = Roundcube(server, ldap_settings(directory, dials=ALL_DIALS))
    yield site
    site.stop()


@pytest.fixture
def settings(webmail, directory):
    """settings(**more): the plugin's settings for one test."""
    def change(**more):
        webmail.configure(ldap_settings(directory, **{'dials': ALL_DIALS, **more}))
    yield change
    webmail.configure(ldap_settings(directory, dials=ALL_DIALS))


@pytest.fixture(autouse=True)
def clean_webmail(webmail):
    """No test leaves an error in Roundcube's log that it has not taken."""
    webmail.errors()
    yield
    assert webmail.errors() == []


@pytest.fixture
def accounts(server, directory):
    """Makes accounts: of the server with their entries."""
    return Accounts(server, directory)


@pytest.fixture
def user(accounts):
    """An account without any policy of its own, with mail."""
    return accounts.add()


@pytest.fixture
def page(browser, webmail, user):
    """The page, as that account sees it."""
    return browser.login(webmail, user).open()
