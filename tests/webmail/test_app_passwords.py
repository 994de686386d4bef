"""Application passwords on the page: made, used by POP, revoked."""

import re

import pytest

from tests.lib.directory import SUFFIX
from tests.lib.examples import ExampleServer, example_directory, ldif
from tests.server.examples.test_app_passwords import imap, pop
from tests.webmail.browser import Browser
from tests.webmail.roundcube import Roundcube
from tests.webmail.test_everybody import assert_accessible
from tests.webmail.test_refusals import UNREACHABLE, send

ANN, BOB = 'ann@example.org', 'bob@example.org'
PEOPLE = 'ou=people,' + SUFFIX
CONTAINER = 'ou=app-passwords,uid=%s,' + PEOPLE
ACTION = '?_task=settings&_action=plugin.pop_policy-app-password'
PART = '.pop-policy-app-passwords'
PASSWORD = r'(?:[a-km-np-z2-9]{5}-){3}[a-km-np-z2-9]{5}'


@pytest.fixture(scope='module')
def site():
    """examples/app-passwords with its access rules, and a Roundcube for it."""
    directory = example_directory()
    directory.set('uid=bob,' + PEOPLE, popPolicyEnabled=None)
    for name in ('self-service', 'app-passwords-access'):
        directory.configure(ldif(name))
    mail = ExampleServer('app-passwords', directory)
    mail.web = Roundcube(mail, settings(directory))
    yield mail
    mail.web.stop()
    bad = mail.stop()
    directory.stop()
    assert bad == []


def settings(directory, **more):
    """The plugin's settings."""
    return {'backend': 'ldap', 'ldap_uris': directory.uris['ldap'],
            'ldap_dn': 'uid=%n,' + PEOPLE, 'ldap_app_passwords': 'ou=app-passwords', **more}


@pytest.fixture(autouse=True)
def containers(site):
    """ann and bob have application passwords, and none yet."""
    for name in 'ann', 'bob':
        site.directory.add(CONTAINER % name, objectClass='organizationalUnit', ou='app-passwords')
    site.web.errors()
    yield
    for name in 'ann', 'bob':
        if 'dn:' in site.directory.search('-b', PEOPLE, '(&(ou=app-passwords)(entryDN=%s))' % (
                CONTAINER % name)):
            site.directory.delete(CONTAINER % name)
    assert site.web.errors() == []


@pytest.fixture
def page(browser, site):
    """The page as ann sees it."""
    return browser.login(site.web, site.account(ANN)).open()


def entries(site, name='ann'):
    """{label: name of the entry} in the directory."""
    found = site.directory.search('-b', CONTAINER % name, '-s', 'one', 'ou', 'description')
    return {re.search(r'description:(.*)', one)[1].strip(): re.search(r'ou: (.*)', one)[1]
            for one in found.split('\n\n') if one.strip()}


def make(page, label):
    """Fill in the form and send it; the new password, or None."""
    field = page.find('#pop-policy-label')
    field.clear()
    field.send_keys(label)
    with page.new_page():
        page.find(PART + ' button.submit').click()
    shown = page.text('.pop-policy-new-password code')
    assert not shown or re.fullmatch(PASSWORD, shown)
    return shown or None


def rows(page):
    """[label, date] of each that is listed."""
    return [[cell.text for cell in row.find_elements('css selector', 'td')[:2]]
            for row in page.all(PART + ' tbody tr')]


def revoke(page, label, sure=True):
    """Click Revoke there and answer the question."""
    with page.new_page():
        page.find(PART + ' button[aria-label="Revoke: %s"]' % label).click()
    assert 'Revoke the password for "%s"?' % label in page.text('.pop-policy-question')
    with page.new_page():
        answer = 'button.submit' if sure else 'a.cancel'
        page.find('.pop-policy-app-password ' + answer).click()


def fields(page, **more):
    """What a form would send."""
    return {'_token': page.driver.execute_script('return rcmail.env.request_token'), **more}


