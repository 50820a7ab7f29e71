# SPDX-License-Identifier: Apache-2.0
"""What a kernel or a mount namespace may lack: bpffs, and the kernel's types (BTF)."""
import json
from pathlib import Path

import pytest

from support.ig import NotStarted, query

pytestmark = pytest.mark.usefixtures("root")

KERNEL_TYPES = Path("/sys/kernel/btf/vmlinux")


def after(script):
    """In a mount namespace in which that was done."""
    return ["unshare", "-m", "--propagation", "private", "sh", "-ec", f'{script}; exec "$@"', "sh"]


WITHOUT_BPFFS = after("while umount -l /sys/fs/bpf 2>/dev/null; do :; done; ! grep -q ' bpf ' /proc/self/mounts")
WITHOUT_TYPES = after("mount -t tmpfs none /sys/kernel/btf")


def test_nothing_is_pinned_so_bpffs_is_not_needed(ig):
    recording = ig.record(command=["sh", "-c", "cat /etc/hostname"], wrapper=WITHOUT_BPFFS).wait()
    assert query(recording.session, "SELECT complete, backend FROM session") == [(1, "bpf")]
    assert "nothing lost" in recording.words()
    assert query(recording.session, "SELECT name FROM gadget_program WHERE NOT attached AND reason LIKE '%bpffs%'") == []


def test_without_types_a_host_is_not_recorded(ig):
    with pytest.raises(NotStarted) as refused:
        ig.record(wrapper=WITHOUT_TYPES)
    assert refused.value.error() == "no program loads without the types of this kernel (BTF)"
    assert "hint: --btf names a file" in str(refused.value)
    assert "-- COMMAND" in str(refused.value)
    assert not list(ig.folder.glob("*.db*"))


def test_without_types_a_command_is_recorded_by_ptrace(ig):
    recording = ig.record("--gadgets", "advise_seccomp,trace_exec", command=["chmod", "600", "."], wrapper=WITHOUT_TYPES).wait()
    assert "by ptrace instead" in recording.words()
    assert query(recording.session, "SELECT complete, backend FROM session") == [(1, "ptrace")]
    profile = json.loads(ig.run("advise", "seccomp-profile", recording.session, "--command"))
    assert "fchmodat" in {name for rule in profile["syscalls"] for name in rule["names"]}


def test_types_that_are_given_do_for_tracepoints(ig, tmp_path):
    """For others the kernel itself has to know its types."""
    types = tmp_path / "types"
    types.write_bytes(KERNEL_TYPES.read_bytes())
    recording = ig.record("--gadgets", "trace_open", "--btf", types, command=["cat", "/etc/hostname"], wrapper=WITHOUT_TYPES).wait()
    assert query(recording.session, "SELECT complete, backend FROM session") == [(1, "bpf")]
    assert query(recording.session, "SELECT count(*) > 0 FROM trace_open WHERE fname = '/etc/hostname'") == [(1,)]
