"""Every row of the matrix with every storage format; see rows.py.

POP_POLICY_RUNS: how many runs each. POP_POLICY_ROWS, such as 'kill-keep missing': these rows
alone. POP_POLICY_SEEDS, such as '17 418': those runs alone.
"""

import json
import os
import pathlib

import pytest

from tests.faults.rows import ROWS
from tests.faults.run import Run

RUNS = int(os.environ.get('POP_POLICY_RUNS') or 50)
NAMES = os.environ.get('POP_POLICY_ROWS', '').split() or [*ROWS]
SEEDS = sorted(map(int, os.environ.get('POP_POLICY_SEEDS', '').split()))
# runs in one test, so that processes share them
PART = 25


def parts(row):
    """The seeds of a row, in parts."""
    seeds = SEEDS or range(RUNS * row.times)
    return [seeds[start:start + PART] for start in range(0, len(seeds), PART)]


@pytest.mark.parametrize('row,storage,seeds', [
    pytest.param(ROWS[name], storage, seeds,
                 id='%s-%s-%dto%d' % (name, storage, seeds[0], seeds[-1]))
    for name in NAMES for storage in ROWS[name].storages for seeds in parts(ROWS[name])])
def test_row(get_pattern, row, storage, seeds):
    pattern = get_pattern(row, storage)
    failures = []
    told = {}
    for seed in seeds:
        run = Run(row, pattern, seed)
        wrong = run.play()
        told[run.outcome] = told.get(run.outcome, 0) + 1
        if wrong:
            failures.append('\n'.join([
                *wrong[:20], str(run), "replay: make check-faults PYTEST_ARGS='-k %s' "
                'POP_POLICY_ROWS=%s POP_POLICY_SEEDS=%d' % (storage, row.name, seed)]))
    record(row, storage, seeds, told, len(failures))
    assert not failures, '%d of %d failed\n' % (len(failures), len(seeds)) + '\n\n'.join(
        failures[:10])


def record(row, storage, seeds, told, failures):
    """Leave what was run where __main__ counts it."""
    folder = os.environ.get('POP_POLICY_COUNTS')
    if folder:
        path = pathlib.Path(folder) / ('%s.%s.%d.json' % (row.name, storage, seeds[0]))
        path.write_text(json.dumps({'row': row.name, 'storage': storage, 'runs': len(seeds),
                                    'failures': failures, 'told': told}))
