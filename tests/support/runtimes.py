# SPDX-License-Identifier: Apache-2.0
"""Drivers of container runtimes: the same few verbs for runc, crun, podman and containerd.

A container runs in the foreground of its runtime, so that its output and its exit status are seen. Every command is bounded
by `timeout`, every name is unique, and what was started is ended by its name or id when the driver is closed.
"""
import contextlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from support.ig import wait_until
from support.need import need, need_program
from support.net import NetNamespace, unique

SOURCE = Path(__file__).resolve().parents[2]
RUN_SECONDS = 120
COMMAND_SECONDS = 30


@dataclass
class ContainerSpec:
    root: Path  # root file system, shared and read only
    command: list
    network: str  # /run/netns/NAME; "" = one of its own, empty
    data: Path = None  # seen as /srv
    seccomp: Path = None
    no_new_privileges: bool = False
    process: dict = field(default_factory=dict)  # what a bundle's process has otherwise: user, capabilities
    mounts: tuple = ()  # SOURCE:PLACE:ro|rw; not of containerd
    user: str = ""  # UID:GID, of runc and crun; "" = root
    annotations: dict = field(default_factory=dict)  # of a bundle


class Container:
    def __init__(self, runtime, name, process, log):
        self.runtime, self.name, self.process, self.log = runtime, name, process, log

    def id(self):
        """How ig knows it in any case: a runtime with a store in an unusual place keeps its names to itself."""
        return self.runtime.id_of(self.name)

    def output(self):
        return self.log.read_text(errors="replace")

    def wait(self, seconds=60):
        """Its exit status, as the runtime gives it: 128 + signal where one killed it."""
        return self.process.wait(seconds)

    def stop(self):
        self.runtime.signal(self.name, "TERM")
        return self.wait()


class Runtime:
    """What the drivers share: containers in the foreground of a command, and their end."""

    name = ""
    package = ""
    environment = None
    wrapper = []
    run_seconds = RUN_SECONDS

    def __init__(self, folder):
        need(os.geteuid() == 0, "containers need root")
        need_program(self.name, self.package or self.name)
        self.folder = Path(folder)
        self.containers = []

    def prepare(self, root):
        """Finds out by trying whether it works here."""
        trial = self.start(self.trial(root))
        need(trial.wait() == 0, f"{self.name} can't run a container here: {trial.output()[-300:]}")
        return self

    @staticmethod
    def trial(root):
        return ContainerSpec(root, ["/usr/sbin/nginx", "-v"], network="")

    def next_name(self):
        return unique(self.name)

    def id_of(self, name):
        return name

    def start(self, spec, name=None):
        name = name or self.next_name()
        log = self.folder / f"{name}.log"
        command = [*self.wrapper, "timeout", str(self.run_seconds), *self.run_arguments(spec, name)]
        with log.open("w") as output:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                       env=self.environment)
        container = Container(self, name, process, log)
        self.containers.append(container)
        return container

    def command(self, *arguments, check=True):
        return subprocess.run([*self.wrapper, "timeout", str(COMMAND_SECONDS), *arguments], check=check, text=True,
                              timeout=COMMAND_SECONDS + 10, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=self.environment)

    def close(self):
        for container in self.containers:
            if container.process.poll() is None:
                self.remove(container.name)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    container.process.wait(10)
                container.process.kill()
                container.process.wait(10)


class OciRuntime(Runtime):
    """Those that run a bundle as it is, which scripts/make-bundle makes."""

    def prepare(self, root, mounts=()):
        # crun gives up where cgroups are mixed, unless it does not see version 2.
        hidden = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                  'umount -l /sys/fs/cgroup/unified && exec "$@"', "sh"]
        for self.wrapper in ([], hidden):
            trial = self.start(replace(self.trial(root), mounts=mounts))
            if trial.wait() == 0:
                return self
            self.remove(trial.name)
        need(False, f"{self.name} can't run a container here: {trial.output()[-300:]}")

    def run_arguments(self, spec, name):
        bundle = self.folder / name
        options = ["--network", spec.network] if spec.network else []
        options += ["--data", spec.data] if spec.data else []
        options += ["--seccomp", spec.seccomp] if spec.seccomp else []
        options += ["--no-new-privileges"] if spec.no_new_privileges else []
        options += [word for mount in spec.mounts for word in ("--mount", mount)]
        options += ["--user", spec.user] if spec.user else []
        subprocess.run([SOURCE / "scripts/make-bundle", bundle, spec.root, *options, "--", *spec.command],
                       check=True, timeout=20)
        if spec.process or spec.annotations:
            config = json.loads((bundle / "config.json").read_text())
            config["process"].update(spec.process)
            config.setdefault("annotations", {}).update(spec.annotations)
            (bundle / "config.json").write_text(json.dumps(config))
        return [self.name, "run", "-b", bundle, name]

    def signal(self, name, signal_name):
        self.command(self.name, "kill", name, signal_name)

    def exec(self, name, *command):
        return self.command(self.name, "exec", name, *command, check=False)

    def is_running(self, name):
        return '"running"' in self.command(self.name, "state", name, check=False).stdout

    def remove(self, name):
        self.command(self.name, "delete", "-f", name, check=False)


