"""`set` writes an account's LDAP attributes, and `get` shows what is read from there."""

import datetime
import re

import pytest

from tests.lib import doveadm
from tests.lib.directory import ADMIN, ADMIN_PASSWORD, PEOPLE
from tests.lib.doveadm import get
from tests.lib.dovecot_config import policy_in
from tests.lib.ldap_policy import NEEDS_LDAP, new_name, new_user, on
from tests.lib.model import DISABLED, INVALID, TEMPORARY

pytestmark = NEEDS_LDAP

WRITE = {'ldap_write_dn': ADMIN, 'ldap_write_dn_password': ADMIN_PASSWORD}


@pytest.fixture
def served(get_server, directory):
    """A server whose logins ask the directory, and whose doveadm may write to it."""
    return get_server(policy=on(directory, **WRITE))


@pytest.fixture
def account(served, directory):
    """An account there that has an entry."""
    return new_user(served, directory)


def put(user, *args, check=0):
    """{setting: (attribute, old, new)} of `set` for a user."""
    rows = doveadm.run(user.server, 'set', '-u', user.name, *args, check=check).rows
    return {row['setting']: (row['attribute'], row['old'], row['new']) for row in rows}


def stored(directory, user):
    """{attribute: values} of the entry."""
    found = {}
    for line in directory.search('(mail=%s)' % user.name).splitlines():
        name, _, value = line.partition(': ')
        found.setdefault(name, []).append(value)
    return {name: values for name, values in found.items()
            if name.startswith('popPolicy') or name == 'objectClass'}


def policy_of(directory, user):
    """The same without object classes."""
    return {name: values for name, values in stored(directory, user).items()
            if name != 'objectClass'}


def test_set_and_get(account, directory):
    assert put(account, 'spam=include', 'pop_policy_delete=keep') == {
        'pop_policy_spam': ('popPolicySpam', '', 'include'),
        'pop_policy_delete': ('popPolicyDelete', '', 'keep')}
    assert policy_of(directory, account) == {'popPolicySpam': ['include'],
                                             'popPolicyDelete': ['keep']}
    assert doveadm.run(account.server, 'get', '-u', account.name).said == ''
    rows = get(account)
    assert rows['pop_policy_spam'] == ('include', 'ldap popPolicySpam', '')
    assert rows['pop_policy_enabled'] == ('yes', 'default', '')
    assert put(account, 'spam=', 'delete=read') == {
        'pop_policy_spam': ('popPolicySpam', 'include', ''),
        'pop_policy_delete': ('popPolicyDelete', 'keep', 'read')}
    assert policy_of(directory, account) == {'popPolicyDelete': ['read']}
    assert put(account, 'spam=')['pop_policy_spam'] == ('popPolicySpam', '', '')


def test_the_next_login_obeys(account):
    put(account, 'enabled=no')
    assert account.attempt().login_reply == DISABLED
    assert get(account)['login'][0] == DISABLED
    put(account, 'enabled=')
    assert account.queue() == []


@pytest.mark.parametrize('value,written', [
    ('available=No', 'FALSE'), ('enabled=1', 'TRUE'), ('spam=yes', 'include'), ('spam=ONLY', 'only'),
    ('delete=false', 'keep'), ('delete=Default', 'default'), ('retrieve=ARCHIVE', 'archive'),
    ('since=2026-01-01', '20260101000000Z'), ('since=2026-01-01T01:00:00+01:00', '20260101000000Z'),
    ('since=all', '19700101000000Z')])
def test_values_get_the_syntax_of_the_directory(account, directory, value, written):
    (row,) = put(account, value).values()
    assert row[2] == written
    assert policy_of(directory, account) == {row[0]: [written]}
    assert get(account)['login'][0] in ('allowed', *(
        [get(account)['login'][0]] if value == 'available=No' else []))


def test_since_now(account, directory):
    before = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
    put(account, 'since=now')
    after = datetime.datetime.now(datetime.timezone.utc)
    (value,) = policy_of(directory, account)['popPolicySince']
    when = datetime.datetime.strptime(value + '+0000', '%Y%m%d%H%M%SZ%z')
    assert before <= when <= after


def test_dry_run(account, directory):
    put(account, 'spam=only')
    assert put(account, '-n', 'spam=include', 'enabled=no') == {
        'pop_policy_spam': ('popPolicySpam', 'only', 'include'),
        'pop_policy_enabled': ('popPolicyEnabled', '', 'FALSE')}
    assert policy_of(directory, account) == {'popPolicySpam': ['only']}


@pytest.mark.parametrize('args,code,words', [
    ((), 64, 'is missing'), (('spam',), 64, 'Not SETTING=VALUE'), (('spma=only',), 64, 'No setting'),
    (('ldap_uris=x',), 64, 'No setting'), (('spam=only', 'spam=include'), 64, 'Named twice'),
    (('spam=maybe',), 65, "pop_policy_spam: Invalid value 'maybe'"),
    (('since=yesterday',), 65, 'pop_policy_since'), (('enabled=no', 'delete=x'), 65, 'pop_policy_delete'),
    (('keyword=$Mine',), 65, 'no attribute for it')], ids=str)
