"""Behaviour 6.3: pop_policy_keep_for, an end to keeping."""

import fcntl
import os
import random
import time

import pytest

from tests.lib import doveadm
from tests.lib.answers import assert_invalid
from tests.lib.clock import DAY, Clock
from tests.lib.doveadm import DoveadmServer
from tests.lib.dovecot_config import MAIL_UID, storage_fields
from tests.lib.faults import folder_of, mode
from tests.lib.history import INDEXES
from tests.lib.mailuser import fill
from tests.lib.model import KEYWORD

pytestmark = pytest.mark.release


def session(user, *nums):
    """A session that DELEtes those numbers, and what comes after it."""
    with user.pop() as client:
        if nums:
            client.dele(*nums)
        assert client.quit().startswith('+OK')
    user.server.wait_for_end()


def keep(user, *nums, **policy):
    """Dequeue those numbers, and let a second pass, which is the time to keep them from then on."""
    user.policy(delete='keep', keep_for='1h', **policy)
    session(user, *nums)
    time.sleep(1.1)
    user.policy(delete='keep', keep_for='1s', **policy)


@pytest.fixture(scope='session')
def the_clock():
    """One for all tests of this process."""
    clock = Clock()
    yield clock
    clock.close()


@pytest.fixture
def clock(the_clock):
    """The clock of `timed`; 0 is the machine's."""
    the_clock.set(0)
    yield the_clock
    the_clock.set(0)


def timed_user(get_server, clock, storage):
    """A user whose sessions have that clock."""
    server = get_server(pop3_service=clock.service, policy={'delete': 'keep', 'keep_for': '90d'})
    user = server.add_user(storage=storage)
    fill(user)
    return user


@pytest.fixture(params=['maildir', 'sdbox'])
def timed(get_server, clock, request):
    """Such a user."""
    return timed_user(get_server, clock, request.param)


@pytest.fixture
def timed_stored(get_server, clock, storage):
    """Such a user, in every storage format."""
    return timed_user(get_server, clock, storage)


def subjects_after(user, clock, days):
    """INBOX after a session that comes so many days later."""
    clock.advance(days * DAY)
    session(user)
    return user.subjects()


# -- without a simulated clock

@pytest.mark.parametrize('spam,dequeued,gone', [
    ('exclude', (1, 3), ['one', 'three']), ('include', (2, 5), ['spam1', 'three']),
    ('only', (2,), ['spam2'])])
def test_mail_is_expunged_once_it_has_been_dequeued_for_that_long(stored, spam, dequeued, gone):
    fill(stored)
    keep(stored, *dequeued, spam=spam)
    assert len(stored.subjects() + stored.subjects('Junk')) == 5
    session(stored)
    left = stored.subjects() + stored.subjects('Junk')
    assert left == [name for name in ('one', 'two', 'three', 'spam1', 'spam2') if name not in gone]
    session(stored)
    assert stored.subjects() + stored.subjects('Junk') == left


def test_a_mailbox_that_does_not_feed_the_queue_is_left_alone(stored):
    fill(stored)
    keep(stored, 1, 2, 3, 4, 5, spam='include')
    stored.policy(delete='keep', keep_for='1s')
    session(stored)
    assert (stored.subjects(), stored.subjects('Junk')) == ([], ['spam1', 'spam2'])


def test_mail_of_extra_mailboxes_as_well(stored):
    fill(stored)
    for mailbox in 'Work', 'Other':
        stored.append(mailbox, mailbox + '1', mailbox + '2')
    keep(stored, *range(1, 8), extra_mailboxes='Work, Nothing', spam='include')
    stored.policy(delete='keep', keep_for='1s', extra_mailboxes='W*')
    session(stored)
    assert stored.subjects() + stored.subjects('Work') == []
    assert stored.subjects('Junk') == ['spam1', 'spam2']
    assert stored.subjects('Other') == ['Other1', 'Other2']


@pytest.mark.parametrize('end', ['drop', 'refused'])
def test_where_autoexpunge_runs(user, end):
    """A session that ends without QUIT is a session, one that is refused is none."""
    fill(user)
    keep(user, 1)
    if end == 'refused':
        user.policy(delete='keep', keep_for='1s', enabled='no')
        user.attempt().close()
    else:
        with user.pop() as client:
            client.drop()
    user.server.wait_for_end()
    assert user.subjects() == (['one', 'two', 'three'] if end == 'refused' else ['two', 'three'])


