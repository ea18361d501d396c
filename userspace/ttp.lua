-- SPDX-License-Identifier: GPL-2.0
--
-- For Wireshark and tshark: IP protocol 253 is TTP's streams, which look as TCP does on
-- the wire, and 254 is its datagrams, which look as UDP does.  So what is captured is
-- decoded without -d ip.proto==253,tcp.  make install puts this where they find it.

local protocols = DissectorTable.get("ip.proto")

protocols:add(253, Dissector.get("tcp"))
protocols:add(254, Dissector.get("udp"))
