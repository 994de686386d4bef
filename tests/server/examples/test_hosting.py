"""A mail provider's whole configuration: examples/hosting at work."""

import pathlib
import re
import socket
import ssl

import pytest

from tests.lib.answers import login_answer
from tests.lib.directory import READER, READER_PASSWORD, SUFFIX
from tests.lib.examples import fill, ldif
from tests.lib.hosting import HOSTS, hosting
from tests.lib.serverlog import poll

OFFICE, IDA, JON, KIM = ('info@example.org', 'info@customer.example', 'jon@customer.example',
                         'kim@shop.example')


@pytest.fixture(scope='module')
def site():
    """The provider with its customers' mail."""
    with hosting() as server:
        for name in OFFICE, IDA, JON:
            fill(server.account(name))
        yield server


@pytest.fixture(autouse=True)
def nothing_logged(site):
    """No test leaves an error in the log."""
    yield
    assert site.log.settle() == []


def certificate_of(site, host):
    """The host names in the certificate that a client which wants that one gets, verified."""
    context = ssl.create_default_context(cafile=site.directory.authority.file)
    context.check_hostname = host in HOSTS
    with socket.create_connection(('127.0.0.1', site.ports['pop3s']), 10) as sock, \
            context.wrap_socket(sock, server_hostname=host) as tls:
        return [name for _, name in tls.getpeercert()['subjectAltName']]


def listening(pid):
    """The TCP ports on which a process and its children listen."""
    sockets = {link.readlink().name for link in pathlib.Path('/proc/%d/fd' % pid).iterdir()
               if link.is_symlink()}
    found = set()
    for line in pathlib.Path('/proc/net/tcp').read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == '0A' and 'socket:[%s]' % fields[9] in sockets:
            found.add(int(fields[1].partition(':')[2], 16))
    return found


def test_every_name_has_its_certificate(site):
    for host in HOSTS:
        assert certificate_of(site, host) == [host]
    assert certificate_of(site, 'other.example') == ['mail.example.org']
    assert certificate_of(site, None) == ['mail.example.org']


def test_nothing_listens_without_tls(site):
    assert listening(site.process.pid) == {site.ports['pop3s'], site.ports['imaps']}
    with socket.create_connection(('127.0.0.1', site.ports['pop3s']), 10) as sock:
        sock.sendall(b'USER %s\r\nPASS secret\r\n' % OFFICE.encode())
        assert b'+OK' not in sock.recv(100)
    text = (site.folder / 'dovecot.conf').read_text()
    assert sorted(map(int, re.findall(r' port = (\d+)', text))) == [0, 0, 993, 995]


def test_accounts_of_several_domains(site):
    office, ida = site.account(OFFICE), site.account(IDA)
    assert office.queue() == ['old', 'new']
    assert ida.queue() == ['new', 'spam']
    for user, left in (office, ['old', 'new']), (ida, ['old']):
        with user.pop() as client:
            client.dele(1)
            client.quit()
        assert user.subjects() == left
    assert office.queue() == ['new']
    assert ida.queue() == ['spam']


def test_the_name_is_the_whole_address(site):
    for name in 'info', 'info@shop.example', 'info@', '@example.org', 'info@example.org.':
        with site.account(name).attempt() as client:
            assert client.login_reply.startswith('-ERR [AUTH]')
    assert login_answer(site.account(OFFICE.upper())).startswith('+OK')


def test_a_plan_without_pop(site):
    jon = site.account(JON)
    assert login_answer(jon) == \
        '-ERR [SYS/PERM] POP is not part of your plan, see https://example.org/plans'
    assert jon.subjects() == ['old', 'new']
    site.directory.change(ldif('change/plan-with-pop'))
    assert jon.queue() == ['old', 'new']
    jon.attributes(popPolicyEnabled=False)
    assert login_answer(jon) == \
        '-ERR [SYS/PERM] POP is off, switch it on at https://example.org/settings'
    site.directory.change(ldif('change/plan-without-pop'))
    assert login_answer(jon).startswith('-ERR [SYS/PERM] POP is not part of your plan')


@pytest.mark.parametrize('password', ['secret', '', 'kim'])
def test_who_signs_in_elsewhere_is_refused(site, password):
    site.directory.forget()
    with site.account(KIM, password).attempt() as client:
        assert client.login_reply == '-ERR [AUTH] Authentication failed.'
    assert [line for line in site.directory.operations('BIND dn=') if KIM in line] == []
    assert site.log.infos(re.escape(KIM), wait=5)
    site.log.allow_errors('sasl_server_instance_unref|Raw backtrace|killed with signal 6')


def test_mail_is_delivered_to_everybody(site):
    kim = site.account(KIM)
    kim.deliver('for kim')
    mail, = poll(lambda: list(kim.home.glob('Maildir/[nc]*/*S=*')), 5)
    assert b'Subject: for kim' in mail.read_bytes()


def test_nobody_reads_a_password(site):
    def seen(*who):
        return site.directory.client('ldapsearch', '-x', '-LLL', '-H', site.directory.uris['ldapi'],
                                     '-b', SUFFIX, *who, '(mail=%s)' % OFFICE, check=False).stdout
    reader = seen('-D', READER, '-w', READER_PASSWORD)
    assert 'mail: ' + OFFICE in reader
    assert 'userPassword' not in reader
    assert seen() == ''


def test_a_directory_with_the_certificate_of_another_lets_nobody_in():
    with hosting() as server:
        office = server.account(OFFICE)
        assert office.queue() == []
        server.directory.certify(['DNS:elsewhere.example'])
        server.directory.restart()
        with office.attempt() as client:
            assert not client.login_reply.startswith('+OK')
        assert server.directory.operations('BIND dn=') == []
        server.log.allow_errors('ldap')
