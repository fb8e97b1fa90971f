# SPDX-License-Identifier: GPL-2.0-only
"""Packages of the machine's own apt suites.

No mirror is named here. apt runs with a state directory under build/, so it needs
no root, and for the architecture arm64, so the guest's busybox comes from the same
mirror without dpkg knowing about it.
"""

import os
import shutil
import subprocess
from pathlib import Path

from pguest import paths, shell, ui

APT = paths.BUILD / "apt"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def apt_command(*words):
    options = {
        "Apt::Architecture": "arm64",
        "Dir::State": APT / "state",
        "Dir::State::status": APT / "status",
        "Dir::Cache": APT / "cache",
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
        "Acquire::http::Timeout": "20",
    }
    settings = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
    return ["apt-get", "-q", *settings, *words]


def apt_lists(package):
    """What the machine's own suites have, for fetching `package` from them."""
    if not shutil.which("apt-get"):
        raise ui.Refusal(f"cannot fetch {package}: this machine has no apt-get")
    for place in ("state/lists/partial", "cache/archives/partial", "deb"):
        (APT / place).mkdir(parents=True, exist_ok=True)
    (APT / "status").touch()

    lists = APT / "state" / "lists"
    if not any(lists.glob("*_Packages*")):
        apt("update", package)


def apt_download(package):
    """Fetch one arm64 or all-architecture package; returns the .deb."""
    apt_lists(package)
    apt("download", package, package, cwd=APT / "deb")

    found = sorted((APT / "deb").glob(f"{package}_*.deb"))
    if not found:
        raise ui.Refusal(f"apt downloaded no {package}")
    return found[-1]


def apt(verb, package, *words, cwd=None):
    log = paths.LOGS / f"apt-{verb}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        apt_command(verb, *words), cwd=cwd, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C"})
    log.write_text(done.stdout)
    trouble = [line for line in done.stdout.splitlines()
               if line.startswith(("E: ", "W: Failed to fetch"))]
    if done.returncode or (verb == "update" and not any((APT / "state/lists").glob("*_Packages*"))):
        reason = trouble[0] if trouble else "no package lists came"
        raise ui.Refusal(
            f"cannot fetch {package}: no package mirror of this machine's apt sources "
            f"answered with it ({reason})")


def apt_source(package):
    """Fetch a source package, checked by apt as any other; returns upstream's tar.

    A machine's apt may list no sources, so apt fetches lists of them into a directory
    of this function's. The file that names the archives is removed at the end.
    """
    apt_lists(package)
    place = APT / "source"
    for part in ("lists/partial", "parts", "got"):
        (place / part).mkdir(parents=True, exist_ok=True)
    options = ["-o", f"Dir::State::lists={place}/lists", "-o", f"Dir::Etc::sourcelist={place}/list",
               "-o", f"Dir::Etc::sourceparts={place}/parts"]
    (place / "list").write_text(source_lines())
    try:
        apt("update", package, *options)
        apt("source", package, *options, "--download-only", package, cwd=place / "got")
    finally:
        (place / "list").unlink()
        shutil.rmtree(place / "lists")
    found = sorted((place / "got").glob(f"{package}_*.orig.tar.*"))
    if not found:
        raise ui.Refusal(f"apt downloaded no source of {package}")
    return found[-1]


def source_lines():
    """deb-src lines for the Debian archives that the machine installs from."""
    words = apt_command("indextargets", "--format", "$(ORIGIN)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)",
                        "Created-By: Packages")
    done = subprocess.run(words, text=True, capture_output=True, check=False,
                          env=shell.environment())
    return "".join(sorted({f"deb-src {signed_by()}{uri} {release} {component}\n"
                           for origin, uri, release, component
                           in (line.split("|") for line in done.stdout.splitlines())
                           if origin == "Debian"}))


def signed_by():
    """The option of a line in sources.list that names the keys of Debian's archive."""
    return f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
