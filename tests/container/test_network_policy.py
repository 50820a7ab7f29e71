# SPDX-License-Identifier: Apache-2.0
"""The advised policies, enforced on the way of real packets: what was recorded passes again, all else is refused."""
import json

import pytest
import yaml

from support.enforce_policies import to_nftables
from support.pods import NET, NET6, NODE, NODE6, OTHER_NODE, OTHER_NODE6, SHOP, SYSTEM, errors_of, load_nftables
from support.policy_dialects import as_kubernetes

GADGETS = "advise_networkpolicy,trace_dns,trace_dnat"
DNS, DNS6, API, API6 = f"{NET}.1.2", f"{NET6}:1::2", f"{NET}.1.10", f"{NET6}:1::10"
BOTH = pytest.mark.parametrize("cluster", ["crun", "runc"], indirect=True)


def web_pod(cluster):
    return cluster.pod("web-5d4f8c-x1", ("Deployment", "web"))


def api_pod(cluster):
    """Behind a service whose ports are others than its own, one of them named."""
    api = cluster.pod("api-5d4f8c-x2", ("Deployment", "api"), [("http", "TCP", 8080), ("query", "UDP", 5005)])
    cluster.service("api", [API, API6], "api", [("http", "TCP", 80, "http", 8080), ("query", "UDP", 500, 5005, 5005)])
    api.serve("TCP", 8080)
    api.serve("UDP", 5005, ["0.0.0.0", api.ip6])
    return api


def dns_pod(cluster):
    dns = cluster.pod("coredns-5d4f8c-x3", ("Deployment", "coredns"), [("dns", "UDP", 5353), ("dns-tcp", "TCP", 5353)],
                      namespace=SYSTEM)
    cluster.service("kube-dns", [DNS, DNS6], "coredns",
                    [("dns", "UDP", 53, "dns", 5353), ("dns-tcp", "TCP", 53, "dns-tcp", 5353)], namespace=SYSTEM)
    dns.serve("UDP", 5353)
    dns.serve("TCP", 5353)
    return dns


def db_pod(cluster, number=0):
    db = cluster.pod(f"db-{number}", ("StatefulSet", "db"), [("sql", "TCP", 5432)])
    db.serve("TCP", 5432, ["0.0.0.0", db.ip6])
    return db


def other_pod(cluster):
    return cluster.pod("other-5d4f8c-x4", ("Deployment", "other"))


def pass_all(flows):
    """One after the other, as they are recorded. A flow: the pod that asks, protocol, address, port."""
    for pod, protocol, address, port in flows:
        assert pod.ask(protocol, address, port) == "", (pod.name, protocol, address, port)


def refuse_all(flows):
    for (pod, *asked), error in zip(flows, errors_of(flows)):
        assert "No route to host" in error or "Permission denied" in error, (pod.name, *asked, error)


def record(cluster, ig, flows, name="session.db"):
    recording = ig.record("--gadgets", GADGETS, session=name)
    pass_all(flows)
    recording.stop()
    return enriched(cluster, ig, recording.session)


def enriched(cluster, ig, session):
    ig.run("session", "enrich", session, "--inventory", cluster.inventory_file())
    return session


def advised(ig, *sessions, dialect="kubernetes"):
    """The policies by name."""
    text = ig.run("advise", "network-policy", *sessions, "--namespace", f"{SHOP},{SYSTEM}", "--format", dialect)
    (ig.folder / "policies.yaml").write_text(text)
    return {policy["metadata"]["name"]: as_kubernetes(policy) for policy in yaml.safe_load_all(text) if policy}


def verified(ig, *sessions, status=0):
    return json.loads(ig.run("verify", "network-policy", ig.folder / "policies.yaml", *sessions, "--namespace",
                             f"{SHOP},{SYSTEM}", "--all", "-o", "json", status=status))


def verdicts(verification):
    return {verdict for verdict, count in verification["summary"].items() if count}


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
    session, unknown = record(cluster, ig, recorded), record(cluster, ig, others, "others.db")
    for dialect in ("kubernetes", "cilium", "calico"):
        policies = advised(ig, session, dialect=dialect)
        assert set(policies) == {"web", "api", "db", "coredns"}
        assert verdicts(verified(ig, session)) == {"allowed"}
        assert verdicts(verified(ig, unknown, status=3)) == {"denied"}
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


