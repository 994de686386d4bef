"""Faults of a directory, at each step of the plugin's own lookup."""

import atexit
import contextlib
import functools
import pathlib
import re
import shutil
import ssl
import tempfile

from tests.faults import row as rows
from tests.faults.crash import after
from tests.lib import fake_ldap
from tests.lib.certificates import Authority
from tests.lib.directory import Directory
from tests.lib.fake_ldap import (BIND_RESULT, EXTENDED_RESULT, FakeLdap, answering, closing,
                                 dripping, entry, mute, mute_after_starttls, refusing, result)
from tests.lib.ldap_faults import FAULTS, SENSELESS
from tests.lib.ldap_policy import BIND, PATIENCE, TIMEOUT, ldapi, new_name, settings
from tests.lib.model import INVALID, TEMPORARY

ATTRIBUTES = {'delete': 'popPolicyDelete', 'retrieve': 'popPolicyRetrieve',
              'spam': 'popPolicySpam', 'since': 'popPolicySince',
              'extra_mailboxes': 'popPolicyExtraMailboxes'}


def attributes(run):
    """The policy as attributes."""
    return {ATTRIBUTES[name]: value for name, value in run.settings.items()}


@functools.lru_cache(None)
def certificates():
    """{name: (certificate file, key file)} and the file of the authority that is trusted."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix='pp-faults-', dir='/tmp'))
    folder.chmod(0o755)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for name in ('ours', 'theirs'):
        (folder / name).mkdir()
    ours, theirs = Authority(folder / 'ours'), Authority(folder / 'theirs')
    here = 'IP:127.0.0.1'
    return {'good': ours.issue('good', here),
            'another name': ours.issue('name', 'IP:127.0.0.2', 'DNS:other.example.org'),
            'expired': ours.issue('expired', here, days=(-3, -1)),
            'not yet valid': ours.issue('early', here, days=(1, 3)),
            'of an unknown issuer': theirs.issue('unknown', here)}, ours.file


def context(name):
    """TLS with that certificate."""
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.load_cert_chain(*certificates()[0][name])
    return found


def hang_up(_talk):
    """Close the connection."""


def silent(talk):
    """Do not even read."""
    talk.server.stopping.wait(TIMEOUT + 2)


def garbage(talk):
    """Send what is neither TLS nor LDAP."""
    talk.send(b'220 hello\r\n' * 10)


def no_bind(behave):
    """To a bind as to a search of fake_ldap."""
    def act(talk):
        for num, _ in talk.requests():
            if behave == 'closes':
                return
            if behave == 'drips':
                for octet in fake_ldap.message(num, result(BIND_RESULT)):
                    talk.send(bytes([octet]))
                    talk.server.stopping.wait(0.2)
    return act


# {step: {fault: what the directory does}}
STEPS = {
    'connect': {'closes': hang_up, 'says nothing': silent, 'says something else': garbage},
    'starttls': {'mute': mute, 'mute after it': mute_after_starttls,
                 'unknown': refusing(EXTENDED_RESULT, 2), 'closes': closing(),
                 'elsewhere': refusing(EXTENDED_RESULT, fake_ldap.REFERRAL),
                 'no TLS after it': answering(result())},
    'bind': {'mute': mute, 'closes': no_bind('closes'), 'drips': no_bind('drips'),
             'wrong password': refusing(BIND_RESULT, 49), 'busy': refusing(BIND_RESULT, 51),
             'referral': refusing(BIND_RESULT, fake_ldap.REFERRAL)},
    'search': {name: behave for name, (behave, _) in FAULTS.items()},
    'entry': {name: answering(entry(wrong), result())
              for name, (wrong, *_) in SENSELESS.items()},
}
STEPS['starttls']['drips'] = dripping(result())
# {step: more settings}
MORE = {'starttls': {'ldap_starttls': True}, 'bind': BIND}


def scripted(step):
    """A scripted directory, which has the policy unless a fault is on."""
    @contextlib.contextmanager
    def lookup(run):
        files, trusted = certificates()
        good = answering(entry([(name, [value]) for name, value in attributes(run).items()]),
                         result())
        with FakeLdap(good, files['good'] if step == 'tls' else None) as run.directory:
            more = dict(MORE.get(step, {}))
            if step in ('tls', 'starttls'):
                more['ldap_tls_ca_file'] = trusted
            run.good = good
            yield settings(run.directory.uri, **more)
    return lookup


def failing(step):
    """One of the faults of that step, for the time of one login."""
    @contextlib.contextmanager
    def fault(run):
        run.details = run.random.choice(sorted(STEPS[step]))
        run.directory.behave = STEPS[step][run.details]
        yield
        refused(run, INVALID if step == 'entry' else TEMPORARY)
        heal(run, step)
    return fault


def heal(run, step):
    """The directory works again, as the next session needs it."""
    run.directory.behave = run.good
    if step == 'starttls':
        # it has no TLS after StartTLS, so the account now does without
        run.user.policy(**settings(run.directory.uri))


@contextlib.contextmanager
def bad_tls(run):
    """A certificate that is not to be trusted, or no TLS."""
    faults = [*sorted(set(certificates()[0]) - {'good'}), 'mute', 'garbage']
    run.details = run.random.choice(faults)
    good = run.directory.context
    if run.details in ('mute', 'garbage'):
        run.directory.context = None
        run.directory.behave = silent if run.details == 'mute' else garbage
    else:
        run.directory.context = context(run.details)
    yield
    refused(run, TEMPORARY)
    run.directory.context, run.directory.behave = good, run.good


def refused(run, answer):
    """The login was refused with that answer, in time, and one line of log says why."""
    if run.answer != answer:
        run.trouble.append('answered: %r' % run.answer)
    if run.seconds > TIMEOUT + 1 + PATIENCE:
        run.trouble.append('the answer took %.1f s' % run.seconds)
    lines = run.server.log.errors(re.escape(run.user.name))
    if len(lines) != 1:
        run.trouble.append('%d error lines' % len(lines))


# -- a real one

@functools.lru_cache(None)
def slapd():
    """The slapd of this process."""
    directory = Directory()
    atexit.register(directory.stop)
    return directory


@contextlib.contextmanager
def real(run):
    """A slapd that has the policy."""
    run.name = new_name()
    slapd().add_account(run.name, **attributes(run))
    yield settings(ldapi(slapd()), ldap_timeout='3s')


@contextlib.contextmanager
def killed(run):
    """slapd is killed while a login asks it, or just before, and is started again."""
    directory = slapd()
    if run.random.random() < 0.2:
        directory.process.kill()
    thread = after(run.moment, directory.process.kill)
    try:
        yield
    finally:
        thread.join()
        directory.process.wait(10)
        directory.down()
        directory.up()
    if run.outcome == rows.REFUSED and run.answer != TEMPORARY:
        run.trouble.append('answered: %r' % run.answer)


@contextlib.contextmanager
def frozen(run):
    """slapd hangs, and goes on after the login."""
    slapd().freeze()
    try:
        yield
    finally:
        slapd().thaw()
    if run.answer != TEMPORARY:
        run.trouble.append('answered: %r' % run.answer)
