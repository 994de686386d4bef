"""Behaviour 2: what pop3 is told of a Maildir is what Dovecot tells, however it is found.

The plugin looks mails up in dovecot-uidlist where Dovecot would read all of it; a plugin that
comes between makes it leave everything to Dovecot. See maildir_pair.py. POP_POLICY_SEEDS plays other
histories than the usual ones.
"""

import os
import random
import re
import threading

import pytest

from tests.lib import bulk, rebuild
from tests.lib.dovecot_config import uidl_format
from tests.lib.maildir_pair import Pair, Record
from tests.lib.mailuser import NOON, stamp
from tests.lib.model import KEYWORD

pytestmark = pytest.mark.skipif(not rebuild.possible(),
                                reason='needs what the plugin was built from')

SEEDS = [int(seed) for seed in os.environ.get('POP_POLICY_SEEDS', '1').split()]
USUAL = ('append', 'append', 'deliver', 'drop', 'expunge', 'flags', 'flags', 'flags', 'rename',
         'remove', 'bring_back', 'uidvalidity', 'sync', 'dele', 'migrate', 'sizes_lost')
DAMAGE = ('damage', 'damage', 'damage', 'cut', 'twice', 'header', 'lose', 'append', 'deliver',
          'drop', 'migrate', 'sizes_lost', 'bring_back')
SINCE = {'since': stamp(NOON)}
POLICIES = {
    'since': SINCE,
    'since-spam': {**SINCE, 'spam': 'include', 'delete': 'keep'},
    'only-spam': {**SINCE, 'spam': 'only'},
    'keep': {'delete': 'keep', 'spam': 'include', 'mailbox_header': 'X-Mailbox'},
    'extra': {**SINCE, 'extra_mailboxes': 'Junk', 'delete': 'keep'},
}
FORMATS = ('uid uidvalidity', 'uidvalidity.uid', 'uid', 'x uid', 'guid', 'filename', 'md5')


@pytest.fixture(scope='session')
def forwarding(tmp_path_factory):
    """The plugin that makes pop_policy ask Dovecot."""
    return rebuild.other_plugin(tmp_path_factory.mktemp('forwarding'), 'forwarding')


@pytest.fixture
def pair_of(get_server, forwarding):
    """pair_of(settings, random, **policy): a Pair, in servers whose errors are compared."""
    def make(settings, rnd, **policy):
        ours = get_server(settings=settings)
        theirs = get_server(settings=settings, others={'forwarding': {}}, modules=(forwarding,))
        for server in (ours, theirs):
            server.log.allow_errors(r'^(?!.*(Panic|Fatal|backtrace|signal))')
        return Pair(ours, theirs, rnd, **policy)
    return make


def play(pair, rnd, happenings, steps):
    """After each step both sessions say the same, when the folders have just changed and later."""
    told = []
    for _ in range(steps):
        told.append(rnd.choice(happenings))
        try:
            getattr(pair, told[-1])()
            if rnd.random() < 0.3:
                pair.check()
            if told[-1] not in DAMAGE[:7]:
                pair.rest()
            pair.check()
        except AssertionError as error:
            raise AssertionError('after %s: %s' % (' '.join(told), error)) from error


@pytest.mark.parametrize('policy', POLICIES)
@pytest.mark.parametrize('seed', SEEDS)
def test_histories(pair_of, seed, policy):
    rnd = random.Random('%d %s' % (seed, policy))
    settings = {'pop3_uidl_format': uidl_format(rnd.choice(FORMATS))}
    play(pair_of(settings, rnd, **POLICIES[policy]), rnd, USUAL, 12)


@pytest.mark.parametrize('policy', POLICIES)
@pytest.mark.parametrize('seed', SEEDS)
def test_damaged(pair_of, seed, policy):
    rnd = random.Random('%d %s' % (seed, policy))
    pair = pair_of({}, rnd, **POLICIES[policy])
    for _ in range(6):
        pair.rest()
        play(pair, rnd, DAMAGE[:7], 1)
        play(pair, rnd, DAMAGE[7:], 1)


@pytest.mark.parametrize('form', FORMATS)
def test_every_format(pair_of, form):
    settings = {'pop3_uidl_format': uidl_format(form), 'pop3_reuse_xuidl': form == 'guid',
                'pop3_save_uidl': form == 'filename'}
    pair = pair_of(settings, random.Random(form), **POLICIES['since-spam'])
    for _ in range(2):
        pair.migrate()
        pair.sizes_lost()
        pair.rest()
        pair.check()


