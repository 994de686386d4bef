"""Whole sessions under valgrind: no error, no leak."""

import itertools

import pytest

from tests.lib import bulk
from tests.lib.answers import login_answer
from tests.lib.dovecot_config import STORAGES, uidl_format
from tests.lib.mailuser import NOON, fill, stamp
from tests.lib.model import DISABLED, INVALID

POLICIES = {
    'stock': {},
    'date': {'since': stamp(NOON + 10)},
    'include': {'spam': 'include', 'delete': 'keep'},
    'only': {'spam': 'only', 'delete': 'trash'},
    'empty': {'spam': '', 'delete': 'keep', 'since': '', 'ldap_uris': ''},
    'retrieve': {'spam': 'include', 'delete': 'read', 'retrieve': 'archive'},
    'extra': {'spam': 'include', 'extra_mailboxes': 'Junk, Nothing, \\Trash, "x,y", *',
              'mailbox_header': 'X-Mailbox', 'delete': 'archive', 'retrieve': 'keep'},
    'only with a field': {'spam': 'only', 'mailbox_header': 'X-Mailbox', 'retrieve': 'read'},
    'recent': {'spam': 'include', 'delete': 'keep', 'recent': '5000d'},
    # what the first session dequeues expires after the second
    'keep_for': {'spam': 'include', 'delete': 'keep', 'keep_for': '1s'},
}

# Every policy with one storage format, and with all of them the one that does most.
COMBINATIONS = sorted({*zip(POLICIES, itertools.cycle(STORAGES)),
                       *(('extra', storage) for storage in STORAGES)})


def no_problems(server):
    """Assert that the sessions have left nothing to complain of."""
    problems = server.valgrind.problems()
    assert not problems, '\n\n'.join(problems)


@pytest.mark.parametrize('policy,storage', COMBINATIONS)
def test_sessions_are_clean(checked, policy, storage):
    user = checked.add_user(storage=storage)
    fill(user)
    user.policy(**POLICIES[policy])
    with user.pop() as client:
        client.subjects()
        client.uidl()
        client.uidl(1)
        client.retr(1)
        client.dele(1)
        assert client.quit().startswith('+OK')
    with user.pop() as client:
        client.list()
        client.drop()
    no_problems(checked)


@pytest.mark.parametrize('form', ['uid uidvalidity', 'filename'])
def test_a_maildir_at_rest_is_clean(get_checked, form):
    """Its uidlist is not read as a whole, until a mail is."""
    server = get_checked(settings={'pop3_uidl_format': uidl_format(form)})
    user = server.add_user()
    bulk.write_maildir(user.home / 'Maildir', 400, 20, (3, 9))
    bulk.write_maildir(user.home / 'Maildir/.Junk', 30, 20, (3, 9))
    user.policy(since=bulk.CUTOFF_TEXT, spam='include', delete='keep')
    for number, retrieved in enumerate((0, 0, 0, 30)):
        if number == 1:
            bulk.rest_maildir(user, 'INBOX', 'Junk')
        with user.pop() as client:
            assert len(client.list()) == len(client.uidl()) == 40
            for number in range(1, retrieved + 1):
                client.retr(number)
            assert client.uidl(40) and client.list(40)
            assert client.quit().startswith('+OK')
    no_problems(server)


@pytest.mark.parametrize('form', ['uid uidvalidity', 'guid', 'uid'])
def test_many_mailboxes_are_clean(get_checked, form):
    server = get_checked(settings={'pop3_uidl_format': uidl_format(form)})
    user = server.add_user()
    fill(user)
    for mailbox in ('Work', 'Entw\u00fcrfe', 'Lists/a', 'Lists/b'):
        user.doveadm('mailbox create', mailbox)
        user.save(mailbox, mailbox.replace('\u00fc', 'ue'))
    user.policy(extra_mailboxes='*', mailbox_header='X-Mailbox', delete='delete',
                since=stamp(NOON + 5))
    with user.pop() as client:
        subjects = client.subjects()
        assert len(subjects) == 6
        assert len(set(client.uidl().values())) == 6
        client.retr(6)
        client.dele(*(subjects.index(name) + 1 for name in ('Work', 'Lists/a')))
        assert client.quit().startswith('+OK')
    user.policy(extra_mailboxes='Lists/*', mailbox_header='X-Mailbox')
    with user.pop() as client:
        client.retr(4)
        client.drop()
    no_problems(server)


def test_lists_of_mailboxes_that_are_refused_are_clean(get_checked):
    server = get_checked(others={'acl': {}})
    user = server.add_user()
    fill(user)
    user.append('Work', 'work')
    user.doveadm('mailbox create', *('m%03d' % number for number in range(101)))
    (user.home / 'Maildir' / '.Work' / 'dovecot-acl').write_text('owner l\n')
    for extra in ('a.b', 'm*', 'm00*, Work, m01*'):
        user.policy(extra_mailboxes=extra)
        assert login_answer(user) == INVALID
        server.log.claim_error('POP login refused')
    no_problems(server)


def test_reset_and_dropped_sessions_are_clean(checked):
    user = checked.add_user()
    fill(user)
    user.policy(spam='include', delete='archive', retrieve='keep')
    with user.pop() as client:
        client.retr(2)
        client.dele(1, 2, 3)
        client.rset()
        client.dele(4)
        client.drop()
    no_problems(checked)


def test_refused_logins_are_clean(checked):
    user = checked.add_user(fields={'pop_policy_enabled': 'no'})
    assert login_answer(user) == DISABLED
    user.policy(since='soon')
    assert login_answer(user) == INVALID
    checked.log.claim_error('pop_policy_since')
    no_problems(checked)


@pytest.mark.parametrize('tls', [False, True], ids=['plain', 'tls'])
def test_refused_logins_that_wait_are_clean(checked, tls):
    user = checked.add_user(fields={'pop_policy_enabled': 'no'})
    endings = [['STAT', 'QUIT'], ['NOOP'] * 5, ['x' * 2000], []]
    for lines in endings:
        with user.attempt(tls=tls) as client:
            assert client.login_reply == DISABLED
            client.send(*lines)
            client.rest()
    with user.connect(tls=tls) as client:
        client.send('USER ' + user.name, 'PASS ' + user.password, *['STAT'] * 20)
        client.rest()
    with user.attempt(tls=tls) as client:
        assert client.login_reply == DISABLED
    no_problems(checked)


@pytest.mark.parametrize('locking', [False, True], ids=['unlocked', 'locked'])
def test_logins_refused_for_a_mailbox_are_clean(get_checked, locking):
    server = get_checked(others={'acl': {}}, settings={'pop3_lock_session': locking})
    user = server.add_user()
    fill(user)
    user.policy(archive_mailbox='a.b')
    assert login_answer(user) == INVALID
    server.log.claim_error('pop_policy_archive_mailbox')
    (user.home / 'Maildir' / '.Junk' / 'dovecot-acl').write_text('owner l\n')
    for spam in 'include', 'only':
        user.policy(spam=spam)
        assert login_answer(user) == INVALID
        server.log.claim_error('Cannot open mailbox Junk')
    user.policy(delete='archive')
    with user.pop() as client:
        client.dele(1)
        assert client.quit().startswith('+OK')
    no_problems(server)
