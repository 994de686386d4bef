"""Behaviour 3.9: random sessions with faults lose nothing and store what QUIT says. See soak.py.

POP_POLICY_SESSIONS: how many per storage format. POP_POLICY_SEEDS, such as '17 418': play those
sessions alone, each with what was before it on the same disk.
"""

import itertools
import os

import pytest

from tests.lib import soak

SESSIONS = int(os.environ.get('POP_POLICY_SESSIONS') or 50)
SEEDS = sorted(map(int, os.environ.get('POP_POLICY_SEEDS', '').split())) or range(SESSIONS)


@pytest.mark.parametrize('seeds', [
    list(seeds) for _, seeds in itertools.groupby(SEEDS, soak.store_of)],
    ids=lambda seeds: 'sessions%dto%d' % (seeds[0], seeds[-1]))
def test_random_sessions(server, storage, seeds):
    soak.play(server, storage, seeds)
