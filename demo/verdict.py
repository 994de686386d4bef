"""A visit beside what the model says of its policy: what is not as it must be."""

import dataclasses
import zlib

from demo.report import Result
from demo.sessions import LOGINS
from tests.lib import model


@dataclasses.dataclass(frozen=True)
class Difference:
    """Something that is not what the policy says; name: of the message, if it is about one."""
    name: str
    text: str


@dataclasses.dataclass
class Expected:
    """What must come out; reason: the texts in the log line about a refused login."""
    policy: model.Policy
    refused: str
    reason: tuple
    queues: tuple
    after: list


def expect(settings, before, habits):
    """What a visit must look like with these settings, given the mail before it."""
    try:
        policy = model.read(settings)
    except model.Invalid as error:
        return Expected(None, model.INVALID, ('Error: ', 'pop_policy_' + error.setting, error.value),
                        ([], []), before)
    if policy.refusal():
        return Expected(policy, policy.refusal(), ('Info: ', 'refused'), ([], []), before)
    deleted, retrieved = ({name for name, verbs in habits.items() if verb in verbs}
                          for verb in ('DELE', 'RETR'))
    after = model.after_quit(policy, before, deleted, retrieved)
    return Expected(policy, '', (), (model.queue(policy, before), model.queue(policy, after)), after)


def explanations(expected, visit):
    """The log lines that say why a login was refused."""
    return [line for line in visit.errors + visit.infos
            if expected.reason and all(text in line for text in expected.reason)]


def compare_session(policy, wanted, got):
    """Differences between a queue and what a POP session has listed."""
    names = [mail.name for mail in wanted]
    if got.names != names:
        yield Difference('', 'lists %s, must list %s' % (' '.join(got.names), ' '.join(names)))
        return
    texts = {mail.name: policy.header(mail.mailbox) + mail.raw for mail in wanted}
    sizes = [len(texts[name]) for name in names]
    if (got.sizes, got.stat) != (sizes, (len(sizes), sum(sizes))):
        yield Difference('', 'STAT and LIST say %s and %s, must be %s'
                         % (got.stat, got.sizes, sizes))
    for mail, uidl in zip(wanted, got.uidls):
        if uidl != mail.uidl:
            yield Difference(mail.name, 'UIDL is %s, must be %s' % (uidl, mail.uidl))
        if got.fetched.get(mail.name, texts[mail.name]) != texts[mail.name]:
            yield Difference(mail.name, 'RETR gave another text')
    left = [name for name in names if 'DELE' not in got.did[name]]
    if got.left != left:
        yield Difference('', 'after DELE lists %s, must list %s'
                         % (' '.join(got.left), ' '.join(left)))


def compare_mail(wanted, got):
    """Differences between the mail that must be there and the mail that is, over IMAP."""
    def places(name, mails):
        return ' and '.join(sorted(
            ' '.join([mail.mailbox, *sorted(mail.flags), '(%d, %d octets, %08x)' % (
                mail.date, len(mail.raw), zlib.crc32(mail.raw))])
            for mail in mails if mail.name == name)) or 'gone'
    for name in dict.fromkeys(mail.name for mail in [*wanted, *got]):
        must, has = places(name, wanted), places(name, got)
        if must != has:
            yield Difference(name, 'IMAP afterwards: %s, must be: %s' % (has, must))


def compare(expected, visit):
    """Everything in a visit that is not as expected."""
    found = []
    for which, wanted, got in zip(('first', 'second'), expected.queues,
                                  (visit.first, visit.second)):
        if got.refused != expected.refused:
            found.append(Difference('', '%s login: %s, must be: %s' % (
                which, got.refused or 'accepted', expected.refused or 'accepted')))
        elif not got.refused:
            found += [Difference(one.name, '%s POP session: %s' % (which, one.text))
                      for one in compare_session(expected.policy, wanted, got)]
    lines = explanations(expected, visit)
    if expected.refused and len(lines) != LOGINS:
        found.append(Difference('', 'the log says %d times why, must be %d'
                                % (len(lines), LOGINS)))
    found += [Difference('', 'error in the log: ' + line) for line in visit.errors
              if line not in lines]
    return [*found, *compare_mail(expected.after, visit.after)]


def judge(account, visit, habits):
    """A report.Result of a visit under the policy of that account."""
    expected = expect(account.policy, visit.before, habits)
    return Result(account, visit, explanations(expected, visit), compare(expected, visit))
