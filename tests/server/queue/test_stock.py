"""Behaviour 2 and 3, their ends: unconfigured is stock, other services are untouched."""

import re

import pytest

from tests.lib.dovecot_config import LOGOUT_FORMAT, uidl_format, unchecked
from tests.lib.mailuser import NOON, big_message, fill, message

SITES = {
    'plain': {},
    'deleted-flag': {'pop3_deleted_flag': '$POP3Deleted'},
    'deleted-flag-expunge': {'pop3_deleted_flag': '$POP3Deleted', 'pop3_delete_type': 'expunge'},
    'deleted-flag-flag': {'pop3_deleted_flag': 'Gone', 'pop3_delete_type': 'flag'},
    'delete-expunge': {'pop3_delete_type': 'expunge'},
    'locked': {'pop3_lock_session': True},
    'last': {'pop3_enable_last': True},
    'no-flag-updates': {'pop3_no_flag_updates': True},
    'uidls': {'pop3_save_uidl': True, 'pop3_reuse_xuidl': True, 'pop3_uidl_duplicates': 'rename'},
    'fast': {'pop3_fast_size_lookups': True, 'pop3_uidl_format': uidl_format('guid'),
             'pop3_logout_format': LOGOUT_FORMAT,
             'pop3_client_workarounds': 'outlook-no-nuls oe-ns-eoh'},
}

MULTI_LINE = re.compile(r'(LIST|UIDL|CAPA|RETR \d+|TOP \d+ \d+)$', re.I)

SESSIONS = [
    ['CAPA', 'STAT', 'LIST', 'UIDL', 'LAST', *(f'{name} {num}' for num in range(11)
                                               for name in ('LIST', 'UIDL', 'RETR')),
     'TOP 1 0', 'TOP 6 5', 'TOP 6 99999999', 'TOP 7 1', 'LAST', 'NOOP', 'DELE 2', 'DELE 2',
     'RETR 2', 'TOP 2 0', 'LIST 2', 'UIDL 2', 'LIST', 'UIDL', 'STAT', 'RSET', 'LAST', 'STAT',
     'DELE 1', 'DELE 6', 'STAT', 'LIST', 'UIDL', 'uidl', 'QUIT'],
    ['', 'XYZZY', 'STAT x', 'LIST x', 'LIST -1', 'LIST 0', 'LIST 99999999999999999999', 'LIST 1 2',
     'UIDL 0', 'RETR', 'RETR 0', 'RETR x', 'RETR 1 x', 'TOP', 'TOP 1', 'TOP 1 x', 'TOP 1 -1',
     'STAT', 'DELE', 'DELE 0', 'DELE 99', 'USER a', 'PASS b', 'AUTH PLAIN', 'STLS', 'LAST', 'NOOP',
     'DELE 1', 'RSET', 'DELE 3', 'DELE 4', 'RETR 5', 'DELE 5', 'UIDL', 'QUIT'],
    ['STAT', 'RETR 1', 'DELE 1', None],
    ['STAT', 'LIST', 'UIDL', 'LAST', 'RETR 1', 'DELE 1', 'QUIT'],
    ['XYZZY'] * 22,
    ['QUIT'],
]


def fill_varied(user):
    """Mail of every kind that POP3 treats differently."""
    user.append('INBOX', ('plain', NOON), ('seen', NOON + 1, r'\Seen'),
                ('flagged', NOON - 5, r'\Flagged $Label'), ('deleted', NOON + 2, r'\Deleted'),
                (message('xuidl', headers=['X-UIDL: my-own']), NOON),
                (big_message(), NOON + 3), (message('dots', '.\r\n..\r\n.x\r\n\r\n.'), NOON + 4),
                (message('empty', ''), NOON + 5), (b'Subject: no body\r\n', NOON + 6),
                (message('xuidl again', headers=['X-UIDL: my-own']), NOON + 7))
    user.append('Junk', 'spam')


