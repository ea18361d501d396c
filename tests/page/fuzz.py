#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Changes scenarios by chance, and plays them:

	fuzz.py PLAY SCENARIOS COUNT

PLAY has the sanitizers; a scenario that it dies of, or that does not end, is printed.
"""
import glob
import os
import random
import subprocess
import sys
import tempfile

WORDS = """fault out in drop delay 200ms nth 3 not data reorder corrupt duplicate set seq 5 forge syn
rst ack flood 10 mss 50 A B wire rate 0.1 queue 2 loss 30 abort close shutdown connect listen send
100000 read 9 reading off on unfault 1 cc cubic bbr dctcp arq go-back-n stop-and-wait keepalive isn
port 7 end state TIME_WAIT fin""".split()


def change(lines, files, chance):
    at = chance.randrange(len(lines))
    kind = chance.randrange(3)
    if kind == 0:
        words = chance.choices(WORDS, k=chance.randrange(1, 6))
        lines.insert(at, " ".join([str(chance.randrange(3000)), chance.choice("AB"), *words]))
    elif kind == 1:
        lines.insert(at, chance.choice(chance.choice(files)))
    else:
        words = lines[at].split(" ")
        words[chance.randrange(len(words))] = chance.choice(WORDS)
        lines[at] = " ".join(words)


def main():
    play, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    files = []
    for name in sorted(glob.glob(folder + "/*.txt")):
        with open(name, encoding="utf-8") as file:
            files.append(file.read().splitlines())
    with tempfile.TemporaryDirectory() as home:
        name = os.path.join(home, "scenario")
        for seed in range(count):
            chance = random.Random(seed)
            lines = list(chance.choice(files))
            for _ in range(chance.randrange(12)):
                change(lines, files, chance)
            with open(name, "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            try:
                done = subprocess.run([play, name], capture_output=True, timeout=600, check=False)
            except subprocess.TimeoutExpired:
                sys.exit(f"seed {seed} does not end:\n" + "\n".join(lines))
            if done.returncode not in (0, 1) or b"runtime error" in done.stderr:
                sys.exit(f"seed {seed}: {done.stderr.decode()[:900]}\n" + "\n".join(lines))


main()
