# SPDX-License-Identifier: Apache-2.0
"""Programs of each way to start one: C libraries, linked dynamically and statically, and Go; from tests/support/programs/start."""
import os
import shutil
import subprocess
from pathlib import Path

from support.need import need, need_program

SOURCE = Path(__file__).resolve().parent / "programs/start"
GO = Path("/usr/lib/go-1.19/bin/go")
COMPILERS = {"glibc": ("gcc-12", "gcc-12"), "musl": ("musl-gcc", "musl-tools")}


def compile_c(libc, source, program, *options):
    compiler, package = COMPILERS[libc]
    need_program(compiler, package)
    subprocess.run([compiler, "-O1", "-Wall", "-Werror", "-o", program, SOURCE / source, *options], check=True, timeout=120)
    return program


def compile_go(source, program):
    need(GO.exists(), "Go is not installed (Debian package golang-1.19-go)")
    folder = program.parent / "go-cache"
    environment = {**os.environ, "HOME": str(folder), "GOCACHE": str(folder), "GOPATH": str(folder), "CGO_ENABLED": "0",
                   "GOPROXY": "off", "GOFLAGS": ""}
    subprocess.run([GO, "build", "-o", program, SOURCE / source], check=True, timeout=240, env=environment, cwd="/")
    shutil.rmtree(folder, ignore_errors=True)
    return program


def compile_starters(folder):
    """{path in the container: libc}: programs that start, print a line and end. `folder` is seen as /srv."""
    made = {}
    for libc in COMPILERS:
        library = compile_c(libc, "library.c", folder / f"lib{libc}word.so", "-shared", "-fPIC", f"-Wl,-soname,lib{libc}word.so")
        compile_c(libc, "start.c", folder / f"{libc}-dynamic")
        compile_c(libc, "start.c", folder / f"{libc}-static", "-static")
        compile_c(libc, "start.c", folder / f"{libc}-library", "-DLIBRARY", library, "-Wl,-rpath=/srv")
        made |= {f"/srv/{libc}-{kind}": libc for kind in ("dynamic", "static", "library")}
    compile_go("start.go", folder / "go-static")
    return made | {"/srv/go-static": "go"}
