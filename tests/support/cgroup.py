# SPDX-License-Identifier: Apache-2.0
"""Where cgroup version 2 is mounted: alone, or beside version 1."""
from pathlib import Path


def cgroup2_root():
    for folder in (Path("/sys/fs/cgroup/unified"), Path("/sys/fs/cgroup")):
        if (folder / "cgroup.controllers").exists():
            return folder
    return None
