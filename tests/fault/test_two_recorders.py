# SPDX-License-Identifier: Apache-2.0
"""Two recorders at once see the same, and neither takes anything from the other."""
import signal
import subprocess

import pytest

from support.ig import NotStarted, query_one

pytestmark = pytest.mark.usefixtures("root")

OPENS = 2000


def opens(recording):
    return query_one(recording.session, "SELECT count(*) FROM trace_open_rows")


def test_both_see_all(ig, compiled):
    how = ["--gadgets", "trace_open,advise_seccomp", "--comm", "open_storm"]
    one, other = (ig.record(*how, session=name) for name in ("one.db", "other.db"))
    storm = [compiled("open_storm", "-static"), str(OPENS), "1"]
    subprocess.run(storm, check=True, timeout=60)
    one.stop()
    subprocess.run(storm, check=True, timeout=60)
    other.stop()
    assert (opens(one), opens(other)) == (OPENS, 2 * OPENS)
    for recording in (one, other):
        assert "nothing lost" in recording.words()


def test_one_that_is_killed_leaves_the_other_alone(ig, compiled):
    how = ["--gadgets", "trace_open,trace_dns", "--comm", "open_storm"]
    one, other = (ig.record(*how, session=name) for name in ("one.db", "other.db"))
    one.process.send_signal(signal.SIGKILL)
    subprocess.run([compiled("open_storm", "-static"), str(OPENS), "1"], check=True, timeout=60)
    other.stop()
    assert opens(other) == OPENS


def test_a_file_is_one_recorders(ig, compiled):
    first = ig.record("--gadgets", "trace_open", "--comm", "open_storm")
    with pytest.raises(NotStarted) as refused:
        ig.record("--gadgets", "trace_open")
    assert "File exists" in str(refused.value) and "hint: name another file" in str(refused.value)
    subprocess.run([compiled("open_storm", "-static"), str(OPENS), "1"], check=True, timeout=60)
    first.stop()
    assert opens(first) == OPENS
