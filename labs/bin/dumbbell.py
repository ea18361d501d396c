#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""A dumbbell in Mininet, over TTP: two clients, two servers, and one slow line between them.

    h1 --.                   .-- h3
          s1 ==== line ==== s2
    h2 --'                   '-- h4

dumbbell.py [-r MBIT] [-d DELAY] [-l PERCENT] [-c ALGORITHM]... [-t SECONDS | -i]

h1 sends to h3 and h2 to h4 for some seconds with iperf3, which knows nothing of TTP
(`ttp run`); at the end stands what each flow got, and Jain's index: 1 is fair.  With -c twice
the flows differ.  -i instead gives Mininet's prompt: h1 ttp run curl ..., xterm h1.
It needs root, the module, and Debian's packages mininet, bridge-utils and iperf3.
"""

import argparse
import json

from mininet.cli import CLI
from mininet.link import TCLink
from mininet.net import Mininet
from mininet.nodelib import LinuxBridge
from mininet.topo import Topo


class Dumbbell(Topo):
    """Two pairs of hosts and a line that they share."""

    def build(self, rate=10, delay="20ms", loss=0):
        """rate in Mbit/s, loss in percent; the queue has a bandwidth-delay product and more."""
        left, right = self.addSwitch("s1"), self.addSwitch("s2")
        for i in "12":
            self.addLink(self.addHost("h" + i), left)
        for i in "34":
            self.addLink(self.addHost("h" + i), right)
        self.addLink(left, right, bw=rate, delay=delay, loss=loss, max_queue_size=100)


def talk(net, algorithms, seconds):
    """Both flows at once; prints what each got."""
    pairs = [net.get("h1", "h3"), net.get("h2", "h4")]
    servers = [server.popen("ttp run -- iperf3 -s -1 -J") for _, server in pairs]
    for algorithm, (client, server) in zip(algorithms, pairs):
        client.cmd("sysctl -qw net.ttp.congestion_control=" + algorithm)
        server.cmd("until grep -q LISTEN /proc/net/ttp/sockets; do sleep 0.1; done")
    clients = [client.popen(f"ttp run -- iperf3 -c {server.IP()} -t {seconds}") for client, server in pairs]
    for client in clients:
        client.communicate()
    rates = []
    for (client, server), algorithm, ended in zip(pairs, algorithms, servers):
        end = json.loads(ended.communicate()[0])["end"]["sum_received"]
        rates.append(end["bits_per_second"] / 1e6)
        print(f"{client.name} -> {server.name}  {algorithm:10} {rates[-1]:7.2f} Mbit/s")
        # the last ACK is on the line: without it a socket outlives its host, and holds the module
        for host in client, server:
            host.cmd("while grep -qE '^(ESTAB|FIN|CLOS|LAST)' /proc/net/ttp/sockets; do sleep 0.1; done")
    print(f"fairness {sum(rates) ** 2 / (2 * sum(rate * rate for rate in rates) or 1):.3f}")


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-r", "--rate", type=float, default=10, help="of the line, in Mbit/s")
    parser.add_argument("-d", "--delay", default="20ms", help="of the line, one way")
    parser.add_argument("-l", "--loss", type=float, default=0, help="of the line, in percent")
    parser.add_argument("-c", "--congestion", action="append", help="of a flow: reno, cubic, ...")
    parser.add_argument("-t", "--time", type=int, default=10, help="that the flows take, in seconds")
    parser.add_argument("-i", "--interactive", action="store_true", help="a prompt instead")
    given = parser.parse_args()
    algorithms = ((given.congestion or ["reno"]) * 2)[:2]

    topo = Dumbbell(rate=given.rate, delay=given.delay, loss=given.loss)
    net = Mininet(topo=topo, switch=LinuxBridge, link=TCLink, controller=None)
    net.start()
    try:
        if given.interactive:
            CLI(net)
        else:
            talk(net, algorithms, given.time)
    finally:
        net.stop()


if __name__ == "__main__":
    main()
