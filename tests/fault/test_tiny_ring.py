# SPDX-License-Identifier: Apache-2.0
"""A ring of one page under load: nothing is lost in silence, and no advice is made of what is lossy."""
import json
import os

import pytest

from support.ig import query, query_one
from support.need import need

OPENS, PROCESSES = 20000, 2
OPENS_OF_COMMAND = "SELECT count(*) FROM trace_open_rows r JOIN workload w ON w.id = r.workload_id WHERE w.kind = 'command'"


@pytest.fixture(autouse=True)
def root():
    need(os.geteuid() == 0, "BPF needs root")


def lost(session, gadget):
    return query_one(session, "SELECT coalesce(sum(count), 0) FROM loss WHERE gadget = ?", gadget)


def test_received_and_lost_are_all_that_was_generated(ig, compiled):
    program = compiled("open_storm", "-static")
    recording = ig.record_command(program, str(OPENS), str(PROCESSES), options=["--gadgets", "trace_open", "--ring-size", "4k"])
    received = query_one(recording.session, OPENS_OF_COMMAND)
    assert received + lost(recording.session, "trace_open") == OPENS * PROCESSES
    assert lost(recording.session, "trace_open") > 0, "the load was too small to fill the ring"
    assert [kind for kind, in query(recording.session, "SELECT DISTINCT kind FROM loss WHERE gadget = 'trace_open'")] == ["ring full"]


def test_a_large_ring_loses_nothing(ig, compiled):
    program = compiled("open_storm", "-static")
    recording = ig.record_command(program, "2000", "2", options=["--gadgets", "trace_open", "--ring-size", "32m"])
    assert lost(recording.session, "trace_open") == 0
    assert query_one(recording.session, OPENS_OF_COMMAND) == 4000


def test_no_enforcing_advice_from_lossy_evidence(ig, compiled):
    program = compiled("namespace_storm", "-static")
    recording = ig.record_command(program, "3000", options=["--ring-size", "4k"])
    assert query(recording.session, "SELECT kind FROM loss WHERE kind = 'ring full' AND gadget = 'workload_events'"), \
        "the load was too small to fill the ring"
    selector = ["--command"]
    text = ig.run("advise", "seccomp-profile", recording.session, *selector, status=3)
    assert text == ""
    assert "error:" in ig.last_words and "hint:" in ig.last_words and "--tolerate-loss" in ig.last_words
    tolerant = json.loads(ig.run("advise", "seccomp-profile", recording.session, *selector, "--tolerate-loss"))
    assert tolerant["defaultAction"] == "SCMP_ACT_LOG"
    assert "loss" in json.dumps(tolerant) or "loss" in ig.last_words
    ig.run("advise", "network-policy", recording.session, *selector, status=3)


def test_loss_of_another_gadget_is_not_the_advisors_business(ig, compiled):
    program = compiled("open_storm", "-static")
    recording = ig.record_command(program, str(OPENS), str(PROCESSES), options=["--gadgets", "trace_open,advise_seccomp", "--ring-size", "4k"])
    assert lost(recording.session, "trace_open") > 0
    profile = json.loads(ig.run("advise", "seccomp-profile", recording.session, "--command"))
    assert profile["defaultAction"] != "SCMP_ACT_LOG"
