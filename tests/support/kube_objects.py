# SPDX-License-Identifier: Apache-2.0
"""Kubernetes objects as tests write them down."""


def pod(namespace, name, labels=None, node="n1", **spec):
    return {"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": name, "namespace": namespace, "labels": labels or {"app": name}},
            "spec": {"nodeName": node, "containers": [{
                "name": "main", "image": "example/main", "env": [{"name": "PASSWORD", "value": "not-for-sessions"}],
                "ports": [{"name": "http", "containerPort": 8080}],
                "readinessProbe": {"httpGet": {"port": "http"}}}], **spec}}


def running(address, started, **more):
    return {"phase": "Running", "podIP": address, "podIPs": [{"ip": address}], "startTime": started, "containerStatuses": [
        container_status({"running": {"startedAt": started}})], **more}


def succeeded(address, started, finished):
    return {"phase": "Succeeded", "podIP": address, "podIPs": [{"ip": address}], "startTime": started, "containerStatuses": [
        container_status({"terminated": {"exitCode": 0, "finishedAt": finished, "startedAt": started}})]}


def container_status(state):
    return {"name": "main", "image": "example/main", "imageID": "x", "ready": "running" in state, "restartCount": 0,
            "containerID": "containerd://c0ffee", "state": state}


def service(namespace, name, selector=None, port=80, target="http"):
    return {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": selector or {"app": name}, "ports": [{"name": "web", "port": port, "targetPort": target}]}}


def endpoint_slice(namespace, name, of_service, address, pod_name, version="v1beta1"):
    endpoint = {"addresses": [address], "conditions": {"ready": True}, "targetRef": {"kind": "Pod", "name": pod_name}}
    endpoint.update({"nodeName": "n1"} if version == "v1" else {"topology": {"kubernetes.io/hostname": "n1"}})
    return {"apiVersion": f"discovery.k8s.io/{version}", "kind": "EndpointSlice", "addressType": "IPv4",
            "metadata": {"name": name, "namespace": namespace, "labels": {"kubernetes.io/service-name": of_service}},
            "endpoints": [endpoint], "ports": [{"name": "web", "port": 8080, "protocol": "TCP"}]}


def deployment(namespace, name):
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace},
            "spec": {"selector": {"matchLabels": {"app": name}}, "template": {
                "metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "main", "image": "example/main"}]}}}}


def job(namespace, name):
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name, "namespace": namespace},
            "spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": "example/main"}]}}}}


def node(name, address):
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
            "spec": {"podCIDR": "10.244.1.0/24", "podCIDRs": ["10.244.1.0/24"]},
            "status": {"addresses": [{"type": "InternalIP", "address": address}]}}
