# SPDX-License-Identifier: Apache-2.0
"""The recorder is in a container itself: it sees the machine's workloads, tells them apart, and says what it could not name."""
import json
import os
import shutil

import pytest

from support.ig import query, query_one, rows_table, wait_until
from support.runtimes import ContainerSpec

RIGHTS = ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN", "CAP_SYS_PTRACE"]
CALL = 102  # getuid


@pytest.fixture
def recorder(runtime, ig_binary, tmp_path):
    """A container with the machine's programs, its /sys, and nothing else of it."""
    root, out, binary = tmp_path / "root", tmp_path / "out", tmp_path / "bin"
    for folder in (root, out, binary):
        folder.mkdir()
    for name in ("bin", "sbin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    shutil.copy(ig_binary, binary / "ig")
    mounts = ("/usr:/usr:ro", "/sys:/sys:ro", f"{binary}:/opt/ig:ro", f"{out}:/out:rw")

    def start(*options):
        spec = ContainerSpec(root, ["/opt/ig/ig", "record", "-o", "/out/session.db", *options], "", mounts=mounts,
                             process={"capabilities": {kind: RIGHTS for kind in ("bounding", "effective", "permitted")}})
        return runtime.start(spec)

    return start, out / "session.db"


@pytest.mark.parametrize("runtime", ["runc"], indirect=True)
def test_it_records_the_machine(runtime, recorder, root_folder, compiled, ig):
    start, session = recorder
    box = start("--gadgets", "advise_seccomp,trace_exec")
    wait_until(lambda: "recording:" in box.output() or box.process.poll() is not None, 60, "`recording:`")
    assert box.process.poll() is None, box.output()
    one_call = compiled("one_call", "-static", "-nostdlib", "-ffreestanding")
    other = runtime.start(ContainerSpec(root_folder("nginx-light"), ["/srv/one_call", str(CALL)], "", one_call.parent))
    assert other.wait() == 0
    runtime.signal(box.name, "INT")
    assert box.wait() == 0, box.output()

    assert query(session, "SELECT complete, end_reason, backend FROM session") == [(1, "signal", "bpf")]
    table = rows_table(session, "advise_seccomp", "syscalls")
    owners = query(session, f"""SELECT DISTINCT w.id, w.kind, w.name FROM {table} r JOIN workload w ON w.id = r.workload_id
                                WHERE w.name = ? AND r.syscall_raw = ?""", other.name, CALL)
    assert len(owners) == 1 and owners[0][1] == "container", query(session, "SELECT id, kind, name, runtime FROM workload")
    [(hosts,)] = query(session, "SELECT mntns_id FROM workload WHERE kind = 'host'")
    assert hosts == os.stat("/proc/self/ns/mnt").st_ino, "the machine's mounts are another workload's"
    assert query(session, "SELECT DISTINCT workload FROM trace_exec WHERE comm IN ('runc', 'make-bundle')") == [("host",)]
    profile = json.loads(ig.run("advise", "seccomp-profile", session, "--container", other.name))
    assert "getuid" in {name for rule in profile["syscalls"] for name in rule["names"]}
    assert query_one(session, "SELECT count(*) FROM trace_exec WHERE comm = 'one_call'") == 1
