#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The table of what attack.sh measured.

    attack.py DIR    DIR/rows in; attack.txt and attack.csv out, into DIR

A line for each attack: instructions for each hostile packet (what it costs to send it
subtracted), those of the most expensive one, packets that the kernel sent for each, and
KiB held at the end, in slab objects and charged to sockets. Above 1 in the column
"TTP/TCP" stands what costs TTP more than TCP.
"""
import csv
import os
import sys

FIELDS = ['row', 'proto', 'packets', 'mean', 'baseline', 'most', 'answers', 'slab', 'socket', 'free']
HEAD = ['attack', 'TTP', 'TCP', 'TTP/TCP', 'most TTP', 'most TCP', 'sent TTP', 'sent TCP',
        'slab TTP', 'slab TCP', 'socket TTP', 'socket TCP']


def rows(path):
    found = {}
    with open(path) as f:
        for line in f:
            if line.startswith('#'):
                continue
            one = dict(zip(FIELDS, line.split()))
            found.setdefault(one['row'], {})[one['proto']] = one
    return found


def cells(name, both):
    ttp, tcp = (both.get(p, {}) for p in ('ttp', 'tcp'))
    ratio = '-'
    if ttp and tcp:
        ratio = f"{max(float(ttp['mean']), 1) / max(float(tcp['mean']), 1):.2f}"
    pairs = [(ttp.get(key, '-'), tcp.get(key, '-')) for key in ('mean', 'most', 'answers', 'slab', 'socket')]
    return [name.replace('_', ' '), *pairs[0], ratio, *pairs[1], *pairs[2], *pairs[3], *pairs[4]]


def main():
    words = sys.argv[1:]
    if '-h' in words or '--help' in words:
        print(__doc__.strip())
        return
    wrong = [word for word in words if word.startswith('-')]
    if wrong or len(words) != 1:
        what = f'no such option: {wrong[0]}' if wrong else f'it needs one DIR, here are {len(words)}'
        print(f'attack.py: {what} (try --help)', file=sys.stderr)
        sys.exit(2)
    folder = words[0]
    if not os.path.exists(os.path.join(folder, 'rows')):
        sys.exit(f'attack.py: no {folder}/rows: attack.sh leaves one in /out/attack')
    table = [HEAD] + [cells(*one) for one in rows(os.path.join(folder, 'rows')).items()]
    widths = [max(len(row[i]) for row in table) for i in range(len(HEAD))]
    text = '\n'.join('  '.join(c.ljust(w) if i == 0 else c.rjust(w)
                               for i, (c, w) in enumerate(zip(row, widths))) for row in table)
    with open(os.path.join(folder, 'attack.txt'), 'w') as f:
        f.write(text + '\n')
    with open(os.path.join(folder, 'attack.csv'), 'w', newline='') as f:
        csv.writer(f).writerows(table)
    print(text)


main()
