"""A raw POP3 client that keeps every byte it sees."""

import base64
import os
import socket
import ssl

from tests.lib.serverlog import poll


class PopError(AssertionError):
    """The server answered -ERR (or nothing) where +OK was needed."""


class PopClient:
    """One POP3 connection; replies are str without CRLF, messages are bytes as stored (CRLF).

    ended() gives the pid of every session of the user that the server has ended; source is the
    client's address, host the server's.
    """

    def __init__(self, port, tls=False, timeout=20, ended=list, source='127.0.0.1',
                 host='127.0.0.1'):
        self.sock = socket.create_connection((host, port), timeout, (source, 0))
        self.transcript = []
        self.ended = ended
        if tls:
            self._wrap()
        self.file = self.sock.makefile('rb')
        self.greeting = self.reply()

    def _wrap(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.sock = context.wrap_socket(self.sock)

    def stls(self):
        """Switch to TLS by the STLS command."""
        self.ok('STLS')
        self.file.close()
        self._wrap()
        self.file = self.sock.makefile('rb')

    def send(self, *lines):
        """Send command lines in one write, without waiting (pipelining)."""
        data = b''.join((line if isinstance(line, bytes) else line.encode()) + b'\r\n'
                        for line in lines)
        self.transcript.append(('C', data))
        self.sock.sendall(data)

    def line(self):
        """One raw line from the server, b'' at the end of the connection."""
        try:
            data = self.file.readline()
        except (ConnectionResetError, ssl.SSLError):
            data = b''
        if data:
            self.transcript.append(('S', data))
        return data

    def reply(self):
        """One reply line, '' when the server has closed the connection."""
        return self.line().decode('ascii', 'backslashreplace').rstrip('\r\n')

    def body(self):
        """The lines of a multi-line answer (raw, unstuffed, with CRLF) up to the dot."""
        lines = []
        while (data := self.line()) != b'.\r\n':
            if not data:
                raise PopError('connection closed inside a multi-line answer')
            lines.append(data[1:] if data.startswith(b'.') else data)
        return lines

    def rest(self):
        """Everything the server still sends until it closes the connection."""
        data = b''
        while line := self.line():
            data += line
        return data

    def cmd(self, command):
        """Send one command, return its reply line."""
        self.send(command)
        return self.reply()

    def ok(self, command):
        """Send one command, return its +OK line, raise PopError otherwise."""
        answer = self.cmd(command)
        if not answer.startswith('+OK'):
            raise PopError('%s: %r' % (command, answer))
        return answer

    def lines(self, command):
        """Send a command with a multi-line answer, return its lines as str without CRLF."""
        self.ok(command)
        return [line.decode('ascii', 'backslashreplace').rstrip('\r\n') for line in self.body()]

    def login(self, user, password):
        """USER and PASS; the reply to PASS (or to a refused USER)."""
        answer = self.cmd('USER ' + user)
        return self.cmd('PASS ' + password) if answer.startswith('+OK') else answer

    def auth_plain(self, user, password, initial=True, master=None):
        """AUTH PLAIN with or without an initial response; the final reply."""
        text = '%s\0%s\0%s' % (user if master else '', master or user, password)
        token = base64.b64encode(text.encode()).decode()
        if initial:
            return self.cmd('AUTH PLAIN ' + token)
        answer = self.cmd('AUTH PLAIN')
        return self.cmd(token) if answer.startswith('+') else answer

    def capa(self):
        """The capability lines."""
        return self.lines('CAPA')

    def stat(self):
        """(count, octets)."""
        count, size = self.ok('STAT').split()[1:3]
        return int(count), int(size)

    def list(self, num=None):
        """{number: octets}, or the octets of one message."""
        if num is not None:
            return int(self.ok('LIST %d' % num).split()[2])
        return {int(n): int(size) for n, size in map(str.split, self.lines('LIST'))}

    def uidl(self, num=None):
        """{number: uidl}, or the UIDL of one message."""
        if num is not None:
            return self.ok('UIDL %d' % num).split(' ', 2)[2]
        return {int(n): uidl for n, uidl in (line.split(' ', 1) for line in self.lines('UIDL'))}

    def retr(self, num):
        """The whole message, bytes with CRLF."""
        self.ok('RETR %d' % num)
        return b''.join(self.body())

    def top(self, num, count):
        """Header and that many body lines, bytes with CRLF."""
        self.ok('TOP %d %d' % (num, count))
        return b''.join(self.body())

    def subjects(self):
        """The Subject of every listed message, in POP order (read by TOP)."""
        found = []
        for num in sorted(self.list()):
            for line in self.top(num, 0).split(b'\r\n'):
                if line.lower().startswith(b'subject: '):
                    found.append(line[9:].decode())
        return found

    def dele(self, *nums):
        """DELE every given number, return the last reply."""
        return [self.ok('DELE %d' % num) for num in nums][-1]

    def rset(self):
        """RSET."""
        return self.ok('RSET')

    def last(self):
        """LAST as a number."""
        return int(self.ok('LAST').split()[1])

    def quit(self):
        """QUIT, wait for the server to close; the reply, +OK or -ERR."""
        answer = self.cmd('QUIT')
        self.rest()
        self.close()
        return answer

    def drop(self):
        """Cut the connection without QUIT and wait until the server has done with it."""
        before = self.ended()
        self.close()
        pids = poll(lambda: self.ended()[len(before):], 20)
        assert pids, 'the server goes on with the session'
        poll(lambda: not os.path.exists('/proc/' + pids[0]), 1)

    def close(self):
        """Close our end, at once."""
        self.file.close()
        self.sock.close()

    def received(self):
        """Every byte the server sent after the greeting."""
        return b''.join(data for who, data in self.transcript[1:] if who == 'S')

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()
