"""The mail of the demo: one small mailbox as people really have it, made anew for every run."""

import dataclasses
import datetime
import email.message
import email.policy
import email.utils

DAY = 24 * 60 * 60
SKY = (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 2">'
       b'<path fill="#e96" d="M0 0h3v2H0z"/><path fill="#147" d="M0 1.4h3V2H0z"/></svg>\n')
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


def bill(mail):
    """A bill to the invoice."""
    mail.add_attachment('invoice,what,EUR\n2291-07,electricity,84.20\n', subtype='csv',
                        filename='invoice-2291-07.csv')


def picture(mail):
    """The same as HTML with a picture inside."""
    mail.add_alternative('<p>Look at this sky!</p><img src="cid:sky@example.net">\n',
                         subtype='html')
    mail.get_payload()[1].add_related(SKY, 'image', 'svg+xml', cid='<sky@example.net>',
                                      filename='sky.svg', disposition='inline')


def news(mail):
    """The same as HTML."""
    mail.add_alternative('<h1>City News</h1><p><a href="https://city.example/1">New paths '
                         'through the old town</a></p>\n', subtype='html')


def form(mail):
    """An attachment of the kind that nobody should open."""
    mail.add_attachment('<form action="http://prize.example/"></form>\n', subtype='html',
                        filename='claim.html')


# In order of arrival: key, mailbox, seconds after the instant `since` (None: while the demo
# runs), flags, sender, subject, text, what else, more headers. The thread straddles that instant.
LETTERS = (
    ('letter', 'INBOX', -402 * DAY + 30000, r'\Seen', 'Ines <ines@example.net>',
     'A long letter from Lisbon', 'Dear all,\n\n' + LISBON + 'Yours,\nInes\n', None, {}),
    ('invoice', 'INBOX', -290 * DAY + 21000, r'\Flagged',
     'Nordwind Energy <billing@nordwind.example>', 'Invoice 2291-07',
     'Dear customer,\n\nplease find your invoice attached.\n\nNordwind Energy\n', bill, {}),
    ('pills', 'Junk', -77 * DAY + 50000, '', 'Dr. Wonder <offer@cheap.example>',
     'CHEAP PILLS, no questions', 'Best price, today only!!!\n\nhttp://cheap.example/buy\n', None,
     {'X-Spam-Flag': 'YES'}),
    ('weekend', 'INBOX', -1, '', 'Jörg Müller <joerg@example.com>', 'Wandern am Zürichsee?',
     'Hallo zusammen,\n\nwer kommt mit über den Berg? Start um 8 in Küsnacht.\n\nJörg\n', None, {}),
    ('reply', 'INBOX', 0, '', 'Zoë Łukasik <zoe@example.com>', 'Re: Wandern am Zürichsee?',
     'Ich! Und Čeněk auch, falls der Bus fährt.\n\n> wer kommt mit über den Berg?\n', None,
     {'In-Reply-To': '<weekend@example.org>', 'References': '<weekend@example.org>'}),
    ('picture', 'INBOX', 9 * DAY + 70000, '', 'Grandpa <grandpa@example.net>',
     'Our view last night', 'Look at this sky! (Your mail program shows no pictures.)\n', picture,
     {}),
    ('news', 'INBOX', None, '', 'City News <news@city.example>', 'City News for your street',
     '* New paths through the old town\n\nUnsubscribe: see below\n', news,
     {'List-Id': 'City News <news.city.example>', 'Precedence': 'bulk'}),
    ('lunch', 'INBOX', None, '', 'Ines <ines@example.net>', 'Lunch today?',
     'At one, as always?\n', None, {}),
    ('lottery', 'Junk', None, '', 'Lottery Board <win@prize.example>', 'You have won 1,000,000',
     'Open the attached form.\n', form, {'X-Spam-Flag': 'YES'}))


def letters(since, now):
    """All mail in order of arrival; `since` is in the middle of it."""
    made = []
    for key, mailbox, seconds, flags, sender, subject, text, more, headers in LETTERS:
        arrived = None if seconds is None else since + seconds
        mail = email.message.EmailMessage(policy=email.policy.SMTP)
        written = datetime.datetime.fromtimestamp(arrived or now, datetime.timezone.utc)
        for name, value in {'Date': email.utils.format_datetime(written), 'From': sender,
                            'To': 'Me <me@example.org>', 'Subject': subject,
                            'Message-ID': '<%s@example.org>' % key, **headers}.items():
            mail[name] = value
        mail.set_content(text)
        if more:
            more(mail)
        made.append(Letter(key, mailbox, arrived, flags, mail.as_bytes()))
    return made


def deliver(user, mails):
    """Give a user that mail: the old over IMAP with its dates, the new by LMTP and dovecot-lda."""
    for mailbox in 'INBOX', 'Junk':
        user.append(mailbox, *((mail.raw, mail.arrived, mail.flags) for mail in mails
                               if mail.mailbox == mailbox and mail.arrived is not None))
    for mail in mails:
        if mail.arrived is None and mail.mailbox == 'INBOX':
            user.deliver(mail.raw)
        elif mail.arrived is None:
            user.lda(mail.raw, mail.mailbox)
