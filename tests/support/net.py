# SPDX-License-Identifier: Apache-2.0
"""Network namespaces of a test's own. Nothing of the machine's network is touched.

Entered with nsenter, not with `ip netns exec`, which hides the machine's cgroups from what it starts.
"""
import itertools
import os
import subprocess

from support.patience import patience

_counter = itertools.count()


def unique(word):
    """A name that no other test, and no other run at the same time, has."""
    return f"igtest-{os.getpid()}-{next(_counter)}-{word}"


class NetNamespace:
    def __init__(self, name):
        self.name = name
        self.path = f"/run/netns/{name}"
        subprocess.run(["ip", "netns", "add", name], check=True, timeout=20)
        self.run("ip", "link", "set", "lo", "up")

    def enter(self):
        """What to put before a command."""
        return ["nsenter", f"--net={self.path}"]

    def run(self, *command, seconds=20, **options):
        return subprocess.run([*self.enter(), *map(str, command)], check=True, timeout=patience(seconds), **options)

    def start(self, *command, **options):
        return subprocess.Popen([*self.enter(), *map(str, command)], **options)

    def inode(self):
        """How the kernel names it in events."""
        return os.stat(self.path).st_ino

    def close(self):
        subprocess.run(["ip", "netns", "delete", self.name], timeout=20, check=False)


class NetPair:
    """`left` and `right`, with addresses on the cable between them."""

    def __init__(self, name):
        self.left, self.right = NetNamespace(f"{name}-l"), NetNamespace(f"{name}-r")
        self.left_ip, self.right_ip = "10.99.3.1", "10.99.3.2"
        self.left_ip6, self.right_ip6 = "fd99:3::1", "fd99:3::2"
        self.left.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", self.right.name)
        for end, ip, ip6 in ((self.left, self.left_ip, self.left_ip6), (self.right, self.right_ip, self.right_ip6)):
            end.run("ip", "address", "add", f"{ip}/24", "dev", "eth0")
            end.run("ip", "address", "add", f"{ip6}/64", "dev", "eth0", "nodad")
            end.run("ip", "link", "set", "eth0", "up")

    def close(self):
        self.left.close()
        self.right.close()
