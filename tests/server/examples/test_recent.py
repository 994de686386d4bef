"""A second device: examples/recent, recent-ldap and recent-app-passwords at work."""

import imaplib
import itertools
import random
import time

import pytest

from tests.lib.answers import login_answer
from tests.lib.examples import example_directory, running
from tests.lib.mailclients import Fetchmail, Getmail, Mpop
from tests.lib.popclient import PopClient
from tests.lib.thunderbird import Thunderbird

DAY = 86400
ANN, BOB = 'ann@example.org', 'bob@example.org'
PASSWORDS = {'recent': 'secret', 'recent-ldap': 'secret',
             'recent-app-passwords': 'laptop-gnusp-wizzle'}
REFUSED = '-ERR [AUTH] Authentication failed.'


def start(subject):
    """The example, with the entries it needs."""
    names = ['app-passwords'] if subject == 'recent-app-passwords' else []
    return running(subject, example_directory(*names))


@pytest.fixture(scope='module', params=PASSWORDS)
def site(request):
    """Each of the examples."""
    with start(request.param) as server:
        server.subject = request.param
        yield server


def devices(site, name=ANN):
    """The two devices of an account."""
    password = PASSWORDS[site.subject] if name == ANN else 'secret'
    return site.account(name, password), site.account('recent:' + name, password)


def imap_account(site, name=ANN):
    """The account as IMAP knows it."""
    return site.account(name, 'secret')


def fresh(site, *days):
    """ann's INBOX with mail of so many days ago."""
    mail = imap_account(site)
    with mail.imap() as client:
        if client.select('INBOX')[1] != [b'0']:
            client.store('1:*', '+FLAGS', r'\Deleted')
            client.expunge()
    now = int(time.time())
    mail.append('INBOX', *(('%d days' % number, now - number * DAY) for number in days))
    return mail


def test_the_second_device_sees_what_the_first_has_fetched(site):
    mail = fresh(site, 40, 20, 1)
    first, second = devices(site)
    assert second.queue() == ['20 days', '1 days']
    with first.pop() as client:
        assert client.subjects() == ['40 days', '20 days', '1 days']
        client.dele(2, 3)
        client.quit()
    assert first.queue() == ['40 days']
    with second.pop() as client:
        assert client.subjects() == ['20 days', '1 days']
        client.retr(1)
        client.dele(1)
        client.quit()
    assert second.queue() == ['20 days', '1 days']
    assert mail.subjects() == ['40 days', '20 days', '1 days']


def test_the_uidls_are_the_same(site):
    fresh(site, 20, 1)
    first, second = devices(site)
    assert first.uidls() == second.uidls()


@pytest.mark.parametrize('prefix', ['RECENT:', 'Recent:'])
def test_case_does_not_matter(site, prefix):
    fresh(site, 40, 1)
    assert site.account(prefix + 'Ann@example.org', PASSWORDS[site.subject]).queue() == ['1 days']


@pytest.mark.parametrize('name', ['recent:', 'recent:recent:ann@example.org', 'recent:@example.org',
                                  'recent:nobody@example.org', 'recent', ':ann@example.org',
                                  'ann@example.org:', 'old:ann@example.org', 'xrecent:ann@example.org',
                                  'recent:*', 'recent:ann'])
def test_no_other_name_gets_in(site, name):
    with PopClient(site.ports['pop3']) as client:
        assert client.login(name, PASSWORDS[site.subject]).startswith('-ERR [AUTH]')


def test_a_wrong_password_is_a_wrong_password(site):
    for password in ('wrong', '', 'secret' if site.subject == 'recent-app-passwords' else 'Secret'):
        with PopClient(site.ports['pop3']) as client:
            assert client.login('recent:' + ANN, password).startswith('-ERR')
    site.log.allow_errors('sasl_server_instance_unref|Raw backtrace|killed with signal 6')


def test_imap_does_not_know_the_prefix(site):
    for password in {'secret', PASSWORDS[site.subject]}:
        with pytest.raises(imaplib.IMAP4.error):
            site.account('recent:' + ANN, password).imap()
    assert imap_account(site).subjects() is not None


def test_the_policy_of_the_account_holds_for_both(site):
    if site.subject == 'recent':
        pytest.skip('no directory')
    first, second = devices(site)
    fresh(site, 40, 20, 1)
    first.attributes(popPolicySince='20990101000000Z')
    assert first.queue() == second.queue() == []
    first.attributes(popPolicySince=None, popPolicyEnabled=False)
    assert login_answer(first) == login_answer(second) != '+OK Logged in.'
    first.attributes(popPolicyEnabled=None)
    assert second.queue() == ['20 days', '1 days']


def test_another_account_is_another_account(site):
    if site.subject != 'recent':
        site.directory.set('uid=bob,ou=people,dc=example,dc=org', popPolicyEnabled=None)
    fresh(site, 1)
    assert devices(site, BOB)[1].queue() == []


# -- a week

@pytest.mark.parametrize('kinds', itertools.product((Fetchmail, Mpop, Getmail), repeat=2),
                         ids=lambda kinds: '-'.join(kind.program for kind in kinds))
def test_a_week_with_two_devices(kinds, request):
    """The first downloads and deletes, the second leaves mail on the server."""
    chance = random.Random(request.node.name)
    with start('recent') as server:
        server.subject = 'recent'
        mail = fresh(server)
        users = devices(server)
        clients = [kind(user) for kind, user in zip(kinds, users)]
        got, sent = ([], []), []
        for day in range(7):
            for hour in sorted(chance.sample(range(24), 6)):
                what = chance.choice(('mail', 'mail', 'mail', 0, 1))
                if what == 'mail':
                    sent.append('d%d-h%02d' % (day, hour))
                    when = int(time.time()) - (7 - day) * DAY + hour * 3600
                    mail.append('INBOX', (sent[-1], when))
                else:
                    got[what].extend(clients[what].fetch(keep=what == 1)[0])
            if day == 3:  # another IMAP client looks at the mail
                mail.look()
        for number, client in enumerate(clients):
            for _ in range(2):
                got[number].extend(client.fetch(keep=number == 1)[0])
        assert sorted(got[0]) == sorted(got[1]) == sorted(sent)
        assert mail.subjects() == sent
        assert users[0].queue() == [] and users[1].queue() == sent


def test_thunderbird_is_the_second_device():
    """It leaves mail on the server, as it does unless told otherwise, and misses nothing."""
    with start('recent') as server:
        server.subject = 'recent'
        mail = fresh(server)
        first, second = devices(server)
        sent = []
        with Thunderbird(second) as client:
            for day in range(7):
                sent += ['d%d-early' % day, 'd%d-late' % day]
                when = int(time.time()) - (7 - day) * DAY
                mail.append('INBOX', (sent[-2], when), (sent[-1], when + DAY // 2))
                if day % 2:
                    with first.pop() as other:
                        other.dele(*range(1, 1 + len(other.list())))
                        assert other.quit().startswith('+OK')
                if day % 3:
                    assert client.get_messages() == []
            for _ in range(2):
                assert client.get_messages() == []
                assert client.subjects() == sorted(sent)
        assert mail.subjects() == sent


def test_both_have_the_same_lock():
    extra = 'protocol pop3 {\n  pop3_lock_session = yes\n}\n'
    with running('recent', example_directory(), extra=extra) as server:
        server.subject = 'recent'
        fresh(server, 1)
        first, second = devices(server)
        with first.pop():
            with second.attempt() as client:
                assert client.login_reply.startswith('-ERR [IN-USE]')
        assert second.queue() == ['1 days']
