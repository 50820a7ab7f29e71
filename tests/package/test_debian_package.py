# SPDX-License-Identifier: Apache-2.0
"""The Debian package installs in a Debian that has nothing, does its job there, and goes again."""
import json
import re
import subprocess

from support.debian_package import make_package
from support.need import need_program


def passed(done):
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_installs_in_a_clean_debian_does_its_job_and_goes(installed, package):
    version = re.match(r"ig_(.*)_", package.name)[1]
    assert passed(installed.run("ig", "--version")) == f"ig {version}\n"
    assert "usage: ig COMMAND" in passed(installed.run("ig", "help"))
    assert "NAME" in passed(installed.run("man", "ig"))
    assert "--duration" in passed(installed.run("man", "ig-record"))
    passed(installed.run("ig", "record", "-o", "/srv/session.db", "--", "/bin/ls", "/"))
    profile = json.loads(passed(installed.run("ig", "advise", "seccomp-profile", "/srv/session.db", "--command")))
    assert "execve" in profile["syscalls"][0]["names"]
    passed(installed.run("dpkg", "-r", "ig"))
    left = passed(installed.run("find", "/usr", "/etc", "/lib/systemd", "-path", "*ig-record*", "-o", "-name", "ig", "-type", "f"))
    assert left == "", left
    assert "policy.conf" in passed(installed.run("ls", "/etc/ig/record")), "settings stay until the package is purged"
    passed(installed.run("dpkg", "-P", "ig"))
    assert installed.run("ls", "/etc/ig").returncode != 0


def test_lintian_finds_nothing(package):
    lintian = need_program("lintian", "lintian")
    done = subprocess.run([lintian, "--allow-root", "--fail-on", "error,warning", package], capture_output=True, text=True,
                          timeout=120, check=False)
    assert done.returncode == 0 and done.stdout == "", done.stdout + done.stderr


def test_it_has_what_belongs_to_a_program(package):
    files = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE, check=True).stdout
    names = set(subprocess.run(["tar", "-t"], input=files, stdout=subprocess.PIPE, check=True).stdout.decode().split())
    for name in ("usr/bin/ig", "usr/share/man/man1/ig.1.gz", "usr/share/man/man1/ig-record.1.gz",
                 "usr/share/bash-completion/completions/ig", "usr/share/zsh/vendor-completions/_ig",
                 "usr/share/fish/vendor_completions.d/ig.fish", "usr/share/doc/ig/README.md", "usr/share/doc/ig/docs/commands.md",
                 "usr/share/doc/ig/copyright", "usr/share/doc/ig/LICENSES/Apache-2.0.txt",
                 "usr/share/doc/ig/LICENSES/GPL-2.0.txt", "usr/share/doc/ig/ig.spdx.json",
                 "usr/lib/systemd/system/ig-record@.service", "etc/ig/record/policy.conf"):
        assert f"./{name}" in names


def test_packing_again_gives_the_same_bytes(package, build_folder, tmp_path):
    # Of building, scripts/check-reproducible says that.
    assert make_package(build_folder, tmp_path).read_bytes() == package.read_bytes()
