#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The table of what bench.sh measured.

    bench.py DIR    DIR/rows in; bench.txt, bench.csv and bench.json out, into DIR

A line for each row: the medians of TCP and TTP, and how TTP compares. The ratio is such
that more is better: of speeds TTP/TCP, of times and memory TCP/TTP. Behind it stands how
far the repetitions are apart, in percent of the median.
"""
import json
import os
import statistics

import table

HEAD = ['row', 'unit', 'TCP', 'TTP', 'ratio', 'spread TCP', 'spread TTP']
MORE_IS_BETTER = ('Mbit/s',)


def rows(path):
    found = {}
    with open(path) as f:
        for line in f:
            row, unit, proto, value = line.split()
            found.setdefault((row, unit), {}).setdefault(proto, []).append(float(value))
    return found


def spread(values):
    return f'{100 * (max(values) - min(values)) / max(statistics.median(values), 1e-9):.1f}'


def one(row, unit, values):
    tcp, ttp = (values.get(p, []) for p in ('tcp', 'ttp'))
    if not tcp or not ttp:
        return None
    a, b = statistics.median(tcp), statistics.median(ttp)
    ratio = b / max(a, 1e-9) if unit in MORE_IS_BETTER else a / max(b, 1e-9)
    return [row.replace('_', ' '), unit, f'{a:g}', f'{b:g}', f'{ratio:.2f}', spread(tcp), spread(ttp)]


def main():
    folder = table.folder(__doc__, 'bench', 'rows')
    lines = [line for (row, unit), values in rows(os.path.join(folder, 'rows')).items()
             if (line := one(row, unit, values))]
    table.write(os.path.join(folder, 'bench'), HEAD, lines, left=2)
    with open(os.path.join(folder, 'bench.json'), 'w') as f:
        json.dump([dict(zip(HEAD, line)) for line in lines], f, indent=1)


main()
