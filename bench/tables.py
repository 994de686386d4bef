"""Numbers and tables for people to read."""


def short(count):
    """A count as people say it: 10k."""
    for size, letter in ((10 ** 6, 'M'), (10 ** 3, 'k')):
        if count >= size:
            return '%g%s' % (count / size, letter)
    return str(count)


def number(value):
    """Three digits that count, thousands apart."""
    return '{:,.0f}'.format(value) if value >= 100 else '%.*f' % (1 if value >= 10 else 2, value)


def table(head, rows, texts=1):
    """Lines of a Markdown table that can be read as it is; so many columns first are text."""
    columns = [max(map(len, column)) for column in zip(head, *rows)]
    rule = [*('-' * width for width in columns[:texts]),
            *('-' * (width - 1) + ':' for width in columns[texts:])]

    def line(cells):
        return '| %s |' % ' | '.join(
            cell.ljust(width) if place < texts else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(cells, columns)))
    return [line(head), line(rule), *map(line, rows)]
