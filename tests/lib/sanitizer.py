"""Modules that were built with --enable-sanitizers, and what Dovecot needs to load them.

What AddressSanitizer and UBSan find ends a process; their report is in the log, and so fails the
test like any line there that nobody expects.
"""

import os

import pytest

from tests.lib import dovecot_config

# of AddressSanitizer, before all other libraries; empty: the modules are plain ones
LIBRARY = os.environ.get('POP_POLICY_SANITIZER', '')
# Leaks are looked for by valgrind: nobody may look into a process that has given up its rights.
# The modules share sources, and so have the same tables.
ENVIRONMENT = {'LD_PRELOAD': LIBRARY,
               'ASAN_OPTIONS': 'detect_leaks=0:detect_odr_violation=0',
               'UBSAN_OPTIONS': 'print_stacktrace=1'} if LIBRARY else {}


def configuration():
    """What a configuration file needs at its end."""
    if not LIBRARY:
        return ''
    # AddressSanitizer reserves many terabytes of addresses.
    return dovecot_config.environment(ENVIRONMENT) + 'default_vsz_limit = 100 T\n'


def excludes(what):
    """Skip a test whose tool cannot be used together with sanitizers."""
    if LIBRARY:
        pytest.skip('%s and sanitizers exclude each other' % what)
