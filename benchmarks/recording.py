# SPDX-License-Identifier: Apache-2.0
"""A recorder beside the load of a benchmark."""

import contextlib
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measure import IG


# A background shell makes its children ignore Ctrl-C, and tracers keep to that.
signal.signal(signal.SIGINT, signal.default_int_handler)


class Recorder:
    """What it cost is known once it has ended."""

    cpu = peak = 0.0  # seconds, MB
    words = ""
    pid = 0


@contextlib.contextmanager
def recording(*options):
    """Records the whole machine while the block runs. The session is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        command = [IG, "record", "-o", f"{folder}/s.db", *options]
        with attached(command, "recording:") as recorder:
            yield recorder
            recorder.session_bytes = sum(path.stat().st_size for path in Path(folder).iterdir())


@contextlib.contextmanager
def attached(command, sign, patience=60):
    """Runs a tracer while the block runs; it is at work once it has printed `sign`."""
    recorder = Recorder()
    read, write = os.pipe()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=write, stderr=write)
    recorder.pid = child.pid
    os.close(write)
    begin = time.monotonic()
    with open(read, encoding="utf-8", errors="replace") as output:
        for line in output:
            recorder.words += line
            if sign in line:
                break
            if time.monotonic() - begin > patience:
                break
        else:
            child.wait()
            sys.exit(f"error: {' '.join(command)}: {recorder.words.strip()}")
        try:
            yield recorder
        finally:
            os.kill(child.pid, signal.SIGINT)  # poll() would reap it, and its cost be lost
            recorder.words += output.read()
            _, status, used = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            recorder.cpu = used.ru_utime + used.ru_stime
            recorder.peak = used.ru_maxrss / 1024


def cpu_seconds():
    """Of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def cpu_of(pids):
    """Processor time of servers that still run, with the children that they waited for."""
    ticks = 0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
