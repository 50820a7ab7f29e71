#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a system call costs more while it is watched: by ig, and by others that count calls.

A loop makes getppid() on one core, in turns with each watcher. What is compared is processor time: of the
caller where the watcher runs in the kernel, of caller and watcher where it is ptrace's.
"""

import argparse
import shutil
import statistics
import subprocess

from measure import BUILD, IG, run, table
from recording import attached, recording

LOOP = str(BUILD / "benchmarks/benchmark_syscall_cost")
CALLS = 100_000
# Where tracepoints are looked up; small machines do not mount it.
WITH_TRACEFS = ["unshare", "-m", "sh", "-c", 'mount -t tracefs none /sys/kernel/tracing; exec "$@"', "sh"]
SLOW_CALLS = 3_000  # of strace, at 50 µs each


def loop(mode="--loop"):
    return float(subprocess.run([LOOP, mode, str(CALLS)], check=True, capture_output=True, text=True).stdout)


def under_ig():
    with recording("--preset", "policy"):
        return loop()


def under_bpftrace():
    script = 'BEGIN { printf("ready\\n"); } tracepoint:raw_syscalls:sys_enter { @[comm, args->id] = count(); }'
    with attached([*WITH_TRACEFS, "bpftrace", "-e", script], "ready"):
        return loop()


def under_syscount():
    with attached([*WITH_TRACEFS, "stdbuf", "-oL", "syscount", "-d", "20"], "Tracing syscalls"):
        return loop()


def around(*tracer):
    """Processor time of both, without what they need to start."""

    def measure():
        cost = lambda calls: run([*tracer, LOOP, "--loop", calls]).cpu
        few = SLOW_CALLS // 30
        return (cost(SLOW_CALLS) - cost(few)) / (SLOW_CALLS - few) * 1e9

    return measure


WATCHERS = [
    ("nothing", None, loop),
    ("an empty program at `tp_btf/sys_enter`", None, lambda: loop("--loop-with-empty")),
    ("`ig record --preset policy`, the whole host", IG, under_ig),
    ("bpftrace, counting by name and call", "bpftrace", under_bpftrace),
    ("syscount (libbpf-tools)", "syscount", under_syscount),
    ("perf trace -s", "perf", around(*WITH_TRACEFS, "perf", "trace", "-s", "-o", "/dev/null", "--")),
    ("strace -f -c", "strace", around("strace", "-f", "-c", "-o", "/dev/null")),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--short", action="store_true", help="once")
    chosen = parser.parse_args()
    watchers = [one for one in WATCHERS if one[1] is None or shutil.which(one[1])]
    ns = {name: [] for name, _, _ in watchers}
    for _ in range(1 if chosen.short else chosen.rounds):
        for name, _, measure in watchers:
            ns[name].append(measure())
    middle = {name: statistics.median(list_) for name, list_ in ns.items()}
    bare, empty, ours = list(middle.values())[:3]
    print("### A watched system call\n")
    rows = [
        [
            name,
            f"{value:,.0f}",
            f"{value - bare:,.0f}",
            f"{(value - bare) / (empty - bare):,.1f}",
            f"{(value - bare) / (ours - bare):,.1f}",
        ]
        for name, value in middle.items()
    ]
    print(table(["watched by", "ns a call", "added", "over the empty program", "over ig"], rows))


if __name__ == "__main__":
    main()
