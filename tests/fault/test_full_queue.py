# SPDX-License-Identifier: Apache-2.0
"""The one queue before a recorder that is none of its own rings: a netlink socket. What found no room in it is counted."""
import signal
import subprocess

import pytest

from support.ig import query, query_one
from support.need import need

pytestmark = pytest.mark.usefixtures("root")

CALLS = 40000


@pytest.fixture
def logged_calls(compiled):
    logged = open("/proc/sys/kernel/seccomp/actions_logged").read().split()
    need("log" in logged, "this kernel does not log calls")
    return compiled("logged_calls")


def test_records_of_the_audit_system(ig, logged_calls):
    recording = ig.record("--gadgets", "audit_seccomp")
    recording.process.send_signal(signal.SIGSTOP)
    subprocess.run([logged_calls, str(CALLS)], check=True, timeout=60)
    recording.process.send_signal(signal.SIGCONT)
    recording.stop()
    rung = query_one(recording.session, "SELECT variant FROM gadget_run WHERE gadget = 'audit_seccomp'")
    need("netlink" in rung, f"audit_seccomp needs no socket here ({rung})")
    received = query_one(recording.session, "SELECT count(*) FROM audit_seccomp WHERE comm = 'logged_calls'")
    lost = query(recording.session, "SELECT kind, sum(count) FROM loss WHERE gadget = 'audit_seccomp' AND detail LIKE 'audit records%'")
    assert 0 < received < CALLS, "the burst was too small to fill the queue"
    assert lost[0][0] == "ring full" and received + lost[0][1] >= CALLS
    assert "nothing lost" not in recording.words()
