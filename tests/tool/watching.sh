# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh disable=SC2154
#
# ttp monitor and ladder while they watch, and outputs that cannot be written.
# Sourced by run.

# watching ARGUMENT...: the tool with a module that sends no events
watching()
{
	$limit env LD_PRELOAD="$tmp/silent.so" "$TTP" "$@"
}

# unwaited ARGUMENT...: started by who does not wait for his processes
unwaited()
{
	$limit env --ignore-signal=CHLD LD_PRELOAD="$tmp/silent.so" "$TTP" "$@"
}

# connected ARGUMENT...: a connection is there, and ends
connected()
{
	$limit env EVENTS=2 LD_PRELOAD="$tmp/silent.so" "$TTP" "$@"
}

# interrupted NAME TEXT COMMAND...: by Ctrl-C, as soon as it says TEXT; it has seen no connection
interrupted()
{
	name=$1 text=$2
	shift 2
	: >err
	# no timeout: it sends the signal twice, and the second one kills
	env LD_PRELOAD="$tmp/silent.so" "$TTP" "$@" >out 2>err </dev/null &
	pid=$!
	until grep -qF "$text" err || ! kill -0 $pid 2>/dev/null; do sleep 0.05; done
	kill -INT $pid
	wait $pid
	got=$?
	check "$name" [ "$got $(grep -cF -e "$text" -e 'no connection was seen' err)" = '1 2' ]
}

# what is being written when Ctrl-C comes is written to its end
written_whole()
{
	LD_PRELOAD='' python3 - "$TTP" "$tmp/silent.so" <<'END'
import os
import signal
import subprocess
import sys
import time

reads, writes = os.pipe()
os.set_blocking(writes, False)
try:
    while os.write(writes, b"." * 4096):
        pass
except BlockingIOError:
    os.set_blocking(writes, True)
ttp = subprocess.Popen([sys.argv[1], "monitor"], stdout=writes,
                       env=dict(os.environ, LD_PRELOAD=sys.argv[2], EVENTS="2"))
os.close(writes)


def says(name, key):
    """The word behind a key in a file of the process; of no key the second one."""
    with open(f"/proc/{ttp.pid}/{name}", encoding="ascii") as file:
        words = file.read().split()
    return words[words.index(key) + 1] if key else words[1:2]


while says("syscall", None) != ["0x1"] and ttp.poll() is None:   # write(1, ...)
    time.sleep(0.01)
ttp.send_signal(signal.SIGINT)
while ttp.poll() is None and int(says("status", "ShdPnd:"), 16) & 1 << signal.SIGINT - 1:
    time.sleep(0.01)
with os.fdopen(reads, "rb") as file:
    text = file.read()
sys.exit(ttp.wait() or text.count(b"CLOSED") != 1 or text.count(b"ESTABLISHED") != 2)
END
}

# some of a flood of events is printed, and Ctrl-C ends it though there are always more
flooded()
{
	: >out
	# no timeout, as above
	env FLOOD=yes LD_PRELOAD="$tmp/silent.so" "$TTP" monitor >out 2>err </dev/null &
	pid=$!
	waits=0
	until [ -s out ] || [ $waits = 600 ]; do sleep 0.1; waits=$((waits + 1)); done
	kill -INT $pid
	while kill -0 $pid 2>/dev/null && [ $waits -lt 600 ]; do sleep 0.1; waits=$((waits + 1)); done
	kill -KILL $pid 2>/dev/null
	wait $pid
}

# strange WHAT TEXT: events that are not understood are told in one line
strange()
{
	$limit env EVENTS=2 STRANGE="$1" LD_PRELOAD="$tmp/silent.so" "$TTP" record --after 0 recorded -- true 2>err
	[ "$(grep -c "^ttp: events $2 are left out: .*install both from the same sources\$" err)" = 1 ]
}

# a burst comes while what captures is stopped; at lo pcap takes what arrives, and not what leaves
burst()
{
	LD_PRELOAD='' unshare -n python3 - "$TTP" "$tmp/silent.so" <<'END'
import os
import struct
import subprocess
import sys

COUNT = 1000
BURST = f"""
import os, signal, socket
ttp = os.getppid()
with open(f"/proc/{{ttp}}/task/{{ttp}}/children") as file:
    others = {{int(pid) for pid in file.read().split()}} - {{os.getpid()}}
for pid in others:
    os.kill(pid, signal.SIGSTOP)
out = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253)
for i in range({COUNT}):
    out.sendto(i.to_bytes(100, "big"), ("127.0.0.1", 0))
for pid in others:
    os.kill(pid, signal.SIGCONT)
"""
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
ttp = subprocess.run([sys.argv[1], "record", "--after", "0", "--capture", "burst.pcap", "burst",
                      "--", sys.executable, "-c", BURST], stdin=subprocess.DEVNULL, check=True,
                     timeout=100, env=dict(os.environ, LD_PRELOAD=sys.argv[2], EVENTS="2"))
with open("burst.pcap", "rb") as file:
    data = file.read()
at, count = 24, 0   # behind the file's header
while at < len(data):
    at += 16 + struct.unpack_from("I", data, at + 8)[0]
    count += 1
if count != COUNT:
    sys.exit(f"{count} packets")
END
}

