"""The plugin built once more from the same objects, some of its sources compiled in another way."""

import os
import pathlib
import shlex
import shutil
import subprocess

from tests.lib.places import BUILD, SOURCE

# the compiler with its flags, as the Makefile has them
COMPILE = shlex.split(os.environ.get('POP_POLICY_COMPILE')
                      or 'cc -std=gnu99 -g -O2 -DHAVE_CONFIG_H -DPOP_POLICY_LDAP'
                         ' -I/usr/include/dovecot')


def possible():
    """Whether there is a compiler, and what the plugin was built from."""
    return bool(shutil.which(COMPILE[0]) and objects([]) and header('pop3-client.h'))


def header(name):
    """One of Dovecot's installed headers, None if it is not there."""
    folders = [pathlib.Path(flag[2:]) for flag in COMPILE if flag.startswith('-I')]
    return next((folder / name for folder in folders if (folder / name).exists()), None)


def objects(without):
    """The plugin's own objects, but for those of the named sources."""
    folder = BUILD / 'src/plugin/.libs'
    names = sorted(path.stem for path in (SOURCE / 'src/plugin').glob('*.c'))
    return [folder / (name + '.o') for name in names
            if name not in without and (folder / (name + '.o')).exists()]


def plugin(folder, sources, *flags):
    """A plugin in that folder, for which these sources were compiled with more flags."""
    folder.mkdir(parents=True, exist_ok=True)
    compiled = []
    for name in sources:
        compiled.append(folder / (name + '.o'))
        run(*COMPILE[:1], *flags, *COMPILE[1:], '-fPIC', '-DPIC', '-I%s' % (SOURCE / 'src/lib'),
            '-I%s' % (SOURCE / 'src/common'), '-c', SOURCE / 'src/plugin' / (name + '.c'),
            '-o', compiled[-1])
    module = folder / 'lib01_pop_policy_plugin.so'
    run(*COMPILE, '-shared', '-o', module, *compiled, *objects(sources), '-Wl,--whole-archive',
        BUILD / 'src/common/.libs/libpop_policy_common.a', BUILD / 'src/lib/.libs/libpop_policy.a',
        '-Wl,--no-whole-archive')
    return module


def other_plugin(folder, name):
    """A plugin of the tests in that folder, which exists: tests/lib/NAME-plugin.c."""
    module = folder / ('lib50_%s_plugin.so' % name)
    run(*COMPILE, '-shared', '-fPIC', '-DPIC', '-o', module,
        SOURCE / 'tests/lib' / (name + '-plugin.c'))
    return module


def run(*command):
    """A command that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, (command, done.stderr)
