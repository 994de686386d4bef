"""Behaviour 3.5: UIDLs are stock's, unique, and never change with the policy."""

import shutil

import pytest

from tests.lib.dovecot_config import uidl_format
from tests.lib.mailuser import NOON, fill, message, stamp

pytestmark = pytest.mark.release

FORMATS = [('maildir', 'filename'), ('mbox', 'md5'), ('maildir', 'uidvalidity.uid'),
           *((storage, form) for storage in ('maildir', 'sdbox', 'mdbox', 'mbox')
             for form in ('uid uidvalidity', 'guid'))]

# Where a mailbox's messages and index live below the home: (Junk, INBOX) pairs.
PLACES = {
    'maildir': [('Maildir/.Junk', 'Maildir')],
    'sdbox': [('sdbox/mailboxes/Junk', 'sdbox/mailboxes/INBOX')],
    'mdbox': [('mdbox/mailboxes/Junk', 'mdbox/mailboxes/INBOX')],
    'mbox': [('mail/Junk', 'inbox'), ('mail/.imap/Junk', 'mail/.imap/INBOX')],
}


@pytest.fixture(params=FORMATS, ids=' '.join)
def pair(request, get_server):
    """A filled user under some storage and UIDL format, and a stock server of that format."""
    storage, form = request.param
    settings = {'pop3_uidl_format': uidl_format(form)}
    user = get_server(settings=settings).add_user(storage=storage)
    fill(user)
    return user, get_server(plugin=None, settings=settings)


def test_the_default_format_is_the_same_in_every_dovecot(user):
    fill(user)
    with user.imap() as client:
        client.select('INBOX')
        uidvalidity = int(client.response('UIDVALIDITY')[1][0])
    assert user.uidls() == {mail.subject: '%08x%08x' % (mail.uid, uidvalidity)
                            for mail in user.look()}


def stock_copy(user, stock):
    """The same store under an account of the stock server."""
    copy = stock.add_user(storage=user.storage)
    copy.copy_store(user)
    return copy


def junk_as_inbox(user, stock):
    """An account of the stock server whose INBOX is the user's spam mailbox."""
    copy = stock_copy(user, stock)
    for source, target in PLACES[user.storage]:
        aside, target = (copy.home / source).rename(copy.home / 'aside'), copy.home / target
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
        aside.rename(target)
    for path in copy.home.rglob('dovecot.list.index*'):
        path.unlink()
    assert [mail.uid for mail in copy.look()] == [mail.uid for mail in user.look('Junk')]
    return copy


def only_of(uidls, subjects):
    """The part of {subject: uidl} for these subjects."""
    return {subject: uidls[subject] for subject in subjects}


def test_inbox_uidls_are_those_of_stock(pair):
    user, stock = pair
    expected = stock_copy(user, stock).uidls()
    assert len(expected) == 3
    assert user.uidls() == expected
    user.policy(since=stamp(NOON + 10))
    assert user.uidls() == only_of(expected, ['two', 'three'])
    user.policy(spam='include')
    assert only_of(user.uidls(), expected) == expected


def test_spam_uidls_are_those_of_stock_with_that_inbox(pair):
    user, stock = pair
    expected = junk_as_inbox(user, stock).uidls()
    assert list(expected) == ['spam1', 'spam2']
    user.policy(spam='only')
    assert user.uidls() == expected
    user.policy(spam='include')
    assert only_of(user.uidls(), expected) == expected


def test_toggling_the_policy_keeps_every_uidl(pair):
    user, _ = pair
    inbox = user.uidls()
    seen = []
    for spam in ('include', 'only', 'exclude', 'include'):
        user.policy(spam=spam, delete='keep')
        seen.append(user.uidls())
    both, only, none, again = seen
    assert both == again == {**inbox, **only}
    assert none == inbox
    assert len(set(both.values())) == 5


# -- formats under which INBOX and spam can collide

@pytest.mark.parametrize('storage,form', [('maildir', 'uid'), ('mbox', 'uid'), ('sdbox', 'x uid')])
def test_uidls_are_unique_although_the_format_collides(get_server, storage, form):
    settings = {'pop3_uidl_format': uidl_format(form)}
    user = get_server(settings=settings).add_user(storage=storage)
    fill(user)
    inbox = stock_copy(user, get_server(plugin=None, settings=settings)).uidls()
    user.policy(spam='include')
    first = user.uidls()
    assert len(set(first.values())) == 5
    assert only_of(first, inbox) == inbox
    user.append('INBOX', ('four', NOON + 40))
    second = user.uidls()
    assert only_of(second, first) == first
    assert len(set(second.values())) == 6


@pytest.mark.parametrize('settings', [{}, {'pop3_save_uidl': True}, {'pop3_reuse_xuidl': True}],
                         ids=lambda settings: ' '.join(settings) or 'plain')
@pytest.mark.parametrize('form', ['uid', 'x uid'])
def test_spam_uidls_never_change_although_the_format_collides(get_server, storage, form, settings):
    """They do not depend on what INBOX holds, nor on the policy."""
    settings = {'pop3_uidl_format': uidl_format(form), **settings}
    user = get_server(settings=settings).add_user(storage=storage)
    user.append('INBOX', 'one')
    user.append('Junk', ('spam1', NOON + 5), ('spam2', NOON + 15), ('spam3', NOON + 25))
    user.policy(spam='include')
    first = user.uidls()
    assert len(set(first.values())) == 4
    user.append('INBOX', ('two', NOON + 10), ('three', NOON + 20))
    second = user.uidls()
    assert only_of(second, first) == first
    assert len(set(second.values())) == 6
    user.policy(spam='only')
    assert user.uidls() == only_of(first, ['spam1', 'spam2', 'spam3'])
    user.policy(spam='only', delete='keep')
    assert user.uidls() == only_of(first, ['spam1', 'spam2', 'spam3'])
    user.policy()
    assert user.uidls() == only_of(second, ['one', 'two', 'three'])


