# SPDX-License-Identifier: Apache-2.0
"""Network policies as a network plugin enforces them: from the words of the Kubernetes documentation to nftables on the node.

It shares nothing with the tool, so that what it denies was really not allowed. `pods` have namespace, labels, ip, ip6, number
and ports [(name, protocol, number)]; pods on a node's network are not among them, since no selector finds them. A node's own
traffic with its pods is let through, as the documentation has it.
"""
import ipaddress


def fits(selector, labels):
    has = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in has.items()):
        return False
    for term in selector.get("matchExpressions") or []:
        value, values = labels.get(term["key"]), term.get("values", [])
        holds = {"In": value in values, "NotIn": value not in values, "Exists": value is not None,
                 "DoesNotExist": value is None}[term["operator"]]
        if not holds:
            return False
    return True


def selected(policy, pod):
    in_namespace = policy["metadata"].get("namespace", "default") == pod.namespace
    return in_namespace and fits(policy["spec"]["podSelector"] or {}, pod.labels)


def types_of(spec):
    return spec.get("policyTypes") or (["Ingress", "Egress"] if "egress" in spec else ["Ingress"])


def peer_addresses(peer, own_namespace, pods):
    if "ipBlock" in peer:
        block = peer["ipBlock"]
        network = ipaddress.ip_network(block["cidr"])  # strict: host bits are a mistake
        rest = [network]
        for cut in map(ipaddress.ip_network, block.get("except", [])):
            rest = [part for whole in rest for part in (whole.address_exclude(cut) if cut.subnet_of(whole) else [whole])]
        return [str(part) for part in rest]
    found = []
    for pod in pods:
        if "namespaceSelector" in peer:
            in_namespace = fits(peer["namespaceSelector"] or {}, {"kubernetes.io/metadata.name": pod.namespace})
        else:
            in_namespace = pod.namespace == own_namespace
        if in_namespace and fits(peer.get("podSelector") or {}, pod.labels):
            found += [pod.ip, pod.ip6]
    return found


def port_matches(port, receivers):
    """nft expressions; a named port is each receiving pod's own."""
    protocol = port.get("protocol", "TCP")
    number = port.get("port")
    if number is None:
        return [f"meta l4proto {protocol.lower()}"]
    if isinstance(number, int):
        return [f"{protocol.lower()} dport {number}" + (f"-{port['endPort']}" if "endPort" in port else "")]
    return sorted({f"{protocol.lower()} dport {value}" for pod in receivers
                   for name, of, value in pod.ports if name == number and of == protocol})


def rules_of(policy, direction, pod, pods):
    ingress = direction == "Ingress"
    side = "saddr" if ingress else "daddr"
    for rule in policy["spec"].get(direction.lower()) or []:
        peers = rule.get("from" if ingress else "to")
        addresses = None if not peers else [a for peer in peers for a in peer_addresses(peer, pod.namespace, pods)]
        receivers = [pod] if ingress else pods
        ports = [match for port in rule.get("ports") or [] for match in port_matches(port, receivers)] or \
            ([""] if not rule.get("ports") else [])
        for match in ports:
            if addresses is None:
                yield f"{match} return"
                continue
            for address in addresses:
                yield f"{'ip6' if ':' in address else 'ip'} {side} {address} {match} return"


def to_nftables(policies, pods):
    """Lines of a table for the node through which all pods talk, in place of the one before: what no policy lets through is
    refused in `forward`."""
    chains, jumps = [], []
    for pod in pods:
        for direction, side in (("Egress", "saddr"), ("Ingress", "daddr")):
            deciding = [p for p in policies if selected(p, pod) and direction in types_of(p["spec"])]
            if not deciding:
                continue
            name = f"{direction.lower()}_{pod.number}"
            rules = [rule for policy in deciding for rule in rules_of(policy, direction, pod, pods)]
            chains += [f"chain {name} {{", *rules, "reject with icmpx admin-prohibited", "}"]
            jumps += [f"ip {side} {pod.ip} jump {name}", f"ip6 {side} {pod.ip6} jump {name}"]
    forward = ["chain forward {", "type filter hook forward priority 0", "ct state established,related accept", *jumps, "}"]
    return ["table inet policies", "delete table inet policies", "table inet policies {", *chains, *forward, "}"]
