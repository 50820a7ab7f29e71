# SPDX-License-Identifier: Apache-2.0
"""Watches that break: what happened meanwhile is learned all the same, and what cannot be known is told."""
import json
import time

import pytest

from support.ig import query, query_one, wait_until
from support.kube import Authority, now, write_kubeconfig
from support.kube_double import PODS, KubeDouble
from support.kube_objects import endpoint_slice, pod, running

SLICES = "/apis/discovery.k8s.io/v1/endpointslices"


def a_pod(name, address):
    made = pod("shop", name)
    made["metadata"].update(uid=f"uid-{name}", creationTimestamp=now())
    return {**made, "status": running(address, now())}


@pytest.fixture
def double(tmp_path):
    authority = Authority(tmp_path / "pki")
    server = KubeDouble(authority)
    server.kubeconfig = write_kubeconfig(tmp_path / "kubeconfig", server.server, {"token": "t"}, authority.certificate)
    yield server
    server.close()


@pytest.fixture
def recording(ig, double):
    double.put(PODS, a_pod("first", "10.244.1.1"))
    made = ig.record("--gadgets", "trace_exec", "--kubeconfig", double.kubeconfig)
    wait_until(lambda: double.count(PODS, watch=True), 60, "a watch of pods")
    return made


def names(path):
    """Those that the double told of: other containers may run on this machine."""
    return {name for name, in query(path, "SELECT i.name FROM inventory i JOIN inventory_source s ON s.id = i.source_id "
                                          "WHERE i.kind = 'Pod' AND s.kind = 'kubernetes api'")}


def end_of(path, name):
    return query_one(path, "SELECT valid_to_ns FROM inventory WHERE name = ?", name)


def caveats(path):
    return "".join(told for told, in query(path, "SELECT caveats FROM inventory_source"))


def test_a_cut_watch_goes_on_where_it_ended(double, recording):
    double.put(PODS, a_pod("second", "10.244.1.2"))
    wait_until(lambda: "second" in names(recording.session), 60, "the second pod")
    double.cut()
    double.put(PODS, a_pod("third", "10.244.1.3"))
    wait_until(lambda: "third" in names(recording.session), 60, "the third pod")
    recording.stop()
    assert double.count(PODS, watch=False) == 1, "nothing was listed again"
    watched = [int(query["resourceVersion"]) for path, query in double.asked if path == PODS and "watch" in query]
    assert watched[0] < watched[-1]
    assert "pods" not in caveats(recording.session), "nothing was missed"


def test_after_410_gone_all_is_listed_again(double, recording):
    double.put(PODS, a_pod("second", "10.244.1.2"))
    wait_until(lambda: "second" in names(recording.session), 60, "the second pod")
    double.forget()
    before = time.time_ns()
    double.remove(PODS, "first", aloud=False)
    double.put(PODS, a_pod("third", "10.244.1.3"))
    double.events.clear()
    double.cut()
    wait_until(lambda: "third" in names(recording.session), 60, "the third pod")
    recording.stop()
    assert names(recording.session) == {"first", "second", "third"}
    assert before <= end_of(recording.session, "first") <= time.time_ns(), "it went while nobody watched"
    assert end_of(recording.session, "second") == 2**63 - 1
    assert "did not always see pods, services, endpointslices: HTTP 410: too old" in caveats(recording.session)


def test_a_server_that_was_down_is_found_again(double, recording):
    double.down = True
    double.cut()
    double.put(PODS, a_pod("second", "10.244.1.2"))
    wait_until(lambda: "did not always see pods" in caveats(recording.session), 60, "a word about it")
    assert "second" not in names(recording.session)
    double.down = False
    wait_until(lambda: "second" in names(recording.session), 60, "the second pod")
    recording.stop()
    assert "did not always see pods" not in caveats(recording.session), "what it missed was learned"


def test_lists_come_in_pages_and_what_is_newer_than_we_know_is_passed_over(ig, double, tmp_path):
    for number in range(5):
        made = a_pod(f"pod-{number}", f"10.244.1.{number}")
        made["spec"]["resourceClaims"] = [{"name": "gpu", "futureField": {"a": [1]}}]
        made["status"].update(hostIPs=[{"ip": "192.0.2.1"}], resize="Proposed", podIPs=[{"ip": f"10.244.1.{number}", "zone": "x"}])
        double.put(PODS, made)
    double.put(SLICES, endpoint_slice("shop", "web-x", "web", "10.244.1.1", "pod-1", "v1"))
    path = ig.record_command("true", options=["--gadgets", "trace_exec"]).session
    ig.run("session", "enrich", path, "--kubeconfig", double.kubeconfig)
    assert names(path) == {f"pod-{number}" for number in range(5)}
    assert [query["limit"] for asked, query in double.asked if asked == PODS] == ["500"] * 3
    assert json.loads(query_one(path, "SELECT spec FROM inventory WHERE kind = 'EndpointSlice'"))["service"] == "web"
    [caveat] = json.loads(caveats(path))
    assert caveat.startswith("the server has no nodes"), "kinds that are not there are told together"


def test_hostile_answers_end_in_words(ig, double):
    path = ig.record_command("true", options=["--gadgets", "trace_exec"]).session
    double.statuses = {"/api/v1/services": 500, SLICES: 403}
    double.objects[PODS] = {"x": {"metadata": {"name": "x", "labels": 7}, "spec": [], "status": {"podIPs": {"a": 1}}}, "y": {}}
    ig.run("session", "enrich", path, "--kubeconfig", double.kubeconfig)
    told = json.loads(caveats(path))
    assert any(caveat.startswith("did not always see services: HTTP 500") for caveat in told)
    assert any(caveat.startswith("no right to list endpointslices: HTTP 403") for caveat in told)
    assert names(path) == {"x"}
