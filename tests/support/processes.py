# SPDX-License-Identifier: Apache-2.0
"""What /proc says of processes that a test started."""
from pathlib import Path

from support.ig import wait_until

_SAMPLES = 4  # so many times in a row, 50 ms apart, nothing may have moved


def _group(pgid):
    """(pid, name, state, ticks of CPU) of each process of a group; proc_pid_stat(5)."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            before, _, after = path.read_text().rpartition(")")
        except OSError:
            continue  # it has ended
        state, _, group, *rest = after.split()
        if int(group) == pgid:
            yield before, state, rest[8], rest[9]


def wait_until_settled(pgid):
    """Waits until every process of the group sleeps: they have come as far as they get by themselves."""
    seen = []

    def settled():
        seen.append(sorted(_group(pgid)))
        last = seen[-_SAMPLES:]
        return len(last) == _SAMPLES and all(each == last[0] for each in last) and all(state == "S" for _, state, *_ in last[0])

    wait_until(settled, 20, f"processes of group {pgid} to settle")
