# SPDX-License-Identifier: Apache-2.0
"""The wall clock is set in mid-recording: every time in the file is of one clock all the same. A fake one, of the recorder alone."""
import os
import struct
import subprocess
import time

import pytest

from support.ig import query, query_one, wait_until

pytestmark = pytest.mark.usefixtures("root")

HOUR = 3600


class FakeClock:
    def __init__(self, library, file):
        self._file = file
        self.set_ahead(0)
        self.environment = {**os.environ, "LD_PRELOAD": str(library), "FAKE_CLOCK": str(file)}

    def set_ahead(self, seconds):
        with self._file.open("r+b" if self._file.exists() else "wb") as file:
            file.write(struct.pack("l", seconds))


@pytest.fixture
def clock(tmp_path, compiled):
    return FakeClock(compiled("fake_clock", "-shared", "-fPIC"), tmp_path / "clock")


def test_the_fake_clock_steps(clock):
    for ahead in (0, HOUR, -HOUR):
        clock.set_ahead(ahead)
        told = subprocess.run(["date", "+%s"], env=clock.environment, check=True, stdout=subprocess.PIPE).stdout
        assert abs(int(told) - time.time() - ahead) < 60


@pytest.mark.parametrize("backend", ["bpf", "ptrace"])
@pytest.mark.parametrize("step", [HOUR, -HOUR], ids=["forward", "back"])
def test_all_times_are_of_one_clock(backend, step, clock, ig, compiled):
    program = compiled("open_storm", "-static")
    script = 'unset LD_PRELOAD; "$0" 100 1; : > before; while [ ! -e go ]; do sleep 0.1; done; "$0" 20000 2'
    began = time.time_ns()
    recording = ig.record("--backend", backend, "--gadgets", "trace_open,trace_exec,advise_seccomp", "--ring-size", "4k",
                          command=["sh", "-c", script, program], env=clock.environment)
    wait_until((ig.folder / "before").exists, 30, "what is before the step")
    clock.set_ahead(step)
    stepped = time.monotonic()
    (ig.folder / "go").touch()
    recording.wait(120)
    slack = 60e9
    ended = time.time_ns()

    started_ns, ended_ns = query(recording.session, "SELECT started_ns, ended_ns FROM session")[0]
    assert began - slack < started_ns < ended_ns < ended + slack
    assert ended_ns - started_ns > (time.monotonic() - stepped) * 0.2e9
    for table in ("trace_open_rows", "trace_exec_rows"):
        first, last = query(recording.session, f"SELECT min(timestamp_raw), max(timestamp_raw) FROM {table}")[0]
        assert started_ns <= first <= last <= ended_ns, table
    for first, last in query(recording.session, "SELECT first_seen_ns, last_seen_ns FROM workload WHERE kind = 'command'"):
        assert began - slack < first <= last < ended + slack
    assert query_one(recording.session, "SELECT count(*) FROM loss WHERE from_ns > to_ns OR to_ns > ?", ended_ns) == 0
    ig.run("advise", "seccomp-profile", recording.session, "--command")


def test_losses_are_read_each_second_though_the_clock_went_back(clock, ig, compiled):
    recording = ig.record("--gadgets", "trace_open", "--ring-size", "4k", env=clock.environment)
    clock.set_ahead(-HOUR)
    subprocess.run([compiled("open_storm", "-static"), "20000", "2"], check=True, timeout=60)
    wait_until(lambda: query_one(recording.session, "SELECT sum(count) FROM loss WHERE kind = 'ring full'"), 30, "a counted loss")
    recording.stop()
