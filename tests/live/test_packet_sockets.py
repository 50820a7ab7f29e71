# SPDX-License-Identifier: Apache-2.0
"""Programs of sections socketN see the packets of every network namespace, and know which one it is."""
import os
from pathlib import Path

import pytest

from support.gadgets import compile_gadget
from support.ig import query, wait_until
from support.need import need
from support.net import NetNamespace, unique

FOLDER = Path(__file__).resolve().parent / "gadgets/packet_namespaces"
SEND = ["python3", "-c", "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 24299))"]


@pytest.fixture
def namespaces():
    opened = []

    def open_one(word):
        opened.append(NetNamespace(unique(word)))
        return opened[-1]

    yield open_one
    for namespace in opened:
        namespace.close()


def test_every_network_namespace(ig, tmp_path, namespaces):
    need(os.geteuid() == 0, "BPF needs root")
    gadgets = tmp_path / "gadgets"
    gadgets.mkdir()
    compile_gadget(FOLDER, gadgets)
    own, running, later = (namespaces(word) for word in ("own", "running", "later"))
    sleeper = running.start("sleep", "100")
    try:
        recording = ig.record("--backend", "bpf", "--gadget-path", gadgets, "--gadgets", "packet_namespaces", wrapper=own.enter())
        wait_until(lambda: query(recording.session, "SELECT 1 FROM sqlite_master WHERE name = 'packet_namespaces_rows'"), 20,
                   "the table of rows")

        def seen(namespace):
            """It may take a second until a namespace that nobody was in before is listened to."""
            namespace.run(*SEND)
            found = query(recording.session, "SELECT DISTINCT netns_id FROM packet_namespaces_rows")
            return (namespace.inode(),) in found

        late = later.start("sleep", "100")
        try:
            for namespace in (own, running, later):
                wait_until(lambda namespace=namespace: seen(namespace), 20, f"packets of {namespace.name}")
        finally:
            late.kill()
            late.wait(10)
        recording.stop()
    finally:
        sleeper.kill()
        sleeper.wait(10)
    inodes = {namespace.inode() for namespace in (own, running, later)}
    assert {row[0] for row in query(recording.session, "SELECT netns_id FROM packet_namespaces_rows")} == inodes