def test_bad_arguments_write_nothing(account, directory, args, code, words):
    before = stored(directory, account)
    answer = doveadm.run(account.server, 'set', '-u', account.name, *args, check=code)
    assert answer.rows == [] and words in answer.said
    assert stored(directory, account) == before


def entry(directory, name, **attributes):
    """An entry without our object class."""
    return directory.add('mail=%s,%s' % (name, PEOPLE), objectClass=['inetOrgPerson'], cn=name,
                         sn=name, mail=name, **attributes)


def test_the_object_class_comes_with_the_first_attribute(served, directory):
    user = served.add_user(new_name())
    entry(directory, user.name)
    put(user, 'spam=')
    assert stored(directory, user) == {'objectClass': ['inetOrgPerson']}
    put(user, '-n', 'spam=only')
    assert stored(directory, user) == {'objectClass': ['inetOrgPerson']}
    put(user, 'spam=only')
    assert stored(directory, user) == {'objectClass': ['inetOrgPerson', 'popPolicyAccount'],
                                       'popPolicySpam': ['only']}
    put(user, 'spam=include')
    assert get(user, 'spam')['pop_policy_spam'][0] == 'include'


def test_no_entry(served, directory):
    user = served.add_user(new_name())
    answer = doveadm.run(served, 'set', '-u', user.name, 'spam=only', check=68)
    assert answer.rows == [] and 'No LDAP entry matches' in answer.said
    assert directory.search('(mail=%s)' % user.name) == ''


def test_two_entries(served, directory):
    user = new_user(served, directory)
    directory.add('uid=other,%s' % user.dn, objectClass=['inetOrgPerson'], cn='x', sn='x',
                  uid='other', mail=user.name)
    before = directory.search('(mail=%s)' % user.name)
    answer = doveadm.run(served, 'set', '-u', user.name, 'spam=only', check=65)
    assert 'Several LDAP entries match' in answer.said
    assert directory.search('(mail=%s)' % user.name) == before


def test_a_value_that_is_invalid_can_be_replaced(account, directory):
    directory.set(account.dn, popPolicySpam='maybe')
    assert get(account, check=65)['login'][0] == INVALID
    assert put(account, 'spam=only')['pop_policy_spam'] == ('popPolicySpam', 'maybe', 'only')
    assert get(account)['pop_policy_spam'][0] == 'only'


def test_the_directory_refuses(get_server, directory):
    server = get_server(policy=on(directory))  # anonymous
    user = new_user(server, directory)
    answer = doveadm.run(server, 'set', '-u', user.name, 'spam=only', 'enabled=no', check=77)
    assert answer.rows == [] and 'The directory refuses to change' in answer.said
    assert re.search('(?i)modifications require authentication|strong|access', answer.said)
    assert policy_of(directory, user) == {}


def test_a_wrong_password(get_server, directory):
    server = get_server(policy=on(directory, ldap_write_dn=ADMIN, ldap_write_dn_password='wrong-1'))
    user = new_user(server, directory)
    answer = doveadm.run(server, 'set', '-u', user.name, 'spam=only', check=75)
    assert 'Invalid credentials' in answer.said and 'wrong-1' not in answer.said
    assert get(user)['login'][0] == 'allowed'


@pytest.mark.parametrize('settings,words', [
    ({'ldap_write_dn': ADMIN}, 'pop_policy_ldap_write_dn_password is empty'),
    ({'ldap_write_filter': '(mail=fixed)'}, 'pop_policy_ldap_write_filter')])
def test_settings_that_cannot_be_used(get_server, directory, settings, words):
    server = get_server(policy=on(directory, **settings))
    user = new_user(server, directory)
    answer = doveadm.run(server, 'set', '-u', user.name, 'spam=only', check=65)
    assert words in answer.said
    assert get(user)['login'][0] == 'allowed'  # logins do not write


def test_a_directory_that_is_down(get_server, own_directory):
    server = get_server(policy=on(own_directory, ldap_timeout='1s', **WRITE))
    user = new_user(server, own_directory)
    own_directory.down()
    answer = doveadm.run(server, 'set', '-u', user.name, 'spam=only', check=75)
    assert answer.rows == [] and 'LDAP lookup failed' in answer.said
    rows = get(user, check=75)
    assert rows['login'][0] == TEMPORARY and 'LDAP lookup failed' in rows['login'][2]
    assert {row[:2] for name, row in rows.items() if name != 'login'} == {('', '')}
    for command in ('list', 'status'):
        assert doveadm.run(server, command, '-u', user.name, check=75).rows == []


def test_no_directory(user):
    answer = doveadm.run(user.server, 'set', '-u', user.name, 'spam=only', check=65)
    assert 'pop_policy_ldap_uris is empty' in answer.said


def test_settings_for_doveadm_alone(get_server, directory):
    """Logins that get their policy another way ask no directory."""
    server = get_server(extra=policy_in('protocol doveadm', on(directory, **WRITE)))
    user = new_user(server, directory)
    put(user, 'spam=only')
    assert policy_of(directory, user) == {'popPolicySpam': ['only']}
    assert get(user)['pop_policy_spam'] == ('exclude', 'default', '')
    assert user.queue() == []


