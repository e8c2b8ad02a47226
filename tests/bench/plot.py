# SPDX-License-Identifier: Apache-2.0
"""Bars as SVG: just enough for the report of the benchmark, readable on white and in print.

A panel is a dict: title, unit, groups (names on the axis), series (name to values, None for none), and
log (a logarithmic axis) if it has that. All panels have the same series."""
import math
from xml.sax.saxutils import escape

COLOURS = ("#9a9a9a", "#0b6e4f", "#c9752b", "#a8324a", "#4b5fa6")
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 560, 300, 54, 48, 34
TEXT = 'font-family="sans-serif" fill="#222"'


def said(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


class Axis:
    """From a value to a height above the bottom line, in pixels."""

    def __init__(self, values, log):
        self.log, most = log, max(values, default=1.0)
        self.low = 10 ** math.floor(math.log10(max(min(values, default=1.0), 1e-3))) if log else 0.0
        self.high = max(10 ** math.ceil(math.log10(most)), self.low * 10) if log else self.nice(most * 1.1)

    @staticmethod
    def nice(value):
        power = 10 ** math.floor(math.log10(max(value, 1e-9)))
        return next(step * power for step in (1, 2, 3, 4, 6, 8, 10) if step * power >= value)

    def ticks(self):
        if self.log:
            return [self.low * 10 ** n for n in range(round(math.log10(self.high / self.low)) + 1)]
        return [self.high * n / 4 for n in range(5)]

    def height(self, value):
        share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low) if self.log else value / self.high
        return share * (HEIGHT - TOP - BOTTOM)


def text(x, y, words, size=11, anchor="middle", more=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" {TEXT}{more}>{escape(words)}</text>'


def bar(x, width, height, colour, words):
    base = HEIGHT - BOTTOM
    return [f'<rect x="{x:.1f}" y="{base - height:.1f}" width="{width:.1f}" height="{max(height, 0.5):.1f}" fill="{colour}"/>',
            text(x + width / 2, base - height - 3, words, 9)]


def panel(p):
    """The elements of one panel, at 0, 0."""
    values = [v for vs in p["series"].values() for v in vs if v is not None]
    axis, base, log = Axis(values, p.get("log", False)), HEIGHT - BOTTOM, p.get("log", False)
    out = [text(LEFT, 18, p["title"], 14, "start", ' font-weight="bold"'),
           text(LEFT, 34, p["unit"] + (", logarithmic" if log else ""), 11, "start")]
    for tick in axis.ticks():
        y = base - axis.height(tick)
        out += [f'<line x1="{LEFT}" x2="{WIDTH - 10}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>', text(LEFT - 6, y + 4, f"{tick:,g}", 10, "end")]
    room = (WIDTH - 10 - LEFT) / max(len(p["groups"]), 1)
    width = min(room * 0.84 / max(len(p["series"]), 1), 60)
    for g, group in enumerate(p["groups"]):
        middle = LEFT + room * (g + 0.5)
        out.append(text(middle, base + 16, group, 11))
        for s, vs in enumerate(p["series"].values()):
            if vs[g] is not None:
                x = middle + (s - len(p["series"]) / 2) * width
                out += bar(x + 1, width - 2, axis.height(vs[g]), COLOURS[s % len(COLOURS)], said(vs[g]))
    return out


def svg(title, panels):
    """Two panels in a row, the names of the series above."""
    names = list(panels[0]["series"])
    rows = -(-len(panels) // 2)
    wide, high = 2 * WIDTH, rows * HEIGHT + 34
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" role="img">', f"<title>{escape(title)}</title>",
           f'<rect width="{wide}" height="{high}" fill="#fff"/>']
    for n, name in enumerate(names):
        x = LEFT + n * (wide - LEFT) / len(names)
        out += [f'<rect x="{x:.1f}" y="10" width="12" height="12" fill="{COLOURS[n % len(COLOURS)]}"/>', text(x + 18, 20, name, 12, "start")]
    for n, p in enumerate(panels):
        out += [f'<g transform="translate({n % 2 * WIDTH} {n // 2 * HEIGHT + 34})">', *panel(p), "</g>"]
    return "\n".join([*out, "</svg>"]) + "\n"
