# SPDX-License-Identifier: GPL-2.0-only
"""Debian's own kexec and makedumpfile, for a guest: an archive behind the one of every guest."""

import re
import subprocess

from pguest import cpio, debian, paths, shell, ui

PROGRAMS = ("kexec", "makedumpfile")
# What their packages depend on; kexec is linked with Xen's libraries.
PACKAGES = (
    "kexec-tools", "makedumpfile", "libc6", "zlib1g", "liblzma5", "libbz2-1.0", "liblzo2-2", "libdw1", "libelf1",
    "libxenmisc4.17", "libxencall1", "libxendevicemodel1", "libxenevtchn1", "libxenforeignmemory1", "libxengnttab1",
    "libxentoolcore1", "libxentoollog1")
LIBRARIES = "lib/aarch64-linux-gnu"
LOADER = "ld-linux-aarch64.so.1"
READELF = "aarch64-linux-gnu-readelf"
MADE = paths.BUILD / "crashtools.cpio"


def needed(file):
    """The libraries that a program or a library is linked with."""
    shown = subprocess.run([READELF, "--dynamic", str(file)], check=True, capture_output=True, text=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.*)\]", shown)


def closure(programs, libraries):
    """{name: file} of all libraries behind the programs."""
    found, waiting = {}, [name for program in programs for name in needed(program)]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        if name not in libraries:
            raise ui.Refusal(f"crashtools: no package of {', '.join(PACKAGES)} has {name}")
        found[name] = libraries[name]
        waiting += needed(found[name])
    return found


def unpacked():
    place = debian.APT / "crashtools"
    for package in PACKAGES:
        shell.run(["dpkg-deb", "--extract", debian.apt_download(package), place], "unpack-crashtools.log",
                  f"unpacking {package}")
    return place


def archive():
    """The programs in /usr/sbin and what they are linked with; made once."""
    with shell.lock("crashtools"):
        if MADE.exists():
            return MADE
        progress = ui.Progress("fetching kexec and makedumpfile for the guest")
        place = unpacked()
        programs = [next(path for path in place.glob(f"**/*bin/{name}")) for name in PROGRAMS]
        libraries = {path.name: path for path in place.glob(f"**/{LIBRARIES}/*.so*")}
        made = cpio.Archive()
        for name in ("usr", "usr/sbin", "lib", LIBRARIES):
            made.directory(name)
        made.link(f"lib/{LOADER}", f"/{LIBRARIES}/{LOADER}")
        for program in programs:
            made.file(f"usr/sbin/{program.name}", program.read_bytes())
        for name, path in closure(programs, libraries).items():
            made.file(f"{LIBRARIES}/{name}", path.read_bytes())
        MADE.write_bytes(made.finish())
        progress.done()
    return MADE


def initramfs(directory):
    """The initramfs of every guest with these programs in it: the kernel unpacks both archives."""
    made = directory / "initramfs-crashtools.cpio"
    made.write_bytes(paths.INITRAMFS.read_bytes() + archive().read_bytes())
    return made
