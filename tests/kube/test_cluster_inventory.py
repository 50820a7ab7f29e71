# SPDX-License-Identifier: Apache-2.0
"""The inventory of a real API server: by certificate, token and service account, with and without rights, from files of kubectl,
once and while a recording runs. Whatever the way, the same objects are the same rows."""
import calendar
import json
import shutil
import subprocess
import time

import pytest

from support.ig import query, query_one, wait_until
from support.kube import ADMIN_TOKEN, INVENTORY_KINDS, READER_TOKEN, Authority, now, write_kubeconfig
from support.kube_objects import deployment, endpoint_slice, job, node, pod, running, service, succeeded

SECOND = 1_000_000_000
OPEN_END = 2**63 - 1


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) * SECOND


def rows(session, *namespaces):
    """Everything but when and by whom it was seen; without containers that are of no cluster, since others may run here."""
    places = ",".join("?" * len(namespaces))
    return query(session, "SELECT kind, kube_namespace, name, uid, valid_from_ns, valid_to_ns, labels, owner_kind, owner_name, "
                 "owner_uid, addresses, containers, spec FROM inventory "
                 f"WHERE kube_namespace IN ({places}) AND (kind <> 'Pod' OR kube_namespace <> '')", *namespaces)


def interval(session, kind, name):
    [found] = query(session, "SELECT valid_from_ns, valid_to_ns FROM inventory WHERE kind = ? AND name = ?", kind, name)
    return found


@pytest.fixture
def session(ig):
    """A recording of nothing much; a function that makes copies of it."""
    path = ig.record_command("true", options=["--gadgets", "trace_exec"], session="empty.db").session

    def copy(name):
        return shutil.copy(path, ig.folder / name)

    return copy


@pytest.fixture
def shop(kube, namespace):
    """One of each kind."""
    kube.apply(pod(namespace, "web-1", {"app": "web", "env": "prod"}), service(namespace, "web"),
               endpoint_slice(namespace, "web-x", "web", "10.244.1.7", "web-1"), deployment(namespace, "web"),
               job(namespace, "once"), node(f"node-{namespace}", "192.0.2.7"))
    kube.set_status(namespace, "web-1", running("10.244.1.7", now()))
    yield namespace
    kube.kubectl("delete", "node", f"node-{namespace}")


@pytest.fixture
def by_token(kube, tmp_path):
    def write(token, authority=kube.authority.certificate, **cluster):
        return write_kubeconfig(tmp_path / f"{token}.kubeconfig", kube.server, {"token": token}, authority, **cluster)

    return write


@pytest.fixture
def reader(kube, namespace):
    """The reader may list and watch all but nodes."""
    name = f"ig-{namespace}"
    kube.apply(
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": name},
         "rules": [{"apiGroups": ["", "apps", "batch", "discovery.k8s.io"], "verbs": ["list", "watch"],
                    "resources": [kind for kind in INVENTORY_KINDS.split(",") if kind != "nodes"]}]},
        {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": name},
         "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name},
         "subjects": [{"kind": "User", "name": "reader"}]})
    yield
    kube.kubectl("delete", "clusterrole,clusterrolebinding", name)


def test_server_and_files_say_the_same(ig, kube, shop, session, by_token, tmp_path):
    for form in ("json", "yaml"):
        (tmp_path / f"all.{form}").write_text(kube.kubectl("get", INVENTORY_KINDS, "-A", "-o", form))
    ways = {"certificate.db": ("--kubeconfig", kube.kubeconfig), "token.db": ("--kubeconfig", by_token(ADMIN_TOKEN)),
            "json.db": ("--inventory", tmp_path / "all.json"), "yaml.db": ("--inventory", tmp_path / "all.yaml")}
    found = {}
    for name, options in ways.items():
        ig.run("session", "enrich", session(name), *options)
        found[name] = rows(ig.folder / name, shop, "")
    assert all(one == found["certificate.db"] for one in found.values())
    kinds = {row[0] for row in found["certificate.db"]}
    assert kinds == {"Pod", "Service", "EndpointSlice", "Deployment", "Job", "Namespace", "Node"}
    [web] = [row for row in found["certificate.db"] if row[0] == "Pod"]
    assert json.loads(web[6]) == {"app": "web", "env": "prod"}
    assert web[10:12] == ('["10.244.1.7"]', '["c0ffee"]')
    assert json.loads(web[12]) == {"node": "n1", "ports": [{"name": "http", "port": 8080, "protocol": "TCP"}],
                                   "probes": [{"kind": "readiness", "port": 8080, "protocol": "TCP"}]}
    assert b"not-for-sessions" not in (ig.folder / "json.db").read_bytes()


