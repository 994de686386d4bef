"""What it costs to move mail in batches: variants of the plugin with other sizes of a batch."""

import shutil
import statistics

from bench import measuring, stores
from tests.lib import cost, rebuild
from tests.lib.harness import Server
from tests.lib.mailuser import MailUser

MOVED = 1000
BATCHES = (10, 50, 100, 200, MOVED)
# that of the plugin as it is
SIZE = 100
COUNTS = (1000, 10000)
ROUNDS = 5


class Mover:
    """A server whose plugin moves so many mails at a time."""

    def __init__(self, storage, batch, folder):
        module = rebuild.plugin(folder / 'module', ['pop-policy-move'],
                                '-DPOP_POLICY_MOVE_BATCH_SIZE=%d' % batch)
        self.folder = folder
        self.probe = cost.Probe(folder / 'probe')
        self.server = Server(storage=storage, module=module, tz='UTC', quick=False,
                             pop3_service=self.probe.service)
        self.number = 0

    def user(self, template):
        """A user with a fresh copy of the mail, whose first session has been."""
        self.number += 1
        home = self.folder / ('mail%d' % self.number)
        stores.clone(template, home)
        user = MailUser(self.server, home.name, home=home,
                        fields={'pop_policy_delete': 'archive'})
        cost.session(user)
        return user

    def time(self, template):
        """Milliseconds that QUIT takes."""
        user = self.user(template)
        wall = measuring.quit_after_dele(user, MOVED)
        shutil.rmtree(user.home)
        return wall

    def instructions(self, template):
        """Instructions of a session that moves, less those of one that does not."""
        user = self.user(template)
        without = self.probe.instructions(lambda: cost.session(user))
        found = self.probe.instructions(lambda: move(user)) - without
        shutil.rmtree(user.home)
        return found


def move(user):
    """A session that looks, and DELEtes."""
    with cost.login(user) as client:
        cost.look(client)
        client.send(*('DELE %d' % (num + 1) for num in range(MOVED)))
        for _ in range(MOVED):
            assert client.reply().startswith('+OK')
        assert client.quit().startswith('+OK')


def measure(storage, templates, folder, rounds):
    """One storage format: {count: {batch: {'wall': [per round], 'instructions': number}}}."""
    folder.mkdir(mode=0o755)
    movers = {}
    found = {}
    try:
        for batch in BATCHES:
            place = folder / ('batches-of-%d' % batch)
            place.mkdir(mode=0o755)
            movers[batch] = Mover(storage, batch, place)
        for count in COUNTS:
            template = templates.home(movers[SIZE].server, count)
            walls = measuring.rounds(rounds, {
                batch: lambda mover=mover: mover.time(template)
                for batch, mover in movers.items()})
            found[str(count)] = {
                str(batch): {'wall': [round(wall, 2) for wall in walls[batch]],
                             'instructions': mover.instructions(template)}
                for batch, mover in movers.items()}
    finally:
        bad = [line for mover in movers.values() for line in mover.server.stop()]
    assert not bad, 'unexpected log lines:\n' + '\n'.join(bad)
    return found


def times(cell, batch):
    """The time of QUIT with batches of that size as a multiple of that with one batch."""
    return measuring.ratio(cell[str(batch)]['wall'], cell[str(MOVED)]['wall'])


def instructions(cell, batch):
    """The same for instructions."""
    return cell[str(batch)]['instructions'] / cell[str(MOVED)]['instructions']


def milliseconds(cell, batch):
    """The median of the times."""
    return statistics.median(cell[str(batch)]['wall'])
