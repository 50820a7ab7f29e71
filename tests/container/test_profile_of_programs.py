# SPDX-License-Identifier: Apache-2.0
"""Programs that are no servers from a package: a Python service with an i386 helper and a static one, and an exec session.

Recorded, advised, and started again under the advice with a killing default action, argument rules included.
"""
import json
import shutil

import pytest

from support.ig import wait_until
from support.runtimes import ContainerSpec

SERVICE = """
import os, signal, socket, subprocess, sys, threading
print(subprocess.run(["/srv/helper32"], capture_output=True, text=True, check=True).stdout.strip())
listener = socket.socket(socket.AF_UNIX)
listener.bind("/tmp/socket")
listener.listen()
ended = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: ended.set())
def serve():
    while True:
        peer, _ = listener.accept()
        peer.sendall(peer.recv(100).upper())
        peer.close()
threading.Thread(target=serve, daemon=True).start()
for word in (b"one", b"two"):
    client = socket.socket(socket.AF_UNIX)
    client.connect("/tmp/socket")
    client.sendall(word)
    print(client.recv(100).decode(), flush=True)
    client.close()
while not ended.wait(0.1):
    pass
print("ended", flush=True)
"""
SIGSYS_STATUS = 128 + 31
SOCKET, CLONE = 41, 56
AF_NETLINK, CLONE_NEWUSER = 16, 0x10000000


@pytest.fixture
def spec(no_new_privileges, root_folder, tmp_path, compiled):
    data = tmp_path / "data"
    data.mkdir()
    (data / "service.py").write_text(SERVICE)
    shutil.copy(compiled("old_calls", "-m32", "-static"), data / "helper32")
    shutil.copy(compiled("one_call", "-static", "-nostdlib", "-ffreestanding"), data / "one_call")
    root = root_folder("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib")
    return ContainerSpec(root, ["/usr/bin/python3.11", "/srv/service.py"], "", data, no_new_privileges=no_new_privileges)


def serve(runtime, spec):
    """What it printed, from its start over a health check to its ordered end."""
    container = runtime.start(spec)
    wait_until(lambda: "TWO" in container.output() or container.process.poll() is not None, 20, "the service")
    # getpid: a health check that makes one call.
    checked = runtime.exec(container.name, "/srv/one_call", "39")
    assert checked.returncode == 0, f"the health check failed: {checked.stdout}\n{container.output()}"
    assert container.stop() == 0, container.output()
    return container, container.output()


def status_of(runtime, spec, profile, *call):
    container = runtime.start(ContainerSpec(spec.root, ["/srv/one_call", *map(str, call)], "", spec.data, profile,
                                            spec.no_new_privileges))
    return container.wait()


@pytest.mark.parametrize("runtime, no_new_privileges", [
    pytest.param("runc", False, id="runc"),
    pytest.param("runc", True, id="runc no_new_privs"),
    pytest.param("crun", False, id="crun"),
    pytest.param("crun", True, id="crun no_new_privs"),
], indirect=["runtime"])
def test_works_again_under_the_advice(runtime, no_new_privileges, spec, ig, tmp_path):
    recording = ig.record()
    container, printed = serve(runtime, spec)
    recording.stop()

    profile = tmp_path / "kill.json"
    profile.write_text(ig.run("advise", "seccomp-profile", recording.session, "--container", container.id(),
                              "--default-action", "kill"))
    assert json.loads(profile.read_text())["architectures"] == ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"]

    spec.seccomp = profile
    assert serve(runtime, spec)[1] == printed, "a denied call kills, and then the service does not print the same"

    # Calls that were made, with values that were not.
    assert status_of(runtime, spec, None, SOCKET, AF_NETLINK) != SIGSYS_STATUS
    assert status_of(runtime, spec, profile, SOCKET, AF_NETLINK) == SIGSYS_STATUS
    assert status_of(runtime, spec, profile, CLONE, CLONE_NEWUSER) == SIGSYS_STATUS
    assert status_of(runtime, spec, profile, SOCKET, 1) != SIGSYS_STATUS
