# SPDX-License-Identifier: Apache-2.0
"""A ring of one page under load: nothing is lost in silence, and no advice is made of what is lossy."""
import json
import signal
import subprocess

import pytest

from support.cgroup import cgroup2_root
from support.ig import query, query_one, rows_table, wait_until
from support.net import unique

pytestmark = pytest.mark.usefixtures("root")

OPENS, PROCESSES = 20000, 2
OPENS_OF_COMMAND = "SELECT count(*) FROM trace_open_rows r JOIN workload w ON w.id = r.workload_id WHERE w.kind = 'command'"


def lost(session, gadget):
    return query_one(session, "SELECT coalesce(sum(count), 0) FROM loss WHERE gadget = ?", gadget)


def test_received_and_lost_are_all_that_was_generated(ig, compiled):
    program = compiled("open_storm", "-static")
    recording = ig.record_command(program, str(OPENS), str(PROCESSES), options=["--gadgets", "trace_open", "--ring-size", "4k"])
    received = query_one(recording.session, OPENS_OF_COMMAND)
    assert received + lost(recording.session, "trace_open") == OPENS * PROCESSES
    assert lost(recording.session, "trace_open") > 0, "the load was too small to fill the ring"
    assert query(recording.session, "SELECT DISTINCT kind FROM loss WHERE gadget = 'trace_open'") == [("ring full",)]


def test_a_large_ring_loses_nothing(ig, compiled):
    program = compiled("open_storm", "-static")
    recording = ig.record_command(program, "2000", "2", options=["--gadgets", "trace_open", "--ring-size", "32m"])
    assert lost(recording.session, "trace_open") == 0
    assert query_one(recording.session, OPENS_OF_COMMAND) == 4000


def assert_refused_unless_tolerated(ig, advisor, session, selector):
    assert ig.run("advise", advisor, session, selector, status=3) == ""
    assert "error:" in ig.last_words and "hint:" in ig.last_words and "--tolerate-loss" in ig.last_words
    text = ig.run("advise", advisor, session, selector, "--tolerate-loss")
    assert "loss" in text + ig.last_words
    return text


def test_no_network_policy_from_a_full_map(ig, net_pair):
    """More peers than the flows' map holds: what found no room is counted, and no policy is made."""
    peers = 20000
    net_pair.right.run("ip", "route", "add", "10.98.0.0/16", "via", net_pair.left_ip)
    code = f"""
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for n in range({peers}): s.sendto(b"x", (f"10.98.{{n // 250}}.{{n % 250 + 1}}", 9))"""
    recording = ig.record(command=["/usr/bin/python3", "-c", code], wrapper=net_pair.right.enter()).wait()
    table = rows_table(recording.session, "advise_networkpolicy", "network_connections")
    to_peers = query_one(recording.session, f"SELECT count(*) FROM {table} WHERE egress = 1 AND endpoint_addr LIKE '10.98.%'")
    assert 0 < to_peers < peers
    assert lost(recording.session, "advise_networkpolicy") >= peers - to_peers
    assert_refused_unless_tolerated(ig, "network-policy", recording.session, "--command")
    ig.run("advise", "seccomp-profile", recording.session, "--command")  # another gadget's loss


@pytest.fixture
def two_cgroups():
    folders = [cgroup2_root() / unique("storm") for _ in range(2)]
    for folder in folders:
        folder.mkdir()
    yield folders
    for folder in folders:
        wait_until(lambda: not (folder / "cgroup.procs").read_text(), 10, "an empty cgroup")
        folder.rmdir()


def test_no_profile_where_identities_were_lost(ig, two_cgroups):
    """While the recorder cannot read, more moves between cgroups happen than the ring of identities holds."""
    recording = ig.record()
    recording.process.send_signal(signal.SIGSTOP)
    wanderer = subprocess.Popen(["sleep", "60"])
    for move in range(6000):
        (two_cgroups[move % 2] / "cgroup.procs").write_text(str(wanderer.pid))
    wanderer.kill()
    wanderer.wait(10)
    recording.process.send_signal(signal.SIGCONT)
    recording.stop()
    assert lost(recording.session, "workload_events") > 0
    profile = json.loads(assert_refused_unless_tolerated(ig, "seccomp-profile", recording.session, "--host"))
    assert profile["defaultAction"] == "SCMP_ACT_LOG"


def test_loss_of_another_gadget_is_not_the_advisors_business(ig, compiled):
    program = compiled("open_storm", "-static")
    recording = ig.record_command(program, str(OPENS), str(PROCESSES),
                                  options=["--gadgets", "trace_open,advise_seccomp", "--ring-size", "4k"])
    assert lost(recording.session, "trace_open") > 0
    profile = json.loads(ig.run("advise", "seccomp-profile", recording.session, "--command"))
    assert profile["defaultAction"] != "SCMP_ACT_LOG"