def test_mails_that_are_far_apart(pair_of):
    """Most of a large uidlist is between them."""
    def first_twice(records):
        double = Record(str(records[0]))
        double.uid = str(int(records[-1].uid) + 1)
        return [*records, double]

    pair = pair_of({}, random.Random(1), delete='keep')
    source = pair.ours.server.root / (pair.ours.name + '-source')
    bulk.write_maildir(source, 1800, 1, (3, 99))
    bulk.import_maildir(pair.ours, source)
    assert sum(map(len, pair.uidlist('INBOX'))) > 64 * 1024
    pair.ours.doveadm('flags add', KEYWORD, 'mailbox', 'INBOX', '3:700,702:1400,1402:1800')
    for happening in (pair.rest, pair.deliver, lambda: pair.check(dele=3),
                      lambda: pair.rewrite('INBOX', first_twice)):
        happening()
        pair.check()
        pair.rest()
        pair.check()


def test_what_is_between_mails_that_are_far_apart_is_not_read(server):
    user = server.add_user()
    bulk.write_maildir(user.home / 'Maildir', 2000, 20, (3, 99))
    user.policy(delete='keep')
    user.doveadm('flags add', KEYWORD, 'mailbox', 'INBOX', '2:1980')
    for number in range(2):
        queue(user)
        bulk.rest_maildir(user, 'INBOX', seconds=number)
    expected = queue(user)
    assert len(expected) == 21
    path = user.home / 'Maildir' / 'dovecot-uidlist'
    lines = path.read_text().splitlines(keepends=True)
    assert len(''.join(lines)) > 64 * 1024
    lines[800] = 'x\n'
    path.write_text(''.join(lines))
    assert queue(user) == expected
    assert path.read_text() == ''.join(lines)
    # but for what is as far behind as Dovecot may have added mail
    server.log.allow_errors('Broken file .*dovecot-uidlist line ')
    lines[1990] = 'x\n'
    path.write_text(''.join(lines))
    queue(user)
    assert path.read_text() != ''.join(lines)


@pytest.fixture
def large(server):
    """A user with 400 mails in a Maildir at rest, of which the policy lists 20."""
    user = server.add_user()
    bulk.write_maildir(user.home / 'Maildir', 400, 20, (3, 99))
    user.policy(since=bulk.CUTOFF_TEXT, delete='keep')
    for number in range(2):
        assert len(queue(user)) == 20
        bulk.rest_maildir(user, 'INBOX', seconds=number)
    assert len(queue(user)) == 20
    return user


def queue(user):
    """{uid: size} of a session."""
    with user.pop() as client:
        uids = [int(uidl[:8], 16) for uidl in client.uidl().values()]
        sizes = client.list().values()
        assert client.quit().startswith('+OK')
    assert len(uids) == len(sizes)
    return dict(zip(uids, sizes))


def test_what_is_before_the_first_listed_mail_is_not_read(large):
    """Dovecot would say that the file is broken, and remove it: no answer is in there."""
    expected = queue(large)
    path = large.home / 'Maildir' / 'dovecot-uidlist'
    lines = path.read_text().splitlines(keepends=True)
    lines[7:8] = ['x\n', lines[9], lines[-1]]
    path.write_text(''.join(lines))
    assert queue(large) == expected
    assert path.read_text() == ''.join(lines)
    # whoever reads it finds out
    large.server.log.allow_errors('Broken file .*dovecot-uidlist line 8: Invalid data: x')
    large.deliver('new')
    truth(large)
    assert path.read_text() != ''.join(lines)


def truth(user):
    """{uid: size} of all mail, by IMAP."""
    with user.imap() as client:
        client.select('INBOX')
        rows = client.uid('FETCH', '1:*', '(UID RFC822.SIZE)')[1]
    return {int(re.search(rb'UID (\d+)', row)[1]): int(re.search(rb'SIZE (\d+)', row)[1])
            for row in rows}


def test_while_the_uidlist_is_rewritten(large):
    """Deliveries append to it, and another next UID makes Dovecot write all of it."""
    def disturb():
        for number in range(12):
            large.doveadm('mailbox update', '--min-next-uid', str(1000 + 10 * number), 'INBOX')
            large.deliver('new%d' % number)
            done.append(number)
            bulk.rest_maildir(large, 'INBOX', seconds=10 + number)

    done = []
    before = set(queue(large))
    thread = threading.Thread(target=disturb)
    thread.start()
    sessions = []
    while thread.is_alive():
        sessions.append(queue(large))
    thread.join()
    assert len(done) == 12
    sizes, after = truth(large), queue(large)
    assert len(after) == 32
    for found in sessions:
        assert found.items() <= sizes.items()
        assert before <= set(found) <= set(after)
