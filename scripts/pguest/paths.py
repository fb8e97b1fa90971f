# SPDX-License-Identifier: GPL-2.0-only
"""Where things are. BUILD= moves everything that is made out of the repository."""

import hashlib
import os
from pathlib import Path

from hookfile import SERIES as VERSIONS
from pguest import ui

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD") or ROOT / "build").resolve()



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


def series_of(version):
    """What a version, "7.3" or (7, 3), is called here: 7.x is the newest that the hooks know."""
    text = version if isinstance(version, str) else ".".join(map(str, version))
    return "7.x" if text == VERSIONS[-1] else text


def version_of(series):
    """(7, 3) of a series, to compare with."""
    return tuple(map(int, (VERSIONS[-1] if series == "7.x" else series).split(".")))


# LINUX=/path is a tree of the user's: KERNEL is what it is then, and what is built of it has a place of its own.
LINUX = Path(os.environ["LINUX"]).expanduser().resolve() if os.environ.get("LINUX") else None
LINUX_NAME = f"user-{hashlib.sha256(str(LINUX).encode()).hexdigest()[:8]}"
LINUX_VERSION = kernel_version(LINUX) if LINUX else None

# The kernels whose sources the mirror has.
OF_MIRROR = ("6.1", "6.12", "7.x")
DEFAULT = "6.12"
KERNEL = series_of(LINUX_VERSION) if LINUX_VERSION else os.environ.get("KERNEL") or DEFAULT
# All that can be built now.
SERIES = OF_MIRROR if KERNEL in OF_MIRROR or not LINUX_VERSION else (*OF_MIRROR, KERNEL)

OUT = BUILD / "out" / LINUX_NAME if LINUX else BUILD / "out"
MONITOR = BUILD / "monitor"
INITRAMFS = BUILD / "initramfs.cpio"
CAMPAIGN_INITRAMFS = BUILD / "initramfs-campaign.cpio"
LOGS = BUILD / "logs"

CONFIGS = ROOT / "tests" / "configs"
GUEST = ROOT / "tests" / "guest"


def is_users(series):
    """Is the tree of LINUX= meant?"""
    return LINUX is not None and series == KERNEL


def tree(series=KERNEL):
    """Where the kernel tree with this repository in it is."""
    if not is_users(series):
        return BUILD / f"linux-{series}"
    return LINUX if (LINUX / "pguest").exists() else BUILD / f"linux-{LINUX_NAME}"


def pristine(series=KERNEL):
    """Where the tree as it came is."""
    if not is_users(series):
        return BUILD / f"linux-{series}-pristine"
    return BUILD / f"linux-{LINUX_NAME}-pristine" if (LINUX / "pguest").exists() else LINUX


def kernel_name(kind, series=KERNEL):
    """The name of a build: guest of the default kernel, guest-6.1 of another."""
    return kind if series == DEFAULT else f"{kind}-{series}"


def check_kernel():
    """KERNEL= is what a person types; source.check_users_tree() is for LINUX=."""
    if KERNEL not in SERIES:
        raise ui.Refusal(f"KERNEL={KERNEL}: unknown; it is one of {', '.join(SERIES)}")


def image(config):
    return OUT / config / "arch" / "arm64" / "boot" / "Image"


def monitor_image():
    return MONITOR / "monitor.img"
