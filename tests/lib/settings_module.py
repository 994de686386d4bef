"""Dovecot 2.4 learns of a plugin's settings from a module in a fixed folder.

doveadm finds its modules in another one. The tests install nothing: this process and all that
it starts see other folders there.
"""

import ctypes
import errno
import subprocess

from tests.lib.dovecot_config import IS_24, VERSION
from tests.lib.places import DOVEADM_MODULE, MODULE_DIR, SETTINGS_MODULE

FOLDER = MODULE_DIR / 'settings'
DOVEADM_FOLDER = MODULE_DIR / 'doveadm'
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000
# Binds a folder over another one and goes on with a command that sees it.
BIND = 'mount --bind "$0" "$1" && shift && exec "$@"'


def others(folder=FOLDER, own=SETTINGS_MODULE):
    """{name: bytes} of the modules that are installed there, but for ours."""
    return {path.name: path.read_bytes() for path in folder.glob('*.so') if path.name != own.name}


def fill(folder, modules):
    """Write modules, {name: bytes}, into a folder."""
    for name, data in modules.items():
        (folder / name).write_bytes(data)
        (folder / name).chmod(0o755)


def own_namespace():
    """Give this process mounts that nobody else sees; OSError where that is denied."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), 'no mount namespace')
    # EINVAL: the root of a chroot need not be a mount
    if libc.mount(b'none', b'/', None, MS_REC | MS_PRIVATE, None) != 0 \
            and ctypes.get_errno() != errno.EINVAL:
        raise OSError(ctypes.get_errno(), 'mounts cannot be made private')


def put(folder, module):
    """Make a module visible in a folder of Dovecot's, beside the others there."""
    # (a Dovecot from source has no such folder before the first module)
    folder.mkdir(exist_ok=True)
    modules = {**others(folder, module), module.name: module.read_bytes()}
    subprocess.run(['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', folder], check=True)
    fill(folder, modules)


def show():
    """Make the built modules visible, once per process; what Dovecot needs in its environment."""
    if show.done:
        return show.environment
    assert SETTINGS_MODULE.exists() or not IS_24, (
        '%s is not built (POP_POLICY_SETTINGS_MODULE names another)' % SETTINGS_MODULE)
    try:
        own_namespace()
        put(DOVEADM_FOLDER, DOVEADM_MODULE)
        if IS_24:
            put(FOLDER, SETTINGS_MODULE)
        show.doveadm = True
    except OSError as error:
        assert not (2, 4) <= VERSION < (2, 4, 2), (
            'Dovecot looks for settings modules in %s only, and no folder can be mounted there: '
            '%s' % (FOLDER, error))
        if IS_24:
            show.environment = {'CONFIG_MODULES': str(SETTINGS_MODULE)}
    show.done = True
    return show.environment


# doveadm: whether the doveadm module is visible
show.done, show.environment, show.doveadm = False, {}, False


def with_other(module, folder):
    """What to put before a command so that it finds another module, or none."""
    folder.mkdir()
    fill(folder, {**others(), **({SETTINGS_MODULE.name: module.read_bytes()} if module else {})})
    return ['unshare', '--mount', '--propagation', 'unchanged', 'sh', '-c', BIND, folder, FOLDER]
