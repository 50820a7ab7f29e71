# SPDX-License-Identifier: Apache-2.0
"""Objects that follow the public contract and were compiled elsewhere run as they are: `ig run ./program.o`."""
import json
import os
import subprocess
from pathlib import Path

import pytest

from support.gadgets import compile_object
from support.ig import wait_until
from support.need import need
from support.net import NetPair, unique
from support.processes import wait_until_settled

OBJECTS = Path(__file__).resolve().parent / "objects"


@pytest.fixture(autouse=True)
def root():
    need(os.geteuid() == 0, "BPF needs root")


@pytest.fixture(scope="module")
def objects(tmp_path_factory):
    folder = tmp_path_factory.mktemp("objects")
    for source in OBJECTS.glob("*.bpf.c"):
        compile_object(source, folder / source.name.replace(".c", ".o"))
    return folder


@pytest.fixture
def pair():
    pair = NetPair(unique("tc"))
    yield pair
    pair.close()


SERVER = """
import socket
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("", 24298))
while True:
    server.sendto(b"answer", server.recvfrom(100)[1])
"""
CLIENT = """
import socket, sys
client = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
client.settimeout(1)
client.sendto(b"question", (sys.argv[1], 24298))
print(client.recv(100).decode())
"""


def qdiscs(namespace):
    return namespace.run("tc", "qdisc", "show", "dev", "eth0", stdout=subprocess.PIPE, text=True).stdout


@pytest.fixture
def start():
    """Starts something in a namespace of a pair, and ends it after the test."""
    started = []

    def start_one(namespace, *command):
        started.append(namespace.start(*command))
        return started[-1]

    yield start_one
    for process in started:
        process.kill()
        process.wait(10)


def ask(pair):
    pair.left.run("python3", "-c", CLIENT, pair.right_ip, stdout=subprocess.DEVNULL)


def test_classifiers_see_both_directions_of_each_workload_and_who_it_is(ig, objects, pair, start):
    server = start(pair.right, "python3", "-c", SERVER)
    start(pair.left, "sleep", "100")  # so that somebody is in that namespace
    wait_until_settled(server.pid)
    live = ig.live(objects / "packets.bpf.o")
    left, right = pair.left.inode(), pair.right.inode()

    def everything():
        ask(pair)
        return {(row["netns_id"], row["way"]) for row in live.rows()} >= {
            (left, "egress"), (left, "ingress"), (right, "ingress"), (right, "egress")}

    wait_until(everything, 20, "packets in both directions at both ends")
    assert "clsact" in qdiscs(pair.right)
    rows = live.stop()
    owners = {(row["pid"], row["comm"]) for row in rows if row["netns_id"] == right}
    assert (server.pid, "python3") in owners
    assert "clsact" not in qdiscs(pair.right)


def test_a_queueing_discipline_that_was_there_before_stays(ig, objects, pair, start):
    pair.right.run("tc", "qdisc", "add", "dev", "eth0", "clsact")
    start(pair.right, "sleep", "100")
    live = ig.live(objects / "packets.bpf.o")

    def filters():
        return pair.right.run("tc", "filter", "show", "dev", "eth0", "ingress", stdout=subprocess.PIPE, text=True).stdout

    wait_until(lambda: "bpf" in filters(), 20, "a filter")
    live.stop()
    assert "clsact" in qdiscs(pair.right)
    assert "bpf" not in filters()


def test_an_interface_that_is_named(ig, objects, pair, start):
    server = start(pair.right, "python3", "-c", SERVER)
    wait_until_settled(server.pid)
    live = ig.live(objects / "packets.bpf.o", "--iface", "eth0", wrapper=pair.right.enter())

    def rows():
        ask(pair)
        return live.rows()

    assert {row["netns_id"] for row in wait_until(rows, 20, "packets")} == {pair.right.inode()}
    live.stop()
    assert "clsact" not in qdiscs(pair.right)


def test_an_interface_that_is_not_there(ig, objects):
    ig.run("run", objects / "packets.bpf.o", "--iface", "ig-nowhere", "--duration", "1s", status=2)
    assert "there is no interface 'ig-nowhere'" in ig.last_words


MANIFEST = """
name: calls
description: calls of a process
datasources:
  calls:
    fields:
      calls: {annotations: {description: number of calls}}
params:
  ebpf:
    target_pid: {key: pid, defaultValue: "0", description: one process}
"""


def test_maps_that_need_their_runner_and_a_program_that_cannot_attach(ig, objects, tmp_path):
    manifest = tmp_path / "words.yaml"
    manifest.write_text(MANIFEST)
    shown = ig.run("run", objects / "calls.bpf.o", "--gadget-yaml", manifest, "-o", "json", "--", "sh", "-c", "exec sleep 1.5")
    rows = [json.loads(line) for line in shown.splitlines()]
    assert max(row["calls"] for row in rows) > 10
    assert "count_nowhere" in ig.last_words
