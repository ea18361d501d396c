#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The table and the chart of what bench.sh measured.

    bench.py [--into FILE.md] DIR

DIR/rows in; bench.txt, bench.csv, bench.json and bench.svg out, into DIR. --into: the
table and the chart, as FILE.svg, take the place of what stands in FILE.md between
<!-- bench --> and <!-- /bench -->.

A line for each row: the medians of TCP and TTP, and how TTP compares. The ratio is such
that more is better: of speeds TTP/TCP, of times and memory TCP/TTP. It is the median of the
repetitions' ratios: in each, one came right after the other, so whatever else the machine did
was alike for both. Behind it stands how far the repetitions are apart, in percent of the
median; then what other protocols reach, if any were asked.
"""
import json
import os
import re
import statistics
import sys

import chart
import table

PAIR = ('tcp', 'ttp')
MORE_IS_BETTER = ('Mbit/s', '1/s', 'fair')
MARKS = re.compile(r'(<!-- bench -->\n).*?(<!-- /bench -->)', re.DOTALL)


def rows(path):
    """{(row, unit): {protocol: [value]}}, in their order."""
    found = {}
    with open(path) as f:
        for line in f:
            row, unit, proto, value = line.rstrip('\n').split('\t')
            found.setdefault((row, unit), {}).setdefault(proto, []).append(float(value))
    return found


def spread(values):
    return 100 * (max(values) - min(values)) / max(statistics.median(values), 1e-9)


def ratio(unit, tcp, ttp):
    tcp, ttp = max(tcp, 1e-9), max(ttp, 1e-9)
    return ttp / tcp if unit in MORE_IS_BETTER else tcp / ttp


def compared(row, unit, values):
    """What is known of a row, or None if one of the two has no value."""
    if not all(values.get(p) for p in PAIR):
        print(f'bench.py: not measured over both protocols: {row}', file=sys.stderr)
        return None
    pairs = zip(*(values[p] for p in PAIR))
    return {'row': row, 'unit': unit, 'median': {p: statistics.median(v) for p, v in values.items()},
            'ratio': statistics.median(ratio(unit, *pair) for pair in pairs),
            'spread': {p: spread(v) for p, v in values.items()}, 'values': values}


def cells(one, others):
    """A row of the table."""
    repeated = len(one['values']['tcp']) > 1
    spreads = [f"{one['spread'][p]:.1f}" if repeated else '' for p in PAIR]
    return [one['row'], one['unit'], *(f"{one['median'][p]:g}" for p in PAIR),
            f"{one['ratio']:.2f}", *spreads,
            *(f"{one['median'][p]:g}" if p in one['median'] else '' for p in others)]


def markdown(head, lines):
    rule = ['---'] * 2 + ['---:'] * (len(head) - 2)
    return ''.join('| ' + ' | '.join(line) + ' |\n' for line in [head, rule, *lines])


def put_into(path, text, svg):
    with open(path) as f:
        whole = f.read()
    if not MARKS.search(whole):
        sys.exit(f'bench.py: {path} has no <!-- bench --> and <!-- /bench -->')
    picture = os.path.splitext(path)[0] + '.svg'
    text += f'\n![The ratios as bars]({os.path.basename(picture)})\n'
    with open(path, 'w') as f:
        f.write(MARKS.sub(lambda m: m[1] + text + m[2], whole))
    with open(picture, 'w') as f:
        f.write(svg)


def lacking(what):
    print(f'bench.py: {what} (try --help)', file=sys.stderr)
    sys.exit(2)


def main():
    into = None
    if sys.argv[1:2] == ['--into']:
        into = sys.argv[2] if len(sys.argv) > 2 else lacking('--into needs a FILE.md')
        del sys.argv[1:3]
    folder = table.folder(__doc__, 'bench', 'rows')
    found = [one for (row, unit), values in rows(os.path.join(folder, 'rows')).items()
             if (one := compared(row, unit, values))]
    others = sorted({p for one in found for p in one['median']} - set(PAIR))
    head = ['row', 'unit', 'TCP', 'TTP', 'ratio', 'spread TCP', 'spread TTP', *map(str.upper, others)]
    lines = [cells(one, others) for one in found]
    table.write(os.path.join(folder, 'bench'), head, lines, left=2)
    svg = chart.ratios('How TTP compares with TCP', found)
    with open(os.path.join(folder, 'bench.json'), 'w') as f:
        json.dump(found, f, indent=1)
    with open(os.path.join(folder, 'bench.svg'), 'w') as f:
        f.write(svg)
    if into:
        put_into(into, markdown(head, lines), svg)


main()
