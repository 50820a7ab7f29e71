# SPDX-License-Identifier: Apache-2.0
"""What a test needs of the machine. Where it is missing the test is skipped aloud; in CI that is a failure."""
import os
import shutil

import pytest


def need(condition, reason):
    if condition:
        return
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI has to run this test: {reason}", pytrace=False)
    pytest.skip(reason)


def need_program(name, package):
    path = shutil.which(name)
    need(path is not None, f"{name} is not installed (Debian package {package})")
    return path
