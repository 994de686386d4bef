"""The page for everybody: by keyboard, without eyes or JavaScript, in four languages."""

import pytest
from selenium.webdriver.common.keys import Keys

from tests.webmail.accounts import stored
from tests.webmail.axe import violations
from tests.webmail.browser import Browser

# What axe-core finds on every page of Roundcube 1.6: its logo, its logout button, its viewport.
OF_ROUNDCUBE = {'color-contrast', 'meta-viewport', 'region'}
SERVERS = {'pop_server': {'host': 'pop.example.org', 'port': 995, 'security': 'tls'},
           'smtp_server': {'host': 'smtp.example.org', 'port': 587, 'security': 'starttls'},
           'recent_prefix': 'recent:'}


def assert_accessible(page):
    """axe-core finds nothing that is ours."""
    found = violations(page)
    ours = {rule: [one for one in targets if not one.startswith(('#rcmbtn', 'meta[', '#logo'))]
            for rule, targets in found.items()}
    assert {rule for rule in found if rule not in OF_ROUNDCUBE} == set(), found
    assert not any(ours.values()), ours


def test_axe_finds_what_is_wrong(page):
    page.driver.execute_script(
        "document.querySelector('.pop-policy label').remove();"
        "document.querySelector('.pop-policy h1').style.color = '#eee'")
    assert {'label', 'color-contrast'} <= set(violations(page))


def test_axe_finds_nothing(page, user, settings):
    settings(**SERVERS)
    user.append('Work', 'work')
    assert_accessible(page.open())
    page.save(delete='keep')
    assert_accessible(page)  # with a message
    page.choose(delete='delete')
    page.submit()
    assert 'Delete for good?' in page.text()
    assert_accessible(page)
    user.directory.set(user.dn, popPolicySpam='maybe')
    assert 'cannot be read' in page.open().messages()
    assert_accessible(page)
    user.directory.set(user.dn, popPolicySpam=None, popPolicyAvailable=False)
    assert 'not part of' in page.open().status()
    assert_accessible(page)
    settings(ldap_uris='ldap://127.0.0.1:1')
    assert 'not available' in page.open().messages()
    assert_accessible(page)
    assert page.site.errors()


def test_axe_finds_nothing_in_the_dark(page):
    page.driver.add_cookie({'name': 'colorMode', 'value': 'dark'})
    page.open()
    assert 'dark-mode' in page.find('html').get_attribute('class')
    assert_accessible(page)
    page.driver.delete_cookie('colorMode')


def test_every_dial_by_keyboard_alone(page, user, webmail):
    user.append('Work', 'work')
    page.driver.get(webmail.url + '?_task=settings')
    page.wait(lambda: page.all('#settings-menu li.pop_policy a'))
    page.tab_to(lambda _: page.driver.execute_script(
        "return document.activeElement.matches('#settings-menu li.pop_policy a')"))
    with page.new_page():
        page.press(Keys.ENTER)
    # Tab goes from group to group, the arrows within one; each choice counts at once
    for group, downs in (('access', 1), ('spam', 1), ('folder', 0), ('delete', 3), ('keep_for', 2)):
        page.tab_to(lambda focus, group=group: focus.startswith('pop-policy-%s-' % group))
        if group == 'folder':
            page.press(Keys.SPACE)
        if group == 'delete':
            downs = -1  # from the last one, delete, to trash
        page.press(*[Keys.DOWN] * downs, *[Keys.UP] * -downs)
    page.tab_to(lambda focus: focus == 'BUTTON')
    with page.new_page():
        page.press(Keys.ENTER)
    assert 'after 90 days' in page.text('[role=alert]')
    page.tab_to(lambda focus: focus == 'BUTTON')
    with page.new_page():
        page.press(Keys.ENTER)
    assert page.messages().startswith('Saved.')
    found = stored(user)
    found.pop('popPolicySince')
    assert found == {'popPolicySpam': 'include', 'popPolicyExtraMailboxes': 'Work',
                     'popPolicyDelete': 'trash', 'popPolicyKeepFor': '90d'}


def test_what_came_of_it_has_the_focus(page):
    def role():
        return page.driver.execute_script("return document.activeElement.getAttribute('role')")
    page.save(delete='keep')
    assert role() == 'status'
    page.choose(delete='delete')
    page.submit()
    assert role() == 'alert'


def test_without_javascript(webmail, user):
    browser = Browser(javascript=False)
    try:
        browser.sign_in(webmail, user)
        browser.driver.get(webmail.url + '?_task=settings&_action=plugin.pop_policy')
        assert browser.status() == 'POP is on for all mail.'
        browser.save(spam='only', delete='keep')
        assert stored(user) == {'popPolicySpam': 'only', 'popPolicyDelete': 'keep'}
        browser.choose(delete='delete')
        browser.submit()
        assert 'Delete for good?' in browser.text()
        browser.submit()
        assert stored(user)['popPolicyDelete'] == 'delete'
    finally:
        browser.close()


@pytest.mark.parametrize('language,title,status', [
    ('de-DE', 'POP-Zugriff',
     'POP ist für Nachrichten eingeschaltet, die ab 1. März 2026, 00:00 eintreffen.'),
    ('nl-NL', 'POP-toegang', 'POP staat aan voor berichten die vanaf 1 maart 2026, 00:00 binnenkomen.'),
    ('fr-FR', 'Accès POP',
     'POP est activé pour les messages reçus à partir du 1 mars 2026, 00:00.')])
def test_languages(webmail, accounts, settings, language, title, status):
    settings(**SERVERS)
    user = accounts.add(popPolicySince='20260301000000Z')
    browser = Browser(language)
    try:
        browser.sign_in(webmail, user).open_by_menu()
        assert browser.text('#settings-menu li.pop_policy') == title
        assert browser.status().lower() == status.lower()
        for english in ('Spam only', 'Save', 'Server name', 'Leave', 'days', '[', '$'):
            assert english not in browser.text()
        assert_accessible(browser)
    finally:
        browser.close()


def test_the_users_own_time_zone(browser, accounts, webmail):
    user = accounts.add(popPolicySince='20260101003000Z')
    browser.login(webmail, user).open()
    webmail.set_preferences(user, timezone='America/New_York')
    assert browser.open().status() == \
        'POP is on for mail that arrives from 31 December 2025, 19:30.'


def test_how_to_set_up_a_mail_program(page, user, settings):
    assert 'Set up' not in page.text()
    settings(**SERVERS, user='%n@example.org')
    text = page.open().text('.pop-policy-setup')
    name = user.name + '@example.org'
    assert text.split('\n') == [
        'Set up your mail program', 'Incoming mail (POP)', 'Server', 'pop.example.org', 'Port',
        '995', 'Security', 'SSL/TLS', 'User name', name, 'Outgoing mail (SMTP)', 'Server',
        'smtp.example.org', 'Port', '587', 'Security', 'STARTTLS', 'User name', name,
        'On a second device use the user name "recent:%s". It gets all recent mail, also what '
        'the first device has fetched. Tell it to leave messages on the server.' % name]
