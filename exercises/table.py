# SPDX-License-Identifier: GPL-2.0
"""The exercises: one file NAME.toml for each, and what is done with them.

A file has, in this order:
    number                      its place in the list
    kunit                       the suites of KUnit that prove it: "ttp_rtt"; with * and [xy] for
                                several: each that has two or more of the tests below, and no other
    vm                          commands in the VM before curl runs, if there are any
    title.en, title.ko          a line
    text.en, text.ko            what to do
    [[function]] file, name     whose body is taken out
        rfc                     what to read
        keep                    lines of the body that stay, if there are any
        back                    what the empty function returns (by its type: false, 0, NULL)
    [[test]] name               SUITE.TEST of tests/host that proves it, in the order of reporting
        points                  1, or more
        en, ko                  what to look at when it fails
"""
import glob
import os
import re
import signal
import subprocess
import sys
import tomllib

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
MARKER = ".exercise"    # in a copied tree: its exercise and language
LANGUAGES = ("en", "ko")


class Wrong(Exception):
    """What the caller did wrong, in one line."""


class Exercise:
    def __init__(self, path):
        self.name = os.path.basename(path)[:-len(".toml")]
        with open(path, "rb") as file:
            table = tomllib.load(file)
        self.number = table["number"]
        self.kunit = table["kunit"]
        self.vm = table.get("vm", "")
        self.title = table["title"]
        self.text = table["text"]
        self.functions = table["function"]
        self.tests = table["test"]

    def files(self):
        """The files that a student changes."""
        return sorted({function["file"] for function in self.functions})


def exercises():
    """All of them, in the order of the list."""
    found = [Exercise(path) for path in glob.glob(os.path.join(ROOT, "exercises", "*.toml"))]
    return sorted(found, key=lambda exercise: exercise.number)


def find(name):
    for exercise in exercises():
        if exercise.name == name:
            return exercise
    known = " ".join(exercise.name for exercise in exercises())
    raise Wrong(f"no such exercise: {name}: there are {known}")


def language(asked):
    """The language to use: the one that is asked for, else the locale's."""
    if asked:
        if asked[:2] not in LANGUAGES:
            raise Wrong(f"no such language: {asked}: there are {' '.join(LANGUAGES)}")
        return asked[:2]
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(variable):
            return "ko" if os.environ[variable].startswith("ko") else "en"
    return "en"


class Function:
    """Where the definition of a function is in the text of a file of C."""

    def __init__(self, source, name):
        match = re.search(r"^(?P<type>(?!return\b|else\b)\w[\w \t*]*?[ \t*])" + re.escape(name) +
                          r"\([^;{}]*\)\n\{\n(?P<body>.*?)^\}", source, re.M | re.S)
        if not match:
            raise Wrong(f"no function {name}")
        self.source = source
        self.start, self.end = match.span("body")
        self.body = match["body"]
        self.type = match["type"]

    def with_body(self, body):
        return self.source[:self.start] + body + self.source[self.end:]

    def neutral(self):
        """What it can return before somebody has thought about it; None for nothing."""
        if "*" in self.type:
            return "NULL"
        last = self.type.split()[-1]
        return {"void": None, "bool": "false"}.get(last, "0")


def todo(exercise):
    """What stands in an empty function, and is gone when it has been written."""
    return f"TODO, exercise {exercise.name}"


def emptied(exercise, function, source):
    """The text of a file with one function's body taken out."""
    found = Function(source, function["name"])
    back = function.get("back", found.neutral())
    kept = function.get("keep", "")
    lines = f"\t/* {todo(exercise)}: read {function['rfc']} and EXERCISE.md */\n"
    if "TODO" in kept:
        lines = kept.replace("TODO", f"{todo(exercise)}: read {function['rfc']} and EXERCISE.md")
    else:
        lines = kept + lines
    if back:
        lines += f"\treturn {back};\n"
    return found.with_body(lines)


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    """Only if it says something else: make goes by the time of a file."""
    if os.path.exists(path) and read(path) == text:
        return False
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return True


def empty(exercise, tree):
    for function in exercise.functions:
        path = os.path.join(tree, function["file"])
        write(path, emptied(exercise, function, read(path)))


def still_empty(exercise, tree):
    """The functions in which the student has not begun."""
    names = []
    for function in exercise.functions:
        body = Function(read(os.path.join(tree, function["file"])), function["name"]).body
        if todo(exercise) in body:
            names.append(function["name"])
    return names


def sources():
    """The files of this tree, without what is built from them."""
    if os.path.exists(os.path.join(ROOT, ".git")):
        listed = subprocess.run(["git", "-C", ROOT, "ls-files", "-zco", "--exclude-standard"],
                                check=True, stdout=subprocess.PIPE, text=True).stdout
        files = [name for name in listed.split("\0") if name]
    else:
        files = []
        for folder, inner, names in os.walk(ROOT):
            inner[:] = [name for name in inner if name not in ("build", ".git", "__pycache__")]
            files += [os.path.relpath(os.path.join(folder, name), ROOT) for name in names
                      if not re.search(r"\.(o|ko|a|mod|mod\.c|d|cmd)$", name)]
    return [name for name in sorted(files) if os.path.lexists(os.path.join(ROOT, name)) and
            name not in (MARKER, "EXERCISE.md")]


def copy(tree, leave=()):
    """This tree's files into another folder, those that differ, without those to leave."""
    for name in sources():
        if name in leave:
            continue
        source, target = os.path.join(ROOT, name), os.path.join(tree, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if os.path.islink(source):
            if not os.path.lexists(target):
                os.symlink(os.readlink(source), target)
            continue
        with open(source, "rb") as file:
            data = file.read()
        if os.path.exists(target):
            with open(target, "rb") as file:
                if file.read() == data:
                    continue
        with open(target, "wb") as file:
            file.write(data)
        os.chmod(target, os.stat(source).st_mode & 0o777)


def marked(tree):
    """The exercise's name and the language of a copied tree; None when it is none."""
    path = os.path.join(tree, MARKER)
    if not os.path.exists(path):
        return None, None
    words = read(path).split()
    return words[0], words[1]


def wide(text):
    """How many columns it takes: a syllable of Korean takes two."""
    return sum(2 if "\u1100" <= char <= "\uffdc" else 1 for char in text)


def padded(text, columns):
    return text + " " * (columns - wide(text))


def call(script, run):
    """Runs a script's main function; a mistake of its caller is said in one line."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", line_buffering=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        return run(sys.argv[1:])
    except Wrong as wrong:
        print(f"{script}: {wrong} (try --help)", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def options(words, flags, values):
    """Splits words into (options, the other words): --NAME alone, --NAME VALUE."""
    given, rest = {}, []
    words = list(words)
    while words:
        word = words.pop(0)
        name, _, value = word.partition("=")
        if word in flags:
            given[word] = True
        elif name in values and "=" in word:
            given[name] = value
        elif word in values:
            if not words:
                raise Wrong(f"{word} needs a value")
            given[word] = words.pop(0)
        elif word.startswith("-"):
            raise Wrong(f"no such option: {word}")
        else:
            rest.append(word)
    return given, rest
