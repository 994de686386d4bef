"""A certificate authority of one's own, and what it issues."""

import subprocess
import time


def openssl(*args):
    """Run openssl; its standard output."""
    done = subprocess.run(['openssl', *args], capture_output=True, text=True)
    assert done.returncode == 0, (args, done.stderr)
    return done.stdout


class Authority:
    """A CA with its files in a folder; ca.pem is its own certificate."""

    def __init__(self, folder):
        self.folder = folder
        self.file = folder / 'ca.pem'
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
                '-nodes', '-subj', '/CN=Test CA', '-days', '3',
                '-addext', 'keyUsage=critical,keyCertSign',
                '-keyout', folder / 'ca.key', '-out', self.file)
        self.serial = 0

    def issue(self, name, *hosts, expired=False):
        """(certificate file, key file) called name; hosts as openssl has them: DNS:x, IP:y."""
        self.serial += 1
        request, extensions, certificate, key = (
            self.folder / (name + suffix) for suffix in ('.csr', '.ext', '.pem', '.key'))
        extensions.write_text('subjectAltName = %s\n' % ','.join(hosts) if hosts else '')
        openssl('req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1',
                '-nodes', '-subj', '/CN=' + name, '-keyout', key, '-out', request)
        openssl('x509', '-req', '-in', request, '-CA', self.file, '-CAkey',
                self.folder / 'ca.key', '-set_serial', str(self.serial), '-extfile', extensions,
                '-days', '0' if expired else '2', '-out', certificate)
        if expired:
            time.sleep(1.1)  # it was valid for one instant, less is not to be had
        return certificate, key
