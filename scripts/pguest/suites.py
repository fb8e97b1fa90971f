# SPDX-License-Identifier: GPL-2.0-only
"""Programs out of newer suites of the machine's own mirror, unpacked under build/ and never installed."""

import re
import subprocess
from pathlib import Path

from pguest import debian, newest, paths, shell


def suites():
    """The backports of what runs here first: what is there was built for these libraries."""
    release = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.M)
    return ([f"{release[1]}-backports"] if release else []) + list(newest.SUITES)


class Packages:
    """What these suites have, with lists and a log of their own: build/apt-<name>, build/logs/apt-<name>.log."""

    def __init__(self, name):
        self.place = paths.BUILD / f"apt-{name}"
        self.log = paths.LOGS / f"apt-{name}.log"

    def apt(self, *words, cwd=None):
        """As in newest.py, but for packages of this machine's architecture."""
        for place in ("state/lists/partial", "cache/archives/partial", "deb", "parts"):
            (self.place / place).mkdir(parents=True, exist_ok=True)
        architecture = subprocess.run(["dpkg", "--print-architecture"], text=True, capture_output=True,
                                      check=True).stdout.strip()
        done = subprocess.run(debian.apt_command(
            "-o", f"APT::Architecture={architecture}",
            "-o", f"Dir::State={self.place}/state", "-o", f"Dir::Cache={self.place}/cache",
            "-o", f"Dir::Etc::sourcelist={self.place}/sources.list",
            "-o", f"Dir::Etc::sourceparts={self.place}/parts", *words),
            cwd=cwd, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            check=False, env=shell.environment())
        paths.LOGS.mkdir(parents=True, exist_ok=True)
        with open(self.log, "a") as log:
            log.write(done.stdout)
        return done

    def update(self):
        """A mirror may lack a suite or two; apt says so and takes the others."""
        uri = newest.mirror()
        self.place.mkdir(parents=True, exist_ok=True)
        (self.place / "sources.list").write_text("".join(
            f"deb {debian.signed_by()}{uri} {suite} main\n" for suite in suites()))
        self.apt("update")

    def download(self, package, suite):
        """The .deb that this suite has, or nothing."""
        for old in (self.place / "deb").glob(f"{package}_*.deb"):
            old.unlink()
        done = self.apt("download", f"{package}/{suite}", cwd=self.place / "deb")
        debs = list((self.place / "deb").glob(f"{package}_*.deb"))
        return debs[0] if not done.returncode and debs else None


def unpack(deb, place):
    shell.run(["dpkg-deb", "--extract", deb, place], f"unpack-{place.name}.log", f"unpacking {deb.name}")
    deb.unlink()
