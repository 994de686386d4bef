"""What a policy does, worked out from doc/behaviour.md alone: no server, no code of the plugin.

A session is two questions: which mails does it list (`queue`), and which mails are there after
its QUIT (`after_quit`)? Without QUIT all stays as it was.
"""

import dataclasses
import datetime
import email.header
import heapq
import re
import time

SEEN, KEYWORD = r'\Seen', '$POPDequeued'
SPAM = ('exclude', 'include', 'only')
TARGETS = {'archive': 'Archive', 'trash': 'Trash'}
ACTIONS = ('delete', 'keep', 'read', *TARGETS)

UNAVAILABLE = "-ERR [SYS/PERM] POP access is not part of this account's plan."
DISABLED = '-ERR [SYS/PERM] POP access is disabled for this account.'
TEMPORARY = ('-ERR [SYS/TEMP] POP settings are not available right now. '
             'Please wait and try again later.')
INVALID = ('-ERR [SYS/PERM] POP settings of this account are invalid. '
           'Please contact your administrator.')


class Invalid(Exception):
    """A setting that has an invalid value."""

    def __init__(self, setting, value):
        super().__init__('%s = %s' % (setting, value))
        self.setting, self.value = setting, value


@dataclasses.dataclass(frozen=True)
class Mail:
    """A message in a mailbox; its name tells it from all others. date: seconds of the epoch."""
    name: object
    mailbox: str
    date: int
    flags: frozenset = frozenset()

    def flagged(self, *flags):
        """The same with more flags."""
        return dataclasses.replace(self, flags=self.flags | {*flags})

    def moved(self, mailbox):
        """The same in another mailbox."""
        return dataclasses.replace(self, mailbox=mailbox)


@dataclasses.dataclass(frozen=True)
class Policy:
    """The settings in force for a session, without `pop_policy_` (behaviour 2)."""
    available: bool = True
    enabled: bool = True
    since: int = 0
    spam: str = 'exclude'
    delete: str = 'delete'
    retrieve: str = 'none'
    keyword: str = KEYWORD
    spam_mailbox: str = 'Junk'
    archive_mailbox: str = TARGETS['archive']
    trash_mailbox: str = TARGETS['trash']
    extra_mailboxes: str = ''
    mailbox_header: str = ''
    keep_for: int = 0
    recent: int = 0
    # by so many seconds the session's clock is ahead of the time here
    ahead: int = 0

    def refusal(self):
        """What the login is answered, '' if it succeeds (behaviour 3.1)."""
        return UNAVAILABLE if not self.available else DISABLED if not self.enabled else ''

    def extra(self, mailboxes):
        """The extra mailboxes among these, as listed (behaviour 6.1); no quoted names here."""
        found = []
        for name in filter(None, re.split(r'\s*,\s*', self.extra_mailboxes)):
            if re.search('[*%]', name):
                pattern = re.escape(name).replace(r'\*', '.*').replace('%', '[^/]*')
                special = {self.spam_mailbox, self.archive_mailbox, self.trash_mailbox}
                found += [mailbox for mailbox in sorted(set(mailboxes) - special)
                          if re.fullmatch(pattern, mailbox)]
            else:
                found.append(self._special_use(name))
        return list(dict.fromkeys(name for name in found if name not in (
            'INBOX', self.spam_mailbox, 'none')))

    @staticmethod
    def _special_use(name):
        return {'\\' + use: use for use in ('Junk', *TARGETS.values())}.get(name, name)

    def sources(self, mailboxes=()):
        """The mailboxes that feed the queue; the first one wins a tie (behaviour 3.4, 6.1)."""
        if self.spam == 'only':
            return [self.spam_mailbox]
        spam = [] if self.spam == 'exclude' else [self.spam_mailbox]
        return ['INBOX', *self.extra(mailboxes), *spam]

    def feeds(self, mailbox):
        """Whether mail that is moved to this mailbox would come into a queue (behaviour 3.7)."""
        return mailbox in ('INBOX', self.spam_mailbox, *self.extra(()))

    def header(self, mailbox):
        """The field on top of messages from a mailbox (behaviour 6.2)."""
        if not self.mailbox_header or mailbox == 'INBOX':
            return b''
        name = mailbox if mailbox.isascii() else email.header.Header(mailbox, 'utf-8').encode()
        return ('%s: %s\r\n' % (self.mailbox_header, name)).encode()

    def lists(self, mail):
        """Whether a mail of a source mailbox is in the queue (behaviour 3.3, 3.7, 6.4)."""
        if self.recent:
            return mail.date >= max(self.since, time.time() + self.ahead - self.recent)
        return mail.date >= self.since and self.keyword not in mail.flags


