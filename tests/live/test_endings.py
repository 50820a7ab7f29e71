# SPDX-License-Identifier: Apache-2.0
"""However a recording ends, it ends in order: last maps read, session closed, one file, the summary told."""
import os
import signal

import pytest

from support.ig import query, query_one, rows_table, wait_until
from support.need import need


@pytest.fixture(autouse=True)
def root():
    need(os.geteuid() == 0, "BPF needs root")


def assert_closed(recording, reason):
    assert query(recording.session, "SELECT complete, end_reason FROM session") == [(1, reason)]
    assert not list(recording.session.parent.glob("*.db-*")), "one file, without -wal and -shm"
    assert str(recording.session) in recording.stdout
    assert "nothing lost" in recording.words() or "lost" in recording.words()


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_by_signal(signal_number, ig, compiled):
    recording = ig.record()
    # The last second before the signal is in the file too.
    os.system(f"{compiled('one_call', '-static', '-nostdlib', '-ffreestanding')} 100")
    recording.stop(signal_number)
    assert_closed(recording, "signal")
    table = rows_table(recording.session, "advise_seccomp", "syscalls")
    assert query_one(recording.session, f"SELECT count(*) > 0 FROM {table} WHERE syscall_raw = 100")


def test_by_duration(ig):
    recording = ig.record("--duration", "2s").wait(60)
    assert_closed(recording, "duration")
    started, ended = query(recording.session, "SELECT started_ns, ended_ns FROM session")[0]
    assert ended - started > 1.9e9


@pytest.mark.parametrize("backend", ["bpf", "ptrace"])
def test_by_the_command_with_its_status(backend, ig):
    recording = ig.record_command("sh", "-c", "exit 7", options=["--backend", backend], status=7)
    assert_closed(recording, "command ended")


@pytest.mark.parametrize("backend", ["bpf", "ptrace"])
def test_a_signal_ends_a_recording_whose_command_goes_on(backend, ig):
    recording = ig.record("--backend", backend, command=["sh", "-c", "touch begun; sleep 20"])
    wait_until((ig.folder / "begun").exists, 20, "the command's begin")
    recording.process.send_signal(signal.SIGINT)
    recording.wait(10, status=None)
    assert query(recording.session, "SELECT complete, end_reason FROM session") == [(1, "signal")]
