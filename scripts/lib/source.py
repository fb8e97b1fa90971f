# SPDX-License-Identifier: GPL-2.0-only
"""Kernel sources: from the machine's own apt suites to an integrated tree.

Nothing here names a mirror. apt is asked with a state directory of its own
under build/, so it needs no root, and its idea of an architecture is arm64, so
the guest's busybox comes from the same place without dpkg knowing about it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import newest
import paths
import shell
import ui

sys.path.append(str(paths.ROOT / "scripts"))
from hookfile import load_hooks  # noqa: E402

APT = paths.BUILD / "apt"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
GIB = 1 << 30


def need_space(bytes_needed, what):
    """Refuse before anything is written, and not when the disk is full."""
    place = paths.BUILD
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < bytes_needed:
        raise ui.Refusal(
            f"not enough disk for {what}: {place} has {free / GIB:.1f} GiB free, "
            f"{bytes_needed / GIB:.1f} GiB are needed (BUILD=/elsewhere moves the build)")


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
    command = ["apt-get", "-q"]
    for name, value in options.items():
        command += ["-o", f"{name}={value}"]
    return command + list(words)


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


def tarball(series):
    """Debian's kernel source: the installed package's, else a download."""
    if series == "7.x":
        return newest.tarball()
    package = f"linux-source-{series}"
    name = f"{package}.tar.xz"
    installed = Path("/usr/src") / name
    if installed.exists():
        return installed
    kept = paths.BUILD / "src" / name
    if not kept.exists():
        progress = ui.Progress(f"fetching {package}")
        deb = apt_download(package)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shell.run(["dpkg-deb", "--extract", deb, APT / "unpacked"], "unpack-deb.log",
                  "unpacking linux-source")
        shutil.move(APT / "unpacked" / "usr" / "src" / name, kept)
        shutil.rmtree(APT / "unpacked")
        deb.unlink()
        progress.done()
    return kept


def unpack(tree, series):
    """Unpack Linux `series` as `tree`. A half-unpacked tree never carries that name."""
    if (tree / "Makefile").exists():
        return False
    need_space(6 * GIB, "a kernel tree and its build")
    source = tarball(series)
    progress = ui.Progress(f"unpacking {tree.name}")
    half = tree.with_name(tree.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    shell.run(["tar", "--extract", "--xz", "--strip-components=1", "-C", half, "-f", source],
              f"unpack-{tree.name}.log", f"unpacking {source.name}")
    half.rename(tree)
    progress.done()
    return True


def pristine_tree(series=paths.KERNEL):
    tree = paths.pristine(series)
    with shell.lock("tree"):
        unpack(tree, series)
    return tree


def integrated_tree(series=paths.KERNEL):
    """build/linux-<series> with this repository in it, as the hooks now are."""
    with shell.lock("tree"):
        return make_integrated_tree(series)


def make_integrated_tree(series):
    """scripts/integrate updates in place, so that builds stay incremental, and is quick to find nothing to do."""
    tree = paths.tree(series)
    fresh = unpack(tree, series)
    try:
        integrate(tree)
    except ui.Refusal:
        if fresh:
            raise
        # The tree is ours: what cannot be updated is made anew.
        shutil.rmtree(tree)
        unpack(tree, series)
        integrate(tree)
    return tree


def integrate(tree, *options):
    shell.run([paths.ROOT / "scripts" / "integrate", *options, tree], "integrate.log",
              f"scripts/integrate {tree}")


def kernel_version(tree):
    """(6, 12) of a kernel tree, or None for anything else."""
    try:
        lines = (tree / "Makefile").read_text(errors="replace").splitlines()[:10]
    except OSError:
        return None
    words = dict(line.replace(" ", "").split("=", 1) for line in lines if "=" in line)
    if not (words.get("VERSION", "").isdigit() and words.get("PATCHLEVEL", "").isdigit()):
        return None
    return int(words["VERSION"]), int(words["PATCHLEVEL"])


def series_of(tree):
    """Which of our kernels a tree is, None if it is none of them."""
    version = kernel_version(tree)
    version = "{}.{}".format(*version) if version else None
    return known_versions().get(version)


def known_versions():
    """{version that hooks are written for: which of paths.SERIES it is}."""
    hooks = load_hooks(paths.ROOT / "hooks")
    return {version: "7.x" if version.startswith("7.") else version
            for hook in hooks for version in hook.trees}


def known_series():
    """Those of paths.SERIES that hooks are written for."""
    known = set(known_versions().values())
    return [series for series in paths.SERIES if series in known]


def in_order(versions):
    return sorted(versions, key=lambda version: [int(part) for part in version.split(".")])


def check_users_tree(path):
    """Refuse what LINUX= must not be; returns the directory."""
    given = Path(path).expanduser()
    if not given.is_dir():
        raise ui.Refusal(f"LINUX={path}: there is no such directory")
    version = kernel_version(given)
    if version is None or not (given / "Kbuild").exists():
        raise ui.Refusal(f"LINUX={path}: this is no Linux source tree (no Makefile with a VERSION)")
    if not series_of(given):
        raise ui.Refusal(f"LINUX={path}: this is Linux {version[0]}.{version[1]}, "
                         f"and the hooks are for {', '.join(in_order(known_versions()))}")
    return given.resolve()


def users_tree(path):
    """The tree to build for LINUX=path.

    An integrated tree is used where it is. A pristine one is never written
    to: it is copied into build/ and the copy is integrated.
    """
    given = check_users_tree(path)
    if (given / "pguest").exists():
        return given
    with shell.lock("tree"):
        return copy_of(given)


def copy_of(given):
    name = hashlib.sha256(str(given).encode()).hexdigest()[:8]
    copy = paths.BUILD / f"linux-user-{name}"
    if not (copy / "Makefile").exists():
        need_space(6 * GIB, f"a copy of {given}")
        progress = ui.Progress(f"copying {given} (it stays as it is)")
        half = copy.with_name(copy.name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        paths.BUILD.mkdir(parents=True, exist_ok=True)
        shell.run(["cp", "-a", "--reflink=auto", given, half], "copy.log", f"copying {given}")
        half.rename(copy)
        progress.done()
    if not (copy / "pguest").exists():
        integrate(copy)
    return copy


def busybox():
    """A static arm64 busybox out of Debian's package."""
    kept = paths.BUILD / "src" / "busybox"
    if not kept.exists():
        progress = ui.Progress("fetching busybox for the guest")
        deb = apt_download("busybox-static")
        kept.parent.mkdir(parents=True, exist_ok=True)
        shell.run(["dpkg-deb", "--extract", deb, APT / "busybox"], "unpack-busybox.log",
                  "unpacking busybox-static")
        shutil.move(APT / "busybox" / "bin" / "busybox", kept)
        shutil.rmtree(APT / "busybox")
        progress.done()
    return kept


def bearssl():
    """BearSSL's source, out of Debian's source package: the monitor compiles its own part of it."""
    kept = paths.BUILD / "src" / "bearssl"
    with shell.lock("bearssl"):
        if not (kept / "inc" / "bearssl.h").exists():
            progress = ui.Progress("fetching BearSSL's source for the monitor")
            tar = apt_source("bearssl")
            half = kept.with_name(kept.name + ".half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
            shell.run(["tar", "--extract", "--strip-components=1", "-C", half, "-f", tar],
                      "unpack-bearssl.log", f"unpacking {tar.name}")
            shutil.rmtree(kept, ignore_errors=True)
            half.rename(kept)
            progress.done()
    return kept


def apt_source(package):
    """Fetch a source package, checked by apt as any other; returns upstream's tar.

    A machine's apt need not be told of sources, so its archives are asked for
    them with lists of their own. What names the archives does not stay.
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
    signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    return "".join(sorted({f"deb-src {signed}{uri} {release} {component}\n"
                           for origin, uri, release, component
                           in (line.split("|") for line in done.stdout.splitlines())
                           if origin == "Debian"}))
