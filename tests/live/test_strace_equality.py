# SPDX-License-Identifier: Apache-2.0
"""The recorded set of system calls is what strace sees of the same run.

Two runs of a program are never quite the same (whether threads meet on a lock is chance), so strace watches several: what it
saw in every run has to be recorded, and what was recorded has to be in one of them, or in CHANCE with its reason.
"""
import contextlib
import os
import signal
import subprocess
import sys

import pytest

from support import strace
from support.ig import query, rows_table, wait_until
from support.need import need, need_program
from support.net import NetNamespace, unique
from support.servers import nginx_configuration

STRACE_RUNS = 3
ARCH = {1: "x86_64", 2: "i386"}  # enum syscall_arch of the gadget
SETUP = 2  # enum phase
EXECVE = strace.number_of("x86_64", "execve")

# Calls that a run makes or not by chance, and why.
CHANCE = {
    "restart_syscall": "a wait that a stop or a signal interrupted goes on as this call",
    "futex": "only where threads meet on a lock",
    "sched_yield": "only where a spinning lock is held by another",
    "madvise": "jemalloc and Python give memory back when it seems worth it",
    "munmap": "likewise",
    "rt_sigreturn": "only where a signal comes while the program still runs",
    "epoll_wait": "a client may be served within one round of waiting or two",
    "clock_nanosleep": "only where a thread has to wait for another",
}


@pytest.fixture
def net():
    need(os.geteuid() == 0, "network namespaces need root")
    namespace = NetNamespace(unique("strace"))
    yield namespace
    namespace.close()


class Program:
    """Something to run to its end; `drive` acts on it from outside."""

    def __init__(self, *command):
        self.command = command

    def prepare(self, folder, net, compiled):
        return self.command, contextlib.nullcontext()

    def drive(self, net):
        pass


