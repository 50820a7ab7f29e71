# SPDX-License-Identifier: Apache-2.0
"""Without Kubernetes a container is who its network namespace's addresses are, while it lives."""
import json
import time

import pytest

from support.ig import query, wait_until
from support.runtimes import ContainerSpec
from support.servers import Redis

SECOND = 1_000_000_000


@pytest.mark.parametrize("runtime", ["runc", "crun"], indirect=True)
def test_a_container_has_the_addresses_of_its_network(runtime, ig, net_pair, root_folder, tmp_path):
    server = Redis()
    data = tmp_path / "data"
    data.mkdir()
    server.write_data(data)
    recording = ig.record("--gadgets", "trace_exec")
    container = runtime.start(ContainerSpec(root_folder(*server.packages), server.command, net_pair.left.path, data))
    rows = wait_until(lambda: query(recording.session, """
        SELECT i.name, i.addresses, i.valid_from_ns, w.first_seen_ns, s.kind FROM inventory i
        JOIN inventory_source s ON s.id = i.source_id JOIN workload w ON instr(i.containers, '"' || w.container_id || '"')
        WHERE w.container_id = ?""", container.id()), 60, "the container's addresses")
    [(name, addresses, begin, first_seen, source)] = rows
    assert json.loads(addresses) == [net_pair.left_ip, net_pair.left_ip6]
    assert (begin, source) == (first_seen, "container runtime") and name
    before = time.time_ns()
    container.stop()
    ended = "SELECT valid_to_ns FROM inventory WHERE instr(containers, ?) AND valid_to_ns < 9223372036854775807"
    [(end,)] = wait_until(lambda: query(recording.session, ended, f'"{container.id()}"'), 60, "the container's end")
    assert before - SECOND <= end <= time.time_ns()
    recording.stop()
