# SPDX-License-Identifier: Apache-2.0
"""Policies of Cilium and Calico as NetworkPolicies of Kubernetes, where these can say the same; all else is an error."""
import re

NAMESPACE = "kubernetes.io/metadata.name"


def as_kubernetes(policy):
    readers = {"cilium.io/v2": from_cilium, "projectcalico.org/v3": from_calico}
    reader = readers.get(policy["apiVersion"])
    return {"metadata": policy["metadata"], "spec": reader(policy["spec"])} if reader else policy


def from_cilium(spec):
    """A direction that has rules is closed for all others."""
    read = {"podSelector": {"matchLabels": cilium_labels(spec["endpointSelector"])}, "policyTypes": []}
    for direction, side, word in (("Ingress", "from", "fromEndpoints"), ("Egress", "to", "toEndpoints")):
        if direction.lower() in spec:
            read["policyTypes"].append(direction)
            read[direction.lower()] = [
                {side: [cilium_peer(cilium_labels(peer)) for peer in rule[word]],
                 "ports": [{"protocol": port["protocol"], "port": int(port["port"])}
                           for ports in rule["toPorts"] for port in ports["ports"]]}
                for rule in spec[direction.lower()]]
    return read


def cilium_labels(selector):
    return {key.removeprefix("k8s:"): value for key, value in selector["matchLabels"].items()}


def cilium_peer(labels):
    namespace = labels.pop("io.kubernetes.pod.namespace", None)
    peer = {"podSelector": {"matchLabels": labels}}
    return {**peer, "namespaceSelector": {"matchLabels": {NAMESPACE: namespace}}} if namespace else peer


def from_calico(spec):
    """What no rule allows is denied in the directions that `types` names."""
    read = {"podSelector": {"matchLabels": calico_labels(spec["selector"])}, "policyTypes": spec["types"]}
    for direction, side, word in (("ingress", "from", "source"), ("egress", "to", "destination")):
        read[direction] = [{side: [calico_peer(rule[word])],
                            "ports": [{"protocol": rule["protocol"], "port": port} for port in rule["destination"]["ports"]]}
                           for rule in spec.get(direction, []) if {"Allow": True}[rule["action"]]]
    return read


def calico_labels(selector):
    labels = {}
    for term in selector.split(" && "):
        key, value = re.fullmatch(r"([\w./-]+) == '([^']*)'", term).groups()
        labels[key] = value
    return labels


def calico_peer(end):
    peer = {"podSelector": {"matchLabels": calico_labels(end["selector"])}}
    if "namespaceSelector" in end:
        peer["namespaceSelector"] = {"matchLabels": calico_labels(end["namespaceSelector"])}
    return peer