def test_uidls_are_valid_although_the_format_collides(get_server):
    user = get_server(settings={'pop3_uidl_format': uidl_format('uid')}).add_user()
    fill(user)
    user.policy(spam='include')
    for uidl in user.uidls().values():
        assert 1 <= len(uidl) <= 70 and uidl.isascii() and uidl.isprintable() and ' ' not in uidl


def test_a_copied_message_in_both_mailboxes_has_two_uidls(get_server):
    user = get_server(settings={'pop3_uidl_format': uidl_format('md5')}).add_user(storage='mbox')
    user.append('INBOX', message('same'))
    user.append('Junk', message('same'))
    user.policy(spam='include')
    with user.pop() as client:
        uidls = client.uidl()
        assert len(set(uidls.values())) == 2
        assert [client.uidl(1), client.uidl(2)] == list(uidls.values())
        client.quit()


# -- saved and reused UIDLs

def test_pop3_save_uidl_keeps_stock_uidls(get_server, storage):
    settings = {'pop3_save_uidl': True}
    user = get_server(settings=settings).add_user(storage=storage)
    stock = get_server(plugin=None, settings=settings)
    fill(user)
    inbox, junk = stock_copy(user, stock).uidls(), junk_as_inbox(user, stock).uidls()
    user.policy(spam='include')
    for _ in range(2):
        uidls = user.uidls()
        assert only_of(uidls, inbox) == inbox and only_of(uidls, junk) == junk
    assert stock_copy(user, stock).uidls() == inbox
    assert junk_as_inbox(user, stock).uidls() == junk


@pytest.mark.parametrize('storage', ['maildir', 'mbox'])
def test_pop3_reuse_xuidl_holds_for_both_mailboxes(get_server, storage):
    user = get_server(settings={'pop3_reuse_xuidl': True}).add_user(storage=storage)
    user.append('INBOX', (message('one', headers=['X-UIDL: reused-one']), NOON), ('two', NOON + 2))
    user.append('Junk', (message('spam', headers=['X-UIDL: reused-spam']), NOON + 1))
    user.policy(spam='include')
    uidls = user.uidls()
    assert (uidls['one'], uidls['spam']) == ('reused-one', 'reused-spam')
    assert uidls['two'] not in ('', 'reused-one', 'reused-spam')


def test_equal_xuidls_in_both_mailboxes_become_unique(get_server):
    user = get_server(settings={'pop3_reuse_xuidl': True}).add_user()
    user.append('INBOX', (message('one', headers=['X-UIDL: same']), NOON))
    user.append('Junk', (message('spam', headers=['X-UIDL: same']), NOON + 1))
    user.policy(spam='include')
    uidls = user.uidls()
    assert uidls['one'] == 'same' and uidls['spam'] != 'same'
    assert user.uidls() == uidls


@pytest.mark.parametrize('duplicates', ['allow', 'rename'])
def test_pop3_uidl_duplicates_inside_inbox_stay_stock(get_server, duplicates):
    settings = {'pop3_reuse_xuidl': True, 'pop3_uidl_duplicates': duplicates}
    user = get_server(settings=settings).add_user()
    for subject in ('one', 'two'):
        user.append('INBOX', message(subject, headers=['X-UIDL: same']))
    expected = stock_copy(user, get_server(plugin=None, settings=settings)).uidls()
    assert user.uidls() == expected
    user.append('Junk', message('spam', headers=['X-UIDL: same']))
    user.policy(spam='include')
    assert only_of(user.uidls(), expected) == expected


# -- POP3 order of a migrated Maildir

def reverse_pop3_order(user):
    """Give the INBOX messages a POP3 order that is the reverse of their UIDs."""
    path = user.home / 'Maildir/dovecot-uidlist'
    header, *mails = path.read_text().splitlines()
    for num, line in enumerate(mails):
        uid, rest = line.split(' ', 1)
        mails[num] = '%s O%d %s' % (uid, len(mails) - num, rest)
    path.write_text('\n'.join([header, *mails]) + '\n')


def test_a_pop3_order_in_inbox_is_kept(user, stock):
    fill(user)
    reverse_pop3_order(user)
    copy = stock_copy(user, stock)
    assert copy.queue() == ['three', 'two', 'one']
    expected = copy.uidls()
    assert list(user.uidls().items()) == list(expected.items())
    user.policy(since=stamp(NOON + 10))
    assert user.queue() == ['three', 'two']
    user.policy(spam='include')
    uidls = user.uidls()
    assert [subject for subject in uidls if subject in expected] == list(expected)
    assert only_of(uidls, expected) == expected


@pytest.mark.parametrize('storage', ['sdbox', 'mdbox'])
def test_a_pop3_order_is_kept_by_another_storage(user, stock, storage):
    fill(user)
    reverse_pop3_order(user)
    moved = user.server.add_user(storage=storage)
    user.backup(moved)
    copy = stock_copy(moved, stock)
    assert copy.queue() == ['three', 'two', 'one']
    moved.policy(spam='include')
    assert moved.queue() == ['spam1', 'spam2', 'three', 'two', 'one']
