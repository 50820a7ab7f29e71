# SPDX-License-Identifier: Apache-2.0
"""A recorder that has only some of root's rights records what these permit."""
import os
import subprocess

import pytest

from support.ig import query
from support.need import need

BARELY = ["setpriv", "--bounding-set=-all,+bpf,+perfmon", "--inh-caps=-all"]


@pytest.mark.parametrize("gadget", ["trace_oomkill", "profile_blockio", "trace_exec"])
def test_programs_need_no_rights_but_those_of_bpf(ig, gadget):
    # They name types that this kernel may lack; libbpf then looks for them in modules, which takes CAP_SYS_ADMIN.
    need(os.geteuid() == 0, "giving rights away needs root")
    done = subprocess.run([*BARELY, ig.binary, "record", "--gadgets", gadget, "--duration", "1s", "-o", "few.db"],
                          cwd=ig.folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert ig.folder.joinpath("few.db").exists()


def test_what_lies_in_networks_that_it_may_not_enter_is_said_to_be_missing(ig):
    need(os.geteuid() == 0, "giving rights away needs root")
    done = subprocess.run([*BARELY, ig.binary, "record", "--gadgets", "snapshot_socket", "--duration", "1s", "-o", "few.db"],
                          cwd=ig.folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    lost = query(ig.folder / "few.db", "SELECT detail FROM loss WHERE gadget = 'snapshot_socket' AND kind = 'not attached'")
    assert len(lost) == 2 and all("other network namespaces" in detail for (detail,) in lost), lost  # of TCP, of UDP