def test_a_session_whose_quit_failed_expires_nothing(stored):
    """Whatever has failed, another change could make it worse."""
    fill(stored)
    stored.append('Archive', 'there')
    keep(stored, 1)
    stored.policy(delete='archive', keep_for='1s')
    with stored.pop() as client:
        client.dele(1)
        with mode(folder_of(stored, 'Archive'), 0):
            assert client.quit().startswith('-ERR')
    stored.server.wait_for_end()
    stored.server.log.allow_errors('Permission denied|pop_policy')
    assert stored.subjects() == ['one', 'two', 'three']
    session(stored)
    assert stored.subjects() == ['two', 'three']


def test_the_log_says_so(user):
    fill(user)
    keep(user, 1, 2, 5, spam='include')
    session(user)
    line, = user.server.log.infos(r'pop3\(%s\).*POP keep_for: ' % user.name, 20)
    assert line.endswith('POP keep_for: expired INBOX count=2 uid=1,3; expired Junk count=1 uid=1')


def test_it_is_left_to_a_process_that_is_expunging(user):
    fill(user)
    keep(user, 1)
    path = user.home / 'dovecot.autoexpunge.lock'
    with open(path, 'w') as file:
        os.chown(path, MAIL_UID, MAIL_UID)
        fcntl.lockf(file, fcntl.LOCK_EX)
        session(user)
        assert user.subjects() == ['one', 'two', 'three']
    session(user)
    assert user.subjects() == ['two', 'three']


def test_more_than_one_step(get_server):
    user = get_server(storage='sdbox').add_user()
    user.append('INBOX', *('m%d' % num for num in range(2100)))
    keep(user, *range(1, 2101, 2))
    session(user)
    assert user.subjects() == ['m%d' % num for num in range(1, 2100, 2)]


def test_quota_and_mail_log_see_each_mail_once(get_server):
    server = get_server(others={
        'quota': {'User quota': {'driver': 'count', 'storage': '10M', 'messages': 100}},
        'mail_log': {'events': 'expunge', 'fields': 'uid box'}, 'lazy_expunge':
        {'mailbox': 'EXPUNGED'}})
    user = server.add_user()
    fill(user)
    keep(user, 1, 2)
    session(user)
    assert (user.subjects(), user.subjects('EXPUNGED')) == (['three'], ['one', 'two'])
    lines = server.log.infos(r'pop3\(%s\).*expunge: ' % user.name, 20, count=2)
    assert len(lines) == 2, lines


@pytest.mark.parametrize('store', ['maildir', 'sdbox'])
def test_without_an_index_on_disk_mail_is_kept(server, store):
    user = server.add_user(storage=store)
    fill(user)
    fields = storage_fields(store, index='MEMORY') if store == 'maildir' else {}
    for keep_for in ('1h', '1s', '1s'):
        user.set(pop_policy_delete='keep', pop_policy_keep_for=keep_for,
                 **{**server.storage_fields(store), **fields})
        session(user, *([1] if keep_for == '1h' else []))
        time.sleep(1.1)
    assert user.subjects() == (['one', 'two', 'three'] if fields else ['two', 'three'])


# -- values

@pytest.mark.parametrize('value', ['0', '0d', '90', '-3d', '90 years', 'yes', 'no', 'forever',
                                   '99999999999d', '1d 1h', 'infinite.'])
def test_refused_intervals(server, value):
    user = server.add_user(fields={'pop_policy_keep_for': value})
    assert_invalid(user, 'pop_policy_keep_for', value.strip())


@pytest.mark.parametrize('value,left', [('infinite', ['one', 'two', 'three']),
                                        ('Infinite', ['one', 'two', 'three']),
                                        ('', ['two', 'three']), ('12 weeks', ['one', 'two', 'three'])])
def test_a_user_can_undo_the_sites_default(get_server, value, left):
    user = get_server(policy={'keep_for': '1s', 'delete': 'keep'}).add_user()
    fill(user)
    keep(user, 1)
    user.policy(keep_for=value)
    session(user)
    assert user.subjects() == left


