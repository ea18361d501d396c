# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Debian's programs as workloads of bench.sh: a server at B and its client at A, over TTP
# by `ttp run`.  Sourced, never run.
# shellcheck disable=SC2154 # bench.sh and tests/vm/lib.sh set them

files=$work.files

make_files()
{
	mkdir -m 755 "$files"
	echo "a small file" >"$files/small"
	head -c 16777216 /dev/zero >"$files/16M"
}

# starts PORT COMMAND...: a server at B
starts()
{
	over=()
	[ "$proto" = tcp ] || over=("$tool" run --)
	start server B "${over[@]}" "${@:2}"
	disown "$started"	# no word when it is ended
	wait_for 20 listens "$1"
}

client() { in_ A "${over[@]}" "$@" 2>&1; }

listens()
{
	if [ "$proto" = tcp ]; then
		in_ B ss -Htln | grep -q ":$1 "
	else
		in_ B grep -q "^LISTEN .*:$1 " /proc/net/ttp/sockets
	fi
}

# iperf ROW [OPTION...]: the line has its figure before the unit
iperf()
{
	starts 5201 iperf3 -s -1
	note "$1" Mbit/s "$(client iperf3 -c 10.0.0.2 -t 1 -f m "${@:2}" |
		sed -n 's/.* \([0-9.]*\) Mbits.*receiver$/\1/p' | tail -n 1)"
}

# redis ROW TEST [OPTION...]
redis()
{
	starts 6379 redis-server --bind 10.0.0.2 --save '' --protected-mode no --dir "$work"
	note "$1" 1/s "$(client redis-benchmark -h 10.0.0.2 -n 20000 --csv -t "$2" "${@:3}" |
		sed -n 's/^"[SG]ET","\([0-9.]*\)".*/\1/p')"
}

nginx_starts()
{
	mkdir -p /var/lib/nginx /var/log/nginx
	cat >"$work/conf" <<-END
	daemon off;
	user nobody nogroup;
	pid $work/pid;
	error_log $work/errors warn;
	events { }
	http {
		access_log off;
		sendfile on;
		keepalive_requests 1000000;
		server { listen 10.0.0.2:80 backlog=1024; root $files; }
	}
	END
	starts 80 nginx -c "$work/conf"
}

# nginx_asked ROW FILE REQUESTS [OPTION OF ab...]
nginx_asked()
{
	nginx_starts
	note "$1" 1/s "$(client ab -q -n "$3" "${@:4}" "http://10.0.0.2/$2" |
		sed -n 's/^Requests per second: *\([0-9.]*\).*/\1/p')"
}

rows_of_programs()
{
	row "iperf3, 1 flow" iperf
	row "iperf3, 8 flows" iperf -P 8
	row "iperf3, from the server" iperf -R
	row "redis, SET, 20 clients" redis set -c 20
	row "redis, GET, 20 clients" redis get -c 20
	row "redis, GET, 16 at once" redis get -c 20 -P 16
	row "nginx, a small file, 16 clients" nginx_asked small 5000 -c 16
	row "nginx, a small file, connections kept" nginx_asked small 10000 -c 16 -k
	row "nginx, 16 MiB, 4 clients" nginx_asked 16M 40 -c 4
}
