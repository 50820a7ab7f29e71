# SPDX-License-Identifier: Apache-2.0
"""A small disk that fills up, at every phase of a recording; a folder in which nothing may be written."""
import collections
import contextlib
import os
import signal
import sqlite3
import subprocess

import pytest

from support.ig import NotStarted, query, query_one, rows_table, wait_until

pytestmark = pytest.mark.usefixtures("root")

KIB = 1024
BUSY = ["sh", "-c", "exec >/dev/null; while :; do cat /etc/hostname; sleep 0.01; done"]


class SmallDisk:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "none", folder], check=True, timeout=20)

    def leave(self, left):
        """Fills it up but for so many bytes."""
        for attempt in range(1000):
            there = os.statvfs(self.folder)
            taken = there.f_bavail * there.f_frsize - left
            if taken <= 0:
                return
            with contextlib.suppress(OSError), (self.folder / f"filler-{attempt}").open("xb") as filler:
                os.posix_fallocate(filler.fileno(), 0, taken)  # or somebody took some of it meanwhile

    def sessions(self):
        return sorted(path.name for path in self.folder.iterdir() if not path.name.startswith("filler"))

    def close(self):
        subprocess.run(["umount", "-l", self.folder], check=True, timeout=20)


@pytest.fixture
def disk(tmp_path):
    made = SmallDisk(tmp_path / "disk")
    yield made
    made.close()


def record_on(ig, disk, *options, **how):
    return ig.record("--gadgets", "trace_open,advise_seccomp", *options, session=disk.folder / "session.db", **how)


def assert_told(words, *told):
    errors = [line for line in words.splitlines() if line.startswith(("error:", "hint:"))]
    assert [line.split(":")[0] for line in errors] == ["error", "hint"], words
    for word in told:
        assert word in errors[0], words


def assert_sound(ig, recording):
    """Whether it says of itself that it is all. Either way it is whole, and so it is told."""
    with contextlib.closing(sqlite3.connect(f"file:{recording.session}?mode=ro", uri=True)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    complete = query_one(recording.session, "SELECT complete FROM session")
    ig.run("session", "check", recording.session, status=0 if complete else 3)
    return complete


LITTLE = [n * KIB for n in (0, 64, 104, 112, 128, 192, 296, 520, 808, 1000, 1400, 2000, 3000)]


def test_with_little_room_it_ends_in_order_wherever_it_is(ig, disk, compiled):
    """Where that is depends on the room: no file, no log beside it, no schema of a gadget, no first batch, no last one, no end."""
    storm = [compiled("open_storm", "-static"), "20000", "1"]
    phases = collections.Counter(end_with(left, ig, disk, storm) for left in LITTLE)
    print(dict(phases))
    assert {"no file", "no row"} <= phases.keys() and len(phases) > 2, phases


def end_with(left, ig, disk, command):
    for path in disk.folder.iterdir():
        path.unlink()
    disk.leave(left)
    begun = ig.folder / f"begun-{left}"
    try:
        recording = record_on(ig, disk, command=["sh", "-c", ': > "$0"; exec "$@"', begun, *command]).wait(60, status=None)
    except NotStarted as refused:
        assert_told(str(refused), "session.db", "the disk is full")
        assert not begun.exists(), "the command ran all the same"
        assert disk.sessions() == []
        return "no file"
    if recording.process.returncode == 0:
        return "all"
    assert recording.process.returncode == 1
    assert_told(recording.words(), "session.db", "the disk is full")
    beside = len(disk.sessions()) > 1
    assert beside == ("-wal" in recording.words()), (disk.sessions(), recording.words())
    complete = assert_sound(ig, recording)
    tables = query_one(recording.session, "SELECT count(*) FROM sqlite_master WHERE name = 'trace_open_rows'")
    rows = tables and query_one(recording.session, "SELECT count(*) FROM trace_open_rows")
    return "all rows" if complete else "some rows" if rows else "no row"


def test_full_in_the_middle(ig, disk):
    recording = record_on(ig, disk, command=BUSY)
    wait_until(lambda: query_one(recording.session, "SELECT count(*) FROM sqlite_master WHERE name LIKE 'trace_open%'") and
               query_one(recording.session, "SELECT count(*) FROM trace_open_rows"), 30, "a first batch")
    calls = rows_table(recording.session, "advise_seccomp", "syscalls")
    wait_until(lambda: query_one(recording.session, f"SELECT count(*) FROM {calls} WHERE workload_id <> 0"), 30, "calls")
    disk.leave(0)
    recording.wait(60, status=1)
    assert_told(recording.words(), "the disk is full")
    assert str(recording.session) in recording.stdout
    assert disk.sessions() == ["session.db"], "closed, in one file"
    assert query(recording.session, "SELECT complete, end_reason FROM session") == [(0, "disk full")]
    assert query_one(recording.session, "SELECT count(*) FROM trace_open_rows") > 0
    lost = dict(query(recording.session, "SELECT gadget, sum(count) FROM loss WHERE kind = 'writer failed' GROUP BY gadget"))
    assert lost["trace_open"] > 0
    assert not assert_sound(ig, recording)
    ig.run("advise", "seccomp-profile", recording.session, "--command", status=3)
    assert "--tolerate-loss" in ig.last_words


def test_full_at_the_end(ig, disk, compiled):
    """What the recorder has not stored by then finds no room, but that the session ends with that does."""
    recording = record_on(ig, disk)
    wait_until(lambda: query_one(recording.session, "SELECT count(*) FROM workload"), 30, "a first batch")
    recording.process.send_signal(signal.SIGSTOP)
    subprocess.run([compiled("open_storm", "-static"), "20000", "1"], check=True, timeout=60)
    disk.leave(0)
    recording.process.send_signal(signal.SIGINT)
    recording.process.send_signal(signal.SIGCONT)
    recording.wait(60, status=1)
    assert_told(recording.words(), "session.db", "the disk is full")
    assert "nothing lost" not in recording.words()
    assert str(recording.session) in recording.stdout
    assert disk.sessions() == ["session.db"]
    assert query(recording.session, "SELECT complete, end_reason FROM session") == [(0, "disk full")]
    assert query_one(recording.session, "SELECT sum(count) FROM loss WHERE kind = 'writer failed' AND gadget = 'trace_open'") > 0
    assert not assert_sound(ig, recording)


def test_a_folder_of_a_disk_that_cannot_be_written(ig, disk):
    subprocess.run(["mount", "-o", "remount,ro", disk.folder], check=True, timeout=20)
    with pytest.raises(NotStarted) as refused:
        record_on(ig, disk, command=["touch", "begun"])
    assert_told(str(refused.value), "session.db", "Read-only file system")
    assert "hint: name a file in a folder that you may write" in str(refused.value)
    assert not (ig.folder / "begun").exists()
