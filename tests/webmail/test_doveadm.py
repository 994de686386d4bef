"""The backend doveadm: its HTTP API, with the two commands alone."""

import copy
import time

import pytest

from tests.lib import doveadm, settings_module
from tests.lib.directory import ADMIN, ADMIN_PASSWORD
from tests.lib.documents import block
from tests.lib.doveadm import KEY, DoveadmServer
from tests.lib.harness import MASTER_PASSWORD, MASTER_USER
from tests.lib.ldap_policy import BIND, on
from tests.lib.model import DISABLED
from tests.server.examples.test_documentation import INSTALLED
from tests.webmail.accounts import Accounts, stored
from tests.webmail.roundcube import Roundcube
from tests.webmail.test_documentation import PAGE
from tests.webmail.test_refusals import UNREACHABLE, form, send


class TwoCommands(DoveadmServer):
    """Its API is that of doc/self-service.md: what the page needs, and nothing else."""

    def api(self):
        text = block('doveadm for ' + INSTALLED, PAGE)
        for old, new in ('a long random text', KEY), ('8080', str(self.ports['http'])):
            assert old in text
            text = text.replace(old, new)
        return text

    def add_user(self, name=None, **kwargs):
        """Known to the auth process when it returns."""
        user = super().add_user(name, **kwargs)
        end = time.monotonic() + 10
        while not self.userdb(user.name):  # it looks for a new file once a second
            assert time.monotonic() < end
            time.sleep(0.1)
        return user


@pytest.fixture(scope='module')
def api(directory):
    """A Dovecot with the API, whose logins ask the directory."""
    if not settings_module.show.doveadm:
        pytest.skip('no mount namespace: doveadm cannot see the module')
    server = TwoCommands(policy={**on(directory, **BIND), 'delete': 'keep', 'ldap_write_dn': ADMIN,
                                 'ldap_write_dn_password': ADMIN_PASSWORD})
    yield server
    assert server.stop() == []


def settings(server, **more):
    """The plugin's settings for it."""
    return {'backend': 'doveadm', 'doveadm_api_key': KEY, 'doveadm_timeout': 5, 'dials': [
        'enabled', 'since', 'spam', 'delete', 'extra_mailboxes', 'keep_for'], 'doveadm_url':
            'http://127.0.0.1:%d/doveadm/v1' % server.ports['http'], **more}


@pytest.fixture(scope='module')
def site(api):
    """A Roundcube that asks it."""
    site = Roundcube(api, settings(api))
    yield site
    site.stop()


@pytest.fixture
def owner(api, directory):
    """An account."""
    return Accounts(api, directory).add()


@pytest.fixture
def there(browser, site, owner):
    """The page, as that account sees it; nothing goes to a log."""
    yield browser.login(site, owner).open()
    assert site.errors() == [] and owner.server.log.settle() == []


def test_the_sites_defaults_are_known(there, owner):
    assert there.chosen('delete') == ['keep'] and there.chosen('access') == ['all']
    there.save()
    assert stored(owner) == {}


def test_each_dial(there, owner):
    owner.append('Work', ('work', time.time()))
    there.open().save(access='now', spam='include', **{'folders[]': 'Work'})
    found = stored(owner)
    assert found.pop('popPolicySince') > '2026'
    assert found == {'popPolicySpam': 'include', 'popPolicyExtraMailboxes': 'Work'}
    assert there.status().startswith('POP is on for mail that arrives from ')
    assert owner.queue() == []
    there.save(access='all')
    assert set(owner.queue()) == {'one', 'two', 'three', 'spam1', 'spam2', 'work'}
    there.choose(delete='delete', keep_for='30d')
    there.submit()
    there.submit()
    assert there.messages().startswith('Saved.')
    assert stored(owner)['popPolicyKeepFor'] == '30d'
    there.save(access='off')
    assert owner.attempt().login_reply == DISABLED
    assert there.status() == 'POP is off.'


def test_a_plan_without_pop(there, owner):
    sent = {**form(there), '_spam': 'only'}
    owner.directory.set(owner.dn, popPolicyAvailable=False)
    assert there.open().status().startswith('POP is not part of')
    send(there, sent)
    assert stored(owner) == {'popPolicyAvailable': 'FALSE'}


def test_an_invalid_value_can_be_put_right(there, owner):
    owner.directory.set(owner.dn, popPolicySpam='maybe')
    assert 'have a value that cannot be read' in there.open().messages()
    there.save(spam='include')
    assert stored(owner) == {'popPolicySpam': 'include'}


def test_the_directory_is_down(browser, site, owner):
    browser.login(site, owner).open()
    owner.directory.down()
    try:
        browser.choose(spam='only')
        browser.submit()
        assert browser.messages() == UNREACHABLE and not browser.all('.pop-policy input')
        assert site.errors()
    finally:
        owner.directory.up()
    owner.server.log.allow_errors('LDAP')
    assert stored(owner) == {}
    # a user's error says nothing of another one's
    assert doveadm.get(owner)['pop_policy_spam'][0] == 'exclude'


def test_an_account_without_entry(browser, site, api):
    user = api.add_user()
    user.append('INBOX', 'one')
    browser.login(site, user).open().choose(spam='only')
    browser.submit()
    assert 'not available' in browser.messages()
    assert 'exitCode' in site.errors()[0]
    api.log.allow_errors('no entry|No entry|has no')


def test_a_name_that_would_be_many(browser, site, owner):
    """That of a master user's login has a wildcard of doveadm."""
    master = copy.copy(owner)
    master.name, master.password = '%s*%s' % (owner.name, MASTER_USER), MASTER_PASSWORD
    browser.login(site, master).open()
    assert browser.messages() == UNREACHABLE and not browser.all('.pop-policy input')
    assert 'is not the name of one user' in site.errors()[0]


@pytest.mark.parametrize('more', [{'doveadm_api_key': 'wrong'}, {'doveadm_url': 'http://127.0.0.1:1/'}])
def test_no_answer(browser, site, api, owner, more):
    site.configure(settings(api, **more))
    try:
        browser.login(site, owner)
        start = time.monotonic()
        browser.open()
        assert time.monotonic() - start < 30  # on a machine that does other things too
        assert browser.messages() == UNREACHABLE and not browser.all('.pop-policy input')
        assert site.errors()
    finally:
        site.configure(settings(api))
    api.log.allow_errors('API')
