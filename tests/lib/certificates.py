"""A certificate authority of one's own, and what it issues."""

import datetime
import subprocess

# openssl ca, which unlike openssl x509 can say from when on a certificate is valid
CONFIG = """\
[ca]
default_ca = own
[own]
database = {0}/index
serial = {0}/serial
new_certs_dir = {0}
default_md = sha256
policy = policy
unique_subject = no
[policy]
commonName = supplied
"""


def openssl(*args):
    """Run openssl; its standard output."""
    done = subprocess.run(['openssl', *args], capture_output=True, text=True)
    assert done.returncode == 0, (args, done.stderr)
    return done.stdout


def moment(days):
    """So many days from now, as openssl ca wants it."""
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(days)).strftime('%Y%m%d%H%M%SZ')


class Authority:
    """A CA with its files in a folder; ca.pem is its own certificate."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / 'ca.pem'
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
                '-nodes', '-subj', '/CN=Test CA', '-days', '9',
                '-addext', 'keyUsage=critical,keyCertSign',
                '-keyout', folder / 'ca.key', '-out', self.file)
        (folder / 'config').write_text(CONFIG.format(folder))
        (folder / 'index').touch()

    def issue(self, name, *hosts, common_name=None, days=(-1, 2)):
        """(certificate file, key file) called name; hosts as openssl has them: DNS:x, IP:y.

        days: from when to when it is valid, counted from now. Without common_name the name is
        that, too.
        """
        request, extensions, certificate, key = (
            self.folder / (name + suffix) for suffix in ('.csr', '.ext', '.pem', '.key'))
        extensions.write_text('subjectAltName = %s\n' % ','.join(hosts) if hosts else '')
        openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
                '-nodes', '-subj', '/CN=' + (common_name or name), '-keyout', key, '-out', request)
        openssl('ca', '-config', self.folder / 'config', '-batch', '-notext', '-create_serial',
                '-in', request, '-cert', self.file, '-keyfile', self.folder / 'ca.key',
                '-extfile', extensions, '-startdate', moment(days[0]), '-enddate', moment(days[1]),
                '-out', certificate)
        return certificate, key