# -- with a simulated clock

def test_the_time_is_counted_from_the_mark_and_not_from_arrival(timed_stored, clock):
    session(timed_stored, 1, 2)
    clock.advance(90 * DAY - 60)
    session(timed_stored, 1)
    assert timed_stored.subjects() == ['one', 'two', 'three']
    clock.advance(60)
    session(timed_stored)
    assert timed_stored.subjects() == ['three']
    assert subjects_after(timed_stored, clock, 90) == []


def test_mail_dequeued_before_the_setting_starts_when_it_is_noticed(timed, clock):
    timed.policy(keep_for='infinite')
    session(timed, 1)
    clock.advance(200 * DAY)
    timed.policy()
    session(timed)
    assert subjects_after(timed, clock, 89) == ['one', 'two', 'three']
    assert subjects_after(timed, clock, 1) == ['two', 'three']


@pytest.mark.parametrize('how', ['imap', 'doveadm'])
def test_a_mark_that_others_have_set_starts_when_it_is_noticed(timed, clock, how):
    if how == 'imap':
        timed.store('INBOX', 'one', '+FLAGS', KEYWORD)
    else:
        timed.doveadm('flags add', KEYWORD, 'mailbox', 'INBOX', 'subject', 'one')
    assert subjects_after(timed, clock, 100) == ['one', 'two', 'three']
    assert subjects_after(timed, clock, 90) == ['two', 'three']


def test_a_clock_set_back_starts_the_time_anew(timed, clock):
    clock.advance(1000 * DAY)
    session(timed, 1)
    clock.set(0)
    session(timed)
    assert subjects_after(timed, clock, 89) == ['one', 'two', 'three']
    assert subjects_after(timed, clock, 1) == ['two', 'three']


def test_index_loss_only_keeps_mail_longer(timed_stored, clock):
    session(timed_stored, 1)
    clock.advance(60 * DAY)
    for path in (timed_stored.home / INDEXES[timed_stored.storage]['INBOX']).glob('dovecot.index*'):
        path.unlink()
    if timed_stored.storage in ('sdbox', 'mdbox'):
        timed_stored.doveadm('force-resync', 'INBOX')
        # dbox has the keywords in its index alone
        timed_stored.store('INBOX', 'one', '+FLAGS', KEYWORD)
    session(timed_stored)
    assert subjects_after(timed_stored, clock, 60) == ['one', 'two', 'three']
    assert subjects_after(timed_stored, clock, 30) == ['two', 'three']


@pytest.mark.parametrize('look', ['session', 'open session', 'recent', 'without', 'expire'])
def test_a_mark_seen_absent_is_forgotten(timed, clock, look):
    """Requeued over IMAP, seen so, and dequeued over IMAP."""
    session(timed, 1)
    clock.advance(80 * DAY)
    timed.store('INBOX', 'one', '-FLAGS', KEYWORD)
    if look == 'session':
        session(timed)
    elif look == 'open session':
        # the mark is back when the session ends
        with timed.pop() as client:
            assert len(client.uidl()) == 3
            timed.store('INBOX', 'one', '+FLAGS', KEYWORD)
            client.quit()
        timed.server.wait_for_end()
    elif look == 'recent':
        timed.policy(recent='5000d')
        session(timed)
        timed.policy()
    elif look == 'without':
        timed.policy(keep_for='infinite')
        session(timed)
        timed.policy()
    else:
        expire(timed, clock)
    timed.store('INBOX', 'one', '+FLAGS', KEYWORD)
    assert subjects_after(timed, clock, 80) == ['one', 'two', 'three']
    assert subjects_after(timed, clock, 90) == ['two', 'three']


def expire(user, clock, *args):
    """`doveadm pop-policy expire`, by that clock; the UIDs that it names."""
    rows = doveadm.run(user.server, 'expire', *args, '-u', user.name, check=0,
                       environment=clock.environment()).rows
    return [(row['mailbox'], int(row['uid'])) for row in rows]