def test_make_use_and_revoke(site, page):
    assert 'There is none yet' in page.text(PART) and rows(page) == []
    laptop, phone = make(page, 'Laptop'), make(page, 'Phone')
    assert laptop and phone and laptop != phone
    assert [row[0] for row in rows(page)] == ['Laptop', 'Phone']
    assert all(re.search(r'\d{1,2} \w+ 20\d\d, \d\d:\d\d', row[1]) for row in rows(page))
    for password in laptop, phone:
        assert pop(site, ANN, password)
        assert not imap(site, ANN, password) and not pop(site, BOB, password)
    assert not pop(site, ANN, 'secret') and imap(site, ANN, 'secret')

    page.open()
    assert laptop not in page.driver.page_source and phone not in page.driver.page_source
    revoke(page, 'Laptop', sure=False)
    assert pop(site, ANN, laptop)
    revoke(page, 'Laptop')
    assert page.messages() == 'Revoked. The password does not work any more.'
    assert [row[0] for row in rows(page)] == ['Phone'] and list(entries(site)) == ['Phone']
    assert not pop(site, ANN, laptop) and pop(site, ANN, phone)


def test_the_directory_hashes_it(site, page):
    password = make(page, 'Laptop')
    value = site.directory.search('-b', CONTAINER % 'ann', '-s', 'one', 'userPassword')
    assert 'userPassword:: e1NTSEF9' in value and password not in value  # {SSHA}
    assert password not in '\n'.join(site.directory.log.lines('conn='))


@pytest.mark.parametrize('label', ['<b>"x"</b>&amp;\'', 'Zoë’s Gerät: 手机', 'a' * 64])
def test_labels_are_text(page, site, label):
    password = make(page, label)
    assert 'The password for "%s"' % label in page.messages()
    assert rows(page)[0][0] == label and pop(site, ANN, password)
    with page.new_page():
        page.find(PART + ' tbody button').click()
    assert 'Revoke the password for "%s"?' % label in page.text('.pop-policy-question')
    with page.new_page():
        page.find('.pop-policy-app-password button.submit').click()
    assert rows(page) == [] and not pop(site, ANN, password)


@pytest.mark.parametrize('label', ['', ' ', 'a' * 65, 'a\nb', 'a\0b', b'\xff', '\u202ex'], ids=repr)
def test_a_label_that_is_none(page, site, label):
    answer = send(page, fields(page, _label=label), ACTION)
    assert 'Please name the mail program or device' in answer
    assert entries(site) == {}
    answer = send(page, {**fields(page), '_label[]': 'x'}, ACTION)
    assert 'Please name the mail program or device' in answer and entries(site) == {}


def test_a_label_that_is_taken(page, site):
    assert make(page, 'Laptop')
    assert make(page, ' laptop ') is None
    assert page.messages() == 'There is a password of that name. Nothing was saved.'
    assert page.find('#pop-policy-label').get_attribute('value') == 'laptop'
    assert list(entries(site)) == ['Laptop']


def test_no_more_than_twenty(page, site):
    for number in range(20):
        site.directory.add('ou=%02x,' % number + CONTAINER % 'ann', ou='%02x' % number,
                           objectClass='organizationalUnit', description='Device %d' % number)
    assert make(page.open(), 'One more') is None
    assert 'Revoke one first' in page.messages() and len(entries(site)) == 20


def test_names_that_are_taken_are_not_used(page, site):
    """All but 16 of the 256 names have an entry that the page does not count."""
    site.directory.change('\n'.join(
        'dn: ou=%02x,%s\nobjectClass: applicationProcess\nobjectClass: labeledURIObject\n'
        'cn: x\nou: %02x\n' % (number, CONTAINER % 'ann', number) for number in range(16, 256)))
    password = make(page, 'Laptop')
    assert re.fullmatch('0.', re.search(r'dn: ou=(..),', site.directory.search(
        '-b', CONTAINER % 'ann', '(description=Laptop)'))[1])
    assert pop(site, ANN, password)


def test_a_foreign_label(page, site, browser):
    mine = make(page, 'Laptop')
    name = entries(site)['Laptop']
    browser.login(site.web, site.account(BOB)).open()
    assert rows(page) == []
    theirs = make(page, 'Desk')
    for sent in ({'_name': name, '_label': 'Laptop'}, {'_name': name, '_label': 'Desk'},
                 {'_name': entries(site, 'bob')['Desk'], '_label': 'Laptop'},
                 {'_name': '%s,%s' % (name, CONTAINER % 'ann'), '_label': 'Laptop'},
                 {'_name[]': name, '_label': 'Laptop'}, {'_name': '', '_label': ''}):
        for confirmed in ({}, {'_confirmed': 1}):
            answer = send(page, fields(page, **sent, **confirmed), ACTION)
            if '_name[]' not in sent or confirmed:
                assert 'There is no such password any more' in answer, sent
    assert pop(site, ANN, mine) and pop(site, BOB, theirs)


