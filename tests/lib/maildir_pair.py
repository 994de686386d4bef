"""One Maildir in two servers, of which one leaves every answer to Dovecot: both say the same.

What happens to it between the sessions is what happens to Maildirs, and what should not.
"""

import os
import re

from tests.lib import bulk
from tests.lib.dovecot_config import MAIL_UID
from tests.lib.mailuser import NOON, message
from tests.lib.model import KEYWORD
from tests.lib.popclient import PopError
from tests.lib.serverlog import poll

FOLDERS = {'INBOX': 'Maildir', 'Junk': 'Maildir/.Junk'}
UIDLIST = 'dovecot-uidlist'


def transcript(user, dele):
    """Every byte that a session is told, from the login to QUIT."""
    client = user.attempt()
    try:
        for command in ('STAT', 'LIST', 'UIDL', 'RETR 1', 'UIDL 1', 'TOP 2 1', 'LIST', 'UIDL'):
            if client.cmd(command).startswith('+OK') and command not in ('STAT', 'UIDL 1'):
                client.body()
        for number in range(1, dele + 1):
            client.cmd('DELE %d' % number)
        client.quit()
    except PopError:
        pass  # the server has given up
    finally:
        client.close()
    return client.received()


class Record:
    """A line of dovecot-uidlist."""

    def __init__(self, line):
        found = re.match(r'(\d+)((?: +[A-Z]\S*)*) +:(.*)$', line)
        if not found:
            raise ValueError(line)
        self.uid, fields, self.name = found.groups()
        self.fields = fields.split()

    def __str__(self):
        return ' '.join([self.uid, *self.fields, ':' + self.name])


