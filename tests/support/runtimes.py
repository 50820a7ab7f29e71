# SPDX-License-Identifier: Apache-2.0
"""Drivers of container runtimes: the same few verbs for runc, crun and podman.

A container runs in the foreground of its runtime, so that its output and its exit status are seen. Every command is bounded
by `timeout`, every name is unique, and what was started is ended by its name or id when the driver is closed.
"""
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from support.net import unique
from support.need import need, need_program

SOURCE = Path(__file__).resolve().parents[2]
RUN_SECONDS = 120


@dataclass
class ContainerSpec:
    root: Path  # root file system, shared and read only
    command: list
    network: str  # /run/netns/NAME
    data: Path = None  # seen as /srv
    seccomp: Path = None
    no_new_privileges: bool = False


class Container:
    def __init__(self, runtime, name, process, log):
        self.runtime, self.name, self.process, self.log = runtime, name, process, log

    def id(self):
        """How ig knows it in any case: a runtime with a store in an unusual place keeps its names to itself."""
        return self.runtime.id_of(self.name)

    def output(self):
        return self.log.read_text(errors="replace")

    def signal(self, signal_name="TERM"):
        self.runtime.command("kill", *self.runtime.signal_arguments(self.name, signal_name))

    def wait(self, seconds=30):
        """Its exit status, as the runtime gives it."""
        return self.process.wait(seconds)

    def stop(self):
        self.signal()
        return self.wait()

    def exec(self, *command):
        """Runs a command inside."""
        return self.runtime.command("exec", self.name, *command, check=False)


class OciRuntime:
    """runc and crun: bundles of scripts/make-bundle."""

    def __init__(self, name, folder):
        need(os.geteuid() == 0, "containers need root")
        need_program(name, name)
        self.name, self.folder = name, Path(folder)
        self.wrapper = []
        self.containers = []

    def prepare(self, root):
        """Finds out by trying what the runtime needs around it on this machine."""
        trial = ContainerSpec(root, ["/usr/sbin/nginx", "-v"], network="")
        # crun gives up where cgroups are mixed, unless it does not see version 2.
        hidden = ["unshare", "-m", "--propagation", "private", "sh", "-c",
                  'umount -l /sys/fs/cgroup/unified && exec "$@"', "sh"]
        for self.wrapper in ([], hidden):
            container = self.start(trial)
            if container.wait() == 0:
                return self
            self.command("delete", "-f", container.name, check=False)
        need(False, f"{self.name} can't run a container here: {container.output()[-300:]}")
        return self

    def next_name(self):
        return unique(self.name)

    def start(self, spec, name=None):
        name = name or self.next_name()
        bundle = self.folder / name
        options = ["--network", spec.network] if spec.network else []
        options += ["--data", spec.data] if spec.data else []
        options += ["--seccomp", spec.seccomp] if spec.seccomp else []
        options += ["--no-new-privileges"] if spec.no_new_privileges else []
        subprocess.run([SOURCE / "scripts/make-bundle", bundle, spec.root, *options, "--", *spec.command],
                       check=True, timeout=20)
        log = self.folder / f"{name}.log"
        with log.open("w") as output:
            process = subprocess.Popen([*self.wrapper, "timeout", str(RUN_SECONDS), self.name, "run", "-b", bundle, name],
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        container = Container(self, name, process, log)
        self.containers.append(container)
        return container

    def command(self, verb, *arguments, check=True):
        return subprocess.run([*self.wrapper, "timeout", "30", self.name, verb, *arguments], check=check, timeout=40,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def is_running(self, name):
        """Whether its own program runs: before that, `runc` is what it is."""
        return '"running"' in self.command("state", name, check=False).stdout

    @staticmethod
    def id_of(name):
        return name

    @staticmethod
    def signal_arguments(name, signal_name):
        return name, signal_name

    def close(self):
        for container in self.containers:
            if container.process.poll() is None:
                self.command("delete", "-f", container.name, check=False)
                end(container.process)


class Podman:
    """podman on runc, with a store of its own and no network of its own making."""

    CONFIGURATION = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
"""

    def __init__(self, folder):
        need(os.geteuid() == 0, "containers need root")
        need_program("podman", "podman")
        self.name, self.folder = "podman", Path(folder)
        self.containers = []
        configuration = self.folder / "containers.conf"
        configuration.write_text(self.CONFIGURATION)
        self.environment = {**os.environ, "CONTAINERS_CONF": str(configuration)}
        self.store = Path(tempfile.mkdtemp(prefix="igtest-"))  # podman wants a short path here
        store = [f"--{key}={self.store / key}" for key in ("root", "runroot", "tmpdir")]
        self.podman = ["timeout", str(RUN_SECONDS), "podman", *store, "--storage-driver=vfs"]

    def prepare(self, root):
        trial = self.start(ContainerSpec(root, ["/usr/sbin/nginx", "-v"], network=""))
        need(trial.wait() == 0, f"podman can't run a container here: {trial.output()[-300:]}")
        return self

    def start(self, spec):
        name = unique("podman")
        options = [f"--network=ns:{spec.network}" if spec.network else "--network=none", "--read-only", "--rm",
                   "--tmpfs=/tmp", "--tmpfs=/var/lib", "--tmpfs=/var/log", f"--name={name}",
                   f"--cidfile={self.folder / name}.id",
                   f"--security-opt=seccomp={spec.seccomp or 'unconfined'}"]
        options += [f"--volume={spec.data}:/srv:ro"] if spec.data else []
        options += ["--security-opt=no-new-privileges"] if spec.no_new_privileges else []
        log = self.folder / f"{name}.log"
        with log.open("w") as output:
            process = subprocess.Popen([*self.podman, "run", *options, "--rootfs", spec.root, *spec.command],
                                       stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
                                       env=self.environment)
        container = Container(self, name, process, log)
        self.containers.append(container)
        return container

    def command(self, verb, *arguments, check=True):
        return subprocess.run([*self.podman, verb, *arguments], check=check, timeout=RUN_SECONDS, env=self.environment,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def id_of(self, name):
        return (self.folder / f"{name}.id").read_text().strip()

    @staticmethod
    def signal_arguments(name, signal_name):
        return f"--signal={signal_name}", name

    def close(self):
        for container in self.containers:
            if container.process.poll() is None:
                self.command("rm", "-f", "-t", "0", container.name, check=False)
                end(container.process)
        shutil.rmtree(self.store, ignore_errors=True)


def end(process):
    """A runtime whose container is gone ends by itself; if not, it is made to."""
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait(10)


def make_runtime(name, folder):
    return Podman(folder) if name == "podman" else OciRuntime(name, folder)
