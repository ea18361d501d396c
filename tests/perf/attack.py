#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""The table of what attack.sh measured.

    attack.py DIR    DIR/rows in; attack.txt and attack.csv out, into DIR

A line for each attack: instructions for each hostile packet (what it costs to send it
subtracted), but for the most expensive one, in which the kernel may have done something
else, too; those of that one; packets that the kernel sent for each; and KiB held at the
end, in slab objects and charged to sockets. Above 1 in the column "TTP/TCP" stands what
costs TTP more than TCP.
"""
import os

import table

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


def usual(one):
    """The mean without the most expensive packet."""
    n = int(one['packets'])
    return (float(one['mean']) * n - float(one['most'])) / (n - 1)


def cells(name, both):
    ttp, tcp = (both.get(p, {}) for p in ('ttp', 'tcp'))
    ratio = '-'
    for one in both.values():
        one['mean'] = f'{usual(one):.0f}'
    if ttp and tcp:
        ratio = f"{max(float(ttp['mean']), 1) / max(float(tcp['mean']), 1):.2f}"
    pairs = [(ttp.get(key, '-'), tcp.get(key, '-')) for key in ('mean', 'most', 'answers', 'slab', 'socket')]
    return [name.replace('_', ' '), *pairs[0], ratio, *pairs[1], *pairs[2], *pairs[3], *pairs[4]]


def main():
    folder = table.folder(__doc__, 'attack', 'rows')
    table.write(os.path.join(folder, 'attack'), HEAD,
                [cells(*one) for one in rows(os.path.join(folder, 'rows')).items()], left=1)


main()
