"""Extra mailboxes and the mailbox header, as `list`, `status`, `get`, `requeue` have them."""

import itertools
import random

import pytest

from tests.lib.doveadm import get
from tests.lib.dovecot_config import uidl_format
from tests.lib.mailuser import NOON, stamp
from tests.lib.model import INVALID
from tests.server.doveadm.test_get import assert_login
from tests.server.doveadm.test_list import assert_the_same, scatter
from tests.server.doveadm.test_mark import marked

POLICIES = list(itertools.product(
    ('Work', 'W*, Lists/*', 'Lists/b,Work,\\Archive'), ('exclude', 'include', 'only'),
    ('', 'X-Mailbox')))


def scatter_all(user, chance):
    """Random mail in more mailboxes than INBOX and Junk."""
    scatter(user, chance)
    for mailbox in ('Work', 'Lists/a', 'Lists/b', 'Archive'):
        user.append(mailbox, *(('%s%d' % (mailbox, number), NOON + chance.randrange(6))
                               for number in range(chance.randrange(1, 6))))


@pytest.mark.parametrize('form', ['uid uidvalidity', 'guid', 'uid'])
def test_list_is_what_a_client_gets(get_server, storage, form):
    chance = random.Random(storage + form)
    server = get_server(settings={'pop3_uidl_format': uidl_format(form)})
    owner = server.add_user(storage=storage)
    scatter_all(owner, chance)
    for extra, spam, header in POLICIES:
        user = server.add_user(storage=storage, home=owner.home, fields={
            **server.storage_fields(storage), 'pop_policy_extra_mailboxes': extra,
            'pop_policy_spam': spam, 'pop_policy_mailbox_header': header,
            'pop_policy_since': chance.choice(('', stamp(NOON + 3)))})
        rows = assert_the_same(user)
        assert ('Work' in {row['mailbox'] for row in rows if row['hidden'] in (
            '', 'before the date')}) == (spam != 'only')


@pytest.mark.parametrize('settings', [
    {'pop3_save_uidl': True}, {'pop3_uidl_duplicates': 'rename'},
    {'pop3_fast_size_lookups': True}], ids=' '.join)
def test_list_obeys_the_settings_of_pop3(get_server, storage, settings):
    server = get_server(settings={'pop3_uidl_format': uidl_format('uid'), **settings})
    user = server.add_user(storage=storage, fields={
        **server.storage_fields(storage), 'pop_policy_extra_mailboxes': 'Work, Lists/*',
        'pop_policy_mailbox_header': 'X-Mailbox'})
    scatter_all(user, random.Random(storage))
    for _ in range(2):
        assert_the_same(user)


def test_requeue_and_dequeue(user):
    for mailbox in ('INBOX', 'Work', 'Lists/a'):
        user.append(mailbox, mailbox)
    user.policy(extra_mailboxes='Work')
    assert marked(user, 'dequeue', 'all') == 2
    assert user.queue() == []
    user.policy(extra_mailboxes='Work', spam='only')
    assert marked(user, 'requeue', 'mailbox', 'Work') == 1
    user.policy(extra_mailboxes='Work')
    assert user.queue() == ['Work']


@pytest.mark.parametrize('policy,setting', [
    ({'extra_mailboxes': 'a,,b'}, 'pop_policy_extra_mailboxes'),
    ({'mailbox_header': 'Subject'}, 'pop_policy_mailbox_header'),
    ({'extra_mailboxes': 'a.b'}, None)], ids=str)
def test_invalid_values(user, policy, setting):
    user.policy(**policy)
    row = assert_login(user)
    assert row[0] == INVALID
    assert row[2] in user.server.log.claim_error(user.name)
    if setting:
        assert get(user, check=65)[setting][2] == row[2]


def test_a_mailbox_that_cannot_be_opened(get_server):
    user = get_server().add_user(fields={'pop_policy_extra_mailboxes': 'Work'})
    user.append('Work', 'work')
    path = user.home / 'Maildir/.Work'
    path.chmod(0)
    row = assert_login(user)
    path.chmod(0o700)
    assert row[0] != 'allowed' and 'Work' in row[2]
    user.server.log.claim_error('POP login refused.*Work')
    user.server.log.allow_errors('Work')


def test_too_many(get_server):
    user = get_server(storage='sdbox').add_user(fields={'pop_policy_extra_mailboxes': '*'})
    user.doveadm('mailbox create', *('m%03d' % number for number in range(101)))
    row = assert_login(user)
    assert row[0] == INVALID and '100' in row[2]
    user.server.log.claim_error('100')
