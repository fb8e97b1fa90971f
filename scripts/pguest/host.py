# SPDX-License-Identifier: GPL-2.0-only
"""A real pKVM host: Debian's newest 7.x arm64 kernel, unpacked and never installed.

The machine's own suites are too old for one, so it comes from the newer suites
of the same mirror (see newest.py). A release candidate is not taken.
"""

import lzma
import re
import shutil
from functools import cmp_to_key
from pathlib import Path

from pguest import cpio, newest, paths, shell, source, ui

KERNEL = paths.BUILD / "host-kernel"
# Which one it is, once it is chosen: another needs a `make distclean`.
CHOICE = KERNEL / "chosen"
PARTS = ("linux-binary", "linux-modules", "linux-base")
VMM = paths.BUILD / "vmm"
INITRAMFS = paths.BUILD / "host-initramfs.cpio"
RELEASE = r"7\.[0-9]\S*-arm64"
# What the host needs beside KVM, which is built in: a disk and a network for the guest.
MODULES = ("virtio_pci", "virtio_blk", "virtio_net", "virtio_console")


def image():
    """The host's Image; fetched when it is not there."""
    with shell.lock("host-kernel"):
        if not CHOICE.exists():
            fetch(*choose())
    return directory() / "vmlinuz"


def directory():
    return KERNEL / "usr" / "lib" / "modules" / release()


def release():
    return CHOICE.read_text().split()[0]


def choose():
    """(release, version, suite) of the newest 7.x arm64 kernel that is no candidate."""
    newest.update()
    names = re.findall(rf"^(linux-binary-{RELEASE}) ", newest.apt(
        "apt-cache", "search", "--names-only", f"^linux-binary-{RELEASE}$").stdout, re.M)
    found = [offer for offer in newest.offers(names) if "~rc" not in offer[1]]
    if not found:
        raise newest.Unavailable("no pKVM host: the mirror has no 7.x kernel for arm64 "
                                 f"({paths.LOGS}/apt-newest.log)")
    package, version, suite = max(found, key=cmp_to_key(
        lambda a, b: newest.compare(a[1], b[1])))
    return package.removeprefix("linux-binary-"), version, suite


def fetch(name, version, suite):
    shell.need_space(shell.GIB, "a host kernel")
    ui.say(f"pKVM host: Linux {name} ({version} of {suite})")
    half = KERNEL.with_name(KERNEL.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    for part in PARTS:
        deb = newest.download(f"{part}-{name}", version_of(part, name, version))
        shell.run(["dpkg-deb", "--extract", deb, half], "unpack-host.log", f"unpacking {part}")
        deb.unlink()
    (half / "chosen").write_text(f"{name} {version} {suite}\n")
    shutil.rmtree(KERNEL, ignore_errors=True)
    half.rename(KERNEL)


def version_of(part, name, version):
    """Signed parts have versions of their own, so that of each is asked for."""
    offers = newest.offers([f"{part}-{name}"])
    if not offers:
        raise newest.Unavailable(f"no pKVM host: the mirror has no {part}-{name}")
    exact = [offer for offer in offers if offer[1] == version]
    return (exact or offers)[0][1]


def modules(names=MODULES, place=None):
    """[(name, contents)] of modules and what they depend on, in the order to load them.

    They are those of the host, or of the /lib/modules/VERSION that is `place`.
    """
    place = place or directory()
    files = {module_name(path): path for path in place.glob("kernel/**/*.ko*")}
    built_in = {module_name(Path(line))
                for line in (place / "modules.builtin").read_text().splitlines()}
    order = {}

    def add(name):
        if name in order or name in built_in:
            return
        if name not in files:
            raise ui.Refusal(f"{place.name} has no module {name}")
        path = files[name]
        data = path.read_bytes()
        data = lzma.decompress(data) if path.suffix == ".xz" else data
        for needed in depends(data):
            add(needed)
        order[name] = data

    for name in names:
        add(name)
    return list(order.items())


def module_name(path):
    return path.name.split(".ko")[0].replace("-", "_")


def depends(module):
    """What .modinfo says that a module needs."""
    words = re.search(rb"\0depends=([^\0]*)\0", module)
    return [name.replace("-", "_") for name in words[1].decode().split(",") if name] if words else []


def vmm(tree):
    """The program that starts protected VMs; libfdt is the kernel tree's."""
    with shell.lock("vmm"):
        shell.run(["make", "-C", paths.ROOT / "tests" / "vmm", f"LINUX={tree}", f"O={VMM}"],
                  "vmm.log", "building the VMM")
    return VMM / "vmm"


def initramfs(tree):
    """The host's user space, all but the guest that it starts (see pkvm_host.py)."""
    image()
    program = vmm(tree)
    init = paths.ROOT / "tests" / "vmm" / "host-init"
    busybox = source.busybox()
    with shell.lock("host-initramfs"):
        if shell.newer(INITRAMFS, [program, init, busybox, CHOICE]):
            return INITRAMFS
        archive = cpio.Archive()
        for name in ("bin", "dev", "proc", "sys", "tmp", "modules"):
            archive.directory(name)
        archive.device("dev/console", 5, 1)
        archive.device("dev/null", 1, 3)
        archive.file("bin/busybox", busybox.read_bytes())
        archive.link("bin/sh", "busybox")
        archive.file("bin/vmm", program.read_bytes())
        archive.file("init", init.read_bytes())
        for number, (name, contents) in enumerate(modules()):
            archive.file(f"modules/{number:02}-{name}.ko", contents)
        INITRAMFS.write_bytes(archive.finish())
    return INITRAMFS
