"""Thunderbird: what it shows if it tries every kind of login and all are refused; whole messages."""

import pytest

from tests.lib import dovecot_config
from tests.lib.certificates import Authority
from tests.lib.config_text import section, text
from tests.lib.mailuser import NOON, fill, message
from tests.lib.model import DISABLED
from tests.lib.thunderbird import Thunderbird

INBOX = ['one', 'three', 'two']
WORDS = DISABLED.partition('] ')[2]
# no waiting after a wrong password
NO_PENALTY = text(section('service anvil',
                          section('unix_listener anvil-auth-penalty', ['mode = 0'])))


@pytest.fixture(scope='session')
def authority(tmp_path_factory):
    """The authority that has issued the server's certificate."""
    return Authority(tmp_path_factory.mktemp('authority'))


@pytest.fixture(scope='session')
def certificate(authority):
    """The lines for the server's certificate."""
    return dovecot_config.certificate(*authority.issue('server', 'IP:127.0.0.1'))


@pytest.fixture
def get_account(get_server, certificate):
    """get_account(mechanisms): a user with some mail on a server with these auth_mechanisms."""
    def get(mechanisms):
        user = get_server(settings={'auth_mechanisms': mechanisms},
                          extra=certificate + NO_PENALTY).add_user()
        fill(user)
        return user
    return get


@pytest.mark.parametrize('mechanisms', ['plain', 'plain login'])
@pytest.mark.parametrize('tls', [False, True], ids=['pop3', 'pop3s'])
def test_an_alert_shows_why_a_login_is_refused(get_account, authority, mechanisms, tls):
    user = get_account(mechanisms)
    with Thunderbird(user, authority.file if tls else None) as client:
        assert client.get_messages() == []
        assert client.subjects() == INBOX
        user.policy(enabled='no')
        user.append('INBOX', 'four')
        dialogs = client.get_messages()
        assert [dialog.kind for dialog in dialogs] == ['alert']
        assert WORDS in dialogs[0].text
        assert client.subjects() == INBOX
        user.policy()
        assert client.get_messages() == []
        assert client.subjects() == ['four', *INBOX]


def test_a_wrong_password_makes_it_ask_for_another(get_account):
    user = get_account('plain')
    with Thunderbird(user, password='wrong') as client:
        dialogs = client.get_messages(password=user.password)
        assert [dialog.kind for dialog in dialogs] == ['confirmEx', 'promptPassword']
        assert client.subjects() == INBOX


def test_messages_with_a_field_for_the_mailbox_are_whole(get_account):
    user = get_account('plain')
    lines = {'dots': '.\r\n..\r\n.x\r\n', 'long': 'x' * 5000 + '\r\n', 'big': 'line\r\n' * 30000,
             'last': 'no end of line'}
    mails = {name: message(name, text) for name, text in lines.items()}
    user.append('Work', *((mail, NOON) for mail in mails.values()))
    user.policy(extra_mailboxes='Work', mailbox_header='X-Mailbox')
    with Thunderbird(user) as client:
        assert client.get_messages() == []
        assert client.subjects() == sorted([*INBOX, *mails])
        stored = client.stored().replace(b'\r\n', b'\n')
    for mail in mails.values():
        assert b'X-Mailbox: Work\n' + mail.replace(b'\r\n', b'\n') in stored
