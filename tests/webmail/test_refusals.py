"""What must not work: forged requests, values that are no option, failures half way."""

import pathlib
import re
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import pytest

from tests.lib.directory import PEER, READER, READER_PASSWORD, SUFFIX
from tests.lib.model import INVALID, UNAVAILABLE
from tests.webmail.accounts import stored
from tests.webmail.conftest import ACCESS, ldap_settings
from tests.webmail.roundcube import Roundcube

SAVE = '?_task=settings&_action=plugin.pop_policy-save'
SHOW = '?_task=settings&_action=plugin.pop_policy'


def send(page, fields, query=SAVE, cookies=None):
    """A request with the cookies of the browser, or others: the text of the answer."""
    cookies = cookies if cookies is not None else {
        cookie['name']: cookie['value'] for cookie in page.driver.get_cookies()}
    request = urllib.request.Request(
        page.site.url + query, headers={
            'Cookie': '; '.join('%s=%s' % one for one in cookies.items()),
            'User-Agent': page.driver.execute_script('return navigator.userAgent')},
        data=None if fields is None else urllib.parse.urlencode(fields, doseq=True).encode())
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def form(page):
    """{name: values} as the form would be sent."""
    fields = {}
    for one in page.all('#pop-policy-form input'):
        if one.get_attribute('type') == 'hidden' or one.is_selected():
            fields.setdefault(one.get_attribute('name'), []).append(one.get_attribute('value'))
    return fields


def test_what_the_form_sends_is_saved(page, user):
    """Else the tests below prove nothing."""
    assert 'Saved.' in send(page, {**form(page), '_spam': 'only'})
    assert stored(user) == {'popPolicySpam': 'only'}


@pytest.mark.parametrize('token', [None, '', 'x', 'of another session'])
def test_a_forged_request(page, user, browser, webmail, accounts, token):
    fields = {**form(page), '_spam': 'only'}
    mine = {cookie['name']: cookie['value'] for cookie in page.driver.get_cookies()}
    if token == 'of another session':
        browser.login(webmail, accounts.add()).open()
        token = form(browser)['_token']
    fields['_token'] = token
    if token is None:
        del fields['_token']
    assert 'Saved.' not in send(page, fields, cookies=mine)
    assert stored(user) == {}
    webmail.errors()


def test_a_get_saves_nothing(page, user):
    fields = urllib.parse.urlencode({**form(page), '_spam': 'only'}, doseq=True)
    send(page, None, SAVE + '&' + fields)
    assert stored(user) == {}


def test_without_a_session(page, user):
    answer = send(page, {**form(page), '_spam': 'only'}, cookies={})
    assert '_pass' in answer and stored(user) == {}
    page.driver.delete_all_cookies()
    page.driver.get(page.site.url + SHOW)
    assert page.all('#rcmloginpwd') and not page.all('.pop-policy')


def test_nobody_writes_for_somebody_else(page, user, accounts):
    """The account is that of the session, whatever the form says."""
    other = accounts.add()
    send(page, {**form(page), '_spam': 'only', '_user': other.name, '_dn': other.dn})
    assert stored(other) == {} and stored(user) == {'popPolicySpam': 'only'}


@pytest.mark.parametrize('fields', [
    {'_spam': 'maybe'}, {'_spam': ''}, {'_spam': 'ONLY'}, {'_spam[]': 'only'}, {'_access': 'since'},
    {'_access': '20200101000000Z'}, {'_access': 'on'}, {'_delete': 'default'}, {'_delete': 'no'},
    {'_keep_for': '1s'}, {'_keep_for': '0d'}, {'_keep_for': '90d\n'}, {'_folders[]': '../x'},
    {'_folders[]': ['Work', '*']}, {'_folders[]': 'INBOX'}, {'_folders': 'Work'},
    {'_folders[0][]': 'Work'}, {'_folders[]': ['Work'] * 101}], ids=str)
def test_nothing_but_the_options(page, user, fields):
    user.append('Work', 'work')
    page.open()
    sent = {**form(page), '_access': 'off', **fields}
    for name in fields:
        if name != name.partition('[')[0] and name.partition('[')[0] in sent:
            del sent[name.partition('[')[0]]
    answer = send(page, sent)
    assert 'Nothing was saved.' in answer and 'Saved. It' not in answer
    assert stored(user) == {}  # and access was not saved either


def test_a_part_without_a_choice(page, user):
    sent = {**form(page), '_access': 'off'}
    del sent['_delete']
    assert 'one of the options in each part' in send(page, sent)
    assert stored(user) == {}


def test_a_form_without_folders_leaves_them_alone(page, user):
    """It was made when the mail server could not list them."""
    user.directory.set(user.dn, popPolicyExtraMailboxes='Work')
    sent = {**form(page.open()), '_spam': 'only'}
    del sent['_folders_shown'], sent['_folders[]']
    assert 'Saved.' in send(page, sent)
    assert stored(user) == {'popPolicySpam': 'only', 'popPolicyExtraMailboxes': 'Work'}


