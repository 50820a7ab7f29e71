# SPDX-License-Identifier: Apache-2.0
"""Containers are told apart and named, however short they live; selectors and phases are theirs."""
import json
import shutil

import pytest

from support.ig import query, rows_table, wait_until
from support.runtimes import ContainerSpec

SETUP, EXEC = "setup", "exec"
RUNTIMES = ["runc", "crun", "podman", "containerd"]


@pytest.fixture
def spec(root_folder, tmp_path, compiled):
    """A container that ends at once: one_call makes one call and is gone."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(compiled("one_call", "-static", "-nostdlib", "-ffreestanding"), data / "one_call")

    def make(number, **how):
        return ContainerSpec(root_folder("nginx-light"), ["/srv/one_call", str(number)], "", data, **how)

    return make


def calls_of(session, container_id):
    """{(phase, number)} of one container."""
    table = rows_table(session, "advise_seccomp", "syscalls")
    view = table.removesuffix("_rows")
    phases = dict(query(session, "SELECT value, name FROM enum_name WHERE enum = ?", f"{view}.phase"))
    rows = query(session, f"""SELECT phase_raw, syscall_raw FROM {table} r JOIN workload w ON w.id = r.workload_id
                              WHERE ? IN (w.name, w.container_id)""", container_id)
    return {(phases[phase], number) for phase, number in rows}


@pytest.mark.parametrize("runtime", RUNTIMES, indirect=True)
def test_containers_of_a_moment_are_named_and_told_apart(runtime, spec, ig):
    recording = ig.record()
    numbers = [100, 102, 104, 111]  # times, getuid, getgid, getpgrp
    containers = [runtime.start(spec(number)) for number in numbers[:3]]
    assert [container.wait() for container in containers] == [0, 0, 0]
    containers.append(runtime.start(spec(numbers[3])))
    assert containers[3].wait() == 0
    recording.stop()
    for number, container in zip(numbers, containers):
        found = {number for phase, number in calls_of(recording.session, container.id()) if phase != SETUP}
        assert number in found and 231 in found, container.name
        assert not (set(numbers) - {number}) & found, "calls of another container"


# Not podman: a store in an unusual place tells no names, and the id is not known before.
@pytest.mark.parametrize("runtime", ["runc", "crun", "containerd"], indirect=True)
def test_a_selector_keeps_others_out(runtime, spec, ig):
    """Only the container that is asked for is in the file, and it is there from its first instruction."""
    wanted, other = runtime.next_name(), runtime.next_name()
    recording = ig.record("--container", wanted)
    for name, number in ((other, 100), (wanted, 102)):
        assert runtime.start(spec(number), name).wait() == 0
    recording.stop()
    found = calls_of(recording.session, wanted)
    assert (SETUP, 59) in found or ("startup", 59) in found
    assert 102 in {number for _, number in found}
    assert calls_of(recording.session, other) == set()
    table = rows_table(recording.session, "advise_seccomp", "syscalls")
    names = query(recording.session, f"SELECT DISTINCT w.name FROM {table} r JOIN workload w ON w.id = r.workload_id")
    assert names == [(wanted,)]


@pytest.mark.parametrize("runtime", ["runc", "crun"], indirect=True)
def test_an_exec_session_has_a_phase_of_its_own(runtime, spec, ig):
    sleeper = spec(34)  # pause
    recording = ig.record()
    container = runtime.start(sleeper)
    wait_until(lambda: runtime.is_running(container.name), 15, "the container")
    assert runtime.exec(container.name, "/srv/one_call", "102").returncode == 0
    runtime.signal(container.name, "KILL")
    container.wait()
    recording.stop()
    found = calls_of(recording.session, container.id())
    assert (EXEC, 102) in found
    assert not {("startup", 102), ("steady", 102)} & found


@pytest.mark.parametrize("runtime", RUNTIMES, indirect=True)
def test_advice_from_a_run_under_a_profile(runtime, spec, ig, tmp_path):
    """As with engines that have a default profile: the filter's loading is seen, and is where the advice starts."""
    profile = tmp_path / "allow.json"
    profile.write_text(json.dumps({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_X86_64"],
                                   "syscalls": [{"names": ["swapon"], "action": "SCMP_ACT_ERRNO"}]}))
    recording = ig.record()
    container = runtime.start(spec(102, seccomp=profile))
    assert container.wait() == 0
    recording.stop()
    marks = rows_table(recording.session, "advise_seccomp", "marks").removesuffix("_rows")
    names = {name for name, in query(recording.session, f"""
        SELECT DISTINCT m.mark FROM {marks} m JOIN workload w ON w.name = m.workload
        WHERE ? IN (w.name, w.container_id)""", container.id())}
    assert {"seccomp_filter", "entry_exec"} <= names
    path = tmp_path / "advised.json"
    path.write_text(ig.run("advise", "seccomp-profile", recording.session, "--container", container.id(),
                           "--default-action", "kill"))
    assert runtime.start(spec(102, seccomp=path)).wait() == 0
    advised = [name for rule in json.loads(path.read_text())["syscalls"] for name in rule["names"]]
    assert not {"pivot_root", "mount", "sethostname", "unshare"} & set(advised), "calls from before the filter"
