# SPDX-License-Identifier: Apache-2.0
"""A whole Kubernetes of one node: pods that really run, behind services that really translate.

All of it is in one network namespace, one mount namespace and one tree of cgroups, so that nothing of the machine is touched and
everything ends at once. What a node keeps in usual places (/run/containerd, /var/lib/kubelet, /var/log/pods) is there for whoever
is in the mount namespace: `enter` is what to put before a command that is to run on the node.
"""
import contextlib
import json
import subprocess

from support.cgroup_tree import CgroupTree
from support.ig import wait_until
from support.kube import Kube
from support.net import NetNamespace, unique

# Others than those of other tests, which may run meanwhile: a recording has the containers and translations of the whole machine.
ADDRESS, GATEWAY = "10.197.0.1", "10.197.0.254"  # the node's; nobody has the other, a default route needs one
PODS, PODS_OF_NODE, BRIDGE = "10.247.0.0/16", "10.247.0.0/24", "10.247.0.1"  # the last is the node's, too
API_SERVICE, DNS_SERVICE = "10.96.0.1", "10.96.77.10"
NODE_SECONDS = 120
PAUSE_IMAGE = "localhost/pause:1"

# The kubelet writes these: it gets files in their place, so that the machine's stay as they are.
SYSCTLS = {"vm/overcommit_memory": 1, "vm/panic_on_oom": 0, "kernel/panic": 10, "kernel/panic_on_oops": 1,
           "kernel/keys/root_maxkeys": 1000000, "kernel/keys/root_maxbytes": 25000000}

CONTAINERD = f"""
version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/run/cni"
"""

CNI = {"cniVersion": "0.4.0", "name": "pods", "plugins": [{
    "type": "bridge", "bridge": "cni0", "isGateway": True, "hairpinMode": True, "ipam": {
        "type": "host-local", "ranges": [[{"subnet": PODS_OF_NODE}]], "routes": [{"dst": "0.0.0.0/0"}]}}]}

KUBELET = {
    "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration", "cgroupDriver": "cgroupfs",
    "authentication": {"anonymous": {"enabled": True}, "webhook": {"enabled": False}}, "authorization": {"mode": "AlwaysAllow"},
    "failSwapOn": False, "enforceNodeAllocatable": [], "oomScoreAdj": 0, "resolvConf": "", "clusterDNS": [DNS_SERVICE],
    "clusterDomain": "cluster.local", "nodeStatusUpdateFrequency": "2s", "imageGCHighThresholdPercent": 100,
    "evictionHard": {"memory.available": "1Mi", "nodefs.available": "1%", "imagefs.available": "1%"}}

# The limits of connection tracking are the machine's.
PROXY = {
    "apiVersion": "kubeproxy.config.k8s.io/v1alpha1", "kind": "KubeProxyConfiguration", "mode": "iptables", "clusterCIDR": PODS,
    "oomScoreAdj": 0, "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"}}


