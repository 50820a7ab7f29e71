# SPDX-License-Identifier: Apache-2.0
"""scripts/quickstart does its job in each of the ways it may have to go; building is left out, the binary is there."""
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from support.need import need

SOURCE = Path(__file__).resolve().parents[2]
AS_NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


@pytest.fixture
def folder():
    """One that an ordinary user can reach, with what quickstart needs of the sources: theirs may be in a place of root's."""
    made = Path(tempfile.mkdtemp(prefix="igtest-"))
    made.chmod(0o777)
    for part in ("scripts", "tests/support"):
        shutil.copytree(SOURCE / part, made / "source" / part)
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize("wrapper, ways, told", [
    ([], {"IG_RUNTIME": "crun"}, "Running containers by crun"),
    ([], {"IG_RUNTIME": "runc"}, "Running containers by runc"),
    ([], {"IG_RUNTIME": "none"}, "No container, as asked"),
    ([], {"IG_BACKEND": "ptrace"}, "Recording by ptrace, as asked"),
    (AS_NOBODY, {}, "Recording by ptrace, because BPF is not permitted here"),
], ids=["crun", "runc", "command", "ptrace", "ordinary user"])
def test_quickstart(wrapper, ways, told, folder, ig_binary):
    need(os.geteuid() == 0, "containers need root")
    binary = shutil.copy(ig_binary, folder)  # from a place that others may not enter
    environment = {**os.environ, **ways, "IG_BUILD": str(folder / "build"), "IG_BINARY": binary, "HOME": str(folder)}
    done = subprocess.run([*wrapper, folder / "source/scripts/quickstart"], env=environment, cwd="/", stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=180)
    assert done.returncode == 0, done.stdout
    for words in (told, "ig session info", '"defaultAction": "SCMP_ACT_KILL_PROCESS"', "no call denied"):
        assert words in done.stdout, done.stdout
