"""Plays the matrix by pytest, with the arguments given, and counts. `make check-faults` calls it.

A run of all rows, POP_POLICY_RUNS of them 50 or more, leaves its counts in results and writes
doc/reliability.md.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from bench import machine
from tests.faults import report
from tests.lib.places import SOURCE

FULL = 50


def counted(folder):
    """{row: {storage: {runs, failures, told}}} of the parts that were run."""
    found = {}
    for path in sorted(folder.glob('*.json')):
        part = json.loads(path.read_text())
        cell = found.setdefault(part['row'], {}).setdefault(
            part['storage'], {'runs': 0, 'failures': 0, 'told': {}})
        cell['runs'] += part['runs']
        cell['failures'] += part['failures']
        for word, count in part['told'].items():
            cell['told'][word] = cell['told'].get(word, 0) + count
    return found


def main():
    """Run pytest; its exit code."""
    with tempfile.TemporaryDirectory(prefix='pp-counts-') as name:
        folder = pathlib.Path(name)
        status = subprocess.run(
            [sys.executable, '-m', 'pytest', '--color=no', '-rfEs', *sys.argv[1:]],
            env={**os.environ, 'POP_POLICY_COUNTS': name}).returncode
        rows = counted(folder)
    results = {**machine.describe(), **report.moment(), 'rows': rows}
    print('', *report.tables([results]), sep='\n', flush=True)
    selected = any(os.environ.get(name) for name in ('POP_POLICY_ROWS', 'POP_POLICY_SEEDS'))
    if int(os.environ.get('POP_POLICY_RUNS') or FULL) >= FULL and not selected \
            and report.complete(rows, FULL):
        report.save(results, SOURCE)
        report.publish(SOURCE)
        print('written: doc/reliability.md')
    return status


if __name__ == '__main__':
    sys.exit(main())