class Pair:
    """The Maildir of an account of each of two servers."""

    def __init__(self, ours, theirs, random, **policy):
        self.random = random
        self.ours, self.theirs = ours.add_user(), theirs.add_user()
        for user in (self.ours, self.theirs):
            user.policy(**policy)
        self.number = 0
        self.gone = None
        for mailbox, count in (('INBOX', 12), ('Junk', 6)):
            # the first two are always listed, see damage()
            self.ours.append(mailbox, ('first', NOON + 50), ('second', NOON + 50))
            self.append(mailbox, count)

    # -- both sessions

    @staticmethod
    def logged(user):
        """What Dovecot has said of the user's sessions, in words that do for both accounts."""
        lines = user.server.log.error.lines(r'pop3\(%s\)' % re.escape(user.name))
        return [line.partition('>: ')[2].replace(str(user.home), '') for line in lines]

    def session(self, user, dele=0):
        """Everything that a session says and leaves behind, and how to ask what it has logged."""
        guids = {self.guid(mailbox) for mailbox in FOLDERS}
        before = len(self.logged(user))
        said = transcript(user, dele)
        user.server.wait_for_end()
        # a GUID that Dovecot has made is never the same
        uidlists = [[re.sub(r' G([0-9a-f]{32})', lambda match: match[0] * (match[1] in guids), line)
                     for line in self.uidlist(mailbox, user)] for mailbox in FOLDERS]
        return said, uidlists, lambda: self.logged(user)[before:]

    def check(self, dele=0):
        """Both sessions are the same."""
        self.theirs.copy_store(self.ours)
        theirs, ours = (self.session(user, dele) for user in (self.theirs, self.ours))
        for one, other in zip(ours[:-1], theirs[:-1]):
            assert one == other
        # Dovecot's log process may write what it is told after the session has ended
        poll(lambda: ours[-1]() == theirs[-1]())
        assert ours[-1]() == theirs[-1]()

    def rest(self):
        """Nothing happens for a while, but for a session."""
        self.number += 1
        self.session(self.ours)
        bulk.rest_maildir(self.ours, *FOLDERS, seconds=self.number)
        self.session(self.ours)

    # -- files

    def uidlist(self, mailbox, user=None):
        """The lines of a uidlist."""
        path = (user or self.ours).home / FOLDERS[mailbox] / UIDLIST
        return path.read_text('latin-1').split('\n')[:-1] if path.exists() else []

    def guid(self, mailbox):
        """The mailbox's GUID, if its uidlist tells it."""
        found = re.search(r' G([0-9a-f]{32})', ''.join(self.uidlist(mailbox)[:1]))
        return found and found[1]

    def write(self, mailbox, text):
        """Put another uidlist in the place of one."""
        path = self.ours.home / FOLDERS[mailbox] / UIDLIST
        new = path.with_name('uidlist.new')
        new.write_text(text, 'latin-1')
        os.chown(new, MAIL_UID, MAIL_UID)
        new.rename(path)

    def rewrite(self, mailbox, change):
        """Put the records that change(records) returns in place of those of a sound uidlist."""
        header, *lines = self.uidlist(mailbox) or ['']
        try:
            records = [Record(line) for line in lines]
        except ValueError:
            return
        if records:
            self.write(mailbox, '\n'.join([header, *map(str, change(records))]) + '\n')

    def paths(self, mailbox):
        """The files of all mails but the first ones."""
        folder = self.ours.home / FOLDERS[mailbox]
        return sorted((path for part in ('cur', 'new') for path in (folder / part).iterdir()),
                      key=lambda path: path.name)[2:]

    def mailbox(self):
        """One of the mailboxes."""
        return self.random.choice(('INBOX', 'INBOX', 'Junk'))

    # -- what happens to Maildirs

    def append(self, mailbox=None, count=None):
        """Mail by IMAP, with dates old and new."""
        dates = (NOON + self.random.choice((-50, -50, -50, 50))
                 for _ in range(count or self.random.randint(1, 4)))
        mails = []
        for date in dates:
            self.number += 1
            mails.append((message('m%d' % self.number, 'x' * self.random.randint(0, 99) + '\r\n'),
                          date))
        self.ours.append(mailbox or self.mailbox(), *mails)

    def deliver(self):
        """LMTP."""
        self.ours.deliver('delivered%d' % self.random.randint(0, 99))

    def drop(self):
        """A delivery by another program, which tells no sizes in the name, or some."""
        self.number += 1
        raw = message('dropped%d' % self.number).replace(b'\r\n', b'\n')
        name = '%d.%d.other%s' % (NOON + self.number, self.number,
                                  self.random.choice(('', ',S=%d' % len(raw))))
        folder = self.ours.home / FOLDERS[self.mailbox()]
        bulk.write_file(folder / 'new' / name, raw, NOON + self.random.choice((-50, 50)))

    def expunge(self):
        """Expunge one mail over IMAP."""
        self.ours.doveadm('expunge', 'mailbox', self.mailbox(), str(self.random.randint(3, 9)))

    def flags(self):
        """Change flags and dequeue over IMAP."""
        flag = self.random.choice((r'\Seen', r'\Flagged', KEYWORD, KEYWORD, KEYWORD))
        self.ours.doveadm('flags ' + self.random.choice(('add', 'add', 'remove')), flag,
                          'mailbox', self.mailbox(), str(self.random.randint(3, 9)))

    def rename(self):
        """Another program changes the flags of a mail."""
        paths = self.paths('INBOX')
        if paths:
            path = self.random.choice(paths)
            path.rename(path.parent.parent / 'cur' / (path.name.partition(':')[0] + ':2,F'))

    def remove(self):
        """Another program removes a mail."""
        paths = self.paths(self.mailbox())
        if paths:
            path = self.random.choice(paths)
            self.gone = path, path.read_bytes()
            path.unlink()

    def bring_back(self):
        """The mail that was removed comes back, under the same name."""
        if self.gone and not self.gone[0].exists():
            bulk.write_file(*self.gone, NOON + 50)

    def uidvalidity(self):
        """Another UIDVALIDITY."""
        self.number += 1
        self.ours.doveadm('mailbox update', '--uid-validity', str(2 * 10 ** 9 + self.number),
                          self.mailbox())

    def sync(self):
        """dsync from another account, which has mails that this one does not."""
        other = self.ours.server.add_user()
        self.ours.backup(other)
        other.append('INBOX', 'of another account')
        other.append('Junk', 'of another account')
        other.backup(self.ours)

    def dele(self):
        """A session that deletes."""
        self.check(dele=self.random.randint(1, 3))

    # -- what happens to uidlists

    def migrate(self):
        """Orders, UIDLs and GUIDs, as migrations bring them."""
        def change(records):
            for record in records:
                if self.random.random() < 0.4:
                    record.fields += self.random.sample(
                        ['P', 'Pold/%s:1' % record.uid, 'Gg-' + record.uid,
                         'O%d' % self.random.randint(1, 99), 'Xx'], 2)
                    record.fields = list({field[0]: field for field in record.fields}.values())
            return records
        self.rewrite(self.mailbox(), change)

    def sizes_lost(self):
        """Names without sizes."""
        mailbox = self.mailbox()
        names = {}
        for path in self.paths(mailbox):
            if self.random.random() < 0.4:
                name = re.sub(r',[SW]=\d+', '', path.name)
                names[path.name.partition(':')[0]] = name.partition(':')[0]
                path.rename(path.with_name(name))

        def change(records):
            for record in records:
                record.name = names.get(record.name, record.name)
            return records
        self.rewrite(mailbox, change)

    def damage(self):
        """Something that Dovecot does not write, behind the first mail that is listed.

        Before that one the plugin does not look.
        """
        mailbox = self.mailbox()
        lines = self.uidlist(mailbox)
        if len(lines) < 4:
            return
        number = self.random.randint(len(lines) - 2, len(lines) - 1)
        uid, _, rest = lines[number].partition(' ')
        lines[number] = self.random.choice((
            '', 'x', uid, uid + ' ', uid + ' :', '0' + lines[number], lines[number] + '/x',
            '%s w1 %s' % (uid, rest), '%s  %s' % (uid, rest), '1 ' + rest,
            '%s W1x %s' % (uid, rest), '%s G %s' % (uid, rest),
            lines[number].replace(',W=', ',W=x'), lines[number] + '\r'))
        self.write(mailbox, '\n'.join(lines) + '\n')

    def cut(self):
        """A uidlist that ends anywhere, in a line or between two."""
        mailbox = self.mailbox()
        text = '\n'.join(self.uidlist(mailbox)) + '\n'
        self.write(mailbox, text[:-self.random.randint(1, min(100, len(text) // 2))])

    def twice(self):
        """A mail's file also has a later UID."""
        def change(records):
            double = Record(str(self.random.choice(records[-3:])))
            double.uid = str(int(records[-1].uid) + 1)
            return [*records, double]
        self.rewrite(self.mailbox(), change)

    def header(self):
        """The header of another mailbox, an old one, one without a GUID."""
        mailbox = self.mailbox()
        first, *lines = self.uidlist(mailbox) or ['']
        first = self.random.choice((
            re.sub(r'V\d+', 'V1234567890', first), first + ' Pformat', '3', first[1:],
            re.sub(r'N\d+', 'N0', first)))
        self.write(mailbox, '\n'.join([first, *lines]) + '\n')

    def lose(self):
        """The uidlist is gone."""
        (self.ours.home / FOLDERS[self.mailbox()] / UIDLIST).unlink(missing_ok=True)
