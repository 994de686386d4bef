"""A run of the tests says how far it is, and names each failure at once."""

import os
import re
import subprocess
import sys

import pytest

CONFTEST = """
import pytest
from tests.lib import progress

progress.SECONDS = 0

@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    progress.install(config)
"""

TESTS = """
import pytest

@pytest.fixture
def leaving_errors():
    yield
    assert False, 'two\\nlines'

def test_good():
    pass

def test_skipped():
    pytest.skip('not here')

def test_bad():
    assert 1 == 2

def test_with_errors(leaving_errors):
    pass
"""


@pytest.mark.parametrize('args', [['-n', '0'], ['-n', '2'], ['-q', '-n', '0']])
def test_progress(tmp_path, args):
    (tmp_path / 'conftest.py').write_text(CONFTEST)
    (tmp_path / 'pytest.ini').write_text('[pytest]\nconsole_output_style = classic\n')
    (tmp_path / 'test_some.py').write_text(TESTS)
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith('PYTEST_')}
    done = subprocess.run([sys.executable, '-m', 'pytest', '--color=no', '-rfEs', *args, tmp_path],
                          capture_output=True, text=True, timeout=60, env=environment)
    lines = done.stdout.splitlines()
    progress = [line for line in lines if ' tests done, ' in line]
    assert progress[0].startswith('1 of 4 tests done, ')
    assert progress[-1] == '4 of 4 tests done, 2 failed'
    before = lines[:lines.index(progress[-1])]
    assert [line for line in before if 'test_bad - ' in line and line.startswith('FAILED ')]
    assert [line for line in before if line.startswith('ERROR ') and 'two / lines' in line]
    assert not [line for line in lines if line.strip('.sFE') == '' and line]
    assert [line for line in lines if line.startswith('FAILED ') and line not in before]
    assert re.fullmatch('(=+ )?1 failed, 2 passed, 1 skipped, 1 error in .*', lines[-1])
