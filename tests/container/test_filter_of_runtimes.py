# SPDX-License-Identifier: Apache-2.0
"""What runc and crun make of a profile, as `ig verify` assumes it: runc's ENOSYS stub, and profiles that both refuse."""
import json
import re
import shutil

import pytest

from support.runtimes import SOURCE, ContainerSpec

EPERM, ENOSYS, SIGSYS_STATUS = 1, 38, 128 + 31
ABOVE = 999  # no kernel has it
LARGEST = 439  # faccessat2, which runc itself calls under the filter
UNLISTED = 321  # bpf: a number below
runtimes = pytest.mark.parametrize("runtime", ["runc", "crun"], indirect=True)


def start_calls():
    """What any of the runtimes calls under its filter."""
    lines = (SOURCE / "advisors/seccomp/start_block.txt").read_text().splitlines()
    return {name for line in lines if not line.startswith("#") for name in line.split(": ")[1].split()}


def profile(action="SCMP_ACT_ERRNO", architectures=("SCMP_ARCH_X86_64",), rules=()):
    names = sorted(start_calls() - {"rseq"} | {"exit_group", "faccessat2"})
    return {"defaultAction": action, "architectures": list(architectures),
            "syscalls": [{"names": names, "action": "SCMP_ACT_ALLOW"}, *rules]}


@pytest.fixture
def outcome(runtime, root_folder, compiled, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(compiled("call_errno", "-static", "-nostdlib", "-ffreestanding"), data / "call_errno")

    def run(number, content):
        path = tmp_path / "profile.json"
        path.write_text(json.dumps(content))
        container = runtime.start(ContainerSpec(root_folder("nginx-light"), ["/srv/call_errno", str(number)], "", data, path))
        return container.wait(), container.output()

    return run


@runtimes
def test_only_runc_says_enosys_above_the_largest_number(runtime, outcome):
    above = ENOSYS if runtime.name == "runc" else EPERM
    assert outcome(ABOVE, profile())[0] == above
    assert outcome(LARGEST + 1, profile())[0] == above
    assert outcome(UNLISTED, profile())[0] == EPERM


@runtimes
def test_runc_says_enosys_before_it_kills(runtime, outcome):
    killing = profile("SCMP_ACT_KILL_PROCESS")
    assert outcome(ABOVE, killing)[0] == (ENOSYS if runtime.name == "runc" else SIGSYS_STATUS)
    assert outcome(UNLISTED, killing)[0] == SIGSYS_STATUS


@runtimes
def test_a_rule_with_any_action_counts_for_the_largest_number(runtime, outcome):
    denied = {"names": ["futex_waitv"], "action": "SCMP_ACT_ERRNO", "errnoRet": EPERM}
    assert outcome(LARGEST + 1, profile(rules=[denied]))[0] == EPERM


@runtimes
def test_there_is_no_stub_without_architectures_or_where_the_default_lets_through(runtime, outcome):
    assert outcome(ABOVE, profile(architectures=()))[0] == EPERM
    assert outcome(ABOVE, profile("SCMP_ACT_LOG"))[0] == ENOSYS  # the kernel's own


@runtimes
def test_two_rules_that_contradict_each_other_are_refused(runtime, outcome):
    same = [{"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]
    clash = profile(rules=[{"names": ["personality"], "action": "SCMP_ACT_ALLOW", "args": same},
                           {"names": ["personality"], "action": "SCMP_ACT_LOG", "args": same}])
    status, output = outcome(ABOVE, clash)
    assert status != 0
    assert re.search("seccomp.*file exists", output, re.IGNORECASE | re.DOTALL), output
