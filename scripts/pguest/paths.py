# SPDX-License-Identifier: GPL-2.0-only
"""Where things are. BUILD= moves everything that is made out of the repository."""

import os
from pathlib import Path

from pguest import ui

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD") or ROOT / "build").resolve()

# The kernels that we go into. 7.x is the newest that the mirror has and the hooks know.
SERIES = ("6.1", "6.12", "7.x")
DEFAULT = "6.12"
KERNEL = os.environ.get("KERNEL") or DEFAULT

OUT = BUILD / "out"
MONITOR = BUILD / "monitor"
INITRAMFS = BUILD / "initramfs.cpio"
LOGS = BUILD / "logs"

CONFIGS = ROOT / "tests" / "configs"
GUEST = ROOT / "tests" / "guest"


def tree(series=KERNEL):
    """Where the kernel tree with this repository in it is."""
    return BUILD / f"linux-{series}"


def pristine(series=KERNEL):
    """Where the tree as it came is."""
    return BUILD / f"linux-{series}-pristine"


def kernel_name(kind, series=KERNEL):
    """The name of a build: guest of the default kernel, guest-6.1 of another."""
    return kind if series == DEFAULT else f"{kind}-{series}"


def check_kernel():
    """KERNEL= is what a person types."""
    if KERNEL not in SERIES:
        raise ui.Refusal(f"KERNEL={KERNEL}: unknown; it is one of {', '.join(SERIES)}")


def image(config):
    return OUT / config / "arch" / "arm64" / "boot" / "Image"


def monitor_image():
    return MONITOR / "monitor.img"
