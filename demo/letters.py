"""The mail of the demo: one small mailbox as people really have it, made anew for every run."""

import dataclasses
import datetime
import email.headerregistry
import email.message
import email.policy
import email.utils
import struct
import zlib

DAY = 24 * 60 * 60
ME = email.headerregistry.Address('Me', 'me', 'example.org')


@dataclasses.dataclass(frozen=True)
class Letter:
    """A message; arrived is in seconds since the epoch, None: delivered while the demo runs."""
    key: str
    folder: str
    arrived: int
    flags: str
    raw: bytes


def pdf(*lines):
    """A small but whole PDF document of one page."""
    text = b' '.join(b'(%s) Tj 0 -24 Td' % line.encode('latin-1') for line in lines)
    stream = b'BT /F1 16 Tf 60 760 Td %s ET' % text
    objects = [
        b'<< /Type /Catalog /Pages 2 0 R >>',
        b'<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
        b'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R '
        b'/Resources << /Font << /F1 5 0 R >> >> >>',
        b'<< /Length %d >>\nstream\n%s\nendstream' % (len(stream), stream),
        b'<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>']
    data, offsets = b'%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', []
    for number, body in enumerate(objects, 1):
        offsets.append(len(data))
        data += b'%d 0 obj\n%s\nendobj\n' % (number, body)
    table = b''.join(b'%010d 00000 n \n' % offset for offset in offsets)
    return data + (b'xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n'
                   b'startxref\n%d\n%%%%EOF\n'
                   % (len(objects) + 1, table, len(objects) + 1, len(data)))


