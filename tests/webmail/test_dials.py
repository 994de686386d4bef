"""Each dial: what the user sets is stored, and the next POP login obeys."""

import time

import pytest

from tests.lib.mailuser import stamp
from tests.lib.model import DISABLED
from tests.webmail.accounts import stored

ALL_MAIL = '19700101000000Z'


def delete_first(user):
    """What POP's DELE does to the first message: {mailbox: subjects} afterwards, and the queue."""
    with user.pop() as client:
        client.dele(1)
        client.quit()
    return {name: user.subjects(name) for name in ('INBOX', 'Archive', 'Trash')}, user.queue()


def test_what_is_in_force_is_shown(page, user):
    assert page.status() == 'POP is on for all mail.'
    assert page.chosen('access') == ['all']
    assert page.chosen('spam') == ['exclude']
    assert page.chosen('delete') == ['delete']
    assert page.chosen('keep_for') == ['infinite']
    assert page.chosen('folders[]') == []
    assert stored(user) == {}


def test_saving_without_a_change_stores_nothing(page, user):
    page.save()
    assert stored(user) == {}


def test_the_menu_leads_there(browser, webmail, user):
    browser.login(webmail, user).open_by_menu()
    assert browser.status() == 'POP is on for all mail.'


def test_mail_from_now_on_and_all_mail_again(page, user):
    before = int(time.time())
    page.save(access='now')
    since = stored(user)['popPolicySince']
    assert stamp(before) <= since <= stamp(time.time())
    assert stored(user) == {'popPolicySince': since}
    day = time.strftime('%-d %B %Y, ', time.gmtime(before))
    assert page.status().startswith('POP is on for mail that arrives from ' + day)
    assert page.chosen('access') == ['since']
    user.append('INBOX', ('late', time.time() + 5))
    assert user.queue() == ['late']

    page.save(spam='include')
    assert stored(user) == {'popPolicySince': since, 'popPolicySpam': 'include'}
    page.save(access='all', spam='exclude')
    assert stored(user)['popPolicySince'] == ALL_MAIL
    assert page.status() == 'POP is on for all mail.'
    assert user.queue() == ['one', 'two', 'three', 'late']


def test_off_and_on_with_the_date_of_before(page, user):
    page.save(access='now')
    since = stored(user)['popPolicySince']
    page.save(access='off')
    assert page.status() == 'POP is off.'
    assert user.attempt().login_reply == DISABLED
    assert 'since' in page.options('access')
    page.save(access='since')
    assert stored(user) == {'popPolicySince': since, 'popPolicyEnabled': 'TRUE'}
    assert user.queue() == []


def test_spam(page, user):
    for value, queue in (('include', ['one', 'spam1', 'two', 'spam2', 'three']),
                         ('only', ['spam1', 'spam2']), ('exclude', ['one', 'two', 'three'])):
        page.save(spam=value)
        assert stored(user) == {'popPolicySpam': value}
        assert user.queue() == queue


@pytest.mark.parametrize('value,mailbox', [('keep', 'INBOX'), ('read', 'INBOX'),
                                           ('archive', 'Archive'), ('trash', 'Trash')])
def test_what_deleting_does(page, user, value, mailbox):
    page.save(delete=value)
    assert stored(user) == {'popPolicyDelete': value}
    there, queue = delete_first(user)
    assert 'one' in there[mailbox] and queue == ['two', 'three']
    seen = [mail.flags for mail in user.look(mailbox) if mail.subject == 'one'][0]
    assert value not in ('keep', 'read') or ('\\Seen' in seen) == (value == 'read')


def test_deleting_for_good_is_asked_for(page, user):
    page.save(delete='keep')
    page.choose(delete='delete', spam='include')
    page.submit()
    assert 'nobody can bring it back' in page.text('[role=alert]')
    assert stored(user) == {'popPolicyDelete': 'keep'}  # nothing yet, not even spam
    page.find('#pop-policy-form a.cancel').click()
    page.wait(page.status)
    assert page.chosen('delete') == ['keep'] and page.chosen('spam') == ['exclude']

    page.choose(delete='delete', spam='include')
    page.submit()
    page.submit()
    assert page.messages().startswith('Saved.')
    assert stored(user) == {'popPolicyDelete': 'delete', 'popPolicySpam': 'include'}
    there, queue = delete_first(user)
    assert not any('one' in subjects for subjects in there.values())
    assert queue == ['spam1', 'two', 'spam2', 'three']


