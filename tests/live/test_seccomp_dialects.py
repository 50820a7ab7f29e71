# SPDX-License-Identifier: Apache-2.0
"""The forms of an advised profile under what enforces them: the kernel, firejail, systemd.

`ls` was recorded, so `ls` runs under its own profile; `mkdir` makes a call that `ls` does not, and gets EPERM.
"""
import os
import pty
import shlex
import subprocess
from pathlib import Path

import pytest

from support.cgroup import cgroup2_root
from support.need import need, need_program
from support.net import unique

LS = ("/bin/ls", "-l", "/etc/passwd")
ADVICE = ("advise", "seccomp-profile", "session.db", "--command", "--format")

# Loads a filter file as it is, and becomes the program.
LOADER = """
import ctypes, os, sys
program = open(sys.argv[1], "rb").read()
class Filter(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("code", ctypes.c_char_p)]
libc = ctypes.CDLL(None, use_errno=True)
filter = Filter(len(program) // 8, program)
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, FILTER = 22, 38, 2
for call in ((PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), (PR_SET_SECCOMP, FILTER, ctypes.byref(filter))):
    if libc.prctl(*call) != 0:
        sys.exit("prctl: " + os.strerror(ctypes.get_errno()))
os.execv(sys.argv[2], sys.argv[2:])
"""


SYSTEMD = Path("/usr/lib/systemd/systemd")

# systemd as the first process of namespaces of its own, in a cgroup of its own, with the units of a folder.
ENTER = 'echo $$ > "$1/cgroup.procs" && exec unshare -fpmuinC --mount-proc --kill-child sh -ec "$2" sh "$3"'
BOOT = """
mount --make-rprivate /
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd
cp -r "$1" /run/systemd/system
exec env -i container=test PATH=/usr/bin:/bin /usr/lib/systemd/systemd --system --unit=test.target --log-target=null
"""

# A shell is in it, since firejail starts programs by one, under the filter.
SHELL = ("/bin/bash", "-c", " ".join(LS))


@pytest.fixture
def recorded(ig):
    ig.record_command(*SHELL)
    return ig


def run(*command):
    return subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          env=dict(os.environ, SHELL="/bin/bash"))


def expect_ls_only(folder, *under):
    allowed = run(*under, *LS)
    assert allowed.returncode == 0 and "/etc/passwd" in allowed.stdout, allowed.stderr
    denied = run(*under, "/bin/mkdir", folder / "made")
    assert denied.returncode != 0 and "Operation not permitted" in denied.stderr, denied.stderr
    assert not (folder / "made").exists()


def test_the_program_that_is_written_is_what_the_kernel_loads(recorded):
    file = recorded.folder / "ls.bpf"
    recorded.run(*ADVICE, "bpf", "--output", file)
    piped = subprocess.run([recorded.binary, *ADVICE, "bpf"], capture_output=True, cwd=recorded.folder, check=True)
    assert piped.stdout == file.read_bytes() and len(piped.stdout) % 8 == 0
    expect_ls_only(recorded.folder, "python3", "-c", LOADER, file)


def test_firejail_runs_the_command_under_its_list(recorded):
    firejail = need_program("firejail", "firejail")
    if run(firejail, "--quiet", "--noprofile", "--", "/bin/true").returncode != 0:
        pytest.skip("firejail makes no sandbox here")
    file = recorded.folder / "ls.profile"
    recorded.run(*ADVICE, "firejail", "--output", file)
    expect_ls_only(recorded.folder, firejail, "--quiet", f"--profile={file}", "--")


@pytest.fixture
def cgroup():
    need(os.geteuid() == 0, "cgroups need root")
    folder = cgroup2_root() / unique("systemd")
    folder.mkdir()
    yield folder
    for inner, _, _ in os.walk(folder, topdown=False):
        os.rmdir(inner)


def boot(folder, cgroup, drop_in):
    """Whether `ls` and `mkdir` came to their end as services with the drop-in; what they said."""
    units = folder / "units"
    services = {"allowed": LS, "denied": ("/bin/mkdir", folder / "made")}
    for name, command in services.items():
        (units / f"{name}.service.d").mkdir(parents=True, exist_ok=True)
        (units / f"{name}.service.d" / "seccomp.conf").write_text(drop_in)
        (folder / f"{name}.out").write_text("")
        (units / f"{name}.service").write_text(
            f"[Unit]\nDefaultDependencies=no\n[Service]\nType=oneshot\nExecStart={shlex.join(map(str, command))}\n"
            f"StandardOutput=append:{folder}/{name}.out\nStandardError=append:{folder}/{name}.out\n")
    (units / "end.service").write_text(
        "[Unit]\nDefaultDependencies=no\nAfter=allowed.service denied.service\nSuccessAction=exit-force\n"
        "[Service]\nType=oneshot\nExecStart=/bin/true\n")
    (units / "test.target").write_text(
        "[Unit]\nDefaultDependencies=no\nWants=allowed.service denied.service end.service\n")
    ended = run("timeout", "-k", "5", "50", "sh", "-c", ENTER, "sh", cgroup, BOOT, units)
    made = (folder / "made").exists()
    if made:
        (folder / "made").rmdir()
    return ended.returncode == 0, *((folder / f"{name}.out").read_text() for name in services), made


@pytest.mark.parametrize("action", ["errno", "kill"])
def test_systemd_runs_the_command_under_its_drop_in(recorded, cgroup, action):
    need(SYSTEMD.exists(), f"{SYSTEMD} is not installed (Debian package systemd)")
    ended, allowed, _, made = boot(recorded.folder, cgroup, "[Service]\n")
    if not (ended and made and "/etc/passwd" in allowed):
        pytest.skip("systemd does not start in namespaces here")
    drop_in = recorded.run(*ADVICE, "systemd", "--default-action", action)
    ended, allowed, denied, made = boot(recorded.folder, cgroup, drop_in)
    assert ended and "/etc/passwd" in allowed
    assert not made and ("Operation not permitted" in denied if action == "errno" else denied == "")


def test_no_program_is_written_to_a_terminal(recorded):
    terminal, screen = pty.openpty()
    done = subprocess.run([recorded.binary, *ADVICE, "bpf"], stdout=screen, stderr=subprocess.PIPE, text=True,
                          cwd=recorded.folder)
    os.close(screen)
    os.close(terminal)
    assert done.returncode == 2
    assert done.stderr == ("error: this form is binary, and the output is a terminal\n"
                           "hint: write to a file with --output FILE, or to a pipe\n")
