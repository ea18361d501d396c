# SPDX-License-Identifier: GPL-2.0
#
# The congestion window of host A as a picture for a terminal, of what ttp monitor -j prints:
# a line for each STEP ms, "#" for each 1,500 bytes of cwnd, "|" where ssthresh is.
BEGIN { STEP = 60; print "    ms    cwnd  ssthresh" }

function field(name) {
	if (!match($0, "\"" name "\":[0-9]+"))
		return -1
	return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 3) + 0
}

function bar(cwnd, ssthresh,    text, at, most) {
	most = int(cwnd / 1500)
	at = ssthresh < 100000 ? int(ssthresh / 1500) : -1
	for (text = ""; length(text) < most || length(text) <= at; )
		text = text (length(text) == at ? "|" : length(text) < most ? "#" : " ")
	return text
}

/"ns":"A"/ && field("cwnd") > 0 {
	time = substr($0, match($0, /"time_ns":[0-9]+/) + 10) / 1000000
	if (!began)
		began = time
	if (shown != "" && time - began < shown + STEP)
		next
	shown = int((time - began) / STEP) * STEP
	ssthresh = field("ssthresh")
	printf "%6d %7d %9s %s\n", shown, field("cwnd"), (ssthresh > 1000000000 ? "-" : ssthresh), bar(field("cwnd"), ssthresh)
}
