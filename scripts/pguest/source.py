# SPDX-License-Identifier: GPL-2.0-only
"""Sources: from a mirror's packages to an integrated tree, and what the guest and the monitor take from others."""

import hashlib
import json
import shutil
from pathlib import Path

from hookfile import load_hooks, select
from pguest import debian, newest, paths, shell, trees, ui


def tarball(series):
    """Debian's kernel source: the installed package's, else a download."""
    if series == "7.x":
        return newest.tarball()
    if series not in paths.OF_MIRROR:
        raise ui.Refusal(f"Linux {series}: the mirror has no source of it; LINUX=/path names a tree")
    package = f"linux-source-{series}"
    name = f"{package}.tar.xz"
    installed = Path("/usr/src") / name
    if installed.exists():
        return installed
    kept = paths.BUILD / "src" / name
    if not kept.exists():
        progress = ui.Progress(f"fetching {package}")
        deb = debian.apt_download(package)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shell.run(["dpkg-deb", "--extract", deb, debian.APT / "unpacked"], "unpack-deb.log",
                  "unpacking linux-source")
        shutil.move(debian.APT / "unpacked" / "usr" / "src" / name, kept)
        shutil.rmtree(debian.APT / "unpacked")
        deb.unlink()
        progress.done()
    return kept


def unpack(tree, series):
    """Unpack Linux `series` as `tree`. A half-unpacked tree never carries that name."""
    if (tree / "Makefile").exists():
        return False
    shell.need_space(6 * shell.GIB, "a kernel tree and its build")
    packed = tarball(series)
    progress = ui.Progress(f"unpacking {tree.name}")
    half = tree.with_name(tree.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    shell.run(["tar", "--extract", "--xz", "--strip-components=1", "-C", half, "-f", packed],
              f"unpack-{tree.name}.log", f"unpacking {packed.name}")
    half.rename(tree)
    progress.done()
    return True


def pristine_tree(series=paths.KERNEL):
    tree = paths.pristine(series)
    with shell.lock("tree"):
        if not paths.is_users(series):
            unpack(tree, series)
        elif tree != check_users_tree():
            follow(tree)
            integrate(tree, "--revert")
    return tree


def integrated_tree(series=paths.KERNEL):
    """build/linux-<series> with this repository in it, as the hooks now are; or the user's tree, see users_tree()."""
    with shell.lock("tree"):
        return users_tree() if paths.is_users(series) else make_integrated_tree(series)


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


def check_users_tree():
    """Refuse what LINUX= must not be; returns the directory."""
    path, version = paths.LINUX, paths.LINUX_VERSION
    if not path.is_dir():
        raise ui.Refusal(f"LINUX={path}: there is no such directory")
    if version is None or not (path / "Kbuild").exists():
        raise ui.Refusal(f"LINUX={path}: this is no Linux source tree (no Makefile with a VERSION)")
    if not trees.series_of(path):
        raise ui.Refusal(f"LINUX={path}: this is Linux {version[0]}.{version[1]}, "
                         f"and the hooks are for {', '.join(trees.in_order(trees.known_versions()))}")
    if (path / "pguest").exists() and (why := outdated(path)):
        raise ui.Refusal(f"LINUX={path}: {why}: scripts/integrate {path} updates it")
    return path


def outdated(tree):
    """Why the layer in a tree of the user's is not the one of this directory, None if it is.

    Such a tree is built as it is. A series of git am leaves no state, and whoever has it changes it by git.
    """
    try:
        state = json.loads((tree / ".pguest" / "state.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if "unfinished" in state:
        return "scripts/integrate was interrupted there"
    if state["link"] and Path(state["link"]).resolve() != paths.ROOT:
        return f"it has the layer of {state['link']}"
    version = "{}.{}".format(*paths.kernel_version(tree))
    had = state["hooks"]
    wanted = {hook.name: hook.sha256 for hook in select(load_hooks(paths.ROOT / "hooks"), version, lambda path: (tree / path).is_file())}
    changed = sorted(name for name in had.keys() | wanted.keys() if had.get(name) != wanted.get(name))
    if changed:
        return f"it was integrated with other hooks ({', '.join(changed[:3])}{' and more' if changed[3:] else ''})"
    old = [path for path, digests in state["copy"].items() if not state["link"] and digests != [file_digest(paths.ROOT / path)]]
    return f"its copy of the layer is another one ({old[0]})" if old else None


def file_digest(file):
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else None


def users_tree():
    """The tree to build for LINUX=.

    An integrated tree is used where it is. A pristine one is never written
    to: it is copied into build/ and the copy is integrated.
    """
    given = check_users_tree()
    tree = paths.tree(paths.KERNEL)
    if tree != given:
        fresh = follow(tree)
        try:
            integrate(tree)
        except ui.Refusal:
            if fresh:
                raise
            # What the user changed may be what a hook had changed in the copy.
            shutil.rmtree(tree)
            follow(tree)
            integrate(tree)
    return tree


def follow(copy):
    """Make @copy a copy of the user's tree, or copy what has changed there since; True if it is new."""
    if (copy / "Makefile").exists():
        shell.run(["cp", "-a", "--update", "--reflink=auto", f"{paths.LINUX}/.", copy], "copy.log",
                  f"copying what changed in {paths.LINUX}")
        return False
    shell.need_space(6 * shell.GIB, f"a copy of {paths.LINUX}")
    progress = ui.Progress(f"copying {paths.LINUX} (it stays as it is)")
    half = copy.with_name(copy.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    paths.BUILD.mkdir(parents=True, exist_ok=True)
    shell.run(["cp", "-a", "--reflink=auto", paths.LINUX, half], "copy.log", f"copying {paths.LINUX}")
    half.rename(copy)
    progress.done()
    return True


def busybox():
    """A static arm64 busybox out of Debian's package."""
    kept = paths.BUILD / "src" / "busybox"
    if not kept.exists():
        progress = ui.Progress("fetching busybox for the guest")
        deb = debian.apt_download("busybox-static")
        kept.parent.mkdir(parents=True, exist_ok=True)
        shell.run(["dpkg-deb", "--extract", deb, debian.APT / "busybox"], "unpack-busybox.log",
                  "unpacking busybox-static")
        shutil.move(debian.APT / "busybox" / "bin" / "busybox", kept)
        shutil.rmtree(debian.APT / "busybox")
        progress.done()
    return kept


def nettle():
    """Where the headers of Nettle are and its static arm64 library, out of Debian's package."""
    kept = paths.BUILD / "src" / "nettle"
    with shell.lock("nettle"):
        if not kept.exists():
            progress = ui.Progress("fetching Nettle for the guest")
            deb = debian.apt_download("nettle-dev")
            half = kept.with_name(kept.name + ".half")
            shutil.rmtree(half, ignore_errors=True)
            shell.run(["dpkg-deb", "--extract", deb, half], "unpack-nettle.log", "unpacking nettle-dev")
            half.rename(kept)
            progress.done()
    return kept / "usr" / "include", kept / "usr" / "lib" / "aarch64-linux-gnu" / "libnettle.a"


def bearssl():
    """BearSSL's source, out of Debian's source package: the monitor compiles its own part of it."""
    kept = paths.BUILD / "src" / "bearssl"
    with shell.lock("bearssl"):
        if not (kept / "inc" / "bearssl.h").exists():
            progress = ui.Progress("fetching BearSSL's source for the monitor")
            tar = debian.apt_source("bearssl")
            half = kept.with_name(kept.name + ".half")
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir(parents=True)
            shell.run(["tar", "--extract", "--strip-components=1", "-C", half, "-f", tar],
                      "unpack-bearssl.log", f"unpacking {tar.name}")
            shutil.rmtree(kept, ignore_errors=True)
            half.rename(kept)
            progress.done()
    return kept


