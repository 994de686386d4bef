"""Who takes part in the demo: the users, their policies, and their mail program."""

import dataclasses

PASSWORD = 'demo'
# What the mail program of every user does with a message, if it sees it.
# Every session also does STAT, LIST, UIDL and `TOP n 0` for each message, and ends with QUIT.
HABITS = {
    'letter': ('RETR',),
    'invoice': ('RETR', 'DELE'),
    'pills': ('DELE',),
    'weekend': ('RETR',),
    'reply': ('RETR', 'DELE'),
    'club': ('RETR', 'DELE'),
    'picture': ('TOP',),
    'news': ('DELE',),
    'lunch': ('RETR',),
    'lottery': ('RETR', 'DELE'),
}


@dataclasses.dataclass(frozen=True, eq=False)
class Account:
    """A user; policy maps names of settings, without `pop_policy_`, to their values."""
    name: str
    about: str
    policy: dict

    def settings(self):
        """The policy as an administrator writes it."""
        return ', '.join('pop_policy_%s = %s' % pair for pair in self.policy.items()) or 'none'


def accounts(since):
    """Everybody; since is a time as the setting takes it."""
    return [
        Account('anna', 'no policy: what Dovecot does alone', {}),
        Account('bert', 'POP is not part of the plan', {'available': 'no'}),
        Account('cleo', 'has switched POP off', {'enabled': 'no'}),
        Account('dora', 'mail from a certain day on', {'since': since}),
        Account('emil', 'spam included', {'spam': 'include'}),
        Account('finn', 'only spam', {'spam': 'only'}),
        Account('gina', 'deleting keeps the mail on the server', {'delete': 'keep'}),
        Account('hugo', 'deleting keeps the mail, as read; spam included',
                {'delete': 'read', 'spam': 'include'}),
        Account('iris', 'deleting moves to the archive', {'delete': 'archive'}),
        Account('jens', 'deleting moves to the trash, spam as well',
                {'delete': 'trash', 'spam': 'include'}),
        Account('kira', 'what was downloaded is not offered again, and stays on the server',
                {'retrieve': 'keep'}),
        Account('mira', 'mail that was filed into folders comes too, and a field says from where',
                {'extra_mailboxes': 'Family, Lists', 'spam': 'include',
                 'mailbox_header': 'X-Mailbox', 'delete': 'keep'}),
        Account('nora', 'a second device: lists recent mail, also what has left the queue',
                {'recent': '60d', 'delete': 'keep'}),
        Account('luis', 'a value that cannot be read', {'since': 'last-tuesday'}),
    ]
