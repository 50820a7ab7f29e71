# SPDX-License-Identifier: Apache-2.0
"""A cluster of one node, recorded while its pods talk through real services: the advice, and what the API server says of it."""
import json
import os
import re
import shutil
import sqlite3
from pathlib import Path

import pytest
import yaml

from support.ig import Ig, query, wait_until
from support.image import write_image
from support.kube import INVENTORY_KINDS, SOURCE, json_documents
from support.kube_node import ADDRESS, BRIDGE, PAUSE_IMAGE, KubeNode
from support.need import need
from support.node_shop import NAMES, PROGRAM_IMAGE, SHOP, SYSTEM, job, namespace_label, services, workloads

ASKERS = ("api", "web", "operator", "agent")
PYTHON = ("python3.11-minimal", "libpython3.11-minimal")
NODE, PROBER = f"{ADDRESS}/32", f"{BRIDGE}/32"
WAIT_SECONDS = 120


@pytest.fixture(scope="module")
def node(tmp_path_factory, compiled, root_folder):
    need(os.geteuid() == 0, "a node needs root")
    need(Path("/proc/sys/net/bridge/bridge-nf-call-iptables").exists(), "this kernel has no br_netfilter, or it is not loaded")
    folder = tmp_path_factory.mktemp("node")
    (folder / "nsswitch.conf").write_text("hosts: files dns\n")
    images = [
        write_image(folder / "pause.tar", PAUSE_IMAGE, {"pause": compiled("pause", "-static")}, ["/pause"]),
        write_image(folder / "program.tar", PROGRAM_IMAGE, {
            ".": root_folder(*PYTHON), "etc/nsswitch.conf": folder / "nsswitch.conf",
            "program.py": SOURCE / "tests/support/pod_program.py"}, ["/usr/bin/python3.11", "/program.py"])]
    node = KubeNode(folder, images)
    yield node
    node.close()


def rounds(node):
    """How many rounds everybody who asks has behind it; 0 before all of them are there."""
    logs = " ".join(f"/var/log/pods/{SHOP}_{name}-*/main/*.log" for name in ASKERS)
    numbers = [int(number) for number in re.findall(r"F round (\d+)$", node.run("sh", "-c", f"tail -qn1 {logs}").stdout, re.M)]
    return min(numbers) if len(numbers) == len(ASKERS) + 1 else 0  # web has two


@pytest.fixture(scope="module")
def recorded(node, ig_binary, tmp_path_factory):
    """The tool, with live.db in its folder: everybody has talked; Job migrate is over, Job gone is over and deleted."""
    tool = Ig(ig_binary, tmp_path_factory.mktemp("recorded"))
    node.kubectl("label", "namespace", SYSTEM, *(f"{key}={value}" for key, value in namespace_label(SYSTEM).items()))
    node.apply(*services())
    node.apply(*workloads())
    wait_until(lambda: rounds(node), WAIT_SECONDS, "the pods to reach each other")
    recording = tool.record("--kubeconfig", node.kubeconfig, "--gadgets", "advise_networkpolicy,trace_dns,trace_dnat",
                            "--namespace", f"{SHOP},{SYSTEM}", session="live.db", wrapper=node.enter)
    before = rounds(node)
    node.apply(job("migrate", ("db", 5432)), job("gone", (NAMES["api"], 80)))
    node.wait("condition=complete", "-n", SHOP, "job/migrate", "job/gone")
    node.kubectl("delete", "job", "gone", "-n", SHOP)
    node.wait("delete", "-n", SHOP, "pod", "-l", "app=gone", check=False)  # an error where it is gone already
    assert not pods_by(node, SHOP, "app=gone")
    wait_until(lambda: rounds(node) > before + 5, WAIT_SECONDS, "rounds that were recorded")
    recording.stop()
    yield tool
    tool.close()


def advise(tool, session):
    """Text by policy, of this cluster only: other containers of the machine may say that they are in kube-system."""
    text = tool.run("advise", "network-policy", session, "--namespace", f"{SHOP},{SYSTEM}")
    pieces = {}
    for piece in text.split("---\n"):
        metadata = yaml.safe_load(piece)["metadata"]
        if metadata["namespace"] == SHOP or metadata["name"] == "names":
            pieces[metadata["name"]] = piece
    return pieces


