# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# rsync and its daemon.  Sourced by run.sh.

# rsync_start: sets $server
rsync_start()
{
	mkdir -p "$dir/there" "$dir/here/a/b"
	cp "$files/1M" "$dir/here"
	cp "$files/16M" "$dir/here/a"
	cp "$files/small" "$dir/here/a/b"
	ln -s small "$dir/here/a/b/link"
	cat >"$dir/conf" <<-EOF
	use chroot = no
	uid = root
	gid = root
	reverse lookup = no
	address = $B
	[files]
		path = $dir/there
		read only = no
	[fixed]
		path = $dir/here
		read only = yes
	EOF
	serve rsync rsync --daemon --no-detach --config="$dir/conf"
	server=$started
	listening 873
}

# trees A B: checksums of all that is in them
trees()
{
	local tree
	for tree in "$1" "$2"; do
		(cd "$tree" && find . -type f -print0 | sort -z | xargs -0 sha256sum && find . -type l -printf '%p %l\n') |
			sha256sum
	done | uniq | wc -l
}

rsync_push()
{
	rsync_start
	client push rsync -a "$dir/here/" "rsync://$B_url/files/"
	outcome "trees: $(trees "$dir/here" "$dir/there")"
	client again rsync -ai "$dir/here/" "rsync://$B_url/files/"
	prints "$dir/again"
	stop "$server"
}

rsync_delta()
{
	rsync_start
	client push rsync -a "$dir/here/" "rsync://$B_url/files/"
	printf 'other' | dd of="$dir/here/a/16M" bs=1 seek=5000000 conv=notrunc status=none
	tail -c +100000 "$dir/here/1M" >"$dir/here/1M.new"
	mv "$dir/here/1M.new" "$dir/here/1M"
	client delta rsync -a --no-whole-file --stats -I "$dir/here/" "rsync://$B_url/files/"
	outcome "trees: $(trees "$dir/here" "$dir/there")"
	outcome "$(grep -E '^(Number of regular files transferred|Literal data|Matched data)' "$dir/delta")"
	stop "$server"
}

rsync_pull()
{
	rsync_start
	client list rsync "rsync://$B_url/"
	prints "$dir/list"
	client pull rsync -a -z "rsync://$B_url/fixed/" "$dir/pulled/"
	outcome "trees: $(trees "$dir/here" "$dir/pulled")"
	client read_only rsync -a "$files/small" "rsync://$B_url/fixed/"
	client no_module rsync -a "rsync://$B_url/none/" "$dir/none/"
	stop "$server"
}

both rsync.to_the_daemon_and_again 60 rsync_push
both rsync.what_differs_only 60 rsync_delta
both rsync.from_the_daemon_and_its_refusals 60 rsync_pull
