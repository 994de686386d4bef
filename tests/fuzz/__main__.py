"""make fuzz and make fuzz-coverage: python3 -m tests.fuzz run|coverage SECONDS TARGET..."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tests.lib.places import BUILD, SOURCE
from tests.fuzz.build import FOLDER, Builder, available, parsers
from tests.fuzz.targets import TARGETS

CORPUS = SOURCE / 'tests' / 'fuzz' / 'corpus'
CRASHES = BUILD / 'tests' / 'fuzz' / 'crashes'
# of the lines of each parser
COVERAGE = 90
MAX_LEN, TIMEOUT = 4096, 20
# libldap's functions can be told from each other only if stacks are walked in the slow way, a few
# frames will do.
SUPPRESSIONS = SOURCE / 'tests' / 'fuzz' / 'lsan.supp'
SANITIZERS = {'UBSAN_OPTIONS': 'print_stacktrace=1',
              'LSAN_OPTIONS': 'print_suppressions=0:suppressions=%s' % SUPPRESSIONS}
SLOW = {'ASAN_OPTIONS': 'fast_unwind_on_malloc=0:malloc_context_size=8'}


def environment(name):
    """The environment of a target's program."""
    return {**os.environ, **SANITIZERS, **(SLOW if TARGETS[name].needs_ldap else {})}


def fuzz(builder, name, seconds):
    """Run one target; the inputs that it fails with. What it says is in a file."""
    found, log = FOLDER / 'found' / name, FOLDER / (name + '.txt')
    found.mkdir(parents=True, exist_ok=True)
    CRASHES.mkdir(parents=True, exist_ok=True)
    before = set(CRASHES.glob(name + '-*'))
    with open(log, 'wb') as out:
        done = subprocess.run(
            [builder.program(name), '-max_total_time=%d' % seconds, '-max_len=%d' % MAX_LEN,
             '-timeout=%d' % TIMEOUT, '-print_final_stats=1',
             '-artifact_prefix=%s/%s-' % (CRASHES, name), found, CORPUS / name],
            stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment(name))
    said = log.read_text(errors='replace')
    runs = re.search(r'number_of_executed_units: (\d+)', said)
    print('%-16s %9s runs  %s' % (name, runs[1] if runs else '?',
                                  'ok' if done.returncode == 0 else 'FAILED'), flush=True)
    if done.returncode == 0:
        return []
    print('\n'.join(said.splitlines()[-60:]), flush=True)
    new = sorted(set(CRASHES.glob(name + '-*')) - before)
    command = replay(builder, name)
    return ['%s %s' % (command, path) for path in new] or ['%s: see %s' % (name, log)]


def replay(builder, name):
    """How to run a target's program."""
    slow = ['%s=%s' % item for item in SLOW.items()] if TARGETS[name].needs_ldap else []
    return ' '.join([*slow, "LSAN_OPTIONS='%s'" % SANITIZERS['LSAN_OPTIONS'],
                     str(builder.program(name))])


def run(names, seconds):
    """Look for bugs; the exit code."""
    builder = Builder('sanitized')
    builder.build(names)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        failed = [line for lines in pool.map(lambda name: fuzz(builder, name, seconds), names)
                  for line in lines]
    if failed:
        print('fuzz: failed. To run one input again:', *failed, sep='\n  ')
    return 1 if failed else 0


def covered(builder, name):
    """[(file, lines, those that were run)] of the parsers, by the corpus alone."""
    raw, profile = [builder.folder / (name + suffix) for suffix in ('.profraw', '.profdata')]
    subprocess.run([builder.program(name), '-runs=0', CORPUS / name], check=True,
                   capture_output=True, env={**environment(name), 'LLVM_PROFILE_FILE': str(raw)})
    subprocess.run(['llvm-profdata', 'merge', '-sparse', raw, '-o', profile], check=True)
    paths = [SOURCE / path for path in parsers(name)]
    said = subprocess.run(['llvm-cov', 'export', '-summary-only', '-instr-profile', profile,
                           builder.program(name), *paths], check=True, capture_output=True).stdout
    lines = {file['filename']: file['summary']['lines']
             for file in json.loads(said)['data'][0]['files']}
    return [(path.relative_to(SOURCE), lines[str(path)]['count'], lines[str(path)]['covered'])
            for path in paths]


def coverage(names):
    """Measure how much of its parsers each corpus reaches; the exit code."""
    builder = Builder('covered')
    builder.build(names)
    low = 0
    for name in names:
        for path, count, reached in covered(builder, name):
            percent = 100 * reached / count
            low += percent < COVERAGE
            print('%-16s %-46s %3d of %3d lines, %5.1f %%%s' % (
                name, path, reached, count, percent, '  TOO FEW' if percent < COVERAGE else ''))
    if low:
        print('fuzz: less than %d %% of the lines. To see which:' % COVERAGE,
              '  llvm-cov show -instr-profile %s/NAME.profdata %s/fuzz-NAME FILE' % (
                  builder.folder, builder.folder), sep='\n')
    return 1 if low else 0


def main(what, seconds, *names):
    """The exit code."""
    unknown = set(names) - set(available())
    if unknown:
        print('fuzz: no such target:', *sorted(unknown))
        return 1
    names = list(names) or available()
    return run(names, int(seconds)) if what == 'run' else coverage(names)


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
