# SPDX-License-Identifier: Apache-2.0
"""The last calls of a container that has died are told while the recording goes on, and only once."""
import shutil
import sqlite3

import pytest

from support.ig import query, wait_until
from support.runtimes import ContainerSpec


@pytest.mark.parametrize("runtime", ["runc"], indirect=True)
def test_the_last_calls_of_a_container_that_died(runtime, root_folder, tmp_path, compiled, ig):
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(compiled("one_call", "-static", "-nostdlib", "-ffreestanding"), data / "one_call")
    name = runtime.next_name()
    recording = ig.record("--gadgets", "traceloop", "--container", name)

    def calls():
        try:
            return query(recording.session, "SELECT syscall, ret FROM traceloop WHERE workload = ? ORDER BY timestamp", name)
        except sqlite3.OperationalError:  # the table comes with the first write
            return []

    assert runtime.start(ContainerSpec(root_folder("nginx-light"), ["/srv/one_call", "102"], "", data), name).wait() == 0
    wait_until(lambda: ("exit_group", "?") in calls() or ("exit", "?") in calls(), 20, "its last calls")
    assert ("getuid", "0") in calls()
    told = len(calls())
    recording.stop()
    assert len(calls()) == told, "told again at the end"
