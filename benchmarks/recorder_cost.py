#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the recorder itself needs: time to start, memory of its own and of the kernel's maps."""

import argparse
import re
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from measure import BUILD, IG, table
from recording import cpu_of, recording

ATTACHING = re.compile(r"^(?:\d+ +)?([\d.]+) bpf\((?:BPF_LINK_CREATE|BPF_RAW_TRACEPOINT_OPEN|BPF_PROG_ATTACH)", re.M)


def start_times():
    """Until its first program is attached, and until all are. strace stops it at bpf(2) only."""
    with tempfile.TemporaryDirectory() as folder:
        trace = f"{folder}/trace"
        words = ["strace", "-f", "--seccomp-bpf", "-ttt", "-e", "trace=bpf", "-o", trace]
        begin = time.time()
        command = [IG, "record", "-o", f"{folder}/s.db", "--duration", "100ms"]
        subprocess.run([*words, *command], check=True, capture_output=True)
        times = [float(found) for found in ATTACHING.findall(Path(trace).read_text(encoding="utf-8"))]
        return times[0] - begin, times[-1] - begin


def map_megabytes(pid):
    """Of the kernel's memory, each map once."""
    maps = {}
    for info in Path(f"/proc/{pid}/fdinfo").iterdir():
        fields = dict(line.split(":", 1) for line in info.read_text(encoding="utf-8").splitlines() if ":" in line)
        if "map_id" in fields:
            maps[fields["map_id"]] = int(fields["memlock"])
    return sum(maps.values()) / 2**20, len(maps)


def resident_megabytes(pid):
    """Of its own, and of the rings that it shares with the kernel, which are mapped twice over."""
    own = rings = 0
    name = ""
    for line in Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8").splitlines():
        words = line.split()
        if "-" in words[0]:
            name = " ".join(words[5:])
        elif words[0] == "Rss:":
            own += int(words[1]) * ("bpf-map" not in name)
            rings += int(words[1]) * ("bpf-map" in name)
    return own / 1024, rings / 1024


def under_load(workloads, rate, seconds):
    options = ["--preset", "policy", "--gadgets", "+trace_open"]
    with recording(*options) as recorder:
        memory, maps = map_megabytes(recorder.pid)
        before = cpu_of([recorder.pid])
        words = [BUILD / "benchmarks/benchmark_open_files", str(workloads), str(rate), str(seconds)]
        opened = int(subprocess.run(words, check=True, capture_output=True, text=True).stdout)
        resident = resident_megabytes(recorder.pid)
        cpu = cpu_of([recorder.pid]) - before
    return recorder, opened, memory, maps, resident, cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true")
    chosen = parser.parse_args()
    starts = [start_times() for _ in range(1 if chosen.short else chosen.rounds)]
    first, last = (statistics.median(times) for times in zip(*starts))
    seconds = 1 if chosen.short else 10
    recorder, opened, memory, maps, (own, rings), cpu = under_load(100, 50_000, seconds)
    summary = recorder.words.strip().splitlines()[-2 if recorder.words.endswith(".db\n") else -1]
    rows = [
        ["from its start until the first program is attached", f"{first * 1000:.0f} ms"],
        ["until the last one is", f"{last * 1000:.0f} ms"],
        [f"memory, resident, of the maps of policy and `trace_open` ({maps} maps)", f"{memory:.0f} MB"],
        [f"files opened by 100 workloads, {opened / seconds:,.0f} a second: its own memory, resident", f"{own:.0f} MB"],
        ["and of the maps' rings, each page mapped twice", f"{rings:.0f} MB"],
        ["at most, with them, while it loads", f"{recorder.peak:.0f} MB"],
        ["its processor time meanwhile, of one core", f"{cpu / seconds:.0%}"],
        ["what it says of it", summary],
    ]
    print("### The recorder\n")
    print(table(["what", "figure"], rows))


if __name__ == "__main__":
    main()
