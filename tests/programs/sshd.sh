# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# sshd with ssh, scp and a forwarded port.  Sourced by run.sh.

sshd_keys()
{
	mkdir -p /run/sshd /root/.ssh
	chmod 700 /root /root/.ssh
	grep -q ^sshd: /etc/passwd || echo 'sshd:x:110:65534::/run/sshd:/bin/false' >>/etc/passwd
	ssh-keygen -q -t ed25519 -N '' -f "$dir/host_key"
	ssh-keygen -q -t ed25519 -N '' -f "$dir/key"
	echo "$B $(cat "$dir/host_key.pub")" >"$dir/known_hosts"
}

# sshd_start: sets $server
sshd_start()
{
	sshd_keys
	cat >"$dir/conf" <<-EOF
	ListenAddress $B
	HostKey $dir/host_key
	AuthorizedKeysFile $dir/key.pub
	PermitRootLogin prohibit-password
	PidFile none
	StrictModes no
	UsePAM no
	Subsystem sftp /usr/lib/openssh/sftp-server
	EOF
	cat >"$dir/client" <<-EOF
	Host *
		User root
		IdentityFile $dir/key
		UserKnownHostsFile $dir/known_hosts
		BatchMode yes
	EOF
	serve sshd /usr/sbin/sshd -D -e -f "$dir/conf"
	server=$started
	listening 22
}

sshd_command()
{
	sshd_start
	client said ssh -F "$dir/client" "$B" 'echo hello; exit 7'
	prints "$dir/said"
	input=$files/1M client 1M ssh -F "$dir/client" "$B" cat
	same "$dir/1M" "$files/1M"
	client killed ssh -F "$dir/client" "$B" 'kill -KILL $$'
	client no_key ssh -F "$dir/client" -o IdentityFile=none -o IdentitiesOnly=yes "$B" true
	client terminal ssh -F "$dir/client" -tt "$B" 'tty | sed s/[0-9]*$//'
	prints "$dir/terminal"
	stop "$server"
}

sshd_scp()
{
	sshd_start
	client scp_to scp -F "$dir/client" "$files/16M" "$B_url:$dir/to"
	same "$dir/to" "$files/16M"
	client scp_from scp -F "$dir/client" "$B_url:$files/1M" "$dir/from"
	same "$dir/from" "$files/1M"
	client scp_old scp -O -F "$dir/client" "$B_url:$files/1M" "$dir/old"
	same "$dir/old" "$files/1M"
	client scp_none scp -F "$dir/client" "$B_url:$dir/none" "$dir/none"
	stop "$server"
}

# the client's own listener, on 127.0.0.1, and sshd's connection to itself
sshd_forward()
{
	sshd_start
	start forward A "${over[@]}" ssh -F "$dir/client" -N -L "2222:$B_url:22" "$B"
	local forward=$started
	sed -i 's/^[^ ]* /* /' "$dir/known_hosts"
	listening 2222 A
	input=$files/1M client through ssh -F "$dir/client" -p 2222 127.0.0.1 cat
	same "$dir/through" "$files/1M"
	stop "$forward"
	stop "$server"
}

both sshd.commands_and_their_exit_codes 90 sshd_command
both sshd.scp_both_ways 90 sshd_scp
both sshd.a_forwarded_port 90 sshd_forward
