#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Looks at a page of ttp report, or of ttp web, with a headless Chromium, through its
debugging pipe.

	browser.py check PAGE LADDER	LADDER is what ttp ladder -a -j -F printed: the page must
					have the same segments, both ends' states must follow the
					slider, the browser must not say an error nor ask
					for anything but PAGE
	browser.py shot PAGE PNG WIDTH light|dark [SCRIPT]
					a picture of the whole page, after SCRIPT was run in it
	browser.py shots PAGE PREFIX [SCRIPT]	pictures of it, PREFIX-1280-light.png and so on, and one
					as it is without the cones for green
	browser.py try				does the browser start?
	browser.py print PAGE PDF		as it is printed
	browser.py run PAGE SCRIPT		what is wrong, as SCRIPT, which is run in the page,
					says: it gives a list of lines
	browser.py visit PAGE SCRIPT		the same, whatever else is asked for or complained of

PAGE is a file, or the address of ttp web.

Exit status: 0; 1 with a line for each thing that is wrong; 77 without Chromium.
"""
import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
import tempfile

DEADLINE = 300		# seconds for all of it; a busy machine is slow


def address(page):
    return page if "://" in page or page.startswith("about:") else "file://" + os.path.abspath(page)


class Browser:
    def __init__(self, program, home):
        to_them, us_out = os.pipe()
        us_in, from_them = os.pipe()
        ends = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (to_them, from_them)]

        def place():
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.child = subprocess.Popen(
            ["timeout", str(DEADLINE), program, "--headless", "--no-sandbox", "--disable-gpu",
             "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run",
             "--disable-background-networking", "--disable-component-update",
             f"--user-data-dir={home}", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=place, pass_fds=(3, 4), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for fd in (to_them, from_them, *ends):
            os.close(fd)
        self.out = os.fdopen(us_out, "wb", buffering=0)
        self.input = os.fdopen(us_in, "rb")
        self.number = 0
        self.session = None
        self.wrong = []
        self.asked = []
        self.loaded = False

    def message(self):
        text = bytearray()
        while True:
            byte = self.input.read(1)
            if not byte:
                sys.exit("browser: Chromium ended")
            if byte == b"\0":
                return json.loads(text)
            text += byte

    def note(self, message):
        method, params = message.get("method"), message.get("params", {})
        if method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.wrong.append("exception: " + json.dumps(params["exceptionDetails"])[:600])
        elif method == "Runtime.consoleAPICalled":
            self.wrong.append("console: " + json.dumps(params["args"])[:300])
        elif method == "Log.entryAdded":
            self.wrong.append("log: " + params["entry"]["text"])
        elif method == "Page.loadEventFired":
            self.loaded = True

    def call(self, method, **params):
        self.number += 1
        call = {"id": self.number, "method": method, "params": params}
        if self.session:
            call["sessionId"] = self.session
        self.out.write(json.dumps(call).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    sys.exit(f"browser: {method}: {answer['error']}")
                return answer["result"]
            self.note(answer)

    def open(self, page, width, scheme):
        self.width, self.loaded = width, False
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in "Page", "Runtime", "Log", "Network":
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=900,
                  deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=address(page))
        while not self.loaded:
            self.note(self.message())

    def run(self, script):
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True,
                           awaitPromise=True)
        if "exceptionDetails" in result:
            sys.exit("browser: " + json.dumps(result["exceptionDetails"]))
        return result["result"].get("value")

    def shot(self, name):
        self.run("new Promise(done => setTimeout(done, 700))")
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True, clip={
            "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1})["data"]
        with open(name, "wb") as file:
            file.write(base64.b64decode(data))
        if size["width"] > self.width:
            self.wrong.append(f"{name}: wider than the window: {size['width']} pixels")

    def end(self):
        self.child.terminate()
        self.child.wait()


# What the page knows of each connection, in the words of ttp ladder -j.
SEGMENTS = """ttpPage.conns.map(conn => conn.segments.map(seg => {
    const ev = (seg.out || seg.in).ev, isn = s => conn.side[s].isn;
    const seen = conn.side[1 - seg.from].seen;
    return [seg.from ? "right" : "left", ev.flags, (ev.seq - isn(seg.from)) >>> 0,
            ev.flags.includes("ACK") ? (ev.ack - isn(1 - seg.from)) >>> 0 : null, ev.seg_len,
            Boolean(ev.retransmission), Boolean(seg.out && seg.in)];
}))"""

# Moves the slider to each place, as a hand does, and reads the states of both ends.
STATES = """(async () => {
    const slider = document.getElementById("slider"), all = [];
    const tokens = ["a", "b"].map(c => document.getElementById("token-" + c));
    for (let at = 0; at <= Number(slider.max); at++) {
        slider.value = at;
        slider.dispatchEvent(new Event("input"));
        all.push([...document.querySelectorAll("#states [data-side]")].map(e => e.dataset.state)
            .concat(tokens.map(t => t.style.transform)));
    }
    return all;
})()"""

# The states that each end enters, as the events say.
ENTERED = """ttpPage.conns[0].points.map(p => p.ev.event === "state" ? [p.side, p.ev.state] : null)"""


def of_ladder(conn):
    found = []
    for row in conn["rows"]:
        if row["kind"] == "arrival" and "flags" in row and not row.get("duplicate"):
            continue	# the other line of a departure
        if "flags" in row:
            found.append([row["from"], row["flags"], row["seq"], row.get("ack"), row["len"],
                          row["retransmission"]])
    return found


def compare(browser, name):
    with open(name, encoding="utf-8") as file:
        conns = json.load(file)
    pages = browser.run(SEGMENTS)
    if len(conns) != len(pages):
        browser.wrong.append(f"{len(pages)} connections, not {len(conns)}")
    key = lambda seg: json.dumps(seg)
    for conn, page in zip(conns, pages):
        want = sorted(of_ladder(conn), key=key)
        got = sorted((seg[:6] for seg in page), key=key)
        if want != got:
            browser.wrong.append(f"not the ladder's segments: {len(got)}, not {len(want)}: "
                                 f"{[s for s in got if s not in want][:3]}, "
                                 f"not {[s for s in want if s not in got][:3]}")


def follow(browser):
    shown, entered = browser.run(STATES), browser.run(ENTERED)
    now = shown[0][:2]
    places, closed = [set(), set()], [False, False]	# CLOSED has two boxes
    for at, change in enumerate(entered):
        if change:
            now[change[0]] = change[1]
            closed[change[0]] = now[change[0]] == "CLOSED"
        if shown[at + 1][:2] != now:
            browser.wrong.append(f"slider at {at + 1}: states {shown[at + 1][:2]}, not {now}")
            return
        for side in 0, 1:
            places[side].add((now[side], closed[side], shown[at + 1][2 + side]))
    for side in 0, 1:
        states = {place[:2] for place in places[side]}
        if len(places[side]) != len(states) or len({p for *_, p in places[side]}) != len(states):
            browser.wrong.append(f"the token of {'AB'[side]} does not go with its state")


def take_all(browser, page, prefix, script):
    for width in 1280, 390:
        for scheme in "light", "dark":
            browser.session = None
            browser.open(page, width, scheme)
            if script:
                browser.run(script)
            browser.shot(f"{prefix}-{width}-{scheme}.png")
            if (width, scheme) == (1280, "light"):
                browser.call("Emulation.setEmulatedVisionDeficiency", type="deuteranopia")
                browser.shot(f"{prefix}-{width}-deuteranopia.png")


def main():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not program:
        sys.exit(77)
    what, page = (sys.argv[1:3] + [""])[:2]
    with tempfile.TemporaryDirectory() as home:
        browser = Browser(program, home)
        try:
            if what == "try":
                browser.open("about:blank", 1280, "light")
            elif what == "check":
                browser.open(page, 1280, "light")
                compare(browser, sys.argv[3])
                follow(browser)
            elif what == "run":
                browser.open(page, 1280, "light")
                browser.wrong += browser.run(sys.argv[3])
            elif what == "visit":
                browser.open(page, 1280, "light")
                said = browser.run(sys.argv[3])
                browser.wrong, browser.asked = said, []
            elif what == "shots":
                take_all(browser, page, sys.argv[3], sys.argv[4] if len(sys.argv) > 4 else "")
            elif what == "print":
                browser.open(page, 1280, "light")
                data = browser.call("Page.printToPDF", printBackground=False)["data"]
                with open(sys.argv[3], "wb") as file:
                    file.write(base64.b64decode(data))
            else:
                browser.open(page, int(sys.argv[4]), sys.argv[5])
                if len(sys.argv) > 6:
                    browser.run(sys.argv[6])
                browser.shot(sys.argv[3])
        finally:
            browser.end()
    for url in browser.asked:
        ours = url.startswith(page.split("?")[0].split("#")[0]) if "://" in page else url == address(page)
        if not ours and not url.startswith("data:"):
            browser.wrong.append(f"asked for {url}")
    for line in browser.wrong:
        print(line)
    sys.exit(bool(browser.wrong))


main()
