"""Behaviour 6.1: mailboxes that feed the queue beside INBOX."""

import shutil

import pytest

from tests.lib.answers import assert_invalid
from tests.lib.dovecot_config import IS_24, MAIL_UID, uidl_format
from tests.lib.faults import everything, folder_of, mode
from tests.lib.mailuser import NOON, stamp
from tests.lib.model import INVALID, TEMPORARY
from tests.lib.outcome import after, state
from tests.server.queue.test_queue import assert_coherent

pytestmark = pytest.mark.release

# in a userdb field, and in plugin { }: Dovecot 2.3 has variables there
PERCENT = '%' if IS_24 else '%%'
ALIAS_FOR = 'inbox' if IS_24 else 'INBOX/'
ACTIONS = ['delete', 'keep', 'read', 'archive', 'trash']


def fill(user):
    """Ten seconds apart: one in INBOX, Work, Lists/a, Lists/b, Junk, and two in INBOX."""
    for number, (mailbox, subject) in enumerate([
            ('INBOX', 'in1'), ('Work', 'work'), ('Lists/a', 'a'), ('Lists/b', 'b'),
            ('Junk', 'spam'), ('INBOX', 'in2')]):
        user.append(mailbox, (subject, NOON + 10 * number))


@pytest.fixture
def filled(stored):
    """A user with these mails in every storage format."""
    fill(stored)
    return stored


@pytest.fixture
def maildir(user):
    """The same in Maildir."""
    fill(user)
    return user


# -- which mailboxes, and in which order

@pytest.mark.parametrize('extra,spam,subjects', [
    ('', 'exclude', ['in1', 'in2']),
    ('Work', 'exclude', ['in1', 'work', 'in2']),
    ('Work, Lists/b,Lists/a', 'exclude', ['in1', 'work', 'a', 'b', 'in2']),
    ('Lists/*', 'exclude', ['in1', 'a', 'b', 'in2']),
    ('Work,Lists/%', 'include', ['in1', 'work', 'a', 'b', 'spam', 'in2']),
    ('Work,Lists/%', 'only', ['spam'])])
def test_mail_of_all_is_merged_by_arrival(filled, extra, spam, subjects):
    filled.policy(extra_mailboxes=extra.replace('%', PERCENT), spam=spam)
    with filled.pop() as client:
        assert_coherent(client, subjects)
        client.quit()


def test_ties_are_in_the_order_inbox_extra_as_listed_spam(filled):
    names = {'INBOX': 'i', 'Lists/a': 'la', 'Lists/b': 'lb', 'Work': 'w', 'Junk': 's'}
    for mailbox, name in names.items():
        filled.append(mailbox, (name + '1', NOON + 100), (name + '2', NOON + 100))
    filled.policy(extra_mailboxes='Work, Lists/*', spam='include', since=stamp(NOON + 100))
    order = ['i', 'w', 'la', 'lb', 's']
    expected = [name + number for name in order for number in '12']
    assert filled.queue() == expected
    filled.policy(extra_mailboxes='Lists/b, Work, Lists/a', spam='include',
                  since=stamp(NOON + 100))
    assert filled.queue() == [name + number for name in ('i', 'lb', 'w', 'la', 's')
                              for number in '12']


def test_the_order_is_right_with_many_mailboxes_and_mails(user):
    mails = {'m%02d' % number: [('m%02d-%d' % (number, index),
                                 NOON + (number * 7919 + index * 104729) % 500)
                                for index in range(number % 5)]
             for number in range(30)}
    for mailbox, found in mails.items():
        user.append(mailbox, *sorted(found, key=lambda mail: mail[1]))
    user.append('INBOX', ('in', NOON + 250))
    user.policy(extra_mailboxes='m*')
    ranked = [(when, number, subject)
              for number, found in enumerate([[('in', NOON + 250)], *mails.values()])
              for subject, when in found]
    assert user.queue() == [subject for _, _, subject in sorted(ranked)]


def test_patterns_are_those_of_imap_list(maildir):
    for mailbox, subject in (('Work/old', 'old'), ('Work/old/er', 'older'), ('Wander', 'wander')):
        maildir.append(mailbox, (subject, NOON + 5))
    for pattern, subjects in [('W%', {'work', 'wander'}), ('W*', {'work', 'wander', 'old', 'older'}),
                              ('Work/%', {'old'}), ('%/%', {'old', 'a', 'b'}), ('w*', set()),
                              ('*er', {'wander', 'older'}), ('%/%/%', {'older'})]:
        maildir.policy(extra_mailboxes=pattern.replace('%', PERCENT))
        assert set(maildir.queue()) == {'in1', 'in2', *subjects}, pattern