def test_folders_that_cannot_be_listed(page, user, server):
    """Then they are not shown, and a form that has them is not saved by half."""
    user.append('Work', 'work')
    sent = {**form(page.open()), '_spam': 'only', '_folders[]': ['Work']}
    password = server.root / 'users' / (user.name + '.pass')
    password.write_text('%s:{PLAIN}another\n' % user.name)
    time.sleep(1.1)  # Dovecot looks at the file once a second
    assert 'not available right now' in send(page, sent)
    assert stored(user) == {}
    page.open()
    assert not page.inputs('folders[]') and page.chosen('spam') == ['exclude']
    assert page.site.errors()


def test_no_dial_that_the_site_does_not_allow(page, user, settings):
    sent = {**form(page), '_spam': 'only', '_access': 'off', '_available': 'yes',
            '_extra_mailboxes': 'Work', '_retrieve': 'delete'}
    settings(dials=['spam'])
    assert 'Saved.' in send(page, sent)
    assert stored(user) == {'popPolicySpam': 'only'}


def test_a_plan_without_pop(page, user):
    sent = {**form(page), '_spam': 'only'}
    user.directory.set(user.dn, popPolicyAvailable=False)
    assert page.open().status() == \
        "POP is not part of your account's plan. There is nothing to set here."
    assert not page.all('.pop-policy input, .pop-policy button')
    assert user.attempt().login_reply == UNAVAILABLE
    assert "not part of your account" in send(page, sent)
    assert stored(user) == {'popPolicyAvailable': 'FALSE'}


def test_somebody_else_was_faster(page, user):
    user.directory.set(user.dn, popPolicyDelete='keep')
    page.choose(spam='only')
    page.submit()
    assert 'changed elsewhere' in page.messages()
    assert stored(user) == {'popPolicyDelete': 'keep'}
    assert page.chosen('delete') == ['keep'] and page.chosen('spam') == ['exclude']
    page.save(spam='only')


@pytest.mark.parametrize('name,value', [
    ('popPolicySpam', 'maybe'), ('popPolicyDelete', 'x'), ('popPolicyExtraMailboxes', 'a,,b'),
    ('popPolicyKeepFor', '90')])
def test_an_invalid_value_can_be_put_right(page, user, name, value):
    user.directory.set(user.dn, **{name: value})
    assert user.attempt().login_reply == INVALID
    user.server.log.claim_error(re.escape(user.name))
    page.open()
    assert page.status() == 'Mail programs cannot use POP at the moment.'
    assert 'have a value that cannot be read' in page.messages()
    page.choose(spam='include')
    if name != 'popPolicyExtraMailboxes':
        field = {'popPolicyDelete': 'delete', 'popPolicyKeepFor': 'keep_for'}.get(name)
        assert field is None or page.chosen(field) == []
        page.choose(**({field: {'delete': 'keep', 'keep_for': 'infinite'}[field]} if field else {}))
    page.submit()
    assert page.messages().startswith('Saved.') and page.status() == 'POP is on for all mail.'
    assert user.queue() == ['one', 'spam1', 'two', 'spam2', 'three']


def test_an_invalid_plan(page, user):
    """What is the site's is not put right here."""
    user.directory.set(user.dn, popPolicyAvailable=None)
    settings_of_site = ldap_settings(user.directory, ldap_attributes={'available': 'cn'})
    page.site.configure(settings_of_site)
    try:
        page.open()
        assert 'contact your administrator' in page.messages()
        assert not page.all('.pop-policy input')
    finally:
        page.site.configure(ldap_settings(user.directory, dials=[
            'enabled', 'since', 'spam', 'delete', 'extra_mailboxes', 'keep_for']))


def test_a_user_without_rights(page, user):
    read_only = ACCESS.format(peer=PEER, reader=READER).replace('by self write', 'by self read')
    user.directory.configure(read_only)
    try:
        page.choose(spam='only', access='off')
        page.submit()
        assert page.messages() == 'You may not change these settings. Nothing was saved.'
        assert page.chosen('spam') == ['exclude']
        assert 'Insufficient access' in page.site.errors()[0]
    finally:
        user.directory.configure(ACCESS.format(peer=PEER, reader=READER))
    assert stored(user) == {}
    page.save(spam='only')


def test_the_directory_refuses_one_of_several(page, user):
    """All or nothing: users may not write one of two attributes."""
    one = ACCESS.format(peer=PEER, reader=READER).replace(
        'attrs=popPolicyAvailable by', 'attrs=popPolicyAvailable,popPolicyDelete by')
    user.directory.configure(one)
    try:
        page.choose(spam='only', delete='keep')
        page.submit()
        assert page.messages() == 'You may not change these settings. Nothing was saved.'
        page.site.errors()
    finally:
        user.directory.configure(ACCESS.format(peer=PEER, reader=READER))
    assert stored(user) == {}


UNREACHABLE = 'Your POP settings are not available right now. Please try again later.'


