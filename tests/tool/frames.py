# SPDX-License-Identifier: GPL-2.0
"""A capture of Ethernet as another one: frames.py HOW FROM TO.  Called by joins.sh.

HOW is a link type (raw, ipv4, sll, sll2, null, vlan, pcapng), what is done to each
packet (ttp: protocol 253; six: IPv6; other: other addresses; fragment, cut, doff, length: every 4th is so), or
later:SECONDS, or fuzz:COUNT, which makes so many that are broken, TO0, TO1 ...
"""
import random
import struct
import sys


def packets(name):
    with open(name, "rb") as file:
        data = file.read()
    at = 24
    while at < len(data):
        sec, usec, captured, length = struct.unpack_from("<IIII", data, at)
        yield sec, usec, length, data[at + 16:at + 16 + captured]
        at += 16 + captured


def ipv6(ip):
    """An atomic fragment's header is between, too."""
    address = b"\xfd" + bytes(11)
    length = struct.unpack_from(">H", ip, 2)[0] - 20 + 8
    return (struct.pack(">IHBB", 6 << 28, length, 44, 64) + address + ip[12:16] + address +
            ip[16:20] + struct.pack(">BBHI", 6, 0, 0, 7) + ip[20:])


def changed(how, ip, number):
    ip = bytearray(ip)
    if how == "ttp":
        ip[9] = 253
    elif how == "six":
        return ipv6(ip)
    elif how == "other":
        ip[15], ip[19] = ip[15] + 5, ip[19] + 5
    elif number % 4:
        return ip
    elif how == "fragment":
        ip[6] = 0x20
    elif how == "cut":
        return ip[:30]
    elif how == "doff":
        ip[32] = 0x40
    elif how == "length":
        ip[2:4] = b"\xff\xff"
    return ip


def link_header(how, mac, sent):
    if how in ("raw", "ipv4"):
        return b""
    if how == "sll":
        return struct.pack(">HHH8sH", 4 if sent else 0, 1, 6, mac[6:12], 0x0800)
    if how == "sll2":
        return struct.pack(">HHIHBB8s", 0x0800, 0, 2, 1, 4 if sent else 0, 6, mac[6:12])
    if how == "null":
        return struct.pack("<I", 2)
    if how == "vlan":
        return mac[:12] + struct.pack(">HHHHH", 0x88a8, 5, 0x8100, 7, 0x0800)
    if how == "six":
        return mac[:12] + b"\x86\xdd"
    return mac


LINK = {"raw": 101, "ipv4": 228, "sll": 113, "sll2": 276, "null": 0}


def pcapng(rows):
    out = struct.pack("<IIIHHqI", 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0, -1, 28)
    out += struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20)
    for sec, usec, length, frame in rows:
        pad = -len(frame) % 4
        time = sec * 1000000 + usec
        out += struct.pack("<IIIIIII", 6, 32 + len(frame) + pad, 0, time >> 32,
                           time & 0xffffffff, len(frame), length)
        out += frame + bytes(pad) + struct.pack("<I", 32 + len(frame) + pad)
    return out


def pcap(rows, link):
    out = struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, link)
    for sec, usec, length, frame in rows:
        out += struct.pack("<IIII", sec, usec, len(frame), length) + frame
    return out


def broken(data, seed):
    data = bytearray(data)
    dice = random.Random(seed)
    for _ in range(dice.choice((1, 4, 40))):
        at = dice.randrange(24 if dice.random() < .9 else 0, len(data))
        data[at] = dice.choice((0, 1, 4, 5, 255, dice.randrange(256)))
    if dice.random() < .1:
        del data[dice.randrange(len(data)):]
    return data


def write(name, data):
    with open(name, "wb") as file:
        file.write(data)


def main(how, name, to):
    how, _, value = how.partition(":")
    rows, here = [], None
    for number, (sec, usec, length, frame) in enumerate(packets(name)):
        mac, ip = frame[:14], frame[14:]
        if here is None:        # the first one that a client's capture has, it has sent
            here = ip[12:16] if "client" in name else ip[16:20]
        if how == "later":
            usec += round(float(value) * 1e6)
            sec, usec = sec + usec // 1000000, usec % 1000000
        new = link_header(how, mac, ip[12:16] == here) + bytes(changed(how, ip, number))
        length = max(length + len(new) - len(frame), len(new)) if how != "cut" else length
        rows.append((sec, usec, length, new))
    data = pcapng(rows) if how == "pcapng" else pcap(rows, LINK.get(how, 1))
    if how == "fuzz":
        for seed in range(int(value)):
            write(f"{to}{seed}", broken(data, seed))
    else:
        write(to, data)


main(*sys.argv[1:])
