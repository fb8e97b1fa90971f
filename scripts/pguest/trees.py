# SPDX-License-Identifier: GPL-2.0-only
"""Which Linux a tree is, and which of them the hooks are written for."""

from hookfile import load_hooks
from pguest import paths


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
