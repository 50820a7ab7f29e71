# SPDX-License-Identifier: Apache-2.0
"""An ordinary user's recording, by ptrace, is good for the same profile as root's by BPF: the same calls with the same values."""
import json
import os

import pytest

from support.ig import query
from support.need import need

PYTHON = """
import fcntl, mmap, os, socket
a, b = socket.socketpair()
with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    s.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)
for command in range(1030, 1030 + 40):  # more values than are kept
    try:
        fcntl.fcntl(a, command, 0)
    except OSError:
        pass
memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ)
pid = os.fork()
if pid == 0:
    os._exit(0)
os.waitpid(pid, 0)
"""

COMMANDS = {
    "ls": ["/bin/ls", "-l", "/etc/apt"],
    "shell": ["/bin/sh", "-c", "echo one | tr a-z A-Z; (exit 3); true"],
    "python3": ["/usr/bin/python3", "-c", PYTHON],
}


def values_of(session):
    """Without set-up, in which the two backends do different things, and phases, which are compared elsewhere."""
    return query(session, """
        SELECT arch, syscall, argument, value, other FROM advise_seccomp_arguments
        WHERE phase <> 'setup' GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5""")


def counted(session):
    return query(session, """
        SELECT syscall, argument, sum(count) FROM advise_seccomp_arguments WHERE phase <> 'setup' AND syscall = 'fcntl'
        GROUP BY 1, 2""")


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_ptrace_keeps_the_values_that_bpf_keeps(command, ig):
    need(os.geteuid() == 0, "BPF needs root")
    sessions = [ig.record_command(*command, session=f"{backend}.db", options=["--backend", backend]).session
                for backend in ("bpf", "ptrace")]
    by_bpf, by_ptrace = map(values_of, sessions)
    assert by_bpf, "nothing was kept"
    assert by_ptrace == by_bpf
    assert counted(sessions[1]) == counted(sessions[0])


def test_more_values_than_are_kept_are_told_as_other(ig):
    session = ig.record_command("/usr/bin/python3", "-c", PYTHON, options=["--backend", "ptrace"]).session
    kept = query(session, """
        SELECT count(*) FILTER (WHERE NOT other), count(*) FILTER (WHERE other) FROM advise_seccomp_arguments
        WHERE syscall = 'fcntl' AND argument = 1""")
    assert kept == [(32, 1)]


def profile_of(ig, session):
    profile = json.loads(ig.run("advise", "seccomp-profile", session))
    return [{key: value for key, value in rule.items() if key != "comment"} for rule in profile["syscalls"]]


@pytest.mark.parametrize("command", COMMANDS.values(), ids=COMMANDS.keys())
def test_the_profile_is_the_same(command, ig):
    need(os.geteuid() == 0, "BPF needs root")
    by_bpf, by_ptrace = (profile_of(ig, ig.record_command(*command, session=f"{backend}.db",
                                                          options=["--backend", backend]).session)
                         for backend in ("bpf", "ptrace"))
    assert by_ptrace == by_bpf
