# SPDX-License-Identifier: GPL-2.0
"""The three parts of a grade: tests on the host, KUnit, curl in the VM.

Each returns a dictionary, which is what the JSON has:
    status      "passed", "failed", "not run" (an earlier part has failed),
                "not asked" or "skipped" (it cannot run here; note says why)
    points, of  what it gives; what cannot run, or is not asked for, counts in neither
    seconds     how long it took
    note        a line; story: what led to a failure, as lines
"""
import os
import re
import shutil
import signal
import subprocess
import time

KUNIT_POINTS = 2
CURL_POINTS = 2
QEMU = "qemu-system-" + os.uname().machine    # as scripts/vm calls it
TEST_LIMIT = 60     # seconds: what takes longer hangs
END_LIMIT = 30      # what was told to end may need so long: a VM leaves nothing behind

# In the VM: a page of 2 kB, drawn as a ladder, and a file of 1 MiB compared with what came.
CURL = r"""
set -e
PATH=$PWD/userspace:$PATH
insmod module/ttp.ko
sysctl -qw net.ttp.msl_ms=100
%s
mkdir -p /tmp/www
cd /tmp/www
head -c 2000 /dev/urandom >small
head -c 1048576 /dev/urandom >large
ttp run -- python3 -m http.server 8000 >/tmp/server 2>&1 &
until grep -q '^LISTEN .*:8000 ' /proc/net/ttp/sockets; do
	jobs -r | grep -q . || { cat /tmp/server; exit 1; }
	sleep 0.1
done
for name in small large; do
	ttp record /tmp/$name.jsonl -- timeout 60 ttp run -- curl -sS -o /tmp/$name http://127.0.0.1:8000/$name
	cmp $name /tmp/$name
	echo "$name: $(stat -c %%s $name) bytes came as they were"
done
echo "retransmitted: $(sed -n 's/^RetransSegs *//p' /proc/net/ttp/stats)"
ttp ladder -r /tmp/small.jsonl
"""


def end(process):
    """Ends a command and all of its group; what it has printed."""
    for sig in signal.SIGTERM, signal.SIGKILL:
        try:
            os.killpg(process.pid, sig)
        except ProcessLookupError:
            pass    # another one, which has left the group, has its output open
        try:
            return process.communicate(timeout=END_LIMIT)[0]
        except subprocess.TimeoutExpired as late:
            out = late.output or b""
    return out.decode(errors="replace")


def run(command, limit, cwd=None):
    """(status, output) of a command, 124 after the limit."""
    process = subprocess.Popen(command, cwd=cwd, stdin=subprocess.DEVNULL, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               start_new_session=True, errors="replace")
    try:
        out, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        out = end(process)
        return 124, f"{out.rstrip()}\n{command[0]} did not end within {limit} s\n"
    except BaseException:   # Ctrl-C: nothing of it is left
        end(process)
        raise
    return process.returncode, out


def part(status, of, **more):
    """What a part says when all of its points depend on one thing."""
    counted = status not in ("skipped", "not asked")
    return {"status": status, "points": of if status == "passed" else 0,
            "of": of if counted else 0, **more}


def build(tree):
    """What the compiler says when it does not build; "" when it does."""
    jobs = f"-j{os.cpu_count() or 1}"
    status, out = run(["make", "-s", jobs, "-C", os.path.join(tree, "tests/host"), "quick"], 600)
    return out.strip() if status else ""


def comment_of(tree, name):
    """What the source of a test says above it."""
    suite, test = name.split(".")
    for folder in ("tests/kunit", "tests/host"):
        path = os.path.join(tree, folder, f"t_{suite}.c")
        if not os.path.exists(path):
            continue
        with open(path, encoding="utf-8") as file:
            source = file.read()
        match = re.search(r"/\*((?:(?!\*/).)*)\*/\nstatic void " + test + r"\(void\)\n", source,
                          re.S)
        if match:
            words = re.sub(r"\s*\n \*\s?", " ", match[1])
            return " ".join(words.split())
    return ""


