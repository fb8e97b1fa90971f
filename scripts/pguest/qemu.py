# SPDX-License-Identifier: GPL-2.0-only
"""A QEMU that has the Realm Management Extension: version 10 or newer.

The machine's own, if it is that new. Else Debian's, out of the backports of the
machine's release or a newer suite of the same mirror, unpacked under build/ and
never installed.
"""

import re
import shutil
import subprocess

from pguest import newest, paths, shell, suites, ui

NAME = "qemu-system-aarch64"
PACKAGE = "qemu-system-arm"
NEEDED = 10
PLACE = paths.BUILD / "qemu"
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


def fetch():
    """The first of the suites whose QEMU is new enough, and runs here."""
    shell.need_space(shell.GIB // 2, "a newer QEMU")
    packages = suites.Packages("qemu")
    packages.update()
    for suite in suites.suites():
        if deb := packages.download(PACKAGE, suite):
            shutil.rmtree(PLACE, ignore_errors=True)
            suites.unpack(deb, PLACE)
            if version(UNPACKED) >= NEEDED:
                ui.say(f"QEMU for realms: {deb.name} of {suite}")
                return
            shutil.rmtree(PLACE)
    raise newest.Unavailable(f"no QEMU {NEEDED} or newer that runs here: this machine has none, and the mirror "
                             f"has none in {', '.join(suites.suites())} ({packages.log})")
