"""What a row of the matrix is."""

import contextlib
import dataclasses

from tests.lib.dovecot_config import STORAGES

# When the fault is there: from before the login on, from before QUIT on, or either (the seed says).
LOGIN, QUIT, EITHER = 'before login', 'at QUIT', 'before login or at QUIT'
# What the client may be told: that QUIT has done it, that it has not, or nothing; and that there
# is no session.
DONE, FAILED, SILENT, REFUSED = 'done', 'failed', 'no answer', 'refused'
WORDS = {DONE: '+OK', FAILED: '-ERR', SILENT: 'no answer', REFUSED: '-ERR to the login'}


def nowhere(_run):
    """The usual place for a home."""
    return contextlib.nullcontext()


def usual(_storage):
    """The usual server."""
    return {}


@dataclasses.dataclass(frozen=True)
class Row:
    """One fault.

    fault(run): a context manager, the fault is there inside of it; text: the same in words.
    answers: what may be answered. explained: a pattern for error lines that the fault explains.
    action: the policy's `delete`, '' for any; dials: more settings of the policy.
    place(run): a context manager for where the home is; spec(storage): harness.Spec of the server.
    lookup(run): a context manager that gives the settings of the account, and has the policy.
    fixed: every action in turn, and else always the same session, which makes the same calls.
    copies: how many mails may be in two mailboxes if QUIT did not succeed.
    crash: a process or the disk goes away in the middle of writing.
    resync: storage formats that need `doveadm force-resync` afterwards, as without the plugin.
    shorter: the queue may lack mail that cannot be read; it never has more.
    shared: others need the mailboxes during the session.
    many: there is mail for several batches. times: so many times RUNS.
    storages: those of which something can be promised; `why` says why not of the others.
    """
    name: str
    text: str
    when: str
    fault: callable
    answers: tuple
    explained: str = ''
    action: str = ''
    dials: dict = dataclasses.field(default_factory=dict)
    storages: tuple = STORAGES
    lookup: callable = None
    fixed: bool = False
    shared: bool = False
    place: callable = nowhere
    spec: callable = usual
    copies: int = 0
    crash: bool = False
    resync: tuple = ()
    shorter: bool = False
    many: bool = False
    times: int = 1
    why: str = ''