def line_of(tree, where, number):
    """A line of a test, which may go on in the next."""
    path = os.path.join(tree, "tests/host", where)
    if not os.path.exists(path):
        return ""
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")[number - 1:number + 2]
    text = lines[0].strip()
    while lines[1:] and not text.endswith((";", "{", "}")):
        lines.pop(0)
        text += " " + lines[0].strip()
    return text


def failure(tree, status, out):
    """Of the output of a test that failed: what, the line of the test, the story."""
    lines = [line[2:] for line in out.split("\n") if line.startswith("# ")]
    place = re.match(r"(\S+\.c):(\d+): (.*)", lines[0]) if lines else None
    result = {"what": lines[0] if lines else "", "where": "", "line": "",
              "story": [line.removeprefix("   ").rstrip() for line in lines[1:]][-40:]}
    if place:
        path = os.path.normpath(os.path.join("tests/host", place[1]))
        result.update(what=place[3], where=f"{path}:{place[2]}",
                      line=line_of(tree, place[1], int(place[2])))
    elif status == 124:
        result["what"] = f"it did not end within {TEST_LIMIT} s: a loop without an end"
    elif status < 0:
        result["what"] = f"it crashed: signal {-status}"
    return result


def host(tree, tests):
    began = time.monotonic()
    check = os.path.join(tree, "tests/host/build/check-quick")
    done, first = [], None
    for test in tests:
        status, out = run([check, test["name"]], TEST_LIMIT)
        of = test.get("points", 1)
        passed = status == 0 and "\n1 passed, 0 failed" in out
        row = {"name": test["name"], "passed": passed, "points": of if passed else 0, "of": of}
        if not passed:
            row.update(failure(tree, status, out), says=comment_of(tree, test["name"]))
            first = first or row
        done.append(row)
    return {"status": "failed" if first else "passed",
            "points": sum(row["points"] for row in done), "of": sum(row["of"] for row in done),
            "seconds": round(time.monotonic() - began, 1), "tests": done}


def missing(out):
    """The line that says what has to be installed, if that is why it could not run."""
    match = re.search(r".*(?:run scripts/setup|apt install|for amd64 only).*", out)
    return match[0] if match else ""


def kunit(tree, suites):
    began = time.monotonic()
    status, out = run([os.path.join(tree, "scripts/kunit"), suites], 3000)
    lines = out.strip().split("\n")
    more = {"seconds": round(time.monotonic() - began, 1), "note": lines[-1]}
    if status == 0:
        return part("passed", KUNIT_POINTS, **more)
    if missing(out):
        return part("skipped", KUNIT_POINTS, **{**more, "note": missing(out)})
    story = [line for line in lines if re.search(r"FAILED|CRASHED|EXPECTATION|\.c:\d+|error:", line)]
    return part("failed", KUNIT_POINTS, **more, story=(story or lines)[:30])


def curl(tree, setup):
    began = time.monotonic()
    if not shutil.which(QEMU) or not shutil.which("pkg-config"):
        return part("skipped", CURL_POINTS, note="no QEMU here: run scripts/setup build vm programs")
    if run(["pkg-config", "--exists", "libmnl", "json-c"], 60)[0]:
        return part("skipped", CURL_POINTS, note="no libraries for the tool: run scripts/setup build")
    status, out = run(["make", "-s", f"-j{os.cpu_count() or 1}", "all"], 3000, cwd=tree)
    if status == 0:
        status, out = run(["scripts/vm", "--programs", "--mem", "1536", "--timeout", "300",
                           "-c", CURL % setup], 3000, cwd=tree)
    lines = out.strip().split("\n")
    more = {"seconds": round(time.monotonic() - began, 1)}
    if status == 0:
        told = [line for line in lines if re.match(r"small:|large:|retransmitted:", line)]
        at = max((i for i, line in enumerate(lines) if line.startswith("retransmitted:")),
                 default=len(lines))
        return part("passed", CURL_POINTS, **more, note="; ".join(told), story=lines[at + 1:])
    if missing(out):
        return part("skipped", CURL_POINTS, **more, note=missing(out))
    return part("failed", CURL_POINTS, **more, note=f"exit status {status}", story=lines[-30:])
