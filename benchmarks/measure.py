# SPDX-License-Identifier: Apache-2.0
"""What a command costs: its time, its processor time and the memory that it had at most."""

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

BUILD = Path(os.environ.get("IG_BUILD", Path(__file__).parent.parent / "build/release"))
IG = os.environ.get("IG_BINARY", str(BUILD / "cli/ig"))


@dataclass
class Cost:
    wall: float  # seconds
    cpu: float
    peak: float  # MB resident
    status: int


def run(command, stdin=None, **options):
    """Runs it to its end. What it prints is thrown away."""
    start = time.monotonic()
    child = subprocess.Popen(
        [str(word) for word in command],
        stdin=subprocess.PIPE if stdin else subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )
    if stdin:
        child.stdin.write(stdin)
        child.stdin.close()
    words = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in (0, 3):  # 3: refused, or something is new
        sys.exit(f"error: {' '.join(map(str, command))}: {words.strip()}")
    return Cost(
        time.monotonic() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, child.returncode
    )


def median(costs):
    """Of each figure by itself."""
    of = lambda name: statistics.median(getattr(cost, name) for cost in costs)
    return Cost(of("wall"), of("cpu"), of("peak"), costs[0].status)


def table(columns, rows):
    """As Markdown."""
    lines = [columns, ["---"] + ["--:"] * (len(columns) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
