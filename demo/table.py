"""Tables of box-drawing characters, and colours for those who look at a terminal."""

import os
import sys

COLOURS = {'bold': '1', 'dim': '2', 'red': '31', 'green': '32', 'cyan': '36'}
WIDTH = 100


def colour(name, text):
    """The text in that colour, if the output is a terminal."""
    if not (name and sys.stdout.isatty() and 'NO_COLOR' not in os.environ):
        return text
    return '\033[%sm%s\033[0m' % (COLOURS[name], text)


def fit(text, columns):
    """The text padded, or cut with an ellipsis, to that many columns."""
    return text.ljust(columns) if len(text) <= columns else text[:columns - 1] + '…'


def table(head, rows, colours, widths=(), elastic=0):
    """Lines of a table, a colour per row; heads may have two lines, widths are minima.

    The elastic column gives way where the whole gets too wide.
    """
    heads = [(cell.split('\n') + [''])[:2] for cell in head]
    lines = [line for line in zip(*heads) if any(line)]
    columns = [max(map(len, column)) for column in zip(*lines, *rows)]
    columns = list(map(max, columns, widths or columns))
    columns[elastic] -= max(0, sum(columns) + 3 * len(columns) + 1 - WIDTH)

    def rule(left, middle, right):
        return left + middle.join('─' * (size + 2) for size in columns) + right

    def line(cells, name=''):
        return '│' + '│'.join(' %s ' % colour(name, fit(cell, size))
                              for cell, size in zip(cells, columns)) + '│'
    return [rule('┌', '┬', '┐'), *(line(cells, 'bold') for cells in lines),
            rule('├', '┼', '┤'), *(line(row, name) for row, name in zip(rows, colours)),
            rule('└', '┴', '┘')]
