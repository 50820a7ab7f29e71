# SPDX-License-Identifier: Apache-2.0
"""A container that was running before the recording: its start was not seen, and it starts under its advice all the same.

What the start needs comes from the start block, whichever runtime, setting and libc it is.
"""
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from support.audit import SeccompAudit, login_as_oneself
from support.ig import wait_until
from support.runtimes import ContainerSpec
from support.start_programs import compile_c, compile_go

SOURCE = Path(__file__).resolve().parents[2]
ROUNDS = 20


@pytest.fixture(scope="module")
def programs(tmp_path_factory):
    """{how it is linked: program}"""
    folder = tmp_path_factory.mktemp("serve")
    return {
        "glibc": compile_c("glibc", "serve.c", folder / "glibc"),
        "glibc static": compile_c("glibc", "serve.c", folder / "glibc-static", "-static"),
        "musl": compile_c("musl", "serve.c", folder / "musl"),
        "musl static": compile_c("musl", "serve.c", folder / "musl-static", "-static"),
        "go static": compile_go("serve.go", folder / "go"),
    }


@pytest.fixture
def spec(request, programs, no_new_privileges, net_pair, root_folder, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(programs[request.param], data / "serve")
    return ContainerSpec(root_folder("nginx-light", "musl"), ["/srv/serve", "80"], net_pair.left.path, data,
                         no_new_privileges=no_new_privileges)


def serve(net_pair, container):
    """Some rounds, once it answers at all. It closes its socket after each, so a client has to be patient."""
    for word in range(ROUNDS):
        def answered():
            assert container.process.poll() is None, f"it ended with {container.process.returncode}: {container.output()}"
            ask = f"exec 3<>/dev/tcp/{net_pair.left_ip}/80; echo word{word} >&3; cat <&3"
            return net_pair.right.start("timeout", "5", "bash", "-c", ask, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True).communicate()[0] == f"word{word}\n"

        wait_until(answered, 20, "an answer")


def advise_while_it_runs(runtime, spec, net_pair, ig, *options):
    """The profile of a container that serves before, while and after it is recorded."""
    container = runtime.start(spec)
    serve(net_pair, container)
    recording = ig.record("--gadgets", "advise_seccomp", "--container", container.name)
    serve(net_pair, container)
    recording.stop()
    runtime.signal(container.name, "KILL")
    container.wait()
    profile = ig.run("advise", "seccomp-profile", recording.session, "--container", container.name, "--default-action", "kill",
                     *options)
    assert "its start was not seen" in ig.last_words
    return profile


@pytest.mark.parametrize("no_new_privileges", [False, True], ids=["", "no_new_privs"])
@pytest.mark.parametrize("spec", ["glibc", "glibc static", "musl", "musl static", "go static"], indirect=True)
@pytest.mark.parametrize("runtime", ["runc", "crun"], indirect=True)
def test_what_was_running_before_starts_under_its_advice(runtime, spec, no_new_privileges, net_pair, ig, tmp_path):
    profile = advise_while_it_runs(runtime, spec, net_pair, ig)
    comments = [rule.get("comment", "") for rule in json.loads(profile)["syscalls"]]
    assert any(comment.startswith("start block") for comment in comments)

    spec.seccomp = tmp_path / "profile.json"
    spec.seccomp.write_text(profile)
    with SeccompAudit(login_as_oneself()) as audit:
        again = runtime.start(spec)
        serve(net_pair, again)
        runtime.signal(again.name, "KILL")
        again.wait()
    assert audit.denials == [], again.output()


@pytest.mark.parametrize("runtime, spec, no_new_privileges", [("runc", "glibc", False), ("crun", "go static", True)],
                         indirect=["runtime", "spec"])
def test_without_the_start_block_it_does_not_start(runtime, spec, no_new_privileges, net_pair, ig, tmp_path):
    profile = advise_while_it_runs(runtime, spec, net_pair, ig, "--no-start-block")
    spec.seccomp = tmp_path / "profile.json"
    spec.seccomp.write_text(profile)
    assert runtime.start(spec).wait() != 0  # killed; or runc fails, which lets calls above the highest number return ENOSYS


def test_the_start_block_is_what_real_starts_need():
    """A few starts of each kind make no call that advisors/seccomp/start_block.txt has not got."""
    done = subprocess.run([SOURCE / "scripts/measure-start-block", "--check", "--starts", "7"], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
