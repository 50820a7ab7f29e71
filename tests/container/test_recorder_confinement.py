# SPDX-License-Identifier: Apache-2.0
"""The recorder gives up its rights when all is attached, and its own advice is what filters its calls from then on.

cli/recorder_profile.json is made here: with IG_UPDATE=1 from what recorders that are not confined do in each of the situations below,
otherwise it has to allow that.
"""
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.cgroup import cgroup2_root
from support.ig import Live, query_one, wait_until
from support.kube import Authority, now, write_kubeconfig
from support.kube_double import PODS, KubeDouble
from support.kube_objects import pod, running
from support.need import need
from support.processes import status_of
from support.runtimes import ContainerSpec

PROFILE = Path(__file__).resolve().parents[2] / "cli/recorder_profile.json"
UNIT = "ig-recorder.service"
KEPT = {"bpf", "perfmon", "net_admin", "sys_admin", "sys_ptrace", "dac_read_search", "syslog"}
BUSY = r"""
while [ ! -e go ]; do sleep 0.1; done
openssl req -x509 -newkey rsa:2048 -nodes -keyout key -out cert -subj /CN=x 2>/dev/null
openssl s_server -key key -cert cert -accept 24391 -www >/dev/null 2>&1 & server=$!
sleep 1; curl -sk https://127.0.0.1:24391/ >/dev/null
/usr/bin/python3 -c 'import socket; s = socket.socket(2, 2); s.sendto(bytes(12) + b"\1a\0\0\1\0\1", ("127.0.0.1", 53)); sum(range(10**7))'
dd if=/dev/zero of=busy bs=64k count=64 conv=fsync 2>/dev/null
chmod 600 busy; sleep 2
kill $server
"""


@pytest.fixture(autouse=True)
def root():
    need(os.geteuid() == 0, "BPF needs root")


@pytest.fixture
def unit():
    """A cgroup that looks like a service's: what is moved there is recorded from then on."""
    folder = cgroup2_root() / UNIT
    folder.mkdir()
    yield folder
    wait_until(lambda: not (folder / "cgroup.procs").read_text(), 20, "an empty cgroup")
    folder.rmdir()


class Observer:
    """Records recorders, each from the moment when it has attached everything."""

    def __init__(self, ig, unit):
        self.ig, self.unit = ig, unit
        self.outer = ig.record("--gadgets", "advise_seccomp", "--unit", UNIT, "--unconfined", session="observed.db")

    def record(self, *options, **how):
        number = len(list(self.ig.folder.glob("inner*.db")))
        recording = self.ig.record("--unconfined", *options, session=f"inner{number}.db", **how)
        (self.unit / "cgroup.procs").write_text(str(recording.process.pid))
        (self.ig.folder / "go").touch()
        return recording


def record_a_busy_command(observer, *_):
    recording = observer.record("--preset", "all", "--gadgets=+tcpdump", command=["sh", "-c", BUSY])
    time.sleep(3)
    recording.process.send_signal(signal.SIGUSR1)
    recording.wait(120)


def record_containers(observer, runtime, root_folder):
    recording = observer.record("--preset", "all", "--container", "*")
    started = [runtime.start(ContainerSpec(root_folder("busybox-static"), ["/bin/busybox", "sleep", "3"], "")) for _ in range(2)]
    assert [container.wait() for container in started] == [0, 0]
    recording.stop()


def record_until_the_file_is_full(observer, *_):
    observer.record("--gadgets", "trace_open", "--max-size", "300k", "--unit", UNIT, command=["sh", "-c", BUSY]).wait(120)


def record_a_cluster(observer, *_):
    for address in ("127.0.0.1", "::1"):
        record_a_cluster_at(address, observer)


