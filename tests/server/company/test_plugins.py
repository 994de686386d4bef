"""Behaviour 3.10, 3.12: quota, mail_log, lazy_expunge, zlib, virtual, acl, fts loaded too."""

import re

import pytest

from tests.lib.dovecot_config import (FTS_BACKEND, MAILDIR_QUOTA_FORGETS_MOVES, QUOTA_DRIVERS,
                                      STORAGES)
from tests.lib.faults import everything
from tests.lib.mailuser import NOON, big_message, message
from tests.lib.model import ACTIONS, KEYWORD, TARGETS
from tests.lib.other_plugins import ALL, LAZY, LOG
from tests.lib.outcome import DELETED, QUEUES, after, dele, fill_flagged, flags_of, retr, state
from tests.lib.places import MODULE_DIR
from tests.lib.serverlog import poll


def events(user, sessions=0, count=0):
    """What mail_log has said of this user, once so many POP sessions and events are logged."""
    pattern = (r'\(%s\).*Info: (?:Mailbox .*?: )?((?:copy|expunge|flag_change).*)'
               % re.escape(user.name))

    def found():
        return [re.search(pattern, line)[1] for line in user.server.log.infos(pattern)]
    assert poll(lambda: len(user.sessions_ended()) >= sessions and len(found()) >= count, 5)
    # IMAP has to set the Deleted flag before it can expunge; copies come in any order
    said = [re.sub(r' ?\\(Recent|Deleted)', '', line).replace('( ', '(') for line in found()]
    return sorted(re.sub(r'^(copy.*), uid=\d+', r'\1', line) for line in said)


def imap_does(user, action, mailbox, subject):
    """Have an IMAP client do to a message what the action does."""
    if action in TARGETS:
        user.append(TARGETS[action])
    uid, = [str(mail.uid) for mail in user.look(mailbox) if mail.subject == subject]
    with user.imap() as client:
        client.select(mailbox)
        if action == 'read':
            client.uid('STORE', uid, '+FLAGS', r'(\Seen)')
        if action in ('keep', 'read'):
            client.uid('STORE', uid, '+FLAGS', '(%s)' % KEYWORD)
        if action == 'delete':
            client.uid('STORE', uid, '+FLAGS', r'(\Deleted)')
            client.uid('EXPUNGE', uid)
        if action in TARGETS:
            assert client.uid('MOVE', uid, TARGETS[action])[0] == 'OK'


# -- mail_log

@pytest.mark.parametrize('action', ACTIONS)
def test_mail_log_says_what_it_says_of_the_same_done_over_imap(get_server, storage, action):
    server = get_server(others=LOG)
    by_pop, by_imap = server.add_user(storage=storage), server.add_user(storage=storage)
    for user in (by_pop, by_imap):
        fill_flagged(user)
        user.policy(delete=action, spam='include')
    assert dele(by_pop, 1, 2) == DELETED
    imap_does(by_imap, action, 'INBOX', 'in1')
    imap_does(by_imap, action, 'Junk', 'sp1')
    count = {'delete': 1, 'keep': 1, 'read': 2, 'archive': 2, 'trash': 2}[action]
    said = events(by_pop, sessions=1)
    assert said == events(by_imap, count=2 * count)
    assert len(said) == 2 * count
    assert sum('box=INBOX' in line or 'from INBOX' in line for line in said) == count


@pytest.mark.parametrize('spam', QUEUES)
@pytest.mark.parametrize('action', ACTIONS)
def test_one_event_per_message_for_retrieve_actions(get_server, action, spam):
    user = get_server(settings={'pop3_no_flag_updates': True}, others=LOG).add_user()
    fill_flagged(user)
    user.policy(retrieve=action, spam=spam)
    chosen = (1, 2) if spam == 'include' else (1, 3)
    retr(user, *chosen)
    said = events(user, sessions=1)
    verbs = [line.split()[0].rstrip(':') for line in said]
    expected = {'delete': ['expunge'], 'keep': ['flag_change'], 'read': ['flag_change'] * 2}
    assert verbs == sorted(2 * expected.get(action, ['copy', 'expunge']))
    for subject in [QUEUES[spam][num - 1] for num in chosen]:
        box = 'INBOX' if subject.startswith('in') else 'Junk'
        mine = [line for line in said if '<%s@' % subject in line]
        assert any('box=%s,' % box in line for line in mine)


def test_no_event_without_quit(get_server):
    user = get_server(settings={'pop3_no_flag_updates': True}, others=LOG).add_user()
    fill_flagged(user)
    user.policy(delete='archive', retrieve='delete', spam='include')
    with user.pop() as client:
        client.retr(1)
        client.dele(2, 3)
        client.drop()
    assert events(user, sessions=1) == []


# -- quota

def usage(user):
    """Quota usage in kilobytes and messages, as it stands."""
    table = user.doveadm('quota get')
    return [int(re.search(r'User +%s +(\d+)' % kind, table)[1]) for kind in ('STORAGE', 'MESSAGE')]


