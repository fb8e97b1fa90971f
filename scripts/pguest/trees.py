# SPDX-License-Identifier: GPL-2.0-only
"""Which Linux a tree is, and which of them the hooks are written for."""

from hookfile import load_hooks
from pguest import paths
from pguest.paths import kernel_version


def series_of(tree):
    """What a tree is called here, None if no hook is for its version."""
    version = kernel_version(tree)
    return paths.series_of(version) if version and "{}.{}".format(*version) in known_versions() else None


def known_versions():
    """The versions that hooks are written for."""
    return {version for hook in load_hooks(paths.ROOT / "hooks") for version in hook.trees}


def known_series():
    """Those of paths.SERIES that hooks are written for."""
    known = {paths.series_of(version) for version in known_versions()}
    return [series for series in paths.SERIES if series in known]


def series_to_test():
    """The one that KERNEL= or LINUX= names; without either, all."""
    return known_series() if paths.KERNEL == paths.DEFAULT and not paths.LINUX else [paths.KERNEL]


def in_order(versions):
    return sorted(versions, key=lambda version: [int(part) for part in version.split(".")])