@pytest.mark.parametrize('token', [None, 'x'])
def test_a_forged_request(page, site, token):
    password = make(page, 'Laptop')
    for sent in ({'_label': 'Evil'}, {'_name': entries(site)['Laptop'], '_label': 'Laptop',
                                      '_confirmed': 1}):
        sent = sent if token is None else {'_token': token, **sent}
        send(page, sent, ACTION)
        send(page, None, ACTION + ''.join('&%s=%s' % one for one in sent.items()))
    assert list(entries(site)) == ['Laptop'] and pop(site, ANN, password)
    site.web.errors()


def test_an_account_without_them(page, site):
    site.directory.delete(CONTAINER % 'ann')
    assert 'not switched on for your account' in page.open().text(PART)
    assert not page.all(PART + ' form') and pop(site, ANN, 'secret')
    assert 'not switched on' in send(page, fields(page, _label='x'), ACTION)
    assert 'dn:' not in site.directory.search('-b', PEOPLE, '(ou=app-passwords)').replace(
        CONTAINER % 'bob', '').replace('dn: \n', '')


@pytest.mark.parametrize('more', [{'ldap_app_passwords': ''}, None], ids=['config', 'plan'])
def test_where_there_is_no_such_part(page, site, more):
    try:
        if more is None:
            site.directory.set('uid=ann,' + PEOPLE, popPolicyAvailable=False)
        else:
            site.web.configure(settings(site.directory, **more))
        assert page.open().status() and not page.all(PART)
        assert 'Nothing was saved' in send(page, fields(page, _label='x'), ACTION)
        assert entries(site) == {}
    finally:
        site.directory.set('uid=ann,' + PEOPLE, popPolicyAvailable=None)
        site.web.configure(settings(site.directory))


def test_the_directory_takes_no_password(page, site):
    """The second step fails: the entry goes again."""
    rules = ldif('app-passwords-access').replace('by dn.exact,expand="$1" =w by anon', 'by anon')
    _rules(site, rules)
    try:
        assert make(page, 'Laptop') is None
        assert page.messages() == 'You may not change these settings. Nothing was saved.'
        assert 'set a password' in site.web.errors()[0]
        assert entries(site) == {} and rows(page) == []
    finally:
        _rules(site, ldif('app-passwords-access'))
    assert pop(site, ANN, make(page, 'Laptop'))


def test_a_user_without_rights(page, site):
    make(page, 'Laptop')
    _rules(site, None)
    try:
        assert make(page, 'Phone') is None
        assert page.messages() == 'You may not change these settings. Nothing was saved.'
        assert site.web.errors()
    finally:
        _rules(site, ldif('app-passwords-access'))
    assert list(entries(site)) == ['Laptop']


def _rules(site, rules):
    """The access rules of self-service.ldif with these before them."""
    if rules is None:
        rules = re.sub(r'(expand="\$1") (=w|write)', r'\1 read', ldif('app-passwords-access'))
    site.directory.configure(ldif('self-service'))
    site.directory.configure(rules)


def test_the_directory_is_down(page, site):
    site.directory.down()
    try:
        assert make(page, 'Laptop') is None
        assert page.messages() == UNREACHABLE and not page.all('.pop-policy form')
        assert site.web.errors()
    finally:
        site.directory.up()
    assert entries(site) == {}
    site.log.allow_errors('[Ll][Dd][Aa][Pp]')  # Dovecot had connections too


def test_saving_the_rest_goes_on(page, site):
    password = make(page, 'Laptop')
    page.save(spam='include')
    assert [row[0] for row in rows(page)] == ['Laptop'] and pop(site, ANN, password)
    site.directory.set('uid=ann,' + PEOPLE, popPolicySpam=None)


def test_axe_finds_nothing(page):
    assert_accessible(page)
    make(page, 'Laptop')
    assert_accessible(page)
    with page.new_page():
        page.find(PART + ' tbody button').click()
    assert_accessible(page)


def test_without_javascript(site):
    browser = Browser(javascript=False)
    try:
        browser.login(site.web, site.account(ANN)).open()
        assert pop(site, ANN, make(browser, 'Laptop'))
        revoke(browser, 'Laptop')
        assert entries(site) == {}
    finally:
        browser.close()
