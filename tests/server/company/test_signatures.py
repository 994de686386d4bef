"""Behaviour 6.2: signatures stay valid although RETR puts a field on top of the message."""

import re
import subprocess

import pytest

from tests.lib.certificates import Authority, openssl
from tests.lib.mailuser import NOON, message

pytestmark = pytest.mark.release

BODY = 'The text\r\n.with a dot\r\nand gr\u00fcn\r\n'


def retrieved(user, mail, **policy):
    """What RETR sends of a message in Junk."""
    user.append('Junk', (mail, NOON))
    user.policy(spam='only', **policy)
    with user.pop() as client:
        raw = client.retr(1)
        client.quit()
    return raw


@pytest.fixture(params=[{}, {'mailbox_header': 'X-Mailbox'}], ids=['without', 'with'])
def sent(request, user):
    """sent(mail): what RETR sends of it, without and with the field."""
    def send(mail):
        raw = retrieved(user, mail, **request.param)
        assert raw == (b'X-Mailbox: Junk\r\n' if request.param else b'') + mail
        return raw
    return send


@pytest.mark.parametrize('canonical', [(b'simple', b'simple'), (b'relaxed', b'relaxed')],
                         ids=['simple', 'relaxed'])
def test_dkim(sent, tmp_path, canonical):
    dkim = pytest.importorskip('dkim')
    key = tmp_path / 'key.pem'
    openssl('genrsa', '-traditional', '-out', str(key), '2048')
    public = ''.join(openssl('rsa', '-in', str(key), '-pubout').splitlines()[1:-1])
    mail = message('signed', BODY)
    signature = dkim.sign(mail, b'pop', b'example.org', key.read_bytes(), canonicalize=canonical)
    record = ('v=DKIM1; k=rsa; p=' + public).encode()

    def valid(raw):
        return dkim.verify(raw, dnsfunc=lambda *_, **__: record)
    assert valid(signature + mail)
    raw = sent(signature + mail)
    assert valid(raw)
    # it can tell
    assert not valid(raw.replace(b'The text', b'A text'))
    assert not valid(raw.replace(b'Subject: signed', b'Subject: other'))


def test_smime(sent, tmp_path):
    authority = Authority(tmp_path)
    certificate, key = authority.issue('ann', common_name='Ann')
    (tmp_path / 'text').write_bytes(b'Content-Type: text/plain\r\n\r\nThe text\r\n')
    subprocess.run(['openssl', 'cms', '-sign', '-in', tmp_path / 'text', '-signer', certificate,
                    '-inkey', key, '-crlfeol', '-out', tmp_path / 'signed'], check=True)
    signed = re.sub(rb'\r?\n', b'\r\n', (tmp_path / 'signed').read_bytes())
    mail = b'From: Ann <ann@example.org>\r\nSubject: signed\r\n' + signed

    def valid(raw):
        (tmp_path / 'mail').write_bytes(raw)
        done = subprocess.run(
            ['openssl', 'cms', '-verify', '-in', tmp_path / 'mail', '-CAfile', authority.file,
             '-purpose', 'any', '-out', '/dev/null'], capture_output=True, check=False)
        return done.returncode == 0
    assert valid(mail)
    raw = sent(mail)
    assert valid(raw)
    assert not valid(raw.replace(b'The text', b'A text'))
