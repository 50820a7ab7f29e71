# SPDX-License-Identifier: Apache-2.0
"""One API server for all tests here, and a namespace for each."""
import pytest

from support.kube import Kube
from support.need import need_program
from support.net import unique


@pytest.fixture(scope="session")
def kube(tmp_path_factory):
    need_program("etcd", "etcd-server")
    need_program("openssl", "openssl")
    server = Kube(tmp_path_factory.mktemp("kube"))
    yield server
    server.close()


@pytest.fixture
def namespace(kube):
    """A namespace of this test alone. Without a controller manager it is never quite gone."""
    name = unique("ns").lower()
    kube.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"team": "shop"}}})
    yield name
    kube.kubectl("delete", "pods,services,deployments,endpointslices", "--all", "-n", name, "--grace-period=0", "--force",
                 "--wait=false")
