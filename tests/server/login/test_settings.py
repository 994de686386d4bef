"""Behaviour 2: names, layers and values of the settings."""

import pytest

from tests.lib.answers import assert_invalid, login_answer
from tests.lib.dovecot_config import unchecked
from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.model import DISABLED, INVALID, UNAVAILABLE

NEW_YEAR = 1767225600  # 2026-01-01T00:00:00Z
INBOX_ONLY = ['one', 'two', 'three']
MERGED = ['one', 'spam1', 'two', 'spam2', 'three']
SPAM_ONLY = ['spam1', 'spam2']

TRUE = ['yes', 'YES', 'y', 'Y', 'true', 'TRUE', 'True', '1', 't']
FALSE = ['no', 'No', 'n', 'N', 'false', 'FALSE', 'False', '0', 'F']


def dele_first(user):
    """A session that DELEtes its first message; what INBOX then holds."""
    with user.pop() as client:
        client.dele(1)
        assert client.quit().startswith('+OK')
    return user.subjects()


# -- layers

def test_defaults_are_stock(user):
    fill(user)
    assert user.queue() == INBOX_ONLY
    assert dele_first(user) == ['two', 'three']


def test_configuration_beats_default(get_server):
    user = get_server(policy={'spam': 'include'}).add_user()
    fill(user)
    assert user.queue() == MERGED


def test_userdb_beats_configuration(get_server):
    user = get_server(policy={'spam': 'include'}).add_user()
    fill(user)
    user.policy(spam='only')
    assert user.queue() == SPAM_ONLY


def test_userdb_overrides_one_setting_and_leaves_the_others(get_server):
    user = get_server(policy={'spam': 'include', 'since': stamp(NOON + 15)}).add_user()
    fill(user)
    user.policy(since=stamp(NOON + 5))
    assert user.queue() == MERGED[1:]


def test_userdb_switches_on_what_the_configuration_switches_off(get_server):
    server = get_server(policy={'enabled': False})
    assert login_answer(server.add_user()) == DISABLED
    assert login_answer(server.add_user(fields={'pop_policy_enabled': 'yes'})) == '+OK Logged in.'


def test_configuration_makes_pop_unavailable_for_all(get_server):
    server = get_server(policy={'available': False})
    assert login_answer(server.add_user()) == UNAVAILABLE


def test_a_change_in_userdb_holds_at_the_next_login(user):
    fill(user)
    assert user.queue() == INBOX_ONLY
    user.policy(spam='only')
    assert user.queue() == SPAM_ONLY
    user.policy()
    assert user.queue() == INBOX_ONLY


# -- booleans

@pytest.mark.parametrize('value', TRUE)
def test_true_spellings(server, value):
    user = server.add_user(fields={'pop_policy_enabled': value, 'pop_policy_available': value})
    assert login_answer(user) == '+OK Logged in.'


@pytest.mark.parametrize('value', FALSE)
def test_false_spellings(server, value):
    assert login_answer(server.add_user(fields={'pop_policy_enabled': value})) == DISABLED
    assert login_answer(server.add_user(fields={'pop_policy_available': value})) == UNAVAILABLE


@pytest.mark.parametrize('value', ['on', 'off', '2', '-1', '00', '10', 'yesx', 'nope', 'tr', 'ff',
                                   ' yes', 'yes ', 'TRUE FALSE', 'TRUE\n', 'нет', 'ｙｅｓ'])
@pytest.mark.parametrize('setting', ['pop_policy_enabled', 'pop_policy_available'])
def test_refused_booleans(server, setting, value):
    user = server.add_user(fields={setting: value})
    assert_invalid(user, setting, value.strip() if value.isascii() else '')


# -- words

@pytest.mark.parametrize('value,queue', [
    ('exclude', INBOX_ONLY), ('Include', MERGED), ('ONLY', SPAM_ONLY),
    ('yes', MERGED), ('TRUE', MERGED), ('1', MERGED), ('n', INBOX_ONLY), ('FALSE', INBOX_ONLY),
    ('0', INBOX_ONLY)])
def test_spam_values(user, value, queue):
    fill(user)
    user.policy(spam=value)
    assert user.queue() == queue


@pytest.mark.parametrize('value', ['both', 'include,only', 'include.', ' include', 'include ',
                                   'inclu', 'keep', '2', 'einschließen'])
def test_refused_spam_values(server, value):
    user = server.add_user(fields={'pop_policy_spam': value})
    assert_invalid(user, 'pop_policy_spam', value.strip() if value.isascii() else 'einschlie')


@pytest.mark.parametrize('value,left', [
    ('delete', 0), ('Delete', 0), ('yes', 0), ('TRUE', 0), ('1', 0), ('keep', 1), ('KEEP', 1),
    ('no', 1), ('FALSE', 1), ('0', 1), ('read', 1), ('archive', 0), ('Trash', 0)])
def test_delete_values(user, value, left):
    user.append('INBOX', 'mail')
    user.policy(delete=value)
    assert len(dele_first(user)) == left
    assert user.queue() == []


