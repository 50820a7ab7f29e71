# SPDX-License-Identifier: Apache-2.0
"""The main road: a container is recorded, advised, and started again under the advice with a killing default action.

It has to serve exactly as before, and a call that was never made has to be denied.
"""
import ctypes
import json
import shutil

import pytest

from support.audit import SeccompAudit
from support.runtimes import ContainerSpec
from support.servers import Nginx, Redis

# Harmless, always permitted without a profile, and used by next to nobody.
RARE_CALLS = {"times": 100, "getpgid": 121, "sysinfo": 99, "sched_get_priority_max": 146, "getpriority": 140}
SIGSYS_STATUS = 128 + 31


@pytest.fixture
def spec(server, no_new_privileges, net_pair, root_folder, tmp_path, compiled):
    data = tmp_path / "data"
    data.mkdir()
    server.write_data(data)
    shutil.copy(compiled("one_call", "-static", "-nostdlib", "-ffreestanding"), data / "one_call")
    return ContainerSpec(root_folder(*server.packages), server.command, net_pair.left.path, data,
                         no_new_privileges=no_new_privileges)


def serve(server, container, net_pair):
    """What the client got, over IPv4 and IPv6; then the server is ended in order."""
    try:
        served = [server.drive(net_pair.right, ip) for ip in (net_pair.left_ip, net_pair.left_ip6)]
    except Exception as error:
        raise AssertionError(f"the container does not serve: {error}\n{container.output()}") from error
    assert container.process.poll() is None, container.output()
    assert container.stop() == server.clean_exit, container.output()
    return served


def advise(ig, recording, container, action, folder):
    text = ig.run("advise", "seccomp-profile", recording.session, "--container", container.id(), "--default-action", action)
    path = folder / f"{action}.json"
    path.write_text(text)
    return path, json.loads(text)


def allowed(profile):
    return [name for rule in profile["syscalls"] if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]]


def check_names(profile):
    """As a runtime sees them: the installed libseccomp has to know each."""
    resolve = ctypes.CDLL("libseccomp.so.2").seccomp_syscall_resolve_name
    assert [name for name in allowed(profile) if resolve(name.encode()) == -1] == []
    assert all(rule["names"] == sorted(set(rule["names"])) for rule in profile["syscalls"])


def outcome_of_rare_call(runtime, spec, number, profile):
    # Podman and runc report the death of the first process as 128 + signal.
    container = runtime.start(ContainerSpec(spec.root, ["/srv/one_call", str(number)], spec.network, spec.data, profile,
                                            spec.no_new_privileges))
    return container.wait()


@pytest.mark.parametrize("runtime, server, no_new_privileges", [
    pytest.param("runc", Nginx(), False, id="runc"),
    pytest.param("runc", Nginx(), True, id="runc no_new_privs"),
    pytest.param("crun", Nginx(), False, id="crun"),
    pytest.param("crun", Nginx(), True, id="crun no_new_privs"),
    pytest.param("podman", Nginx(), False, id="podman"),
    pytest.param("podman", Nginx(), True, id="podman no_new_privs"),
    pytest.param("containerd", Nginx(), True, id="containerd no_new_privs"),
    pytest.param("runc", Redis(), False, id="runc redis"),
], indirect=["runtime"])
def test_serves_again_under_the_advice(runtime, server, no_new_privileges, spec, ig, net_pair, tmp_path):
    recording = ig.record()
    container = runtime.start(spec)
    served = serve(server, container, net_pair)
    recording.stop()

    profile_path, profile = advise(ig, recording, container, "kill", tmp_path)
    assert profile["defaultAction"] == "SCMP_ACT_KILL_PROCESS"
    assert profile["architectures"] == ["SCMP_ARCH_X86_64"]
    check_names(profile)

    spec.seccomp = profile_path
    with SeccompAudit() as audit:
        again = runtime.start(spec)
        assert serve(server, again, net_pair) == served
    assert audit.denials == [], again.output()

    # What was never made is denied, by the action that was asked for; without a profile it is done.
    rare = next(call for call in RARE_CALLS if call not in allowed(profile))
    assert outcome_of_rare_call(runtime, spec, RARE_CALLS[rare], None) == 0
    assert outcome_of_rare_call(runtime, spec, RARE_CALLS[rare], profile_path) == SIGSYS_STATUS
    errno_path, _ = advise(ig, recording, container, "errno", tmp_path)
    assert outcome_of_rare_call(runtime, spec, RARE_CALLS[rare], errno_path) == 1
