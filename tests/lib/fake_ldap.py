"""A scripted LDAP server that misbehaves on purpose, for what no real one does on demand."""

import contextlib
import itertools
import pathlib
import socket
import ssl
import threading

BIND, BIND_RESULT = 0x60, 0x61
UNBIND = 0x42
SEARCH, ENTRY, DONE, REFERENCE = 0x63, 0x64, 0x65, 0x73
EXTENDED, EXTENDED_RESULT = 0x77, 0x78
BUSY, SIZE_LIMIT, REFERRAL = 51, 4, 10


# -- BER (X.690): just enough of it

def ber(tag, *parts):
    """One element; parts are bytes."""
    data = b''.join(parts)
    if len(data) < 128:
        return bytes([tag, len(data)]) + data
    return bytes([tag, 0x84]) + len(data).to_bytes(4, 'big') + data


def text(value):
    """An OCTET STRING."""
    return ber(4, value if isinstance(value, bytes) else value.encode())


def number(value, tag=2):
    """An INTEGER, or with tag 10 an ENUMERATED, of one to four octets."""
    return ber(tag, value.to_bytes(4, 'big').lstrip(b'\0') or b'\0')


def message(num, operation):
    """An LDAPMessage."""
    return ber(0x30, number(num), operation)


def result(tag=DONE, code=0, diagnostic='', *more):
    """An LDAPResult, of a search unless told otherwise."""
    return ber(tag, number(code, 10), text(''), text(diagnostic), *more)


def entry(attributes=(), dn='mail=someone,dc=example,dc=org'):
    """A SearchResultEntry; attributes are pairs of a name and a list of values."""
    return ber(ENTRY, text(dn), ber(0x30, *(
        ber(0x30, text(name), ber(0x31, *map(text, values))) for name, values in attributes)))


def reference(uri='ldap://elsewhere.example.org/'):
    """A SearchResultReference."""
    return ber(REFERENCE, text(uri))


# -- what a server does: functions of a Conversation

def answering(*operations):
    """Answer every search with these operations, binds and StartTLS with success."""
    def behave(talk):
        for num, tag in talk.requests():
            if tag == SEARCH:
                talk.send(*(message(num, operation) for operation in operations))
            else:
                talk.succeed(num, tag)
    return behave


def sending(data):
    """Answer a search with these bytes, and then say no more."""
    def behave(talk):
        for num, tag in talk.requests():
            if tag == SEARCH:
                talk.send(data(num) if callable(data) else data)
            else:
                talk.succeed(num, tag)
    return behave


def closing(*operations):
    """Answer a search with these operations and hang up."""
    def behave(talk):
        for num, tag in talk.requests():
            if tag == SEARCH:
                talk.send(*(message(num, operation) for operation in operations))
                return
            talk.succeed(num, tag)
    return behave


def dripping(*operations, pause=0.2):
    """Answer a search with these operations, an octet at a time."""
    def behave(talk):
        for num, tag in talk.requests():
            if tag == SEARCH:
                for octet in b''.join(message(num, operation) for operation in operations):
                    talk.send(bytes([octet]))
                    talk.server.stopping.wait(pause)
            else:
                talk.succeed(num, tag)
    return behave


def flooding(make):
    """Answer a search with message after message, without end."""
    def behave(talk):
        for num, tag in talk.requests():
            if tag == SEARCH:
                for _ in itertools.count():
                    talk.send(make(num) * 50)
            talk.succeed(num, tag)
    return behave


def refusing(tag, code, diagnostic=''):
    """Refuse binds, StartTLS or searches, named by the tag of their result."""
    def behave(talk):
        for num, request in talk.requests():
            wanted = {BIND: BIND_RESULT, EXTENDED: EXTENDED_RESULT, SEARCH: DONE}[request]
            talk.send(message(num, result(wanted, code if wanted == tag else 0, diagnostic)))
    return behave


def mute(talk):
    """Read, and say nothing."""
    for _ in talk.requests():
        pass


