# SPDX-License-Identifier: Apache-2.0
"""A real API server: etcd and kube-apiserver on the loopback device, with certificates, tokens and RBAC.

No kubelet runs, so pods do what the test says: `set_status` is what a kubelet would report.
"""
import base64
import json
import socket
import ssl
import subprocess
import time
import urllib.request
from pathlib import Path

from support.ig import wait_until

SOURCE = Path(__file__).resolve().parents[2]
BUILD_SECONDS = 40 * 60  # Kubernetes, once a machine
START_SECONDS = 120
ADMIN_TOKEN, READER_TOKEN = "admintoken", "readertoken"
INVENTORY_KINDS = ("nodes,namespaces,pods,services,endpointslices,deployments,replicasets,statefulsets,daemonsets,jobs,cronjobs,"
                   "replicationcontrollers")


def programs():
    """The folder of Kubernetes' programs; builds them when they are not there yet."""
    done = subprocess.run([SOURCE / "scripts/kube"], stdout=subprocess.PIPE, text=True, timeout=BUILD_SECONDS, check=True)
    return Path(done.stdout.strip())


def json_documents(text):
    """Those that kubectl prints one after the other."""
    while text := text.lstrip():
        document, end = json.JSONDecoder().raw_decode(text)
        yield from document["items"] if document["kind"] == "List" else [document]
        text = text[end:]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Authority:
    """A certificate authority, and what it signs."""

    def __init__(self, folder, name="test-ca"):
        self.folder = folder
        folder.mkdir()
        self.certificate = folder / "ca.crt"
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.crt", "-days", "2",
                      "-subj", f"/CN={name}")

    def sign(self, name, subject, extensions):
        """The files of a certificate and its key."""
        (self.folder / f"{name}.ext").write_text(extensions)
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
                      "-out", f"{name}.crt", "-extfile", f"{name}.ext")
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"

    def sign_server(self, *names):
        """`names`: IP:ADDRESS or DNS:NAME, besides the loopback device's."""
        return self.sign("server", "/CN=server", f"subjectAltName={','.join(('IP:127.0.0.1', 'DNS:localhost', *names))}\n")

    def _openssl(self, *arguments):
        subprocess.run(["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=60)


def write_kubeconfig(path, server, user, authority=None, **cluster):
    """In JSON, which is YAML too."""
    if authority:
        cluster["certificate-authority"] = str(authority)
    path.write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        "clusters": [{"name": "test", "cluster": {"server": server, **cluster}}],
        "users": [{"name": "test", "user": user}]}))
    return path


class Kube:
    """`server` is its URL, `kubeconfig` the administrator's (by client certificate), `kubectl(...)` asks it."""

    enter = ()  # what to put before a command
    server_names = ()  # in its certificate, besides the loopback device's

    def __init__(self, folder):
        self.folder = folder
        self.bin = programs()
        self._processes = []
        self.authority = Authority(folder / "pki")
        self.server = f"https://127.0.0.1:{free_port()}"
        certificate, key = self.authority.sign("admin", "/O=system:masters/CN=admin", "extendedKeyUsage=clientAuth\n")
        self.kubeconfig = write_kubeconfig(folder / "kubeconfig", self.server, {
            "client-certificate-data": base64.b64encode(certificate.read_bytes()).decode(), "client-key": str(key)},
            self.authority.certificate)
        self._start_etcd()
        self._start_apiserver()

    def _run(self, name, *arguments):
        with (self.folder / f"{name}.log").open("w") as log:
            self._processes.append(subprocess.Popen([*self.enter, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=log,
                                                    stderr=subprocess.STDOUT, start_new_session=True))

    def _start_etcd(self):
        self._etcd = f"http://127.0.0.1:{free_port()}"
        peers = f"http://127.0.0.1:{free_port()}"
        self._run("etcd", "etcd", "--data-dir", self.folder / "etcd", "--unsafe-no-fsync", "--listen-client-urls", self._etcd,
                  "--advertise-client-urls", self._etcd, "--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers,
                  "--initial-cluster", f"default={peers}")

    def _start_apiserver(self):
        certificate, key = self.authority.sign_server(*self.server_names)
        tokens = self.folder / "tokens.csv"
        tokens.write_text(f"{ADMIN_TOKEN},admin,admin,system:masters\n{READER_TOKEN},reader,reader\n")
        subprocess.run(["openssl", "genrsa", "-out", self.folder / "sa.key", "2048"], check=True, capture_output=True)
        self._run("apiserver", self.bin / "kube-apiserver", f"--etcd-servers={self._etcd}",
                  f"--secure-port={self.server.rsplit(':', 1)[1]}", f"--tls-cert-file={certificate}",
                  f"--tls-private-key-file={key}", f"--client-ca-file={self.authority.certificate}",
                  f"--token-auth-file={tokens}", "--authorization-mode=RBAC",
                  "--service-account-issuer=https://kubernetes.default.svc",
                  f"--service-account-key-file={self.folder / 'sa.key'}",
                  f"--service-account-signing-key-file={self.folder / 'sa.key'}",
                  "--service-cluster-ip-range=10.96.0.0/16", f"--cert-dir={self.folder / 'certs'}",
                  *self._apiserver_options())
        wait_until(self._is_ready, START_SECONDS, "the API server")

    def _apiserver_options(self):
        """Nobody else listens, and no controller makes service accounts."""
        return ["--bind-address=127.0.0.1", "--advertise-address=192.0.2.1", "--endpoint-reconciler-type=none",
                "--disable-admission-plugins=ServiceAccount"]

    def _is_ready(self):
        for process in self._processes:
            assert process.poll() is None, (self.folder / "apiserver.log").read_text()[-3000:]
        return self.kubectl("get", "--raw", "/readyz", check=False) == "ok" and \
            self.kubectl("get", "namespace", "default", "-o", "name", check=False)

    def request(self, method, path, body=None, content_type="application/json"):
        """Of the API, as the administrator; the answer's object, or its text."""
        context = ssl.create_default_context(cafile=self.authority.certificate)
        request = urllib.request.Request(self.server + path, method=method, headers={
            "Authorization": f"Bearer {ADMIN_TOKEN}", "Content-Type": content_type},
            data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, context=context, timeout=30) as answer:
            text = answer.read().decode()
        return json.loads(text) if text.startswith("{") else text

    def kubectl(self, *arguments, stdin=None, check=True, seconds=60):
        """Its output."""
        done = subprocess.run([*self.enter, self.bin / "kubectl", f"--kubeconfig={self.kubeconfig}", *map(str, arguments)], input=stdin,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=seconds)
        assert done.returncode == 0 or not check, f"kubectl {arguments}: {done.stderr}"
        return done.stdout

    def wait(self, condition, *what, seconds=START_SECONDS, check=True):
        """Without asking again and again, as wait_until does."""
        self.kubectl("wait", f"--for={condition}", f"--timeout={seconds}s", *what, check=check, seconds=seconds + 10)

    def apply(self, *objects):
        """Creates them; what the server made of them."""
        text = self.kubectl("create", "-f", "-", "-o", "json", stdin=json.dumps(
            {"apiVersion": "v1", "kind": "List", "items": objects}))
        return list(json_documents(text))

    def set_status(self, namespace, pod, status):
        path = f"/api/v1/namespaces/{namespace}/pods/{pod}/status"
        return self.request("PATCH", path, {"status": status}, "application/strategic-merge-patch+json")

    def close(self):
        for process in reversed(self._processes):
            process.terminate()
        for process in self._processes:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(15)


def now():
    """As Kubernetes writes times."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
