# SPDX-License-Identifier: Apache-2.0
"""A small cluster without a cluster: pods as containers in network namespaces, all behind one node's namespace.

Every packet between pods passes the node, where services are translated and policies can be enforced. The objects that a
Kubernetes API would show are made of the same facts, for `ig session enrich --inventory`.
"""
import json
import socket
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from support.ig import wait_until
from support.net import NetNamespace, unique
from support.runtimes import ContainerSpec

GATEWAY, GATEWAY6 = "10.244.0.1", "fd44::1"
CREATED = "2020-01-01T00:00:00Z"

# What a pod does: each connection to its socket sends one piece of Python and gets its error, or nothing.
LOOP = """
import socket, threading
names = {}
door = socket.socket(socket.AF_UNIX)
door.bind("/pod/door")
door.listen()
while True:
    visitor, _ = door.accept()
    code = visitor.makefile().read()
    try:
        exec(code, names)
        answer = ""
    except Exception as error:
        answer = repr(error)
    visitor.sendall(answer.encode())
    visitor.close()
"""

# Answers whoever comes, for as long as it lives.
SERVE = """
def serve(kind, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    door = socket.socket(family, kind)
    if kind == socket.SOCK_STREAM:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    door.bind((address, port))
    if kind == socket.SOCK_STREAM:
        door.listen()
    def work():
        while True:
            if kind == socket.SOCK_STREAM:
                guest, _ = door.accept()
                guest.sendall(guest.recv(99))
                guest.close()
            else:
                question, guest = door.recvfrom(99)
                door.sendto(question, guest)
    threading.Thread(target=work, daemon=True).start()
"""

ASK = """
def ask(kind, address, port, seconds):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    door = socket.socket(family, kind)
    door.settimeout(seconds)
    door.connect((address, port))
    door.sendall(b"question")
    assert door.recv(99) == b"question"
    door.close()
"""

KINDS = {"TCP": "socket.SOCK_STREAM", "UDP": "socket.SOCK_DGRAM"}


@dataclass
class Pod:
    cluster: "Cluster"
    name: str
    number: int
    labels: dict
    owner: tuple  # kind, name
    ports: list
    network: NetNamespace
    folder: Path
    container: object = None
    namespace: str = "shop"
    annotations: dict = field(default_factory=dict)

    @property
    def uid(self):
        return f"uid-{self.name}"

    @property
    def ip(self):
        return f"10.244.0.{self.number}"

    @property
    def ip6(self):
        return f"fd44::{self.number}"

    def do(self, code):
        """What went wrong, or ''."""
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(30)
            door.connect(str(self.folder / "door"))
            door.sendall(code.encode())
            door.shutdown(socket.SHUT_WR)
            return door.makefile().read()

    def serve(self, protocol, port):
        for address in ("0.0.0.0", self.ip6):
            error = self.do(SERVE + f"serve({KINDS[protocol]}, {address!r}, {port})")
            assert error == "", error

    def ask(self, protocol, address, port, seconds=5):
        return self.do(ASK + f"ask({KINDS[protocol]}, {address!r}, {port}, {seconds})")


