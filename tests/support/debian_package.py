# SPDX-License-Identifier: Apache-2.0
"""The Debian package of a build."""
import os
import subprocess
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]


def make_package(build, folder):
    """As scripts/package does, but of what is built already."""
    date = subprocess.run(["dpkg-parsechangelog", "-l", SOURCE / "deploy/debian/changelog", "-S", "Timestamp"], check=True,
                          stdout=subprocess.PIPE, text=True).stdout.strip()
    subprocess.run(["cpack", "--config", build / "CPackConfig.cmake", "-B", folder], check=True, timeout=120, umask=0o022,
                   capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": date})
    [made] = folder.glob("ig_*.deb")
    return made
