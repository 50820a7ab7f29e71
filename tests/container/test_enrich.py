# SPDX-License-Identifier: Apache-2.0
"""What a container's filter denied is learned from the audit log, and the next advice allows it."""
import json
import shutil

import pytest

from support.audit import SeccompAudit
from support.ig import query, query_one
from support.runtimes import ContainerSpec

GETPID, TIMES, GETPGID = 39, 100, 121
SIGSYS_STATUS = 128 + 31


@pytest.fixture
def one_call(root_folder, net_pair, tmp_path, compiled):
    """The container of one system call, by its number."""
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(compiled("one_call", "-static", "-nostdlib", "-ffreestanding"), data / "one_call")
    root = root_folder("nginx-light")

    def spec(number, profile=None):
        return ContainerSpec(root, ["/srv/one_call", str(number)], net_pair.left.path, data, profile)

    return spec


def profile_file(folder, name, text):
    path = folder / name
    path.write_text(text)
    return path


def log_file(folder, audit):
    """As a person finds it: other records, lines that were cut off, and some twice."""
    lines = ["type=DAEMON_START msg=audit(1.000:1): op=start", *audit.lines, "type=SYSCALL msg=audit(", *audit.lines, "\x00\xff"]
    return profile_file(folder, "audit.log", "\n".join(lines))


def learned(ig, session, log, *options):
    return json.loads(ig.run("session", "enrich", session, "--audit", log, "-o", "json", *options))


def allowed(profile):
    rules = json.loads(profile)["syscalls"]
    return {name for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]}


@pytest.mark.parametrize("runtime", ["runc", "crun"], indirect=True)
def test_a_later_run_under_a_logging_profile_widens_the_advice(runtime, one_call, ig, tmp_path):
    recording = ig.record()
    container = runtime.start(one_call(GETPID))
    assert container.wait() == 0
    recording.stop()
    session, name = recording.session, container.id()
    advise = ("advise", "seccomp-profile", session, "--container", name, "--default-action")
    logging = profile_file(tmp_path, "log.json", ig.run(*advise, "log"))
    killing = profile_file(tmp_path, "kill.json", ig.run(*advise, "kill"))
    assert "times" not in allowed(killing.read_text())

    with SeccompAudit() as audit:
        assert runtime.start(one_call(TIMES, logging)).wait() == 0
    log = log_file(tmp_path, audit)
    before = session.read_bytes()
    alone = learned(ig, session, log)
    assert alone["added"] == 0 and alone["of_no_workload"] >= 1, "no process of the recording made it"
    assert session.read_bytes() == before
    added = learned(ig, session, log, "--workload", name)
    times = [call for call in added["calls"] if call["syscall"] == "times"]
    assert [(call["workload"], call["programs"], call["recorded"]) for call in times] == [(name, ["one_call"], False)]

    # The old profile would deny it, and is told so; the new one allows it, and nothing else.
    assert "times" in ig.run("verify", "seccomp", killing, session, "--container", name, status=3)
    learned_profile = profile_file(tmp_path, "learned.json", ig.run(*advise, "kill"))
    assert allowed(learned_profile.read_text()) - allowed(killing.read_text()) == {"times"}
    ig.run("verify", "seccomp", learned_profile, session, "--container", name)
    assert runtime.start(one_call(TIMES, killing)).wait() == SIGSYS_STATUS
    assert runtime.start(one_call(TIMES, learned_profile)).wait() == 0
    assert runtime.start(one_call(GETPGID, learned_profile)).wait() == SIGSYS_STATUS

    # The same log once more adds nothing, and the file is as sound as before.
    after = session.read_bytes()
    again = learned(ig, session, log, "--workload", name)
    assert again["added"] == 0 and again["already_there"] == added["added"]
    assert session.read_bytes() == after
    assert query_one(session, "PRAGMA integrity_check") == "ok"
    assert query_one(session, "SELECT complete FROM session") == 1


@pytest.mark.parametrize("runtime", ["runc", "crun"], indirect=True)
def test_what_a_filter_denied_during_the_recording_is_found_by_its_process(runtime, one_call, ig, tmp_path):
    denying = profile_file(tmp_path, "deny.json", json.dumps({
        "defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["times"], "action": "SCMP_ACT_KILL_PROCESS"}]}))
    recording = ig.record()
    with SeccompAudit() as audit:
        container = runtime.start(one_call(TIMES, denying))
        assert container.wait() == SIGSYS_STATUS
    in_use = ig.run("session", "enrich", recording.session, "--audit", log_file(tmp_path, audit), status=1)
    assert in_use == "" and "still being recorded" in ig.last_words
    recording.stop()

    advise = ("advise", "seccomp-profile", recording.session, "--container", container.id(), "--default-action", "kill")
    assert "times" not in allowed(ig.run(*advise)), "a denied call is not recorded"
    added = learned(ig, recording.session, log_file(tmp_path, audit))
    assert [(call["workload"], call["syscall"]) for call in added["calls"]] == [(container.id(), "times")]
    assert query(recording.session, "SELECT matched_by, comm FROM denied_syscall") == [("process", "one_call")]
    assert "times" in allowed(ig.run(*advise))
