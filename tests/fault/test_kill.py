# SPDX-License-Identifier: Apache-2.0
"""kill -9: the file opens and is sound, says that it is incomplete, lacks at most the last second, advises; nothing else stays."""
import collections
import json
import random
import signal
import sqlite3
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from support.ig import query_one, wait_until
from support.kernel_objects import objects_of

MOMENTS, AT_ONCE = 100, 4
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


@pytest.fixture
def load(compiled):
    """Something to record all the time."""
    program = compiled("open_storm", "-static")
    process = subprocess.Popen(["sh", "-c", 'while :; do "$0" 200 1; sleep 0.05; done', program])
    yield
    process.kill()
    process.wait(10)


class ShortRecording:
    def __init__(self, ig, number):
        self.ig, self.session = ig, ig.folder / f"{number}.db"
        with self.words().open("w") as words:
            self.process = subprocess.Popen([ig.binary, "record", "--gadgets", "trace_open,advise_seccomp", "--duration", "1s",
                                             "-o", self.session], stdin=subprocess.DEVNULL, stdout=words, stderr=words,
                                            start_new_session=True)

    def words(self):
        return self.session.with_suffix(".words")

    def kill(self):
        """What it had in the kernel at that moment. It may have come to its end before."""
        self.process.send_signal(signal.SIGSTOP)
        held = objects_of(self.process.pid)
        self.process.kill()
        self.process.wait(20)
        return held

    def outcome(self):
        """How far it came. Whatever that is, the file is sound and so are the words of whoever reads it."""
        if not self.session.exists():
            assert not list(self.ig.folder.glob(f"{self.session.name}*")), "something is left, but no session"
            return "no file"
        checked = self.ask("session", "check", self.session)
        assert checked.returncode in (0, 3), checked.stdout + checked.stderr
        assert (checked.returncode == 0) <= (self.process.returncode == 0 or "closed in order" in checked.stdout)
        self.ask_for_advice()
        with closing(sqlite3.connect(self.session)) as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            [(complete, reason)] = database.execute("SELECT complete, end_reason FROM session").fetchall()
            tables = database.execute("SELECT name FROM sqlite_master WHERE name = 'trace_open_rows'").fetchall()
            rows = tables and database.execute("SELECT count(*) FROM trace_open_rows").fetchall()[0][0]
        assert (complete, reason) in ((0, ""), (1, "duration")), self.words().read_text()
        return "complete" if complete else "with rows" if rows else "without rows"

    def ask_for_advice(self):
        done = self.ask("advise", "seccomp-profile", self.session, "--host")
        if done.returncode == 0:
            assert json.loads(done.stdout)["syscalls"]
        else:
            assert done.returncode in (1, 3) and done.stdout == "", done
            assert "error:" in done.stderr and ("hint:" in done.stderr or "warning:" in done.stderr), done.stderr

    def ask(self, *words):
        return subprocess.run([self.ig.binary, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


@pytest.mark.usefixtures("root")
def test_at_a_hundred_moments(ig, held, load):
    """Drawn from the time that a whole recording takes, several at once."""
    began = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        whole = list(pool.map(lambda n: ShortRecording(ig, f"whole-{n}").process.wait(120), range(AT_ONCE)))
        longest = time.monotonic() - began
        assert whole == [0] * AT_ONCE
        delays = random.Random(20261122)

        def killed(number, delay):
            recording = ShortRecording(ig, number)
            time.sleep(delay)
            held.update(recording.kill())
            return recording.outcome()

        outcomes = collections.Counter(pool.map(killed, range(MOMENTS), [delays.uniform(0, longest) for _ in range(MOMENTS)]))
    print(f"killed within {longest:.1f} s: {dict(outcomes)}")
    assert outcomes.total() == MOMENTS
    assert outcomes["with rows"] >= MOMENTS / 10, outcomes
