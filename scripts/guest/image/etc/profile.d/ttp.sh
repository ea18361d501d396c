# Who logs in on a console sees where the page is.
if [ -t 1 ] && [ -z "$TMUX" ]; then
	for _ in 1 2 3 4 5 6 7 8 9 10; do grep -q http /run/ttp-web 2>/dev/null && break; sleep 1; done
	cat - /run/ttp-web <<'END'

This is a Debian 12 with TTP, the Teaching Transport Protocol.

  ttp lab		the labs; ttp lab handshake plays one
  man ttp; man 7 ttp	the tool, and the module
  ttp doctor		is all as it should be?

The live page, if the port 8253 is forwarded to here:
END
	echo
fi
