# SPDX-License-Identifier: Apache-2.0
"""Gadgets of the tests' own, compiled as somebody would bring them along: without their source."""
import platform
import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]


def compile_gadget(source, folder):
    """Makes folder/NAME of the gadget's source folder; `folder` is for --gadget-path."""
    gadget = folder / source.name
    gadget.mkdir()
    shutil.copy(source / "gadget.yaml", gadget)
    compile_object(source / "program.bpf.c", gadget / "program.bpf.o")


def compile_object(source, target):
    arch = {"x86_64": "x86", "aarch64": "arm64"}[platform.machine()]
    includes = [SOURCE / "bpf/include", SOURCE / "bpf/include/vmlinux" / {"x86": "x86_64"}.get(arch, arch)]
    subprocess.run(["clang-14", "-g", "-O2", "-target", "bpf", "-mcpu=v3", f"-D__TARGET_ARCH_{arch}", "-Wall", "-Werror",
                    *[word for include in includes for word in ("-I", include)], "-c", source, "-o", target],
                   check=True, timeout=60)