def test_patterns_skip_what_nobody_means(get_server):
    special = {name: '\\' + name for name in ('Sent', 'Drafts', 'Trash', 'All', 'Flagged')}
    user = get_server(mailboxes={**special, 'Junk': r'\Junk', 'Old': r'\Archive',
                                 'Other': r'\Archive'}).add_user()
    for mailbox in (*special, 'Junk', 'Old', 'Other', 'Lists', 'My trash'):
        user.append(mailbox, mailbox)
    user.append('INBOX', 'in')
    user.policy(extra_mailboxes='*', archive_mailbox='Old', trash_mailbox='My trash')
    assert sorted(user.queue()) == ['Lists', 'Other', 'in']
    # named outright they count
    user.policy(extra_mailboxes='Sent,\\Trash, Drafts', spam='include')
    assert sorted(user.queue()) == ['Drafts', 'Junk', 'Sent', 'Trash', 'in']


def test_special_uses(get_server):
    user = get_server(mailboxes={'Attic': r'\Archive', 'Junk': r'\Junk'}).add_user()
    for mailbox in ('Attic', 'Archive', 'INBOX'):
        user.append(mailbox, mailbox)
    user.policy(extra_mailboxes='\\archive, \\Sent, \\Junk')
    assert sorted(user.queue()) == ['Attic', 'INBOX']
    # where no mailbox has it, the usual name
    user.policy(extra_mailboxes='\\Trash')
    assert user.queue() == ['INBOX']
    user.append('Trash', 'Trash')
    assert sorted(user.queue()) == ['INBOX', 'Trash']


@pytest.mark.parametrize('name', ['a,b', 'none', ' blank ', 'say "hi"', "it's", '100%', 'x*y',
                                  'b\\s', 'caf\u00e9', '\u53d7\u4fe1\u7bb1', 'a&b', '&APw-',
                                  'INBOXes', '#1', '$x', '=?x?='])
def test_names_with_every_odd_character(server, name):
    user = server.add_user(storage='sdbox')
    user.append('INBOX', ('in', NOON))
    user.doveadm('mailbox create', name)
    user.save(name, 'odd')
    quoted = '"%s"' % name.replace('\\', '\\\\').replace('"', '\\"')
    user.policy(extra_mailboxes=quoted.replace('%', PERCENT))
    assert user.queue() == ['in', 'odd']
    if not set(name) & set(',"%*\\') and name == name.strip() and name != 'none':
        user.policy(extra_mailboxes=name)
        assert user.queue() == ['in', 'odd']


def test_names_are_utf8_never_mutf7(user):
    user.append('INBOX', ('in', NOON))
    user.doveadm('mailbox create', 'Entw\u00fcrfe')
    user.save('Entw\u00fcrfe', 'draft')
    for extra, subjects in (('Entw\u00fcrfe', ['in', 'draft']), ('Entw*', ['in', 'draft']),
                            ('Entw&APw-rfe', ['in'])):
        user.policy(extra_mailboxes=extra)
        assert user.queue() == subjects


def test_inbox_and_spam_named_outright(maildir):
    for inbox in ('INBOX', 'inbox', '"Inbox"'):
        maildir.policy(extra_mailboxes='%s, Work, Junk' % inbox)
        assert maildir.queue() == ['in1', 'work', 'in2']
    maildir.policy(extra_mailboxes='Junk, Work', spam='include')
    assert maildir.queue() == ['in1', 'work', 'spam', 'in2']
    maildir.policy(extra_mailboxes='Junk, Work', spam_mailbox='Lists/a')
    assert maildir.queue() == ['in1', 'work', 'spam', 'in2']
    maildir.policy(extra_mailboxes='Lists/a', spam_mailbox='Lists/a')
    assert maildir.queue() == ['in1', 'in2']


def test_a_mailbox_named_twice_counts_once(maildir):
    maildir.policy(extra_mailboxes='Work,"Work", W*, Work, *')
    assert maildir.queue() == ['in1', 'work', 'a', 'b', 'in2']