def boolean(text):
    """A switch as the tests write it."""
    return {'yes': True, 'no': False}[text]


def instant(text):
    """Seconds since the epoch of a GeneralizedTime in UTC."""
    when = datetime.datetime.strptime(text, '%Y%m%d%H%M%SZ')
    return int(when.replace(tzinfo=datetime.timezone.utc).timestamp())


def interval(text):
    """Seconds of a time interval such as 90d; 0 for the words that mean none."""
    if text in ('no', 'infinite'):
        return 0
    return int(text[:-1]) * {'s': 1, 'm': 60, 'h': 3600, 'd': 86400, 'w': 604800}[text[-1]]


def one_of(*words):
    """A reader that takes these words."""
    return {word: word for word in words}.__getitem__


READERS = {'available': boolean, 'enabled': boolean, 'since': instant, 'spam': one_of(*SPAM),
           'delete': one_of(*ACTIONS), 'retrieve': one_of('none', *ACTIONS),
           'keep_for': interval, 'recent': interval}


def read(settings):
    """The Policy of settings such as {'spam': 'include'}; an empty value is not set."""
    values = {}
    for setting, text in settings.items():
        try:
            if text:
                values[setting] = READERS.get(setting, str)(text)
        except (KeyError, ValueError):
            raise Invalid(setting, text) from None
    return Policy(**values)


def queue(policy, mails):
    """The mails that a session lists, in order; each mailbox's must be in the order of UIDs.

    The mailboxes are merged by arrival: each keeps its own order (behaviour 3.4).
    """
    boxes = [[mail for mail in mails if mail.mailbox == source and policy.lists(mail)]
             for source in policy.sources({mail.mailbox for mail in mails})]
    return list(heapq.merge(*boxes, key=lambda mail: mail.date))


def disposed(policy, action, mail):
    """What an action makes of a mail, None if it deletes it (behaviour 3.6, 3.7)."""
    if action == 'delete':
        return None
    if action in TARGETS:
        target = getattr(policy, action + '_mailbox')
        if not policy.feeds(target):
            return mail.moved(target)
        action = 'keep'
    return mail.flagged(*{'none': (), 'keep': (policy.keyword,),
                          'read': (policy.keyword, SEEN)}[action])


def requeued(policy, mails, flag=''):
    """The mails after doveadm has put those with a flag ('': all) back into the queue (7)."""
    extra = policy.extra({mail.mailbox for mail in mails})
    return [dataclasses.replace(mail, flags=mail.flags - {policy.keyword})
            if mail.mailbox in ('INBOX', policy.spam_mailbox, *extra) and has(mail, flag) else mail
            for mail in mails]


def dequeued(policy, mails, flag=''):
    """The mails after doveadm has taken those with a flag ('': all) out of the queue (7)."""
    listed = queue(policy, mails)
    return [mail.flagged(policy.keyword) if mail in listed and has(mail, flag) else mail
            for mail in mails]


def has(mail, flag):
    """Whether a mail has a flag; all have ''."""
    return not flag or flag in mail.flags


def may_expire(policy, mail):
    """Whether it may be expunged after a session, if it was dequeued for long enough (6.3)."""
    return (policy.keep_for > 0 and policy.keyword in mail.flags and
            mail.mailbox in policy.sources({mail.mailbox}))


def after_quit(policy, mails, deleted=(), retrieved=()):
    """The mails after a session that has DELEted and RETRieved those names, and said QUIT.

    DELE takes precedence (behaviour 3.8); Dovecot itself marks as seen what else it has sent.
    What is listed although it is dequeued stays as it is (behaviour 6.4).
    """
    listed = [mail for mail in queue(policy, mails) if policy.keyword not in mail.flags]
    stay, move = [], []
    for mail in mails:
        result = mail
        if mail in listed and mail.name in deleted:
            result = disposed(policy, policy.delete, mail)
        elif mail in listed and mail.name in retrieved:
            result = disposed(policy, policy.retrieve, mail.flagged(SEEN))
        if result:
            (stay if result.mailbox == mail.mailbox else move).append(result)
    return stay + move
