"""Reading a Dovecot's log files while it runs."""

import re
import time

BAD = re.compile(r'Panic: |Fatal: |Error: |Raw backtrace|killed with signal')


def poll(probe, timeout=10, interval=0.01):
    """Call probe() until it returns something true; the last result in the end."""
    deadline = time.monotonic() + timeout
    while not (result := probe()) and time.monotonic() < deadline:
        time.sleep(interval)
    return result


class LogFile:
    """One growing file, read from a mark onwards."""

    def __init__(self, path):
        self.path = path
        self.mark = 0

    def text(self):
        """Everything after the mark, whole lines only."""
        try:
            with open(self.path, 'rb') as file:
                file.seek(self.mark)
                data = file.read()
        except FileNotFoundError:
            return b''
        return data[:data.rfind(b'\n') + 1]

    def lines(self, pattern='', wait=0, count=1):
        """The lines after the mark that match; waits up to that long until there are so many.

        Dovecot's log process may write a line after the session that it tells of has ended.
        """
        found = []

        def enough():
            lines = self.text().decode('utf-8', 'backslashreplace').splitlines()
            found[:] = [line for line in lines if re.search(pattern, line)]
            return len(found) >= count
        poll(enough, wait)
        return found

    def advance(self):
        """Move the mark to the end and return the lines passed over."""
        data = self.text()
        self.mark += len(data)
        return data.decode('utf-8', 'backslashreplace').splitlines()


class ServerLog:
    """The logs of one server: expected errors are claimed, those left over are failures."""

    def __init__(self, folder):
        self.error = LogFile(folder / 'error.log')
        self.info = LogFile(folder / 'info.log')
        self.debug = LogFile(folder / 'debug.log')
        self.claimed = []
        self.allowed = []

    def infos(self, pattern='', wait=0, count=1):
        """Info lines of this test that match, see LogFile.lines()."""
        return self.info.lines(pattern, wait, count)

    def errors(self, pattern='', wait=0, count=1):
        """Error, fatal and panic lines of this test that match, see LogFile.lines()."""
        return [line for line in self.error.lines(pattern, wait, count) if BAD.search(line)]

    def claim_error(self, pattern, wait=20):
        """Wait for one error line that matches, take it as expected and return it."""
        def probe():
            left = self.errors(pattern)
            for line in self.claimed:
                if line in left:
                    left.remove(line)
            return left[:1]
        found = poll(probe, wait)
        assert found, 'no error line matches %r in %r' % (pattern, self.errors())
        self.claimed += found
        return found[0]

    def allow_errors(self, pattern):
        """Errors that match may occur in this test, any number of times, or not at all."""
        self.allowed.append(pattern)

    def settle(self):
        """End of a test: the bad lines that nobody expected; the next test starts afresh."""
        bad = [line for line in self.error.advance() if BAD.search(line)]
        for line in self.claimed:
            if line in bad:
                bad.remove(line)
        bad = [line for line in bad if not any(re.search(p, line) for p in self.allowed)]
        self.info.advance()
        self.debug.advance()
        self.claimed, self.allowed = [], []
        return bad
