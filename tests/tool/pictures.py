#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Does a picture say what the recording says?

    pictures.py ladder PICTURE.svg ROWS.json    each row is that of ttp ladder -j

Prints what does not agree; the exit status says whether all does.
"""
import json
import sys
import xml.etree.ElementTree as tree

SVG = "{http://www.w3.org/2000/svg}"


def row_of(group):
    """A row of the picture, as ttp ladder -j has it."""
    data = {key[5:]: value for key, value in group.attrib.items() if key.startswith("data-")}
    row = {"kind": data["row"]}
    for side in ("left", "right"):
        if f"{side}-ms" in data:
            row[side] = (float(data[f"{side}-ms"]), data.get(f"{side}-states", "").split())
    for name in ("from", "flags"):
        if name in data:
            row[name] = data[name]
    for name in ("seq", "ack", "len"):
        if name in data:
            row[name] = int(data[name])
    return row


def row_said(row):
    """The same of a row in JSON; of a fold only its kind."""
    said = {"kind": row["kind"]}
    for side in ("left", "right"):
        if side in row and row["kind"] != "fold":
            said[side] = (round(row[side]["ms"], 6),
                          [change["state"] for change in row[side]["changes"]])
    for name in ("from", "flags", "seq", "ack", "len"):
        if name in row:
            said[name] = row[name]
    return said


def ladder(picture, rows):
    """Return: what does not agree."""
    drawn = [[row_of(group) for group in one.iter(f"{SVG}g") if "data-row" in group.attrib]
             for one in tree.parse(picture).iter(f"{SVG}g")
             if one.attrib.get("class") == "ladder"]
    with open(rows, encoding="utf-8") as file:
        said = [[row_said(row) for row in one["rows"]] for one in json.load(file)]
    for one in drawn:
        for row in one:
            if row["kind"] == "fold":
                row.pop("left", None)
                row.pop("right", None)
    if [len(one) for one in drawn] != [len(one) for one in said] or not said:
        yield "not the same number of rows"
    for one, other in zip(drawn, said):
        yield from (f"{a} is drawn for {b}" for a, b in zip(one, other) if a != b)


wrong = list({"ladder": ladder}[sys.argv[1]](*sys.argv[2:]))
print("\n".join(wrong))
sys.exit(bool(wrong))
