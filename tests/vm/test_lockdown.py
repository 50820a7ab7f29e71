# SPDX-License-Identifier: Apache-2.0
"""A kernel in confidentiality lockdown: it is said first, and what runs all the same does.

`scripts/test-vm --lockdown` boots such a machine; nowhere else are these run.
"""
import json
from pathlib import Path

import pytest

from support.ig import query

LOCKDOWN = Path("/sys/kernel/security/lockdown")
REFUSAL = "this kernel is locked down (confidentiality): BPF programs may not read its memory"


@pytest.fixture(autouse=True)
def confidential():
    assert "[confidentiality]" in LOCKDOWN.read_text(), "this kernel is not locked down: scripts/test-vm --lockdown boots one"


def refusal(ig, *arguments):
    """The lines that a recording without a command ends with."""
    ig.run("record", "--duration", "1s", *arguments, status=1, seconds=300)
    return ig.last_words.splitlines()


def test_probe_says_it_first(ig):
    text = ig.run("probe", seconds=300)
    assert text.splitlines()[0] == "This kernel is locked down (confidentiality): most gadgets cannot run."


def test_probe_tells_which_gadgets_run_all_the_same(ig):
    told = json.loads(ig.run("probe", "-o", "json", seconds=300))
    assert told["lockdown"] == "confidentiality"
    rungs = {gadget["gadget"]: gadget["variant"] for gadget in told["gadgets"] if gadget["runs"]}
    assert rungs == {"audit_seccomp": "audit_netlink_alone", "bpfstats": "statistics", "script": "bpftrace",
                     "snapshot_file": "proc", "snapshot_process": "proc", "snapshot_socket": "proc", "trace_dnat": "conntrack"}


def test_a_recording_ends_with_one_error_and_its_hint(ig):
    error, hint = refusal(ig, "--gadgets", "trace_exec")
    assert error == f"error: {REFUSAL}"
    assert hint.startswith("hint: boot it with lockdown=integrity") and hint.endswith("-- COMMAND")


def test_so_does_one_of_many_gadgets(ig):
    words = refusal(ig, "--preset", "policy")
    assert [line for line in words if line.startswith("error: ")] == [f"error: {REFUSAL}"]
    assert words[-1].startswith("hint: ")


def test_a_command_is_recorded_by_ptrace_instead(ig):
    recording = ig.record_command("true", options=["--gadgets", "trace_exec"])
    assert REFUSAL in recording.words() and "by ptrace instead" in recording.words()
    assert ("true",) in query(recording.session, "SELECT comm FROM trace_exec")


def test_what_needs_no_program_is_recorded(ig):
    recording = ig.record_command("true", options=["--gadgets", "snapshot_process,trace_open"])
    assert query(recording.session, "SELECT count(*) > 0 FROM snapshot_process") == [(1,)]
    assert "trace_open is left out" in recording.words()
