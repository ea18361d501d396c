#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Does a picture say what the recording says?

    pictures.py ladder PICTURE.svg ROWS.json    each row is that of ttp ladder -j, and no
                                    two words are over each other
    pictures.py plot PICTURE.svg POINTS.json RECORDING ADDRESS
                                    each point is that of ttp plot -j, which has what
                                    the end with this address has in its events

Prints what does not agree; the exit status says whether all does.
"""
import json
import math
import re
import sys
import unicodedata
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


def corners(text):
    """Of the box around a text of the picture, in which a column has 7.25 pixels."""
    width = 7.25 * sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text.text)
    anchor = text.attrib["class"].split()
    left = float(text.attrib["x"]) - (width if "r" in anchor else width / 2 if "m" in anchor else 0)
    bottom = float(text.attrib["y"]) + 2
    turn = re.fullmatch(r"rotate\((.*) (.*) (.*)\)", text.attrib.get("transform", "rotate(0 0 0)"))
    angle, x, y = (float(number) for number in turn.groups())
    way = complex(math.cos(math.radians(angle)), math.sin(math.radians(angle)))
    return [complex(x, y) + (complex(*place) - complex(x, y)) * way
            for place in ((left, bottom - 11), (left + width, bottom - 11),
                          (left + width, bottom), (left, bottom))]


def apart(some, others):
    """Is there a side of one box that has all of the other one beyond it?"""
    for box in (some, others):
        for one, next_one in zip(box, box[1:] + box[:1]):
            across = (next_one - one) * 1j
            spans = [[(corner * across.conjugate()).real for corner in corners]
                     for corners in (some, others)]
            if max(spans[0]) <= min(spans[1]) or max(spans[1]) <= min(spans[0]):
                return True
    return False


def overlaps(picture):
    """Return: words that are over each other, or beside the picture."""
    top = tree.parse(picture).getroot()
    boxes = [(text.text, corners(text)) for text in top.iter(f"{SVG}text") if text.text]
    for i, (text, box) in enumerate(boxes):
        if min(corner.real for corner in box) < 0 or \
                max(corner.real for corner in box) > float(top.attrib["width"]):
            yield f"{text} is beside the picture"
        # rows go down the picture: who is over it is not far before it
        yield from (f"{text} is over {other}" for other, place in boxes[max(0, i - 40):i]
                    if not apart(box, place))


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
    yield from overlaps(picture)


def events_of(recording, address):
    """The segments of one end, in order, and when the connection began (ns)."""
    with open(recording, encoding="utf-8") as file:
        events = [json.loads(line) for line in file]
    events = sorted((ev for ev in events if ev.get("dport")), key=lambda ev: ev["time_ns"])
    return ([ev for ev in events if ev["event"] == "segment" and ev["saddr"] == address],
            events[0]["time_ns"])


def recorded(recording, address):
    """What ttp plot should have made of the recording: name -> [(ms, value)]."""
    events, start = events_of(recording, address)
    isn = next(ev["seq"] for ev in events if ev["direction"] == "out" and "SYN" in ev["flags"])
    series = {"cwnd": [], "ssthresh": [], "in flight": [], "advertised window": [],
              "not acknowledged": [], "SRTT": [], "RTO": [], "data": [], "retransmitted": []}
    for ev in events:
        time = (ev["time_ns"] - start) / 1e6
        for name, value in (("cwnd", ev.get("cwnd")), ("in flight", ev.get("in_flight")),
                            ("advertised window", ev.get("snd_wnd"))):
            if value is not None:
                series[name].append([time, value])
        if ev.get("ssthresh", 0x7fffffff) < 0x7fffffff:
            series["ssthresh"].append([time, ev["ssthresh"]])
        if "snd_nxt" in ev:
            series["not acknowledged"].append([time, (ev["snd_nxt"] - ev["snd_una"]) % 2**32])
        for name, field in (("SRTT", "srtt_us"), ("RTO", "rto_us")):
            if ev.get(field):
                series[name].append([time, ev[field] / 1000])
        if ev["direction"] == "out" and ev["seg_len"]:
            seq = (ev["seq"] - isn) % 2**32
            name = "retransmitted" if ev.get("retransmission") else "data"
            series[name].append([time, seq, seq + ev["seg_len"]])
    return {name: points for name, points in series.items() if points}


def same(some, others):
    """Are two lists of points the same, but for rounding?"""
    return len(some) == len(others) and all(
        len(a) == len(b) and all(math.isclose(x, y, rel_tol=1e-9, abs_tol=1e-9)
                                 for x, y in zip(a, b)) for a, b in zip(some, others))


def drawn_steps(path):
    """The corners of a line in steps."""
    numbers = [float(word) for word in re.findall(r"[-0-9.]+", path)]
    return list(zip(numbers[::2], numbers[1::2]))


def placed(panel, time, value):
    """Where a point should be."""
    times, xs, values, ys = ([float(v) for v in panel.attrib[f"data-{name}"].split()]
                             for name in ("t", "x", "v", "y"))
    value *= float(panel.attrib["data-factor"])
    if panel.attrib["data-log"] == "1":
        value, values = math.log10(max(value, values[0])), [math.log10(v) for v in values]
    part = min((value - values[0]) / (values[1] - values[0]), 1)
    return (xs[0] + (time / 1000 - times[0]) / (times[1] - times[0]) * (xs[1] - xs[0]),
            ys[0] + part * (ys[1] - ys[0]))


def plot(picture, points, recording, address):
    """Return: what does not agree."""
    with open(points, encoding="utf-8") as file:
        said = {name: one["points"] for name, one in json.load(file).items()}
    for name, want in recorded(recording, address).items():
        if not same(want, said.get(name, [])):
            yield f"{name} is not as it was recorded"
    count = 0
    for panel in tree.parse(picture).iter(f"{SVG}g"):
        for path in panel.iter(f"{SVG}path"):
            name = path.attrib.get("data-series")
            if not name or not re.fullmatch(r"M[-0-9. ]+(H[-0-9.]+V[-0-9.]+)*", path.attrib["d"]):
                continue
            want = [placed(panel, *point[:2]) for point in said[name]]
            count += 1
            if len(want) != len(drawn_steps(path.attrib["d"])) or any(
                    abs(a[0] - b[0]) > 0.06 or abs(a[1] - b[1]) > 0.06
                    for a, b in zip(want, drawn_steps(path.attrib["d"]))):
                yield f"{name} is not drawn where it is"
    if not count:
        yield "nothing is drawn"


wrong = list({"ladder": ladder, "plot": plot}[sys.argv[1]](*sys.argv[2:]))
print("\n".join(wrong))
sys.exit(bool(wrong))
