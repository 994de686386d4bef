"""Behaviour 3.9: random sessions with faults lose nothing and store what QUIT says. See soak.py.

POP_POLICY_SESSIONS: how many per storage format. POP_POLICY_SEEDS, such as '17 418': play those
sessions alone, each with what was before it on the same disk. POP_POLICY_HISTORY: play that one
history in place of all others, up to 20 times.
"""

import itertools
import os

import pytest

from tests.lib import soak, soak_reduce
from tests.lib.soak_history import LIFE, generate, load, store_of

SESSIONS = int(os.environ.get('POP_POLICY_SESSIONS') or 50)
SEEDS = sorted(map(int, os.environ.get('POP_POLICY_SEEDS', '').split())) or range(SESSIONS)
HISTORY = os.environ.get('POP_POLICY_HISTORY')


@pytest.mark.skipif(bool(HISTORY), reason='another history is played')
@pytest.mark.parametrize('seeds', [
    list(seeds) for _, seeds in itertools.groupby(SEEDS, store_of)],
    ids=lambda seeds: 'sessions%dto%d' % (seeds[0], seeds[-1]))
def test_random_sessions(get_server, storage, seeds):
    def play(history):
        soak.play(get_server, history)

    history = generate(storage, store_of(seeds[0]), max(seeds) % LIFE + 1)
    try:
        play(history)
    except soak.Failure as failure:
        pytest.fail(soak_reduce.explain(play, failure), pytrace=False)


@pytest.mark.skipif(not HISTORY, reason='no history is named')
def test_that_history(get_server):
    history = load(HISTORY)
    for _ in range(20):
        soak.play(get_server, history)
