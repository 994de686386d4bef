"""doc/self-service.md: what it says works, and its picture."""

import os
import re
import sqlite3

import pytest

from tests.lib import dovecot_config
from tests.lib.documents import README, block
from tests.lib.mailuser import fill
from tests.lib.model import DISABLED, UNAVAILABLE
from tests.lib.places import BUILD, SOURCE
from tests.server.examples.test_documentation import INSTALLED, WrittenServer, WrittenUser
from tests.webmail.roundcube import PLUGIN, Roundcube

PAGE = (SOURCE / 'doc/self-service.md').read_text()
FOLDER = '/var/lib/pop-policy'


class PageServer(WrittenServer):
    """The README's first policy with what the page adds, its paths moved."""

    def _prepare(self):
        super()._prepare()
        folder = self.root / 'table'
        folder.mkdir()
        folder.chmod(0o777)
        with sqlite3.connect(folder / 'policy.db') as database:
            database.executescript(block('table', PAGE))
        (folder / 'policy.db').chmod(0o666)

    def moved(self, text):
        """The text with this server's paths."""
        return text.replace(FOLDER, str(self.root / 'table')).replace('/etc/dovecot', str(self.root))

    def configuration(self):
        text = super().configuration()
        users = self.root / 'users.readme'
        taken, = re.findall(r"sed -i '(s/userdb[^']*)' /etc/dovecot/users", PAGE)
        assert taken == 's/userdb_pop_policy_.*//'
        users.write_text(re.sub('userdb_pop_policy_.*', '', users.read_text()))
        if not dovecot_config.IS_24:
            (self.root / 'pop-policy-sql.conf.ext').write_text(
                self.moved(block('pop-policy-sql.conf.ext for 2.3', PAGE)))
        return text + self.moved(block('userdb for ' + INSTALLED, PAGE))

    def execute(self, statement):
        """Rows of the table."""
        with sqlite3.connect(self.root / 'table/policy.db', timeout=30) as database:
            return database.execute(statement).fetchall()


@pytest.fixture
def written():
    """The page's server."""
    server = PageServer()
    os.chown(server.root / 'mail', dovecot_config.MAIL_UID, dovecot_config.MAIL_UID)
    yield server
    assert server.stop() == []


def test_from_the_readme_to_the_page(browser, written):
    site = Roundcube(written, {})
    try:
        path = site.root / 'plugins/pop_policy/config.inc.php'
        path.write_text(written.moved(block('config.inc.php', PAGE)).replace('0640', '0666'))
        ann, bob, cay = (WrittenUser(written, name) for name in ('ann', 'bob', 'cay'))
        for user in ann, bob, cay:
            fill(user)
            assert user.queue() == ['one', 'two', 'three']
        browser.login(site, ann).open()
        assert browser.status() == 'POP is on for all mail.'
        assert browser.chosen('delete') == ['keep']  # as the README's pop-policy.conf has it
        browser.save(access='off')
        assert ann.attempt().login_reply == DISABLED
        browser.save(access='all', spam='include')
        assert ann.queue() == ['one', 'spam1', 'two', 'spam2', 'three']
        assert bob.queue() == ['one', 'two', 'three']
        statement, = re.findall(r'(?m)^    (UPDATE .*;)$', PAGE)
        written.execute(statement)
        assert browser.open().status().startswith('POP is not part of')
        assert ann.attempt().login_reply == UNAVAILABLE
        assert site.errors() == []
        # the database cannot be read: nobody is let in without a policy
        (written.root / 'table/policy.db').rename(written.root / 'table/away')
        (written.root / 'table/policy.db').mkdir()
        written.restart()
        assert not bob.attempt().login_reply.startswith('+OK')
        written.log.allow_errors('sql|Internal auth failure')
    finally:
        site.stop()


def test_every_setting_is_in_the_example(webmail):
    """What the plugin asks for, and nothing else."""
    told = set(re.findall(r"(?m)^\$config\['pop_policy_(\w+)'\]",
                          (PLUGIN / 'config.inc.php.dist').read_text()))
    asked = set()
    for path in PLUGIN.rglob('*.php'):
        text = path.read_text()
        asked |= set(re.findall(r"'pop_policy_(\w+)',? ?[\[)'(]", ''.join(
            re.findall(r"config->get\(.*", text))))
        asked |= set(re.findall(r"this->config\('(\w+)'", text))
        asked |= set(re.findall(r"query\('(sql_\w+)'", text))
    asked |= {'pop_server', 'smtp_server'}
    assert told == asked
    assert set(re.findall(r'`pop_policy_(\w+)`', PAGE)) - told <= {'delete', 'available', 'ldap_write_dn'}


def test_the_page_is_linked_and_says_what_is_there():
    assert '(doc/self-service.md)' in README and '(doc/pop-access.png)' in README
    for path in re.findall(r'`((?:examples|webmail)/[\w/.-]+)`', PAGE):
        assert (SOURCE / path).exists(), path


def test_the_picture(page, user, settings):
    """doc/pop-access.png is made here; copy it from the build folder when the page has changed."""
    settings(pop_server={'host': 'pop.example.org', 'port': 995, 'security': 'tls'},
             smtp_server={'host': 'smtp.example.org', 'port': 465, 'security': 'tls'},
             user='ann@example.org', recent_prefix='recent:')
    for folder in ('Lists/dovecot', 'Work'):
        user.append(folder, 'mail')
    user.directory.set(user.dn, popPolicySince='20261125140300Z', popPolicyDelete='keep',
                       popPolicyExtraMailboxes='Work')
    page.driver.set_window_size(1150, 1560)
    try:
        page.open()
        page.driver.execute_script('document.activeElement.blur()')
        picture = BUILD / 'pop-access.png'
        assert page.driver.save_screenshot(str(picture))
        assert picture.stat().st_size > 20000
    finally:
        page.driver.set_window_size(1200, 1000)