class Curl(Program):
    """Fetches from a server that is not part of the run."""

    @contextlib.contextmanager
    def _server(self, folder, net):
        (folder / "page").write_text("page\n" * 10000)
        process = net.start(sys.executable, "-m", "http.server", "--directory", folder, "8000",
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_until(lambda: net.start("curl", "-s", "-o", "/dev/null", "http://127.0.0.1:8000/page").wait(10) == 0, 15,
                       "a web server")
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(10)

    def prepare(self, folder, net, compiled):
        need_program("curl", "curl")
        return ["curl", "-s", "-o", "/dev/null", "http://127.0.0.1:8000/page"], self._server(folder, net)


class RedisServer(Program):
    def prepare(self, folder, net, compiled):
        server = need_program("redis-server", "redis-server")
        return [server, "--dir", str(folder), "--save", "", "--appendonly", "yes"], contextlib.nullcontext()

    def drive(self, net):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        wait_until(lambda: net.start("redis-cli", "ping", **quiet).wait(10) == 0, 30, "redis")
        for words in (["set", "a", "1"], ["lpush", "l", "x", "y"], ["eval", "return redis.call('get','a')", "0"], ["bgsave"]):
            net.run("redis-cli", *words, **quiet)
        net.run("redis-benchmark", "-q", "-n", "300", "-c", "5", "-t", "set,get", seconds=60, **quiet)
        info = lambda: net.run("redis-cli", "info", stdout=subprocess.PIPE).stdout
        wait_until(lambda: b"rdb_bgsave_in_progress:0" in info(), 30, "the end of bgsave")
        net.start("redis-cli", "shutdown", "nosave", **quiet).wait(20)


class NginxServer(Program):
    def prepare(self, folder, net, compiled):
        server = need_program("nginx", "nginx-light")
        self.pid_file = folder / "nginx.pid"
        (folder / "index.html").write_text("served\n" * 1000)
        configuration = folder / "nginx.conf"
        configuration.write_text(nginx_configuration(folder, folder))
        folder.chmod(0o755)
        return [server, "-c", str(configuration)], contextlib.nullcontext()

    def drive(self, net):
        fetch = ["curl", "-s", "-o", "/dev/null"]
        wait_until(lambda: net.start(*fetch, "http://127.0.0.1/").wait(10) == 0, 30, "nginx")
        for words in (["http://127.0.0.1/"], ["http://[::1]/"], ["--compressed", "http://127.0.0.1/"], ["http://127.0.0.1/none"]):
            net.run(*fetch, *words)
        os.kill(int(self.pid_file.read_text()), signal.SIGTERM)


class OldCalls(Program):
    def prepare(self, folder, net, compiled):
        return [str(compiled("old_calls", "-m32", "-static"))], contextlib.nullcontext()


PYTHON = """
import os, socket, subprocess, sys, tempfile, threading, json, hashlib, select, time
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "file")
    open(path, "w").write("text" * 5000)
    os.rename(path, path + "2"); os.chmod(path + "2", 0o600); os.symlink(path, path + "3"); os.listdir(folder)
subprocess.run(["/bin/true"], check=True)
server = socket.create_server(("127.0.0.1", 0)); client = socket.create_connection(server.getsockname())
end, _ = server.accept()
client.sendall(b"x"); end.recv(1); select.select([client], [], [], 0)
thread = threading.Thread(target=lambda: hashlib.sha256(b"x" * 1000000).hexdigest()); thread.start(); thread.join()
pid = os.fork()
if pid == 0: os._exit(0)
os.waitpid(pid, 0); time.sleep(0.01); os.getpriority(os.PRIO_PROCESS, 0)
"""

PROGRAMS = {
    "ls": Program("/bin/ls", "-laR", "/etc/apt"),
    "cp": Program("/bin/cp", "-a", "/etc/apt", "copy"),
    "sort": Program("/usr/bin/sort", "--parallel=1", "/etc/services", "-o", "sorted"),
    "stat": Program("/usr/bin/stat", "/etc/passwd", "/nowhere"),
    "dd": Program("/bin/dd", "if=/dev/zero", "of=zeros", "bs=64k", "count=20", "conv=fsync"),
    "shell": Program("/bin/sh", "-c", "echo one | tr a-z A-Z | sed s/O/0/ >out; mkfifo f; mkdir d && ln -s d l; (exit 3); true"),
    "curl": Curl(),
    "redis-server": RedisServer(),
    "nginx": NginxServer(),
    "python3": Program("/usr/bin/python3", "-c", PYTHON),
    "i386": OldCalls(),
}


def run_in_fresh_folder(program, net, folder, compiled, start):
    """The same each time: a folder of its own as the working directory, and the network namespace of the test."""
    folder.mkdir()
    command, surroundings = program.prepare(folder, net, compiled)
    with surroundings:
        process = start(command, folder)
        program.drive(net)
        process.wait(90)


def strace_sets(program, net, tmp_path, compiled):
    sets = []
    for number in range(STRACE_RUNS):
        log = tmp_path / f"strace-{number}.txt"
        run_in_fresh_folder(program, net, tmp_path / f"traced-{number}", compiled,
                            lambda command, folder, log=log: net.start(*strace.command(log, *command), cwd=folder,
                                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        sets.append(strace.calls_of(log))
    return sets


def recorded_set(program, net, tmp_path, compiled, ig, backend):
    started = []

    def start(command, folder):
        # env -C: the command's working directory, as strace's cwd above.
        recording = ig.record("--backend", backend, command=command, wrapper=[*net.enter(), "env", "-C", folder],
                              stdout=subprocess.DEVNULL)
        started.append(recording)
        return recording.process

    run_in_fresh_folder(program, net, tmp_path / "recorded", compiled, start)
    recording = started[0].wait(10, status=None)
    # Set-up is what the recorder does between fork and exec; only the exec itself is the command's.
    table = rows_table(recording.session, "advise_seccomp", "syscalls")
    rows = query(recording.session, f"""
        SELECT DISTINCT arch_raw, syscall_raw FROM {table} r JOIN workload w ON w.id = r.workload_id
        WHERE w.kind = 'command' AND (phase_raw <> {SETUP} OR syscall_raw = {EXECVE})""")
    lost = "SELECT * FROM loss WHERE gadget IN ('', 'advise_seccomp') AND kind <> 'backend limit'"
    assert query(recording.session, lost) == []
    return {(ARCH[arch], number): strace.name_of(ARCH[arch], number) for arch, number in rows}


def words(calls):
    return sorted(f"{name or number} ({arch})" for (arch, number), name in calls.items() if name not in CHANCE)


@pytest.mark.parametrize("backend", ["bpf", "ptrace"])
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_recorded_set_is_what_strace_sees(program, backend, net, tmp_path, compiled, ig):
    need_program("strace", "strace")
    seen = strace_sets(program, net, tmp_path, compiled)
    recorded = recorded_set(program, net, tmp_path, compiled, ig, backend)
    always = {call: name for call, name in seen[0].items() if all(call in run for run in seen)}
    ever = {call: name for run in seen for call, name in run.items()}
    assert len(always) > 5
    assert words({call: name for call, name in always.items() if call not in recorded}) == [], "seen by strace, not recorded"
    assert words({call: name for call, name in recorded.items() if call not in ever}) == [], "recorded, not seen by strace"