def test_a_mailbox_by_two_names_counts_once(get_server):
    """A namespace for clients that still leave the prefix out."""
    alias = {'prefix': '', 'storage': 'maildir', 'path': '~/Maildir',
             'settings': {'alias_for': ALIAS_FOR, 'list': 'no', 'hidden': 'yes'}}
    user = get_server(extra='namespace inbox {\n  prefix = INBOX/\n}\n',
                      namespaces={'compat': alias}).add_user()
    user.append('INBOX/Work', ('work', NOON))
    for extra in ('Work, INBOX/Work', 'INBOX/Work,Work', 'Work', 'INBOX/W*, Work'):
        user.policy(extra_mailboxes=extra)
        assert user.queue() == ['work']
    # as a target, too
    user.policy(extra_mailboxes='Work', archive_mailbox='INBOX/Work', delete='archive')
    with user.pop() as client:
        client.dele(1)
        assert client.quit().startswith('+OK')
    assert user.subjects('INBOX/Work') == ['work']
    assert user.queue() == []


def test_a_mailbox_that_does_not_exist_is_empty(filled):
    filled.policy(extra_mailboxes='Nothing, Work, No/where')
    assert filled.queue() == ['in1', 'work', 'in2']
    assert 'Nothing' not in filled.mailboxes()


def test_a_mailbox_that_cannot_be_opened_fails_the_login(filled):
    filled.policy(extra_mailboxes='Work')
    assert filled.queue() == ['in1', 'work', 'in2']
    filled.server.log.allow_errors('Permission denied')
    with mode(folder_of(filled, 'Work'), 0, owner=0), filled.attempt() as client:
        if filled.storage == 'mbox':
            # a file is opened only when it is read
            assert not client.cmd('STAT').startswith('+OK')
        else:
            assert client.login_reply in (INVALID, TEMPORARY)
            filled.server.log.claim_error('POP login refused for user ' + filled.name)
    assert filled.queue() == ['in1', 'work', 'in2']


def test_a_mailbox_that_the_user_may_not_read_fails_the_login(get_server):
    user = get_server(others={'acl': {}}).add_user()
    fill(user)
    (folder_of(user, 'Work') / 'dovecot-acl').write_text('owner l\n')
    user.policy(extra_mailboxes='Lists/a, Work')
    assert_invalid(user, 'Work', 'ermission')


NAMESPACES = {kind: {'prefix': kind + '/', 'storage': 'maildir', 'path': '~/' + kind,
                     'settings': {'type': kind, 'subscriptions': 'no'}}
              for kind in ('public',)}


def test_only_private_namespaces_feed_the_queue(get_server):
    namespaces = {**NAMESPACES, 'second': {'prefix': 'second/', 'storage': 'maildir',
                                           'path': '~/second'}}
    user = get_server(namespaces=namespaces).add_user()
    for mailbox in ('INBOX', 'second/mine', 'public/ours'):
        user.append(mailbox, mailbox)
    user.policy(extra_mailboxes='second/mine')
    assert user.queue() == ['INBOX', 'second/mine']
    user.policy(extra_mailboxes='*')
    assert user.queue() == ['INBOX', 'second/mine']
    for spam in ('exclude', 'only'):
        user.policy(extra_mailboxes='second/mine, public/ours', spam=spam)
        assert_invalid(user, 'pop_policy_extra_mailboxes', 'public/ours')


def test_patterns_skip_virtual_mailboxes(get_server):
    user = get_server(others={'virtual': {}}, namespaces={'virtual': {
        'prefix': 'Virtual/', 'storage': 'virtual', 'path': '~/virtual'}}).add_user()
    fill(user)
    folder = user.home / 'virtual' / 'Lists'
    folder.mkdir(parents=True)
    (folder / 'dovecot-virtual').write_text('INBOX\nLists/a\n  all\n')
    for path in (folder, folder.parent, folder / 'dovecot-virtual'):
        shutil.chown(path, MAIL_UID, MAIL_UID)
    assert len(user.look('Virtual/Lists')) == 3
    user.policy(extra_mailboxes='*')
    assert user.queue() == ['in1', 'work', 'a', 'b', 'in2']


@pytest.mark.parametrize('value', ['a,', 'a,,b', '"a', 'a"b"', 'none, a', '\\', '\\a b', '../x',
                                   'a//b', '~bob', 'a.b'])
def test_a_list_that_makes_no_sense_is_invalid(user, value):
    user.policy(extra_mailboxes=value)
    assert_invalid(user, 'pop_policy_extra_mailboxes', 'nvalid')


