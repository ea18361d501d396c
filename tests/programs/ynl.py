#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compares what the kernel's netlink tool (YNL's cli.py, which knows nothing of TTP but
netlink/ttp.yaml) says with what ttp says of the same: two JSON files.

	ynl.py sockets|states|algorithms|counters|events YNL TTP

Prints the first thing that differs and exits with 1, or how many objects are equal.
"""
import json
import sys

# ttp has words of its own for bits, and for what only it can read
NOT_COMPARED = {'timer-ms', 'congestion-info', 'flags', 'options'}
MEMINFO = ['rmem_alloc', 'rcvbuf', 'wmem_alloc', 'sndbuf', 'fwd_alloc', 'wmem_queued',
           'optmem', 'backlog', 'drops']
STATES = {'state', 'from'}


def as_ttp(attrs):
    """An object of cli.py's with ttp's names."""
    out = {}
    for name, value in attrs.items():
        if name in NOT_COMPARED:
            continue
        if name in STATES:
            value = value.upper().replace('-', '_')
        elif name == 'family':
            value = {2: 'inet', 10: 'inet6'}[value]
        elif name == 'skmeminfo':
            value = dict(zip(MEMINFO, value))
        elif name == 'opt-sack':
            value = [list(pair) for pair in zip(value[::2], value[1::2])]
        out[name.replace('-', '_')] = value
    return out


def without(obj):
    skipped = {name.replace('-', '_') for name in NOT_COMPARED} | {'ns', 'event'}
    return {name: value for name, value in obj.items() if name not in skipped}


def rows(what, ynl, ttp):
    """Both as lists of objects, in the same order."""
    if what == 'counters':
        return ([{c['name']: c['value'] for c in ynl['mib']}], [without(ttp[0])])
    if what == 'events':
        ynl = [event['msg'] for event in ynl]
    ours, theirs = [without(obj) for obj in ttp], [as_ttp(obj) for obj in ynl]
    if what == 'sockets':
        for side in ours, theirs:
            side.sort(key=lambda sock: (sock['id'], sock['sport']))
    return theirs, ours


def main():
    if sys.argv[1:] in (['-h'], ['--help']):
        print(__doc__)
        return 0
    if len(sys.argv) != 4 or sys.argv[1].startswith('-'):
        print(f'ynl.py: expected WHAT YNL TTP, came {sys.argv[1:]} (try --help)', file=sys.stderr)
        return 2
    what = sys.argv[1]
    with open(sys.argv[2]) as ynl, open(sys.argv[3]) as ttp:
        if what == 'events':	# ttp monitor prints an object a line
            theirs, ours = rows(what, json.load(ynl), [json.loads(line) for line in ttp])
        else:
            theirs, ours = rows(what, json.load(ynl), json.load(ttp))
    if len(theirs) != len(ours) or not theirs:
        sys.exit(f'{what}: expected as many as ttp has, {len(ours)}, came {len(theirs)}')
    for their, our in zip(theirs, ours):
        for name in sorted({*their, *our}):
            if their.get(name) != our.get(name):
                sys.exit(f'{what}: {name}: expected {our.get(name)}, came {their.get(name)}')
    print(f'{len(theirs)} equal')


sys.exit(main())
