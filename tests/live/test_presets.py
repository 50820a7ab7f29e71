# SPDX-License-Identifier: Apache-2.0
"""What ig record's presets record, and that all gadgets together keep their session whole."""
import json
import os

import pytest

from support.ig import query, query_one
from support.need import need
from support.net import NetNamespace, unique

BUSY_SECONDS = 45
# Files, processes, connections and signals, over and over.
BUSY = f"""
end=$(($(date +%s) + {BUSY_SECONDS}))
/usr/bin/python3 -m http.server --bind 127.0.0.1 24399 >/dev/null 2>&1 &
server=$!
while [ $(date +%s) -lt $end ]; do
    ls -R /usr/include >/dev/null
    cat /usr/bin/python3* >/dev/null
    curl -s -m 2 http://127.0.0.1:24399/ >/dev/null || :
    dd if=/dev/zero of=busy bs=64k count=64 conv=fsync 2>/dev/null
done
kill $server
"""


@pytest.fixture(autouse=True)
def root():
    need(os.geteuid() == 0, "BPF needs root")


@pytest.fixture
def net():
    namespace = NetNamespace(unique("presets"))
    yield namespace
    namespace.close()


def gadgets_of(session):
    return {name for name, in query(session, "SELECT gadget FROM gadget_run")}


@pytest.mark.parametrize("preset, some", [
    ("policy", {"advise_seccomp", "advise_networkpolicy", "trace_exec", "trace_dns"}),
    ("latency", {"profile_blockio", "profile_cpu", "profile_tcprtt", "trace_tcpconnlat"}),
])
def test_a_preset_names_its_gadgets(ig, preset, some):
    recording = ig.record_command("true", options=["--backend", "bpf", "--preset", preset])
    assert some <= gadgets_of(recording.session)
    assert query_one(recording.session, "SELECT preset FROM session") == preset


def test_gadgets_are_added_to_the_preset_and_taken_from_it(ig):
    recording = ig.record_command("true", options=["--backend", "bpf", "--gadgets=-trace_dns,+trace_signal"])
    names = gadgets_of(recording.session)
    assert "advise_seccomp" in names and "trace_signal" in names and "trace_dns" not in names


def test_all_gadgets_at_once_lose_nothing_in_silence(ig, net):
    """On a busy machine. What the kernel refuses is told, what was lost is counted, and the file is whole."""
    recording = ig.record("--backend", "bpf", "--preset", "all", command=["sh", "-c", BUSY], wrapper=net.enter())
    recording.wait(BUSY_SECONDS + 120)
    session = recording.session
    assert query_one(session, "PRAGMA integrity_check") == "ok"
    assert query_one(session, "SELECT ended_ns > started_ns AND complete FROM session") == 1
    listed = {line.split()[0] for line in ig.run("gadget", "list").splitlines()[1:]} - {"script", "tcpdump"}
    assert gadgets_of(session) == listed
    refused = {name for name, in query(session, "SELECT gadget FROM loss WHERE kind = 'not attached'")}
    # Rows of what a shell surely does, from every gadget that ran.
    for gadget in {"trace_exec", "trace_open", "trace_signal", "advise_seccomp", "top_file", "trace_tcpconnect"} - refused:
        assert query_one(session, f"SELECT count(*) > 0 FROM {gadget}"), gadget
    assert query_one(session, "SELECT count(*) FROM loss WHERE kind = 'malformed'") == 0
    assert ig.run("session", "info", session)
    for question in map(json.loads, ig.run("session", "query", "--list", "-o", "json").splitlines()):
        if question["from"].split("_uses")[0] not in refused:
            assert ig.run("session", "query", session, question["name"], "-o", "csv"), question["name"]
