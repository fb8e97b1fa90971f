# SPDX-License-Identifier: GPL-2.0-only
"""A normal world for an RMM that is not ours: our host, and the firmware that the user brings."""

import os
from pathlib import Path

from pguest import paths, shell, ui

OUT = paths.BUILD / "rmm"
IMAGE = OUT / "host.bin"
# What of a build is needed: TF-A's boot ROM, and a FIP with BL2, BL31, the RMM and any BL33.
PARTS = ("bl1.bin", "fip.bin")


def host(tree):
    """Build our host; libfdt is the kernel tree's."""
    with shell.lock("rmm"):
        shell.run(["make", "-C", paths.ROOT / "tests" / "rmm", f"LINUX={tree}", f"O={OUT}"],
                  "rmm.log", "building the normal-world host")
    return IMAGE


def firmware():
    """The directory that FIRMWARE names, if it is one of firmware."""
    named = os.environ.get("FIRMWARE")
    if not named:
        raise ui.Refusal("HOST=rmm needs FIRMWARE=/directory with bl1.bin and fip.bin of TF-A, built with "
                         "TF-RMM: Documentation/rmm-host.rst says which")
    place = Path(named)
    missing = [part for part in PARTS if not (place / part).exists()]
    if missing:
        raise ui.Refusal(f"FIRMWARE={named}: no {' and no '.join(missing)} there")
    return place