def test_more_than_100_are_invalid(get_server):
    user = get_server(storage='sdbox').add_user()
    user.doveadm('mailbox create', *('m%03d' % number for number in range(101)))
    for number in (0, 50, 100):
        user.save('m%03d' % number, 'm%03d' % number)
    user.policy(extra_mailboxes='m*')
    assert_invalid(user, 'pop_policy_extra_mailboxes', '100')
    user.policy(extra_mailboxes='m00*,m01*,m02*,m03*,m04*,m05*,m06*,m07*,m08*,m09*,INBOX')
    assert user.queue() == ['m000', 'm050']
    user.doveadm('mailbox delete', 'm000')
    user.policy(extra_mailboxes='m*')
    assert user.queue() == ['m050', 'm100']


# -- layers

def test_none_undoes_a_lower_layer(get_server):
    user = get_server(policy={'extra_mailboxes': 'Work'}).add_user()
    fill(user)
    assert user.queue() == ['in1', 'work', 'in2']
    for value, subjects in (('', ['in1', 'work', 'in2']), ('none', ['in1', 'in2']),
                            ('NONE', ['in1', 'in2']), ('Lists/a', ['in1', 'a', 'in2'])):
        user.policy(extra_mailboxes=value)
        assert user.queue() == subjects


def test_the_configuration_file(get_server):
    user = get_server(policy={'extra_mailboxes': 'Work, Lists/' + PERCENT}).add_user()
    fill(user)
    assert user.queue() == ['in1', 'work', 'a', 'b', 'in2']


@pytest.mark.parametrize('line,subjects', [
    ("""'"a,b"'""", ['quoted']), ("""'"a,b", c'""", ['quoted', 'plain']),
    ('c, "a,b"', ['quoted', 'plain']), (r'c, \Archive', ['plain', 'old'])])
def test_quotes_in_the_configuration_file(get_server, line, subjects):
    line = 'pop_policy_extra_mailboxes = %s\n' % line
    user = get_server(storage='sdbox',
                      extra=line if IS_24 else 'plugin {\n  %s}\n' % line).add_user()
    for number, (mailbox, subject) in enumerate([('a,b', 'quoted'), ('c', 'plain'),
                                                 ('Archive', 'old')]):
        user.append(mailbox, (subject, NOON + number))
    assert user.queue() == subjects


# -- section 3 holds for each

def test_the_date_holds_for_each(filled):
    for since, subjects in ((20, ['a', 'b', 'in2']), (21, ['b', 'in2']), (99, [])):
        for _ in range(2):
            filled.policy(extra_mailboxes='Work, Lists/*', since=stamp(NOON + since))
            assert filled.queue() == subjects


@pytest.mark.parametrize('action', ACTIONS)
@pytest.mark.parametrize('command', ['dele', 'retr'])
def test_mail_is_disposed_of_where_it_is(filled, action, command):
    extra = {'extra_mailboxes': 'Work, Lists/*', 'spam': 'include'}
    setting = 'delete' if command == 'dele' else 'retrieve'
    filled.policy(**extra, **{setting: action})
    before = state(filled)
    with filled.pop() as client:
        assert client.subjects() == ['in1', 'work', 'a', 'b', 'spam', 'in2']
        for num in (1, 2, 4, 5):
            getattr(client, command)(num)
        assert client.quit().startswith('+OK')
    chosen = ['in1', 'work', 'b', 'spam']
    if command == 'retr' and action != 'delete':
        before = after(before, 'seen', chosen)
    assert state(filled) == after(before, action, chosen)
    assert filled.queue() == ['a', 'in2']


@pytest.mark.parametrize('action,target', [('archive', 'Archive'), ('trash', 'Trash')])
def test_mail_is_not_moved_where_it_would_come_back(filled, action, target):
    filled.append(target, ('there', NOON + 3))
    for extra in (target, '\\' + target, 'Work, ' + target):
        filled.policy(extra_mailboxes=extra, delete=action)
        places = state(filled)
        with filled.pop() as client:
            listed = client.subjects()
            client.dele(1)
            assert client.quit().startswith('+OK')
        assert state(filled) == after(places, 'keep', listed[:1])
        assert filled.queue() == listed[1:]
    # a pattern does not mean it
    filled.policy(extra_mailboxes='*', delete=action)
    places = state(filled)
    with filled.pop() as client:
        assert 'there' not in client.subjects()
        listed = client.subjects()
        client.dele(1)
        assert client.quit().startswith('+OK')
    assert state(filled) == after(places, action, listed[:1])