def counted(user):
    """Quota usage as it stands and as it is after a recalculation."""
    now = usage(user)
    user.doveadm('quota recalc')
    return now, usage(user)


@pytest.mark.parametrize('driver,storage', [
    (driver, storage) for driver in QUOTA_DRIVERS for storage in STORAGES
    if driver != 'maildir' or storage == 'maildir'])
@pytest.mark.parametrize('action', ACTIONS)
def test_quota_usage_changes_as_over_imap(get_server, storage, driver, action):
    server = get_server(others={'quota': {'User': {'driver': driver}}}, storage=storage)
    by_pop, by_imap = server.add_user(), server.add_user()
    for user in (by_pop, by_imap):
        user.append('INBOX', *(message('in%d' % n, 'x' * 70 * 2 ** n + '\r\n')
                               for n in range(1, 6)))
        user.append('Junk', *((message('sp%d' % n, 'x' * 70 * 2 ** n + '\r\n'), NOON + 1)
                              for n in range(6, 10)))
        user.doveadm('quota recalc')
    for policy, subjects in (('delete', ('in1', 'sp9')), ('retrieve', ('in2', 'sp8'))):
        by_pop.policy(spam='include', **{policy: action})
        with by_pop.pop() as client:
            total = len(client.list())
            for num in (1, total):
                client.dele(num) if policy == 'delete' else client.retr(num)
            assert client.quit().startswith('+OK')
        for mailbox, subject in zip(('INBOX', 'Junk'), subjects):
            imap_does(by_imap, action, mailbox, subject)
        now, true = counted(by_pop)
        assert (now, true) == counted(by_imap)
        assert true[1] == len(state(by_pop))
        if not (driver == 'maildir' and MAILDIR_QUOTA_FORGETS_MOVES and action in TARGETS):
            assert now == true


# -- lazy_expunge

@pytest.mark.parametrize('action', ACTIONS)
def test_lazy_expunge_gets_what_it_gets_from_imap(get_server, storage, action):
    server = get_server(others=LAZY)
    found = []
    for by_pop in (True, False):
        user = server.add_user(storage=storage)
        fill_flagged(user)
        user.policy(delete=action, spam='include')
        if by_pop:
            assert dele(user, 1, 2) == DELETED
        else:
            imap_does(user, action, 'INBOX', 'in1')
            imap_does(user, action, 'Junk', 'sp1')
        found.append(state(user))
    assert found[0] == found[1]
    expunged = [place.name for place in found[0] if place.mailbox == 'Expunged']
    assert expunged == ([] if action in ('keep', 'read') else ['in1', 'sp1'])


def test_lazy_expunge_gets_only_the_deleted_ones(get_server, storage):
    user = get_server(others=LAZY).add_user(storage=storage)
    fill_flagged(user)
    user.policy(delete='delete', retrieve='keep', spam='include')
    before = state(user)
    with user.pop() as client:
        client.retr(3)
        client.retr(4)
        client.dele(1, 2)
        assert client.quit() == DELETED
    assert sorted(user.subjects('Expunged')) == ['in1', 'sp1']
    left = [place for place in state(user) if place.mailbox != 'Expunged']
    expected = after(after(before, 'seen', ['in2']), 'keep', ['in2', 'sp2'])
    assert left == after(expected, 'delete', ['in1', 'sp1'])


# -- zlib

@pytest.mark.parametrize('storage', ['maildir', 'sdbox', 'mdbox'])
@pytest.mark.parametrize('method', ['gz', 'zstd'])
@pytest.mark.parametrize('action', ['keep', 'archive'])
def test_compressed_mail(get_server, storage, method, action):
    user = get_server(others={'compress': {'method': method}}).add_user(storage=storage)
    raws = [big_message('in'), big_message('sp')]
    user.append('INBOX', (raws[0], NOON))
    user.append('Junk', (raws[1], NOON + 1))
    assert sum(size for _, size in user.files().values()) < sum(map(len, raws))
    user.policy(delete=action, spam='include')
    before = state(user)
    with user.pop() as client:
        assert client.list() == {1: len(raws[0]), 2: len(raws[1])}
        assert [client.retr(1), client.retr(2)] == raws
        client.dele(1, 2)
        assert client.quit() == DELETED
    assert state(user) == after(before, action, ['in', 'sp'])
    user.policy(retrieve=action, spam='include')
    if action == 'keep':
        user.store('Junk', 'sp', '-FLAGS', KEYWORD)
        assert retr(user, 1) == '+OK Logging out.'
        assert user.queue() == []


# -- all at once

def virtual_all(user):
    """A virtual mailbox of INBOX and Junk; what it shows, by subject."""
    folder = user.home / 'virtual' / 'All'
    if not folder.exists():
        folder.mkdir(parents=True)
        (folder / 'dovecot-virtual').write_text('INBOX\nJunk\n  all\n')
        for path in (folder, folder.parent, folder / 'dovecot-virtual'):
            path.chmod(0o777)
    return {mail.subject: set(mail.flags) for mail in user.look('Virtual/All')}