def test_what_is_there_is_not_added_again(ig, kube, shop, session):
    path = session("twice.db")
    assert json.loads(ig.run("session", "enrich", path, "--kubeconfig", kube.kubeconfig, "-o", "json"))["added"]
    before = rows(path, shop)
    assert not json.loads(ig.run("session", "enrich", path, "--kubeconfig", kube.kubeconfig, "-o", "json"))["added"]
    assert "the session has them" in ig.last_words
    assert rows(path, shop) == before
    assert query_one(path, "SELECT count(*) FROM inventory_source") == 1


def test_a_service_account_reads_what_a_pod_is_given(ig, ig_binary, kube, shop, session, tmp_path):
    path = session("account.db")
    (tmp_path / "token").write_text(ADMIN_TOKEN + "\n")
    host, port = kube.server.removeprefix("https://").split(":")
    given = "/run/secrets/kubernetes.io/serviceaccount"
    subprocess.run(["unshare", "-m", "sh", "-ec", f"""
        mount -t tmpfs none /run; mkdir -p {given}; cp {tmp_path}/token {given}/token
        cp {kube.authority.certificate} {given}/ca.crt; exec {ig_binary} session enrich {path} --kubernetes"""],
                   env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "KUBERNETES_SERVICE_HOST": host,
                        "KUBERNETES_SERVICE_PORT": port}, check=True, timeout=60)
    assert {row[0] for row in rows(path, shop)} == {"Pod", "Service", "EndpointSlice", "Deployment", "Job"}


def test_a_right_that_lacks_is_a_caveat_and_the_rest_is_taken(ig, shop, session, by_token, reader):
    path = session("reader.db")
    ig.run("session", "enrich", path, "--kubeconfig", by_token(READER_TOKEN))
    assert "no right to list nodes: HTTP 403" in ig.last_words
    [caveat] = json.loads(query_one(path, "SELECT caveats FROM inventory_source"))
    assert caveat.startswith("no right to list nodes")
    assert {row[0] for row in rows(path, shop, "")} == {"Pod", "Service", "EndpointSlice", "Deployment", "Job", "Namespace"}


def test_no_right_at_all_is_an_error(ig, session, by_token):
    ig.run("session", "enrich", session("nobody.db"), "--kubeconfig", by_token("nobodystoken"), status=1)
    assert "error: no objects of https://127.0.0.1" in ig.last_words and "HTTP 401" in ig.last_words
    assert query(ig.folder / "nobody.db", "SELECT * FROM inventory_source") == []


def test_a_server_that_is_not_trusted_is_not_asked(ig, session, by_token, tmp_path):
    other = Authority(tmp_path / "other")
    ig.run("session", "enrich", session("trust.db"), "--kubeconfig", by_token(ADMIN_TOKEN, other.certificate), status=1)
    assert "is not trusted" in ig.last_words and "certificate-authority" in ig.last_words
    ig.run("session", "enrich", session("trust.db"), "--kubeconfig",
           by_token(ADMIN_TOKEN, **{"tls-server-name": "another.example"}), status=1)
    assert "is not trusted" in ig.last_words
    ig.run("session", "enrich", session("trust.db"), "--kubeconfig",
           by_token(ADMIN_TOKEN, None, **{"insecure-skip-tls-verify": True}))


