# SPDX-License-Identifier: GPL-2.0
"""A terminal of ROWSxCOLUMNS for a command: terminal.py 24x80 COMMAND... <SCRIPT.

It does what a vt100 does with what the command writes.  The script's lines:

    see TEXT        wait until a line of the screen has it
    line N TEXT     wait until line N, from 1, is it, but for blanks around it
    no TEXT         no line has it
    key TEXT        type it; <down>, <enter> and so on are keys
    size 30x100     the terminal has another size now
    signal TERM     what it runs in the foreground gets this signal
    end STATUS      wait until the command has ended so

Each wait ends after 60 s, and the screen is printed.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import unicodedata

KEYS = {"<up>": "\033OA", "<down>": "\033OB", "<right>": "\033OC", "<left>": "\033OD",
        "<enter>": "\r", "<escape>": "\033", "<erase>": "\177", "<interrupt>": "\003",
        "<down-page>": "\033[6~"}
SEQUENCE = re.compile(r"\033\[([?>]?)([\d;]*)([A-Za-z@])|\033[()][A-Z0-9]|\033[=>78MDEHc]|\033#8")


class Screen:
    def __init__(self, rows, columns):
        self.rest = ""
        self.decode = __import__("codecs").getincrementaldecoder("utf-8")("replace").decode
        self.resize(rows, columns)

    def resize(self, rows, columns):
        self.rows, self.columns = rows, columns
        self.region = 0, rows - 1
        self.cell = [[" "] * columns for _ in range(rows)]
        self.row = self.column = 0
        self.full = False       # the last column was written: the next character wraps

    def lines(self):
        return ["".join(row) for row in self.cell]

    def clear(self, row, begin, end):
        for column in range(begin, end):
            self.cell[row][column] = " "

    def move(self, row, column):
        self.row = max(0, min(row, self.rows - 1))
        self.column = max(0, min(column, self.columns - 1))
        self.full = False

    def line_feed(self):
        top, bottom = self.region
        if self.row == bottom:
            self.cell.insert(bottom + 1, [" "] * self.columns)
            del self.cell[top]
        else:
            self.move(self.row + 1, self.column)

    def reverse_line_feed(self):
        top, bottom = self.region
        if self.row == top:
            del self.cell[bottom]
            self.cell.insert(top, [" "] * self.columns)
        else:
            self.move(self.row - 1, self.column)

    def sequence(self, values, final):
        first = values[0] if values else 0
        if final == "H":
            self.move((first or 1) - 1, (values[1] if len(values) > 1 else 1) - 1)
        elif final in "ABCD":
            by = first or 1
            self.move(self.row + {"A": -by, "B": by}.get(final, 0),
                      self.column + {"C": by, "D": -by}.get(final, 0))
        elif final in "JK":
            if first == 1:
                self.clear(self.row, 0, self.column + 1)
                return
            self.clear(self.row, self.column, self.columns)
            if final == "J":
                for row in range(self.row + 1, self.rows):
                    self.clear(row, 0, self.columns)
        elif final == "r":
            self.region = (first or 1) - 1, (values[1] if len(values) > 1 else self.rows) - 1
            self.move(0, 0)
        elif final not in "mhl":
            sys.exit(f"terminal.py: a vt100 has no sequence {final}")

    def put(self, char):
        wide = 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if self.full or self.column + wide > self.columns:
            self.line_feed()
            self.move(self.row, 0)
        self.cell[self.row][self.column] = char
        if wide == 2:
            self.cell[self.row][self.column + 1] = ""
        if self.column + wide < self.columns:
            self.column += wide
        else:
            self.full = True

    def write(self, data):
        text = self.rest + self.decode(data)
        while text:
            if text[0] == "\033":
                found = SEQUENCE.match(text)
                if not found:
                    break
                if found[3] and not found[1]:
                    self.sequence([int(v or 0) for v in found[2].split(";")], found[3])
                elif found[0] == "\033M":
                    self.reverse_line_feed()
                text = text[found.end():]
                continue
            char, text = text[0], text[1:]
            if char == "\r":
                self.move(self.row, 0)
            elif char == "\n":
                self.line_feed()
            elif char == "\t":
                self.move(self.row, self.column // 8 * 8 + 8)
            elif char == "\b":
                self.move(self.row, self.column - 1)
            elif char >= " ":
                self.put(char)
        self.rest = text


def set_size(fd, rows, columns):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class Session:
    def __init__(self, size, command):
        rows, columns = map(int, size.split("x"))
        self.screen = Screen(rows, columns)
        self.status = None
        self.pid, self.fd = pty.fork()
        if not self.pid:
            set_size(0, rows, columns)
            os.environ["TERM"] = "vt100"
            os.execvp(command[0], command)

    def read(self, seconds):
        if not select.select([self.fd], [], [], seconds)[0]:
            return
        try:
            self.screen.write(os.read(self.fd, 65536))
        except OSError:
            time.sleep(seconds)

    def until(self, what, true):
        end = time.time() + 60
        while not true():
            if time.time() > end:
                sys.exit("\n".join([f"no: {what}"] + self.screen.lines()))
            self.read(0.05)

    def has_ended(self):
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status is not None

    def do(self, line):
        word, _, text = line.partition(" ")
        if word == "see":
            self.until(line, lambda: any(text in row for row in self.screen.lines()))
        elif word == "line":
            number, _, wanted = text.partition(" ")
            self.until(line, lambda: self.screen.lines()[int(number) - 1].strip() == wanted)
        elif word == "no":
            self.until(line, lambda: not any(text in row for row in self.screen.lines()))
        elif word == "key":
            os.write(self.fd, KEYS.get(text, text).encode())
        elif word == "size":
            rows, columns = map(int, text.split("x"))
            self.screen.resize(rows, columns)
            set_size(self.fd, rows, columns)
        elif word == "signal":
            os.killpg(os.tcgetpgrp(self.fd), signal.Signals["SIG" + text])
        elif word == "end":
            self.until(line, self.has_ended)
            if self.status != int(text):
                sys.exit("\n".join([f"ended with {self.status}"] + self.screen.lines()))
        else:
            sys.exit(f"terminal.py: no such line: {line}")


def main():
    session = Session(sys.argv[1], sys.argv[2:])
    try:
        for line in sys.stdin.read().splitlines():
            session.do(line)
    finally:
        if not session.has_ended():
            os.kill(session.pid, signal.SIGKILL)


main()