@pytest.mark.parametrize('action', ['delete', 'keep', 'archive'])
def test_extra_mailboxes_with_all_plugins(get_server, storage, action):
    user = get_server(**ALL).add_user(storage=storage)
    fill_flagged(user)
    user.append('Work', ('work', NOON + 12))
    user.policy(delete=action, extra_mailboxes='Work', mailbox_header='X-Mailbox')
    before = state(user)
    with user.pop() as client:
        assert client.subjects()[:3] == ['in1', 'in2', 'work']
        client.dele(1, 3)
        assert client.quit() == DELETED
    now = [place for place in state(user) if place.mailbox != 'Expunged']
    assert now == after(before, action, ['in1', 'work'])
    said = events(user, sessions=1)
    assert sum(line.startswith('expunge') for line in said) == (0 if action == 'keep' else 2)
    used = usage(user)
    user.doveadm('quota recalc')
    assert usage(user) == used


@pytest.mark.parametrize('action', ACTIONS)
def test_all_plugins_together(get_server, storage, action):
    user = get_server(**ALL).add_user(storage=storage)
    fill_flagged(user)
    assert len(virtual_all(user)) == 9
    user.policy(delete=action, retrieve='read', spam='include')
    before = [place for place in state(user) if not place.mailbox.startswith('Virtual')]
    with user.pop() as client:
        client.retr(3)
        client.retr(4)
        client.dele(1, 2)
        assert client.quit() == DELETED
    now = [place for place in state(user)
           if place.mailbox != 'Expunged' and not place.mailbox.startswith('Virtual')]
    assert now == after(after(before, 'read', ['in2', 'sp2']), action, ['in1', 'sp1'])
    assert user.queue() == QUEUES['include'][4:]
    said = events(user, sessions=1)
    assert sum(line.startswith('expunge') for line in said) == \
        (0 if action in ('keep', 'read') else 2)
    seen = virtual_all(user)
    assert KEYWORD in seen['in2'] and KEYWORD in seen['sp2']
    assert ('in1' in seen, 'sp1' in seen) == 2 * (action in ('keep', 'read'),)
    used = usage(user)
    user.doveadm('quota recalc')
    assert used == usage(user)


def test_other_services_do_not_mind_the_plugin_and_a_bad_policy(get_server, storage):
    user = get_server(**ALL).add_user(storage=storage)
    fill_flagged(user)
    user.policy(since='never', spam='only', delete='archive', enabled='no')
    before = everything(user)
    user.deliver('lmtp')
    user.lda('lda')
    user.save('INBOX', 'doveadm')
    imap_does(user, 'delete', 'INBOX', 'lmtp')
    imap_does(user, 'delete', 'INBOX', 'lda')
    imap_does(user, 'delete', 'INBOX', 'doveadm')
    assert [item for item in everything(user) if item in before] == before
    assert user.subjects() == QUEUES['exclude']


def test_acl_with_all_rights(get_server, storage):
    user = get_server(others={'acl': {}}).add_user(storage=storage)
    fill_flagged(user)
    user.policy(delete='keep', retrieve='archive', spam='include')
    with user.pop() as client:
        client.retr(1)
        client.retr(2)
        client.dele(3, 4)
        assert client.quit() == DELETED
    assert sorted(user.subjects('Archive')) == ['in1', 'sp1']
    assert KEYWORD in flags_of(user, 'in2') and KEYWORD in flags_of(user, 'sp2', 'Junk')
    assert user.queue() == QUEUES['include'][4:]


# -- fts

def found(user, mailbox, word):
    """The subjects of the mails that the full text search finds a word in."""
    with user.imap() as client:
        client.select(mailbox, readonly=True)
        uids = client.uid('SEARCH', 'BODY', word)[1][0].split()
    return [mail.subject for mail in user.look(mailbox) if b'%d' % mail.uid in uids]


@pytest.mark.skipif(not any(MODULE_DIR.glob('lib21_fts_%s_*' % FTS_BACKEND)),
                    reason='no full text search for this Dovecot here')
@pytest.mark.parametrize('action', ACTIONS)
def test_full_text_search_finds_what_is_left(get_server, storage, action):
    user = get_server(others={'fts': {}}).add_user(storage=storage)
    user.append('INBOX', *(message('in%d' % n, 'needle\r\n') for n in range(1, 4)))
    user.append('Junk', message('sp1', 'needle\r\n'))
    assert found(user, 'INBOX', 'needle') == ['in1', 'in2', 'in3']
    assert [*user.home.rglob('*flatcurve*'), *user.home.rglob('*xapian*')]
    user.policy(delete=action, retrieve='read', spam='include')
    with user.pop() as client:
        client.retr(3)
        client.dele(1, 4)
        assert client.quit() == DELETED
    kept = action in ('keep', 'read')
    assert found(user, 'INBOX', 'needle') == ['in1'] * kept + ['in2', 'in3']
    assert found(user, 'Junk', 'needle') == ['sp1'] * kept
    if action in TARGETS:
        assert sorted(found(user, TARGETS[action], 'needle')) == ['in1', 'sp1']
    assert found(user, 'INBOX', 'haystack') == []
