# SPDX-License-Identifier: Apache-2.0
"""Debian's kernels, unpacked for a virtual machine and kept in a cache between runs.

Point releases replace each other in the archive, so the version is asked for at run time, once a day; without the network the
one that is there is used.
"""
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from vm.private_apt import MIRROR, PrivateApt

SUITES = {"5.10": "bullseye", "6.1": "bookworm", "6.12": "trixie", "latest": "sid"}
OLDER = {"5.10.218": ("bullseye", "linux-image-5.10.0-30-amd64")}  # the oldest there is: some rungs are for such alone
PARTS = re.compile(r"linux-(binary|modules)-\d")  # what the newest suites split a kernel's package into
COMPRESSED = ((b"\xfd7zXZ\x00", "xz"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"\x1f\x8b\x08", "gzip"))
DAY = 24 * 60 * 60


class KernelError(Exception):
    pass


@dataclass(frozen=True)
class Kernel:
    name: str     # as it is asked for: 6.12
    folder: Path  # lib/modules/RELEASE (or below usr) and vmlinux

    @property
    def modules(self):
        return next(path for usr in ("lib", "usr/lib") for path in self.folder.glob(f"{usr}/modules/*"))

    @property
    def release(self):
        return self.modules.name

    @property
    def image(self):
        return self.folder / "vmlinux"


def cache_folder():
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("IG_KERNELS") or caches / "ig/kernels")


def find_kernel(name):
    """The suite's newest kernel, or an older one. KernelError where there is neither a mirror nor an older download."""
    suite, image = OLDER.get(name) or (SUITES[name], None)
    folder = cache_folder() / name
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder / "lock"):
        kept = newest(folder)
        checked = folder / "checked"
        if kept and checked.exists() and time.time() - checked.stat().st_mtime < DAY:
            return Kernel(name, kept)
        try:
            kernel = Kernel(name, fetch(suite, folder, image))
        except subprocess.CalledProcessError:
            if not kept:
                raise KernelError(f"no kernel {name}: Debian {suite} can't be had from {MIRROR}") from None
            print(f"warning: Debian {suite} can't be had from {MIRROR}: using {kept.name}", file=sys.stderr)
            return Kernel(name, kept)
        checked.touch()
        return kernel


@contextlib.contextmanager
def locked(path):
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def newest(folder):
    """Downloads that are complete have a vmlinux."""
    images = sorted(folder.glob("linux-*/vmlinux"), key=lambda path: path.stat().st_mtime)
    return images[-1].parent if images else None


def fetch(suite, folder, image=None):
    """Downloads the suite's kernel, or the one of that package, unless it is there; its folder."""
    apt = PrivateApt(folder / "apt", suite, "amd64")
    apt.update()
    image = image or next(name for name in apt.depends("linux-image-amd64") if name.startswith("linux-image-"))
    target = folder / image.replace("linux-image", "linux")
    if (target / "vmlinux").exists():
        return target
    print(f"Downloading {image} of Debian {suite}", file=sys.stderr)
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder) as unpacked:
        unpacked = Path(unpacked)
        for package in (image, *filter(PARTS.match, apt.depends(image))):
            apt.unpack(package, unpacked)
        complete(Kernel(suite, unpacked))
        unpacked.rename(target)
        unpacked.mkdir()  # for TemporaryDirectory to remove
    for older in folder.glob("linux-*"):
        if older != target:
            shutil.rmtree(older)
    return target


def complete(kernel):
    """What installing a kernel, and booting it, would otherwise do."""
    root = kernel.modules.parents[2]
    subprocess.run(["depmod", "-b", root, kernel.release], check=True, stderr=subprocess.DEVNULL)
    image = next(path for path in (*kernel.folder.glob("boot/vmlinuz-*"), kernel.modules / "vmlinuz") if path.exists())
    kernel.image.write_bytes(decompressed(image.read_bytes()))


def decompressed(image):
    """The ELF file in a bzImage. QEMU boots it as it is; a guest would take five seconds to decompress it."""
    for magic, tool in COMPRESSED:
        at = image.find(magic)
        while at >= 0:
            done = subprocess.run([tool, "-dcq"], input=image[at:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            if done.stdout.startswith(b"\x7fELF"):
                return done.stdout
            at = image.find(magic, at + 1)
    raise KernelError("the kernel image is compressed in an unknown way")
