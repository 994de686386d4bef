"""What README.md and the example configurations say is what the plugin does."""

import os
import re
import textwrap

import pytest

from tests.lib import dovecot_config
from tests.lib.documents import README, block, code_settings
from tests.lib.harness import Server
from tests.lib.mailuser import MailUser
from tests.lib.places import SOURCE
from tests.lib.popclient import PopClient

pytestmark = pytest.mark.release

# the two syntaxes
SERIES = ('2.3', '2.4')
INSTALLED = SERIES[dovecot_config.IS_24]


# name of the example, and what is before and after its settings
EXAMPLES = {'2.3': ('dovecot-pop-policy-2.3.conf.example', '\nplugin {\n', '}\n'),
            '2.4': ('dovecot-pop-policy.conf.example', '  }\n}\n\n', '')}


def example(series):
    """The example for this series of Dovecot."""
    return (SOURCE / EXAMPLES[series][0]).read_text()


def example_settings(series):
    """The part of it with the settings."""
    _, before, after = EXAMPLES[series]
    text = example(series).split(before, 1)[1]
    assert text.endswith(after)
    return textwrap.dedent(text[:len(text) - len(after)])


class WrittenServer(Server):
    """A server with the README's configuration, its paths and ports moved to where we may be.

    The example is dropped into conf.d as it is.
    """

    def configuration(self):
        root = self.root
        (root / 'users.readme').write_text(
            block('users').replace('/var/vmail', str(root / 'mail')))
        (root / 'conf.d').mkdir(exist_ok=True)
        (root / 'conf.d' / '95-pop-policy.conf').write_text(
            example(INSTALLED) + block('pop-policy.conf for ' + INSTALLED))
        text = block('dovecot.conf for ' + INSTALLED)
        for old, new in (('/etc/dovecot/users', str(root / 'users.readme')),
                         ('mail_uid = vmail', 'mail_uid = %d' % dovecot_config.MAIL_UID),
                         ('mail_gid = vmail', 'mail_gid = %d' % dovecot_config.MAIL_UID)):
            assert old in text
            text = text.replace(old, new)
        listeners = ''.join(
            'service %s-login {\n inet_listener %s {\n port = %d\n }\n inet_listener %ss {\n'
            ' port = 0\n }\n}\n' % (name, name, self.ports[name], name)
            for name in ('pop3', 'imap'))
        return text + listeners + (
            'base_dir = {0}/run\nstate_dir = {0}/state\nlog_path = {0}/log/error.log\n'
            'info_log_path = {0}/log/info.log\nlisten = 127.0.0.1\nfirst_valid_uid = 1\n'
            'mail_plugin_dir = {0}/modules\n').format(root)


class WrittenUser(MailUser):
    """An account of the README's users file."""

    def __init__(self, server, name):
        self.server, self.name, self.password = server, name, 'secret'
        self.home = server.root / 'mail' / name


def test_the_readme_configuration_works():
    server = WrittenServer()
    try:
        os.chown(server.root / 'mail', dovecot_config.MAIL_UID, dovecot_config.MAIL_UID)
        ann, bob, cay = (WrittenUser(server, name) for name in ('ann', 'bob', 'cay'))
        for user in ann, bob, cay:
            user.append('INBOX', ('old', 1767225599), ('new', 1767225600))
            user.append('Junk', ('spam', 1767225601))

        with ann.pop() as client:
            assert client.subjects() == ['old', 'new']
            client.dele(1)
            client.quit()
        assert ann.queue() == ['new']
        assert ann.subjects() == ['old', 'new']

        with PopClient(server.ports['pop3']) as client:
            client.ok('USER bob')
            assert client.cmd('PASS secret') == \
                '-ERR [SYS/PERM] POP access is disabled for this account.'
        assert 'POP access is disabled for this account.' in README

        assert cay.queue() == ['new', 'spam']
    finally:
        bad = server.stop()
    assert bad == []


def test_the_readme_lists_every_setting():
    table = re.findall(r'^\| `(pop_policy_\w+)` \|.*\| (.*?) \|$', README, re.M)
    defaults = code_settings()
    assert [name for name, _ in table] == list(defaults)
    for name, told in table:
        if defaults[name]:
            assert re.match(r'`?%s`?(:|$)' % re.escape(defaults[name]), told), name


@pytest.mark.parametrize('series', SERIES)
def test_the_example_lists_every_setting_with_its_default(series):
    told = re.findall(r'^#(pop_policy_\w+) =(?: (.*))?$', example_settings(series), re.M)
    assert told == list(code_settings().items())


def test_the_examples_say_the_same():
    assert example_settings('2.3') == example_settings('2.4')


def test_the_example_changes_nothing_when_every_line_is_uncommented(get_server):
    text, count = re.subn(r'^( *)#(pop_policy_\w+ =)', r'\1\2', example(INSTALLED), flags=re.M)
    assert count == len(code_settings())
    server = get_server(extra=text)
    user = server.add_user()
    user.append('INBOX', 'one', 'two')
    user.append('Junk', 'spam')
    with user.pop() as client:
        assert client.subjects() == ['one', 'two']
        client.dele(1)
        client.quit()
    assert user.subjects() == ['two']


def test_the_manual_page_has_every_setting_with_its_default():
    page = (SOURCE / 'man/dovecot-pop-policy.7').read_text().replace('\\-', '-')
    found = dict(re.findall(r'(?m)^\.BR (pop_policy_\w+) " \((.*)\)"$', page))
    assert found == {name: default or 'empty' for name, default in code_settings().items()}
