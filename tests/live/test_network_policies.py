# SPDX-License-Identifier: Apache-2.0
"""`ig verify network-policy` and `ig diff network-policy` on a recording of two pods: cgroups of pods, with network namespaces
of their own, and an inventory that says whose they are."""
import json
import os
import shutil
import uuid

import pytest

from support.actor import Actor
from support.cgroup import cgroup2_root
from support.ig import Ig, wait_until
from support.kube_objects import endpoint_slice, node, pod, running, service
from support.need import need
from support.net import NetPair, unique

FINE, FAILED, USAGE, FOUND = 0, 1, 2, 3
PORT = 8080  # "http" of the pods


class Pod:
    """A process in a cgroup such as the kubelet makes."""

    def __init__(self, namespace, root):
        self.uid, self.container = str(uuid.uuid4()), uuid.uuid4().hex * 2
        self.cgroup = root / f"pod{self.uid}" / self.container
        self.cgroup.mkdir(parents=True)
        self.actor = Actor(namespace)
        (self.cgroup / "cgroup.procs").write_text(str(self.actor.process.pid))

    def document(self, name, address):
        made = pod("shop", name, node="node1")
        made["metadata"]["uid"] = self.uid
        return {**made, "status": running(address, "2024-01-01T00:00:00Z")}

    def close(self):
        self.actor.close()
        wait_until(lambda: not (self.cgroup / "cgroup.procs").read_text(), 10, "an empty cgroup")
        self.cgroup.rmdir()
        self.cgroup.parent.rmdir()


@pytest.fixture(scope="module")
def recorded(ig_binary, tmp_path_factory):
    """A session in which pod web connects to pod db, without an inventory; and the objects of one."""
    need(os.geteuid() == 0, "network namespaces need root")
    need(cgroup2_root(), "pods need cgroups")
    folder = tmp_path_factory.mktemp("policies")
    tool, pair = Ig(ig_binary, folder), NetPair(unique("policies"))
    root = cgroup2_root() / unique("kubepods")
    web, db = Pod(pair.left, root), Pod(pair.right, root)
    try:
        recording = tool.record("--gadgets", "advise_networkpolicy", "--container", f"{web.container},{db.container}")
        db.actor.do(f"l = socket.create_server(({pair.right_ip!r}, {PORT}))")
        web.actor.do(f"c = socket.create_connection(({pair.right_ip!r}, {PORT}), 5); c.sendall(b'question')")
        db.actor.do("a, _ = l.accept(); assert a.recv(99) == b'question'; a.close()")
        web.actor.do("assert c.recv(99) == b''; c.close()")
        session = recording.stop().session
    finally:
        tool.close()
        for one in (web, db):
            one.close()
        root.rmdir()
        pair.close()
    return session, {"pods": [web.document("web", pair.left_ip), db.document("db", pair.right_ip)],
                     "namespaces": [{"apiVersion": "v1", "kind": "Namespace",
                                     "metadata": {"name": "shop", "labels": {"team": "a"}}}],
                     "services": [service("shop", "db"), endpoint_slice("shop", "db-1", "db", pair.right_ip, "db", version="v1")],
                     "nodes": [node("node1", "192.168.77.1")]}


@pytest.fixture
def session(ig, recorded):
    """A copy of the session, named by an inventory of these kinds of objects."""
    def make(*kinds, name="session.db"):
        path = ig.folder / name
        shutil.copy(recorded[0], path)
        if kinds:
            items = [one for kind in kinds for one in recorded[1][kind]]
            (ig.folder / "cluster.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))
            ig.run("session", "enrich", path, "--inventory", ig.folder / "cluster.json")
        return path

    return make


@pytest.fixture
def named(session):
    return session("pods", "namespaces", "services", "nodes")


@pytest.fixture
def policy(ig):
    """A file of a policy for db that lets these peers reach these ports."""
    def write(peers, port, name="policy.yaml"):
        path = ig.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({
            "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "db", "namespace": "shop"},
            "spec": {"podSelector": {"matchLabels": {"app": "db"}}, "ingress": [{"from": peers, "ports": [{"port": port}]}]}}))
        return path

    return write


WEB = [{"podSelector": {"matchLabels": {"app": "web"}}}]


def verdicts(ig, *arguments, status):
    flows = json.loads(ig.run("verify", "network-policy", *arguments, "-o", "json", status=status))["flows"]
    return [flow["verdict"] for flow in flows]


def test_the_status_says_whether_a_flow_would_be_denied(ig, named, policy):
    assert verdicts(ig, policy(WEB, PORT), named, status=FINE) == ["allowed"]
    assert verdicts(ig, policy(WEB, "http"), named, status=FINE) == ["allowed"]
    assert verdicts(ig, policy(WEB, 80), named, status=FOUND) == ["denied"]
    assert verdicts(ig, policy(WEB, "dns"), named, status=FOUND) == ["denied"]
    assert verdicts(ig, policy([{"podSelector": {"matchLabels": {"app": "db"}}}], PORT), named, status=FOUND) == ["denied"]


def test_what_the_inventory_lacks_denies_nothing(ig, session, policy):
    team = [{"namespaceSelector": {"matchLabels": {"team": "b"}}}]
    assert verdicts(ig, policy(team, PORT), session("pods", "namespaces"), status=FOUND) == ["denied"]
    assert verdicts(ig, policy(team, PORT), session("pods"), status=FINE) == ["undecided"]
    assert verdicts(ig, policy(WEB, 80), session("pods"), status=FOUND) == ["denied"]
    assert "undecided" in verdicts(ig, policy(WEB, 80), session(), status=FINE)
    assert "no session has an inventory of a cluster" in ig.last_words