class Cluster:
    """`runtime` is a driver of support.runtimes; `root` a root file system with python3.11."""

    def __init__(self, runtime, root, folder):
        self.runtime, self.root, self.folder = runtime, root, folder
        self.node = NetNamespace(unique("node"))
        self.pods, self.services = {}, []
        for setting in ("net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"):
            self.node.run("sysctl", "-qw", setting)

    def pod(self, name, labels, owner, ports=(), namespace="shop", annotations=None):
        number = len(self.pods) + 11
        network = NetNamespace(unique(name))
        folder = self.folder / name
        folder.mkdir()
        pod = Pod(self, name, number, labels, owner, list(ports), network, folder, namespace=namespace,
                  annotations=annotations or {})
        self.connect(pod)
        mounts = (f"{folder}:/pod:rw",)
        spec = ContainerSpec(self.root, ["/usr/bin/python3.11", "-c", LOOP], network.path, mounts=mounts,
                             annotations={"io.kubernetes.cri.sandbox-name": name, "io.kubernetes.cri.sandbox-uid": pod.uid,
                                          "io.kubernetes.cri.sandbox-namespace": namespace,
                                          "io.kubernetes.cri.container-name": "main"})
        pod.container = self.runtime.start(spec)
        wait_until(lambda: (folder / "door").exists(), 30, f"{name} to open its door")
        self.pods[name] = pod
        return pod

    def connect(self, pod):
        veth = f"veth{pod.number}"
        self.node.run("ip", "link", "add", veth, "type", "veth", "peer", "name", "eth0", "netns", pod.network.name)
        self.node.run("ip", "address", "add", GATEWAY, "peer", f"{pod.ip}/32", "dev", veth)
        self.node.run("ip", "address", "add", f"{GATEWAY6}/128", "dev", veth, "nodad")
        self.node.run("ip", "link", "set", veth, "up")
        self.node.run("ip", "route", "add", pod.ip6, "dev", veth)
        pod.network.run("ip", "address", "add", pod.ip, "peer", f"{GATEWAY}/32", "dev", "eth0")
        pod.network.run("ip", "address", "add", f"{pod.ip6}/128", "dev", "eth0", "nodad")
        pod.network.run("ip", "link", "set", "eth0", "up")
        pod.network.run("ip", "route", "add", "default", "via", GATEWAY)
        pod.network.run("ip", "route", "add", GATEWAY6, "dev", "eth0")
        pod.network.run("ip", "route", "add", "default", "via", GATEWAY6, "dev", "eth0")

    def service(self, name, ip, selector, ports, namespace="shop"):
        """`ports`: (name, protocol, port, target port or its name, its number)."""
        self.services.append((name, ip, selector, ports, namespace))
        rules = "".join(f"ip daddr {ip} {protocol.lower()} dport {port} dnat ip to {backend.ip}:{number};"
                        for _, protocol, port, _, number in ports
                        for backend in self.pods.values()
                        if backend.namespace == namespace and selector.items() <= backend.labels.items())
        self.load(f"table inet services {{ chain {name} {{ type nat hook prerouting priority -100; {rules} }} }}")

    def load(self, rules):
        subprocess.run([*self.node.enter(), "nft", "-f", "-"], input=rules, text=True, check=True, timeout=20)

    def objects(self):
        """As `kubectl get pods,services,namespaces,nodes,… -A -o json` shows them."""
        items = [self.namespace_object(name) for name in sorted({pod.namespace for pod in self.pods.values()})]
        items.append({"kind": "Node", "apiVersion": "v1", "metadata": metadata("node1"),
                      "spec": {"podCIDRs": ["10.244.0.0/24"]},
                      "status": {"addresses": [{"type": "InternalIP", "address": GATEWAY}]}})
        owners = {}
        for pod in self.pods.values():
            items.append(self.pod_object(pod))
            owners.setdefault((pod.namespace, *pod.owner), pod.labels)
        for (namespace, kind, name), labels in owners.items():
            selected = {key: value for key, value in labels.items() if key != "pod-template-hash"}
            items.append({"kind": kind, "apiVersion": "apps/v1", "metadata": metadata(name, namespace),
                          "spec": {"selector": {"matchLabels": selected}, "template": {"metadata": {"labels": selected}}}})
        for name, ip, selector, ports, namespace in self.services:
            items.append({"kind": "Service", "apiVersion": "v1", "metadata": metadata(name, namespace),
                          "spec": {"clusterIP": ip, "clusterIPs": [ip], "type": "ClusterIP", "selector": selector,
                                   "ports": [{"name": port_name, "protocol": protocol, "port": port, "targetPort": target}
                                             for port_name, protocol, port, target, _ in ports]}})
        return {"kind": "List", "apiVersion": "v1", "items": items}

    @staticmethod
    def namespace_object(name):
        return {"kind": "Namespace", "apiVersion": "v1",
                "metadata": metadata(name, labels={"kubernetes.io/metadata.name": name})}

    @staticmethod
    def pod_object(pod):
        owner = {"apiVersion": "apps/v1", "kind": pod.owner[0], "name": pod.owner[1],
                 "uid": f"uid-{pod.namespace}-{pod.owner[1]}", "controller": True}
        data = metadata(pod.name, pod.namespace, pod.labels)
        data.update(uid=pod.uid, ownerReferences=[owner], annotations=pod.annotations)
        return {"kind": "Pod", "apiVersion": "v1", "metadata": data,
                "spec": {"nodeName": "node1", "containers": [{"name": "main", "ports": [
                    {"name": name, "protocol": protocol, "containerPort": port} for name, protocol, port in pod.ports]}]},
                "status": {"phase": "Running", "startTime": CREATED, "podIP": pod.ip,
                           "podIPs": [{"ip": pod.ip}, {"ip": pod.ip6}]}}

    def inventory_file(self):
        path = self.folder / "inventory.json"
        path.write_text(json.dumps(self.objects()))
        return path

    def close(self):
        self.runtime.close()
        for pod in self.pods.values():
            pod.network.close()
        self.node.close()


def metadata(name, namespace="", labels=None):
    data = {"name": name, "uid": f"uid-{namespace}-{name}", "creationTimestamp": CREATED, "labels": labels or {}}
    return {**data, "namespace": namespace} if namespace else data
