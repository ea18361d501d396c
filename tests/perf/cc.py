#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tables, CSV and pictures of what cc.sh measured.

    cc.py DIR    DIR/index and the samples in; cc.txt, cc.csv, arq.txt, arq.csv and
                 one SVG for each single flow out, into DIR
"""
import os
import sys

import table

WIRE = 1514 / 1448      # bytes on the line for one of data
SEGMENT_MS = 1514 * 8 / 1000


def samples(path):
    with open(path) as f:
        rows = [[int(x) for x in line.split()] for line in f]
    return [r for r in rows if len(r) == 7]


def rate(rows, since):
    """Mbit/s on the line, in what follows the first part of the time."""
    late = [r for r in rows if r[0] >= since * rows[-1][0]]
    ms = late[-1][0] - late[0][0]
    return (late[-1][1] - late[0][1]) * 8 * WIRE / 1000 / ms if ms else 0


def jain(rates):
    squares = sum(r * r for r in rates)
    return sum(rates) ** 2 / len(rates) / squares if squares else 0


def recovery(rows):
    """Seconds from the first loss after a quarter of the time until cwnd is back."""
    since = rows[-1][0] / 4
    for before, row in zip(rows, rows[1:]):
        if row[0] >= since and row[6] > before[6]:
            for later in rows:
                if later[0] > row[0] and later[2] >= before[2]:
                    return (later[0] - row[0]) / 1000
            return None
    return None


def textbook(scheme, loss, rtt, mbit):
    """Utilisation by Stallings, Data and Computer Communications, 16A."""
    a = rtt / 2 / (SEGMENT_MS / mbit)
    p = loss / 100
    if scheme == 'stop-and-wait':
        return (1 - p) / (1 + 2 * a)
    if scheme == 'go-back-n':
        return (1 - p) / (1 + 2 * a * p)
    return 1 - p


def picture(path, title, rows):
    """cwnd, ssthresh (segments) and queueing delay (ms) over time."""
    width, height, left = 760, 300, 50
    end = rows[-1][0] or 1
    top = max(max(r[2] for r in rows), 1) * 1.1
    slow = max(max((r[4] - r[5]) / 1000 for r in rows), 1) * 1.1

    def line(colour, values, most):
        points = ' '.join(f'{left + (width - 2 * left) * t / end:.1f},'
                          f'{height - 30 - (height - 60) * min(v / most, 1):.1f}'
                          for t, v in values)
        return f'<polyline fill="none" stroke="{colour}" stroke-width="1.3" points="{points}"/>'

    def text(x, y, words, colour='#333', anchor='start'):
        return (f'<text x="{x}" y="{y}" fill="{colour}" font-size="12" '
                f'font-family="sans-serif" text-anchor="{anchor}">{words}</text>')

    with open(path, 'w') as f:
        f.write('\n'.join([
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">',
            f'<rect width="{width}" height="{height}" fill="white"/>',
            f'<path d="M{left},30V{height - 30}H{width - left}V30" fill="none" stroke="#999"/>',
            text(left, 20, title),
            text(width - left, 20, 'cwnd', '#0a5', 'end'),
            text(width - left - 40, 20, 'ssthresh', '#bbb', 'end'),
            text(width - left - 100, 20, 'queueing delay', '#c30', 'end'),
            text(left - 5, 40, f'{top:.0f}', '#0a5', 'end'),
            text(width - left + 5, 40, f'{slow:.0f} ms', '#c30'),
            text(width - left, height - 12, f'{end / 1000:.0f} s', anchor='end'),
            line('#bbb', [(r[0], r[3] if r[3] < 1 << 20 else 0) for r in rows], top),
            line('#c30', [(r[0], (r[4] - r[5]) / 1000) for r in rows], slow),
            line('#0a5', [(r[0], r[2]) for r in rows], top),
            '</svg>', '']))


def main():
    folder = table.folder(__doc__, 'cc', 'index')
    found, arq = {}, []
    for line in open(os.path.join(folder, 'index')):
        label, proto, cc, scheme, mbit, flows, drops = line.split()
        mbit = int(mbit)
        name = os.path.join(folder, f'{label}.{proto}.{cc}.{scheme}')
        runs = [samples(f'{name}.{i + 1}') for i in range(int(flows))]
        if not all(runs):
            print(f'cc.py: no samples: {label} {proto} {cc} {scheme}', file=sys.stderr)
            continue
        rates = [rate(r, 0.25) for r in runs]
        if label.startswith('arq-'):
            loss, rtt = (int(x) for x in label.split('-')[1:])
            arq.append((scheme, loss, rtt, f'{rates[0]:.2f}', f'{rates[0] / mbit:.3f}',
                        f'{textbook(scheme, loss, rtt, mbit):.3f}'))
            continue
        row = found.setdefault((cc, proto), {})
        row['fair ' + label] = f'{jain(rates):.3f}'
        row['used ' + label] = f'{100 * sum(rates) / mbit:.1f}'
        if label == 'one':
            late = [r for r in runs[0] if r[0] >= runs[0][-1][0] / 4]
            row['delay'] = f'{sum(r[4] - r[5] for r in late) / len(late) / 1000:.1f}'
            sent = runs[0][-1][1] / 1448 or 1
            row['lost'] = f'{100 * int(drops) / sent:.3f}'
            back = recovery(runs[0])
            row['back'] = '-' if back is None else f'{back:.2f}'
            picture(f'{name}.svg', f'{cc} over {proto.upper()}, one flow', runs[0])
    head = ['algorithm', 'over', 'used %', 'queue ms', 'lost %', 'recovered s', 'used % of 2',
            'fair of 2', 'used % of 8', 'fair of 8', 'fair 10/100 ms']
    keys = ['used one', 'delay', 'lost', 'back', 'used two', 'fair two', 'used eight',
            'fair eight', 'fair rtts']
    if found:
        table.write(os.path.join(folder, 'cc'), head,
                    [[cc, proto] + [row.get(k, '-') for k in keys]
                     for (cc, proto), row in found.items()])
    if arq:
        table.write(os.path.join(folder, 'arq'), ['scheme', 'loss %', 'RTT ms', 'Mbit/s', 'used',
                                                  'textbook'], arq)


main()
