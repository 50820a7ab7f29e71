# SPDX-License-Identifier: Apache-2.0
"""Who listens in a network namespace does not keep it: its addresses are free when the last process has left."""
import os

from support.ig import wait_until
from support.need import need


def test_connection_tracking_lets_go_of_a_namespace_that_processes_left(ig, net_pair):
    need(os.geteuid() == 0, "BPF needs root")
    sleeper = net_pair.left.start("sleep", "100")
    recording = ig.record("--gadgets", "trace_dnat")

    def shown(network, *command):
        return network.run(*command, capture_output=True, text=True).stdout

    # Protocol 12 is NETLINK_NETFILTER.
    wait_until(lambda: any(line.split()[1] == "12" for line in shown(net_pair.left, "cat", "/proc/net/netlink").splitlines()),
               20, "the recorder in the namespace")
    sleeper.kill()
    sleeper.wait(10)
    net_pair.left.close()
    wait_until(lambda: "eth0@" not in shown(net_pair.right, "ip", "link"), 30, "the end of the cable")
    recording.stop()
