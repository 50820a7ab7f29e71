# SPDX-License-Identifier: Apache-2.0
"""A virtual machine that runs one command on another kernel, with the host's own files.

QEMU emulates the processor (no KVM is needed). The guest's root is the host's, so nothing has to be installed in it; the
command's output comes by a serial port while it runs, its exit status by a shared folder.
"""
import shlex
import shutil
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

INIT = Path(__file__).with_name("init")
# What the guest needs before it has a root to load modules from.
FIRST_MODULES = ("virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay")
# Without what only costs time in an emulator. bpf among the lsm: 5.10 does not have it there by itself.
KERNEL_ARGUMENTS = ("console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable cryptomgr.notests random.trust_cpu=on "
                    "init_on_alloc=0 lsm=landlock,lockdown,yama,apparmor,bpf apparmor=0")
TIMED_OUT, DIED = 124, 125
UNPACK = {".xz": ["xz", "-dc"], ".zst": ["zstd", "-qdc"], ".ko": ["cat"]}


@dataclass(frozen=True)
class Machine:
    kernel: object
    shared: Path  # a folder that the guest may write in, at the same path
    megabytes: int = 1536
    seconds: int = 3600
    arguments: str = ""  # of the kernel, beside ours

    def run(self, command, put_line, cwd):
        """Runs `command` to its end and gives each line of its output to put_line; its exit status."""
        with tempfile.TemporaryDirectory(prefix="test-vm.") as folder:
            folder = Path(folder)
            talk = folder / "vm"
            talk.mkdir()
            (talk / "shared").write_text(f"{self.shared}\n")
            (talk / "command").write_text(
                "export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM=dumb\n"
                f"cd {shlex.quote(str(cwd))} && {shlex.join(map(str, command))}\n")
            make_initrd(self.kernel, folder)
            timed_out = self._boot(folder, put_line)
            status = talk / "status"
            if status.exists() and status.read_text().strip():
                return int(status.read_text())
            put_line(f"the machine {'took too long' if timed_out else 'died'}; its last words:\n")
            for file in ("console", "qemu"):
                for line in (folder / file).read_text(errors="replace").splitlines(keepends=True)[-25:]:
                    put_line(line)
            return TIMED_OUT if timed_out else DIED

    def _boot(self, folder, put_line):
        with (folder / "qemu").open("w") as words:
            qemu = subprocess.Popen(self._qemu(folder), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=words,
                                    text=True, errors="replace")
            expired = threading.Event()
            timer = threading.Timer(self.seconds, lambda: (expired.set(), qemu.kill()))
            timer.start()
            try:
                for line in qemu.stdout:
                    put_line(line)
                qemu.wait()
            finally:
                timer.cancel()
                qemu.kill()
                qemu.wait()
        return expired.is_set()

    def _qemu(self, folder):
        shares = [("root", "/", ",readonly=on"), ("modules", self.kernel.modules, ",readonly=on"), ("vm", folder / "vm", ""),
                  ("shared", self.shared, "")]
        folders = [word for tag, path, how in shares for word in
                   ("-virtfs", f"local,path={path},mount_tag={tag},security_model=none,multidevs=remap{how}")]
        return ["qemu-system-x86_64", "-M", "q35,hpet=off,sata=off", "-accel", "tcg,thread=multi,tb-size=512",
                "-cpu", "max,la57=off", "-m", str(self.megabytes), "-nodefaults", "-no-reboot", "-display", "none",
                "-nic", "none", "-kernel", self.kernel.image, "-initrd", folder / "initrd",
                "-append", f"{KERNEL_ARGUMENTS} {self.arguments}", "-serial", f"file:{folder}/console",
                "-device", "virtio-serial-pci,max_ports=2", "-chardev", "file,id=output,path=/dev/stdout",
                "-device", "virtserialport,chardev=output,nr=1", *folders]


def make_initrd(kernel, folder):
    """busybox, our init and the first modules."""
    root = folder / "root"
    for name in ("bin", "proc", "sys", "dev", "modules", "low", "writes", "new"):
        (root / name).mkdir(parents=True)
    shutil.copy(shutil.which("busybox"), root / "bin/busybox")
    shutil.copy(INIT, root / "init")
    (root / "init").chmod(0o755)
    order = []
    for module in FIRST_MODULES:
        for file in files_of(kernel, module):
            name = file.name.split(".")[0]
            if name not in order:
                order.append(name)
                (root / "modules" / name).write_bytes(
                    subprocess.run([*UNPACK[file.suffix], file], check=True, stdout=subprocess.PIPE).stdout)
    (root / "modules/order").write_text("".join(f"{name}\n" for name in order))
    names = "\n".join(str(path.relative_to(root)) for path in sorted(root.rglob("*")))
    with (folder / "initrd").open("wb") as initrd:
        subprocess.run(["cpio", "-o", "-H", "newc", "--quiet"], cwd=root, input=names.encode(), stdout=initrd, check=True)


def files_of(kernel, module):
    """A module's file after those that it needs; nothing for one that is built in."""
    told = subprocess.run(["modprobe", "--quiet", "--show-depends", "--dirname", kernel.modules.parents[2],
                           "--set-version", kernel.release, module], stdout=subprocess.PIPE, text=True, check=False).stdout
    return [Path(words[1]) for words in map(str.split, told.splitlines()) if words[0] == "insmod"]
