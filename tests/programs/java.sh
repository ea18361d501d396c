# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The programs of a lecture, in Java: a daytime server and its client, and a reader of URLs, by
# ServerSocket, Socket and URL (labs/bin/*.java).  Sourced by run.sh.

classes=$files/classes

compile() { java "$@" -m jdk.compiler/com.sun.tools.javac.Main -d "$classes" "$folder"/../../labs/bin/*.java; }

# The code that the JVM makes has crashed in QEMU's emulation, in the compiler, which has no
# connection: then the JVM's interpreter does it, which takes longer.
java_compile()
{
	[ -d "$classes" ] || compile || { rm -rf "$classes"; compile -Xint; }
}

java_daytime()
{
	local server
	java_compile
	serve daytime java -cp "$classes" DaytimeServer
	server=$started
	listening 13
	client time java -cp "$classes" DaytimeClient "$B"
	client again java -cp "$classes" DaytimeClient "$B" 13
	client refused java -cp "$classes" DaytimeClient "$B" 14
	# Sun Nov 29 08:36:55 GMT 2026
	outcome "$(sed -E 's/^[A-Z][a-z]{2} [A-Z][a-z]{2} [0-9]{2} [0-9:]{8} [A-Z]{3} [0-9]{4}$/a time/' "$dir"/{time,again} | xargs)"
	outcome "$(grep -o 'java.net.ConnectException: .*' "$dir/refused.err" | head -n 1)"
	stop "$server"
}

java_url()
{
	local server
	java_compile
	serve http python3 -m http.server -b "$any" -d "$files" 8000
	server=$started
	listening 8000
	client page java -cp "$classes" UrlReader "http://$B_url:8000/small"
	same "$dir/page" "$files/small"
	client missing java -cp "$classes" UrlReader "http://$B_url:8000/none"
	outcome "$(grep -o 'java.io.FileNotFoundException: .*' "$dir/missing.err" | head -n 1)"
	stop "$server"
}

# as a student runs it: from its source
java_source()
{
	local server
	serve http python3 -m http.server -b "$any" -d "$files" 8000
	server=$started
	listening 8000
	client page java "$folder/../../labs/bin/UrlReader.java" "http://$B_url:8000/small"
	same "$dir/page" "$files/small"
	stop "$server"
}

both java.daytime_server_and_client 240 java_daytime
both java.URL_reader 240 java_url
both java.a_program_from_its_source 240 java_source