class Runc(OciRuntime):
    name = "runc"


class Crun(OciRuntime):
    name = "crun"


class Podman(Runtime):
    """podman on runc, with a store of its own and no network of its own making."""

    name = "podman"
    CONFIGURATION = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
"""

    def __init__(self, folder):
        super().__init__(folder)
        configuration = self.folder / "containers.conf"
        configuration.write_text(self.CONFIGURATION)
        self.environment = {**os.environ, "CONTAINERS_CONF": str(configuration)}
        self.store = Path(tempfile.mkdtemp(prefix="igtest-"))  # podman wants a short path here
        self.podman = ["podman", *[f"--{key}={self.store / key}" for key in ("root", "runroot", "tmpdir")],
                       "--storage-driver=vfs"]

    def run_arguments(self, spec, name):
        options = [f"--network=ns:{spec.network}" if spec.network else "--network=none", "--read-only", "--rm",
                   "--tmpfs=/tmp", "--tmpfs=/var/lib", "--tmpfs=/var/log", f"--name={name}",
                   f"--cidfile={self.folder / name}.id", f"--security-opt=seccomp={spec.seccomp or 'unconfined'}"]
        options += [f"--volume={spec.data}:/srv:ro"] if spec.data else []
        options += [f"--volume={mount}" for mount in spec.mounts]
        options += ["--security-opt=no-new-privileges"] if spec.no_new_privileges else []
        return [*self.podman, "run", *options, "--rootfs", spec.root, *spec.command]

    def id_of(self, name):
        return (self.folder / f"{name}.id").read_text().strip()

    def signal(self, name, signal_name):
        self.command(*self.podman, "kill", f"--signal={signal_name}", name)

    def remove(self, name):
        self.command(*self.podman, "rm", "-f", "-t", "0", name, check=False)

    def close(self):
        super().close()
        shutil.rmtree(self.store, ignore_errors=True)


class Containerd(Runtime):
    """containerd with a state of its own, in a network namespace of its own; driven by ctr."""

    name = "containerd"
    CONFIGURATION = """
version = 2
root = "{store}/root"
state = "{store}/state"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
  address = "{store}/socket"
"""

    def __init__(self, folder):
        super().__init__(folder)
        self.store = Path(tempfile.mkdtemp(prefix="igtest-"))  # short: a socket's path
        configuration = self.folder / "containerd.toml"
        configuration.write_text(self.CONFIGURATION.format(store=self.store))
        self.namespace = unique("containerd")
        self.network = NetNamespace(self.namespace)
        with (self.folder / "containerd.log").open("w") as log:
            self.daemon = self.network.start("containerd", "-c", configuration, stdout=log, stderr=log)
        self.ctr = ["ctr", "-a", str(self.store / "socket"), "-n", self.namespace]
        wait_until(lambda: self.command(*self.ctr, "version", check=False).returncode == 0, 30, "containerd")

    def run_arguments(self, spec, name):
        options = [f"--mount=type=tmpfs,src=tmpfs,dst={folder},options=nosuid"
                   for folder in ("/tmp", "/run", "/var/lib", "/var/log")]
        options += [f"--with-ns=network:{spec.network}"] if spec.network else []
        options += [f"--mount=type=bind,src={spec.data},dst=/srv,options=rbind:ro"] if spec.data else []
        options += ["--seccomp", "--seccomp-profile", spec.seccomp] if spec.seccomp else []
        options += [] if spec.no_new_privileges else ["--allow-new-privs"]
        return [*self.ctr, "run", "--rootfs", "--rm", "--read-only", *options, spec.root, name, *spec.command]

    def signal(self, name, signal_name):
        self.command(*self.ctr, "task", "kill", "-s", signal_name, name)

    def remove(self, name):
        self.command(*self.ctr, "task", "kill", "-s", "KILL", name, check=False)

    def close(self):
        super().close()
        self.daemon.terminate()
        self.daemon.wait(20)
        self.network.close()
        shutil.rmtree(self.store, ignore_errors=True)
        for folder in Path("/sys/fs/cgroup").glob(f"*/{self.namespace}"):
            folder.rmdir()


RUNTIMES = {runtime.name: runtime for runtime in (Runc, Crun, Podman, Containerd)}


def make_runtime(name, folder):
    return RUNTIMES[name](folder)
