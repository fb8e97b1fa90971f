# SPDX-License-Identifier: GPL-2.0-only
"""A QEMU that has the Realm Management Extension: version 10 or newer.

The machine's own, if it is that new. Else Debian's, out of the backports of the
machine's release or a newer suite of the same mirror, unpacked under build/ and
never installed.
"""

import re
import shutil
import subprocess
from pathlib import Path

from pguest import debian, newest, paths, shell, ui

NAME = "qemu-system-aarch64"
PACKAGE = "qemu-system-arm"
NEEDED = 10
PLACE = paths.BUILD / "qemu"
APT = paths.BUILD / "apt-qemu"
UNPACKED = PLACE / "usr" / "bin" / NAME


def command():
    """The beginning of a command line that runs it."""
    own = shutil.which(NAME)
    if own and version(own) >= NEEDED:
        return [own]
    with shell.lock("qemu"):
        if not UNPACKED.exists():
            fetch()
    # Modules that it was not built with are in the machine's own directory for them.
    return ["env", f"QEMU_MODULE_DIR={PLACE}", str(UNPACKED)]


def version(program):
    """The first number of it; 0 for a program that does not even say that."""
    try:
        said = subprocess.run([program, "--version"], text=True, capture_output=True, check=False).stdout
    except OSError:
        return 0
    found = re.match(r"QEMU emulator version (\d+)\.", said)
    return int(found[1]) if found else 0


def suites():
    """The backports of what runs here first: what is there was built for these libraries."""
    release = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.M)
    return ([f"{release[1]}-backports"] if release else []) + list(newest.SUITES)


def fetch():
    """The first of the suites whose QEMU is new enough, and runs here."""
    shell.need_space(shell.GIB // 2, "a newer QEMU")
    update()
    for suite in suites():
        if deb := download(suite):
            unpack(deb)
            if version(UNPACKED) >= NEEDED:
                ui.say(f"QEMU for realms: {deb.name} of {suite}")
                return
            shutil.rmtree(PLACE)
    raise newest.Unavailable(f"no QEMU {NEEDED} or newer that runs here: this machine has none, and the mirror "
                             f"has none in {', '.join(suites())} ({paths.LOGS}/apt-qemu.log)")


def apt(*words, cwd=None):
    """As in newest.py, but for packages of this machine's architecture."""
    for place in ("state/lists/partial", "cache/archives/partial", "deb", "parts"):
        (APT / place).mkdir(parents=True, exist_ok=True)
    architecture = subprocess.run(["dpkg", "--print-architecture"], text=True, capture_output=True,
                                  check=True).stdout.strip()
    done = subprocess.run(debian.apt_command(
        "-o", f"APT::Architecture={architecture}",
        "-o", f"Dir::State={APT}/state", "-o", f"Dir::Cache={APT}/cache",
        "-o", f"Dir::Etc::sourcelist={APT}/sources.list", "-o", f"Dir::Etc::sourceparts={APT}/parts", *words),
        cwd=cwd, text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        check=False, env=shell.environment())
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    with open(paths.LOGS / "apt-qemu.log", "a") as log:
        log.write(done.stdout)
    return done


def update():
    """A mirror may lack a suite or two; apt says so and takes the others."""
    uri = newest.mirror()
    APT.mkdir(parents=True, exist_ok=True)
    (APT / "sources.list").write_text("".join(
        f"deb {debian.signed_by()}{uri} {suite} main\n" for suite in suites()))
    apt("update")


def download(suite):
    """The .deb that this suite has, or nothing."""
    for old in (APT / "deb").glob(f"{PACKAGE}_*.deb"):
        old.unlink()
    done = apt("download", f"{PACKAGE}/{suite}", cwd=APT / "deb")
    debs = list((APT / "deb").glob(f"{PACKAGE}_*.deb"))
    return debs[0] if not done.returncode and debs else None


def unpack(deb):
    shutil.rmtree(PLACE, ignore_errors=True)
    shell.run(["dpkg-deb", "--extract", deb, PLACE], "unpack-qemu.log", f"unpacking {PACKAGE}")
    deb.unlink()
