#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Asks ttp web, which shows a recording, as its page does, and as others do who should not.

	web.py ADDRESS EVENTS	ADDRESS is what ttp web has printed; EVENTS is a file with what
				ttp monitor -j printed of the recording

Prints a line for each test: "ok NAME" or "FAIL NAME: what came".
"""
import contextlib
import re
import socket
import sys
import threading
import time

WAIT = 60		# seconds; a busy machine is slow
BODY_MAX = 1024		# as in web.h
STREAMS_MAX = 8
CLIENTS_MAX = 32

ADDRESS, EVENTS = sys.argv[1:3]
HOST, TOKEN = re.fullmatch(r"http://([^/]+)/([0-9a-f]{32})/", ADDRESS).groups()
PORT = int(HOST.split(":")[1])
ORIGIN = "http://" + HOST


def test(name, good, came=""):
    print(f"ok {name}" if good else f"FAIL {name}: {str(came)[:300]}", flush=True)


def opened():
    return socket.create_connection(("127.0.0.1", PORT), timeout=WAIT)


def send(method, path, body=None, **headers):
    """@headers: NAME=VALUE, with _ for -; None: without it."""
    all_headers = {"Host": HOST, "Connection": "close"}
    if method == "POST":
        all_headers |= {"Origin": ORIGIN, "Content-Type": "application/json"}
    if body is not None and "Transfer_Encoding" not in headers:
        all_headers["Content-Length"] = len(body.encode())
    all_headers |= {key.replace("_", "-"): value for key, value in headers.items()}
    text = f"{method} {path} HTTP/1.1\r\n"
    text += "".join(f"{key}: {value}\r\n" for key, value in all_headers.items() if value is not None)
    sock = opened()
    sock.sendall((text + "\r\n" + (body or "")).encode())
    return sock


def read_all(sock):
    data = b""
    try:
        while piece := sock.recv(65536):
            data += piece
    except ConnectionResetError:	# it does not read the rest of what it refuses
        pass
    sock.close()
    return data.decode()


def ask(method, path, body=None, **headers):
    """Return: status, header, body"""
    head, _, text = read_all(send(method, path, body, **headers)).partition("\r\n\r\n")
    return int((head.split() or ["", "0"])[1]), head, text


def at(path):
    return f"/{TOKEN}/{path}"


def refused(name, want, method, path, body=None, **headers):
    """It is answered by this status and one line."""
    status, head, text = ask(method, path, body, **headers)
    one_line = method == "HEAD" or (text.count("\n") == 1 and text.endswith("\n"))
    shares = "access-control-" in head.lower()
    test(f"{name}: {want}", status == want and one_line and not shares, f"{head} {text}")
    return head


def test_page():
    status, head, text = ask("GET", at(""))
    test("the page", status == 200 and '<html lang="en">' in text, head)
    policy = re.search(r"Content-Security-Policy: (.*)\r", head).group(1)
    meta = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', text).group(1)
    test("its policy", policy == meta + "; frame-ancestors 'none'" and "default-src 'none'" in meta and
         "connect-src 'self'" in meta and "unsafe" not in meta, policy)
    test("is not kept", "Cache-Control: no-store" in head, head)
    test("in Korean", '<html lang="ko">' in ask("GET", at("?lang=ko"))[2])
    test("another language is none", '<html lang="en">' in ask("GET", at("?lang=%3Cscript%3E"))[2])
    test("has no other token in it", TOKEN not in text)


def test_who_asks():
    other = TOKEN[:-1] + ("0" if TOKEN[-1] != "0" else "1")
    for path in ("/", "/events", "/now", f"/{TOKEN}", f"/{other}/", f"/{TOKEN[:-1]}/", f"/{TOKEN}0/",
                 f"//{TOKEN}/", f"/?token={TOKEN}", f"/x/../{TOKEN}/"):
        refused(f"no token in {path.replace(TOKEN, 'TOKEN').replace(other, 'OTHER')}", 403, "GET", path)
    for host in ("evil.example", f"evil.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}",
                 f"127.0.0.1:{PORT}.evil.example", f"localhost.evil.example:{PORT}", ""):
        refused(f"Host: {host.replace(str(PORT), 'PORT')}", 403, "GET", at(""), Host=host)
        refused(f"a POST, Host: {host.replace(str(PORT), 'PORT')}", 403, "POST", at("stop"), '{"job":1}',
                Host=host, Origin=f"http://{host}")
    test("localhost", ask("GET", at("now"), Host=f"localhost:{PORT}")[0] == 200)
    sock = opened()
    sock.sendall(f"GET {at('')} HTTP/1.0\r\n\r\n".encode())
    test("without Host: 403", " 403 " in read_all(sock)[:20])


def test_what_is_asked():
    for path in ("nothing", "fault/", "sysctl/", "sysctl/mem", "sysctl/../now", "..", "now/", "%00"):
        refused(f"/{path}", 404, "GET", at(path))
    for method, path, allow in (("POST", "", "GET"), ("POST", "events", "GET"), ("POST", "now", "GET"),
                                ("GET", "listen", "POST"), ("GET", "fault", "POST"), ("PUT", "stop", "POST"),
                                ("HEAD", "", "GET"), ("DELETE", "now", "GET"), ("OPTIONS", "stop", "POST"),
                                ("GET", "sysctl/msl_ms", "POST"), ("get", "now", "GET")):
        head = refused(f"{method} /{path}", 405, method, at(path), "" if method == "POST" else None)
        test(f"{method} /{path} says what would do", f"Allow: {allow}\r" in head + "\r", head)


def test_origin():
    for origin in (None, "null", "", "http://evil.example", f"http://127.0.0.1:{PORT + 1}", f"https://{HOST}",
                   f"http://{HOST}.evil.example", f"http://localhost:{PORT}", f"{ORIGIN}/"):
        refused(f"Origin: {origin and origin.replace(str(PORT), 'PORT')}", 403, "POST", at("stop"),
                '{"job":1}', Origin=origin)
    # what a page elsewhere can send without asking first
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None):
        refused(f"a body of {kind}", 415, "POST", at("stop"), '{"job":1}', Content_Type=kind)


def test_sizes():
    body = '{"job":1' + " " * (BODY_MAX - 9) + "}"
    refused("a body as large as it may be", 409, "POST", at("stop"), body)
    refused("a larger one", 413, "POST", at("stop"), body + " ")
    refused("one that says so only", 413, "POST", at("stop"), "", Content_Length=str(1 << 40))
    piece = f"{len(body):x}\r\n{body}\r\n"
    refused("one that does not say so", 413, "POST", at("stop"), piece + "1\r\n \r\n0\r\n\r\n",
            Transfer_Encoding="chunked")
    refused("in pieces", 409, "POST", at("stop"), piece + "0\r\n\r\n", Transfer_Encoding="chunked")
    status = ask("GET", at(""), Cookie="x" * 40000)[0]
    test("a header that is too large", status in (413, 431), status)


# path, what it takes: good values by name, then bad ones
GOOD = {
    "listen": {"where": "0", "port": "5000"},
    "connect": {"where": "0", "to": '"10.0.0.2"', "port": "5000", "bytes": "0", "hold": "0"},
    "stop": {"job": "1"},
    "fault": {"where": "0", "way": '"out"', "which": '"last_ack"', "flags": "[]", "not_flags": '["syn","urg"]',
              "data": '"either"', "port": "0", "seq_first": "0", "seq_last": "4294967295", "nth": "1",
              "action": '"set"', "delay_ms": "200", "field": '"win"', "set_to": "0", "count": "1"},
    "unfault": {"where": "0", "number": "0"},
    "lab": {"line": '"%s"' % ("가" * 48)},
    "sysctl/msl_ms": {"where": "0", "value": "240000"},
    "sysctl/arq": {"where": "0", "value": '"go-back-n"'},
    "sysctl/sack": {"where": "0", "value": "1"},
}
NUMBERS = {"where": (0, 0), "port": (1, 65535), "bytes": (0, 10000000), "hold": (0, 600), "job": (1, 1000000),
           "fault port": (0, 65535), "seq_first": (0, 2**32 - 1), "seq_last": (0, 2**32 - 1),
           "delay_ms": (1, 60000), "set_to": (0, 2**32 - 1), "nth": (1, 1000000), "count": (1, 1000000), "number": (0, 2**32 - 1),
           "sysctl/msl_ms": (1, 240000), "sysctl/sack": (0, 1)}
WORDS = ('"10.0.0"', '"evil.example"', '"10.0.0.2 -i /etc/shadow"', '"::1::"', '"drop; reboot"', '"-n"', '""',
         '"out\\u0000"')
SETS = {"flags", "not_flags"}
LISTS = ('["SYN"]', '["syn,ack"]', '["syn","syn"]', '[""]', '["syn\\u0000"]', "[1]", "[null]", '[["syn"]]',
         '["syn","fin","rst","psh","ack","urg","ece","cwr","ns"]', '"syn"', '{"syn":true}')


def bad_values(path, name):
    limits = NUMBERS.get(f"{path} {name}") or NUMBERS.get(name) or NUMBERS.get(path)
    if name == "line":
        return ["null", "true", "{}", "-1", "1.5", "[]", '"%s"' % ("x" * 145), '"a\\nreboot"', '"a\\u0000"']
    bad = ["null", "true", "{}", "-1", "1.5", '"1"']
    if name in SETS:
        return [*bad, "0", *LISTS]
    bad.append("[]")
    return bad + ([str(limits[0] - 1), str(limits[1] + 1), str(1 << 65)] if limits else ["0", *WORDS])


def values(given):
    return "{" + ",".join(f'"{name}":{value}' for name, value in given.items()) + "}"


def test_values():
    for path, good in GOOD.items():
        refused(f"{path} of a recording", 409, "POST", at(path), values(good))
        refused(f"{path} with one more", 400, "POST", at(path), values(good | {"more": "1"}))
        for name in good:
            rest = {key: value for key, value in good.items() if key != name}
            refused(f"{path} without {name}", 400, "POST", at(path), values(rest))
            wrong = [bad for bad in bad_values(path, name)
                     if ask("POST", at(path), values(good | {name: bad}))[0] != 400]
            test(f"{path}: {name} out of its range: 400", not wrong, wrong)
    for body in ("", "x", "[]", '{"job":1', '{"job":1}x', '"job"', '{"job":' + "[" * 900):
        refused(f"the body {body[:12]}", 400, "POST", at("stop"), body)


def events_of(text):
    return re.findall(r"^data: (\{.*\})$", text.replace("\r\n", "\n"), re.M)


def stream(until, **headers):
    """Reads the events until there are so many."""
    sock, text = send("GET", at("events"), **headers), ""
    while len(events_of(text)) < until:
        piece = sock.recv(65536).decode()
        if not piece:
            break
        text += re.sub(r"(^|\r\n)[0-9a-f]+\r\n", "", piece) if "HTTP" not in piece else piece
    sock.close()
    return text


def test_events():
    with open(EVENTS, encoding="utf-8") as file:
        want = [line.strip() for line in file if '"event":"recording"' not in line]
    text = stream(len(want))
    test("the events", events_of(text) == want, text[-300:])
    test("are numbered", re.findall(r"^id: (\d+)$", text.replace("\r", ""), re.M) ==
         [str(i + 1) for i in range(len(want))])
    text = stream(3, Last_Event_ID=str(len(want) - 3))
    test("those after one", events_of(text) == want[-3:], text)
    for last in ("-1", "x", str(1 << 63), str(len(want) + 1), ""):
        test(f"after {last}: all", len(events_of(stream(len(want), Last_Event_ID=last))) == len(want))


def waits(seconds, is_so):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_so():
            return True
        time.sleep(0.3)
    return False


def stream_status():
    sock = send("GET", at("events"))
    status = int(sock.recv(12).split()[1])
    sock.close()
    return status


def test_many():
    # the streams of the tests before this one are noticed to have ended
    waits(WAIT, lambda: stream_status() == 200)
    socks = []

    def one_more():
        sock = send("GET", at("events"))
        if sock.recv(12).split()[1] != b"200":
            sock.close()
            return False
        socks.append(sock)
        return len(socks) == STREAMS_MAX

    test(f"{STREAMS_MAX} streams", waits(WAIT, one_more), len(socks))
    refused("one more", 503, "GET", at("events"))
    test("others are answered", ask("GET", at("now"))[0] == 200)
    for sock in socks:
        sock.close()
    test("when they have gone there is room", waits(WAIT, lambda: stream_status() == 200))
    socks = [opened() for _ in range(2 * CLIENTS_MAX)]
    test("who says nothing does not hold it up for ever", ask("GET", at("now"))[0] == 200)
    for sock in socks:
        sock.close()


def trickle(socks, stop):
    """Each sends a byte now and then, so none of them is ever idle, and comes again if it is ended."""
    whole = "POST " + at("stop") + " HTTP/1.1\r\nX: " + 10000 * "x"
    sent = [0] * len(socks)
    while not stop.is_set():
        for i, sock in enumerate(socks):
            try:
                sock.send(whole[sent[i]].encode())
                sent[i] += 1
            except OSError:
                sock.close()
                try:
                    socks[i], sent[i] = opened(), 0
                except OSError:
                    pass
        stop.wait(0.2)


def test_slow():
    waits(WAIT, lambda: stream_status() == 200)
    stream_sock = send("GET", at("events"))
    socks, stop = [opened() for _ in range(2 * CLIENTS_MAX)], threading.Event()
    thread = threading.Thread(target=trickle, args=(socks, stop))
    thread.start()
    time.sleep(1)
    try:
        for i in range(3):
            began = time.monotonic()
            status = ask("GET", at("now"))[0]
            took = time.monotonic() - began
            test(f"{len(socks)} that send a byte now and then: it answers others ({i})",
                 status == 200 and took < 20, f"{status} after {took:.0f} s")
    finally:
        stop.set()
        thread.join()
        for sock in socks:
            sock.close()
    sock, began = opened(), time.monotonic()
    sock.sendall(b"G")
    for _ in range(3):
        time.sleep(4)
        with contextlib.suppress(OSError):
            sock.send(b"E")
    test("one of them alone is ended, too", read_all(sock) == "" and time.monotonic() - began < 20)
    stream_sock.settimeout(WAIT)
    came = b""
    while not came.endswith(b": \n\n\r\n"):
        piece = stream_sock.recv(65536)
        if not piece:
            break
        came = (came + piece)[-20:]
    test("a page that is fed is not", came.endswith(b": \n\n\r\n"), came)
    stream_sock.close()


for function in (test_page, test_who_asks, test_what_is_asked, test_origin, test_sizes, test_values, test_events,
                 test_many, test_slow):
    try:
        function()
    except (OSError, ValueError, AttributeError, IndexError) as error:
        test(function.__name__, False, repr(error))
