# SPDX-License-Identifier: Apache-2.0
"""The tests that gadgets bring along: gadgets/*/test.yaml, a script to record and the rows that it must leave.

A gadget's folder is all that has to be added for its test to be run. A test is a map of
  name, run (lines of shell), query (SQL), expect (rows; cells compare as text, empty is NULL, /…/ is a regular expression),
and may have timeout (seconds), requires (of the machine), kernel (what few kernels have), options (of ig record), before (a shell line that runs already, and has
nothing to do for the moment, when the recording starts), record (`command`, or `host` for a script that runs beside a recording of everything).

Each test runs on every rung of its gadget that the kernel has: on the one that the kernel takes by itself, and forced to the
others; a rung that the kernel lacks is skipped, in CI too. `rung` (a name or a list) keeps a test to some rungs, and `rungs`
({name: {expect: …}}) says what is otherwise on one: any key of the test.
"""
import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest
import yaml

from support.cgroup import cgroup2_root
from support.ig import query, query_one
from support.need import need
from support.net import NetNamespace, unique
from support.processes import wait_until_settled
from support.rungs import TakenRungs, start_on

SOURCE = Path(__file__).resolve().parents[2]


def has_sctp():
    """Many kernels come without it, and Debian's load its module only when asked."""
    subprocess.run(["modprobe", "sctp"], check=False, capture_output=True)
    try:
        socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_SCTP).close()
    except OSError:
        return False
    return True


def has_tracefs():
    """Where bpftrace looks for tracepoints. Small machines do not mount it."""
    folder = Path("/sys/kernel/tracing")
    if not (folder / "events").exists() and not subprocess.run(["mount", "-t", "tracefs", "none", folder], check=False).returncode:
        atexit.register(subprocess.run, ["umount", folder], check=False)
    return (folder / "events").exists()


REQUIREMENTS = {
    "openssl": lambda: shutil.which("openssl"),
    "gnutls-cli": lambda: shutil.which("gnutls-cli"),
    "bpftrace": lambda: shutil.which("bpftrace") and has_tracefs(),
    "cgroup2": cgroup2_root,
    "nft": lambda: shutil.which("nft"),
    "ipv6": lambda: Path("/proc/net/if_inet6").exists(),
    "loop": lambda: Path("/dev/loop-control").exists(),
    "i386": lambda: Path("/proc/sys/abi/vsyscall32").exists(),
}


def read_yaml(text):
    """By the C library: the other reader takes a minute in an emulated machine."""
    return yaml.load(text, yaml.CSafeLoader)


def brought_along():
    for path in sorted(SOURCE.glob("gadgets/*/test.yaml")):
        gadget = path.parent.name
        manifest = read_yaml((path.parent / "gadget.yaml").read_text())
        ladder = [variant["name"] for variant in manifest.get("variants", [])]
        for test in read_yaml(path.read_text()):
            chosen = test.get("rung", ladder or "")
            for rung in [chosen] if isinstance(chosen, str) else chosen:
                word = f"{gadget}[{rung}]" if rung else gadget
                yield pytest.param(gadget, rung, {**test, **test.get("rungs", {}).get(rung, {})}, id=f"{word}: {test['name']}")


@pytest.fixture(scope="module")
def taken_rungs():
    return TakenRungs()


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
            wait_until_settled(started[-1].pid)

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


@pytest.mark.parametrize("gadget, rung, test", brought_along())
def test_gadget(gadget, rung, test, ig, net, already_running, taken_rungs, record_property):
    need(os.geteuid() == 0, "gadgets need root")
    for word in test.get("requires", []):
        need(REQUIREMENTS[word](), f"this machine has no {word}")
    if "sctp" in test.get("kernel", []) and not has_sctp():
        pytest.skip("no rung: this kernel has no SCTP")
    options = test.get("options", [])
    taken = taken_rungs.of(gadget, ig, *options) if rung else ""
    record_property("taken", rung == taken)
    already_running(test.get("before"))

    script = "\n".join(test["run"])
    seconds = test.get("timeout", 20)
    on_host = test.get("record") == "host"
    command = [] if on_host else ["sh", "-c", script]
    recording = start_on(rung, rung != taken, gadget, ig, *options, command=command, wrapper=net.enter())
    if on_host:
        net.run("sh", "-c", script, seconds=seconds)
        recording.stop()
    else:
        recording.wait(seconds + 40, status=None)
    words = f"{recording.words()}{recording.stdout}"
    assert query_one(recording.session, "SELECT variant FROM gadget_run WHERE gadget = ?", gadget) == rung, words
    rows = query(recording.session, test["query"])
    assert same_rows(rows, test["expect"]), f"the query gave {rows}\n{words}"
