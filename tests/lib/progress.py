"""What a run of the tests says of itself: how far it is, and each failure when it comes.

Lines, not dots, so that a terminal and a log file show the same. With -v pytest's own lines stay.
"""

import time

import pytest

SECONDS = 15  # from one line to the next
LENGTH = 300  # of the line of a failure


class Progress:
    """Counts tests; a pytest plugin of the process that the user started."""

    def __init__(self, reporter):
        self.reporter = reporter
        self.total = self.done = self.failed = 0
        self.last = time.monotonic()

    def say(self, line):
        """A line of its own."""
        self.reporter.ensure_newline()
        self.reporter.write_line(line)
        self.reporter.flush()

    def show(self):
        """How far it is."""
        self.last = time.monotonic()
        self.say('%d of %d tests done, %d failed' % (self.done, self.total, self.failed))

    def pytest_collection_finish(self, session):
        """Without processes of xdist."""
        self.total = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids):
        """With them: each collects all tests."""
        self.total = len(ids)

    @pytest.hookimpl(hookwrapper=True)
    def pytest_report_teststatus(self):
        """No letter for each test."""
        outcome = yield
        category, _, word = outcome.get_result()
        outcome.force_result((category, '', word))

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report):
        """A part of a test has ended: what comes before it, the test, what comes after it."""
        if report.failed:
            self.failed += 1
            self.say(failure(report))
        if report.when == 'teardown':
            self.done += 1
            if time.monotonic() - self.last >= SECONDS or self.done == self.total:
                self.show()


def failure(report):
    """One line for a failure: the test and the reason."""
    kind = 'FAILED' if report.when == 'call' else 'ERROR'
    crash = getattr(report.longrepr, 'reprcrash', None)
    reason = crash.message if crash else str(report.longrepr)
    reason = ' / '.join(map(str.strip, reason.splitlines()))
    return ('%s %s - %s' % (kind, report.nodeid, reason))[:LENGTH]


def install(config):
    """Show progress, unless pytest is to show more or this is a process of xdist."""
    reporter = config.pluginmanager.get_plugin('terminalreporter')
    if reporter and config.option.verbose <= 0 and not hasattr(config, 'workerinput'):
        reporter.showfspath = False
        config.pluginmanager.register(Progress(reporter), 'progress')
