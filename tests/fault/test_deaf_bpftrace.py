# SPDX-License-Identifier: Apache-2.0
"""A bpftrace that does not notice that it is asked to end, as the real one when it is asked between two waits for events."""
import os
import stat

import pytest

from support.ig import query

pytestmark = pytest.mark.usefixtures("root")

DEAF = """#!/usr/bin/python3
import select, signal
asked = 0

def interrupted(*_):
    global asked
    asked += 1
    if asked > {times}:
        print('{{"type": "map", "data": {{"@total": 3}}}}', flush=True)
        raise SystemExit(0)

signal.signal(signal.SIGINT, interrupted)
print('{{"type": "attached_probes", "data": {{"probes": 1}}}}', flush=True)
events = select.epoll()
while True:
    events.poll(0.1)
"""


def test_it_is_asked_again_until_it_gives_its_maps(ig, tmp_path, monkeypatch):
    program = tmp_path / "bpftrace"
    program.write_text(DEAF.format(times=2))
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    recording = ig.record_command("true", options=["--gadgets", "script", "--param", "script.script=BEGIN { }"])
    assert query(recording.session, "SELECT type, name, value FROM script") == [("map", "@total", "3")]
