"""Behaviour 6.4: pop_policy_recent, for a second device."""

import time

import pytest

from tests.lib.answers import assert_invalid
from tests.lib.faults import folder_of
from tests.lib.mailuser import message, stamp
from tests.lib.model import KEYWORD
from tests.lib.outcome import DELETED, DONE, dele, flags_of, retr, state

pytestmark = pytest.mark.release

DAY = 86400


def fill_days(user):
    """INBOX: mail of 40, 20, 10 and 1 days ago; Junk: of 30 and 5 days ago."""
    now = int(time.time())
    user.append('INBOX', *(('in%d' % days, now - days * DAY) for days in (40, 20, 10, 1)))
    user.append('Junk', *(('sp%d' % days, now - days * DAY) for days in (30, 5)))


@pytest.mark.parametrize('policy,queue', [
    ({'recent': '15d'}, ['in10', 'in1']), ({'recent': '2 weeks'}, ['in10', 'in1']),
    ({'recent': '3000 days'}, ['in40', 'in20', 'in10', 'in1']),
    ({'recent': '1h'}, []), ({'recent': 'no'}, ['in40', 'in1']), ({}, ['in40', 'in1']),
    ({'recent': '15d', 'spam': 'include'}, ['in10', 'sp5', 'in1']),
    ({'recent': '15d', 'spam': 'only'}, ['sp5']),
    ({'recent': '35d', 'spam': 'include'}, ['sp30', 'in20', 'in10', 'sp5', 'in1'])])
def test_recent_mail_is_listed_dequeued_or_not(stored, policy, queue):
    fill_days(stored)
    stored.policy(delete='keep', spam='include')
    assert dele(stored, 3, 4, 5) == DELETED  # in20, in10, sp5
    stored.policy(delete='keep', **policy)
    assert stored.queue() == queue


@pytest.mark.parametrize('days,queue', [(15, ['in10', 'in1']), (5, ['in1'])])
def test_the_date_counts_as_ever(stored, days, queue):
    fill_days(stored)
    stored.policy(recent='30d', since=stamp(int(time.time()) - days * DAY))
    assert stored.queue() == queue


def test_the_limit_is_exact(user):
    user.policy(recent='1h')
    now = int(time.time())
    user.append('INBOX', ('out', now - 3600 - 1), ('in', now - 3600 + 30))
    assert user.queue() == ['in']


def test_uidls_are_the_same(stored):
    fill_days(stored)
    stored.policy(spam='include')
    uidls = stored.uidls()
    stored.policy(spam='include', delete='keep')
    dele(stored, 1, 2, 3, 4, 5, 6)
    stored.policy(spam='include', recent='100d')
    assert stored.uidls() == uidls


@pytest.mark.parametrize('spam,numbers', [('exclude', (1, 2, 3)), ('include', (1, 2, 3, 4, 5))])
@pytest.mark.parametrize('action', ['delete', 'keep', 'read', 'archive', 'trash'])
def test_dequeued_mail_stays_as_it_is(stored, action, spam, numbers):
    """DELE and RETR of dequeued mail change nothing, not even \\Seen, and it is listed again."""
    fill_days(stored)
    stored.policy(delete='keep', spam=spam)
    dele(stored, *numbers)
    stored.policy(delete=action, retrieve=action, recent='100d', spam=spam)
    before, queue = state(stored), stored.queue()
    with stored.pop() as client:
        client.retr(1)
        client.retr(2)
        client.dele(2, 3)
        assert len(client.list()) == len(queue) - 2
        assert client.quit() == DELETED
    assert state(stored) == before
    assert stored.queue() == queue


@pytest.mark.parametrize('trigger', ['dele', 'retr'])
@pytest.mark.parametrize('action', ['delete', 'keep', 'archive'])
def test_mail_in_the_queue_follows_the_policy(stored, action, trigger):
    fill_days(stored)
    stored.policy(delete='keep')
    dele(stored, 2)
    names = {'dele': 'delete', 'retr': 'retrieve'}
    stored.policy(recent='100d', **{'delete': 'keep', names[trigger]: action})
    assert (dele if trigger == 'dele' else retr)(stored, 1, 2, 4).startswith('+OK')
    gone = action != 'keep'
    assert stored.subjects() == (['in20', 'in10'] if gone else ['in40', 'in20', 'in10', 'in1'])
    assert stored.subjects('Archive') == (['in40', 'in1'] if action == 'archive' else [])
    stored.policy()
    assert stored.queue() == ['in10']


def test_mail_that_nobody_has_read_is_marked_as_read(stored):
    fill_days(stored)
    stored.policy(recent='100d', delete='read', spam='include')
    assert stored.queue()[:2] == ['in40', 'sp30']
    assert dele(stored, 1, 2) == DELETED
    assert flags_of(stored, 'in40') >= {KEYWORD, r'\Seen'}
    assert flags_of(stored, 'sp30', 'Junk') >= {KEYWORD, r'\Seen'}


def test_mail_that_the_other_device_dequeues_meanwhile_stays(stored):
    fill_days(stored)
    second = stored.server.add_user(
        storage=stored.storage, home=stored.home,
        fields={'pop_policy_recent': '100d', 'pop_policy_delete': 'delete',
                **stored.server.storage_fields(stored.storage)})
    stored.policy(delete='keep')
    with second.pop() as client:
        client.retr(1)
        client.dele(1, 2)
        dele(stored, 1)
        assert client.quit() == DELETED
    assert stored.subjects() == ['in40', 'in10', 'in1']
    assert flags_of(stored, 'in40') == {KEYWORD}


def test_rset_and_no_quit_change_nothing(stored):
    fill_days(stored)
    stored.policy(delete='delete', retrieve='delete', recent='100d')
    before = state(stored)
    with stored.pop() as client:
        client.dele(1, 2)
        client.rset()
        assert client.quit() == DONE
    assert state(stored) == before
    with stored.pop() as client:
        client.dele(1, 2)
        client.drop()
    assert state(stored) == before


def test_the_record_of_dates_is_not_that_of_since(get_server):
    """A session in recent mode must not make the other device's look up old dates again."""
    user = get_server(storage='sdbox').add_user()
    now = int(time.time())
    user.append('INBOX', *((message('m%d' % num), now - (90 - num) * DAY) for num in range(80)))
    policies = [{'since': stamp(now - 60 * DAY - 60)}, {'recent': '700h'}]
    for policy in policies:
        user.policy(**policy)
        user.queue()
    folder = folder_of(user, 'INBOX') / 'dbox-Mails'
    (folder / 'dovecot.index.cache').unlink()
    # Mail that is known to be older is not asked for its date: its file need not exist.
    for num in range(1, 29):
        (folder / ('u.%d' % num)).unlink()
    for policy, count in zip(policies, (50, 19)):
        user.policy(**policy)
        with user.pop() as client:
            assert len(client.uidl()) == count
            client.quit()


@pytest.mark.parametrize('value', ['0', '0d', '90', '-3d', '90 years', 'yes', 'infinite', 'all',
                                   '99999999999d', '1d 1h', ' 9d.'])
def test_refused_intervals(server, value):
    user = server.add_user(fields={'pop_policy_recent': value})
    assert_invalid(user, 'pop_policy_recent', value.strip())


def test_a_user_can_undo_the_sites_default(get_server):
    user = get_server(policy={'recent': '9d'}).add_user()
    fill_days(user)
    assert user.queue() == ['in1']
    user.policy(recent='no')
    assert user.queue() == ['in40', 'in20', 'in10', 'in1']
    user.policy(recent='')
    assert user.queue() == ['in1']
