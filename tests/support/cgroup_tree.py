# SPDX-License-Identifier: Apache-2.0
"""A tree of cgroups of a test's own, in every hierarchy: whatever was started in it ends with it."""
import contextlib
import os
import signal
from pathlib import Path

from support.cgroup import cgroup2_root
from support.ig import wait_until

TOP = Path("/sys/fs/cgroup")


def hierarchies():
    """One folder where there is version 2 alone, else many."""
    if (TOP / "cgroup.procs").exists():
        return [TOP]
    return [folder for folder in TOP.iterdir() if not folder.is_symlink() and (folder / "cgroup.procs").exists()]


class CgroupTree:
    def __init__(self, name):
        self._tops = [root / name for root in hierarchies()]
        self._all = cgroup2_root() / name  # every process is in version 2's
        self._own = self._all / "own"
        for folder in (*self._tops, self._own):
            folder.mkdir()

    def enter(self):
        """What to put before a command."""
        return ["sh", "-c", 'echo $$ >"$0" && exec "$@"', str(self._own / "cgroup.procs")]

    def close(self):
        wait_until(lambda: self._kill() and self._remove(), 60, f"the end of all processes below {self._all}")

    def _kill(self):
        """Whether nobody was left."""
        found = []
        for procs in self._all.rglob("cgroup.procs"):
            with contextlib.suppress(OSError):  # gone meanwhile
                found += map(int, procs.read_text().split())
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not found

    def _remove(self):
        """Whether nothing was left: a cgroup is busy for a moment after its last process is gone."""
        for top in self._tops:
            for folder, _, _ in os.walk(top, topdown=False):
                with contextlib.suppress(OSError):
                    os.rmdir(folder)
        return not any(top.exists() for top in self._tops)
