# SPDX-License-Identifier: Apache-2.0
"""What runs in the cluster of tests/kube/test_node.py: a shop whose parts ask each other, and the cluster's names."""
from support.kube_node import API_SERVICE, DNS_SERVICE

SHOP, SYSTEM = "node-shop", "kube-system"
PROGRAM_IMAGE = "localhost/program:1"
NAMES = {"api": "10.96.77.20", "db": "10.96.77.21", "kubernetes": API_SERVICE}  # services, by their first label


def _template(name, plan, ports=(), labels=None, probe=None, **spec):
    """Of a pod with one container: support/pod_program.py with its plan, in which $(HOST) becomes the node's address."""
    container = {"name": "main", "image": PROGRAM_IMAGE, "args": [repr(plan)],
                 "ports": [{"name": port, "containerPort": number, "protocol": protocol} for port, number, protocol in ports],
                 "env": [{"name": "HOST", "valueFrom": {"fieldRef": {"fieldPath": "status.hostIP"}}}]}
    if probe:  # often, and never enough to start it again: the machine may be busy
        container["livenessProbe"] = {"periodSeconds": 1, "timeoutSeconds": 20, "failureThreshold": 60, **probe}
    return {"metadata": {"labels": labels or {"app": name}}, "spec": {"containers": [container], **spec}}


def _owner(kind, namespace, name, template, **spec):
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace}, "spec": {
        "selector": {"matchLabels": template["metadata"]["labels"]}, "template": template, **spec}}


def _service(namespace, name, address, selector, *ports):
    """`ports`: (name, number, name of the pod's, protocol)."""
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace}, "spec": {
        "clusterIP": address, "selector": selector,
        "ports": [{"name": port, "port": number, "targetPort": target, "protocol": protocol}
                  for port, number, target, protocol in ports]}}


def namespace_label(name):
    """Which Kubernetes sets by itself since 1.21."""
    return {"kubernetes.io/metadata.name": name}


def services():
    return [{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": SHOP, "labels": namespace_label(SHOP)}},
            _service(SYSTEM, "kube-dns", DNS_SERVICE, {"k8s-app": "kube-dns"},
                     ("dns", 53, "dns", "UDP"), ("dns-tcp", 53, "dns-tcp", "TCP")),
            _service(SHOP, "api", NAMES["api"], {"app": "api"}, ("web", 80, "http", "TCP")),
            _service(SHOP, "db", NAMES["db"], {"app": "db"}, ("sql", 5432, "sql", "TCP"))]


def workloads():
    dns = _template("names", {"dns": {"port": 5353, "names": NAMES}}, [("dns", 5353, "UDP"), ("dns-tcp", 5353, "TCP")],
                    {"k8s-app": "kube-dns"})
    db = _template("db", {"tcp": [15432]}, [("sql", 15432, "TCP")], probe={"tcpSocket": {"port": "sql"}})
    api = _template("api", {"tcp": [8080], "ask": [["db", 5432]]}, [("http", 8080, "TCP")],
                    probe={"httpGet": {"path": "/", "port": "http"}})
    web = _template("web", {"ask": [["api", 80], ["$(HOST)", 9100]]})
    agent = _template("agent", {"tcp": [9100], "ask": [[NAMES["api"], 80]]}, [("metrics", 9100, "TCP")], hostNetwork=True)
    return [_owner("Deployment", SYSTEM, "names", dns), _owner("Deployment", SHOP, "api", api),
            _owner("StatefulSet", SHOP, "db", db, serviceName="db"), _owner("Deployment", SHOP, "web", web, replicas=2),
            _owner("Deployment", SHOP, "operator", _template("operator", {"ask": [["kubernetes.default", 443]]})),
            _owner("DaemonSet", SHOP, "agent", agent)]


def job(name, *asked):
    """Over after three rounds."""
    template = _template(name, {"ask": asked, "rounds": 3}, restartPolicy="Never")
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": SHOP},
            "spec": {"template": template}}
