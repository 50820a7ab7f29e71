# SPDX-License-Identifier: Apache-2.0
"""A Debian 12 that nothing was done to: made by debootstrap once a machine, and lent out under a layer that is thrown away."""
import fcntl
import os
import shutil
import subprocess
from pathlib import Path

from support.need import need, need_program

MIRROR = "http://deb.debian.org/debian"
KEPT = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ig/debian-12"

# In namespaces of its own, so that nothing stays mounted. The kernel's files are this machine's, as in any chroot.
MOUNT = """
base=$1 folder=$2 shared=$3
root=$folder/root
shift 3
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$base,upperdir=$folder/upper,workdir=$folder/work" "$root"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$shared" "$root/srv"
cp /etc/resolv.conf "$root/etc/resolv.conf"
enter="exec chroot $root /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive"
"""
RUN = MOUNT + '$enter "$@"'
BOOT = MOUNT + """
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs tmpfs "$root/run"
$enter container=test /usr/lib/systemd/systemd --system --log-target=null "$@"
"""
OWN_CGROUP = 'echo $$ > "$1/cgroup.procs" && shift && exec "$@"'


def clean_root():
    """The folder, made if this is the first time: about a minute, from Debian's mirror. man-db is for `man`, as on any machine."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{KEPT}.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not KEPT.exists():
            debootstrap = need_program("debootstrap", "debootstrap")
            begun = Path(f"{KEPT}.begun")
            shutil.rmtree(begun, ignore_errors=True)
            made = subprocess.run([debootstrap, "--variant=minbase", "--include=man-db", "bookworm", begun, MIRROR],
                                  capture_output=True, text=True, timeout=600, check=False)
            need(made.returncode == 0, f"debootstrap: {made.stdout[-300:]}")
            begun.rename(KEPT)
    return KEPT


class CleanDebian:
    def __init__(self, folder):
        self.base, self.folder, self.shared = clean_root(), folder / "debian", folder / "srv"
        for part in ("upper", "work", "root"):
            (self.folder / part).mkdir(parents=True)
        self.shared.mkdir()

    def run(self, *command, seconds=120):
        """In it; /srv is the folder `shared` of the test. What was written is there the next time."""
        return self._enter(["unshare", "-mpf", "--kill-child"], RUN, command, seconds)

    def boot(self, unit, cgroup, seconds=60):
        """systemd as the first process of namespaces of its own and in a cgroup of its own, until a unit of its makes it exit."""
        return self._enter(["sh", "-c", OWN_CGROUP, "sh", str(cgroup), "unshare", "-fpmuinC", "--kill-child"], BOOT,
                           [f"--unit={unit}"], seconds)

    def _enter(self, wrapper, script, command, seconds):
        return subprocess.run(["timeout", "-k", "5", str(seconds), *wrapper, "sh", "-ec", script, "sh",
                               *map(str, (self.base, self.folder, self.shared, *command))],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def close(self):
        shutil.rmtree(self.folder)
