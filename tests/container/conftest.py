# SPDX-License-Identifier: Apache-2.0
"""A container runtime that was seen to work here, named by the test's parameter `runtime`."""
import pytest

from support.runtimes import make_runtime


@pytest.fixture
def runtime(request, tmp_path, root_folder):
    folder = tmp_path / "runtime"
    folder.mkdir()
    made = make_runtime(request.param, folder)
    yield made.prepare(root_folder("nginx-light"))
    made.close()
