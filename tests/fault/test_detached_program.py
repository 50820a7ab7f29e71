# SPDX-License-Identifier: Apache-2.0
"""Somebody else detaches a program in mid-recording: where the kernel permits it, that is a loss, and it is told."""
import subprocess

import pytest

from support.ig import query, wait_until
from support.kernel_objects import in_kernel, objects_of
from support.need import need

pytestmark = pytest.mark.usefixtures("root")


def links_of(recording, of_cgroups):
    held = objects_of(recording.process.pid)
    links = {key: link for key, link in in_kernel("link").items() if key in held}
    return [link for link in links.values() if (link["type"] == "cgroup") == of_cgroups]


def detach(link):
    return subprocess.run(["bpftool", "link", "detach", "id", str(link["id"])], check=False, timeout=20,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.parametrize("moment", ["while it records", "at its end"])
def test_a_program_of_a_cgroup_is_missed(moment, ig):
    recording = ig.record("--gadgets", "trace_dns,trace_exec")
    links = links_of(recording, of_cgroups=True)
    need(links, "trace_dns is attached in another way here")
    done = detach(links[0])
    assert done.returncode == 0, done.stdout
    if moment == "while it records":
        wait_until(lambda: "somebody detached program" in recording.words(), 20, "a warning")
    recording.stop()
    assert recording.words().count("somebody detached program") == 1
    assert "nothing lost" not in recording.words()
    [(gadget, count, first, last)] = query(recording.session,
                                           "SELECT gadget, count, from_ns, to_ns FROM loss WHERE kind = 'detached'")
    assert (gadget, count) == ("trace_dns", 1) and first < last
    assert query(recording.session, "SELECT complete FROM session") == [(1,)]
    assert "trace_dns: detached" in ig.run("session", "check", recording.session, status=3)


def test_other_links_are_the_recorders_alone(ig):
    recording = ig.record("--gadgets", "trace_exec,advise_seccomp")
    links = links_of(recording, of_cgroups=False)
    assert links
    for link in links:
        assert detach(link).returncode != 0, link
    subprocess.run(["true"], check=True)
    recording.stop()
    assert "nothing lost" in recording.words()
    assert query(recording.session, "SELECT count(*) > 0 FROM trace_exec WHERE comm = 'true'") == [(1,)]
