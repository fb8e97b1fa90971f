# SPDX-License-Identifier: GPL-2.0-only
"""CBMC, the bounded model checker for C.

The machine's own, if it has one. Else Debian's out of a newer suite, with the libraries that it was
built for: its own loader runs it, so that nothing of the machine's is replaced.
"""

import shutil
import subprocess

from pguest import newest, paths, shell, suites, ui

PACKAGES = ("cbmc", "minisat", "libstdc++6", "libgcc-s1", "libc6", "zlib1g")
PLACE = paths.BUILD / "cbmc"


def command(tool="cbmc"):
    """The beginning of a command line that runs one of its programs."""
    own = shutil.which(tool)
    if own:
        return [own]
    with shell.lock("cbmc"):
        if not PLACE.exists():
            fetch()
    return unpacked(PLACE, tool)


def unpacked(place, tool="cbmc"):
    loader = next(path for path in sorted(place.rglob("ld-linux*.so*")) if path.is_file())
    libraries = sorted({str(path.parent) for name in ("libc.so.6", "libstdc++.so.6", "libminisat.so.2", "libz.so.1")
                        for path in place.rglob(name)})
    return [str(loader), "--library-path", ":".join(libraries), str(place / "usr" / "bin" / tool)]


def fetch():
    """From the first of the suites that has it; the libraries from the same one, or from one that it builds on."""
    shell.need_space(shell.GIB // 2, "CBMC")
    packages = suites.Packages("cbmc")
    packages.update()
    for suite in suites.suites():
        if not packages.download("cbmc", suite):
            continue
        half = PLACE.with_name("cbmc.half")
        shutil.rmtree(half, ignore_errors=True)
        for package in PACKAGES:
            if not (deb := packages.download(package, suite)):
                raise newest.Unavailable(f"no CBMC: {suite} has no {package} ({packages.log})")
            suites.unpack(deb, half)
        version = subprocess.run([*unpacked(half), "--version"], text=True, capture_output=True, check=False).stdout
        if not version:
            raise newest.Unavailable(f"CBMC of {suite} does not run here")
        half.rename(PLACE)
        ui.say(f"CBMC {version.split()[0]} of {suite}")
        return
    raise newest.Unavailable(f"no CBMC: this machine has none, and the mirror has none in "
                             f"{', '.join(suites.suites())} ({packages.log})")
