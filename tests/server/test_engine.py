"""The plugin's second part is loaded for users who have a policy, and has to be the right one."""

import re

import pytest

from answers import TEMPORARY, login_answer, mailbox_files
from harness import Spec
from mailuser import fill
from outcome import dele


def engine_with(tmp_path_factory, change):
    """A copy of the engine, its bytes changed by a function."""
    path = tmp_path_factory.mktemp('engine') / 'libpop_policy_engine.so'
    path.parent.chmod(0o755)
    whole = Spec.engine.read_bytes()
    changed = change(whole)
    assert changed != whole
    path.write_bytes(changed)
    return path


def other_abi(data):
    """The version of Dovecot that it was built for is another one."""
    return re.sub(rb'(\d\.\d\.ABIv)\d', rb'\g<1>X', data)


def other_symbol(data):
    """It is something else."""
    return data.replace(b'\0pop_policy_engine\0', b'\0pop_policy_motors\0')


@pytest.fixture(scope='module', params=['missing', 'other ABI', 'something else'])
def broken(request, server_cache, tmp_path_factory):
    """A server whose engine can't be loaded."""
    change = {'other ABI': other_abi, 'something else': other_symbol}.get(request.param)
    return server_cache.get(engine=change and engine_with(tmp_path_factory, change))


def assert_no_engine(user):
    """The login is refused, the log says why, no file changes."""
    log = user.server.log
    before = mailbox_files(user)
    assert login_answer(user) == TEMPORARY
    line = log.claim_error(user.name + ".*Can't load the pop_policy plugin's engine")
    assert 'engine' in line
    log.allow_errors(r'service\(pop3\): child \d+ returned error')
    assert mailbox_files(user) == before


@pytest.mark.parametrize('policy', [{'enabled': 'no'}, {'delete': 'keep'}, {'spam': 'bad'}])
def test_without_the_engine_nobody_with_a_policy_gets_in(broken, policy):
    user = broken.add_user()
    fill(user)
    user.policy(**policy)
    assert_no_engine(user)


def test_without_the_engine_everybody_else_gets_in(broken):
    user = broken.add_user()
    fill(user)
    assert user.queue() == ['one', 'two', 'three']
    dele(user, 1)
    assert user.subjects() == ['two', 'three']


def test_what_was_dequeued_stays_so_without_the_engine(broken, server):
    user = server.add_user()
    fill(user)
    user.policy(delete='keep')
    dele(user, 2)
    other = broken.add_user()
    other.copy_store(user)
    assert other.queue() == ['one', 'three']
    dele(other, 1)
    assert other.subjects() == ['two', 'three']


@pytest.fixture(scope='module')
def chroots(server_cache):
    """A server that lets users be chrooted."""
    return server_cache.get(settings={'valid_chroot_dirs': '/tmp'})


def chroot(user, **policy):
    """Confine the user's sessions to the home."""
    user.set(chroot=user.home, home='/', **{'pop_policy_' + name: policy[name] for name in policy})


def test_a_chrooted_user_with_a_policy_does_not_get_in(chroots):
    user = chroots.add_user()
    fill(user)
    chroot(user, spam='only')
    assert_no_engine(user)


def test_a_chrooted_user_without_a_policy_gets_in(chroots):
    user = chroots.add_user()
    fill(user)
    chroot(user)
    assert user.queue() == ['one', 'two', 'three']
