# SPDX-License-Identifier: Apache-2.0
"""A recorder that gets no time for five seconds: what is aggregated in the kernel is whole, the rest is there or counted."""
import signal
import time

import pytest

from support.ig import query, query_one, wait_until

pytestmark = pytest.mark.usefixtures("root")

OPENS, PROCESSES = 50000, 2
SCRIPT = 'while [ ! -e go ]; do sleep 0.1; done; "$0" 50000 2; "$1" 100; : > done; while [ ! -e end ]; do sleep 0.1; done; "$0" 1000 2'


@pytest.mark.parametrize("ring", ["64k", "64m"])
def test_five_seconds_without_a_reader(ring, ig, compiled):
    one_call = compiled("one_call", "-static", "-nostdlib", "-ffreestanding")
    recording = ig.record("--gadgets", "trace_open,advise_seccomp", "--comm", "open_storm", "--ring-size", ring,
                          command=["sh", "-c", SCRIPT, compiled("open_storm", "-static"), one_call])
    recording.process.send_signal(signal.SIGSTOP)
    stopped = time.time_ns()
    (ig.folder / "go").touch()
    wait_until((ig.folder / "done").exists, 60, "the end of the storm")
    time.sleep(max(0, 5 - (time.time_ns() - stopped) / 1e9))
    recording.process.send_signal(signal.SIGCONT)
    going_on = time.time_ns()
    (ig.folder / "end").touch()
    recording.wait(60)

    assert query(recording.session, "SELECT complete, end_reason FROM session") == [(1, "command ended")]
    received = query_one(recording.session, "SELECT count(*) FROM trace_open_rows")
    lost = query_one(recording.session, "SELECT coalesce(sum(count), 0) FROM loss WHERE gadget = 'trace_open'")
    assert received + lost == OPENS * PROCESSES + 2000
    assert (lost > 0) == (ring == "64k")
    if lost:
        assert "lost" in recording.words() and "nothing lost" not in recording.words()
        [(first, last)] = query(recording.session, "SELECT min(from_ns), max(to_ns) FROM loss WHERE gadget = 'trace_open'")
        assert first <= stopped and last >= going_on, "the loss is told of another time"
    table = query_one(recording.session, "SELECT view FROM data_source WHERE gadget = 'advise_seccomp' AND name = 'syscalls'")
    assert query_one(recording.session, f"SELECT count(*) > 0 FROM {table}_rows WHERE syscall_raw = 100")
    ig.run("advise", "seccomp-profile", recording.session, "--command")
