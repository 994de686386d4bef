"""The mail of the demo: one small mailbox as people really have it, made anew for every run."""

import dataclasses
import datetime
import email.message
import email.policy
import email.utils

DAY = 24 * 60 * 60
SKY = ('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 2">'
       '<path fill="#e96" d="M0 0h3v2H0z"/><path fill="#147" d="M0 1.4h3V2H0z"/></svg>\n')
# With lines that start with a dot.
LISBON = 60 * """\
The tram went up the hill as if it had all day, and so had we. At the top somebody
sold oranges from a cart, and the whole river lay below us, white with light.
.
..and then the rain came, as it does here, from one corner of the sky only.

"""


@dataclasses.dataclass(frozen=True)
class Letter:
    """A message; arrived is in seconds since the epoch, None: delivered while the demo runs."""
    key: str
    mailbox: str
    arrived: int
    flags: str
    raw: bytes


# In order of arrival: key, mailbox, seconds after the instant `since` (None: while the demo
# runs), flags, sender, subject, text; then HTML, an attached file, more headers. The thread
# straddles that instant.
LETTERS = (
    ('letter', 'INBOX', -402 * DAY + 30000, r'\Seen', 'Ines <ines@example.net>',
     'A long letter from Lisbon', 'Dear all,\n\n' + LISBON + 'Yours,\nInes\n', {}),
    ('invoice', 'INBOX', -290 * DAY + 21000, r'\Flagged',
     'Nordwind Energy <billing@nordwind.example>', 'Invoice 2291-07',
     'Dear customer,\n\nplease find your invoice attached.\n\nNordwind Energy\n',
     {'file': ('invoice-2291-07.csv', 'what,EUR\nelectricity,84.20\n')}),
    ('pills', 'Junk', -77 * DAY + 50000, '', 'Dr. Wonder <offer@cheap.example>',
     'CHEAP PILLS, no questions', 'Best price, today only!!!\n\nhttp://cheap.example/buy\n',
     {'X-Spam-Flag': 'YES'}),
    ('weekend', 'INBOX', -1, '', 'Jörg Müller <joerg@example.com>', 'Wandern am Zürichsee?',
     'Hallo zusammen,\n\nwer kommt mit über den Berg? Start um 8 in Küsnacht.\n\nJörg\n', {}),
    ('reply', 'INBOX', 0, '', 'Zoë Łukasik <zoe@example.com>', 'Re: Wandern am Zürichsee?',
     'Ich! Und Čeněk auch, falls der Bus fährt.\n\n> wer kommt mit über den Berg?\n',
     {'In-Reply-To': '<weekend@example.org>', 'References': '<weekend@example.org>'}),
    ('club', 'Lists', 2 * DAY + 40000, '', 'Chess Club <club@lists.example>',
     'Minutes of Tuesday', 'Dear members,\n\nthe clocks are repaired. See you on Tuesday.\n',
     {'List-Id': 'Chess Club <club.lists.example>'}),
    ('picture', 'Family', 9 * DAY + 70000, '', 'Grandpa <grandpa@example.net>',
     'Our view last night', 'Look at this sky!\n',
     {'html': '<p>Look at this <em>sky</em>!</p>\n', 'file': ('sky.svg', SKY)}),
    ('news', 'INBOX', None, '', 'City News <news@city.example>', 'City News for your street',
     '* New paths through the old town\n\nUnsubscribe: see below\n',
     {'html': '<h1>City News</h1><a href="https://city.example/1">New paths</a>\n',
      'List-Id': 'City News <news.city.example>', 'Precedence': 'bulk'}),
    ('lunch', 'INBOX', None, '', 'Ines <ines@example.net>', 'Lunch today?',
     'At one, as always?\n', {}),
    ('lottery', 'Junk', None, '', 'Lottery Board <win@prize.example>', 'You have won 1,000,000',
     'Open the attached form.\n',
     {'file': ('claim.html', '<form action="http://prize.example/"></form>\n'),
      'X-Spam-Flag': 'YES'}))


def letters(since, now):
    """All mail in order of arrival; `since` is in the middle of it."""
    made = []
    for key, mailbox, seconds, flags, sender, subject, text, more in LETTERS:
        arrived = None if seconds is None else since + seconds
        written = datetime.datetime.fromtimestamp(arrived or now, datetime.timezone.utc)
        html, file = more.get('html'), more.get('file')
        mail = email.message.EmailMessage(policy=email.policy.SMTP)
        for name, value in {'Date': email.utils.format_datetime(written), 'From': sender,
                            'To': 'Me <me@example.org>', 'Subject': subject,
                            'Message-ID': '<%s@example.org>' % key, **more}.items():
            if name not in ('html', 'file'):
                mail[name] = value
        mail.set_content(text)
        if html:
            mail.add_alternative(html, subtype='html')
        if file:
            mail.add_attachment(file[1], filename=file[0])
        made.append(Letter(key, mailbox, arrived, flags, mail.as_bytes()))
    return made


def deliver(user, mails):
    """Give a user that mail: the old over IMAP with its dates, the new by LMTP and dovecot-lda."""
    for mailbox in dict.fromkeys(mail.mailbox for mail in mails):
        user.append(mailbox, *((mail.raw, mail.arrived, mail.flags) for mail in mails
                               if mail.mailbox == mailbox and mail.arrived is not None))
    for mail in mails:
        if mail.arrived is None and mail.mailbox == 'INBOX':
            user.deliver(mail.raw)
        elif mail.arrived is None:
            user.lda(mail.raw, mail.mailbox)
