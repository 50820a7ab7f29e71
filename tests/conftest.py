# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the system tests: the binary under test, one folder a test, programs and roots made once a run."""
import os
import signal
import subprocess
from pathlib import Path

import pytest

from support.ig import Ig
from support.need import need
from support.net import NetPair, unique

pytest_plugins = ["support.gadget_results"]

SOURCE = Path(__file__).resolve().parent.parent

# Debian's programs, whatever else this machine has: a python3 that is a shell script makes other calls.
os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"

# A background shell makes its children ignore Ctrl-C, and ig keeps to that; the tests mean to be heard.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items):
    """A test's kind is the folder it is in."""
    for item in items:
        kind = Path(item.fspath).relative_to(SOURCE / "tests").parts[0]
        item.add_marker(getattr(pytest.mark, kind))


@pytest.fixture(scope="session")
def ig_binary():
    named = os.environ.get("IG_BINARY")
    built = [Path(named)] if named else [SOURCE / "build" / preset / "cli" / "ig" for preset in ("dev", "release")]
    for path in built:
        if path.exists():
            return path
    pytest.exit(f"no ig at {', '.join(map(str, built))}: build it, or set IG_BINARY", 2)


@pytest.fixture
def ig(ig_binary, tmp_path):
    """Starts recordings in the test's folder, and ends those that the test left running."""
    tool = Ig(ig_binary, tmp_path)
    yield tool
    tool.close()


@pytest.fixture(scope="session")
def root_folder(tmp_path_factory):
    """Makes a root file system of Debian packages, once a run for each set of packages."""
    made = {}

    def make(*packages):
        if packages not in made:
            folder = tmp_path_factory.mktemp("root")
            subprocess.run([SOURCE / "scripts/make-rootfs", folder, *packages], check=True, timeout=120)
            made[packages] = folder
        return made[packages]

    return make


@pytest.fixture(scope="session")
def compiled(tmp_path_factory):
    """Compiles tests/support/programs/NAME.c once a run; options choose the architecture or linking."""
    made = {}

    def compile_program(name, *options):
        if (name, options) not in made:
            program = tmp_path_factory.mktemp("program") / name
            source = SOURCE / "tests/support/programs" / f"{name}.c"
            subprocess.run(["gcc-12", "-O1", "-Wall", "-Werror", *options, "-o", program, source, "-pthread"],
                           check=True, timeout=120)
            made[name, options] = program
        return made[name, options]

    return compile_program


@pytest.fixture(scope="session")
def under_profile(tmp_path_factory):
    """The loader of a profile for a command without a runtime."""
    program = tmp_path_factory.mktemp("program") / "under_profile"
    source = SOURCE / "tests/support/under_profile.cpp"
    subprocess.run(["g++-12", "-std=c++23", "-O1", "-o", program, source, "-lseccomp"], check=True, timeout=240)
    return program


@pytest.fixture
def net_pair():
    """Two network namespaces with a cable between them, of this test alone."""
    need(os.geteuid() == 0, "network namespaces need root")
    pair = NetPair(unique("net"))
    yield pair
    pair.close()
