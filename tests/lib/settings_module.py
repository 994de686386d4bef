"""Dovecot 2.4 learns of a plugin's settings from a module in a fixed folder.

The tests install nothing: this process and all that it starts see another folder there.
"""

import ctypes
import errno
import subprocess

from tests.lib.dovecot_config import IS_24, VERSION
from tests.lib.places import MODULE_DIR, SETTINGS_MODULE

FOLDER = MODULE_DIR / 'settings'
CLONE_NEWNS, MS_REC, MS_PRIVATE = 0x20000, 0x4000, 0x40000
# Binds a folder over another one and goes on with a command that sees it.
BIND = 'mount --bind "$0" "$1" && shift && exec "$@"'


def others():
    """{name: bytes} of the modules that are installed there, but for ours."""
    return {path.name: path.read_bytes() for path in FOLDER.glob('*.so')
            if path.name != SETTINGS_MODULE.name}


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


def show():
    """Make the built module visible, once per process; what Dovecot needs in its environment."""
    if not IS_24 or show.done:
        return show.environment
    assert SETTINGS_MODULE.exists(), (
        '%s is not built (POP_POLICY_SETTINGS_MODULE names another)' % SETTINGS_MODULE)
    # (a Dovecot from source has no such folder before the first module)
    FOLDER.mkdir(exist_ok=True)
    modules = {**others(), SETTINGS_MODULE.name: SETTINGS_MODULE.read_bytes()}
    try:
        own_namespace()
        subprocess.run(['mount', '-t', 'tmpfs', '-o', 'mode=0755', 'tmpfs', FOLDER], check=True)
    except OSError as error:
        assert VERSION >= (2, 4, 2), (
            'Dovecot looks for settings modules in %s only, and no folder can be mounted there: '
            '%s' % (FOLDER, error))
        show.environment = {'CONFIG_MODULES': str(SETTINGS_MODULE)}
    else:
        fill(FOLDER, modules)
    show.done = True
    return show.environment


show.done, show.environment = False, {}


def with_other(module, folder):
    """What to put before a command so that it finds another module, or none."""
    folder.mkdir()
    fill(folder, {**others(), **({SETTINGS_MODULE.name: module.read_bytes()} if module else {})})
    return ['unshare', '--mount', '--propagation', 'unchanged', 'sh', '-c', BIND, folder, FOLDER]
