"""Pictures of the results, as SVG that is legible on light and on dark ground."""

import dataclasses
import html
import math
import statistics

from bench import moves

WIDTH = 1000
STYLE = """
text { font: 14px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1f2328; }
.title { font-size: 19px; font-weight: 600; }
.small { font-size: 13px; fill: #59636e; }
.name { font-weight: 600; }
.ground { fill: #ffffff; }
.grid { stroke: #d9dee3; stroke-width: 1; }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; stroke-linecap: round; }
.plugin.line { stroke-width: 3.5; }
.dashed { stroke-dasharray: 2 6; }
.plugin { stroke: #0a6cce; } text.plugin, .bar.plugin, .dot.plugin { fill: #0a6cce; stroke: none; }
.second { stroke: #0e8a74; } text.second, .dot.second { fill: #0e8a74; stroke: none; }
.stock { stroke: #6b737c; } text.stock, .bar.stock, .dot.stock { fill: #6b737c; stroke: none; }
.flag { stroke: #b65a00; } text.flag, .dot.flag { fill: #b65a00; stroke: none; }
.virtual { stroke: #8a3fc4; }
text.virtual, .bar.virtual, .dot.virtual { fill: #8a3fc4; stroke: none; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.small { fill: #9aa4af; }
.ground { fill: #0d1117; }
.grid { stroke: #2d343c; }
.plugin { stroke: #58a6ff; } text.plugin, .bar.plugin, .dot.plugin { fill: #58a6ff; }
.second { stroke: #3fd0b0; } text.second, .dot.second { fill: #3fd0b0; }
.stock { stroke: #a0a8b1; } text.stock, .bar.stock, .dot.stock { fill: #a0a8b1; }
.flag { stroke: #f0974a; } text.flag, .dot.flag { fill: #f0974a; }
.virtual { stroke: #c792f5; } text.virtual, .bar.virtual, .dot.virtual { fill: #c792f5; }
}
"""


@dataclasses.dataclass(frozen=True)
class Curve:
    """A variant in the picture of growth."""
    variant: str
    label: str
    kind: str


CURVES = (Curve('plain', 'stock, all of INBOX', 'stock'),
          Curve('flag20', 'pop3_deleted_flag', 'flag'),
          Curve('virtsince', 'virtual, since a date', 'virtual'),
          Curve('dequeued', 'plugin, dequeued', 'second'),
          Curve('from-now', 'plugin, since a date', 'plugin'),
          Curve('ref20', 'stock, INBOX of 20', 'stock dashed'))
MOVE_CURVES = (Curve('1000', 'INBOX of 1,000, at %d:' % moves.SIZE, 'second'),
               Curve('10000', 'INBOX of 10,000, at %d:' % moves.SIZE, 'plugin'))
BARS = (('total', 'stock, one INBOX', 'stock'), ('include', 'plugin', 'plugin'),
        ('virtall', 'virtual', 'virtual'))


def file_name(kind, results):
    """The picture's file in doc/."""
    return 'benchmarks-%s-%s.svg' % (kind, '.'.join(results['dovecot'].split('.')[:2]))


def text(x, y, words, kind='', anchor='start', figure=''):
    """A text element; a figure follows the words in the same colour."""
    more = '<tspan dx="7">%s</tspan>' % figure if figure else ''
    return '<text x="%.1f" y="%.1f" class="%s" text-anchor="%s">%s%s</text>' % (
        x, y, kind, anchor, html.escape(words), more)


def grid(x1, y1, x2, y2):
    """A thin line."""
    return '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="grid"/>' % (x1, y1, x2, y2)


def document(height, title, subtitle, parts):
    """The whole picture."""
    return '\n'.join([
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img">' % (WIDTH, height),
        '<title>%s</title>' % html.escape(title), '<style>%s</style>' % STYLE,
        '<rect width="%d" height="%d" class="ground"/>' % (WIDTH, height),
        text(24, 34, title, 'title'), text(24, 56, subtitle, 'small'), *parts, '</svg>', ''])


