# SPDX-License-Identifier: GPL-2.0
"""What cc.py, attack.py and bench.py share: how they are called, and how a table is written."""
import csv
import os
import sys


def folder(doc, name, file):
    """The one argument of script NAME: a DIR that has FILE, left there by NAME.sh."""
    words = sys.argv[1:]
    if '-h' in words or '--help' in words:
        print(doc.strip())
        sys.exit()
    wrong = [word for word in words if word.startswith('-')]
    if wrong or len(words) != 1:
        what = f'no such option: {wrong[0]}' if wrong else f'it needs one DIR, here are {len(words)}'
        print(f'{name}.py: {what} (try --help)', file=sys.stderr)
        sys.exit(2)
    if not os.path.exists(os.path.join(words[0], file)):
        sys.exit(f'{name}.py: no {words[0]}/{file}: {name}.sh leaves one in /out/{name}')
    return words[0]


def write(path, head, rows, left=0):
    """Prints the table, its first columns LEFT aligned to the left; also into PATH.txt and PATH.csv."""
    cells = [head] + [[str(c) for c in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    text = '\n'.join('  '.join(c.ljust(w) if i < left else c.rjust(w)
                               for i, (c, w) in enumerate(zip(row, widths))) for row in cells)
    with open(path + '.txt', 'w') as f:
        f.write(text + '\n')
    with open(path + '.csv', 'w', newline='') as f:
        csv.writer(f).writerows(cells)
    print(text + '\n')
