# SPDX-License-Identifier: Apache-2.0
"""The advised policies, enforced on the way of real packets: what was recorded passes again, all else is refused."""
import pytest
import yaml

from support.enforce_policies import to_nftables
from support.pods import OTHER_NODE, OTHER_NODE6

GADGETS = "advise_networkpolicy,trace_dns,trace_dnat"
DNS, DNS6, API, API6, DATA = "10.96.0.2", "fd96::2", "10.96.0.10", "fd96::10", "10.96.0.20"
BOTH = pytest.mark.parametrize("cluster", ["crun", "runc"], indirect=True)


def web_pod(cluster):
    return cluster.pod("web-5d4f8c-x1", ("Deployment", "web"))


def api_pod(cluster):
    """Behind a service whose ports are others than its own, one of them named."""
    api = cluster.pod("api-5d4f8c-x2", ("Deployment", "api"), [("http", "TCP", 8080), ("query", "UDP", 5005)])
    cluster.service("api", [API, API6], "api", [("http", "TCP", 80, "http", 8080), ("query", "UDP", 500, 5005, 5005)])
    api.serve("TCP", 8080)
    api.serve("UDP", 5005)
    return api


def dns_pod(cluster):
    dns = cluster.pod("coredns-5d4f8c-x3", ("Deployment", "coredns"), [("dns", "UDP", 5353), ("dns-tcp", "TCP", 5353)],
                      namespace="kube-system")
    cluster.service("kube-dns", [DNS, DNS6], "coredns",
                    [("dns", "UDP", 53, "dns", 5353), ("dns-tcp", "TCP", 53, "dns-tcp", 5353)], namespace="kube-system")
    dns.serve("UDP", 5353)
    dns.serve("TCP", 5353)
    return dns


def db_pod(cluster, number=0):
    db = cluster.pod(f"db-{number}", ("StatefulSet", "db"), [("sql", "TCP", 5432)])
    db.serve("TCP", 5432)
    return db


def other_pod(cluster):
    return cluster.pod("other-5d4f8c-x4", ("Deployment", "other"))


def pass_all(flows):
    """A flow: the pod that asks, protocol, address, port."""
    for pod, protocol, address, port in flows:
        assert pod.ask(protocol, address, port) == "", (pod.name, protocol, address, port)


def refuse_all(flows):
    for pod, protocol, address, port in flows:
        error = pod.ask(protocol, address, port)
        assert "No route to host" in error or "Permission denied" in error, (pod.name, protocol, address, port, error)


def record(cluster, ig, flows):
    recording = ig.record("--gadgets", GADGETS)
    pass_all(flows)
    recording.stop()
    return enriched(cluster, ig, recording.session)


def enriched(cluster, ig, session):
    ig.run("session", "enrich", session, "--inventory", cluster.inventory_file())
    return session


def advised(ig, *sessions):
    """The policies by name."""
    text = ig.run("advise", "network-policy", *sessions, "--namespace", "shop,kube-system")
    (ig.folder / "policies.yaml").write_text(text)
    return {policy["metadata"]["name"]: policy for policy in yaml.safe_load_all(text) if policy}


def enforce(cluster, policies):
    pods = [pod for pod in cluster.living() if not pod.host_network]
    cluster.load(to_nftables(list(policies.values()), pods))


def peers(policy, direction):
    """What the rules name, by port: {(protocol, port): [labels or block]}."""
    found = {}
    for rule in policy["spec"].get(direction, []):
        for port in rule["ports"]:
            for peer in rule["from" if direction == "ingress" else "to"]:
                named = peer["ipBlock"]["cidr"] if "ipBlock" in peer else peer["podSelector"]["matchLabels"]
                found.setdefault((port["protocol"], port["port"]), []).append(named)
    return found


@BOTH
def test_what_was_recorded_passes_and_nothing_else(cluster, ig):
    web, api, dns, db, other = (make(cluster) for make in (web_pod, api_pod, dns_pod, db_pod, other_pod))
    recorded = [(web, "TCP", API, 80), (web, "TCP", API6, 80), (web, "UDP", API, 500), (web, "UDP", api.ip6, 5005),
                (web, "UDP", DNS, 53), (web, "TCP", DNS, 53), (api, "TCP", db.ip, 5432), (api, "TCP", db.ip6, 5432)]
    others = [(web, "TCP", db.ip, 5432), (web, "TCP", db.ip6, 5432), (other, "TCP", API, 80), (other, "TCP", API6, 80),
              (other, "UDP", API, 500), (other, "UDP", api.ip6, 5005), (other, "TCP", db.ip, 5432), (other, "UDP", DNS, 53)]
    session = record(cluster, ig, recorded)
    policies = advised(ig, session)
    assert set(policies) == {"web", "api", "db", "coredns"}
    pass_all(others)  # nothing else is in their way
    enforce(cluster, policies)
    pass_all(recorded)
    refuse_all(others)


def test_a_service_is_admitted_as_its_pods_at_their_own_port(cluster, ig):
    web, api = web_pod(cluster), api_pod(cluster)
    policies = advised(ig, record(cluster, ig, [(web, "TCP", API, 80), (web, "UDP", API6, 500)]))
    assert peers(policies["web"], "egress") == {("TCP", 8080): [{"app": "api"}], ("UDP", 5005): [{"app": "api"}]}
    assert peers(policies["api"], "ingress") == {("TCP", 8080): [{"app": "web"}], ("UDP", 5005): [{"app": "web"}]}
    enforce(cluster, policies)
    pass_all([(web, "TCP", API6, 80), (web, "UDP", API, 500)])  # the other family: selectors have none
    refuse_all([(web, "UDP", api.ip, 8080), (web, "TCP", api.ip, 5005)])