def apart(wanted, distance):
    """Positions near the wanted ones (ascending) that keep their distance."""
    places = list(wanted)
    for number in range(1, len(places)):
        places[number] = max(places[number], places[number - 1] + distance)
    # What was pushed down as one block is centred on where it wanted to be.
    start = 0
    for end in range(1, len(places) + 1):
        if end == len(places) or places[end] > places[end - 1] + distance:
            shift = statistics.mean(places[start:end]) - statistics.mean(wanted[start:end])
            room = places[start - 1] + distance - places[start] if start else -shift
            places[start:end] = [place + max(-shift, room) for place in places[start:end]]
            start = end
    return places


class Panel:
    """A plot with logarithmic axes, its curves named where they end."""

    def __init__(self, left, counts, low, high):
        self.left, self.top, self.width, self.height = left, 104, 228, 300
        self.counts, self.low, self.high = counts, low, high

    def x(self, count):
        """Where a number of messages is."""
        first, last = math.log10(self.counts[0]), math.log10(self.counts[-1])
        return self.left + self.width * (math.log10(count) - first) / (last - first)

    def y(self, value):
        """Where a value is."""
        low, high = math.log10(self.low), math.log10(self.high)
        return self.top + self.height * (1 - (math.log10(value) - low) / (high - low))

    def axes(self, title, below='messages in INBOX'):
        """The grid and its numbers; below: what the numbers below it are."""
        yield text(self.left, self.top - 16, title, 'name')
        value = self.low
        while value <= self.high:
            yield grid(self.left, self.y(value), self.left + self.width, self.y(value))
            yield text(self.left - 8, self.y(value) + 5, '{:,.0f}'.format(value), 'small', 'end')
            value *= 10
        for count in self.counts:
            yield grid(self.x(count), self.top, self.x(count), self.top + self.height)
            yield text(self.x(count), self.top + self.height + 20, '{:,}'.format(count), 'small',
                       'middle')
        yield text(self.left + self.width / 2, self.top + self.height + 40, below, 'small',
                   'middle')

    def curves(self, drawn, last=True):
        """The curves, [(Curve, values)], then their names and last values, if these are wanted."""
        for curve, values in drawn:
            points = [(self.x(count), self.y(value)) for count, value in zip(self.counts, values)]
            yield '<polyline points="%s" class="line %s"/>' % (
                ' '.join('%.1f,%.1f' % point for point in points), curve.kind)
            if 'dashed' not in curve.kind:
                yield from ('<circle cx="%.1f" cy="%.1f" r="3.5" class="dot %s"/>' % (
                    *point, curve.kind) for point in points)
        if not last:
            return
        ordered = sorted(drawn, key=lambda item: -item[1][-1])
        places = apart([self.y(values[-1]) for _, values in ordered], 18)
        for (curve, values), place in zip(ordered, places):
            form = '{:,.0f}' if values[-1] >= 100 else '{:.1f}'
            kind = ('name ' if 'plugin' in curve.label else '') + curve.kind.split()[0]
            yield text(self.left + self.width + 10, place + 5, curve.label, kind,
                       figure=form.format(values[-1]))


    def starts(self, drawn):
        """The names of the curves beside the plot, each with its value at the plugin's size."""
        for row, (curve, values) in enumerate(drawn):
            yield text(self.left + self.width + 10, self.top + 40 + row * 22, curve.label,
                       curve.kind, figure='%.1f' % values[moves.BATCHES.index(moves.SIZE)])