def mute_after_starttls(talk):
    """Agree to StartTLS, and say nothing from then on."""
    for num, tag in talk.requests():
        talk.succeed(num, tag)
        break
    talk.server.stopping.wait(60)


def leaving(talk):
    """Answer a search with the notice that the connection is closed (RFC 4511, 4.4.1)."""
    for num, tag in talk.requests():
        if tag == SEARCH:
            talk.send(message(0, result(EXTENDED_RESULT, 52, '',
                                        ber(0x8a, b'1.3.6.1.4.1.1466.20036'))))
            return
        talk.succeed(num, tag)


class Conversation:
    """One connection."""

    def __init__(self, server, sock):
        self.server, self.sock = server, sock

    def send(self, *data):
        """Send bytes."""
        self.sock.sendall(b''.join(data))

    def succeed(self, num, tag):
        """Say that a bind or an extended operation has succeeded."""
        if tag in (BIND, EXTENDED):
            self.send(message(num, result({BIND: BIND_RESULT, EXTENDED: EXTENDED_RESULT}[tag])))

    def _read(self, count):
        data = b''
        while len(data) < count:
            more = self.sock.recv(count - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def _element(self):
        """The contents of the next element."""
        length = self._read(2)[1]
        if length & 0x80:
            length = int.from_bytes(self._read(length & 0x7f), 'big')
        return self._read(length)

    def requests(self):
        """The number and tag of every request, until the client is gone."""
        while True:
            try:
                data = self._element()
            except (EOFError, OSError):
                return
            size = data[1]
            tag = data[2 + size]
            if tag == UNBIND:
                return
            self.server.requests.append(tag)
            yield int.from_bytes(data[2:2 + size], 'big'), tag


class FakeLdap:
    """A server on a loopback port, address or path, a thread per connection; a context manager.

    certificate: (certificate file, key file) for TLS from the start. requests has the tags of
    all that was asked.
    """

    def __init__(self, behave, certificate=None, address=('127.0.0.1', 0)):
        self.behave = behave
        self.requests = []
        self.connections = 0
        self.stopping = threading.Event()
        self.sockets = []
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)
        if isinstance(address, pathlib.Path):
            self._listen_on_socket(address)
        else:
            self._listen_on_port(address, certificate)
        threading.Thread(target=self._accept, daemon=True).start()

    def _listen_on_socket(self, path):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        path.chmod(0o666)
        self.listener.listen()
        self.uri = 'ldapi://%s' % path

    def _listen_on_port(self, address, certificate):
        self.listener = socket.create_server(address)
        self.port = self.listener.getsockname()[1]
        self.uri = '%s://127.0.0.1:%d' % ('ldaps' if certificate else 'ldap', self.port)
        self.uris = {'ldap': 'ldap://127.0.0.1:%d' % self.port,
                     'ldaps': 'ldaps://127.0.0.1:%d' % self.port}

    def _accept(self):
        while not self.stopping.is_set():
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            self.sockets.append(sock)
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()

    def _talk(self, sock):
        # what is not LDAP, such as TLS, ends it as well
        with contextlib.suppress(OSError, EOFError, IndexError):
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
            self.behave(Conversation(self, sock))
        with contextlib.suppress(OSError):
            sock.close()

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stopping.set()
        for sock in (self.listener, *self.sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


@contextlib.contextmanager
def full_port(address=('127.0.0.1', 0)):
    """A loopback port that drops every connection request: its queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(address)
        listener.listen(0)
        address = listener.getsockname()
        for _ in range(8):
            sock = stack.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(address)
        yield address[1]


@contextlib.contextmanager
def full_socket(path):
    """A UNIX socket whose queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket(socket.AF_UNIX))
        listener.bind(str(path))
        path.chmod(0o666)
        listener.listen(0)
        for _ in range(8):
            sock = stack.enter_context(socket.socket(socket.AF_UNIX))
            sock.setblocking(False)
            sock.connect_ex(str(path))
        yield path