@pytest.fixture(scope="module")
def texts(recorded):
    return advise(recorded, "live.db")


@pytest.fixture(scope="module")
def policies(texts):
    return {name: yaml.safe_load(text) for name, text in texts.items()}


def allowed(policy, direction):
    """(peer, protocol, port): a peer is its labels or its block."""
    found = set()
    for rule in policy["spec"].get(direction, ()):
        for peer in rule["to" if direction == "egress" else "from"]:
            labels = peer.get("podSelector", {}).get("matchLabels", {})
            who = peer["ipBlock"]["cidr"] if "ipBlock" in peer else ",".join(f"{key}={value}" for key, value in labels.items())
            found |= {(who, port["protocol"], port["port"]) for port in rule["ports"]}
    return found


def pods_by(node, namespace, selector):
    return set(node.kubectl("get", "pods", "-n", namespace, "-l", selector, "-o", "name").split())


def owners_pods(node):
    """(kind, namespace, name) of each topmost owner → its pods, by what the controllers wrote into them."""
    objects = json.loads(node.kubectl("get", "pods,replicasets", "-A", "-o", "json"))["items"]
    owners = {}
    for item in objects:
        metadata, namespace = item["metadata"], item["metadata"]["namespace"]
        for owner in metadata.get("ownerReferences", ()):
            owners[item["kind"], namespace, metadata["name"]] = (owner["kind"], namespace, owner["name"])
    found = {}
    for (kind, _, name), owner in owners.items():
        if kind == "Pod":
            found.setdefault(owners.get(owner, owner), set()).add(f"pod/{name}")
    return found


OWNERS = {"names": ("Deployment", SYSTEM), "api": ("Deployment", SHOP), "web": ("Deployment", SHOP),
          "operator": ("Deployment", SHOP), "db": ("StatefulSet", SHOP), "migrate": ("Job", SHOP)}


def test_each_owner_has_one_policy_that_selects_exactly_its_pods(node, policies):
    assert set(policies) == {*OWNERS, "gone"}  # none for the DaemonSet, which is on its node's network
    pods = owners_pods(node)
    for name, (kind, namespace) in OWNERS.items():
        policy = policies[name]
        selector = ",".join(f"{key}={value}" for key, value in policy["spec"]["podSelector"]["matchLabels"].items())
        assert policy["metadata"]["namespace"] == namespace
        assert pods_by(node, namespace, selector) == pods[kind, namespace, name]


def test_what_goes_to_a_service_is_a_rule_for_its_pods_at_their_port(recorded, policies):
    assert query(recorded.folder / "live.db", "SELECT DISTINCT dialed_port, backend_port FROM trace_dnat WHERE dialed_addr = ?",
                 NAMES["api"]) == [(80, 8080)]  # it really was translated
    assert allowed(policies["web"], "egress") >= {("app=api", "TCP", 8080), ("k8s-app=kube-dns", "UDP", 5353)}
    assert allowed(policies["api"], "egress") >= {("app=db", "TCP", 15432)}
    for policy in policies.values():
        rules = allowed(policy, "egress") | allowed(policy, "ingress")
        assert not {port for _, _, port in rules} & {80, 5432, 53, 443}
        assert not [who for who, _, _ in rules if who.startswith("10.96.")]


def test_both_ends_of_a_service_agree(policies):
    assert ("app=web", "TCP", 8080) in allowed(policies["api"], "ingress")
    assert ("app=api", "TCP", 15432) in allowed(policies["db"], "ingress")
    assert allowed(policies["names"], "ingress") == {
        (f"app={name}", "UDP", 5353) for name in ("api", "web", "operator", "migrate")}


def test_dns_over_tcp_is_added_at_the_pods_port(texts, policies):
    assert ("k8s-app=kube-dns", "TCP", 5353) in allowed(policies["web"], "egress")
    assert "# block dns, not recorded" in texts["web"]