def growth(results):
    """Instructions by the number of messages."""
    counts = results['counts']
    drawn = {}
    for storage, found in results['storages'].items():
        drawn[storage] = [(curve, [
            found[str(count)]['variants'][curve.variant]['instructions'] / 1e6
            for count in counts]) for curve in CURVES]
    values = [value for curves in drawn.values() for _, line in curves for value in line]
    low, high = (10 ** turn(math.log10(value)) for turn, value in (
        (math.floor, min(values)), (math.ceil, max(values))))
    parts = []
    for left, (storage, title) in zip((60, 558), (('sdbox', 'sdbox'), ('maildir', 'Maildir'))):
        panel = Panel(left, counts, low, high)
        parts += [*panel.axes(title), *panel.curves(drawn[storage])]
    return document(464, 'A POP3 session that shows 20 messages of many',
                    'Million instructions of the pop3 process, warm caches, Dovecot %s; '
                    'both scales are logarithmic' % results['dovecot'], parts)


def moved(results):
    """The time of QUIT by the size of the batches, that of one batch being 1."""
    drawn = {storage: [(curve, [moves.times(found[curve.variant], batch)
                                for batch in moves.BATCHES]) for curve in MOVE_CURVES]
             for storage, found in results['moves'].items()}
    most = max(value for curves in drawn.values() for _, line in curves for value in line)
    parts = []
    for left, (storage, title) in zip((60, 558), (('sdbox', 'sdbox'), ('maildir', 'Maildir'))):
        panel = Panel(left, moves.BATCHES, 1, 10 if most < 10 else 100)
        parts += [*panel.axes(title, 'messages in a batch'),
                  *panel.curves(drawn[storage], last=False),
                  *panel.starts(drawn[storage])]
    return document(464, 'QUIT that moves 1,000 messages in batches',
                    'Time in multiples of that with one batch, Dovecot %s; the plugin takes '
                    'batches of %d; both scales are logarithmic'
                    % (results['dovecot'], moves.SIZE), parts)


def merged(results):
    """What merging spam costs, as bars, one INBOX of as many messages being 1."""
    count = results['counts'][-1]
    parts = []
    for left, (storage, title) in zip((190, 610), (('sdbox', 'sdbox'), ('maildir', 'Maildir'))):
        variants = results['storages'][storage][str(count)]['variants']
        parts.append(text(left, 88, title, 'name'))
        for row, (words, ratio) in enumerate(COSTS):
            top = 98 + row * 70
            if storage == 'sdbox':
                parts.append(text(left - 14, top + 33, words, '', 'end'))
            parts += bars(left, top, {name: ratio(variants, name) for name, _, _ in BARS})
    return document(104 + 70 * len(COSTS), 'INBOX and Junk in one session, {:,} + {:,} messages'
                    .format(count, count // 20), 'Cost in multiples of a stock session with one '
                    'INBOX of as many messages, Dovecot %s; shorter is better'
                    % results['dovecot'], parts)


def instructions(variants, name):
    """Instructions as a multiple of those of one INBOX of as many messages."""
    return variants[name]['instructions'] / variants['total']['instructions']


def paired(what):
    """The same for CPU: the median of the ratios of paired rounds."""
    return lambda variants, name: statistics.median(
        ours / theirs for ours, theirs in zip(variants[name][what]['cpu'],
                                              variants['total'][what]['cpu']))


COSTS = (('instructions', instructions), ('CPU', paired('warm')),
         ('CPU after a delivery', paired('delivered')), ('CPU, cold caches', paired('cold')))


def bars(left, top, values):
    """Three bars, one below the other, up to 2.4 of them on the scale."""
    for number, (variant, label, kind) in enumerate(BARS):
        value, y = values[variant], top + number * 18
        width = min(value, 2.4) * 105
        yield '<rect x="%d" y="%d" width="%.1f" height="14" rx="2" class="bar %s"/>' % (
            left, y + 4, width, kind)
        yield text(left + width + 8, y + 16, label, 'name plugin' if kind == 'plugin' else kind,
                   figure='%.2f' % value)


PICTURES = {'growth': growth, 'merged': merged, 'moves': moved}
