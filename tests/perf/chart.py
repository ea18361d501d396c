# SPDX-License-Identifier: GPL-2.0
"""A bar chart of ratios, as SVG, for bench.py."""
import math
from html import escape

WIDTH = 960
NAMES = 330         # where the bars' area begins
VALUES = 700        # where it ends, and the figures begin
ROW = 22
BAR = 12
LEAST, MOST = 1 / 4, 4      # of the axis; what is beyond ends in an arrow
TICKS = (1 / 4, 1 / 2, 3 / 4, 1, 3 / 2, 2, 3, 4)
BETTER, WORSE, EVEN = '#2a7f62', '#c2571a', '#8a8f98'
INK, SOFT, LINE = '#1f2328', '#656d76', '#d8dee4'


def x_of(ratio):
    """A logarithmic axis: twice as fast is as far from 1 as half as fast."""
    part = math.log(ratio / LEAST) / math.log(MOST / LEAST)
    return NAMES + (VALUES - NAMES) * min(max(part, 0), 1)


def text(x, y, words, size=12, colour=INK, anchor='start', weight='normal'):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" '
            f'text-anchor="{anchor}" font-weight="{weight}">{escape(words)}</text>')


def number(value):
    return f'{value:,.0f}' if value >= 100 else f'{value:.3g}'


def colour_of(ratio):
    if abs(ratio - 1) < 0.015:
        return EVEN
    return BETTER if ratio > 1 else WORSE


def bar(y, ratio):
    """From 1 to the ratio, with a point at its end if it goes on."""
    start, end = x_of(1), x_of(ratio)
    tip = 5 if ratio > MOST else -5 if ratio < LEAST else 0
    if abs(end - start) < 2:
        start, end = start - 1, start + 1
    top, middle, bottom = y - BAR / 2, y, y + BAR / 2
    return (f'<path fill="{colour_of(ratio)}" d="M{start:.1f},{top}H{end - tip:.1f}'
            f'L{end:.1f},{middle}L{end - tip:.1f},{bottom}H{start:.1f}Z"/>')


def row(y, name, one):
    figures = f"{number(one['median']['tcp'])} → {number(one['median']['ttp'])} {one['unit']}"
    return [text(NAMES - 14, y + 4, name, anchor='end'),
            bar(y, one['ratio']),
            text(VALUES + 58, y + 4, f"{one['ratio']:.2f}", colour=colour_of(one['ratio']),
                 anchor='end', weight='bold'),
            text(WIDTH - 20, y + 4, figures, colour=SOFT, anchor='end')]


def groups(rows):
    """[(heading, [(name, row)])]: names up to their first comma are the headings."""
    found = {}
    for one in rows:
        heading, _, name = one['row'].partition(', ')
        found.setdefault(heading, []).append((name or heading, one))
    return found.items()


def axis(top, bottom):
    out = []
    for tick in TICKS:
        x = x_of(tick)
        out.append(f'<path stroke="{INK if tick == 1 else LINE}" d="M{x:.1f},{top}V{bottom}"/>')
        out.append(text(x, top - 6, f'{tick:g}', 11, SOFT, 'middle'))
    return out


def ratios(title, rows):
    y = top = 84
    body = []
    for heading, members in groups(rows):
        y += ROW
        body.append(text(20, y + 4, heading, weight='bold'))
        for name, one in members:
            y += ROW
            body += row(y, name, one)
        y += ROW / 3
    bottom = y + ROW / 2
    height = bottom + 20
    return '\n'.join([
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height:.0f}" '
        f'viewBox="0 0 {WIDTH} {height:.0f}" font-family="\'DejaVu Sans\', Verdana, sans-serif">',
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        text(20, 32, title, 18, weight='bold'),
        text(20, 52, 'Bars to the right: TTP is faster, or needs less. To the left: TCP.', 12, SOFT),
        text(VALUES + 58, top - 6, 'ratio', 11, SOFT, 'end'),
        text(WIDTH - 20, top - 6, 'TCP → TTP', 11, SOFT, 'end'),
        *axis(top, bottom), *body, '</svg>', ''])
