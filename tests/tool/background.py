#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Is the progress of a transfer drawn by the job in the foreground, and by no other?

    background.py COMMAND [ARG]...    its standard error is a terminal, the others are files

Prints what the terminal got while the command was the foreground's job, then while it
was not, as "foreground: N bytes" and "background: N bytes".
"""
import os
import pty
import sys


def got(command, foreground):
    pid, terminal = pty.fork()
    if not pid:
        reader = os.open('/dev/null', os.O_RDONLY)
        os.dup2(reader, 0)
        writer = os.open('/dev/null', os.O_WRONLY)
        os.dup2(writer, 1)
        if not foreground:      # a group of its own, which is not the terminal's
            if job := os.fork():
                os.waitpid(job, 0)
                os._exit(0)
            os.setpgid(0, 0)
        os.execvp(command[0], command)
    text = b''
    try:
        while data := os.read(terminal, 4096):
            text += data
    except OSError:             # the terminal is closed
        pass
    os.waitpid(pid, 0)
    return len(text)


command = sys.argv[1:]
if not command or command[0] in ('-h', '--help'):
    print(__doc__.strip())
    sys.exit(0 if command else 2)
if command[0].startswith('-'):
    print(f'background.py: no such option: {command[0]} (try --help)', file=sys.stderr)
    sys.exit(2)
for name, foreground in ('foreground', True), ('background', False):
    print(f'{name}: {got(command, foreground)} bytes')