def test_only_the_pods_that_a_service_led_to_are_admitted(cluster, ig):
    web = web_pod(cluster)
    stable, canary = (cluster.pod(f"{track}-5d4f8c-x5", ("Deployment", track), labels={"app": "api", "track": track})
                      for track in ("stable", "canary"))
    for pod in (stable, canary):
        pod.serve("TCP", 8080)
    cluster.service("api", [API], "api", [("http", "TCP", 80, 8080, 8080)])  # its rules lead to the first
    policies = advised(ig, record(cluster, ig, [(web, "TCP", API, 80)]))
    assert set(policies) == {"web", "stable"}
    assert peers(policies["web"], "egress") == {("TCP", 8080): [{"app": "api", "track": "stable"}]}
    enforce(cluster, policies)
    pass_all([(web, "TCP", API, 80)])
    refuse_all([(web, "TCP", canary.ip, 8080)])


def test_a_port_of_the_nodes_leads_to_the_pods_behind_it(cluster, ig):
    web, api, other = web_pod(cluster), api_pod(cluster), other_pod(cluster)
    cluster.service("public", [f"{NET}.1.30"], "api", [("http", "TCP", 80, "http", 8080)], node_port=30080)
    policies = advised(ig, record(cluster, ig, [(web, "TCP", NODE, 30080), (web, "TCP", NODE6, 30080)]))
    assert peers(policies["web"], "egress") == {("TCP", 8080): [{"app": "api"}]}
    enforce(cluster, policies)
    pass_all([(web, "TCP", NODE, 30080), (web, "TCP", NODE6, 30080)])
    refuse_all([(other, "TCP", NODE, 30080), (web, "UDP", api.ip, 5005)])


@pytest.mark.parametrize("asked, address", [("UDP", DNS), ("TCP", DNS6)], ids=["udp", "tcp"])
def test_names_are_asked_over_udp_and_tcp_at_the_port_of_the_dns_pods(cluster, ig, asked, address):
    web, dns, other = web_pod(cluster), dns_pod(cluster), other_pod(cluster)
    policies = advised(ig, record(cluster, ig, [(web, asked, address, 53)]))
    assert set(peers(policies["web"], "egress")) == {("TCP", 5353), ("UDP", 5353)}
    # Only the side that asks knows that the other protocol is needed, too.
    enforce(cluster, {"web": policies["web"]})
    pass_all([(web, protocol, to, 53) for protocol in ("UDP", "TCP") for to in (DNS, DNS6)])
    refuse_all([(web, "UDP", dns.ip, 53), (web, "TCP", other.ip, 5353)])


def test_a_peer_on_a_nodes_network_is_its_nodes_address(cluster, ig):
    web, api, other = web_pod(cluster), api_pod(cluster), other_pod(cluster)
    exporter = cluster.host_pod("exporter-n2", ("DaemonSet", "exporter"), [("metrics", "TCP", 9100)])
    exporter.serve("TCP", 9100)
    exporter.serve("TCP", 9101)
    recorded = [(web, "TCP", OTHER_NODE, 9100), (web, "TCP", OTHER_NODE6, 9100), (exporter, "TCP", api.ip, 8080)]
    policies = advised(ig, record(cluster, ig, recorded))
    assert set(policies) == {"web", "api"}
    assert peers(policies["web"], "egress") == {("TCP", 9100): [f"{OTHER_NODE}/32", f"{OTHER_NODE6}/128"]}
    assert peers(policies["api"], "ingress") == {("TCP", 8080): [f"{OTHER_NODE}/32"]}
    enforce(cluster, policies)
    pass_all(recorded)
    refuse_all([(web, "TCP", OTHER_NODE, 9101), (exporter, "UDP", api.ip, 5005), (other, "TCP", api.ip, 8080)])


def test_replicas_of_a_statefulset_are_one_owner(cluster, ig):
    web, first, second, other = web_pod(cluster), db_pod(cluster, 0), db_pod(cluster, 1), other_pod(cluster)
    policies = advised(ig, record(cluster, ig, [(web, "TCP", first.ip, 5432)]))
    assert policies["db"]["spec"]["podSelector"] == {"matchLabels": {"app": "db"}}
    assert peers(policies["web"], "egress") == {("TCP", 5432): [{"app": "db"}]}
    enforce(cluster, policies)
    pass_all([(web, "TCP", second.ip, 5432)])
    refuse_all([(other, "TCP", second.ip, 5432)])


