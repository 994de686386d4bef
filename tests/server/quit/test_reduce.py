"""A counter-example of a soak is made short: with a model that is wrong, the product fails."""

import dataclasses

import pytest

from tests.lib import model, soak, soak_reduce
from tests.lib.soak_history import Plan, History, generate, load


def test_lists_are_shortened():
    def fails(items):
        tried.append(items)
        return {3, 17} <= {*items}
    tried = []
    assert soak_reduce.shorten(list(range(20)), fails) == [3, 17]
    assert len(tried) < 40
    assert soak_reduce.shorten([1, 2], lambda items: True) == []


def test_a_history_survives_its_text():
    history = generate('mdbox', 7)
    assert load(history.dump()) == history
    assert len(history.sessions) == 10 and history != generate('mdbox', 8)


# What makes it fail is in the second session alone.
OTHERS = [
    Plan(seed=1, mail={'INBOX': 25, 'Junk': 5}, settings={'delete': 'keep', 'spam': 'include'},
         script=[['D', [5, 3]]]),
    Plan(seed=2, mail={'INBOX': 25}, before=[['create', 'Trash'], ['resync']],
         settings={'delete': 'trash', 'retrieve': 'read', 'mailbox_header': 'X-Mailbox'},
         script=[['R', [1, 2, 3]], ['X', []], ['D', [7, 8, 9]]],
         beside=[['lmtp', {'mails': 2}]])]


def test_a_history_becomes_short(get_server, monkeypatch):
    def disposed(policy, action, mail):
        result = right(policy, action, mail)
        return result.flagged(r'\Flagged') if action == 'trash' else result

    def play(history):
        soak.play(get_server, history)
    right = model.disposed
    monkeypatch.setattr(model, 'disposed', disposed)
    with pytest.raises(soak.Failure) as caught:
        play(History('maildir', sessions=OTHERS))
    best = soak_reduce.Reduction(play, caught.value, 120).run()
    session, = best.history.sessions
    (letter, numbers), = session.script
    assert letter == 'D' and len(numbers) == 1
    assert session == dataclasses.replace(
        Plan(seed=2, mail={'INBOX': 1}, settings={'delete': 'trash'}), script=session.script)
    # it can be played from its text, and the model was to blame
    with pytest.raises(soak.Failure):
        play(load(best.history.dump()))
    monkeypatch.setattr(model, 'disposed', right)
    play(best.history)
