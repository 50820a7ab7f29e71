# SPDX-License-Identifier: Apache-2.0
"""What a recorder has in the kernel: programs, maps and links, by the ids that the kernel never gives twice.

By their ids they are told from those of other programs of the machine, which come and go meanwhile.
"""
import contextlib
import json
import subprocess
from pathlib import Path

KINDS = {"prog_id": "prog", "map_id": "map", "link_id": "link"}


def with_children(pid):
    """A recorder may be behind a wrapper that waits for it."""
    pids = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            pids += [found for child in (task / "children").read_text().split() for found in with_children(int(child))]
    return pids


def objects_of(pid):
    """{(kind, id)}"""
    found = set()
    for info in [info for one in with_children(pid) for info in Path(f"/proc/{one}/fdinfo").glob("*")]:
        with contextlib.suppress(OSError):  # closed meanwhile
            words = [line.split() for line in info.read_text().splitlines()]
            found.update((KINDS[word[0][:-1]], int(word[1])) for word in words if len(word) == 2 and word[0][:-1] in KINDS)
    return found


def in_kernel(*kinds):
    """What bpftool shows of these kinds (all)."""
    return {(kind, one["id"]): one for kind in kinds or KINDS.values() for one in
            json.loads(subprocess.run(["bpftool", "-j", kind, "show"], check=True, timeout=60, stdout=subprocess.PIPE).stdout)}