test_watching()
{
	ends 'ladder: the exit status is the command'\''s' 5 'no connection was seen' \
		watching ladder -- sh -c 'exit 5'
	ends 'ladder of a command that fails' 1 'no connection was seen' watching ladder -- false
	ends 'ladder of one that does not' 1 'no connection was seen' \
		watching ladder --after 0 -- true
	check 'says nothing of watching' [ "$(watching ladder --after 0 -- true 2>&1 |
		grep -c watching)" = 0 ]
	ends 'record: the exit status is the command'\''s' 5 said \
		watching record recorded -- sh -c 'echo said; exit 5'
	check 'what it wrote is a recording' "$TTP" monitor -r recorded
	ends 'record where ended processes are not waited for' 5 said \
		unwaited record recorded -- sh -c 'echo said; exit 5'
	ends 'record of nothing' 1 'no connection was seen' watching record --after 0 recorded -- true
	interrupted 'record of no command says how to end it' 'ttp: recording until Ctrl-C' record recorded
	ends 'monitor: the exit status is the command'\''s' 5 said \
		watching monitor -- sh -c 'echo said; exit 5'
	ends 'record -u ends when the connection is CLOSED' 0 'until the connections are closed' \
		connected record -u recorded
	check 'which it has recorded' [ "$(grep -c '"event":"state"' recorded)" = 2 ]
	check 'monitor: a flood of events is printed, and Ctrl-C ends it' flooded
	check 'events of an unknown kind are told' strange kind 'of an unknown kind, [0-9]*,'
	check 'and those without a time' strange time 'whose time_ns is unknown'
	check 'and those of which something has another length' strange attribute 'whose cause_kind is unknown'
	if unshare -n true 2>/dev/null && command -v python3 >/dev/null; then
		check 'record --capture: a burst is there as a whole' burst
	else
		skip 'record --capture: a burst' 'only root can make a namespace for it'
	fi
	check 'monitor: what is being written at Ctrl-C is written to its end' written_whole
	interrupted 'ladder of no command says how to end it' \
		'ttp: watching; the drawing comes when the connections are closed, or on Ctrl-C' ladder
}

# into FILE COMMAND...: its output goes there
into()
{
	to=$1
	shift
	"$@" >"$to"
}

test_unwritable()
{
	ends 'record: the recording is not the capture, too' 1 'wants a file of its own' \
		"$TTP" record --capture ./twice twice
	ends 'ladder: the drawing is not the recording, too' 1 '-s wants another file' \
		"$TTP" ladder -o twice -s ./twice -r "$here/ladder/walk.jsonl"
	f=$here/ladder/walk.jsonl
	full='write to /dev/full: No space left on device'
	stdout='write to standard output: No space left on device'
	bulk 100 >bulk.jsonl	# more than a buffer
	ends 'states --follow: a full disk' 1 "$stdout" into /dev/full connected states --follow
	ends 'monitor -o: a full disk' 1 "$full" watching monitor -o /dev/full -- true
	ends 'monitor -j: a full disk' 1 "$stdout" into /dev/full watching monitor -j -- true
	ends 'ladder: a full disk' 1 "$stdout" into /dev/full "$TTP" ladder -F -r bulk.jsonl
	ends 'ladder -j: a full disk' 1 "$stdout" into /dev/full "$TTP" ladder -j -F -r bulk.jsonl
	ends 'ladder -s: a full disk' 1 "$full" "$TTP" ladder -s /dev/full -r bulk.jsonl
	"$TTP" ladder -s /dev/full -r "$f" >drawn 2>err
	check 'all the same it is drawn' diff -u "${f%.jsonl}.txt" drawn
	ends '--help: a full disk' 1 "$stdout" into /dev/full "$TTP" ladder --help
	{ "$TTP" ladder -F -r bulk.jsonl 2>perr; echo $? >status; } | head -c 10 >/dev/null
	check 'a closed pipe is none' [ "$(cat status)" = 0 ]
	check 'of which nothing is said' [ ! -s perr ]
}
