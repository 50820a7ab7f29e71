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
ENTER = """
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount --rbind /dev "$2/root/dev"
mount --rbind /sys "$2/root/sys"
mount -t proc proc "$2/root/proc"
mount -t tmpfs tmpfs "$2/root/tmp"
mount --bind "$3" "$2/root/srv"
cp /etc/resolv.conf "$2/root/etc/resolv.conf"
shift 3
exec chroot "$FOLDER/root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
"""


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
        return subprocess.run(["timeout", "-k", "5", str(seconds), "unshare", "-mpf", "--kill-child", "sh", "-ec", ENTER, "sh",
                               self.base, self.folder, self.shared, *map(str, command)],
                              env={**os.environ, "FOLDER": str(self.folder)}, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, check=False)

    def close(self):
        shutil.rmtree(self.folder)
