"""What a directory may do wrong, step by step of a lookup: behaviours of a fake_ldap.FakeLdap."""

from tests.lib import fake_ldap
from tests.lib.fake_ldap import (BIND_RESULT, BUSY, DONE, REFERRAL, SIZE_LIMIT, answering, closing,
                                 dripping, entry, flooding, leaving, message, mute, reference,
                                 result, sending)

SPAM = ('popPolicySpam', ['only'])
GOOD = entry([SPAM])

# what a server answers to the search, and what the log says
FAULTS = {
    'mute': (mute, 'Timed out'),
    'closes': (closing(), "Can't contact LDAP server"),
    'leaves': (leaving, 'Server is unavailable'),
    'drips': (dripping(GOOD, result()), 'Timed out'),
    'garbage': (sending(b'HTTP/1.1 400 Bad Request\r\n\r\n'), ''),
    'noise': (sending(bytes(range(255, 0, -1)) * 10), ''),
    'zeros': (sending(bytes(1000)), ''),
    'giant length': (sending(b'\x30\x84\x7f\xff\xff\xff' + b'x' * 100000), ''),
    'big message': (answering(entry([('cn', ['x' * 100000])]), result()), ''),
    'wrong id': (sending(lambda num: message(num + 7, GOOD) + message(num + 7, result())),
                 'Timed out'),
    'half an entry': (sending(lambda num: message(num, GOOD)[:-3]), 'Timed out'),
    'entry only': (answering(GOOD), 'Timed out'),
    'entry, then closes': (closing(GOOD), "Can't contact LDAP server"),
    'entry, then error': (answering(GOOD, result(code=BUSY, diagnostic='come\nback')),
                          'Server is busy (come'),
    'entry, then size limit': (answering(GOOD, result(code=SIZE_LIMIT)), 'Size limit exceeded'),
    'error': (answering(result(code=BUSY)), 'Server is busy'),
    'success code missing': (answering(fake_ldap.ber(DONE)), ''),
    'no such base': (answering(result(code=32)), 'No such object'),
    'referral': (answering(result(code=REFERRAL, diagnostic='not here')), 'Referral'),
    'reference': (answering(reference(), result()), 'refers to another'),
    'entry and reference': (answering(GOOD, reference(), result()), 'refers to another'),
    'endless entries': (flooding(lambda num: message(num, GOOD)), 'more than was asked for'),
    'endless references': (flooding(lambda num: message(num, reference())), ''),
    'endless other ids': (flooding(lambda num: message(num + 7, GOOD)), 'Timed out'),
    'another operation': (answering(result(BIND_RESULT)), 'not one to a search'),
}

# attributes of an invalid entry, and what the log says
SENSELESS = {
    'two values': ([('popPolicySpam', ['only', 'include'])], 'popPolicySpam', 'more than one'),
    'equal values': ([('popPolicyEnabled', ['TRUE', 'TRUE'])], 'popPolicyEnabled', 'more than one'),
    'listed twice': ([SPAM, SPAM], 'popPolicySpam', 'more than one'),
    'listed twice in other case': ([SPAM, ('POPPOLICYSPAM', ['only'])], 'POPPOLICYSPAM',
                                   'more than one'),
    'no value': ([('popPolicySpam', [])], 'popPolicySpam', 'no value'),
    'options': ([('popPolicySpam;x-pop', ['only'])], 'popPolicySpam;x-pop', 'options'),
    'language': ([SPAM, ('popPolicySpam;lang-de', ['only'])], 'popPolicySpam;lang-de', 'options'),
    'NUL': ([('popPolicySpam', [b'only\0'])], 'popPolicySpam', 'NUL'),
    'long': ([('popPolicySpam', ['x' * 1025])], 'popPolicySpam', 'too long'),
    'local time': ([('popPolicySince', ['20260101000000'])], 'popPolicySince', '20260101000000'),
    'word': ([('popPolicySpam', ['some'])], 'popPolicySpam', 'some'),
    'action': ([('popPolicyDelete', ['none'])], 'popPolicyDelete', 'none'),
    'retrieve': ([('popPolicyRetrieve', ['TRUE'])], 'popPolicyRetrieve', 'TRUE'),
    'control': ([('popPolicySpam', ['a\r\n\x1b[2Jb'])], 'popPolicySpam', 'exclude'),
}
