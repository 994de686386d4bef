#!/usr/bin/python3
"""check-structure.py: the limits of src/ that "make lint" checks.

Files are under 400 lines and functions under 50. Includes run from module to module in one
direction, and the files of a module include each other in no circle: a file is NAME.c and NAME.h
together.
"""

import pathlib
import re
import sys

MAX_FILE, MAX_FUNCTION = 400, 50
SOURCE = pathlib.Path('src')
# what the files of a module may include
MODULES = {
    'lib': {'lib'},
    'common': {'lib', 'common'},
    'plugin': {'lib', 'common', 'plugin'},
    'ldap': {'lib', 'ldap'},
    'settings': {'lib', 'settings'},
    'doveadm': {'lib', 'common', 'doveadm'},
}
# files that implement one header for several versions of Dovecot
VERSIONED = re.compile(r'-2[34]$')


def name_of(path):
    """The name of the file, .c and .h alike."""
    return VERSIONED.sub('', path.stem)


def long_functions(lines):
    """(line number, length) of functions that are too long."""
    start = None
    for number, line in enumerate(lines, 1):
        if line == '{':
            start = number
        elif line == '}' and start:
            if number - start + 1 >= MAX_FUNCTION:
                yield start, number - start + 1
            start = None


def includes(path):
    """The names of our headers that a file includes."""
    return re.findall(r'^#\s*include "(pop-policy[\w-]*)\.h"', path.read_text(), re.M)


def check_file(path, modules):
    """What is wrong with one file."""
    lines = path.read_text().splitlines()
    if len(lines) >= MAX_FILE:
        yield '%s: %d lines' % (path, len(lines))
    for number, length in long_functions(lines):
        yield '%s:%d: a function of %d lines' % (path, number, length)
    for name in includes(path):
        if modules[name] not in MODULES[path.parent.name]:
            yield '%s: includes %s.h of module %s' % (path, name, modules[name])


def circles(graph):
    """The first circle that is found from each file, once."""
    done = set()

    def visit(name, way):
        if name in way:
            yield ' -> '.join(way[way.index(name):] + [name])
        elif name not in done:
            done.add(name)
            for other in sorted(graph[name]):
                yield from visit(other, way + [name])
    for name in sorted(graph):
        yield from visit(name, [])


def main():
    """Print what is wrong; the exit code."""
    paths = sorted(SOURCE.glob('*/*.[ch]'))
    modules = {path.stem: path.parent.name for path in paths if path.suffix == '.h'}
    graph = {name_of(path): set() for path in paths}
    for path in paths:
        graph[name_of(path)].update(name for name in includes(path) if name != name_of(path))
    found = [line for path in paths for line in check_file(path, modules)]
    found += ['files include each other: ' + circle for circle in circles(graph)]
    unknown = sorted({path.parent.name for path in paths} - set(MODULES))
    found += ['src/%s: a module that this check does not know' % name for name in unknown]
    print(*found, sep='\n', end='\n' if found else '')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
