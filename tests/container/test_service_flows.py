# SPDX-License-Identifier: Apache-2.0
"""Flows between pods through services: what the socket knows and what the packets do."""
import pytest

from support.ig import query
from support.pods import Cluster

DNS, API = "10.96.0.2", "10.96.0.10"


@pytest.fixture
def cluster(runtime, root_folder, tmp_path):
    folder = tmp_path / "pods"
    folder.mkdir()
    made = Cluster(runtime, root_folder("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib"), folder)
    yield made
    made.close()


def shop(cluster):
    """A client behind services whose target ports differ, a server with a database, and somebody else."""
    hashed = {"pod-template-hash": "5d4f8c"}
    cluster.pod("web-5d4f8c-x1", {"app": "web", **hashed}, ("Deployment", "web"))
    cluster.pod("api-5d4f8c-x2", {"app": "api", **hashed}, ("Deployment", "api"), [("http", "TCP", 8080), ("query", "UDP", 5005)])
    cluster.pod("db-0", {"app": "db", "statefulset.kubernetes.io/pod-name": "db-0"}, ("StatefulSet", "db"), [("sql", "TCP", 5432)])
    cluster.pod("other-5d4f8c-x3", {"app": "other", **hashed}, ("Deployment", "other"))
    cluster.pod("coredns-5d4f8c-x4", {"k8s-app": "kube-dns", **hashed}, ("Deployment", "coredns"),
                [("dns", "UDP", 5353), ("dns-tcp", "TCP", 5353)], namespace="kube-system")
    cluster.service("api", API, {"app": "api"}, [("http", "TCP", 80, "http", 8080)])
    cluster.service("kube-dns", DNS, {"k8s-app": "kube-dns"}, [("dns", "UDP", 53, "dns", 5353), ("dns-tcp", "TCP", 53, "dns-tcp", 5353)],
                    namespace="kube-system")
    web, api, db, _, dns = cluster.pods.values()
    api.serve("TCP", 8080)
    api.serve("UDP", 5005)
    db.serve("TCP", 5432)
    for protocol in ("UDP", "TCP"):
        dns.serve(protocol, 5353)
    wanted = [(web, "TCP", API, 80), (web, "UDP", api.ip, 5005), (web, "UDP", DNS, 53), (api, "TCP", db.ip, 5432),
              (api, "TCP", db.ip6, 5432)]
    return wanted


def record(cluster, ig, wanted):
    recording = ig.record("--gadgets", "advise_networkpolicy,trace_dns,trace_dnat")
    for pod, protocol, address, port in wanted:
        assert pod.ask(protocol, address, port) == "", (pod.name, protocol, address, port)
    recording.stop()
    ig.run("session", "enrich", recording.session, "--inventory", cluster.inventory_file())
    return recording.session


@pytest.mark.parametrize("runtime", ["crun"], indirect=True)
def test_a_flow_through_a_service_is_recorded_as_it_was_dialed_and_as_it_went(cluster, ig):
    wanted = shop(cluster)
    session = record(cluster, ig, wanted)
    web = cluster.pods["web-5d4f8c-x1"]
    dialed = query(session, "SELECT endpoint_addr, endpoint_port FROM advise_networkpolicy WHERE egress AND endpoint_addr = ?", API)
    assert dialed == [(API, 80)]
    went = query(session, "SELECT backend_addr, backend_port FROM trace_dnat WHERE source_addr = ? AND dialed_addr = ?", web.ip, API)
    assert went == [(cluster.pods["api-5d4f8c-x2"].ip, 8080)]