def test_the_api_server_is_a_rule_for_its_endpoint(node, policies):
    port = int(node.server.rsplit(":", 1)[1])
    assert allowed(policies["operator"], "egress") == {
        (NODE, "TCP", port), ("k8s-app=kube-dns", "UDP", 5353), ("k8s-app=kube-dns", "TCP", 5353)}


def test_jobs_that_are_over_and_gone_are_peers_like_others(policies):
    assert ("app=migrate", "TCP", 15432) in allowed(policies["db"], "ingress")
    assert ("app=db", "TCP", 15432) in allowed(policies["migrate"], "egress")
    assert ("app=gone", "TCP", 8080) in allowed(policies["api"], "ingress")
    assert ("app=api", "TCP", 8080) in allowed(policies["gone"], "egress")


def test_probes_are_allowed_from_where_they_came_and_from_the_node(texts, policies):
    assert allowed(policies["db"], "ingress") >= {(PROBER, "TCP", 15432), (NODE, "TCP", 15432)}
    assert "# block probes, not recorded" in texts["db"]
    assert (PROBER, "TCP", 8080) in allowed(policies["api"], "ingress")


def test_a_pod_on_its_nodes_network_is_an_address_and_has_no_policy(recorded, policies):
    assert (NODE, "TCP", 9100) in allowed(policies["web"], "egress")
    recorded.run("advise", "network-policy", "live.db", "--pod", "agent-*", "--namespace", SHOP, status=1)
    assert "no policy: it uses its node's network" in recorded.last_words
    assert "error: nothing was written: the warnings say why" in recorded.last_words


def test_the_api_server_takes_every_policy_as_it_is(node, texts, policies):
    answer = node.kubectl("apply", "--dry-run=server", "-o", "json", "-f", "-", stdin="---\n".join(texts.values()))
    assert {stored["metadata"]["name"]: stored["spec"] for stored in json_documents(answer)} == \
        {name: policy["spec"] for name, policy in policies.items()}


@pytest.fixture(scope="module")
def read_back(node, recorded, texts):
    """A file of the policies as the cluster has them."""
    node.kubectl("apply", "-f", "-", stdin="---\n".join(texts.values()))
    file = recorded.folder / "back.json"
    file.write_text(node.kubectl("get", "networkpolicies", "-A", "-o", "json"))
    return file


def test_the_policies_of_the_cluster_deny_nothing_that_was_recorded(recorded, policies, read_back):
    assert len(json.loads(read_back.read_text())["items"]) == len(policies)
    recorded.run("verify", "network-policy", read_back, "live.db", "--namespace", SHOP)
    assert "0 would be denied, 0 undecided" in recorded.last_words


def test_a_rule_that_is_taken_away_is_missed(recorded, read_back):
    back = json.loads(read_back.read_text())
    [db] = [policy for policy in back["items"] if policy["metadata"]["name"] == "db"]
    db["spec"]["ingress"] = [rule for rule in db["spec"]["ingress"] if "migrate" not in json.dumps(rule)]
    (recorded.folder / "narrower.json").write_text(json.dumps(back))
    recorded.run("verify", "network-policy", "narrower.json", "live.db", "--namespace", SHOP, status=3)
    assert "1 would be denied" in recorded.last_words


def test_told_of_the_cluster_later_the_advice_is_the_same_but_for_what_is_gone(node, recorded, texts):
    later = shutil.copy(recorded.folder / "live.db", recorded.folder / "later.db")
    with sqlite3.connect(later) as database:
        database.executescript("DELETE FROM inventory; DELETE FROM inventory_source")
    (recorded.folder / "all.json").write_text(node.kubectl("get", INVENTORY_KINDS, "-A", "-o", "json"))
    recorded.run("session", "enrich", later, "--inventory", "all.json")
    found = advise(recorded, later)
    for name in OWNERS.keys() - {"api"}:
        assert found[name] == texts[name]
    # Nobody can know any more who had the address of the job that is gone. It asked the API alone.
    assert "app: gone" in texts["api"]
    assert "app: gone" not in found["api"] and "gone" not in found
