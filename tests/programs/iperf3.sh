# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# iperf3: its control connection and one to eight for data.  Sourced by run.sh.

# iperf3_run OPTION...: until 16 MiB are written
iperf3_run()
{
	local server
	serve server iperf3 -s -1 -p 5201
	server=$started
	listening 5201
	client client iperf3 -c "$B" -p 5201 -J -n 16M "$@"
	ends "$server"
	# the end comes when either direction has written its part; what is under way
	# then, up to 4 MiB for a stream without -w, is not counted as received
	python3 - "$dir/client" >"$dir/sums" 2>"$dir/note" <<-'EOF'
	import json, sys
	result = json.load(open(sys.argv[1]))
	received = {name: total for name, total in result['end'].items() if name.startswith('sum_received')}
	print('error:', result.get('error'))
	print('streams:', len(result['start']['connected']))
	print('directions:', sum(total['bytes'] > 0 for total in received.values()))
	print('most of it came:', sum(total['bytes'] for total in received.values()) >= 8 << 20)
	for total in received.values():
	    print(', %d Mbit/s' % (total['bits_per_second'] / 1e6), end='', file=sys.stderr)
	EOF
	prints "$dir/sums"
}

iperf3_up() { iperf3_run; }
iperf3_down() { iperf3_run -R; }
iperf3_four() { iperf3_run -P 4 -w 256K; }
iperf3_bidir() { iperf3_run --bidir -w 256K; }
iperf3_options() { iperf3_run -N -M 1000 -w 128K -l 4K; }

# the time decides, not the amount
iperf3_seconds()
{
	local server
	serve server iperf3 -s -1 -p 5201
	server=$started
	listening 5201
	client client iperf3 -c "$B" -p 5201 -t 3 -i 1 -R -P 2
	ends "$server"
	# of one that ends a little late there is one more
	[ "$(grep -c '\[SUM\].*bits/sec' "$dir/client")" -lt 5 ] || outcome "intervals"
}

both iperf3.to_the_server 90 iperf3_up
both iperf3.from_the_server 90 iperf3_down
both iperf3.four_streams 120 iperf3_four
both iperf3.both_directions 120 iperf3_bidir
both iperf3.nodelay_mss_and_window 120 iperf3_options
both iperf3.three_seconds 60 iperf3_seconds
