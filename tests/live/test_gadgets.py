# SPDX-License-Identifier: Apache-2.0
"""The tests that gadgets bring along: gadgets/*/test.yaml, a script to record and the rows that it must leave.

A gadget's folder is all that has to be added for its test to be run. A test is a map of
  name, run (lines of shell), query (SQL), expect (rows; cells compare as text, empty is NULL, /…/ is a regular expression),
and may have timeout (seconds), requires (of the machine), options (of ig record), before (a shell line that runs already when
the recording starts), record (`command`, or `host` for a script that runs beside a recording of everything).
"""
import os
import re
import signal
from pathlib import Path

import pytest
import yaml

from support.cgroup import cgroup2_root
from support.ig import query
from support.need import need
from support.net import NetNamespace, unique

SOURCE = Path(__file__).resolve().parents[2]

REQUIREMENTS = {
    "cgroup2": cgroup2_root,
    "ipv6": lambda: Path("/proc/net/if_inet6").exists(),
    "i386": lambda: Path("/proc/sys/abi/vsyscall32").exists(),
}


def brought_along():
    for path in sorted(SOURCE.glob("gadgets/*/test.yaml")):
        for test in yaml.safe_load(path.read_text()):
            yield pytest.param(path.parent.name, test, id=f"{path.parent.name}: {test['name']}")


@pytest.fixture
def net():
    namespace = NetNamespace(unique("gadget"))
    yield namespace
    namespace.close()


@pytest.fixture
def already_running(net):
    """Starts what has to be there before the recording; ends it and its children afterwards."""
    started = []

    def start(line):
        if line:
            started.append(net.start("sh", "-c", line, start_new_session=True))

    yield start
    for process in started:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)


def same(cell, expected):
    cell, expected = ("" if value is None else str(value) for value in (cell, expected))
    if len(expected) > 1 and expected[0] == expected[-1] == "/":
        return re.search(expected[1:-1], cell) is not None
    return cell == expected


def same_rows(rows, expected):
    return len(rows) == len(expected) and all(
        len(row) == len(cells) and all(map(same, row, cells)) for row, cells in zip(rows, expected))


@pytest.mark.parametrize("gadget, test", brought_along())
def test_gadget(gadget, test, ig, net, already_running):
    need(os.geteuid() == 0, "gadgets need root")
    for word in test.get("requires", []):
        need(REQUIREMENTS[word](), f"this machine has no {word}")
    already_running(test.get("before"))
    script = "\n".join(test["run"])
    options = ["--backend", "bpf", "--gadgets", gadget, *test.get("options", [])]
    seconds = test.get("timeout", 20)
    if test.get("record") == "host":
        recording = ig.record(*options, wrapper=net.enter())
        net.run("sh", "-c", script, seconds=seconds)
        recording.stop()
    else:
        recording = ig.record(*options, command=["sh", "-c", script], wrapper=net.enter()).wait(seconds + 40, status=None)
    rows = query(recording.session, test["query"])
    assert same_rows(rows, test["expect"]), f"the query gave {rows}\n{recording.words()}{recording.stdout}"