@pytest.mark.parametrize('value', ['none', 'remove', 'delete ', 'delete,keep', '2', 'junk', '-'])
def test_refused_delete_values(server, value):
    user = server.add_user(fields={'pop_policy_delete': value})
    assert_invalid(user, 'pop_policy_delete', value)


@pytest.mark.parametrize('value,left,listed', [
    ('none', 1, 1), ('None', 1, 1), ('keep', 1, 0), ('read', 1, 0), ('Archive', 0, 0),
    ('trash', 0, 0), ('delete', 0, 0)])
def test_retrieve_values(user, value, left, listed):
    user.append('INBOX', 'mail')
    user.policy(retrieve=value)
    with user.pop() as client:
        client.retr(1)
        assert client.quit().startswith('+OK')
    assert (len(user.look()), len(user.queue())) == (left, listed)


@pytest.mark.parametrize('value', ['yes', 'no', 'TRUE', '0', 'seen', 'keep,read', 'delete.'])
def test_refused_retrieve_values(server, value):
    user = server.add_user(fields={'pop_policy_retrieve': value})
    assert_invalid(user, 'pop_policy_retrieve', value)


# -- times

@pytest.fixture
def dated(user):
    """A user with mail at 00:00 and 12:30 on New Year's Day and one second before each."""
    noon = NEW_YEAR + 45000
    user.append('INBOX', ('before', NEW_YEAR - 1), ('at', NEW_YEAR),
                ('before noon', noon - 1), ('at noon', noon))
    return user


@pytest.mark.parametrize('value', [
    '20260101000000Z', '2026010100Z', '202601010000Z', '20260101010000+0100', '2026010101+01',
    '20251231183000-0530', '20260101000000.999999Z', '20260101000000,001Z', '20251231235960Z',
    '2026-01-01T00:00:00Z', '2026-01-01T01:00:00+01:00', '2025-12-31T18:30:00-05:30',
    '2026-01-01T00:00:00.999Z', '2026-01-01', '2026-01-01 01:00:00+01',
    '2026-01-01 00:00:00.123456+00'])
def test_spellings_of_new_year(dated, value):
    dated.policy(since=value)
    assert dated.queue() == ['at', 'before noon', 'at noon']


@pytest.mark.parametrize('value', ['all', 'ALL', '19700101000000Z'])
def test_a_user_can_have_all_mail_where_the_site_has_a_time(get_server, value):
    user = get_server(policy={'since': '20260101000000Z'}).add_user()
    user.append('INBOX', ('before', NEW_YEAR - 1), ('at', NEW_YEAR))
    assert user.queue() == ['at']
    user.policy(since=value)
    assert user.queue() == ['before', 'at']


@pytest.mark.parametrize('value', ['2026010112.5Z', '202601011230Z', '2026010113,5+0100',
                                   '202601011229.999Z', '2026-01-01T12:30:00Z'])
def test_fractions_belong_to_the_last_unit(dated, value):
    dated.policy(since=value)
    expected = ['at noon'] if '999' not in value else ['before noon', 'at noon']
    assert dated.queue() == expected


@pytest.mark.parametrize('value,count', [
    ('00000101000000Z', 4), ('16010101000000Z', 4), ('19691231235959Z', 4), ('1969-12-31', 4),
    ('20240229000000Z', 4), ('21060207062816Z', 0), ('99991231235959Z', 0)])
def test_extreme_times(dated, value, count):
    dated.policy(since=value)
    assert len(dated.queue()) == count


@pytest.mark.parametrize('value', [
    '20260101000000', '20260101000000z', '2026-01-01T00:00:00', '20260230000000Z',
    '20261301000000Z', '20260001000000Z', '2026010124Z', '202601010060Z', '20260101000061Z',
    '20250229000000Z', '2025-02-29', '20260101000000+2400', '20260101000000+0060',
    '20260101000000.Z', '2026', '202601', '20260101', '2026Z', '1767225600', '-1', '0', 'now',
    'yesterday', ' 20260101000000Z', '20260101000000Z ', '20260101000000ZZ', '2026-1-1',
    '2026-13-01T00:00:00Z', '2026-01-01T24:00:01Z', '2026-01-01T00:00:00+24:00',
    '20260101000000Z 20270101000000Z', '2026-01-01 00:00:00', 'al', '２０２６0101000000Z'])
def test_refused_times(server, value):
    user = server.add_user(fields={'pop_policy_since': value})
    assert_invalid(user, 'pop_policy_since', value.strip() if value.isascii() else '0101000000Z')


# -- texts

@pytest.mark.parametrize('switch,setting', [
    ('available', 'unavailable_text'), ('enabled', 'disabled_text')])
@pytest.mark.parametrize('text', [
    'Ask the help desk: +1 (555) 0100, "POP" & more.', 'a[b] \\ c', '-ERR', 'x' * 400])
