# SPDX-License-Identifier: Apache-2.0
"""A container runtime that was seen to work here, named by the test's parameter `runtime`."""
import pytest

from support.pods import PYTHON, Cluster
from support.runtimes import make_runtime


@pytest.fixture
def runtime(request, tmp_path, root_folder):
    folder = tmp_path / "runtime"
    folder.mkdir()
    made = make_runtime(request.param, folder)
    yield made.prepare(root_folder("nginx-light"))
    made.close()


@pytest.fixture(params=["crun"])
def cluster(request, tmp_path, root_folder):
    """A node for pods; containers of crun, where a test does not ask for others."""
    folder, bundles = tmp_path / "pods", tmp_path / "runtime"
    folder.mkdir()
    bundles.mkdir()
    runtime = make_runtime(request.param, bundles).prepare(root_folder("nginx-light"))
    made = Cluster(runtime, root_folder(*PYTHON), folder)
    yield made
    made.close()
