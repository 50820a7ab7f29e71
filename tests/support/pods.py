# SPDX-License-Identifier: Apache-2.0
"""A small cluster without a cluster: pods as containers in network namespaces, all behind one node's namespace.

Every packet between pods passes the node, where services are translated and policies can be enforced. The objects that a
Kubernetes API would show are made of the same facts, for `ig session enrich --inventory`.
"""
import json
import os
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from support.ig import wait_until
from support.net import NetNamespace, unique
from support.runtimes import ContainerSpec

# A recording sees the whole machine: what other runs of the tests do there has other names and addresses.
RUN = os.getpid()
SHOP, SYSTEM = f"shop-{RUN}", f"system-{RUN}"  # namespaces
NET, NET6 = f"10.{RUN % 256}", f"fd44:{RUN % 65536:x}"
GATEWAY, GATEWAY6 = f"{NET}.0.1", f"{NET6}::1"  # of pods
NODE, NODE6 = f"{NET}.2.1", f"{NET6}:2::1"  # where the pods are
OTHER_NODE, OTHER_NODE6 = f"{NET}.2.2", f"{NET6}:2::2"  # behind a cable, for pods on a node's network
PYTHON = ("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib")  # what a pod is made of
CREATED = "2020-01-01T00:00:00Z"
HASH = "5d4f8c"  # of a Deployment's only revision

# What a pod does: each visitor at its door says one line of Python, and hears what went wrong, or nothing.
PROGRAM = """
import os, socket, threading

def door_at(kind, address):
    return socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, kind)

def answer(door):
    if door.type == socket.SOCK_STREAM:
        guest, _ = door.accept()
        guest.sendall(guest.recv(99))
        guest.close()
    else:
        question, guest = door.recvfrom(99)
        door.sendto(question, guest)

def serve(kind, address, port):
    door = door_at(kind, address)
    if address == "::":
        door.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    door.bind((address, port))
    if kind == socket.SOCK_STREAM:
        door.listen()
    def work():
        while True:
            answer(door)
    threading.Thread(target=work, daemon=True).start()

def ask(kind, address, port, seconds):
    with door_at(kind, address) as door:
        door.settimeout(seconds)
        door.connect((address, port))
        door.sendall(b"question")
        assert door.recv(99) == b"question"

visitors = socket.socket(socket.AF_UNIX)
visitors.bind("/pod/new-door")
visitors.listen()
os.rename("/pod/new-door", "/pod/door")  # whoever sees it can come in

def hear(visitor):
    error = ""
    try:
        exec(visitor.makefile().read())
    except Exception as caught:
        error = repr(caught)
    visitor.sendall(error.encode())
    visitor.close()

while True:
    threading.Thread(target=hear, args=visitors.accept()[:1]).start()
"""

KINDS = {"TCP": "socket.SOCK_STREAM", "UDP": "socket.SOCK_DGRAM"}


@dataclass
class Pod:
    cluster: "Cluster"
    name: str
    owner: tuple  # kind, name
    labels: dict
    namespace: str
    ports: list  # of its container: (name, protocol, number)
    network: NetNamespace
    ip: str
    ip6: str
    number: int  # 0 = on a node's network
    started: str
    finished: str = ""
    container: object = None

    @property
    def uid(self):
        return f"uid-{self.namespace}-{self.name}"

    @property
    def host_network(self):
        return self.number == 0

    def do(self, code):
        """What went wrong, or ''."""
        with socket.socket(socket.AF_UNIX) as door:
            door.settimeout(30)
            door.connect(str(self.cluster.folder / self.name / "door"))
            door.sendall(code.encode())
            door.shutdown(socket.SHUT_WR)
            return door.makefile().read()

    def serve(self, protocol, port, addresses=("::",)):
        """By one socket for both families, or by one for each address."""
        for address in addresses:
            error = self.do(f"serve({KINDS[protocol]}, {address!r}, {port})")
            assert error == "", error

    def ask(self, protocol, address, port, seconds=10):
        """One question and its answer; what went wrong, or ''."""
        return self.do(f"ask({KINDS[protocol]}, {address!r}, {port}, {seconds})")

    def end(self):
        """As a job ends: the pod is still listed, its address is free again."""
        self.cluster.runtime.signal(self.container.name, "KILL")
        self.container.wait()
        ended = time.time()
        self.network.close()
        # The kernel takes a network namespace apart later than it takes its name away.
        wait_until(lambda: self.cluster.has_no_cable(self.number), 30, f"the end of {self.name}'s network")
        self.finished = kubernetes_time(ended)