def test_folders(page, user):
    user.append('Work', ('work', time.time()))
    user.append('Lists/dovecot', ('list', time.time()))
    user.append(r'Sm&AO8-th, \"Jones\"', ('smith', time.time()))
    user.append('Sent', 'sent')
    page.open()
    quoted = r'"Smïth, \"Jones\""'
    assert page.options('folders[]') == {'Lists/dovecot': 'Lists/dovecot', 'Work': 'Work',
                                         quoted: 'Smïth, "Jones"'}
    for entry in ('Work', 'Lists/dovecot', quoted):
        page.choose(**{'folders[]': entry})
    page.submit()
    assert sorted(page.chosen('folders[]')) == sorted(['Work', 'Lists/dovecot', quoted])
    assert sorted(user.queue()) == sorted(['one', 'two', 'three', 'work', 'list', 'smith'])
    page.save(**{'folders[]': 'Work'})  # away
    assert sorted(user.queue()) == sorted(['one', 'two', 'three', 'list', 'smith'])
    for entry in ('Lists/dovecot', quoted):
        page.choose(**{'folders[]': entry})
    page.submit()
    assert stored(user) == {'popPolicyExtraMailboxes': 'none'}
    assert user.queue() == ['one', 'two', 'three']


def test_patterns_and_folders_that_are_gone_stay_chosen(page, user):
    user.append('Work', 'work')
    user.directory.set(user.dn, popPolicyExtraMailboxes=r'Lists/*, Gone, \Archive')
    page.open()
    assert page.chosen('folders[]') == ['Lists/*', 'Gone', r'\Archive']
    page.save(**{'folders[]': 'Work'})
    assert stored(user)['popPolicyExtraMailboxes'] == r'Lists/*, Gone, \Archive, Work'


def test_how_long_kept_mail_stays(page, user):
    assert list(page.options('keep_for').values()) == ['As long as you like', '30 days', '90 days',
                                                       '365 days']
    page.choose(keep_for='90d')
    page.submit()
    assert 'after 90 days' in page.text('[role=alert]')
    assert stored(user) == {}
    page.submit()
    assert stored(user) == {'popPolicyKeepFor': '90d'}
    page.save(keep_for='365d')  # longer: nothing to ask
    page.choose(keep_for='30d')
    page.submit()
    assert 'after 30 days' in page.text('[role=alert]')
    page.submit()
    page.save(keep_for='infinite')
    assert stored(user) == {'popPolicyKeepFor': 'infinite'}


def test_all_of_it_at_once_in_one_change(page, user):
    user.append('Work', 'work')
    page.open()
    user.directory.forget()
    page.save(access='now', spam='include', delete='trash', **{'folders[]': 'Work'})
    assert len(user.directory.operations('MOD dn=')) == 1
    assert set(stored(user)) == {'popPolicySince', 'popPolicySpam', 'popPolicyDelete',
                                 'popPolicyExtraMailboxes'}


def test_an_entry_without_the_class_gets_it(browser, webmail, accounts):
    user = accounts.add(has_class=False)
    browser.login(webmail, user).open().save(spam='only')
    assert stored(user) == {'popPolicySpam': 'only'}
    assert user.queue() == ['spam1', 'spam2']


def test_the_sites_defaults_are_shown(page, user, settings):
    settings(defaults={'enabled': 'no', 'spam': 'include', 'delete': 'keep', 'keep_for': '12 weeks',
                       'since': '2026-01-01'})
    page.open()
    assert page.status() == 'POP is off.'
    assert page.chosen('access') == ['off'] and 'since' in page.options('access')
    assert page.chosen('spam') == ['include'] and page.chosen('delete') == ['keep']
    assert page.options('keep_for')[page.chosen('keep_for')[0]] == '84 days'
    page.save(access='since')
    assert stored(user) == {'popPolicyEnabled': 'TRUE'}
    assert page.status() == 'POP is on for mail that arrives from 1 January 2026, 00:00.'
    page.save(access='all')
    assert stored(user) == {'popPolicyEnabled': 'TRUE', 'popPolicySince': ALL_MAIL}


@pytest.mark.parametrize('value,shown', [
    ('20260101120000+0100', '1 January 2026, 11:00'), ('202601011230Z', '1 January 2026, 12:30'),
    ('2026010112.5Z', '1 January 2026, 12:30'), ('20260101000000.9Z', '1 January 2026, 00:00')])
def test_times_as_the_directory_has_them(page, user, value, shown):
    user.directory.set(user.dn, popPolicySince=value)
    assert page.open().status() == 'POP is on for mail that arrives from %s.' % shown


@pytest.mark.parametrize('dials,fields', [
    (['enabled'], {'access': ['on', 'off']}), (['since'], {'access': ['all', 'now']}),
    (['spam'], {'spam': ['exclude', 'include', 'only']}), ([], {})])
def test_only_the_dials_that_the_site_allows(page, settings, dials, fields):
    settings(dials=dials)
    page.open()
    for field in ('access', 'spam', 'delete', 'keep_for', 'folders[]'):
        assert list(page.options(field)) == fields.get(field, []), field
