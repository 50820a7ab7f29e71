# SPDX-License-Identifier: Apache-2.0
"""Packages of any Debian suite and architecture, by an apt that shares nothing with the machine's own."""
import re
import subprocess

MIRROR = "http://deb.debian.org/debian"
SECURITY_MIRROR = "http://deb.debian.org/debian-security"
KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"


class PrivateApt:
    """Its lists and settings lie below `folder`. No root is needed, and nothing is installed."""

    def __init__(self, folder, suite, arch):
        self.folder, self.suite = folder, suite
        for name in ("state/lists/partial", "cache/archives/partial", "etc/preferences.d"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "status").touch()
        sources = [f"{MIRROR} {suite} main"]
        if suite != "sid":  # the newest needs no separate corrections
            sources.append(f"{SECURITY_MIRROR} {suite}-security main")
        (folder / "etc/sources.list").write_text("".join(f"deb [signed-by={KEYS}] {source}\n" for source in sources))
        (folder / "apt.conf").write_text(
            f'Dir::State "{folder}/state"; Dir::State::status "{folder}/status"; Dir::Cache "{folder}/cache";\n'
            f'Dir::Etc::sourcelist "{folder}/etc/sources.list"; Dir::Etc::sourceparts "/dev/null";\n'
            f'Dir::Etc::preferencesparts "{folder}/etc/preferences.d"; Acquire::Retries "2";\n'
            f'APT::Sandbox::User "root"; APT::Architecture "{arch}"; APT::Architectures {{"{arch}";}};\n'
            'APT::Update::Error-Mode "any";\n')

    def update(self):
        """Fetches the lists: afterwards the newest versions are known."""
        self._run("apt-get", "-qq", "update")

    def depends(self, package):
        return re.findall(r"Depends: ([^<\s]\S*)", self._run("apt-cache", "depends", package))

    def unpack(self, package, root):
        """Downloads a package and unpacks it below `root`; its version."""
        downloads = self.folder / "downloads"
        downloads.mkdir(exist_ok=True)
        self._run("apt-get", "-qq", "download", package, cwd=downloads)
        deb = next(downloads.glob(f"{package}_*.deb"))
        subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
        version = deb.name.split("_")[1]
        deb.unlink()
        return version

    def _run(self, tool, *arguments, **options):
        return subprocess.run([tool, "-c", self.folder / "apt.conf", *arguments], check=True, stdout=subprocess.PIPE,
                              text=True, **options).stdout