class Cluster:
    """`runtime` is a driver of support.runtimes; `root` a root file system with python3.11."""

    def __init__(self, runtime, root, folder):
        self.runtime, self.root, self.folder = runtime, root, folder
        self.node, self.other_node = NetNamespace(unique("node")), NetNamespace(unique("node2"))
        self.pods, self.services, self.inventories = {}, [], 0
        for setting, value in (("ipv4/ip_forward", 1), ("ipv6/conf/all/forwarding", 1),
                               ("ipv4/icmp_ratelimit", 0), ("ipv6/icmp/ratelimit", 0)):  # each refusal of a policy is heard
            self.node.run("sh", "-c", f"echo {value} >/proc/sys/net/{setting}")
        self.connect_nodes()
        # Only where processes are is the connection tracking listened to.
        self.process = self.node.start("sleep", "infinity")

    def connect_nodes(self):
        self.node.run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", self.other_node.name)
        for node, ip, ip6 in ((self.node, NODE, NODE6), (self.other_node, OTHER_NODE, OTHER_NODE6)):
            node.run("ip", "address", "add", f"{ip}/24", "dev", "eth0")
            node.run("ip", "address", "add", f"{ip6}/64", "dev", "eth0", "nodad")
            node.run("ip", "link", "set", "eth0", "up")
        self.other_node.run("ip", "route", "add", "default", "via", NODE)
        self.other_node.run("ip", "route", "add", "default", "via", NODE6, "dev", "eth0")

    def pod(self, name, owner, ports=(), namespace=SHOP, number=0, labels=None):
        """A pod of the owner (kind, name), with labels of the owner's (the name as app) and what its controller adds.
        `number`: an address that is free again."""
        started = wait_for_next_second() if number else CREATED
        number = number or len(self.pods) + 11
        network = NetNamespace(unique(name))
        labels = {**(labels or {"app": owner[1]}), **controllers_labels(name, *owner)}
        pod = Pod(self, name, owner, labels, namespace, list(ports), network, f"{NET}.0.{number}", f"{NET6}::{number}", number,
                  started)
        self.connect(pod)
        return self.start(pod)

    def host_pod(self, name, owner, ports=(), namespace=SHOP):
        """A pod on the network of the other node."""
        return self.start(Pod(self, name, owner, {"app": owner[1]}, namespace, list(ports), self.other_node, OTHER_NODE,
                              OTHER_NODE6, 0, CREATED))

    def container(self, name):
        """One that is in no pod, on the same network."""
        return self.pod(name, ("", ""), namespace="")

    def start(self, pod):
        folder = self.folder / pod.name
        folder.mkdir()
        annotations = {"container-name": "main", "sandbox-name": pod.name, "sandbox-uid": pod.uid,
                       "sandbox-namespace": pod.namespace} if pod.namespace else {}
        spec = ContainerSpec(self.root, ["/usr/bin/python3.11", "-c", PROGRAM], pod.network.path, mounts=(f"{folder}:/pod:rw",),
                             annotations={f"io.kubernetes.cri.{key}": value for key, value in annotations.items()})
        pod.container = self.runtime.start(spec)
        wait_until(lambda: (folder / "door").exists(), 30, f"{pod.name} to open its door")
        self.pods[pod.name] = pod
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

    def has_no_cable(self, number):
        return f"veth{number}@" not in self.node.run("ip", "link", text=True, stdout=subprocess.PIPE).stdout

    def living(self):
        return [pod for pod in self.pods.values() if not pod.finished]

    def service(self, name, ips, backends, ports, namespace=SHOP, node_port=0):
        """`backends`: the value of their label app. `ports`: (name, protocol, port, target port or its name, its number).
        `node_port`: of the first of them, at every address of the node."""
        self.services.append((name, ips, {"app": backends}, ports, namespace, node_port))
        doors = [(ip, protocol, port, number) for ip in ips for _, protocol, port, _, number in ports]
        doors += [(ip, ports[0][1], node_port, ports[0][4]) for ip in (NODE, NODE6) if node_port]
        pods = [pod for pod in self.living() if (pod.namespace, pod.labels.get("app")) == (namespace, backends)]
        rules = [translation(ip, protocol, port, pod, number) for ip, protocol, port, number in doors for pod in pods]
        self.load(["table inet services {", f"chain {name.replace('-', '_')} {{", "type nat hook prerouting priority -100",
                   *rules, "}", "}"])

    def load(self, lines):
        """nftables on the node."""
        load_nftables(self.node, "\n".join(lines) + "\n")

    def objects(self):
        """As `kubectl get pods,services,namespaces,nodes,... -A -o json` shows them."""
        items = [namespace_object(name) for name in sorted({pod.namespace for pod in self.pods.values()})]
        items += [node_object("node1", [NODE, NODE6], [f"{NET}.0.0/24", f"{NET6}::/64"]),
                  node_object("node2", [OTHER_NODE, OTHER_NODE6], [f"{NET}.3.0/24", f"{NET6}:3::/64"])]
        owners = {}
        for pod in self.pods.values():
            items.append(pod_object(pod))
            owners.setdefault((pod.namespace, *pod.owner), pod.labels)
        for (namespace, kind, name), labels in owners.items():
            items += owner_objects(namespace, kind, name, labels)
        for service in self.services:
            items.append(service_object(*service))
        return {"kind": "List", "apiVersion": "v1", "items": items}

    def inventory_file(self):
        self.inventories += 1
        path = self.folder / f"inventory{self.inventories}.json"
        path.write_text(json.dumps(self.objects()))
        return path

    def close(self):
        self.runtime.close()
        self.process.kill()
        self.process.wait(10)
        for pod in self.living():
            if not pod.host_network:
                pod.network.close()
        self.node.close()
        self.other_node.close()