def record_a_cluster_at(address, observer):
    folder = observer.ig.folder / address.replace(":", "_")
    folder.mkdir()
    authority = Authority(folder / "pki")
    server = KubeDouble(authority, address)
    one = pod("shop", "one")
    one["metadata"].update(uid="uid", creationTimestamp=now())
    server.put(PODS, {**one, "status": running("10.244.1.1", now())})
    config = write_kubeconfig(folder / "kubeconfig", server.server.replace("127.0.0.1", "localhost"), {"token": "t"},
                              authority.certificate)
    recording = observer.record("--gadgets", "trace_exec", "--kubeconfig", config, "--unit", UNIT)
    wait_until(lambda: server.count(PODS, watch=True), 60, "a watch of pods")
    server.cut()
    time.sleep(3)
    recording.stop()
    server.close()


def record_by_a_script(observer, *_):
    observer.record("--gadgets", "script", "--param", "script.script=interval:ms:100 { @n = count(); }", "--duration", "3s").wait()


def print_what_a_gadget_sees(observer, *_):
    for gadget in ("trace_open", "top_file"):
        live = Live([observer.ig.binary, "run", gadget, "--unconfined", "-o", "json", "--unit", UNIT], observer.ig.folder)
        time.sleep(3)
        (observer.unit / "cgroup.procs").write_text(str(live.process.pid))
        time.sleep(2)
        live.stop()


SITUATIONS = [record_a_busy_command, record_containers, record_until_the_file_is_full, record_a_cluster, record_by_a_script,
              print_what_a_gadget_sees]


def without_exec(made):
    """A runtime's filter is in force when it becomes the program; this one is loaded by the program itself."""
    profile = json.loads(made)
    for rule in profile["syscalls"]:
        rule["names"] = [name for name in rule["names"] if name not in ("execve", "execveat")]
    profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]]
    return json.dumps(profile, indent=2) + "\n"


@pytest.mark.parametrize("runtime", ["crun"], indirect=True)
def test_the_profile_allows_what_recorders_do(ig, unit, runtime, root_folder):
    observer = Observer(ig, unit)
    for situation in SITUATIONS:
        situation(observer, runtime, root_folder)
    observed = observer.outer.stop().session
    if "IG_UPDATE" in os.environ:
        made = ig.run("advise", "seccomp-profile", observed, "--unit", UNIT, "--no-start-block", "--base", PROFILE)
        PROFILE.write_text(without_exec(made))
    ig.run("verify", "seccomp", PROFILE, observed, "--unit", UNIT)


def capabilities_of(status):
    words = subprocess.run(["capsh", f"--decode={status['CapPrm']}"], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"cap_(\w+)", words))


def test_it_gives_up_what_it_does_not_need(ig):
    recording = ig.record("--gadgets", "trace_exec", "--container", "no-such")
    status = status_of(recording.process.pid)
    recording.stop()
    assert capabilities_of(status) == KEPT and status["CapBnd"] == status["CapPrm"]
    assert (status["Seccomp"], status["NoNewPrivs"]) == ("2", "1")


def test_its_command_keeps_its_rights(ig):
    recording = ig.record_command("sh", "-c", "grep -E 'Seccomp:|CapEff' /proc/self/status")
    bare = subprocess.run(["grep", "-E", "Seccomp:|CapEff", "/proc/self/status"], check=True, capture_output=True, text=True)
    assert bare.stdout in recording.stdout


def test_it_keeps_them_where_it_is_told_to(ig):
    recording = ig.record("--gadgets", "trace_exec", "--container", "no-such", "--unconfined")
    status = status_of(recording.process.pid)
    recording.stop()
    assert status["Seccomp"] == "0" and KEPT < capabilities_of(status)


def test_a_session_in_another_users_folder_leaves_nothing_beside_it(ig):
    folder = ig.folder / "others"
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    ig.record("--gadgets", "trace_exec", command=["true"], session="others/s.db").wait()
    assert os.listdir(folder) == ["s.db"]
    assert query_one(folder / "s.db", "SELECT complete FROM session") == 1