@pytest.mark.parametrize('setting', ['90d', 'infinite'])
@pytest.mark.parametrize('how', ['dele', 'doveadm'])
def test_dequeued_again_it_starts_anew(timed, clock, how, setting):
    """Nobody looks between the requeue and the new mark, also while there is no keep_for."""
    session(timed, 1)
    clock.advance(80 * DAY)
    timed.store('INBOX', 'one', '-FLAGS', KEYWORD)
    timed.policy(keep_for=setting)
    if how == 'dele':
        session(timed, 1)
    else:
        for command in ('dequeue', 'requeue', 'dequeue'):
            doveadm.run(timed.server, command, '-u', timed.name, 'subject', 'one', check=0,
                        environment=clock.environment())
    timed.policy()
    assert subjects_after(timed, clock, 80) == ['one', 'two', 'three']
    assert subjects_after(timed, clock, 10) == ['two', 'three']


def test_requeue_by_doveadm_and_a_mark_over_imap(timed, clock):
    session(timed, 1)
    clock.advance(80 * DAY)
    doveadm.run(timed.server, 'requeue', '-u', timed.name, 'all', check=0)
    timed.store('INBOX', 'one', '+FLAGS', KEYWORD)
    assert subjects_after(timed, clock, 80) == ['one', 'two', 'three']


def test_another_node_counts_from_what_it_has_seen(timed, clock):
    """dsync carries the mark, and not the time."""
    other = timed.server.add_user(storage=timed.storage)
    session(timed, 1)
    clock.advance(80 * DAY)
    timed.backup(other)
    session(other)
    clock.advance(20 * DAY)
    session(other)
    assert other.subjects() == ['one', 'two', 'three']
    session(timed)
    assert timed.subjects() == ['two', 'three']
    clock.advance(70 * DAY)
    session(other)
    assert other.subjects() == ['two', 'three']


def test_mail_that_is_copied_starts_anew(timed, clock):
    session(timed, 1)
    clock.advance(80 * DAY)
    with timed.imap() as client:
        client.select('INBOX')
        client.uid('COPY', '1', 'INBOX')
    assert subjects_after(timed, clock, 20) == ['two', 'three', 'one']


# -- whatever happens

class History:
    """A mailbox to which random things happen. Time passes; the clock is set back at times."""

    def __init__(self, user, other, clock, chance):
        self.user, self.other, self.clock, self.random = user, other, clock, chance
        # what really passes, and what the clock says less
        self.time, self.behind = 0, 0
        # {subject: since when it is marked at the earliest}; None: it is not
        self.since = {mail.subject: None for mail in user.look()}
        # marks that were removed over IMAP, and nobody has looked since
        self.unseen = {}

    def names(self, marked):
        """A few subjects."""
        names = [name for name, since in self.since.items() if (since is not None) == marked]
        return self.random.sample(names, min(len(names), self.random.randint(1, 3)))

    def mark(self, name, seen=False):
        """A mark is set; seen: by POP or doveadm."""
        old = self.unseen.pop(name, None)
        self.since[name] = self.time if seen or old is None else old

    def look(self):
        """A session, or doveadm, has looked."""
        self.unseen = {}

    def check(self):
        """What is gone was dequeued for long enough."""
        there = set(self.user.subjects())
        for name, since in self.since.items():
            assert name in there or (
                since is not None and self.time - since >= 90 * DAY), name
        self.since = {name: since for name, since in self.since.items() if name in there}

    # -- what can happen

    def wait(self):
        """Days pass."""
        self.time += self.random.randint(1, 50) * DAY
        self.clock.set(self.time - self.behind)

    def set_back(self):
        """Somebody sets the clock."""
        self.behind += self.random.randint(1, 40) * DAY
        self.clock.set(self.time - self.behind)

    def arrive(self):
        """New mail."""
        name = 'm%d' % self.random.randrange(10 ** 9)
        self.user.append('INBOX', name)
        self.since[name] = None

    def session(self):
        """A session, which may DELEte."""
        with self.user.pop() as client:
            queue = client.subjects()
            assert queue == [name for name in self.user.subjects()
                             if self.since.get(name, 0) is None]
            self.look()
            chosen = [name for name in self.names(False) if name in queue]
            if self.random.random() < 0.5:
                chosen = []
            if chosen:
                client.dele(*(queue.index(name) + 1 for name in chosen))
            assert client.quit().startswith('+OK')
        self.user.server.wait_for_end()
        for name in chosen:
            self.mark(name, seen=True)

    def imap(self):
        """Marks come and go over IMAP."""
        marked = self.random.random() < 0.5
        for name in self.names(marked):
            self.user.store('INBOX', name, '-FLAGS' if marked else '+FLAGS', KEYWORD)
            if marked:
                self.unseen.setdefault(name, self.since[name])
                self.since[name] = None
            else:
                self.mark(name)

    def doveadm(self):
        """The same by doveadm, which looks."""
        marked = self.random.random() < 0.5
        for name in self.names(marked):
            doveadm.run(self.user.server, 'requeue' if marked else 'dequeue', '-u', self.user.name,
                        'subject', name, check=0, environment=self.clock.environment())
            self.look()
            if marked:
                self.since[name] = None
            else:
                self.mark(name, seen=True)

    def expire(self):
        """doveadm pop-policy expire, which names first what it expunges."""
        told = expire(self.user, self.clock, '-n')
        assert expire(self.user, self.clock) == told
        self.look()

    def other_node(self):
        """A copy by dsync, with an index of its own, counts for itself."""
        self.user.backup(self.other)
        before = set(self.other.subjects())
        session(self.other)
        for name in before - set(self.other.subjects()):
            assert self.since[name] is not None and self.time - self.since[name] >= 90 * DAY