def errors_of(flows, seconds=10):
    """All asked at once. A flow: the pod that asks, protocol, address, port."""
    with ThreadPoolExecutor() as together:
        return list(together.map(lambda flow: flow[0].ask(*flow[1:], seconds), flows))


def load_nftables(network, text):
    done = subprocess.run([*network.enter(), "nft", "-f", "-"], input=text, text=True, capture_output=True, timeout=20)
    assert done.returncode == 0, f"{text}\n{done.stderr}"


def translation(ip, protocol, port, pod, number):
    if ":" in ip:
        return f"ip6 daddr {ip} {protocol.lower()} dport {port} dnat ip6 to [{pod.ip6}]:{number}"
    return f"ip daddr {ip} {protocol.lower()} dport {port} dnat ip to {pod.ip}:{number}"


def wait_for_next_second():
    """Its beginning. Kubernetes cuts its times to the second: what is in two of them can be told apart."""
    begin = int(time.time()) + 1
    wait_until(lambda: time.time() >= begin, 5, "the next second")
    return kubernetes_time(begin)


def kubernetes_time(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def controllers_labels(name, kind, owner):
    return {
        "Deployment": {"pod-template-hash": HASH},
        "StatefulSet": {"statefulset.kubernetes.io/pod-name": name, "apps.kubernetes.io/pod-index": name.rpartition("-")[2],
                        "controller-revision-hash": f"{owner}-{HASH}"},
        "Job": {"batch.kubernetes.io/job-name": owner, "job-name": owner, "controller-uid": f"uid-{SHOP}-Job-{owner}",
                "batch.kubernetes.io/controller-uid": f"uid-{SHOP}-Job-{owner}"},
    }.get(kind, {})


def metadata(name, namespace="", labels=None, uid=""):
    data = {"name": name, "uid": uid or f"uid-{namespace}-{name}", "creationTimestamp": CREATED, "labels": labels or {}}
    return {**data, "namespace": namespace} if namespace else data


def namespace_object(name):
    return {"kind": "Namespace", "apiVersion": "v1", "metadata": metadata(name, labels={"kubernetes.io/metadata.name": name})}


def node_object(name, addresses, ranges):
    return {"kind": "Node", "apiVersion": "v1", "metadata": metadata(name), "spec": {"podCIDRs": ranges},
            "status": {"addresses": [{"type": "InternalIP", "address": address} for address in addresses]}}


def reference(namespace, kind, name):
    return {"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": f"uid-{namespace}-{kind}-{name}", "controller": True}


def direct_owner(kind, name):
    """A Deployment's pods are those of its ReplicaSet."""
    return ("ReplicaSet", f"{name}-{HASH}") if kind == "Deployment" else (kind, name)


def pod_object(pod):
    data = metadata(pod.name, pod.namespace, pod.labels, pod.uid)
    data.update(creationTimestamp=pod.started, ownerReferences=[reference(pod.namespace, *direct_owner(*pod.owner))])
    state = {"terminated": {"exitCode": 0, "startedAt": pod.started, "finishedAt": pod.finished}} if pod.finished else \
        {"running": {"startedAt": pod.started}}
    ports = [{"name": name, "protocol": protocol, "containerPort": port} for name, protocol, port in pod.ports]
    return {"kind": "Pod", "apiVersion": "v1", "metadata": data,
            "spec": {"nodeName": "node2" if pod.host_network else "node1", "hostNetwork": pod.host_network,
                     "restartPolicy": "Never" if pod.owner[0] == "Job" else "Always",
                     "containers": [{"name": "main", "ports": ports}]},
            "status": {"phase": "Succeeded" if pod.finished else "Running", "startTime": pod.started, "podIP": pod.ip,
                       "podIPs": [{"ip": pod.ip}, {"ip": pod.ip6}],
                       "containerStatuses": [{"name": "main", "containerID": f"cri-o://{pod.container.id()}", "state": state}]}}


def owner_objects(namespace, kind, name, labels):
    """`labels`: of one of its pods. A StatefulSet's template has none of what tells its pods apart."""
    own = {key: value for key, value in labels.items() if key not in controllers_labels("", kind, name)}
    if kind == "Deployment":
        return [owner_object(namespace, kind, name, own, own),
                owner_object(namespace, *direct_owner(kind, name), labels, labels, owner=(kind, name))]
    if kind == "Job":
        uid = "batch.kubernetes.io/controller-uid"
        return [owner_object(namespace, kind, name, {uid: labels[uid]}, labels)]
    return [owner_object(namespace, kind, name, own, own)]


def owner_object(namespace, kind, name, selector, template, owner=None):
    data = metadata(name, namespace, uid=reference(namespace, kind, name)["uid"])
    if owner:
        data["ownerReferences"] = [reference(namespace, *owner)]
    return {"kind": kind, "apiVersion": "batch/v1" if kind == "Job" else "apps/v1", "metadata": data,
            "spec": {"selector": {"matchLabels": selector}, "template": {"metadata": {"labels": template}}}}


def service_object(name, ips, selector, ports, namespace, node_port):
    shown = [{"name": port_name, "protocol": protocol, "port": port, "targetPort": target}
             for port_name, protocol, port, target, _ in ports]
    if node_port:
        shown[0]["nodePort"] = node_port
    return {"kind": "Service", "apiVersion": "v1", "metadata": metadata(name, namespace),
            "spec": {"clusterIP": ips[0], "clusterIPs": list(ips), "type": "NodePort" if node_port else "ClusterIP",
                     "selector": selector, "ports": shown}}