def test_nothing_changes_without_quit(filled):
    filled.policy(extra_mailboxes='Work, Lists/*', spam='include')
    with filled.pop() as client:
        client.dele(1, 2, 3, 4, 5, 6)
        client.drop()
    assert filled.queue() == ['in1', 'work', 'a', 'b', 'spam', 'in2']


def test_mail_is_seen_where_it_is(filled):
    filled.policy(extra_mailboxes='Work, Lists/*')
    with filled.pop() as client:
        client.retr(3)
        client.quit()
    flags = {place.name: place.flags for place in state(filled)}
    assert {name for name in flags if '\\Seen' in flags[name]} == {'a'}


def test_a_failure_in_one_mailbox_fails_quit_and_loses_nothing(maildir):
    maildir.policy(extra_mailboxes='Work, Lists/*', delete='delete')
    before = everything(maildir)
    maildir.server.log.allow_errors('Permission denied|could not be removed')
    with maildir.pop() as client:
        assert client.subjects()[1:3] == ['work', 'a']
        client.dele(2, 3)
        with mode(folder_of(maildir, 'Lists.a') / 'cur', 0o500, owner=0):
            assert client.quit().startswith('-ERR')
    gone = set(before) - set(everything(maildir))
    assert {name for name, _ in gone} <= {'work'}


# -- UIDLs

def uidls(user, **policy):
    """{subject: UIDL} under a policy."""
    user.policy(**policy)
    return user.uidls()


@pytest.mark.parametrize('form', ['uid uidvalidity', 'guid', 'filename', 'uid', 'x uid'])
def test_uidls_do_not_depend_on_the_policy(get_server, form):
    user = get_server(settings={'pop3_uidl_format': uidl_format(form)}).add_user()
    fill(user)
    inbox = user.uidls()
    everywhere = uidls(user, extra_mailboxes='Work, Lists/*', spam='include')
    assert len(set(everywhere.values())) == 6
    assert {name: everywhere[name] for name in inbox} == inbox
    for policy in ({'extra_mailboxes': 'Lists/b, Work'}, {'extra_mailboxes': 'Work, Lists/b'},
                   {'extra_mailboxes': 'Work'}, {'extra_mailboxes': 'L*', 'spam': 'include'},
                   {'extra_mailboxes': '*', 'spam': 'only'},
                   {'spam_mailbox': 'Work', 'spam': 'only'}):
        found = uidls(user, **policy)
        assert found == {name: everywhere[name] for name in found}, policy
    # whatever INBOX holds
    user.doveadm('expunge', 'mailbox', 'INBOX', 'all')
    found = uidls(user, extra_mailboxes='Work, Lists/*', spam='include')
    assert found == {name: everywhere[name] for name in found}


def test_uidls_are_those_that_the_mailbox_would_have_as_inbox(user):
    fill(user)
    found = uidls(user, extra_mailboxes='Work, Lists/*')
    for mailbox, subject in (('Work', 'work'), ('Lists/a', 'a'), ('Lists/b', 'b')):
        with user.imap() as client:
            client.select('"%s"' % mailbox)
            validity = int(client.response('UIDVALIDITY')[1][0])
        assert found[subject] == '%08x%08x' % (1, validity)


@pytest.mark.parametrize('form', ['uid uidvalidity', 'uid', 'guid'])
def test_mailboxes_that_were_copied_as_files_have_unique_uidls(get_server, form):
    user = get_server(settings={'pop3_uidl_format': uidl_format(form)}).add_user()
    user.append('Work', ('work1', NOON), ('work2', NOON + 1))
    user.append('INBOX', ('in', NOON + 2))
    alone = uidls(user, extra_mailboxes='Work')
    shutil.copytree(folder_of(user, 'Work'), folder_of(user, 'Copy'))
    for path in [folder_of(user, 'Copy'), *folder_of(user, 'Copy').rglob('*')]:
        shutil.chown(path, MAIL_UID, MAIL_UID)
    for path in folder_of(user, 'Copy').glob('dovecot.index*'):
        path.unlink()
    seen = []
    for extra in ('Work, Copy', 'Copy, Work'):
        user.policy(extra_mailboxes=extra)
        with user.pop() as client:
            seen.append(sorted(client.uidl().values()))
            client.quit()
    assert len(set(seen[0])) == 5
    assert seen[0] == seen[1]
    assert alone['in'] in seen[0]
