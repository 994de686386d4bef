"""Compiles the targets with clang: with sanitizers to look for bugs, or to measure coverage."""

import os
import pathlib
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

from tests.lib.places import BUILD, SOURCE
from tests.fuzz.targets import TARGETS

# of the Makefile
COMPILE = shlex.split(os.environ['POP_POLICY_FUZZ_COMPILE'])
LIBS = shlex.split(os.environ['POP_POLICY_FUZZ_LIBS'])
LDAP_LIBS = shlex.split(os.environ['POP_POLICY_FUZZ_LDAP_LIBS'])
VERSION = os.environ['POP_POLICY_FUZZ_VERSION']

FOLDER = BUILD / 'tests' / 'fuzz' / 'build'
COMMON = ['-std=gnu99', '-D_GNU_SOURCE', '-g', '-O1', '-Wall', '-Wno-typedef-redefinition',
          '-fno-omit-frame-pointer']
# (of libFuzzer, only the program itself has the main function)
KINDS = {
    'sanitized': ['-fsanitize={fuzzer},address,undefined', '-fno-sanitize-recover=all'],
    'covered': ['-fsanitize={fuzzer}', '-fprofile-instr-generate', '-fcoverage-mapping'],
}
INCLUDES = ['-I%s' % (SOURCE / folder) for folder in ('src/lib', 'src/common', 'src/ldap',
                                                      'src/doveadm', 'tests/fuzz')]
OTHER_VERSION = re.compile(r'-2[34]\.c$')


def available():
    """The names of the targets that can be built here."""
    return [name for name, target in TARGETS.items() if LDAP_LIBS or not target.needs_ldap]


def parsers(name):
    """The sources that a target is for."""
    return [path.format(version=VERSION) for path in TARGETS[name].parsers]


def library():
    """All sources of src/lib for this version of Dovecot."""
    return [path for path in sorted((SOURCE / 'src/lib').glob('*.c'))
            if not OTHER_VERSION.search(path.name) or path.stem.endswith('-' + VERSION)]


def run(*command):
    """A command that must succeed; what it prints is for whoever waits."""
    subprocess.run([str(part) for part in command], check=True)


def newest_header():
    """When a header was last changed, whoever includes it, or the flags in here."""
    paths = [*(SOURCE / 'src').glob('*/*.h'), *(SOURCE / 'tests/fuzz').glob('*.h'),
             *(SOURCE / 'tests/fuzz').glob('*.py'), BUILD / 'Makefile']
    return max(path.stat().st_mtime for path in paths if path.exists())


class Builder:
    """Builds programs of one kind."""

    def __init__(self, kind):
        self.folder = FOLDER / kind
        self.flags = KINDS[kind]
        self.newest = newest_header()
        self.archive = self.folder / 'libpop_policy.a'

    def program(self, name):
        """Where a target's program is."""
        return self.folder / ('fuzz-' + name)

    def _flags(self, fuzzer):
        return COMMON + [flag.format(fuzzer=fuzzer) for flag in self.flags]

    def _is_new(self, made, source):
        return made.exists() and made.stat().st_mtime > max(source.stat().st_mtime, self.newest)

    def _object(self, source, made, defines=()):
        if not self._is_new(made, source):
            run(*COMPILE, *self._flags('fuzzer-no-link'), *defines, *INCLUDES, '-c', source,
                '-o', made)
        return made

    def _objects(self, name):
        """(source, object) of what belongs to one target."""
        target = TARGETS[name]
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        for path in [*target.own_sources, 'tests/fuzz/fuzz-%s.c' % name]:
            source = SOURCE / path
            yield source, folder / (source.stem + '.o'), target.defines

    def build(self, names):
        """Build the programs of these targets."""
        self.folder.mkdir(parents=True, exist_ok=True)
        shared = [(source, self.folder / (source.stem + '.o'), ())
                  for source in [*library(), SOURCE / 'tests/fuzz/fuzz.c']]
        own = {name: list(self._objects(name)) for name in names}
        work = shared + [job for jobs in own.values() for job in jobs]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda job: self._object(*job), work))
        self.archive.unlink(missing_ok=True)
        run('ar', 'rc', self.archive, *[made for _, made, _ in shared])
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda name: self._link(name, [job[1] for job in own[name]]), names))

    def _link(self, name, objects):
        libs = LIBS + (LDAP_LIBS if TARGETS[name].needs_ldap else [])
        folders = [pathlib.Path(flag[2:]) for flag in LIBS if flag.startswith('-L')]
        run(*COMPILE[:1], *self._flags('fuzzer'), *objects,
            '-Wl,--undefined=LLVMFuzzerTestOneInput', self.archive, *libs,
            *['-Wl,-rpath,%s' % folder for folder in folders], '-o', self.program(name))
