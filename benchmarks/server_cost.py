#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What recording costs real servers: the throughput that they keep under the policy preset.

Each server answers its own client over the loopback (a compiler: builds) for a few seconds, in turns
with and without a recorder of the whole machine. Two shares come of it: of answers a second, and of
answers for each second of processor time of server and client, which other programs on the machine
disturb less. The bare limit is what they keep while an empty program sees their system calls. The servers
run in namespaces and folders of their own.
"""

import argparse
import contextlib
import os
import re
import shutil
import signal
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from measure import BUILD, table
from recording import attached, cpu_of, cpu_seconds, recording

EMPTY_PROGRAM = [str(BUILD / "benchmarks/benchmark_syscall_cost"), "--attach-empty"]


def command_output(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, text=True, **options).stdout


def number(pattern, text):
    return float(re.search(pattern, text).group(1))


def tree_of(pid):
    yield pid
    with contextlib.suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            yield from tree_of(int(child))


@contextlib.contextmanager
def server(command, ready, **options):
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        for _ in range(300):
            if ready():
                break
            time.sleep(0.1)
        yield lambda: list(tree_of(child.pid))
    finally:
        child.send_signal(signal.SIGINT)
        child.wait()


def waiting(*command):
    return lambda: subprocess.run(command, capture_output=True, check=False).returncode == 0


@contextlib.contextmanager
def redis(folder, seconds):
    socket = f"{folder}/redis.sock"
    command = ["redis-server", "--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder]
    with server(command, waiting("redis-cli", "-s", socket, "ping")) as pids:

        def load():
            count = str(seconds * 40_000)
            words = ["redis-benchmark", "-s", socket, "-n", count, "-c", "20", "-t", "get,set", "--csv"]
            return statistics.mean(float(x) for x in re.findall(r'^"[GS]ET","([\d.]+)"', command_output(*words), re.M))

        yield load, pids


@contextlib.contextmanager
def nginx(folder, seconds):
    Path(folder, "index.html").write_text("hello\n" * 100, encoding="utf-8")
    Path(folder, "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error;\n"
        f"events {{}} http {{ access_log {folder}/access; server {{ listen 127.0.0.1:18080; root {folder}; }} }}\n",
        encoding="utf-8",
    )
    os.chmod(folder, 0o755)
    url = "http://127.0.0.1:18080/index.html"
    command = ["nginx", "-p", folder, "-c", f"{folder}/nginx.conf", "-g", "user root;"]
    with server(command, waiting("curl", "-sf", url)) as pids:
        load = lambda: number(r"Requests/sec:\s+([\d.]+)", command_output("wrk", "-t1", "-c16", f"-d{seconds}s", url))
        yield load, pids


@contextlib.contextmanager
def postgres(folder, seconds):
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
    shutil.chown(folder, "postgres")
    as_postgres = {"user": "postgres", "cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}
    data, socket = f"{folder}/data", ["-h", folder, "-U", "postgres"]
    command_output(programs / "initdb", "-D", data, **as_postgres)
    command = [programs / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
    with server(command, waiting("pg_isready", *socket), **as_postgres) as pids:
        command_output("pgbench", "-i", "-q", *socket, "postgres")

        def load():
            words = ["pgbench", *socket, "-c", "4", "-T", str(seconds), "-n", "postgres"]
            return number(r"tps = ([\d.]+)", command_output(*words))

        yield load, pids


@contextlib.contextmanager
def compiler(folder, seconds):
    source = Path(folder, "a.cpp")
    source.write_text("#include <map>\n#include <string>\nstd::map<std::string, int> m;\n", encoding="utf-8")

    def load():
        begin = time.monotonic()
        for _ in range(seconds):
            command_output("g++-12", "-O1", "-c", source, "-o", f"{folder}/a.o")
        return seconds / (time.monotonic() - begin)

    yield load, lambda: []


LOADS = {
    "redis, redis-benchmark get and set": redis,
    "nginx, wrk": nginx,
    "PostgreSQL, pgbench": postgres,
    "g++, a small file": compiler,
}


@dataclass
class Throughput:
    a_second: float
    a_cpu_second: float


def measure(load, pids):
    begin, cpu = time.monotonic(), cpu_of(pids()) + cpu_seconds()
    rate = load()
    seconds, used = time.monotonic() - begin, cpu_of(pids()) + cpu_seconds() - cpu
    return Throughput(rate, rate * seconds / used)


def compare(name, serve, rounds, seconds):
    bare, empty, watched, recorder_cpu = [], [], [], 0.0
    with tempfile.TemporaryDirectory() as folder, serve(folder, seconds) as (load, pids):
        for _ in range(rounds):
            bare.append(measure(load, pids))
            with attached(EMPTY_PROGRAM, "attached"):
                empty.append(measure(load, pids))
            with recording("--preset", "policy") as recorder:
                watched.append(measure(load, pids))
            recorder_cpu += recorder.cpu
    kept = lambda of, under: statistics.median(of(u) / of(b) for u, b in zip(under, bare))
    wall, cpu = (lambda one: one.a_second), (lambda one: one.a_cpu_second)
    shares = [kept(wall, watched), kept(cpu, watched), kept(cpu, empty)]
    rate = statistics.median(one.a_second for one in bare)
    return [name, f"{rate:,.0f}", *(f"{share:.1%}" for share in shares), f"{recorder_cpu / rounds:.2f}"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--short", action="store_true", help="once, a second each")
    chosen = parser.parse_args()
    rounds, seconds = (1, 1) if chosen.short else (chosen.rounds, chosen.seconds)
    rows = [compare(name, serve, rounds, seconds) for name, serve in LOADS.items()]
    print("### Servers under the policy preset\n")
    shares = ["kept", "kept by processor time", "under an empty program"]
    print(table(["load", "a second, bare", *shares, "recorder's CPU s"], rows))


if __name__ == "__main__":
    main()
