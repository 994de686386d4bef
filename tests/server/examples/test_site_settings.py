"""Every example with settings for the whole site, and accounts that have no say, or have one."""

import contextlib
import re

import pytest

from tests.lib.answers import login_answer
from tests.lib.config_text import section, text
from tests.lib.dovecot_config import policy
from tests.lib.examples import POLICY, example_directory, fresh, loose_schema, running
from tests.lib.hosting import hosting
from tests.lib.model import DISABLED, UNAVAILABLE

# What the site says; and for clients of some addresses that POP is off.
SITE = {'since': '20260101000000Z', 'spam': 'include', 'delete': 'keep', 'retrieve': 'keep',
        'unavailable_text': UNAVAILABLE.partition('] ')[2],
        'disabled_text': DISABLED.partition('] ')[2]}
OFF = {'127.0.0.2': ('available', UNAVAILABLE), '127.0.0.3': ('enabled', DISABLED)}
EXTRA = text(policy(SITE) + [line for address, (switch, _) in OFF.items()
                             for line in section('remote ' + address, policy({switch: False}))])

# Attributes that say the opposite.
OWN = {'popPolicyAvailable': True, 'popPolicyEnabled': True, 'popPolicySince': '19700101000000Z',
       'popPolicySpam': 'exclude', 'popPolicyDelete': 'delete', 'popPolicyRetrieve': 'none'}
# What a directory that has no say, or an empty one, holds.
NO_SAY = {'absent': None, 'empty': ''}


@contextlib.contextmanager
def account_of(subject, **spec):
    """An account of that example, in a directory that takes empty values."""
    if subject == 'hosting':
        with hosting(schema=loose_schema(), extra=EXTRA, **spec) as server:
            user = server.account('info@example.org')
            user.attributes(labeledURI=None)  # no plan
            yield user
    else:
        directory = example_directory(schema=loose_schema())
        with running(subject, directory, extra=EXTRA, **spec) as server:
            yield server.account('ann@example.org')


@pytest.fixture(scope='module', params=['ldap', 'app-passwords', 'ldap-policy-only', 'hosting'])
def account(request):
    """An account of each example."""
    with account_of(request.param) as user:
        yield user


def answer_from(user, address):
    """The answer to a login from there."""
    with user.connect(source=address) as client:
        answer = client.login(user.name, user.password)
        if answer.startswith('+OK'):
            client.quit()
        return answer


def session(user):
    """The queue, then INBOX after DELE 1 and RETR 2, and the queue that is left."""
    with user.pop() as client:
        listed = client.subjects()
        client.dele(1)
        client.retr(2)
        client.quit()
    return listed, user.subjects(), user.queue()


def assert_site_holds(user):
    """What the site says is what happens."""
    for address, (_, refusal) in OFF.items():
        assert answer_from(user, address) == refusal
    assert session(user) == (['new', 'spam'], ['old', 'new'], [])


@pytest.mark.parametrize('value', NO_SAY.values(), ids=NO_SAY)
def test_without_a_say_the_site_holds(account, value):
    fresh(account)
    account.attributes(**dict.fromkeys(POLICY, value))
    assert_site_holds(account)


@pytest.mark.parametrize('value', NO_SAY.values(), ids=NO_SAY)
@pytest.mark.parametrize('said', OWN)
def test_a_say_in_one_thing_leaves_the_others(account, said, value):
    account.attributes(**{**dict.fromkeys(POLICY, value), said: OWN[said]})
    switch = said[len('popPolicy'):].lower()
    for address, (name, refusal) in OFF.items():
        answer = answer_from(account, address)
        assert answer.startswith('+OK') if name == switch else answer == refusal


def test_the_attributes_win(account):
    fresh(account)
    account.attributes(**OWN)
    for address in OFF:
        assert answer_from(account, address).startswith('+OK')
    assert login_answer(account).startswith('+OK')
    assert session(account) == (['old', 'new'], ['new'], ['new'])


def templates(name, config):
    """The example written with templates (2.3), or with ldap in place of ldap_multi (2.4)."""
    for attribute in POLICY:
        for prefix in 'userdb_', '':
            name = re.sub('(?<=[a-z])(?=[A-Z])', '_', attribute[len('popPolicy'):]).lower()
            field = '%spop_policy_%s' % (prefix, name)
            config = config.replace('%s=%s' % (attribute, field),
                                    '=%s=%%{ldap:%s}' % (field, attribute))
    return config.replace('ldap_multi:', 'ldap:')


def test_other_ways_to_write_the_fields():
    changed = []

    def edit(name, config):
        changed.append(templates(name, config) != config)
        return templates(name, config)

    with account_of('ldap', edit=edit) as user:
        assert any(changed)
        for value in NO_SAY.values():
            fresh(user)
            user.attributes(**dict.fromkeys(POLICY, value))
            assert_site_holds(user)
        fresh(user)
        user.attributes(**OWN)
        assert session(user) == (['old', 'new'], ['new'], ['new'])
