"""Dovecot 2.4: doveconf and the config process know the plugin's settings."""

import re

import pytest

from tests.lib.config_text import assignments, section, text
from tests.lib.documents import code_settings
from tests.lib.dovecot_config import IS_24, policy, unchecked
from tests.lib.harness import Server
from tests.lib.mailuser import fill
from tests.server.login.doveconf import doveconf

pytestmark = [
    pytest.mark.release,
    pytest.mark.skipif(not IS_24, reason='Dovecot 2.3 does not know what plugin { } holds')]

BAD = [('enabled', 'perhaps'), ('available', 'on'), ('since', '2026'), ('spam', 'some'),
       ('delete', 'delete,keep'), ('retrieve', 'yes'), ('keyword', 'a b'),
       ('spam_mailbox', 'INBOX'), ('unavailable_text', '[AUTH] no'), ('disabled_text', 'gr\u00fcn'),
       ('extra_mailboxes', 'a,,b'), ('mailbox_header', 'Subject')]


def shown(server, *args, **kwargs):
    """{setting: value} of what doveconf shows for all, as a setting or in pop_policy { }."""
    done = doveconf(server, *args, **kwargs)
    assert (done.returncode, done.stderr) == (0, '')
    found = re.search(r'^pop_policy \{\n(.*?)^\}$', done.stdout, re.M | re.S)
    lines = re.findall(r'^  (\w+) = ?(.*)$', found[1], re.M) if found else ()
    return {**dict(re.findall(r'^(pop_policy_\w+) = ?(.*)$', done.stdout, re.M)),
            **{'pop_policy_' + name: value for name, value in lines}}


def test_every_setting_is_known_with_its_default(server):
    assert shown(server, '-d') == code_settings()
    assert shown(server, '-a') == code_settings()


def test_nothing_is_shown_that_was_not_changed(server):
    assert shown(server, '-n') == {}


def test_every_setting_takes_any_text_with_a_variable(server):
    """So its type is text: other types refuse some values. Filters must have brackets."""
    values = {name: '(a=%s)' % unchecked('any text') for name in code_settings()}
    found = shown(server, '-n', extra=text(assignments(values)))
    hidden = [name for name in values if name.endswith('_password')]
    assert set(found) == set(values)
    assert all(found[name] == value for name, value in values.items() if name not in hidden)
    assert all('any text' not in found[name] for name in hidden)


@pytest.mark.parametrize('lines', [
    ['pop_policy_spam = include', 'pop_policy_since = 2026-01-01'],
    ['pop_policy {', '  spam = include', '  since = 2026-01-01', '}'],
    ['pop_policy {', '  spam = only', '}', 'pop_policy_since = 2026-01-01',
     'pop_policy_spam = include']])
def test_what_was_changed_is_shown(server, lines):
    changed = {'pop_policy_spam': 'include', 'pop_policy_since': '2026-01-01'}
    assert shown(server, '-n', extra=text(lines)) == changed
    assert shown(server, '-a', extra=text(lines)) == {**code_settings(), **changed}


def test_the_block_form_is_obeyed(get_server):
    extra = text(section('protocol pop3', section('pop_policy', ['spam = only', 'delete = keep'])))
    user = get_server(extra=text(['pop_policy {', '  spam = include', '  retrieve = keep', '}'])
                      + extra).add_user()
    fill(user)
    assert user.queue() == ['spam1', 'spam2']
    with user.pop() as client:
        client.dele(1)
        client.retr(2)
        client.quit()
    assert user.queue() == []
    assert user.subjects('Junk') == ['spam1', 'spam2']


@pytest.mark.parametrize('name,value', BAD)
@pytest.mark.parametrize('place', [(), ('protocol pop3',), ('remote 127.0.0.2', 'protocol pop3')])
def test_a_bad_value_is_refused_by_doveconf(server, name, value, place):
    lines = policy({name: value})
    for part in reversed(place):
        lines = section(part, lines)
    done = doveconf(server, '-n', extra=text(lines))
    assert done.returncode != 0
    assert re.search("Fatal: .*pop_policy_%s: Invalid value '%s" % (name, re.escape(value[:2])),
                     done.stderr)


@pytest.mark.parametrize('name,value', BAD[:3])
def test_dovecot_does_not_start_with_a_bad_value(name, value):
    with pytest.raises(AssertionError, match="pop_policy_%s: Invalid value '%s'" % (name, value)):
        Server(policy={name: value})


@pytest.mark.parametrize('line', ['pop_policy_spma = only', 'pop_policy {\n  spma = only\n}'])
def test_a_setting_that_does_not_exist_is_refused(server, line):
    done = doveconf(server, '-n', extra=line + '\n')
    assert done.returncode != 0
    assert re.search('Fatal: .*spma', done.stderr)


def test_a_reload_with_a_bad_value_keeps_the_server_as_it_was(get_server):
    server = get_server(policy={'spam': 'include'}, tz='TEST-5:31')
    user = server.add_user()
    fill(user)
    server.conf.write_text(server.configuration() + 'pop_policy_spam = some\n')
    server.reload()
    server.log.claim_error("pop_policy_spam: Invalid value 'some'")
    assert user.queue() == ['one', 'spam1', 'two', 'spam2', 'three']
