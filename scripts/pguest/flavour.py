# SPDX-License-Identifier: GPL-2.0-only
"""Kernel configurations of Debian's, with what tests/configs/debian.config adds."""

import lzma
import shutil

from pguest import debian, kernel, newest, paths, shell, ui

FLAVOURS = ("cloud-arm64", "arm64")
KEPT = paths.BUILD / "debian" / "config"


def configure(name, config, tree, out):
    """A .config of the text @config and debian.config; refuse if Kconfig drops what that switches on."""
    text = config + kernel.fragment_text(["debian.config"])
    stamp = out / ".fragments"
    if (out / ".config").exists() and stamp.exists() and stamp.read_text() == text + kernel.options_text():
        return
    out.mkdir(parents=True, exist_ok=True)
    (out / ".config").write_text(text)
    kernel.make(tree, out, "olddefconfig", log=f"config-{name}.log", what=f"configuring the {name} kernel")
    got = kernel.wanted_options((out / ".config").read_text())
    wanted = kernel.wanted_options(kernel.fragment_text(["debian.config"]))
    # A symbol that this kernel has not is off, whatever its value would be.
    dropped = [key for key, value in wanted.items() if value in "ym" and got.get(key, "n") != value]
    if dropped:
        raise ui.Refusal(f"tests/configs/debian.config: the {name} kernel cannot have {', '.join(dropped)}")
    stamp.write_text(text + kernel.options_text())


def config(flavour):
    """The text of Debian's own configuration of this name."""
    if paths.KERNEL not in paths.OF_MIRROR:
        raise ui.Refusal(f"Linux {paths.KERNEL}: Debian's {flavour} configuration is for {', '.join(paths.OF_MIRROR)} alone; "
                         "name a file")
    package = f"linux-config-{'.'.join(map(str, paths.version_of(paths.KERNEL)))}"
    name = f"config.arm64_none_{flavour}.xz"
    kept = KEPT / package / name
    if not kept.exists():
        deb = fetch(package)
        unpacked = KEPT / "unpacked"
        unpacked.mkdir(parents=True, exist_ok=True)
        shell.run(["dpkg-deb", "--extract", deb, unpacked], "unpack-config.log", f"unpacking {package}")
        kept.parent.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(unpacked / "usr/src" / package, kept.parent)
        shutil.rmtree(unpacked)
    return lzma.decompress(kept.read_bytes()).decode()


def fetch(package):
    """Of 7.x the machine's own suites have none."""
    if paths.KERNEL != "7.x":
        return debian.apt_download(package)
    newest.tarball()
    newest.update()
    return newest.download(package, newest.chosen()[1])
