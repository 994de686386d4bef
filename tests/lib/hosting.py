"""The mail provider of examples/hosting, with its directory and certificates."""

import contextlib
import imaplib
import shutil
import ssl

from tests.lib import dovecot_config
from tests.lib.directory import SUFFIX
from tests.lib.examples import DirectoryUser, ExampleServer, example_directory, ldif, running
from tests.lib.popclient import PopClient

HOSTS = ('mail.example.org', 'mail.customer.example')


class HostingUser(DirectoryUser):
    """A customer, whose programs use TLS."""

    def __init__(self, server, name, password='secret'):
        super().__init__(server, name, password)
        self.dn = 'mail=%s,ou=%s,ou=domains,%s' % (name, name.partition('@')[2], SUFFIX)

    def connect(self, tls=True, **kwargs):
        return super().connect(tls, **kwargs)

    def attempt(self, tls=True):
        return super().attempt(tls)

    def pop(self, tls=True):
        return super().pop(tls)

    def imap(self):
        context = ssl.create_default_context(cafile=self.server.directory.authority.file)
        context.check_hostname = False
        client = imaplib.IMAP4_SSL('127.0.0.1', self.server.ports['imaps'], ssl_context=context,
                                   timeout=20)
        client.login(self.name, self.password)
        return client


class HostingServer(ExampleServer):
    """The provider, with certificates of the test CA."""

    listeners = ('pop3s', 'imaps')

    def _prepare(self):
        super()._prepare()
        folder = self.root / 'etc' / 'tls'
        folder.mkdir()
        for host in HOSTS:
            for file in self.directory.authority.issue(host, 'DNS:' + host):
                shutil.copy(file, folder)

    def configuration(self):
        text = super().configuration()
        if (2, 4) <= dovecot_config.VERSION < (2, 4, 2):
            # It leaves the CA of the directory's certificate to libldap's own configuration.
            text += ('import_environment {\n  LDAPTLS_CACERT = %s\n}\n'
                     % self.directory.authority.file)
        return text

    def _started(self):
        if self.process.poll() is not None:
            return 'ended'
        try:
            with PopClient(self.ports['pop3s'], tls=True) as client:
                return 'up' if client.greeting.startswith('+OK') else None
        except OSError:
            return None

    def account(self, name, password='secret'):
        return HostingUser(self, name, password)


@contextlib.contextmanager
def hosting(schema=None, **spec):
    """The provider, whose log must be clean in the end; schema: of the directory."""
    schema = {'schema': schema} if schema else {}
    directory = example_directory(tree='hosting', config=ldif('plans-overlay'), **schema)
    directory.configure(ldif('hosting-access'))
    with running('hosting', directory, kind=HostingServer, **spec) as server:
        yield server
