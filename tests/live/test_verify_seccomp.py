# SPDX-License-Identifier: Apache-2.0
"""`ig verify seccomp` and `ig lint seccomp` as commands: a real recording, exit statuses, JSON and SARIF."""
import json
import os

import pytest

from support.need import need

PROGRAM = "import socket; socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)"


@pytest.fixture
def session(ig):
    need(os.geteuid() == 0, "BPF needs root")
    return ig.record_command("/usr/bin/python3", "-c", PROGRAM, options=["--gadgets", "advise_seccomp"]).session


@pytest.fixture
def profile(ig, session):
    return json.loads(ig.run("advise", "seccomp-profile", session, "--command", "--default-action", "errno"))


def write(folder, content, name="profile.json"):
    path = folder / name
    path.write_text(json.dumps(content))
    return path


def limit_sockets(profile, domain):
    for rule in profile["syscalls"]:
        rule["names"] = [name for name in rule["names"] if name != "socket"]
    profile["syscalls"] = [rule for rule in profile["syscalls"] if rule["names"]]
    profile["syscalls"].append({"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [
        {"index": 0, "value": 0xffffffff, "valueTwo": domain, "op": "SCMP_CMP_MASKED_EQ"}]})
    return profile


def test_what_was_advised_denies_nothing(ig, session, profile, tmp_path):
    assert ig.run("verify", "seccomp", write(tmp_path, profile), session, "--command") == ""
    assert "0 would be denied" in ig.last_words


def test_values_of_arguments_decide(ig, session, profile, tmp_path):
    ig.run("verify", "seccomp", write(tmp_path, limit_sockets(profile, 1)), session, "--command")
    denied = json.loads(ig.run("verify", "seccomp", write(tmp_path, limit_sockets(profile, 2)), session, "--command",
                               "-o", "json", status=3))["denied"]
    assert [(one["call"], one["answer"]) for one in denied] == [("socket", "errno 38")]
    assert {"index": 0, "value": 1, "name": "AF_UNIX"} in denied[0]["arguments"]
    assert denied[0]["first"] <= denied[0]["last"]
    assert "AF_UNIX" in ig.run("verify", "seccomp", write(tmp_path, profile), session, "--command", status=3)


def test_several_recordings_and_unused_names(ig, session, profile, tmp_path):
    second = ig.record_command("/bin/true", options=["--gadgets", "advise_seccomp"], session="second.db").session
    profile["syscalls"].append({"names": ["swapon"], "action": "SCMP_ACT_ALLOW"})
    path = write(tmp_path, profile)
    told = json.loads(ig.run("verify", "seccomp", path, session, second, "--command", "-o", "json"))
    assert told["workloads"] == 2
    assert "swapon" in told["unused"]
    assert "swapon\n" in ig.run("verify", "seccomp", path, session, second, "--command", "--unused")
    alone = json.loads(ig.run("verify", "seccomp", path, second, "--command", "-o", "json"))
    assert len(alone["unused"]) > len(told["unused"])


def test_wrong_usage_is_told(ig, session, profile, tmp_path):
    path = write(tmp_path, profile)
    for words in (["--arch", "mips"], ["--kernel", "new"], ["--runtime", "kata"], ["--capability", "a b"]):
        ig.run("verify", "seccomp", path, session, *words, status=2)
        assert ig.last_words.startswith("error: ") and "\nhint: " in ig.last_words
    ig.run("verify", "seccomp", path, session, session, status=2)
    ig.run("verify", "seccomp", path, status=2)


def test_rules_that_runtimes_refuse_are_refused(ig, session, profile, tmp_path):
    same = [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]
    profile["syscalls"] += [{"names": ["dup"], "action": "SCMP_ACT_ALLOW", "args": same},
                            {"names": ["dup"], "action": "SCMP_ACT_LOG", "args": same}]
    for rule in profile["syscalls"][:-2]:
        rule["names"] = [name for name in rule["names"] if name != "dup"]
    ig.run("verify", "seccomp", write(tmp_path, profile), session, "--command", status=3)
    assert "contradict each other for dup" in ig.last_words


def test_lint_has_exit_statuses_and_formats(ig, tmp_path):
    good = {"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "architectures": ["SCMP_ARCH_X86_64"], "syscalls": [
        {"names": ["execve", "exit", "exit_group", "rt_sigreturn", "restart_syscall"], "action": "SCMP_ACT_ALLOW"}]}
    assert "missing-architecture" in ig.run("lint", "seccomp", write(tmp_path, good))
    good["syscalls"][0]["names"].append("bpf")
    path = write(tmp_path, good)
    assert "dangerous-call" in ig.run("lint", "seccomp", path)
    ig.run("lint", "seccomp", path, "--strict", status=3)
    good["syscalls"][0]["names"].remove("exit_group")
    path = write(tmp_path, good)
    told = json.loads(ig.run("lint", "seccomp", path, "-o", "json", status=3))
    assert told["errors"] == 1 and told["findings"][0]["call"] == "exit_group"
    sarif = json.loads(ig.run("lint", "seccomp", path, "-o", "sarif", "--target", "kernel=6.1,runc=1.1.5", status=3))
    assert sarif["version"] == "2.1.0"
    run = sarif["runs"][0]
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
    for words in (["--target", "glibc=2.36"], ["--target", "kernel"], ["-o", "xml"]):
        ig.run("lint", "seccomp", path, *words, status=2)
    ig.run("lint", "seccomp", path, "--features", path, status=1)
    ig.run("lint", "seccomp", tmp_path / "none.json", status=1)