class KubeNode(Kube):
    """`images`: archives; one of them is PAUSE_IMAGE."""

    server_names = (f"IP:{ADDRESS}", f"IP:{API_SERVICE}", "DNS:kubernetes.default")

    def __init__(self, folder, images):
        self.name = unique("node")
        with contextlib.ExitStack() as parts:
            self._make_place(parts)
            super().__init__(folder)
            self._start_controllers()
            self._start_containerd(images)
            self._start_kubelet()
            wait_until(self._is_known, NODE_SECONDS, f"the node: see {folder}/*.log")
            self._start_proxy()
            self.wait("condition=Ready", f"node/{self.name}")
            self._parts = parts.pop_all()

    def close(self):
        """All at once: nothing of it is needed any more."""
        self._parts.close()
        for process in self._processes:
            process.wait(20)

    def run(self, *command):
        return subprocess.run([*self.enter, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60,
                              check=False)

    def _make_place(self, parts):
        network = NetNamespace(self.name)
        parts.callback(network.close)
        for command in ("link add uplink type veth peer name beyond", "link set beyond up", "link set uplink up",
                        f"address add {ADDRESS}/24 dev uplink", f"route add default via {GATEWAY}"):
            network.run("ip", *command.split())
        for setting in ("ipv4/ip_forward", "bridge/bridge-nf-call-iptables"):
            network.run("sh", "-c", f"echo 1 >/proc/sys/net/{setting}")
        cgroups = CgroupTree(self.name)
        parts.callback(cgroups.close)
        mounts = self._make_mounts(cgroups.enter())
        self.enter = [*cgroups.enter(), "nsenter", f"--net={network.path}", f"--mount=/proc/{mounts.pid}/ns/mnt"]

    def _make_mounts(self, enter):
        """A process in the mount namespace; it ends with the cgroups."""
        script = "for folder in /run /var/lib /var/log; do mount -t tmpfs -o mode=755 none $folder; done\nmkdir /run/sysctl /run/cni\n"
        for name, value in SYSCTLS.items():
            file = f"/run/sysctl/{name.replace('/', '_')}"
            script += f"echo {value} >{file}; mount --bind {file} /proc/sys/{name}\n"
        script += f"echo '{json.dumps(CNI)}' >/run/cni/pods.conflist; echo made; exec sleep infinity"
        holder = subprocess.Popen([*enter, "unshare", "-m", "--propagation", "slave", "sh", "-ec", script],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, start_new_session=True)
        assert holder.stdout.readline() == b"made\n", "no mount namespace of its own"
        return holder

    def _write(self, name, configuration):
        path = self.folder / name
        path.write_text(configuration)
        return path

    def _apiserver_options(self):
        certificate, key = self.authority.sign("kubelet-client", "/CN=apiserver", "extendedKeyUsage=clientAuth\n")
        return [f"--advertise-address={ADDRESS}", "--allow-privileged=true", "--kubelet-preferred-address-types=InternalIP",
                f"--kubelet-client-certificate={certificate}", f"--kubelet-client-key={key}"]

    def _start_controllers(self):
        self._run("controllers", self.bin / "kube-controller-manager", f"--kubeconfig={self.kubeconfig}", "--leader-elect=false",
                  f"--service-account-private-key-file={self.folder / 'sa.key'}", f"--root-ca-file={self.authority.certificate}",
                  "--allocate-node-cidrs", f"--cluster-cidr={PODS}")
        self._run("scheduler", self.bin / "kube-scheduler", f"--kubeconfig={self.kubeconfig}", "--leader-elect=false")

    def _start_containerd(self, images):
        self._run("containerd", "containerd", "-c", self._write("containerd.toml", CONTAINERD))
        for image in images:
            wait_until(lambda: self._import(image), NODE_SECONDS, f"image {image}")

    def _import(self, image):
        return self.run("ctr", "-n", "k8s.io", "image", "import", image).returncode == 0

    def _start_kubelet(self):
        kubelet = self._write("kubelet.json", json.dumps({**KUBELET, "cgroupRoot": f"/{self.name}"}))
        self._run("kubelet", self.bin / "kubelet", f"--config={kubelet}", f"--kubeconfig={self.kubeconfig}",
                  "--container-runtime=remote", "--container-runtime-endpoint=unix:///run/containerd/containerd.sock",
                  f"--node-ip={ADDRESS}", f"--hostname-override={self.name}")

    def _start_proxy(self):
        proxy = self._write("proxy.json", json.dumps({**PROXY, "clientConnection": {"kubeconfig": str(self.kubeconfig)}}))
        self._run("proxy", self.bin / "kube-proxy", f"--config={proxy}", f"--hostname-override={self.name}")

    def _is_known(self):
        for process in self._processes:
            assert process.poll() is None, f"ended: {' '.join(process.args)}; see {self.folder}/*.log"
        return self.kubectl("get", f"node/{self.name}", "serviceaccount/default", "-o", "name", check=False).count("\n") == 2
