# SPDX-License-Identifier: Apache-2.0
"""A container is recorded with more capabilities than it needs, and started again with exactly those that are advised.

What the runtime needs to prepare it (CAP_SYS_ADMIN to mount, CAP_SETUID to become its user) and what the kernel asks in passing
must not be among them.
"""
import json
from pathlib import Path

import pytest

from support.ig import query
from support.runtimes import ContainerSpec
from support.servers import Nginx

# By number.
ALL = """CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST
NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE
SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM
BLOCK_SUSPEND AUDIT_READ""".split()
DEFAULT = """CHOWN DAC_OVERRIDE FOWNER FSETID KILL NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT""".split()
OTHER_USERS = ["CHOWN", "KILL", "NET_BIND_SERVICE"]
WWW_DATA = 33


def own_capabilities():
    """All that this machine lets anybody have."""
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    mine = int(status["CapEff"], 16) & int(status["CapBnd"], 16)
    return [name for number, name in enumerate(ALL) if mine >> number & 1]


def capability_sets(names, ambient=False):
    names = [f"CAP_{name}" for name in names]
    sets = ["bounding", "effective", "permitted"] + (["inheritable", "ambient"] if ambient else [])
    return {"capabilities": dict.fromkeys(sets, names)}


def advise(ig, recording, container):
    """The `process` of an OCI configuration, and the names that it adds."""
    text = ig.run("advise", "capabilities", recording.session, "--container", container.id(), "--format", "oci")
    process = json.loads(text)["process"]
    return process, {name.removeprefix("CAP_") for name in process["capabilities"]["bounding"]}


def checked(recording, container):
    """What the kernel was asked for, whoever asked and whatever it answered."""
    return {name.removeprefix("CAP_") for name, in
            query(recording.session, "SELECT DISTINCT cap FROM trace_capabilities_uses WHERE workload = ?", container.id())}


def serve(server, container, net_pair):
    try:
        served = [server.drive(net_pair.right, ip) for ip in (net_pair.left_ip, net_pair.left_ip6)]
    except Exception as error:
        raise AssertionError(f"the container does not serve: {error}\n{container.output()}") from error
    return served


def stop(server, container):
    assert container.process.poll() is None, container.output()
    assert container.stop() == server.clean_exit, container.output()


def answers(runtime, spec, net_pair):
    """Whether a server started so answers at all."""
    container = runtime.start(spec)
    client = net_pair.right.start("curl", "-s", "-o", "/dev/null", "--max-time", "4", "--retry", "4", "--retry-delay", "1",
                                  "--retry-connrefused", f"http://{net_pair.left_ip}")
    status = client.wait(60)
    runtime.remove(container.name)
    container.process.wait(20)
    return status == 0


@pytest.fixture
def server_spec(net_pair, root_folder, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    Nginx.write_data(data)
    root = root_folder(*Nginx.packages)
    root.chmod(0o755)  # it was made for root alone, and then everything needs CAP_DAC_OVERRIDE
    return ContainerSpec(root, Nginx.command, net_pair.left.path, data)


def record_server(ig, runtime, spec, net_pair):
    recording = ig.record()
    container = runtime.start(spec)
    served = serve(Nginx(), container, net_pair)
    assert runtime.exec(container.name, "/usr/sbin/nginx", "-v").returncode == 0  # a set-up, long after the start
    stop(Nginx(), container)
    recording.stop()
    return recording, container, served


@pytest.mark.parametrize("runtime", ["runc", "crun"], indirect=True)
def test_root_serves_again(runtime, server_spec, ig, net_pair):
    recording, container, served = record_server(ig, runtime, server_spec, net_pair)
    assert {"SYS_ADMIN", "MKNOD"} <= checked(recording, container)  # the runtime's set-up was recorded with it

    process, added = advise(ig, recording, container)
    assert {"NET_BIND_SERVICE", "SETGID", "SETUID"} <= added <= set(DEFAULT) - {"SETPCAP", "SETFCAP"}
    assert process["capabilities"]["ambient"] == []

    server_spec.process = process
    again = runtime.start(server_spec)
    assert serve(Nginx(), again, net_pair) == served
    stop(Nginx(), again)

    assert answers(runtime, server_spec, net_pair)
    for name in ("NET_BIND_SERVICE", "SETGID", "SETUID"):  # and with less it does not
        server_spec.process = capability_sets(added - {name})
        assert not answers(runtime, server_spec, net_pair), f"it can do without {name}"


@pytest.mark.parametrize("runtime", ["runc", "crun"], indirect=True)
def test_another_user_serves_again(runtime, server_spec, ig, net_pair):
    """It has its capabilities by the ambient set, and would lose them without."""
    user = {"user": {"uid": WWW_DATA, "gid": WWW_DATA}}
    server_spec.process = capability_sets(OTHER_USERS, ambient=True) | user
    recording, container, served = record_server(ig, runtime, server_spec, net_pair)

    process, added = advise(ig, recording, container)
    assert added == {"NET_BIND_SERVICE"}
    assert process["capabilities"]["ambient"] == ["CAP_NET_BIND_SERVICE"]
    ig.run("advise", "capabilities", recording.session, "--container", container.id())
    assert f"starts as user {WWW_DATA}, not root" in ig.last_words

    server_spec.process = process | user
    again = runtime.start(server_spec)
    assert serve(Nginx(), again, net_pair) == served
    stop(Nginx(), again)


@pytest.mark.parametrize("runtime", ["runc", "crun"], indirect=True)
@pytest.mark.parametrize("script", [
    pytest.param("cat /proc/1/stat | wc -w; head -c 5000 /dev/zero >/tmp/file; ls /proc/1 | wc -l", id="probes"),
    pytest.param("unshare -U chroot / /bin/true 2>/dev/null; unshare -U true && echo unshared", id="user namespaces"),
])
def test_what_is_only_probed_is_not_added(runtime, script, root_folder, ig):
    """With every capability granted: each check of a program's own would be one that is advised."""
    root = root_folder("dash", "coreutils", "util-linux")
    spec = ContainerSpec(root, ["/bin/sh", "-c", script], network="", process=capability_sets(own_capabilities()))
    recording = ig.record()
    container = runtime.start(spec)
    assert container.wait() == 0, container.output()
    recording.stop()
    assert "SYS_ADMIN" in checked(recording, container)

    process, added = advise(ig, recording, container)
    assert added == set()
    assert "not added, probed only: CAP_SYS_ADMIN" in ig.last_words

    spec.process = process
    again = runtime.start(spec)
    assert again.wait() == 0, again.output()
    assert again.output() == container.output()