def png(width, height):
    """A picture: evening sky over the sea."""
    def chunk(kind, data):
        return (struct.pack('>I', len(data)) + kind + data
                + struct.pack('>I', zlib.crc32(kind + data)))

    def colour(row):
        if row < height * 2 // 3:
            return bytes((255 - row * 60 // height, 120 + row * 90 // height, 110))
        return bytes((20, 60 + row * 60 // height, 130))
    rows = b''.join(b'\0' + colour(row) * width for row in range(height))
    return (b'\x89PNG\r\n\x1a\n'
            + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0))
            + chunk(b'IDAT', zlib.compress(rows, 9)) + chunk(b'IEND', b''))


def compose(key, sender, subject, when, body, **headers):
    """A message with a plain text body; its Message-ID starts with the key."""
    mail = email.message.EmailMessage(policy=email.policy.SMTP)
    mail['Date'] = email.utils.format_datetime(
        datetime.datetime.fromtimestamp(when, datetime.timezone.utc))
    mail['From'] = sender
    mail['To'] = ME
    mail['Subject'] = subject
    mail['Message-ID'] = '<%s@example.org>' % key
    for name, value in headers.items():
        mail[name.replace('_', '-')] = value
    mail.set_content(body)
    return mail


def from_lisbon(when):
    """A long plain text, with lines that start with a dot."""
    page = ('The tram went up the hill as if it had all day, and so had we. At the top somebody\n'
            'sold oranges from a cart, and the whole river lay below us, white with light.\n'
            '.\n'
            '..and then the rain came, as it does here, from one corner of the sky only.\n\n')
    return compose('letter', 'Ines <ines@example.net>', 'A long letter from Lisbon', when,
                   'Dear all,\n\n' + page * 60 + 'Yours,\nInes\n')


def invoice(when):
    """A bill with a PDF attached."""
    mail = compose('invoice', 'Nordwind Energy <billing@nordwind.example>',
                   'Invoice 2291-07', when,
                   'Dear customer,\n\nplease find your invoice attached.\n\nNordwind Energy\n')
    mail.add_attachment(pdf('Nordwind Energy', 'Invoice 2291-07', 'Electricity: 84.20 EUR'),
                        maintype='application', subtype='pdf', filename='invoice-2291-07.pdf')
    return mail


def weekend(when):
    """The first message of a thread, subject and text beyond ASCII."""
    return compose('weekend', 'Jörg Müller <joerg@example.com>', 'Wandern am Zürichsee?', when,
                   'Hallo zusammen,\n\nwer kommt mit über den Berg? Start um 8 in Küsnacht.\n\n'
                   'Jörg\n')


def weekend_reply(when):
    """The answer to it."""
    return compose('reply', 'Zoë Łukasik <zoe@example.com>', 'Re: Wandern am Zürichsee?', when,
                   'Ich! Und Čeněk auch, falls der Bus fährt.\n\n'
                   '> wer kommt mit über den Berg?\n',
                   In_Reply_To='<weekend@example.org>', References='<weekend@example.org>')


def holiday_picture(when):
    """HTML with a picture inside."""
    mail = compose('picture', 'Grandpa <grandpa@example.net>', 'Our view last night', when,
                   'Look at this sky! (You need a mail program that shows pictures.)\n')
    mail.add_alternative('<html><body><p>Look at this sky!</p><img src="cid:sky@example.net">'
                         '</body></html>\n', subtype='html')
    mail.get_payload()[1].add_related(png(320, 200), 'image', 'png', cid='<sky@example.net>',
                                      filename='sky.png', disposition='inline')
    return mail


def newsletter(when):
    """Plain text and HTML as alternatives."""
    news = ['New paths through the old town', 'The library opens on Sundays', 'Market moves north']
    mail = compose('news', 'City News <news@city.example>', 'City News for your street',
                   when, ''.join('* %s\n' % item for item in news) + '\nUnsubscribe: see below\n',
                   List_Id='City News <news.city.example>', Precedence='bulk',
                   List_Unsubscribe='<mailto:leave@city.example>')
    mail.add_alternative(
        '<html><head><style>h1 { color: #264; }</style></head><body><h1>City News</h1>'
        + ''.join('<p><a href="https://city.example/%d">%s</a></p>' % pair
                  for pair in enumerate(news)) + '</body></html>\n', subtype='html')
    return mail


def lunch(when):
    """A few words."""
    return compose('lunch', 'Ines <ines@example.net>', 'Lunch today?', when,
                   'At one, as always?\n')


def pills(when):
    """Spam of the noisy kind."""
    return compose('pills', 'Dr. Wonder <offer@cheap.example>', 'CHEAP PILLS, no questions', when,
                   'Best price, today only!!!\n\nhttp://cheap.example/buy\n', X_Spam_Flag='YES')


def lottery(when):
    """Spam in HTML with an attachment."""
    mail = compose('lottery', 'Lottery Board <win@prize.example>', 'You have won 1,000,000', when,
                   'Open the attached form.\n', X_Spam_Flag='YES')
    mail.add_alternative('<html><body><b>You have won!</b></body></html>\n', subtype='html')
    mail.add_attachment('<form action="http://prize.example/"></form>\n', subtype='html',
                        filename='claim.html')
    return mail


def letters(since, now):
    """All mail in order of arrival; the thread straddles the instant `since`."""
    known = [(from_lisbon, 'INBOX', since - 402 * DAY + 30000, r'\Seen'),
             (invoice, 'INBOX', since - 290 * DAY + 21000, r'\Flagged'),
             (pills, 'Junk', since - 77 * DAY + 50000, ''),
             (weekend, 'INBOX', since - 1, ''),
             (weekend_reply, 'INBOX', since, ''),
             (holiday_picture, 'INBOX', since + 9 * DAY + 70000, '')]
    fresh = [(newsletter, 'INBOX'), (lunch, 'INBOX'), (lottery, 'Junk')]
    made = [(make(when), folder, when, flags) for make, folder, when, flags in known]
    made += [(make(now), folder, None, '') for make, folder in fresh]
    return [Letter(mail['Message-ID'].strip('<>').partition('@')[0], folder, when, flags,
                   mail.as_bytes())
            for mail, folder, when, flags in made]


def deliver(user, mails):
    """Give a user that mail: the old over IMAP with its dates, the new by LMTP and dovecot-lda."""
    for folder in ('INBOX', 'Junk'):
        user.append(folder, *((mail.raw, mail.arrived, mail.flags) for mail in mails
                              if mail.folder == folder and mail.arrived is not None))
    user.deliver(*(mail.raw for mail in mails if mail.folder == 'INBOX' and mail.arrived is None))
    for mail in mails:
        if mail.folder != 'INBOX' and mail.arrived is None:
            user.lda(mail.raw, mail.folder)
