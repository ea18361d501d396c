# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# redis-server, its client, its benchmark, its replica.  Sourced by run.sh.

# redis_start: sets $server
redis_start()
{
	serve redis redis-server --bind "$B" --save '' --protected-mode no \
		--dir "$dir" --repl-diskless-sync-delay 0
	server=$started
	listening 6379
}

redis() { local name=$1; shift; client "$name" redis-cli -h "$B" "$@"; }

redis_commands()
{
	redis_start
	redis set set key value
	redis get get key
	input=$files/1M redis store -x set large
	redis load get large
	head -c 1048576 "$dir/load" >"$dir/1M"
	same "$dir/1M" "$files/1M"
	for n in $(seq 1000); do echo "set key$n value$n"; done >"$dir/commands"
	input=$dir/commands redis many
	redis size dbsize
	redis wrong nonsense
	prints "$dir/set" "$dir/get" "$dir/store" "$dir/size" "$dir/wrong"
	redis shutdown shutdown nosave
	ends "$server"
}

redis_benchmark()
{
	redis_start
	client bench redis-benchmark -h "$B" -n 2000 -c 20 -d 512 --csv -t ping,set,get,lpush,lrange_100
	cut -d, -f1 "$dir/bench" >"$dir/names"
	prints "$dir/names"
	client pipeline redis-benchmark -h "$B" -n 20000 -c 8 -P 16 --csv -t set
	echo ", $(sed -n 's/"\(SET\|GET\)","\([0-9]*\).*/\1 \2/p' "$dir/bench" | tr '\n' ' ')per s" >"$dir/note"
	stop "$server"
}

# the replica is at A, and asks B for all there is
redis_replica()
{
	redis_start
	input=$files/1M redis store -x set large
	start replica A "${over[@]}" redis-server --bind "$(at 10.0.0.1)" --save '' --protected-mode no \
		--dir "$dir" --dbfilename replica.rdb --replicaof "$B" 6379
	local replica=$started
	wait_for 10 redis_listens
	wait_for 10 redis_is_linked
	redis later set later value
	wait_for 10 redis_has_later
	client copy redis-cli -h "$(at 10.0.0.1)" get large
	head -c 1048576 "$dir/copy" >"$dir/1M"
	same "$dir/1M" "$files/1M"
	stop "$replica"
	stop "$server"
}

# redis_ask COMMAND...: of the replica, until it says what is waited for: how often is left to the
# machine
redis_ask()
{
	asked=$((asked + 1))
	in_ A "${over[@]}" redis-cli -h "$(at 10.0.0.1)" "$@" >"$dir/asked"
}

redis_listens() { redis_ask exists large; }
redis_is_linked() { redis_ask info replication && grep -q master_link_status:up "$dir/asked"; }
redis_has_later() { redis_ask get later && [ "$(cat "$dir/asked")" = value ]; }

both redis.commands_and_1_MiB 60 redis_commands
both redis.benchmark 120 redis_benchmark
both redis.a_replica 90 redis_replica
