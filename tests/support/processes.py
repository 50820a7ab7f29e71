# SPDX-License-Identifier: Apache-2.0
"""What /proc says of processes that a test started."""
from pathlib import Path

from support.ig import wait_until

_SAMPLES = 4  # so many times in a row, 50 ms apart, nothing may have moved


def _states(leader):
    """(pid and name, state, user, system ticks) of a process and those of its group; proc_pid_stat(5)."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            words, _, numbers = path.read_text().rpartition(")")
        except OSError:
            continue  # it has ended
        state, _, group, *rest = numbers.split()
        if leader in (int(group), int(words.split()[0])):
            yield words, state, rest[8], rest[9]


def wait_until_settled(pid):
    """Waits until the process, and every one of its group, sleeps: they have come as far as they get by themselves."""
    seen = []

    def settled():
        seen.append(sorted(_states(pid)))
        last = seen[-_SAMPLES:]
        return len(last) == _SAMPLES and all(each == last[0] for each in last) and all(state == "S" for _, state, *_ in last[0])

    wait_until(settled, 20, f"process {pid} to settle")


def status_of(pid):
    """proc_pid_status(5): {name of the line: text}."""
    return dict(line.split(":\t", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