def run_session(user, commands):
    """The server's bytes in one session; None in place of a command cuts the connection."""
    with user.pop() as client:
        for command in commands:
            if command is None:
                client.drop()
                break
            answer = client.cmd(command)
            if answer.startswith('+OK') and MULTI_LINE.match(command):
                client.body()
        else:
            client.rest()
    return client.received()


def logouts(user):
    """What the log says about the ends of this user's sessions."""
    lines = user.server.log.infos(r'pop3\(%s\)' % user.name, 10, len(SESSIONS))
    return [line.split('Info: ', 1)[1] for line in lines]


@pytest.mark.parametrize('site', SITES)
def test_unconfigured_sessions_are_those_of_stock(get_server, storage, site):
    loaded = get_server(settings=SITES[site]).add_user(storage=storage)
    stock = get_server(plugin=None, settings=SITES[site]).add_user(storage=storage)
    fill_varied(loaded)
    stock.copy_store(loaded)
    for commands in SESSIONS:
        assert run_session(loaded, commands) == run_session(stock, commands)
        for mailbox in ('INBOX', 'Junk'):
            assert loaded.look(mailbox) == stock.look(mailbox)
    assert loaded.mailboxes() == stock.mailboxes()
    assert logouts(loaded) == logouts(stock)


def test_unconfigured_pipelining_is_that_of_stock(server, stock, storage):
    loaded, plain = server.add_user(storage=storage), stock.add_user(storage=storage)
    fill_varied(loaded)
    plain.copy_store(loaded)
    answers = []
    for user in (loaded, plain):
        with user.connect() as client:
            client.send('USER ' + user.name, 'PASS ' + user.password, 'STAT', 'LIST', 'UIDL',
                        *('RETR %d' % num for num in range(1, 12)), 'DELE 1', 'DELE 5', 'STAT',
                        'RSET', 'DELE 2', 'QUIT')
            client.rest()
            answers.append(client.received())
    assert answers[0] == answers[1]
    assert loaded.look() == plain.look()


# -- the plugin in the global mail_plugins

@pytest.fixture
def everywhere(get_server):
    """A server whose global mail_plugins name the plugin."""
    return get_server(plugin='global')


def test_global_plugin_leaves_other_services_alone(everywhere, storage):
    user = everywhere.add_user(storage=storage)
    user.policy(enabled='no', spam='only', delete='keep', since='20990101000000Z')
    user.deliver('lmtp')
    user.lda('lda')
    user.save('INBOX', 'doveadm')
    user.append('INBOX', 'imap')
    assert user.subjects() == ['lmtp', 'lda', 'doveadm', 'imap']
    user.store('INBOX', 'lda', '+FLAGS', r'\Deleted $POPDequeued')
    with user.imap() as client:
        client.select('INBOX')
        assert client.expunge()[0] == 'OK'
    assert user.subjects() == ['lmtp', 'doveadm', 'imap']
    assert 'subject: imap' in user.doveadm('fetch', 'hdr', 'all').lower()
    user.doveadm('expunge', 'mailbox', 'INBOX', 'subject', 'doveadm')
    assert user.subjects() == ['lmtp', 'imap']


def test_global_plugin_works_in_pop3(everywhere):
    user = everywhere.add_user()
    fill(user)
    user.policy(spam='include')
    assert user.queue() == ['one', 'spam1', 'two', 'spam2', 'three']


def test_global_plugin_with_a_bad_setting_leaves_other_services_alone(get_server):
    user = get_server(plugin='global', policy={'since': unchecked('soon')}).add_user()
    user.deliver('lmtp')
    user.lda('lda')
    user.doveadm('force-resync', 'INBOX')
    assert user.subjects() == ['lmtp', 'lda']


def test_capabilities_before_login_are_those_of_stock(server, stock):
    capabilities = []
    for each in (server, stock):
        with each.add_user().connect() as client:
            capabilities.append(client.capa())
            client.quit()
    assert capabilities[0] == capabilities[1]
