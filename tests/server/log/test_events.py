"""Behaviour 8.1: events, as examples/metrics shows them to Prometheus and in the log."""

import json
import re
import time
import urllib.request

import pytest

from tests.lib import ldap_policy
from tests.lib.examples import EXAMPLES, VERSION
from tests.lib.harness import Server
from tests.lib.ldap_policy import NEEDS_LDAP
from tests.lib.mailuser import fill
from tests.lib.serverlog import poll

METRICS = EXAMPLES / 'metrics' / VERSION / '90-pop-policy-metrics.conf'


class MetricsServer(Server):
    """A Dovecot with the file of examples/metrics."""

    listeners = (*Server.listeners, 'metrics')

    def configuration(self):
        text = METRICS.read_text()
        assert '9900' in text
        return super().configuration() + text.replace('9900', str(self.ports['metrics']))

    def metrics(self):
        """What Prometheus would read: the values by name and labels."""
        url = 'http://127.0.0.1:%d/metrics' % self.ports['metrics']
        with urllib.request.urlopen(url, timeout=10) as answer:
            text = answer.read().decode()
        return {key: float(value) for key, value in
                re.findall(r'(?m)^dovecot_(pop_\S+) (\S+)$', text)}

    def wait_for(self, key, value):
        """Wait until a value is reached: events take a moment."""
        assert poll(lambda: self.metrics().get(key) == value), (key, self.metrics())

    def audit(self, count):
        """The audit trail's events, by their fields, once there are so many."""
        lines = self.log.infos(r'stats: Info: {', 10, count)
        assert len(lines) == count, self.log.infos('stats')
        return [json.loads(line[line.index('{'):])['fields'] for line in lines]


def run(**spec):
    """A MetricsServer that is stopped in the end, with a clean log."""
    server = MetricsServer(**spec)
    try:
        yield server
    finally:
        bad = server.stop()
    assert bad == []


@pytest.fixture
def server():
    """A server without an LDAP lookup."""
    yield from run()


def test_refusals_by_reason(server):
    for fields in ({'available': 'no'}, {'enabled': 'no'}, {'enabled': 'no'}, {'spam': 'all'}):
        user = server.add_user()
        user.policy(**fields)
        with user.attempt() as client:
            assert client.login_reply.startswith('-ERR')
    server.log.claim_error('pop_policy_spam')
    for reason, count in (('unavailable', 1), ('disabled', 2), ('invalid', 1)):
        server.wait_for('pop_logins_refused_total{reason="%s"}' % reason, count)


def test_sessions_and_mails(server):
    user = server.add_user()
    fill(user)
    user.policy(spam='include', delete='keep', retrieve='archive')
    with user.pop() as client:
        uidls = client.uidl()
        sizes = client.list()
        client.retr(1)
        client.retr(2)
        client.dele(2, 3)
        assert client.quit().startswith('+OK')
    server.wait_for('pop_sessions_total', 1)
    server.wait_for('pop_mails_disposed_total{action="keep",trigger="dele"}', 2)
    server.wait_for('pop_mails_disposed_total{action="archive",trigger="retr"}', 1)

    # one spam1 two spam2 three
    expected = [(1, 'archive', 'retr', 'INBOX', 1), (2, 'keep', 'dele', 'Junk', 1),
                (3, 'keep', 'dele', 'INBOX', 2)]
    found = server.audit(3)
    for number, action, trigger, mailbox, uid in expected:
        fields = {'action': action, 'trigger': trigger, 'mailbox': mailbox, 'uid': uid,
                  'uidl': uidls[number], 'size': sizes[number], 'user': user.name}
        assert [entry for entry in found if fields.items() <= entry.items()], (fields, found)


@pytest.mark.parametrize('spam', ['include', 'only'])
def test_sizes_are_those_of_what_is_stored(server, spam):
    """Without the mailbox header (behaviour 6.2)."""
    user = server.add_user()
    fill(user)
    stored = {mail.uid: len(mail.raw) for mail in user.look('Junk')}
    user.policy(spam=spam, mailbox_header='X-Mailbox', delete='keep')
    with user.pop() as client:
        num = client.subjects().index('spam2') + 1
        assert client.list(num) > stored[2]
        client.dele(num)
        assert client.quit().startswith('+OK')
    event, = server.audit(1)
    assert (event['mailbox'], event['uid'], event['size']) == ('Junk', 2, stored[2])


def test_mail_that_was_kept_for_long_enough(server):
    user = server.add_user()
    fill(user)
    user.policy(spam='include', delete='keep', keep_for='1h')
    with user.pop() as client:
        uidl, size = client.uidl(4), client.list(4)
        client.dele(4)
        assert client.quit().startswith('+OK')
    time.sleep(1.1)
    user.policy(spam='include', delete='keep', keep_for='1s')
    user.queue()
    server.wait_for('pop_mails_disposed_total{action="expire",trigger="keep_for"}', 1)
    fields = {'action': 'expire', 'trigger': 'keep_for', 'mailbox': 'Junk', 'uid': 2,
              'uidl': uidl, 'size': size, 'user': user.name}
    assert [entry for entry in server.audit(2) if fields.items() <= entry.items()], fields


def test_no_mail_no_event(server):
    """A session that drops, or without policy."""
    user = server.add_user()
    fill(user)
    user.policy(delete='keep')
    with user.pop() as client:
        client.dele(1)
        client.drop()
    server.wait_for('pop_sessions_total', 1)
    user.policy()
    with user.pop() as client:
        client.dele(1)
        client.quit()
    assert server.audit(0) == []


@NEEDS_LDAP
def test_lookups_by_result(directory):
    for server in run(policy=ldap_policy.on(directory)):
        user = ldap_policy.new_user(server, directory)
        assert user.queue() == []
        other = server.add_user(ldap_policy.new_name())
        assert other.queue() == []
        server.wait_for('pop_ldap_lookups_total{result="found"}', 1)
        server.wait_for('pop_ldap_lookups_total{result="no_entry"}', 1)
        seconds = server.metrics()['pop_ldap_lookups_duration_seconds_total{result="found"}']
        assert 0 < seconds < 20
