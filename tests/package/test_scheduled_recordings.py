# SPDX-License-Identifier: Apache-2.0
"""Recordings by systemd's clock: the units are sound, confined, and record on a systemd that was really booted."""
import os
import sqlite3
import stat
import subprocess

import pytest

from support.need import need_program

MOST_EXPOSED = 3.5  # of 10, as systemd-analyze counts
# Of the other preset, what this one has not; and who listens in whatever network.
GADGETS = "+advise_seccomp,+advise_networkpolicy,+trace_exec,+trace_capabilities,+trace_dnat,+snapshot_socket"
RECORDED = "ig-record@test"
LIMITS = "" if 1 << 24 & int(open("/proc/self/status").read().split("CapBnd:")[1].split()[0], 16) else "LimitMEMLOCK=8M\n"
DROP_INS = {
    f"{RECORDED}.service.d/test.conf": f"[Service]\n{LIMITS}StandardOutput=append:/srv/out\nStandardError=append:/srv/out\n",
    f"{RECORDED}.timer.d/test.conf": "[Timer]\nOnCalendar=\nOnActiveSec=1s\nRandomizedDelaySec=0\nAccuracySec=100ms\n",
    "work.service": "[Service]\nExecStart=/bin/sh -c 'while :; do ls /; sleep 0.2; done'\n",
    "apart.service": "[Service]\nPrivateNetwork=yes\nExecStart=/usr/bin/perl -MIO::Socket::INET -e 'my $$listening = "
                     'IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => 7777) or die; sleep 99\'\n',
    "end.service": "[Unit]\nSuccessAction=exit-force\n[Service]\nType=oneshot\nTimeoutStartSec=60\nExecStart=/bin/sh -c "
                   "'until test -s /srv/out && ! systemctl is-active -q ig-record@test; do sleep 0.2; done; "
                   f"systemctl show {RECORDED} -p Result,ExecMainStatus >/srv/result'\n",
    "test.target": f"[Unit]\nWants={RECORDED}.timer work.service apart.service end.service\n",
}


@pytest.fixture(scope="module")
def with_systemd(installed):
    done = installed.run("apt-get", "-qq", "install", "--no-install-recommends", "systemd", seconds=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return installed


def write(debian, path, text):
    made = debian.folder / "upper" / path
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_text(text)


def test_a_timer_records_into_files_that_only_root_may_read(with_systemd, cgroup):
    write(with_systemd, "etc/ig/record/test.conf",
          f'IG_RECORD="--preset latency --gadgets {GADGETS} --duration 3s"\nIG_KEEP_DAYS=1\nIG_KEEP_MIB=100\n')
    for path, text in DROP_INS.items():
        write(with_systemd, f"etc/systemd/system/{path}", text)
    booted = with_systemd.boot("test.target", cgroup)
    out = (with_systemd.shared / "out").read_text() if (with_systemd.shared / "out").exists() else ""
    assert booted.returncode == 0, booted.stdout + booted.stderr + out
    assert (with_systemd.shared / "result").read_text() == "Result=success\nExecMainStatus=0\n", out
    folder = with_systemd.folder / "upper/var/lib/ig/test"
    [session] = folder.iterdir()
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o700 and stat.S_IMODE(os.stat(session).st_mode) == 0o600
    with sqlite3.connect(session) as db:
        assert db.execute("SELECT backend FROM session").fetchall() == [("bpf",)], out
        # What runs on this machine outside of the booted system has no process that this could be asked about.
        assert db.execute("SELECT * FROM loss WHERE gadget != ''").fetchall() == []
        assert db.execute("SELECT DISTINCT kind FROM workload WHERE name = 'work.service'").fetchall() == [("unit",)]
        assert db.execute("SELECT DISTINCT comm FROM snapshot_socket WHERE src_port = 7777").fetchall() == [("perl",)]


def test_the_units_are_sound(with_systemd):
    done = with_systemd.run("systemd-analyze", "verify", "--man=no", f"{RECORDED}.timer", f"{RECORDED}.service")
    assert done.returncode == 0 and done.stderr == "", done.stderr


def test_the_service_is_confined(package, tmp_path):
    analyze = need_program("systemd-analyze", "systemd")
    subprocess.run(["dpkg-deb", "-x", package, tmp_path], check=True)
    unit = tmp_path / "usr/lib/systemd/system/ig-record@.service"
    done = subprocess.run([analyze, "security", "--offline=yes", "--no-pager", f"--threshold={int(MOST_EXPOSED * 10)}", unit],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def session(folder, name, days, mib=0):
    (folder / name).write_bytes(b"\0" * (mib << 20))
    then = (folder / name).stat().st_mtime - days * 86400
    os.utime(folder / name, (then, then))


@pytest.mark.parametrize("days, mib, left", [(30, 100, ["a.db", "b.db", "c.db"]), (3, 100, ["b.db", "c.db"]), (30, 3, ["c.db"])],
                         ids=["nothing to do", "by age", "by size"])
def test_old_sessions_go_first_by_age_then_by_size(package, tmp_path, days, mib, left):
    subprocess.run(["dpkg-deb", "-x", package, tmp_path / "package"], check=True)
    folder = tmp_path / "sessions"
    folder.mkdir()
    for name, age in (("a.db", 9), ("b.db", 2), ("c.db", 1)):
        session(folder, name, age, mib=2)
    (folder / "a.db-wal").touch()
    (folder / "notes.txt").touch()
    subprocess.run([tmp_path / "package/usr/libexec/ig/prune-sessions", folder, str(days), str(mib)], check=True)
    assert sorted(path.name for path in folder.glob("*.db")) == left
    assert (folder / "a.db-wal").exists() == ("a.db" in left) and (folder / "notes.txt").exists()