def test_a_recording_sees_objects_come_and_go(ig, kube, shop, session, tmp_path):
    recording = ig.record("--gadgets", "trace_exec", "--kubeconfig", kube.kubeconfig)
    kube.apply(pod(shop, "stays"), pod(shop, "goes"), pod(shop, "ends"), pod(shop, "moves"))
    started = now()
    for name, address in (("stays", "10.244.1.10"), ("goes", "10.244.1.11"), ("moves", "10.244.1.13")):
        kube.set_status(shop, name, running(address, started))
    wait_until(lambda: interval_or_none(recording.session, "moves"), 60, "the pods in the session")
    time.sleep(1.1)  # Kubernetes cuts times to the second
    finished = now()
    kube.set_status(shop, "ends", succeeded("10.244.1.12", started, finished))
    before = time.time_ns()
    kube.kubectl("delete", "pod", "goes", "-n", shop, "--grace-period=0", "--force")
    kube.kubectl("label", "pod", "moves", "-n", shop, "tier=back")
    after = time.time_ns()
    kube.apply(pod(shop, "late"))
    kube.set_status(shop, "late", running("10.244.1.11", now()))  # the address again
    wait_until(lambda: interval_or_none(recording.session, "late"), 60, "the last pod")
    live = recording.stop().session

    assert interval(live, "Pod", "stays") == (seconds(started), OPEN_END)
    assert interval(live, "Pod", "ends") == (seconds(started), seconds(finished) + SECOND - 1)
    begin, end = interval(live, "Pod", "goes")
    assert begin == seconds(started)
    assert before <= end <= after + 30 * SECOND or end == interval(live, "Pod", "late")[0] - 1
    first, second = query(live, "SELECT valid_from_ns, valid_to_ns, labels FROM inventory WHERE name = 'moves'")
    assert first[1] + 1 == second[0] and before <= second[0] <= after + 30 * SECOND
    assert "tier" not in first[2] and "tier" in second[2]

    # A session that is told later has the same rows of all that is still there and never changed.
    (tmp_path / "all.json").write_text(kube.kubectl("get", INVENTORY_KINDS, "-A", "-o", "json"))
    later = session("later.db")
    ig.run("session", "enrich", later, "--inventory", tmp_path / "all.json")
    def unchanged(path):
        return [row for row in rows(path, shop, "") if row[2] not in ("goes", "moves")]
    assert unchanged(later) == unchanged(live)
    assert not json.loads(ig.run("session", "enrich", live, "--inventory", tmp_path / "all.json", "-o", "json"))["added"]


def interval_or_none(path, name):
    return query(path, "SELECT 1 FROM inventory WHERE name = ? AND addresses <> '[]'", name)


def test_the_shortest_recording_has_the_whole_inventory(ig, kube, shop):
    path = ig.record_command("true", options=["--gadgets", "trace_exec", "--kubeconfig", kube.kubeconfig]).session
    assert {row[0] for row in rows(path, shop)} == {"Pod", "Service", "EndpointSlice", "Deployment", "Job"}
    assert query_one(path, "SELECT caveats FROM inventory_source") == "[]"


def test_a_killed_recording_keeps_its_inventory(ig, kube, shop):
    recording = ig.record("--gadgets", "trace_exec", "--kubeconfig", kube.kubeconfig)
    wait_until(lambda: interval_or_none(recording.session, "web-1"), 60, "the pod in the session")
    recording.kill()
    assert "web-1" in ig.run("session", "query", recording.session, "SELECT name FROM inventory WHERE kind = 'Pod'")


def test_a_recording_goes_on_without_its_server(ig, by_token, tmp_path):
    recording = ig.record("--gadgets", "trace_exec", "--kubeconfig", by_token(ADMIN_TOKEN, Authority(tmp_path / "x").certificate))
    time.sleep(3)
    recording.stop()
    [caveat] = json.loads(query_one(recording.session, "SELECT caveats FROM inventory_source"))
    assert caveat.startswith("did not always see nodes, namespaces, pods,") and "not trusted" in caveat
    assert caveat in recording.words()