def test_services_are_their_pods(ig, session):
    policy = ig.folder / "cilium.yaml"
    policy.write_text(json.dumps({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"endpointSelector": {"matchLabels": {"app": "web"}}, "egressDeny": [{"toCIDR": ["203.0.113.0/24"]}],
                 "egress": [{"toServices": [{"k8sService": {"serviceName": "db", "namespace": "shop"}}]}]}}))
    assert verdicts(ig, policy, session("pods"), status=FINE) == ["undecided"]
    assert verdicts(ig, policy, session("pods", "services"), status=FINE) == ["allowed"]
    rules = json.loads(ig.run("verify", "network-policy", policy, session("pods", "services"), "-o", "json"))["rules"]
    assert [(rule["rule"], rule["flows"]) for rule in rules] == [("egressDeny rule 1", 0), ("egress rule 1", 1)]


def test_policies_and_sessions_are_told_apart_by_content(ig, session, policy):
    path = session("pods", "namespaces", name="session.yaml")
    assert verdicts(ig, path, policy(WEB, 80, "policy.db"), status=FOUND) == ["denied"]


def test_a_folder_stands_for_its_files(ig, named, policy):
    policy(WEB, 80, "policies/first.yaml")
    policy(WEB, PORT, "policies/second.json")
    policy(WEB, 81, "policies/not-read.txt")
    report = json.loads(ig.run("verify", "network-policy", ig.folder / "policies", named, "-o", "json"))
    assert [flow["verdict"] for flow in report["flows"]] == ["allowed"]
    assert report["policies"] == 2
    assert [rule["flows"] for rule in report["rules"]] == [0, 1]


def test_what_cannot_be_verified(ig, named, policy):
    def refused(*arguments, status=USAGE):
        ig.run("verify", "network-policy", *arguments, status=status)
        return ig.last_words

    path = policy(WEB, PORT)
    (ig.folder / "empty").mkdir()
    (ig.folder / "broken.yaml").write_text("kind: [")
    (ig.folder / "other.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    assert "no file is a session" in refused(path)
    assert "no file holds a network policy" in refused(named)
    assert "no file holds a network policy" in refused(ig.folder / "other.yaml", named)
    assert "empty has no .yaml, .yml or .json file" in refused(ig.folder / "empty", named)
    assert "empty has no .yaml, .yml or .json file" in refused("--connectivity", ig.folder / "empty", named)
    assert "policy.yaml is given twice" in refused(path, path, named)
    assert "only --connectivity can be printed as dot" in refused(path, named, "-o", "dot")
    assert "broken.yaml" in refused(ig.folder / "broken.yaml", named, status=FAILED)
    assert "missing.yaml" in refused(ig.folder / "missing.yaml", named, status=FAILED)


def test_the_table_names_what_decided(ig, named, policy):
    assert "allowed" in ig.run("verify", "network-policy", policy(WEB, PORT), named, "--all")
    table = ig.run("verify", "network-policy", policy(WEB, 80), named, "--rules", status=FOUND)
    assert "NetworkPolicy shop/db, no ingress rule" in table and "100.0%" in table
    assert "1 would be denied, 0 undecided" in ig.last_words


def test_who_may_talk_to_whom(ig, named, policy):
    graph = ig.run("verify", "network-policy", "--connectivity", policy(WEB, PORT), named, "-o", "dot")
    assert graph.startswith("digraph") and '"shop/Pod/web" -> "shop/Pod/db"' in graph
    recorded = json.loads(ig.run("verify", "network-policy", "--connectivity", named, "-o", "json"))
    assert [(edge["sources"], edge["destinations"]) for edge in recorded["edges"]] == [(["shop/Pod/web"], ["shop/Pod/db"])]


def changes(ig, *arguments, status):
    diff = json.loads(ig.run("diff", "network-policy", *arguments, "-o", "json", status=status))
    return {change["change"] for change in diff["changes"]}


def test_the_status_of_a_comparison_says_whether_something_is_newly_allowed(ig, policy):
    narrow, wide = policy(WEB, PORT, "narrow.yaml"), policy([*WEB, {"ipBlock": {"cidr": "10.0.0.0/8"}}], PORT, "wide.yaml")
    assert changes(ig, narrow, narrow, status=FINE) == set()
    assert changes(ig, narrow, wide, status=FOUND) == {"added"}
    assert changes(ig, wide, narrow, status=FINE) == {"removed"}
    assert changes(ig, wide, narrow, "--exact", status=FOUND) == {"removed"}
    ig.run("diff", "network-policy", narrow, status=USAGE)
    ig.run("diff", "network-policy", narrow, ig.folder / "missing", status=FAILED)


def test_an_empty_folder_restricts_nothing(ig, policy):
    policy(WEB, PORT, "policies/db.yaml")
    (ig.folder / "empty").mkdir()
    assert changes(ig, ig.folder / "empty", ig.folder / "policies", status=FINE) == {"removed"}
    assert changes(ig, ig.folder / "policies", ig.folder / "empty", status=FOUND) == {"added"}


def test_a_session_stands_for_the_policies_advised_from_it(ig, named):
    advised = ig.folder / "advised.yaml"
    advised.write_text(ig.run("advise", "network-policy", named))
    assert changes(ig, advised, named, status=FINE) == set()
    assert verdicts(ig, advised, named, status=FINE) == ["allowed"]
