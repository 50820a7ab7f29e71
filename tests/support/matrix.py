# SPDX-License-Identifier: Apache-2.0
"""A real server as one file of words (tests/matrix/servers/NAME.yaml), and the main road on it: it serves while it is recorded,
it is advised, and it has to serve the same again under the advice, where any other call kills.

The keys of such a file; all commands are for bash, with `set -eu`:
  packages   Debian packages; the first one's version is shown
  files      {name: text}, seen by the server in /srv, where it may write
  prepare    a command inside, once, before all runs, without a profile
  user       whom the container runs as; root without it
  start      the server's command line, in the foreground
  beside     a command at the client that runs all the time, such as an origin to a proxy
  ready      a command at the client that succeeds once the server serves
  load       commands at the client; what they print has to be the same in both runs. Done twice: before and after `reload`
  reload     commands that make it read its configuration again, open its logs anew or the like
  stop       the signal that ends it in order (TERM)
  exit       its exit status then (0)
Commands find $HOST and $HOST6 (the server), $CLIENT (themselves), $SRV (the server's /srv, from outside), $WORK (a folder of
their own), and the programs `signal NAME` (to the server) and `inside COMMAND...` (an exec session in its container).
"""
import contextlib
import ctypes
import pwd
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from support.audit import SeccompAudit, login_as_oneself
from support.ig import query, rows_table, wait_until
from support.net import NetPair, unique
from support.patience import patience
from support.runtimes import ContainerSpec, make_runtime

SOURCE = Path(__file__).resolve().parents[2]
SERVERS = SOURCE / "tests/matrix/servers"
COMMAND_SECONDS = 60
READY_SECONDS = 60
LIFE_SECONDS = 400
# Each runtime under one of the settings that decide where it loads the filter.
WAYS = {"runc": False, "crun": True}  # no_new_privileges


class Failed(Exception):
    """The server does not do what it did, or never did; says at which step."""


@dataclass
class Server:
    name: str
    packages: list
    start: list
    ready: str
    load: list
    files: dict = field(default_factory=dict)
    prepare: str = ""
    user: str = ""
    beside: str = ""
    reload: list = field(default_factory=list)
    stop: str = "TERM"
    exit: int = 0

    @classmethod
    def read(cls, name):
        return cls(name, **yaml.safe_load((SERVERS / f"{name}.yaml").read_text()))

    def version(self):
        show = ["dpkg-query", "-W", "-f", "${Version}", self.packages[0]]
        return subprocess.run(show, check=True, stdout=subprocess.PIPE, text=True, timeout=20).stdout


@dataclass
class Outcome:
    allowed: int = 0
    only_start_up: int = 0
    failure: str = ""  # "" = served the same under the profile
    denials: list = field(default_factory=list)


def all_servers():
    return sorted(path.stem for path in SERVERS.glob("*.yaml"))


def call_name(number):
    """As libseccomp names it."""
    resolve = ctypes.CDLL("libseccomp.so.2").seccomp_syscall_resolve_num_arch
    resolve.restype = ctypes.c_char_p
    return (resolve(0xC000003E, number) or str(number).encode()).decode()  # AUDIT_ARCH_X86_64


def only_in_start_up(session, allowed):
    """How many of the allowed calls were made by the runtime or in start-up only."""
    table = rows_table(session, "advise_seccomp", "syscalls").removesuffix("_rows")
    phases = {}
    for name, phase in query(session, f"SELECT DISTINCT syscall, phase FROM {table}"):
        phases.setdefault(name, set()).add(phase)
    return sum(bool(phases.get(name)) and phases[name] <= {"running", "setup", "startup"} for name in allowed)