@pytest.mark.parametrize('seed', range(3))
def test_nothing_is_expunged_early_whatever_happens(timed, clock, seed):
    other = timed.server.add_user(storage=timed.storage)
    history = History(timed, other, clock, random.Random('%s %d' % (timed.storage, seed)))
    told = []
    for _ in range(25):
        name = history.random.choice(('wait', 'wait', 'wait', 'set_back', 'arrive', 'arrive',
                                      'session', 'session', 'session', 'imap', 'imap', 'doveadm',
                                      'expire', 'other_node'))
        told.append(name)
        getattr(history, name)()
        try:
            history.check()
        except AssertionError as error:
            raise AssertionError('%s: %s' % (' '.join(told), error)) from error
    session(timed)
    assert subjects_after(timed, clock, 90) == [name for name, since in history.since.items() if since is None]


# -- doveadm

def test_expire_names_what_goes(timed, clock):
    timed.policy(spam='include')
    session(timed, 1, 2)
    assert expire(timed, clock) == []
    clock.advance(90 * DAY)
    for _ in range(2):
        assert expire(timed, clock, '-n') == [('INBOX', 1), ('Junk', 1)]
    assert timed.subjects() == ['one', 'two', 'three']
    timed.policy(spam='include', enabled='no')
    assert expire(timed, clock) == [('INBOX', 1), ('Junk', 1)]
    assert (timed.subjects(), timed.subjects('Junk')) == (['two', 'three'], ['spam2'])


def test_expire_starts_the_time(timed, clock):
    timed.store('INBOX', 'one', '+FLAGS', KEYWORD)
    assert expire(timed, clock, '-n') == []
    clock.advance(90 * DAY)
    assert expire(timed, clock) == []
    clock.advance(90 * DAY)
    assert expire(timed, clock) == [('INBOX', 1)]


def test_expire_of_all_users(clock):
    server = DoveadmServer(policy={'delete': 'keep', 'keep_for': '90d'})
    try:
        ann, bob, cay = server.add_users({'ann': {}, 'bob': {'pop_policy_spam': 'some'},
                                          'cay': {'pop_policy_keep_for': 'infinite'}})
        for user in ann, cay:
            fill(user)
            session(user, 1)
        clock.advance(90 * DAY)
        answer = doveadm.run(server, 'expire', '-A', check=65, environment=clock.environment())
        assert [(row['Username'], row['uid']) for row in answer.rows] == [('ann', '1')], answer.text
        assert 'pop_policy_spam' in answer.said
        assert 'POP keep_for: expired INBOX count=1 uid=1' in answer.said
        status, told = server.http('popPolicyExpire', user='ann', dryRun=True)
        assert (status, told[0], told[1]) == (200, 'doveadmResponse', [])
    finally:
        bad = server.stop()
    assert bad == []
