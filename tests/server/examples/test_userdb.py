"""POP policy from LDAP through Dovecot's own passdb and userdb: examples/ldap at work."""

import re

import pytest

from tests.lib import dovecot_config
from tests.lib.answers import login_answer
from tests.lib.examples import (EXAMPLES, example_directory, fill, fresh, keep_by_default,
                                ldif, loose_schema, running)
from tests.lib.model import DISABLED, INVALID, UNAVAILABLE
from tests.lib.popclient import PopClient, PopError

ANN = 'ann@example.org'

# examples/directory/change/NAME.ldif: what ann has before, and her queue afterwards
CHANGES = {
    'enable-from-now': ({'popPolicyEnabled': False}, ['new']),
    'all-mail': ({'popPolicySince': '20260101000000Z'}, ['old', 'new']),
    'include-spam': ({}, ['old', 'new', 'spam']),
    'only-spam': ({}, ['spam']),
    'exclude-spam': ({'popPolicySpam': 'only'}, ['old', 'new']),
    'disable': ({}, DISABLED),
}


@pytest.fixture(scope='module')
def site():
    """examples/ldap and the accounts of examples/directory."""
    with running('ldap', example_directory()) as server:
        yield server


@pytest.fixture
def ann(site):
    """A fresh() ann of the site; errors in the log belong to the test."""
    yield fresh(site.account(ANN))
    bad = site.log.settle()
    assert bad == []


def after_dele(user):
    """(subjects in the queue, subjects over IMAP) after a DELE of the first message."""
    with user.pop() as client:
        client.dele(1)
        client.quit()
    return user.queue(), user.subjects()


def test_the_accounts_are_as_their_comments_say(site):
    ann, bob, cay = (site.account(name + '@example.org') for name in ('ann', 'bob', 'cay'))
    for user in ann, bob, cay:
        fill(user)
    assert ann.queue() == ['old', 'new']
    assert login_answer(bob) == DISABLED
    assert cay.queue() == ['new', 'spam']
    assert after_dele(cay) == (['spam'], ['old', 'new'])


def test_imap_has_all_mail_whatever_the_policy(site):
    bob = site.account('bob@example.org')
    bob.append('INBOX', 'for imap')
    assert 'for imap' in bob.subjects()
    assert login_answer(bob) == DISABLED


@pytest.mark.parametrize('name', CHANGES)
def test_the_next_login_obeys_a_change(site, ann, name):
    before, wanted = CHANGES[name]
    ann.attributes(**before)
    answer = login_answer(ann)
    if answer.startswith('+OK'):
        assert ann.queue() != wanted
    else:
        assert answer != wanted
    site.directory.change(ldif('change/' + name))
    if isinstance(wanted, str):
        assert login_answer(ann) == wanted
    else:
        assert ann.queue() == wanted
    assert ann.subjects() == ['old', 'new']


@pytest.mark.parametrize('name, left', [('keep', ['old', 'new']), ('delete', ['new'])])
def test_the_next_dele_obeys_a_change(site, ann, name, left):
    ann.attributes(popPolicyDelete='delete' if name == 'keep' else 'keep')
    site.directory.change(ldif('change/' + name))
    assert after_dele(ann) == (['new'], left)


def test_every_change_has_a_test():
    there = {path.stem for path in (EXAMPLES / 'directory/change').iterdir()}
    assert there == {*CHANGES, 'add-class', 'keep', 'delete', 'plan-without-pop', 'plan-with-pop'}


def test_a_plan_is_the_default_of_its_accounts():
    directory = example_directory('plans', config=ldif('plans-overlay'))
    with running('ldap', directory) as server:
        dan = fresh(server.account('dan@example.org'))
        assert login_answer(dan) == UNAVAILABLE
        directory.change(ldif('change/plan-with-pop'))
        assert after_dele(dan) == (['new'], ['new'])
        directory.change(ldif('change/plan-without-pop'))
        assert login_answer(dan) == UNAVAILABLE
        dan.attributes(popPolicyEnabled=True)  # a user cannot have what the plan has not
        assert login_answer(dan) == UNAVAILABLE
        dan.attributes(popPolicyAvailable=True)
        assert dan.queue() == ['new']
        uri, = re.findall(r'labeledURI: (.*)', ldif('plans'))
        dan.attributes(popPolicyAvailable=None, labeledURI=uri.replace('free', 'business'))
        assert after_dele(dan) == ([], ['new'])
        dan.attributes(popPolicyDelete='delete')
        dan.append('INBOX', 'more')
        assert after_dele(dan) == ([], ['new'])