def test_a_job_that_is_over_keeps_its_policy_and_its_place_in_others(cluster, ig):
    db, other = db_pod(cluster), other_pod(cluster)
    recording = ig.record("--gadgets", GADGETS)
    job = cluster.pod("backup-x9", ("Job", "backup"))
    pass_all([(job, "TCP", db.ip, 5432)])
    job.end()
    recording.stop()
    policies = advised(ig, enriched(cluster, ig, recording.session))
    assert policies["backup"]["spec"]["podSelector"] == {"matchLabels": {"app": "backup"}}
    assert peers(policies["db"], "ingress") == {("TCP", 5432): [{"app": "backup"}]}
    again = cluster.pod("backup-x10", ("Job", "backup"), number=job.number)
    enforce(cluster, policies)
    pass_all([(again, "TCP", db.ip, 5432)])
    refuse_all([(other, "TCP", db.ip, 5432), (again, "TCP", db.ip, 5433)])


def test_a_flow_is_of_the_pod_that_had_its_address_then(cluster, ig):
    db = db_pod(cluster)
    api_pod(cluster)
    recording = ig.record("--gadgets", GADGETS)
    job = cluster.pod("backup-x9", ("Job", "backup"))
    pass_all([(job, "TCP", db.ip, 5432)])
    job.end()
    web = cluster.pod("web-5d4f8c-x1", ("Deployment", "web"), number=job.number)
    pass_all([(web, "TCP", API, 80)])
    assert web.ip == job.ip
    recording.stop()
    policies = advised(ig, enriched(cluster, ig, recording.session))
    assert peers(policies["db"], "ingress") == {("TCP", 5432): [{"app": "backup"}]}
    assert peers(policies["api"], "ingress") == {("TCP", 8080): [{"app": "web"}]}
    enforce(cluster, policies)
    pass_all([(web, "TCP", API, 80)])
    refuse_all([(web, "TCP", db.ip, 5432)])


def test_a_deleted_pods_address_is_told_apart_by_an_older_listing(cluster, ig):
    db = db_pod(cluster)
    recording = ig.record("--gadgets", GADGETS)
    gone = cluster.pod("gone-5d4f8c-x8", ("Deployment", "gone"))
    pass_all([(gone, "TCP", db.ip, 5432)])
    before = cluster.inventory_file()
    gone.end()
    del cluster.pods[gone.name]
    other = cluster.pod("other-5d4f8c-x4", ("Deployment", "other"), number=gone.number)
    recording.stop()
    ig.run("session", "enrich", recording.session, "--inventory", cluster.inventory_file(), "--inventory", before)
    policies = advised(ig, recording.session)
    assert peers(policies["db"], "ingress") == {("TCP", 5432): [{"app": "gone"}]}
    enforce(cluster, policies)
    refuse_all([(other, "TCP", db.ip, 5432)])


def test_what_failed_makes_no_rule(cluster, ig):
    web, api = web_pod(cluster), api_pod(cluster)
    recording = ig.record("--gadgets", GADGETS)
    for protocol in ("TCP", "UDP"):
        for address in (api.ip, api.ip6):
            assert "refused" in web.ask(protocol, address, 81)
    pass_all([(web, "TCP", API, 80)])
    recording.stop()
    policies = advised(ig, enriched(cluster, ig, recording.session))
    assert set(peers(policies["web"], "egress")) == {("TCP", 8080)}
    assert set(peers(policies["api"], "ingress")) == {("TCP", 8080)}


def test_a_connection_from_before_the_recording_is_a_flow_through_its_service(cluster, ig):
    web, _, other = web_pod(cluster), api_pod(cluster), other_pod(cluster)
    assert web.do(f"global kept; kept = socket.create_connection(({API!r}, 80))") == ""
    recording = ig.record("--gadgets", GADGETS)
    assert web.do("kept.send(b'question'); assert kept.recv(99) == b'question'") == ""
    recording.stop()
    policies = advised(ig, enriched(cluster, ig, recording.session))
    assert peers(policies["web"], "egress") == {("TCP", 8080): [{"app": "api"}]}
    assert peers(policies["api"], "ingress") == {("TCP", 8080): [{"app": "web"}]}
    enforce(cluster, policies)
    pass_all([(web, "TCP", API, 80)])
    refuse_all([(other, "TCP", API, 80)])


