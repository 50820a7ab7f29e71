# SPDX-License-Identifier: Apache-2.0
"""Many short lives in little time: thousands of processes, a thousand containers. Each is in the file as itself, or counted."""
import collections
import subprocess
import time

import pytest

from support.ig import query, query_one, rows_table
from support.net import unique
from support.runtimes import ContainerSpec, make_runtime

pytestmark = pytest.mark.usefixtures("root")

PROCESSES = 5000
CONTAINERS, SECONDS, AT_ONCE = 1000, 60, 1
CALLS = [100, 102, 104, 111]  # times, getuid, getgid, getpgrp: by its number, each container makes one of them
SETUP = "setup"


def lost(recording, *gadgets):
    marks = ", ".join("?" * len(gadgets))
    return query_one(recording.session, f"SELECT coalesce(sum(count), 0) FROM loss WHERE gadget IN ({marks})", *gadgets)


def test_five_thousand_processes(ig, compiled):
    one_call = compiled("one_call", "-static", "-nostdlib", "-ffreestanding")
    recording = ig.record("--gadgets", "trace_exec,advise_seccomp")
    began = time.monotonic()
    subprocess.run([compiled("exec_storm", "-static"), str(PROCESSES), "4", one_call, "100"], check=True, timeout=120)
    seconds = time.monotonic() - began
    recording.stop()
    print(f"{PROCESSES} processes in {seconds:.1f} s")
    rows = query_one(recording.session, "SELECT count(*) FROM trace_exec WHERE comm = 'one_call'")
    assert PROCESSES - lost(recording, "trace_exec") <= rows <= PROCESSES
    processes = query_one(recording.session, "SELECT count(DISTINCT pid || ' ' || start_time) FROM process WHERE comm = 'one_call'")
    assert processes >= rows, "two processes were taken for one"
    table = rows_table(recording.session, "advise_seccomp", "syscalls")
    calls = query_one(recording.session, f"SELECT sum(count) FROM {table} WHERE syscall_raw = 100")
    assert calls >= PROCESSES - lost(recording, "advise_seccomp")


@pytest.fixture
def crun(tmp_path, root_folder):
    folder = tmp_path / "runtime"
    folder.mkdir()
    made = make_runtime("crun", folder).prepare(root_folder("nginx-light"))
    yield made
    made.close()


# One after the other in each of AT_ONCE shells, until all are through or the time is over: prints the numbers of those that ran.
RUN = """
run() { number=$1
    while [ "$number" -lt "$count" ] && [ "$(date +%s)" -lt "$end" ]; do
        crun run -b "$folder/bundle-$((number % kinds))" "$name-$number" && echo "$number"
        crun delete -f "$name-$number" 2>/dev/null
        number=$((number + at_once))
    done
}
folder=$1 name=$2 count=$3 kinds=$4 at_once=$5 end=$(($(date +%s) + $6)) worker=0
while [ $worker -lt "$at_once" ]; do run $worker & worker=$((worker + 1)); done
wait
"""


def test_a_thousand_containers_in_a_minute(crun, ig, root_folder, compiled):
    """Of crun, which is quick; they have the kernel's numbers of namespaces one after the other, and no cgroup of their own."""
    one_call = compiled("one_call", "-static", "-nostdlib", "-ffreestanding")
    for kind, call in enumerate(CALLS):
        crun.run_arguments(ContainerSpec(root_folder("nginx-light"), ["/srv/one_call", str(call)], "", one_call.parent),
                           f"bundle-{kind}")
    name = unique("burst")
    recording = ig.record("--gadgets", "advise_seccomp,trace_exec")
    began = time.monotonic()
    done = subprocess.run([*crun.wrapper, "sh", "-c", RUN, "sh", crun.folder, name, *map(str, (
        CONTAINERS, len(CALLS), AT_ONCE, SECONDS))], timeout=2 * SECONDS, check=False, stdout=subprocess.PIPE, text=True)
    seconds = time.monotonic() - began
    recording.stop()
    ran = {f"{name}-{number}": CALLS[int(number) % len(CALLS)] for number in done.stdout.split()}
    print(f"{len(ran)} containers in {seconds:.1f} s")
    assert len(ran) > CONTAINERS / 10, "too slow for a burst"
    assert_each_is_itself(recording, ran)


def assert_each_is_itself(recording, ran):
    workloads = dict(query(recording.session, "SELECT id, name FROM workload WHERE kind = 'container'"))
    seen = collections.Counter(workloads.values())
    # A runtime that leaves its own mount namespace and cgroup within the same millisecond may be taken for its container.
    twice = [name for name in ran if seen[name] > 1]
    assert len(twice) <= len(ran) / 100, f"one container is two workloads: {twice[:10]}"
    table = rows_table(recording.session, "advise_seccomp", "syscalls")
    phases = {value for value, name in query(recording.session, "SELECT value, name FROM enum_name WHERE enum = ?",
                                             table.removesuffix("_rows") + ".phase") if name == SETUP}
    calls = collections.defaultdict(set)
    for workload, phase, number in query(recording.session, f"SELECT workload_id, phase_raw, syscall_raw FROM {table}"):
        if phase not in phases and number in CALLS:
            calls[workloads.get(workload)].add(number)
    strays = {name: calls[name] for name, call in ran.items() if calls[name] - {call}}
    assert not strays, "calls of another container"
    missing = [name for name in ran if not calls[name]]
    assert len(missing) <= lost(recording, "advise_seccomp", "workload_events", ""), missing[:10]
    numbers = query(recording.session, "SELECT count(*), count(DISTINCT mntns_id) FROM workload WHERE kind = 'container'")[0]
    assert numbers[1] < numbers[0], "no number of a namespace was used again, so nothing was shown"