def test_booleans(ann):
    ann.attributes(popPolicyEnabled=False)
    assert login_answer(ann) == DISABLED
    ann.attributes(popPolicyEnabled=True, popPolicyAvailable=False)
    assert login_answer(ann) == UNAVAILABLE
    ann.attributes(popPolicyAvailable=True)
    assert ann.queue() == ['old', 'new']


@pytest.mark.parametrize('value', ['20260101000000Z', '2026010100Z', '20260101010000+0100',
                                   '20251231183000-0530', '20260101000000.999Z'])
def test_times(ann, value):
    ann.attributes(popPolicySince=value)
    assert ann.queue() == ['new']


def test_words_in_any_case(ann):
    ann.attributes(popPolicySpam='ONLY', popPolicyRetrieve='Keep')
    with ann.pop() as client:
        assert client.subjects() == ['spam']
        client.retr(1)
        client.quit()
    assert ann.queue() == []


@pytest.mark.parametrize('attribute, value', [
    ('popPolicySpam', 'sometimes'), ('popPolicyDelete', 'keep, please'),
    ('popPolicyRetrieve', 'a\tuid=0\x01tuid=0')])
def test_a_value_that_makes_no_sense_refuses_the_login(site, ann, attribute, value):
    ann.attributes(**{attribute: value})
    assert login_answer(ann) == INVALID
    setting = 'pop_policy_' + attribute[len('popPolicy'):].lower()
    assert value.split('\t')[0] in site.log.claim_error(setting)
    assert ann.subjects() == ['old', 'new']


def test_an_attribute_wins_over_the_site_and_its_absence_does_not():
    with running('ldap', example_directory(), edit=keep_by_default) as server:
        ann = fresh(server.account(ANN))
        assert after_dele(ann) == (['new'], ['old', 'new'])
        ann.attributes(popPolicyDelete='delete')
        assert after_dele(ann) == ([], ['old'])


# -- directories with another schema

@pytest.fixture(scope='module')
def loose_site():
    """examples/ldap with a directory that takes whatever it is told."""
    with running('ldap', example_directory(schema=loose_schema())) as server:
        yield server


@pytest.mark.parametrize('attribute, values', [
    ('popPolicyEnabled', ['TRUE', 'FALSE']), ('popPolicySpam', ['include', 'only']),
    ('popPolicyDelete', ['keep', 'delete']),
    ('popPolicySince', ['20260101000000Z', '20270101000000Z'])])
def test_two_values(loose_site, attribute, values):
    ann = fresh(loose_site.account(ANN))
    ann.attributes(**{attribute: values})
    if dovecot_config.IS_24:
        assert login_answer(ann) == INVALID
        loose_site.log.claim_error(values[0] + '.' + values[1])
    else:
        # It takes the first and says so: the directory's schema must refuse the second.
        ann.queue()
        assert loose_site.log.error.lines('Multiple values found for .*%s' % values[0], wait=10)
    assert loose_site.log.settle() == []


# -- the directory itself

def test_one_search_for_a_login(site, ann):
    site.directory.forget()
    ann.queue()
    assert len(site.directory.searches()) == 1


def test_two_entries_for_one_name_let_nobody_in(site, ann):
    dn = site.directory.add_account('ann@example.org')
    try:
        with pytest.raises(PopError, match=r'\[SYS/TEMP\]'):
            ann.pop()
        site.log.claim_error('multiple (objects|entries)')
    finally:
        site.directory.delete(dn)
    assert ann.queue() == ['old', 'new']


def test_a_directory_that_is_down_lets_nobody_in_and_comes_back_unnoticed():
    with running('ldap', example_directory()) as server:
        ann = fresh(server.account(ANN))
        assert ann.queue() == ['old', 'new']
        server.directory.restart()
        assert ann.queue() == ['old', 'new']
        server.directory.down()
        with pytest.raises(PopError, match=r'\[SYS/TEMP\]'):
            ann.pop()
        server.log.allow_errors('ldap')
        server.directory.up()
        assert ann.queue() == ['old', 'new']
        assert server.log.settle() == []


@pytest.mark.parametrize('name', ['*', '*@example.org', 'ann@example.org)(uid=*',
                                  'ann@example.org,ou=people', '(mail=ann@example.org)'])
def test_a_name_is_no_part_of_a_filter(site, name):
    site.directory.forget()
    with PopClient(site.ports['pop3']) as client:
        assert client.login(name, 'secret').startswith('-ERR [AUTH]')
    assert site.directory.searches() == []
    assert site.log.settle() == []


def test_delivery_and_doveadm_see_the_same_fields(site, ann):
    ann.attributes(popPolicyEnabled=False, popPolicySpam='only')
    found = site.userdb('ann@example.org')
    assert 'pop_policy_enabled=FALSE' in found
    assert 'pop_policy_spam=only' in found