class Trial:
    """One server on one runtime, in a folder of its own that is left for a look at it."""

    def __init__(self, server, runtime, ig, folder):
        self.server, self.ig, self.folder = server, ig, Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        self.root, self.template, self.srv, self.work = (self.folder / name for name in ("root", "template", "srv", "work"))
        for made in (self.root, self.template, self.work):
            made.mkdir(parents=True)
        self.folder.chmod(0o755)
        self.ig.folder = self.folder
        self.runtime = make_runtime(runtime, self.work)
        self.runtime.run_seconds = LIFE_SECONDS
        self.no_new_privileges = WAYS[runtime]
        self.net = NetPair(unique(server.name[:4]))
        self.login = login_as_oneself()

    def close(self):
        self.runtime.close()
        self.net.close()

    def run(self):
        """The whole road."""
        outcome = Outcome()
        try:
            self._prepare()
            name = self.runtime.next_name()
            recording = self.ig.record("--gadgets", "advise_seccomp", "--container", name)
            recorded = self._serve("recorded", name)
            recording.stop()
            profile, allowed = self._advise(recording, name)
            outcome.allowed = len(allowed)
            outcome.only_start_up = only_in_start_up(recording.session, allowed)
            with SeccompAudit(self.login) as audit:
                try:
                    self._compare(recorded, self._serve("enforced", self.runtime.next_name(), profile))
                except Failed as error:
                    outcome.failure = str(error)
            outcome.denials = [f"{call_name(denial.syscall)} by {denial.comm}" for denial in audit.denials]
        except (Failed, AssertionError, subprocess.SubprocessError) as error:
            outcome.failure = f"not tried: {error}"
        if outcome.denials:
            outcome.failure = f"denied: {', '.join(sorted(set(outcome.denials)))}. {outcome.failure}"
        return outcome

    def _prepare(self):
        subprocess.run([SOURCE / "scripts/make-rootfs", "--shared-usr", self.root, *self.server.packages], check=True, timeout=60)
        for name, text in self.server.files.items():
            path = self.template / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        shutil.copytree(self.template, self.srv)
        self.runtime.prepare(self.root, self._mounts())
        if not self.server.prepare:
            return
        spec = ContainerSpec(self.root, ["/bin/bash", "-euc", self.server.prepare], "", mounts=self._mounts())
        container = self.runtime.start(spec)
        if container.wait(patience(COMMAND_SECONDS)) != 0:
            raise Failed(f"prepare: {container.output()[-1000:]}")
        shutil.rmtree(self.template)
        self.srv.rename(self.template)

    def _mounts(self):
        return ("/usr:/usr:ro", f"{self.srv}:/srv:rw")

    def _user(self):
        if not self.server.user:
            return ""
        user = pwd.getpwnam(self.server.user)
        return f"{user.pw_uid}:{user.pw_gid}"

    def _serve(self, word, name, profile=None):
        """What the client got in a whole life of the server."""
        shutil.rmtree(self.srv, ignore_errors=True)
        subprocess.run(["cp", "-a", self.template, self.srv], check=True, timeout=60)
        spec = ContainerSpec(self.root, self.server.start, self.net.left.path, seccomp=profile, mounts=self._mounts(),
                             no_new_privileges=self.no_new_privileges, user=self._user())
        self._write_programs(name)
        container = self.runtime.start(spec, name)
        beside = self._start_beside()
        try:
            return self._life(container)
        except (Failed, AssertionError, subprocess.SubprocessError) as error:
            raise Failed(f"{word}: {error}; it printed: {container.output()[-600:]}") from error
        finally:
            self.runtime.remove(name)
            if beside:
                beside.kill()
                beside.wait(10)
            shutil.copy(container.log, self.folder / f"{word}.log")

    def _life(self, container):
        self._await_ready(container)
        answers = self._load()
        for command in self.server.reload:
            self._client(command)
        if self.server.reload:
            self._await_ready(container)
            answers += self._load()
        if container.process.poll() is not None:
            raise Failed(f"it ended with {container.process.returncode} while it should serve")
        self.runtime.signal(container.name, self.server.stop)
        status = container.wait(patience(COMMAND_SECONDS))
        if status != self.server.exit:
            raise Failed(f"its end has the status {status}, not {self.server.exit}")
        return answers

    def _load(self):
        return [(command, self._client(command)) for command in self.server.load]

    def _await_ready(self, container):
        def ready():
            if container.process.poll() is not None:
                raise Failed(f"it ended with {container.process.returncode} before it served")
            with contextlib.suppress(subprocess.TimeoutExpired):
                return self._shell(self.server.ready, 20).returncode == 0

        wait_until(ready, READY_SECONDS, "the server")

    def _client(self, command):
        try:
            done = self._shell(command, COMMAND_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise Failed(f"`{command.strip()}` took more than {COMMAND_SECONDS} s") from error
        if done.returncode != 0:
            raise Failed(f"`{command.strip()}` ended with {done.returncode}: {done.stdout[-300:]}{done.stderr[-300:]}")
        return done.stdout

    def _shell(self, command, seconds):
        return subprocess.run(self._at_client(command), stdin=subprocess.DEVNULL, text=True, errors="replace",
                              capture_output=True, timeout=patience(seconds), env=self._environment(), cwd=self.work)

    def _start_beside(self):
        if not self.server.beside:
            return None
        return subprocess.Popen(self._at_client(f"exec {self.server.beside}"), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL, env=self._environment(), cwd=self.work)

    def _at_client(self, command):
        return [*self.net.right.enter(), "bash", "-euo", "pipefail", "-c", command]

    def _environment(self):
        return {"PATH": f"{self.work}/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.work), "LC_ALL": "C.UTF-8",
                "HOST": self.net.left_ip, "HOST6": self.net.left_ip6, "CLIENT": self.net.right_ip, "SRV": str(self.srv),
                "WORK": str(self.work)}

    def _write_programs(self, name):
        """`signal` and `inside`, for the commands of the file."""
        folder = self.work / "bin"
        folder.mkdir(exist_ok=True)
        runtime = " ".join(f"'{word}'" for word in (*self.runtime.wrapper, "timeout", "50", self.runtime.name))
        for program, words in (("signal", f'kill {name} "$1"'), ("inside", f'exec {name} "$@"')):
            path = folder / program
            path.write_text(f"#!/bin/sh\nexec {runtime} {words}\n")
            path.chmod(0o755)

    def _advise(self, recording, name):
        profile = self.folder / "profile.json"
        profile.write_text(self.ig.run("advise", "seccomp-profile", recording.session, "--container", name,
                                       "--default-action", "kill"))
        rules = yaml.safe_load(profile.read_text())["syscalls"]
        return profile, [name for rule in rules if rule["action"] == "SCMP_ACT_ALLOW" for name in rule["names"]]

    @staticmethod
    def _compare(recorded, enforced):
        for (command, before), (_, after) in zip(recorded, enforced, strict=True):
            if before != after:
                raise Failed(f"another answer to `{command.strip()}`: {after[:200]!r}, not {before[:200]!r}")
