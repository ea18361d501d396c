#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A recording, and captures that go with it.  Called by payload.sh.

	payload.py make FOLDER		talk.jsonl, in which 10.0.0.1 sends five segments of 100
					bytes, byte i being i modulo 251; big.jsonl, in which they
					are one packet; and captures of both
	payload.py check LADDER [LEN]	LADDER, of ttp ladder -j -x, has the bytes of each segment,
					or the first LEN of them
	payload.py page PAGE		the same for a page of ttp report
"""
import json
import re
import struct
import sys

ISN = (2**32 - 150, 5000)	# the data wrap
SIZE = 100
COUNT = 5
WALL = 1700000000 * 10**9
START = 10**9
ADDR = ("10.0.0.1", "10.0.0.2")
PORT = (50000, 5001)
BITS = {"FIN": 1, "SYN": 2, "PSH": 8, "ACK": 16}


def data(at, size):
    return bytes((at + i) % 251 for i in range(size))


def packet(who, flags, seq, ack, payload, proto=253):
    tcp = struct.pack(">HHIIBBHHH", PORT[who], PORT[1 - who], seq % 2**32, ack % 2**32, 5 << 4,
                      sum(BITS[f] for f in flags.split(",")), 1000, 0, 0)
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 40 + len(payload), 0, 0, 64, proto, 0,
                     bytes(map(int, ADDR[who].split("."))), bytes(map(int, ADDR[1 - who].split("."))))
    return ip + tcp + payload


def event(who, direction, time, flags, seq, ack, size, **more):
    me = who if direction == "out" else 1 - who
    return {"event": "segment", "ns": "AB"[me], "time_ns": START + time, "id": 100 + me, "netns": 1000 + me,
            "family": "inet", "saddr": ADDR[me], "sport": PORT[me], "daddr": ADDR[1 - me],
            "dport": PORT[1 - me], "state": "ESTABLISHED", "direction": direction, "flags": flags,
            "seq": seq % 2**32, "ack": ack % 2**32, "seg_len": size, "seg_wnd": 1000, **more}


def segments(sizes):
    """Of a talk: who, time, flags, seq, ack, where in the data, how much"""
    yield 0, 0, "SYN", ISN[0], 0, 0, 0
    yield 1, 1000, "SYN,ACK", ISN[1], ISN[0] + 1, 0, 0
    at = 0
    for i, size in enumerate(sizes):
        yield 0, 10000 + 1000 * i, "PSH,ACK", ISN[0] + 1 + at, ISN[1] + 1, at, size
        at += size
    yield 1, 30000, "ACK", ISN[1] + 1, ISN[0] + 1 + at, 0, 0


def recording(name, sizes, **more):
    events = []
    for who, time, flags, seq, ack, _, size in segments(sizes):
        events.append(event(who, "out", time, flags, seq, ack, size, **(more if size else {})))
        if not more or not size:
            events.append(event(who, "in", time + 300, flags, seq, ack, size))
    with open(name, "w", encoding="utf-8") as file:
        for one in [{"event": "recording", "namespaces": 2, "time_ns": START, "wall_ns": WALL}, *events]:
            file.write(json.dumps(one, separators=(",", ":")) + "\n")


def capture(name, packets):
    with open(name, "wb") as file:
        file.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 101))
        for time, content, captured in packets:
            sec, nsec = divmod(WALL + time, 10**9)
            file.write(struct.pack("<IIII", sec, nsec, min(captured, len(content)), len(content)))
            file.write(content[:captured])


def packets(sizes, captured=65535, late=0):
    return [(time + late, packet(who, flags, seq, ack, data(at, size)), captured)
            for who, time, flags, seq, ack, at, size in segments(sizes)]


def make():
    each, whole = [SIZE] * COUNT, [SIZE * COUNT]
    recording("talk.jsonl", each)
    recording("big.jsonl", whole, segs=COUNT)
    capture("talk.pcap", packets(each))
    capture("big.pcap", packets(whole))			# GSO: one packet has them all
    capture("other.pcap", packets([130, 70, 200, 100]))	# cut elsewhere
    both = packets(each) + packets(each, late=250)
    capture("both.pcap", sorted(both))			# of both ends
    capture("cut.pcap", packets(each, captured=60))	# 20 bytes of the data
    lacks = packets(each)
    capture("lacks.pcap", lacks[:3] + lacks[5:])	# the second and third are not there
    capture("nodata.pcap", packets([]))
    # the same numbers an hour before, with other bytes: an older connection
    old = [(time - 3600 * 10**9, content[:40] + bytes(len(content) - 40), n) for time, content, n in packets(each)]
    capture("older.pcap", old + packets(each))
    # what says that it goes on where others are, but has other bytes
    liar = [(0, packet(0, "ACK", ISN[0] + 1, 0, b""), 65535)] * 5000
    capture("many.pcap", liar + packets(each))
    long = packets(each)
    for i, (time, content, n) in list(enumerate(long))[::2]:
        long[i] = (time, content[:2] + b"\xff\xff" + content[4:], n)
    capture("length.pcap", long)


def pieces(sizes):
    return [data(at, size) for *_, at, size in segments(sizes) if size]


def check(sizes, got, most):
    want = [piece[:most].hex() for piece in pieces(sizes)]
    if got != want:
        sys.exit(f"payload: {got}\n    not: {want}")


def sizes_of(lengths):
    return [SIZE] * COUNT if lengths[0] == SIZE else [SIZE * COUNT]


def main():
    what, name = sys.argv[1:3]
    if what == "make":
        make()
        return
    most = int(sys.argv[3]) if len(sys.argv) > 3 else 256
    with open(name, encoding="utf-8") as file:
        text = file.read()
    if what == "check":
        rows = [row for row in json.loads(text)[0]["rows"] if row.get("len")]
        check(sizes_of([row["len"] for row in rows]), [row["bytes"] for row in rows], most)
        return
    events = json.loads(re.search(r'id="events">(.*?)</script>', text, re.S).group(1))
    out = [ev for ev in events if ev.get("seg_len") and ev["direction"] == "out"]
    check(sizes_of([ev["seg_len"] for ev in out]), [ev["bytes"] for ev in out], 2048)
    for ev in events:
        if ("header_bytes" in ev) != (ev["direction"] == "out"):
            sys.exit(f"payload: bytes are where it leaves, and only there: {ev}")
        if "header_bytes" in ev and (len(ev["header_bytes"]) != 80 or
                                     ev["header_bytes"][48:56] != "%08x" % ev["seq"]) and \
           not ev.get("packet_offset"):
            sys.exit(f"payload: not its header: {ev}")


main()
