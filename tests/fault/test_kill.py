# SPDX-License-Identifier: Apache-2.0
"""kill -9 in mid-recording: the file opens and is sound, says that it is incomplete, lacks at most the last second, advises."""
import json
import sqlite3
import time
from contextlib import closing

import pytest

from support.ig import query_one, wait_until

BUSY = ["sh", "-c", "for round in $(seq 400); do cat /etc/hostname; chmod 600 .; sleep 0.05; done"]


@pytest.mark.parametrize("backend", ["bpf", "ptrace"])
def test_a_killed_recording_is_of_use(backend, ig):
    recording = ig.record("--backend", backend, "--gadgets", "advise_seccomp,trace_open", command=BUSY)
    time.sleep(4)  # some batches
    killed_ns = time.time_ns()
    recording.kill()

    with closing(sqlite3.connect(recording.session)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert database.execute("SELECT complete FROM session").fetchall() == [(0,)]
    last = query_one(recording.session, "SELECT max(timestamp_raw) FROM trace_open_rows")
    assert killed_ns - last < 5e9  # it is a second where the machine has time
    assert "incomplete" in ig.run("session", "info", recording.session)

    profile = json.loads(ig.run("advise", "seccomp-profile", recording.session, "--command"))
    names = [name for rule in profile["syscalls"] for name in rule["names"]]
    assert {"openat", "read", "fchmodat"} <= set(names)


def test_the_command_of_a_killed_ptrace_recording_goes_on(ig):
    """It is let go, not left stopped."""
    recording = ig.record("--backend", "ptrace", command=["sh", "-c", "touch begun; sleep 3; touch ended"])
    wait_until((ig.folder / "begun").exists, 20, "the command's begin")
    recording.kill()
    wait_until((ig.folder / "ended").exists, 20, "the command's end")
