# SPDX-License-Identifier: Apache-2.0
"""The flight recorder: what it writes is what strace writes, and it is there after a death and on demand."""
import os
import re
import signal
import sqlite3
import subprocess

import pytest

from support.ig import query, wait_until
from support.need import need, need_program

LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (.*)$")
BEGUN = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")

CALLS = """
    SELECT tid, syscall, parameters, ret FROM traceloop WHERE comm IN ('many_calls', 'renamed') ORDER BY timestamp, seq"""


@pytest.fixture(autouse=True)
def root():
    need(os.geteuid() == 0, "gadgets need root")


def straces_calls(log):
    """strace's lines, those that were interrupted by others put together: (tid, call, arguments, result)."""
    begun = {}
    for line in log.read_text(errors="replace").splitlines():
        if part := BEGUN.match(line):
            begun[part[1]] = line.removesuffix(" <unfinished ...>")
            continue
        if part := RESUMED.match(line):
            line = begun.pop(part[1]) + part[2]
        if call := LINE.match(line):
            yield int(call[1]), call[2], call[3].rstrip(), call[4]


def comparable(calls):
    """By thread, in the order in which they appear, without what is another in each run: addresses, ports, times, ids."""
    threads = {}
    for tid, name, arguments, result in calls:
        threads.setdefault(tid, []).append((name, arguments, result))
    numbers = {str(tid): f"TASK{index}" for index, tid in enumerate(threads)}

    def plain(text):
        text = re.sub(r"0x[0-9a-f]{5,}", "ADDRESS", text)
        text = re.sub(r"htons\(\d{4,5}\)", "htons(PORT)", text)
        text = re.sub(r"tv_usec=\d+", "tv_usec=N", text)
        text = re.sub(r"(\\x[0-9a-f]{2}){8}", "RANDOM", text)
        text = re.sub(r"/\* \d+ vars? \*/", "VARS", text)
        return re.sub(r"\b\d+\b", lambda number: numbers.get(number[0], number[0]), text)

    def lines(calls):
        for name, arguments, result in calls:
            if name in ("restart_syscall", "rt_sigreturn"):
                continue
            # A thread that kills itself returns from that call, which strace cannot see any more.
            result = "0" if "SIGKILL" in arguments else plain(result)
            yield f"{name}({plain(arguments)}) = {result}"

    return [list(lines(calls)) for calls in threads.values()]


def test_lines_are_straces(ig, tmp_path, compiled):
    need_program("strace", "strace")
    program = compiled("many_calls", "-static", "-w")
    folders = [tmp_path / name / "folder" for name in ("stracing", "recorded")]  # of one length: getcwd(2) tells it
    for folder in folders:
        folder.mkdir(parents=True)
    log = tmp_path / "strace.txt"
    subprocess.run(["strace", "-f", "-s", "128", "-o", log, program], cwd=folders[0], check=True, timeout=60)
    recording = ig.record("--backend", "bpf", "--gadgets", "traceloop", command=[program],
                          wrapper=["env", "-C", folders[1]]).wait(60)
    expected = [[line.replace("/stracing/", "/recorded/") for line in lines] for lines in comparable(straces_calls(log))]
    seen = comparable(query(recording.session, CALLS))
    expected[0] = expected[0][1:]  # execve: the recorder's child made it
    assert len(expected) == len(seen) == 3
    for wanted, found in zip(expected, seen):
        assert len(wanted) > 1
        assert found == wanted
    assert query(recording.session, "SELECT * FROM loss WHERE gadget = 'traceloop'") == []


def test_a_dump_on_demand_has_what_threads_wait_in(ig, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    recording = ig.record("--backend", "bpf", "--gadgets", "traceloop",
                          command=["sh", "-c", f"cd /ig-first; exec 3<>{tmp_path}/fifo; read word <&3; cd /ig-second"])
    wait_until(lambda: _reads(recording), 20, "the shell to wait")
    assert not _rows(recording)
    recording.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: _rows(recording), 20, "a dump")
    assert query(recording.session, "SELECT syscall, finished FROM traceloop WHERE ret = '<unfinished ...>'") == [("read", 0)]
    assert query(recording.session, "SELECT ret FROM traceloop WHERE parameters = '\"/ig-first\"'") == \
        [("-1 ENOENT (No such file or directory)",)]
    (tmp_path / "fifo").write_text("go\n")
    recording.wait(20, status=None)
    for name in ("first", "second"):
        assert len(query(recording.session, f"SELECT 1 FROM traceloop WHERE parameters = '\"/ig-{name}\"'")) == 1


def _rows(recording):
    try:
        return query(recording.session, "SELECT * FROM traceloop WHERE comm = 'sh'")
    except sqlite3.OperationalError:  # the table comes with the first write
        return []


def _reads(recording):
    """True when a child of the recorder waits in read(2), call 0 on x86_64 and 63 on aarch64."""
    children = subprocess.run(["pgrep", "-P", str(recording.process.pid)], capture_output=True, text=True).stdout.split()
    for child in children:
        with open(f"/proc/{child}/syscall") as call:
            if call.read().split()[0] in ("0", "63"):
                return True
    return False


def test_a_session_is_printed_as_strace_prints(ig):
    recording = ig.record_command("sh", "-c", "cat /nonexistent; exit 0", options=["--gadgets", "traceloop"])
    lines = ig.run("traceloop", recording.session).splitlines()
    kept = query(recording.session, "SELECT count(*) FROM traceloop t JOIN workload w ON w.name = t.workload")[0][0]
    assert len(lines) == kept
    assert all(re.match(r"^\d+<[^>]*> \d\d:\d\d:\d\d\.\d{6} \w+\(.*(\) += .* <\d+\.\d{6}>| <unfinished \.\.\.>)$", line) for line in lines)
    [failed] = [line for line in ig.run("traceloop", recording.session, "--errors", "--calls", "openat", "--comm", "cat").splitlines()
                if "/nonexistent" in line]
    assert "-1 ENOENT (No such file or directory)" in failed
    begun = query(recording.session, "SELECT min(timestamp_raw) FROM traceloop_rows")[0][0]
    started = query(recording.session, "SELECT started_ns FROM session")[0][0]
    assert ig.run("traceloop", recording.session, "--until", f"{(begun - started) // 1000 - 1}us") == ""
    assert ig.run("traceloop", recording.session, "--since", f"{(begun - started) // 1000}us").splitlines() == lines
    total = ig.run("traceloop", recording.session, "--summary").splitlines()[-1].split()
    assert int(total[3]) == kept


def test_what_newer_calls_overwrote_is_said(ig):
    recording = ig.record_command("sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do cat /dev/null; done",
                                  options=["--gadgets", "traceloop", "--param", "traceloop.capacity=10"])
    assert len(ig.run("traceloop", recording.session, "--command").splitlines()) == 10
    assert "newer ones took their place" in ig.last_words


def test_a_session_without_a_flight_recorder(ig):
    recording = ig.record_command("true", options=["--gadgets", "trace_exec"])
    ig.run("traceloop", recording.session, status=1)
    assert "hint: ig record --gadgets +traceloop" in ig.last_words
