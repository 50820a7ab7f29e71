# SPDX-License-Identifier: Apache-2.0
"""The package of the ig under test, and a clean Debian 12 to install it in."""
import os
import shutil

import pytest

from support.cgroup import cgroup2_root
from support.clean_debian import CleanDebian
from support.debian_package import make_package
from support.need import need, need_program
from support.net import unique


@pytest.fixture(scope="session")
def build_folder(ig_binary):
    build = ig_binary.resolve().parent.parent
    need((build / "CPackConfig.cmake").exists(), f"{build} is no folder that ig was built in")
    for program in ("dpkg-shlibdeps", "dpkg-parsechangelog"):
        need_program(program, "dpkg-dev")
    return build


@pytest.fixture(scope="session")
def package(build_folder, tmp_path_factory):
    return make_package(build_folder, tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def debian(tmp_path_factory):
    need(os.geteuid() == 0, "a root of its own needs root")
    made = CleanDebian(tmp_path_factory.mktemp("debian"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def installed(debian, package):
    """With the package, and what it depends on."""
    shutil.copy(package, debian.shared / "ig.deb")
    for command, seconds in ((["update"], 120), (["install", "--no-install-recommends", "/srv/ig.deb"], 300)):
        done = debian.run("apt-get", "-qq", *command, seconds=seconds)
        assert done.returncode == 0, done.stdout + done.stderr
    return debian


@pytest.fixture
def cgroup():
    need(os.geteuid() == 0, "cgroups need root")
    folder = cgroup2_root() / unique("systemd")
    folder.mkdir()
    yield folder
    for inner, _, _ in os.walk(folder, topdown=False):
        os.rmdir(inner)
