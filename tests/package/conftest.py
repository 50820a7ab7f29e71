# SPDX-License-Identifier: Apache-2.0
"""The package of the ig under test, and a clean Debian 12 to install it in."""
import os
import subprocess

import pytest

from support.clean_debian import CleanDebian
from support.need import need, need_program


@pytest.fixture(scope="session")
def package(ig_binary, tmp_path_factory):
    """Made from the folder that the binary was built in."""
    build = ig_binary.resolve().parent.parent
    need((build / "CPackConfig.cmake").exists(), f"{build} is no folder that ig was built in")
    for program in ("dpkg-shlibdeps", "dpkg-parsechangelog"):
        need_program(program, "dpkg-dev")
    folder = tmp_path_factory.mktemp("package")
    subprocess.run(["cpack", "--config", build / "CPackConfig.cmake", "-B", folder], check=True, timeout=120,
                   capture_output=True)
    [made] = folder.glob("ig_*.deb")
    return made


@pytest.fixture
def debian(ig_binary, tmp_path):
    need(os.geteuid() == 0, "a root of its own needs root")
    made = CleanDebian(tmp_path)
    yield made
    made.close()