def test_texts_are_shown_as_they_are(user, switch, setting, text):
    user.policy(**{switch: 'no', setting: text})
    assert login_answer(user) == '-ERR [SYS/PERM] ' + text


def test_a_text_from_the_configuration(get_server):
    server = get_server(policy={'enabled': False, 'disabled_text': 'Use "IMAP", please.'})
    assert login_answer(server.add_user()) == '-ERR [SYS/PERM] Use "IMAP", please.'


@pytest.mark.parametrize('setting', ['pop_policy_unavailable_text', 'pop_policy_disabled_text'])
@pytest.mark.parametrize('text', ['[AUTH] no', 'x' * 401, 'gr\u00fcn', 'a\nb', 'a\r\n+OK', 'a\tb'])
@pytest.mark.parametrize('enabled', ['no', 'yes'])
def test_refused_texts(server, setting, text, enabled):
    user = server.add_user(fields={setting: text, 'pop_policy_enabled': enabled,
                                   'pop_policy_available': enabled})
    assert_invalid(user, setting, text[:1])


# -- keyword

def keep_one(user):
    """Dequeue the only message under `keep`; the flags it then has over IMAP."""
    user.append('INBOX', ('mail', NOON, r'\Flagged'))
    assert dele_first(user) == ['mail']
    assert user.queue() == []
    return user.look()[0].flags


def test_default_keyword(stored):
    stored.policy(delete='keep')
    assert keep_one(stored) == {r'\Flagged', '$POPDequeued'}


def test_keyword_from_userdb(stored):
    stored.policy(delete='keep', keyword='Gone.2')
    assert keep_one(stored) == {r'\Flagged', 'Gone.2'}


def test_quoted_dollar_keyword_from_the_configuration(get_server):
    user = get_server(policy={'keyword': '$Gone', 'delete': 'keep'}).add_user()
    assert keep_one(user) == {r'\Flagged', '$Gone'}


def test_pop3_deleted_flag_is_the_default_keyword(get_server):
    server = get_server(settings={'pop3_deleted_flag': '$Old'}, policy={'delete': 'keep'})
    assert keep_one(server.add_user()) == {r'\Flagged', '$Old'}


@pytest.mark.parametrize('value', ['\\Deleted', 'a b', '(', 'a"b', 'a*', 'a%%b', '{1}', 'a]',
                                   'gr\u00fcn', 'a\tb'])
def test_refused_keywords(server, value):
    user = server.add_user(fields={'pop_policy_keyword': value})
    assert_invalid(user, 'pop_policy_keyword', value[:1])


# -- mailbox names

@pytest.mark.parametrize('name,imap_name', [
    ('Bulk', 'Bulk'), ('Bulk Mail', 'Bulk Mail'), ('Junk/Sub', 'Junk/Sub'),
    ('M\u00fcll', 'M&APw-ll')])
def test_spam_mailbox_by_name(user, name, imap_name):
    fill(user)
    user.append(imap_name, 'named')
    user.policy(spam='only', spam_mailbox=name)
    assert user.queue() == ['named']


def test_spam_mailbox_must_not_be_inbox(user):
    fill(user)
    user.policy(spam='include', spam_mailbox='INBOX')
    assert_invalid(user, 'pop_policy_spam_mailbox', 'INBOX')


@pytest.mark.parametrize('action', ['archive', 'trash'])
def test_target_mailbox_by_name(stored, action):
    stored.append('INBOX', 'mail')
    stored.policy(**{'delete': action, action + '_mailbox': 'Old Mail'})
    assert dele_first(stored) == []
    assert stored.subjects('Old Mail') == ['mail']


# -- bad values

@pytest.mark.parametrize('setting,value', [('enabled', 'perhaps'), ('since', 'soon'),
                                           ('spam', 'some'), ('disabled_text', '[x] y')])
def test_bad_values_in_the_configuration(get_server, setting, value):
    user = get_server(policy={setting: unchecked(value)}).add_user()
    fill(user)
    assert_invalid(user, 'pop_policy_' + setting, value)


def test_a_long_value_is_cut_in_the_log(user):
    user.policy(since='7' * 4000)
    assert len(assert_invalid(user, 'pop_policy_since', '7' * 20)) < 1200


def test_control_characters_are_escaped_in_the_log(user):
    user.policy(spam='a\tb\r\nc\1d\u00e9')
    line = assert_invalid(user, 'pop_policy_spam', 'a')
    assert line.isprintable()


def test_one_error_line_for_several_bad_values(user):
    user.policy(since='soon', spam='some', delete='other')
    assert login_answer(user) == INVALID
    assert 'pop_policy_' in user.server.log.claim_error(user.name)


def test_a_bad_value_counts_although_pop_is_switched_off(user):
    user.policy(enabled='no', delete='other')
    assert_invalid(user, 'pop_policy_delete', 'other')


def test_a_bad_value_leaves_imap_and_delivery_alone(user):
    fill(user)
    user.policy(since='soon')
    user.deliver('new')
    assert user.subjects() == INBOX_ONLY + ['new']
