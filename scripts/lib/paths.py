# SPDX-License-Identifier: GPL-2.0-only
"""Where things are. BUILD= moves everything that is made out of the repository."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("BUILD") or ROOT / "build").resolve()

KERNEL = "6.12"

TREE = BUILD / f"linux-{KERNEL}"
PRISTINE = BUILD / f"linux-{KERNEL}-pristine"
OUT = BUILD / "out"
MONITOR = BUILD / "monitor"
INITRAMFS = BUILD / "initramfs.cpio"
LOGS = BUILD / "logs"

CONFIGS = ROOT / "tests" / "configs"
GUEST = ROOT / "tests" / "guest"


def image(config):
    return OUT / config / "arch" / "arm64" / "boot" / "Image"


def monitor_image():
    return MONITOR / "monitor.img"
