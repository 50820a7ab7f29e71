# SPDX-License-Identifier: Apache-2.0
"""A folder is all it takes to add a gadget: its help, its table, its view and its live columns come from BTF and gadget.yaml.

Both ways of adding one: a compiled object in a --gadget-path, and a folder that the build embeds. No C++ is touched.
"""
import os
import subprocess
from pathlib import Path

import pytest

from support.gadgets import compile_gadget
from support.ig import Ig, query
from support.need import need

SOURCE = Path(__file__).resolve().parents[2]
FOLDER = SOURCE / "tests/live/gadgets/count_forks"
# Two processes of the shell's; `true` is a program, so that it takes a process.
FORKS = ["sh", "-c", "/bin/true; /bin/true; exit 0"]


@pytest.fixture(autouse=True)
def root():
    need(os.geteuid() == 0, "BPF needs root")


@pytest.fixture(scope="module")
def gadget_path(tmp_path_factory):
    """The folder as somebody would bring it along: compiled, without its source."""
    folder = tmp_path_factory.mktemp("gadgets")
    compile_gadget(FOLDER, folder)
    return folder


def check(ig, *options):
    """Help, table, view and live columns of the new gadget."""
    assert "count_forks" in ig.run("gadget", "list", *options)
    described = ig.run("gadget", "info", *options, "count_forks")
    for words in ("each new process and thread", "child", "id of the new thread", "threads", "new threads too"):
        assert words in described

    recorded = ig.record_command(*FORKS, options=["--gadgets", "count_forks", *options]).session
    rows = query(recorded, "SELECT kind, comm, child > 1 FROM count_forks")
    assert rows == [("kind_process", "sh", 1)] * 2
    assert "count_forks" in ig.run("session", "info", recorded)
    assert ig.run("session", "query", recorded, "SELECT count(*) AS forks FROM count_forks").split()[-1] == "2"

    live = ig.run("run", "count_forks", *options, "--", *FORKS)
    header, *lines = live.splitlines()
    assert "CHILD" in header and "KIND" in header
    assert len(lines) == 2


def test_a_folder_of_gadget_path(ig, gadget_path):
    check(ig, "--gadget-path", gadget_path)


def test_a_folder_that_the_build_embeds(ig_binary, tmp_path):
    # Compilers are those of the build under test; ccache, if there, makes this a matter of seconds.
    build = tmp_path / "build"
    subprocess.run(["cmake", "-S", SOURCE, "--preset", "dev", "-B", build, "-DIG_TESTS=OFF", "-DIG_BENCHMARKS=OFF",
                    f"-DIG_EXTRA_GADGETS={FOLDER.parent}"], check=True, timeout=120, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", build, "--quiet", "ig"], check=True, timeout=1500)
    tool = Ig(build / "cli/ig", tmp_path)
    try:
        check(tool)
    finally:
        tool.close()