def test_the_directory_is_down(page, user):
    user.directory.down()
    try:
        page.choose(spam='only')
        page.submit()
        assert page.messages() == UNREACHABLE
        assert not page.all('.pop-policy input') and page.status() == ''
        page.open()
        assert page.messages() == UNREACHABLE and not page.all('.pop-policy input')
        assert "Can't contact LDAP server" in page.site.errors()[0]
    finally:
        user.directory.up()
    assert stored(user) == {}
    page.open().save(spam='only')


def test_the_directory_does_not_answer(page, user, settings):
    settings(ldap_timeout=2)
    user.directory.freeze()
    try:
        start = time.monotonic()
        page.open()
        assert time.monotonic() - start < 30  # on a machine that does other things too
        assert page.messages() == UNREACHABLE
        assert page.site.errors()
    finally:
        user.directory.thaw()
    page.open()
    assert page.chosen('spam') == ['exclude']


# -- names, and ways to find an entry


@pytest.mark.parametrize('name', ['a,b', 'a+cn=x', 'a=b', 'a;b', 'a,ou=people'])
def test_names_are_escaped_in_a_dn(browser, webmail, server, directory, name):
    user = server.add_user(name)
    user.directory, user.dn = directory, directory.add_account(name)
    browser.login(webmail, user).open().save(spam='only')
    assert stored(user) == {'popPolicySpam': 'only'}
    directory.delete(user.dn)


def search_settings(directory, **more):
    """The plugin's settings for an entry that is searched for."""
    return dict(ldap_settings(directory), ldap_dn='', ldap_base='ou=people,' + SUFFIX,
                ldap_filter='(mail=%u)', **more)


def test_an_entry_is_found(page, user):
    page.site.configure(search_settings(user.directory))
    page.open().save(spam='only')
    assert stored(user) == {'popPolicySpam': 'only'}


@pytest.mark.parametrize('name', ['x)(mail=y', 'a(b', 'a)'])
def test_names_are_escaped_in_a_filter(browser, webmail, server, directory, accounts, name):
    other = accounts.add()
    webmail.configure(search_settings(directory))
    browser.login(webmail, server.add_user(name)).open()
    assert browser.messages() == UNREACHABLE and not browser.all('.pop-policy input')
    assert 'not exactly one entry' in webmail.errors()[0]
    assert stored(other) == {}


# -- without the user's password


@pytest.fixture(scope='module')
def single_sign_on(server, directory):
    """A Roundcube that does not have its users' passwords."""
    site = Roundcube(server, {}, plugins=['single_sign_on'])
    yield site
    site.stop()


def test_single_sign_on_can_look(browser, single_sign_on, directory, accounts):
    user = accounts.add(popPolicySpam='include')
    single_sign_on.configure(search_settings(directory, ldap_search_dn=READER,
                                             ldap_search_password=READER_PASSWORD))
    browser.login(single_sign_on, user).open()
    assert 'You cannot change these settings here.' in browser.text()
    assert browser.chosen('spam') == ['include'] and not browser.all('.pop-policy button')
    assert not browser.all('.pop-policy input:enabled')
    token = browser.driver.execute_script('return rcmail.env.request_token')
    answer = send(browser, {'_token': token, '_access': 'off', '_spam': 'only', '_delete': 'keep'})
    assert 'You cannot change these settings here.' in answer
    assert stored(user) == {'popPolicySpam': 'include'}
    assert single_sign_on.errors() == []


def test_single_sign_on_where_nobody_may_look(browser, single_sign_on, directory, accounts):
    user = accounts.add(popPolicySpam='include')
    single_sign_on.configure(ldap_settings(directory))
    browser.login(single_sign_on, user).open()
    assert 'cannot be shown here, because you did not sign in' in browser.messages()
    assert not browser.all('.pop-policy input')


def test_another_password_than_the_directorys(browser, webmail, accounts):
    """As with a master user, or when it was changed meanwhile."""
    user = accounts.add()
    user.directory.set(user.dn, userPassword='another')
    browser.login(webmail, user).open()
    assert 'cannot be shown here, because you did not sign in' in browser.messages()


@pytest.mark.parametrize('known', [True, False])
def test_certificates_are_verified(browser, server, directory, accounts, known):
    file = pathlib.Path(tempfile.mkstemp(prefix='pp-ca-', dir='/tmp')[1])
    file.write_bytes(directory.authority.file.read_bytes() if known else b'')
    file.chmod(0o644)
    user = accounts.add()
    settings = [dict(ldap_settings(directory), ldap_uris=directory.uris['ldaps']),
                ldap_settings(directory, ldap_starttls=True)]
    site = Roundcube(server, settings[0], environment={'LDAPTLS_CACERT': str(file)} if known else {})
    try:
        browser.login(site, user)
        for one in settings:
            site.configure(one)
            browser.open()
            assert (browser.messages() == UNREACHABLE) != known
            assert bool(browser.chosen('spam')) == known
        assert bool(site.errors()) != known
    finally:
        site.stop()
        file.unlink()
