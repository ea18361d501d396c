# SPDX-License-Identifier: GPL-2.0
"""The page of a grade: one file, which loads nothing."""
import html
import os

import table
from words import WORDS

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --panel: #f4f5f7; --line: #c9ccd1;
	--text: #1b1d21; --good: #00705a; --bad: #a00000; }
@media (prefers-color-scheme: dark) { :root { --ground: #15171a; --panel: #1f2226;
	--line: #444a52; --text: #e8eaed; --good: #4fd1ae; --bad: #ff8a80; } }
body { margin: 0 auto; max-width: 1100px; padding: 10px 14px 40px; background: var(--ground);
	color: var(--text);
	font: 15px/1.5 system-ui, "Noto Sans CJK KR", "Noto Sans KR", sans-serif; }
h1 { font-size: 1.4em; } h2 { font-size: 1.1em; margin: 22px 0 6px; }
table { border-collapse: collapse; }
td, th { border-bottom: 1px solid var(--line); padding: 4px 8px; text-align: left;
	vertical-align: top; }
td.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
.good, .bad { white-space: nowrap; }
pre { background: var(--panel); padding: 8px 10px; overflow-x: auto; border-radius: 6px;
	font: 13px/1.35 "DejaVu Sans Mono", "Noto Sans Mono CJK KR", monospace; tab-size: 8; }
dt { font-weight: 600; margin-top: 6px; } dd { margin: 0; }
code { overflow-wrap: break-word; }
"""


def row(*cells):
    return "<tr>" + "".join(cells) + "</tr>\n"


def cell(text, kind=""):
    attribute = f' class="{kind}"' if kind else ""
    return f"<td{attribute}>{text}</td>"


def heads(*texts):
    return row(*(f"<th>{html.escape(text)}</th>" for text in texts))


def name_of(text):
    """A name in which a line may break where it has an underscore."""
    return f"<code>{html.escape(text).replace('_', '_<wbr>')}</code>"


def points(part):
    return f"{part['points']}/{part['of']}" if part["of"] else "-"


def parts(result, words):
    rows = heads(words["part"], words["points"], words["note"])
    for name, part in result["parts"].items():
        note = part.get("note", "")
        if part["status"] in ("not run", "not asked"):
            note = words[part["status"]]
        kind = {"passed": "number good", "failed": "number bad"}.get(part["status"], "number")
        rows += row(cell(html.escape(words[name])), cell(points(part), kind),
                    cell(html.escape(note)))
    rows += row(cell(f"<b>{html.escape(words['points'])}</b>"),
                cell(f"<b>{result['points']}/{result['of']}</b>", "number"), cell(""))
    return f"<table>{rows}</table>\n"


def tests(exercise, host, words, lang):
    rows = heads(words["test"], words["result"], words["hint"])
    for done, test in zip(host["tests"], exercise.tests):
        passed = done["passed"]
        rows += row(cell(name_of(done['name'])),
                    cell(words["ok"] if passed else words["not_ok"], "good" if passed else "bad"),
                    cell("" if passed else html.escape(test[lang])))
    return f"<table>{rows}</table>\n"


def first(done, words):
    items = []
    for name, text in (("says", done["says"]), ("line", done["line"]), ("came", done["what"])):
        if text:
            items.append(f"<dt>{html.escape(words[name])}</dt>"
                         f"<dd><code>{html.escape(text)}</code></dd>")
    if done["story"]:
        items.append(f"<dt>{html.escape(words['led'])}</dt>"
                     f"<dd>{lines(done['story'])}</dd>")
    return (f"<h2>{html.escape(words['first'])}: <code>{html.escape(done['name'])}</code></h2>\n"
            f"<dl>{''.join(items)}</dl>\n")


def lines(texts):
    return f"<pre>{html.escape(chr(10).join(texts))}</pre>\n"


def answer(exercise, tree, words):
    text = f"<h2>{html.escape(words['answer'])}</h2>\n"
    for function in exercise.functions:
        try:
            found = table.Function(table.read(os.path.join(tree, function["file"])),
                                   function["name"])
        except table.Wrong:
            continue
        begin = found.source.rfind("\n\n", 0, found.start) + 2
        text += (f"<p><code>{html.escape(function['file'])}</code></p>\n" +
                 lines(found.source[begin:found.end + 1].rstrip().split("\n")))
    return text


def page(exercise, result, tree, lang):
    words = WORDS[lang]
    title = words["page"].format(number=exercise.number, title=exercise.title[lang])
    host = result["parts"]["host"]
    body = f"<h1>{html.escape(title)}</h1>\n" + parts(result, words)
    for name in result["empty"]:
        body += f"<p class=\"bad\">{html.escape(words['empty'].format(name=name))}</p>\n"
    if host.get("errors"):
        body += f"<h2>{html.escape(words['errors'])}</h2>\n" + lines(host["errors"])
    if host["tests"]:
        body += f"<h2>{html.escape(words['host'])}</h2>\n" + tests(exercise, host, words, lang)
    failed = next((done for done in host["tests"] if not done["passed"]), None)
    if failed:
        body += first(failed, words)
    for name in ("kunit", "curl"):
        if result["parts"][name].get("story"):
            body += f"<h2>{html.escape(words[name + '_story'])}</h2>\n"
            body += lines(result["parts"][name]["story"])
    body += answer(exercise, tree, words)
    return (f"<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            f"<title>{html.escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n"
            f"<body>\n{body}</body>\n</html>\n")
