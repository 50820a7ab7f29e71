# SPDX-License-Identifier: Apache-2.0
"""Every connection of a scripted scenario is recorded once, with the right direction, protocol, addresses and ports.

Two network namespaces, left and right, talk to each other and to themselves; the expected flows are written beside each step.
"""
import pytest

from support.actor import Actor
from support.ig import query

TCP, UDP = "TCP", "UDP"
IPV4, IPV6 = "AF_INET", "AF_INET6"


@pytest.fixture
def stage(net_pair):
    made = Stage(net_pair)
    yield made
    made.close()


class Stage:
    """The two actors, and what has to be found in the session: {(who, direction, protocol, peer, port, error, before)}."""

    def __init__(self, pair):
        self.pair = pair
        self.actors = {"left": Actor(pair.left), "right": Actor(pair.right)}
        self.ips = {("left", IPV4): pair.left_ip, ("left", IPV6): pair.left_ip6,
                    ("right", IPV4): pair.right_ip, ("right", IPV6): pair.right_ip6}
        self.loopback = {IPV4: "127.0.0.1", IPV6: "::1"}
        self.expected = set()

    def address(self, client, server, family):
        """(what the client calls, what the server sees)"""
        if client == server:
            return self.loopback[family], self.loopback[family]
        return self.ips[server, family], self.ips[client, family]

    def expect(self, client, server, protocol, family, port, error="", before=0):
        called, calling = self.address(client, server, family)
        self.expected.add((client, "egress", protocol, called, port, error, before))
        if not error:
            self.expected.add((server, "ingress", protocol, calling, port, "", before))

    def connect(self, client, server, family, port, via=None):
        called, _ = self.address(client, server, family)
        self.actors[server].do(f"""
l{port} = socket.socket(socket.{family}, socket.SOCK_STREAM)
l{port}.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
l{port}.bind(({called!r}, {port})); l{port}.listen()""")
        code = f"c{port} = socket.create_connection(({called!r}, {port}), 5)"
        if via == IPV6:
            code = f"c{port} = socket.socket(socket.AF_INET6); c{port}.connect(('::ffff:{called}', {port}))"
        self.actors[client].do(code)
        self.actors[server].do(f"a{port}, _ = l{port}.accept()")

    def talk(self, client, server, port):
        self.actors[client].do(f"c{port}.sendall(b'question')")
        self.actors[server].do(f"assert a{port}.recv(99) == b'question'; a{port}.sendall(b'answer')")
        self.actors[client].do(f"assert c{port}.recv(99) == b'answer'")

    def hang_up(self, client, server, port):
        self.actors[client].do(f"c{port}.close()")
        self.actors[server].do(f"assert a{port}.recv(99) == b''; a{port}.close(); l{port}.close()")

    def tcp(self, client, server, family, port, via=None):
        self.connect(client, server, family, port, via)
        self.talk(client, server, port)
        self.hang_up(client, server, port)
        self.expect(client, server, TCP, family, port)

    def tcp_refused(self, client, server, family, port):
        called, _ = self.address(client, server, family)
        self.actors[client].do(f"""
try: socket.create_connection(({called!r}, {port}), 5); raise AssertionError('connected')
except ConnectionRefusedError: pass""")
        self.expect(client, server, TCP, family, port, "ECONNREFUSED")

    def tcp_timed_out(self, client, port):
        """A neighbour that never answers."""
        silent = "10.99.3.77"
        self.pair.right.run("ip", "neighbour", "replace", silent, "lladdr", "02:00:00:00:00:77", "dev", "eth0", "nud", "permanent")
        self.actors[client].do(f"""
s = socket.socket(); s.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 500)
try: s.connect(({silent!r}, {port})); raise AssertionError('connected')
except TimeoutError: pass
s.close()""")
        self.expected.add((client, "egress", TCP, silent, port, "ETIMEDOUT", 0))

    def udp(self, client, server, family, port):
        called, _ = self.address(client, server, family)
        datagrams = f"socket.socket(socket.{family}, socket.SOCK_DGRAM)"
        self.actors[server].do(f"u{port} = {datagrams}; u{port}.bind(({called!r}, {port}))")
        self.actors[client].do(f"c{port} = {datagrams}; c{port}.sendto(b'question', ({called!r}, {port}))")
        self.actors[server].do(f"m, peer = u{port}.recvfrom(99); u{port}.sendto(b'answer', peer)")
        self.actors[client].do(f"assert c{port}.recv(99) == b'answer'; c{port}.close()")
        self.actors[server].do(f"u{port}.close()")
        self.expect(client, server, UDP, family, port)

    def udp_refused(self, client, server, family, port):
        called, _ = self.address(client, server, family)
        self.actors[client].do(f"""
s = socket.socket(socket.{family}, socket.SOCK_DGRAM); s.settimeout(5)
s.connect(({called!r}, {port})); s.send(b'question')
try: s.recv(99); raise AssertionError('answered')
except ConnectionRefusedError: pass
s.close()""")
        self.expect(client, server, UDP, family, port, "ECONNREFUSED")

    def close(self):
        for actor in self.actors.values():
            actor.close()


def flows(session, pair):
    who = {pair.left.inode(): "left", pair.right.inode(): "right"}
    rows = query(session, """
        SELECT netns_id, egress, endpoint_proto, endpoint_addr, endpoint_port, coalesce(error, ''), before_start, count
        FROM advise_networkpolicy""")
    return [((who[netns], "egress" if egress else "ingress", *rest), count)
            for netns, egress, *rest, count in rows if netns in who]


def test_each_connection_once(stage, net_pair, ig):
    # Open before the recording, used during it.
    for port, family in ((7001, IPV4), (7002, IPV6)):
        stage.connect("right", "left", family, port)
        stage.expect("right", "left", TCP, family, port, before=1)

    recording = ig.record("--gadgets", "advise_networkpolicy")
    for port in (7001, 7002):
        stage.talk("right", "left", port)
        stage.hang_up("right", "left", port)
    for family, port in ((IPV4, 7010), (IPV6, 7020)):
        stage.tcp("right", "left", family, port)
        stage.tcp("left", "right", family, port + 1)
        stage.tcp("left", "left", family, port + 2)
        stage.udp("right", "left", family, port + 3)
        stage.udp("left", "right", family, port + 4)
        stage.udp("left", "left", family, port + 5)
        stage.tcp_refused("right", "left", family, port + 6)
        stage.udp_refused("right", "left", family, port + 7)
        stage.tcp_refused("left", "left", family, port + 8)
    stage.tcp_timed_out("right", 7040)
    # An IPv6 socket that talks IPv4 is IPv4.
    stage.tcp("right", "left", IPV4, 7030, via=IPV6)
    recording.stop()

    found = flows(recording.session, net_pair)
    assert {flow for flow, _ in found} == stage.expected
    assert [(flow, count) for flow, count in found if count != 1] == []
    assert len(found) == len(stage.expected)
