"""Whatever has happened to a mailbox, a session lists what the plain rule says.

What is remembered of the dates must never show or hide a message wrongly. See history.py.
POP_POLICY_SEEDS, such as '17 18 19', plays other histories than the usual ones.
"""

import os
import random

import pytest

from tests.lib.history import Store, play

SEEDS = [int(seed) for seed in os.environ.get('POP_POLICY_SEEDS', '1 2').split()]
QUIET = ('append', 'append', 'append', 'save', 'deliver', 'expunge', 'expunge', 'keyword',
         'keyword', 'dele', 'race')
# Dovecot says a lot about index files that are gone; a panic is not among it.
LOSS = r'^(?!.*(Panic|Fatal|backtrace|signal)).*(index|dbox|cache|UIDVALIDITY|Sync failed for mbox)'

seeds = pytest.mark.parametrize('seed', SEEDS)


@seeds
def test_random_histories(server, storage, seed):
    rnd = random.Random(seed)
    play([Store(server, storage, rnd)], rnd, QUIET, 40)


@seeds
def test_random_histories_with_losses(server, storage, seed):
    server.log.allow_errors(LOSS)
    rnd = random.Random(seed)
    play([Store(server, storage, rnd)], rnd, QUIET + ('lose',) * 4 + ('uidvalidity',), 30)
