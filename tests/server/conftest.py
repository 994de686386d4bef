"""Fixtures: cached servers, fresh users, and the check that the log holds no surprises."""

import os

import pytest

from tests.lib import sanitizer
from tests.lib.directory import Directory
from tests.lib.dovecot_config import STORAGES
from tests.lib.harness import Server
from tests.lib.serverlog import poll

MAX_SERVERS = 20


def pytest_addoption(parser):
    """Options for all server tests."""
    parser.addoption('--storage-in-turn', action='store_true',
                     help='tests of every storage format have one of them, each the next one')


def pytest_collection_modifyitems(config, items):
    """Leave out what --storage-in-turn does."""
    if not config.getoption('storage_in_turn'):
        return
    alike = {}
    for item in items:
        params = dict(item.callspec.params) if hasattr(item, 'callspec') else {}
        if params.pop('storage', None):
            key = item.nodeid.partition('[')[0], repr(sorted(params.items()))
            alike.setdefault(key, []).append(item)
    out = {item for turn, group in enumerate(alike.values())
           for number, item in enumerate(group) if number != turn % len(group)}
    config.hook.pytest_deselected(items=list(out))
    items[:] = [item for item in items if item not in out]


class ServerCache:
    """Running servers by configuration; the longest unused one stops when there are too many."""

    def __init__(self):
        self.servers = {}
        self.stopping = []

    def get(self, **spec):
        """The server of that configuration, started if need be."""
        key = repr(sorted(spec.items()))
        server = self.servers.pop(key, None)
        if server is None:
            while len(self.servers) >= MAX_SERVERS:
                self._end(next(iter(self.servers)))
            server = Server(**spec)
        self.servers[key] = server
        return server

    def _end(self, key):
        server = self.servers.pop(key)
        server.terminate()
        self.stopping.append(server)

    def collect(self):
        """Clean up after the servers told to stop; their unexpected log lines."""
        stopping, self.stopping = self.stopping, []
        return [line for server in stopping for line in server.stop()]

    def settle(self):
        """End of a test: the unexpected log lines of all running servers."""
        return [line for server in self.servers.values() for line in server.log.settle()]

    def stop(self):
        """Stop all; the unexpected log lines of their ends."""
        for key in list(self.servers):
            self._end(key)
        return self.collect()


@pytest.fixture(scope='session')
def server_cache():
    """All servers of this test process."""
    if os.geteuid() != 0:
        pytest.skip('needs root to start Dovecot')
    cache = ServerCache()
    yield cache
    late = cache.stop()
    assert not late, 'unexpected log lines, or leaks:\n' + '\n'.join(late)


@pytest.fixture(autouse=True)
def clean_log(server_cache):
    """Fail a test that leaves errors in a server's log which it has not claimed."""
    yield
    bad = server_cache.settle()
    if len(server_cache.stopping) > MAX_SERVERS:
        bad += server_cache.collect()
    assert not bad, 'unexpected log lines, or leaks:\n' + '\n'.join(bad)


@pytest.fixture
def get_server(server_cache):
    """get_server(**spec): a shared running server, see harness.Spec."""
    return server_cache.get


@pytest.fixture
def server(get_server):
    """The default server: maildir, plugin loaded in pop3, nothing configured."""
    return get_server()


@pytest.fixture
def stock(get_server):
    """The same without the plugin."""
    return get_server(plugin=None)


@pytest.fixture
def user(server):
    """A fresh account of the default server."""
    return server.add_user()


@pytest.fixture(scope='session')
def directory():
    """A slapd that all tests of this process share: it stays up and as it is configured."""
    directory = Directory()
    yield directory
    directory.stop()


@pytest.fixture(scope='session')
def zimbra():
    """A slapd with Zimbra's attributes; their syntax is too wide, so that all can be tried."""
    boolean, text = '1.3.6.1.4.1.1466.115.121.1.7', '1.3.6.1.4.1.1466.115.121.1.15'
    types = [('zimbraPop3Enabled', boolean), ('zimbraPrefPop3Enabled', boolean),
             ('zimbraPrefPop3DownloadSince', '1.3.6.1.4.1.1466.115.121.1.24'),
             ('zimbraPrefPop3IncludeSpam', boolean), ('zimbraPrefPop3DeleteOption', text),
             ('popPolicySpam', text)]
    schema = 'dn: cn=zimbra,cn=schema,cn=config\nobjectClass: olcSchemaConfig\ncn: zimbra\n'
    for number, (name, syntax) in enumerate(types):
        schema += "olcAttributeTypes: ( 2.25.1.%d NAME '%s' SYNTAX %s )\n" % (number, name, syntax)
    schema += "olcObjectClasses: ( 2.25.1.100 NAME 'zimbraAccount' SUP top AUXILIARY MAY ( %s ) )\n" \
        % ' $ '.join(name for name, _ in types)
    directory = Directory(schema=schema + '\n')
    yield directory
    directory.stop()


@pytest.fixture
def own_directory():
    """A slapd for one test, which may do with it as it likes."""
    directory = Directory()
    yield directory
    directory.stop()


@pytest.fixture(params=STORAGES)
def storage(request):
    """Every storage format in turn."""
    return request.param


@pytest.fixture
def stored(server, storage):
    """A fresh account of the default server in every storage format."""
    return server.add_user(storage=storage)


@pytest.fixture
def get_checked(get_server):
    """get_server(), with pop3 under valgrind. Leaks show when the server stops, errors at once."""
    sanitizer.excludes('valgrind')

    def get(**spec):
        server = get_server(valgrind=True, **spec)
        server.valgrind.forget()
        return server
    return get


@pytest.fixture
def checked(get_checked):
    """The default server under valgrind."""
    return get_checked()
