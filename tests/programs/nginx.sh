# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# nginx, with sendfile, and curl.  Sourced by run.sh.

# nginx_start [LISTEN-OPTION...]: sets $server
nginx_start()
{
	mkdir -p "$dir/bodies" "$dir/put" /var/lib/nginx /var/log/nginx
	chmod 777 "$dir/bodies" "$dir/put"
	cat >"$dir/conf" <<-EOF
	daemon off;
	worker_processes 2;
	user nobody nogroup;
	pid $dir/pid;
	error_log $dir/errors warn;
	events { }
	http {
		access_log off;
		sendfile on;
		tcp_nopush on;
		client_max_body_size 64m;
		server {
			listen $B_url:80 $*;
			root $files;
			location /post {
				client_body_in_file_only on;
				client_body_temp_path $dir/bodies;
				proxy_pass http://127.0.0.1:8080;
			}
			location /put {
				client_body_temp_path $dir/put;
				root $dir;
				dav_methods PUT;
			}
		}
		server {
			listen 127.0.0.1:8080;
			return 200 "thank you\n";
		}
	}
	EOF
	serve nginx nginx -c "$dir/conf"
	server=$started
	listening 80
}

# get NAME ARGUMENT...: what curl has to say of it is an outcome
get()
{
	local name=$1
	shift
	client "$name" curl -gsS "-$family" -w '%{stderr}%{http_code}, %{size_download} octets, %{num_connects} connections\n' "$@"
	prints "$dir/$name.err"
}

nginx_small() { nginx_start; get small "http://$B_url/small"; same "$dir/small" "$files/small"; stop "$server"; }
nginx_16M() { nginx_start; get 16M "http://$B_url/16M"; same "$dir/16M" "$files/16M"; stop "$server"; }

nginx_keepalive()
{
	nginx_start
	get keepalive "http://$B_url/small" "http://$B_url/1M" "http://$B_url/small" "http://$B_url/none"
	cat "$files/small" "$files/1M" "$files/small" >"$dir/three"
	head -c "$(stat -c %s "$dir/three")" "$dir/keepalive" >"$dir/came"
	same "$dir/came" "$dir/three"
	stop "$server"
}

nginx_parallel()
{
	nginx_start
	get parallel --no-progress-meter -Z --parallel-immediate --parallel-max 8 -o "$dir/#1" "http://B/1M?{a,b,c,d,e,f,g,h}" --no-globoff --connect-to "B:80:$B_url:80"
	for name in a b c d e f g h; do same "$dir/$name" "$files/1M"; done
	stop "$server"
}

nginx_post()
{
	nginx_start
	get post --data-binary "@$files/16M" -H 'Content-Type: application/octet-stream' "http://$B_url/post"
	prints "$dir/post"
	same "$(find "$dir/bodies" -type f)" "$files/16M"
	get upload -T "$files/1M" "http://$B_url/put/1M"
	same "$dir/put/1M" "$files/1M"
	stop "$server"
}

nginx_range()
{
	nginx_start
	get range -r 1000-5000999 "http://$B_url/16M"
	tail -c +1001 "$files/16M" | head -c 5000000 >"$dir/part"
	same "$dir/range" "$dir/part"
	get several -r 0-99,1000-1099 "http://$B_url/16M"
	get beyond -r 20000000- "http://$B_url/16M"
	stop "$server"
}

nginx_slow_reader()
{
	nginx_start
	get slow --limit-rate 3M "http://$B_url/16M"
	same "$dir/slow" "$files/16M"
	stop "$server"
}

# exit status 7, 28, 56 or 18 of curl
nginx_failures()
{
	nginx_start
	get refused "http://$B_url:81/"
	get timeout --connect-timeout 1 "http://$(in_url 10.0.0.99)/"
	get slow -m 5 --limit-rate 1M "http://$B_url/16M"
	stop "$server"
	sed -i 's/[0-9]* octets/N octets/; s/after [0-9]* m\{0,1\}s/after N/; s/[0-9]* out of/N out of/; s/after [0-9]* milliseconds/after N/' "$dir/outcome"
}

# A worker of before the reload goes on with what it is at: its name says so then.
one_shuts_down() { grep -qs 'worker process is shutting down' /proc/[0-9]*/cmdline; }

nginx_reload()
{
	local long body status=0
	nginx_start
	mkfifo "$dir/pipe"
	start long A "${over[@]}" curl -gsS -o "$dir/pipe" "http://$B_url/16M"
	long=$started
	exec {body}<"$dir/pipe"		# which curl opens when the first bytes have come
	kill -HUP "$server"
	wait_for 20 one_shuts_down
	get small "http://$B_url/small"
	cat <&"$body" >"$dir/long"
	exec {body}<&-
	wait "$long" || status=$?
	outcome "long: exit status $status"
	same "$dir/long" "$files/16M"
	stop "$server" QUIT
}

nginx_listen_options()
{
	nginx_start reuseport deferred backlog=64 rcvbuf=64k sndbuf=64k so_keepalive=60:10:3
	get small "http://$B_url/small" "http://$B_url/1M"
	stop "$server"
	outcome "complaints: $(grep -vc ' signal ' "$dir/errors" || :)"
}

# one listener for both families
nginx_any()
{
	B_url='[::]' nginx_start ipv6only=off
	get small "http://$B_url/small"
	same "$dir/small" "$files/small"
	stop "$server"
}

both nginx.a_small_file 30 nginx_small
both nginx.listens_to_both_families 30 nginx_any
both nginx.16_MiB 60 nginx_16M
both nginx.four_requests_on_one_connection 30 nginx_keepalive
both nginx.eight_at_the_same_time 60 nginx_parallel
both nginx.uploads_by_POST_through_a_proxy_and_by_PUT 60 nginx_post
both nginx.ranges 40 nginx_range
both nginx.a_reader_slower_than_the_sender 60 nginx_slow_reader
both nginx.curl_fails_as_it_should 40 nginx_failures
both nginx.a_reload_during_a_transfer 60 nginx_reload
both nginx.reuseport_deferred_backlog_buffers_keepalive 40 nginx_listen_options