def test_verification_agrees_and_names_the_flow_that_a_missing_rule_denies(cluster, ig):
    web, api, db, _ = web_pod(cluster), api_pod(cluster), db_pod(cluster), dns_pod(cluster)
    session = record(cluster, ig, [(web, "TCP", API, 80), (web, "UDP", DNS, 53), (api, "TCP", db.ip, 5432)])
    policies = advised(ig, session)
    assert verified(ig, session)["summary"] == {"allowed": 3, "denied": 0, "undecided": 0, "allowed_at_known_end": 0}
    policies["api"]["spec"]["egress"] = []
    (ig.folder / "policies.yaml").write_text(yaml.safe_dump_all(policies.values()))
    [denied] = [flow for flow in verified(ig, session, status=3)["flows"] if flow["verdict"] == "denied"]
    assert (denied["source"]["pod"], denied["destination"]["pod"], denied["port"]) == (api.name, db.name, 5432)
    assert denied["egress"]["allowed"] is False and denied["ingress"]["allowed"] is True


def test_both_ends_of_a_flow_recorded_apart_are_one_flow(cluster, ig):
    web, api, other = web_pod(cluster), api_pod(cluster), other_pod(cluster)
    recordings = [ig.record("--gadgets", GADGETS, "--pod", pod.name, session=f"{pod.labels['app']}.db") for pod in (web, api)]
    pass_all([(web, "TCP", API, 80), (web, "UDP", api.ip6, 5005)])
    sessions = [enriched(cluster, ig, recording.stop().session) for recording in recordings]
    assert [set(advised(ig, session)) for session in sessions] == [{"web"}, {"api"}]
    policies = advised(ig, *sessions)
    flows = verified(ig, *sessions)["flows"]
    both = sorted(map(str, sessions))
    assert [(flow["protocol"], flow["port"], flow["count"], flow["recordings"]) for flow in flows] == \
        [("TCP", 8080, 1, both), ("UDP", 5005, 1, both)]
    enforce(cluster, policies)
    pass_all([(web, "TCP", API, 80), (web, "UDP", api.ip6, 5005)])
    refuse_all([(other, "TCP", API, 80), (web, "TCP", other.ip, 8080)])


def test_recordings_one_after_the_other_add_up(cluster, ig):
    web, api, db, other = web_pod(cluster), api_pod(cluster), db_pod(cluster), other_pod(cluster)
    flows = [(web, "TCP", API, 80), (api, "TCP", db.ip6, 5432)]
    sessions = []
    for number, flow in enumerate(flows):
        recording = ig.record("--gadgets", GADGETS, session=f"{number}.db")
        pass_all([flow])
        sessions.append(enriched(cluster, ig, recording.stop().session))
    enforce(cluster, advised(ig, *sessions))
    pass_all(flows)
    refuse_all([(web, "TCP", db.ip6, 5432), (other, "TCP", API, 80)])


def test_without_an_inventory_connection_tracking_tells_who_is_behind_a_service(cluster, ig):
    web, api = web_pod(cluster), api_pod(cluster)
    recording = ig.record("--gadgets", "+trace_dnat", "--namespace", SHOP)
    pass_all([(web, "TCP", API, 80), (web, "TCP", API6, 80), (web, "UDP", API, 500)])
    recording.stop()
    policies = advised(ig, recording.session)
    [policy] = [policy for policy in policies.values() if "egress" in policy["spec"]]
    assert peers(policy, "egress") == {("TCP", 8080): [f"{api.ip}/32", f"{api.ip6}/128"], ("UDP", 5005): [f"{api.ip}/32"]}


@pytest.mark.parametrize("cluster", ["crun", "podman"], indirect=True)
def test_a_table_of_nftables_holds_a_container_to_what_it_did(cluster, ig):
    web, server, other = (cluster.container(name) for name in ("web", "server", "other"))
    for pod in (web, server):
        for port in (7000, 7001):
            pod.serve("TCP", port)
            pod.serve("UDP", port)
    recorded = [(web, "TCP", server.ip, 7000), (web, "TCP", server.ip6, 7000), (web, "UDP", server.ip, 7001),
                (server, "TCP", web.ip, 7001), (server, "UDP", web.ip6, 7001)]
    others = [(web, "TCP", server.ip, 7001), (web, "UDP", server.ip6, 7001), (server, "TCP", web.ip, 7000),
              (other, "TCP", web.ip, 7001), (other, "UDP", web.ip6, 7001)]
    recording = ig.record("--gadgets", GADGETS)
    pass_all(recorded)
    recording.stop()
    table = ig.run("advise", "network-policy", recording.session, "--container", web.container.id(), "--format", "nftables")
    pass_all(others)
    load_nftables(web.network, table)
    pass_all(recorded)
    assert all(errors_of(others, seconds=1)), table