def test_mapped_attributes(get_server, directory):
    server = get_server(policy=on(directory, ldap_attributes='enabled=employeeType spam=title',
                                  ldap_filter='(mail=%{user})', **WRITE))
    user = server.add_user(new_name())
    entry(directory, user.name)
    assert put(user, 'enabled=no', 'spam=only') == {
        'pop_policy_enabled': ('employeeType', '', 'FALSE'), 'pop_policy_spam': ('title', '', 'only')}
    assert stored(directory, user) == {'objectClass': ['inetOrgPerson']}
    rows = get(user)
    assert rows['pop_policy_spam'] == ('only', 'ldap title', '')
    put(user, 'delete=keep')  # one of ours: it needs the class
    assert stored(directory, user) == {'objectClass': ['inetOrgPerson', 'popPolicyAccount'],
                                       'popPolicyDelete': ['keep']}


def test_zimbra(get_server, zimbra):
    server = get_server(policy=on(zimbra, ldap_schema='zimbra', **WRITE))
    user = server.add_user(new_name())
    zimbra.add('cn=%s,%s' % (user.name, PEOPLE), cn=user.name, sn='x', mail=user.name,
               objectClass=['inetOrgPerson', 'zimbraAccount'])
    assert put(user, 'spam=include', 'delete=trash', 'since=all', 'enabled=yes') == {
        'pop_policy_enabled': ('zimbraPrefPop3Enabled', '', 'TRUE'),
        'pop_policy_since': ('zimbraPrefPop3DownloadSince', '', '19700101000000Z'),
        'pop_policy_spam': ('zimbraPrefPop3IncludeSpam', '', 'TRUE'),
        'pop_policy_delete': ('zimbraPrefPop3DeleteOption', '', 'trash')}
    assert get(user, 'spam')['pop_policy_spam'] == (
        'TRUE', 'ldap zimbraPrefPop3IncludeSpam', '')
    assert put(user, 'spam=exclude')['pop_policy_spam'][2] == 'FALSE'
    for value, words in (('spam=only', 'takes only'), ('delete=archive', 'takes only'),
                         ('retrieve=keep', 'no attribute')):
        assert words in doveadm.run(server, 'set', '-u', user.name, value, check=65).said
    assert 'popPolicyAccount' not in zimbra.search('(mail=%s)' % user.name)


def test_secrets_stay_secret(account, directory):
    for form in ('table', 'json'):
        for args in (('get',), ('set', 'spam=only')):
            answer = doveadm.run(account.server, args[0], '-u', account.name, *args[1:], form=form)
            assert ADMIN_PASSWORD not in answer.text + answer.said
    debug = doveadm.run(account.server, 'set', '-u', account.name, 'spam=include',
                        environment={'DOVECOT_DEBUG': '1'}.items())
    assert ADMIN_PASSWORD not in debug.text + debug.said
    for log in (account.server.log.error, account.server.log.info, account.server.log.debug):
        assert ADMIN_PASSWORD not in log.text().decode(errors='replace')


def test_through_doveadm_server(account, directory):
    socket = str(account.server.root / 'run' / 'doveadm-server')
    rows = doveadm.run(account.server, 'set', '-S', socket, '-u', account.name, 'spam=only',
                       check=0).rows
    assert rows == [{'setting': 'pop_policy_spam', 'attribute': 'popPolicySpam', 'old': '',
                     'new': 'only'}]
    assert policy_of(directory, account) == {'popPolicySpam': ['only']}


def test_external_is_whoever_runs_doveadm(get_server, directory):
    """root may write there, the mail user may not."""
    server = get_server(policy=on(directory, ldap_sasl_mechanism='EXTERNAL'))
    user = new_user(server, directory)
    put(user, 'spam=only')
    assert policy_of(directory, user) == {'popPolicySpam': ['only']}
    assert get(user, 'spam')['pop_policy_spam'] == ('only', 'ldap popPolicySpam', '')


def test_over_http(directory):
    server = doveadm.DoveadmServer(policy=on(directory, **WRITE))
    if not doveadm.settings_module.show.doveadm:
        server.stop()
        pytest.skip('no mount namespace: doveadm cannot see the module')
    name = new_name()
    user, = server.add_users({name: {}})
    directory.add_account(name)
    status, answer = server.http('popPolicySet', user=name, setting=['spam=only', 'enabled=no'])
    assert (status, answer[0]) == (200, 'doveadmResponse')
    assert [row['new'] for row in answer[1]] == ['FALSE', 'only']
    assert policy_of(directory, user) == {'popPolicySpam': ['only'], 'popPolicyEnabled': ['FALSE']}
    status, answer = server.http('popPolicySet', user=name, setting=['spam=x'])
    assert (status, answer[0], answer[1]['exitCode']) == (200, 'error', 65)
    server.log.allow_errors('pop_policy_spam')
    assert server.stop() == []
