# SPDX-License-Identifier: GPL-2.0-only
"""make deb with the tests' small configuration: its packages as dpkg sees them, installed in a directory and removed.

Not part of make test, since this builds a kernel: make test-deb runs it.
"""

import importlib.machinery
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pguest import kernel, paths, shell, source, ui

REPO = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True
RELEASE = re.compile(r"linux-image-(\S+?)_")

pytestmark = pytest.mark.xdist_group("deb")


def run(*words, **options):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True, **options).stdout


@pytest.fixture(scope="module")
def program():
    loader = importlib.machinery.SourceFileLoader("deb_program", str(REPO / "scripts/deb"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("deb_program", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def debs(program):
    """{what: package} of what scripts/deb has built; it ends in "0 problems" by itself."""
    said = run(REPO / "scripts/deb", "--config", "guest")
    assert said.rstrip().endswith(" 0 problems")
    found = [Path(line.split()[-1]) for line in said.splitlines() if line.endswith(".deb")]
    return {deb.name.split("-")[1]: deb for deb in found}


@pytest.fixture(scope="module")
def release(debs):
    return RELEASE.match(debs["image"].name)[1]


@pytest.fixture(scope="module")
def unpacked(debs, tmp_path_factory):
    place = tmp_path_factory.mktemp("unpacked")
    for name in ("image", "headers"):
        run("dpkg-deb", "--extract", debs[name], place)
    return place


def test_the_packages_are_for_arm64_and_named_after_the_kernel(debs, release):
    assert release.endswith("-pguest")
    for what in ("image", "headers"):
        name, architecture, version = (run("dpkg-deb", "--field", debs[what], field).strip()
                                       for field in ("Package", "Architecture", "Version"))
        assert (name, architecture) == (f"linux-{what}-{release}", "arm64")
        assert version == f"{release.removesuffix('-pguest')}-1"


def test_the_image_has_the_layer(unpacked, release):
    options = kernel.wanted_options((unpacked / f"boot/config-{release}").read_text())
    assert options["CONFIG_ARM_PKVM_GUEST"] == options["CONFIG_ARM_CCA_GUEST"] == "y"
    symbols = (unpacked / f"boot/System.map-{release}").read_text()
    assert re.search(r" [Tt] pguest_\w+$", symbols, re.MULTILINE)
    image = (unpacked / f"boot/vmlinuz-{release}").read_bytes()
    assert image[56:60] == b"ARM\x64" and release.encode() in image


def test_headers_have_those_of_the_layer_as_files(unpacked, release):
    top = unpacked / f"usr/src/linux-headers-{release}"
    for name in ("include/linux/pguest.h", "compat/include/compat/fdt.h"):
        assert (top / "pguest" / name).read_bytes() == (REPO / name).read_bytes()
    assert not [path for path in (top / "pguest").rglob("*") if path.is_symlink()]


MODULE = """\
#include <linux/module.h>
#include <linux/dma-mapping.h>
#include <linux/mem_encrypt.h>
#include <linux/virtio.h>
#include <linux/pguest.h>
MODULE_DESCRIPTION("compiled against packaged headers");
MODULE_LICENSE("GPL");
"""


def test_a_module_compiles_against_the_headers(unpacked, release, debs, tmp_path):
    """The headers' host programs are arm64's; those of the build stand in for them here."""
    top = unpacked / f"usr/src/linux-headers-{release}"
    here = tmp_path / "headers"
    shutil.copytree(top, here, symlinks=True)
    out = next(path for path in (paths.BUILD / "deb").iterdir()
               if path.is_dir() and (path / "include/config/kernel.release").exists()
               and kernel.release(path) == release)
    for name in ("scripts/basic/fixdep", "scripts/mod/modpost"):
        shutil.copy2(out / name, here / name)
    (tmp_path / "m").mkdir()
    (tmp_path / "m/Kbuild").write_text("obj-m := hello.o\n")
    (tmp_path / "m/hello.c").write_text(MODULE)
    shell.run(["make", "-C", here, f"M={tmp_path}/m", "ARCH=arm64", "CROSS_COMPILE=aarch64-linux-gnu-", "modules"],
              "deb-module.log", "a module against packaged headers")
    magic = run("modinfo", "-F", "vermagic", tmp_path / "m/hello.ko")
    assert magic.startswith(release)


# What a maintainer script and the hooks below run.
PROGRAMS = {"sh": "dash", "run-parts": "run-parts", "ls": "ls", "tr": "tr"}


def add_program(root, name, found):
    """A program of this machine and its libraries, in another root."""
    file = Path(shutil.which(found))
    (root / "bin").mkdir(parents=True, exist_ok=True)
    shutil.copy(file, root / "bin" / name)
    for library in re.findall(r"(/\S+) \(0x", run("ldd", file)):
        copy = root / library.lstrip("/")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(library, copy)


@pytest.mark.skipif(os.geteuid() != 0, reason="dpkg changes its root, which takes root")
def test_installing_runs_the_boot_loaders_hooks(debs, release, tmp_path):
    root = tmp_path / "root"
    for name in ("var/lib/dpkg/info", "var/lib/dpkg/updates", "boot", "etc/kernel/postinst.d", "etc/kernel/postrm.d"):
        (root / name).mkdir(parents=True)
    (root / "var/lib/dpkg/status").touch()
    for name, found in PROGRAMS.items():
        add_program(root, name, found)
    for when in ("postinst", "postrm"):
        hook = root / f"etc/kernel/{when}.d/zz-loader"
        # As a boot loader's hook is called, and what it would find.
        hook.write_text(f'#!/bin/sh\necho "{when} $1 $2 initrd=$INITRD $(ls /boot | tr "\\n" " ")" >>/boot/said\n')
        hook.chmod(0o755)
    for words in (["--install", debs["image"]], ["--purge", f"linux-image-{release}"]):
        run("dpkg", f"--root={root}", "--force-architecture", "--force-depends", *words)
    said = (root / "boot/said").read_text().splitlines()
    assert said[0].startswith(f"postinst {release} /boot/vmlinuz-{release} initrd=Yes ") and f" vmlinuz-{release} " in said[0]
    assert any(line.startswith(f"postrm {release} /boot/vmlinuz-{release} ") for line in said[1:])
    assert not (root / f"boot/vmlinuz-{release}").exists()


# --- no kernel is built for these --------------------------------------------


@pytest.fixture(scope="module")
def tool():
    return Path(run(REPO / "scripts/deb", "--tool").split()[-1])


def test_the_tool_is_a_package_for_any_machine(program, tool):
    fields = {field: run("dpkg-deb", "--field", tool, field).strip() for field in ("Package", "Architecture")}
    assert fields == {"Package": "pguest", "Architecture": "all"}
    modes = {path: mode for path, mode in program.contents(tool).items() if not mode.startswith("d")}
    assert modes == {"usr/sbin/pguest": "-rwxr-xr-x", "usr/share/man/man8/pguest.8.gz": "-rw-r--r--",
                     "usr/share/bash-completion/completions/pguest": "-rw-r--r--", "usr/share/doc/pguest/copyright": "-rw-r--r--"}
    assert " root/root " in run("dpkg-deb", "--contents", tool)


def test_the_same_commit_makes_the_same_package(tool):
    before = tool.read_bytes()
    assert Path(run(REPO / "scripts/deb", "--tool").split()[-1]) == tool
    assert tool.read_bytes() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="dpkg changes its root, which takes root")
def test_the_tool_is_installed_runs_and_is_removed(tool, tmp_path):
    for name in ("var/lib/dpkg/info", "var/lib/dpkg/updates"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "var/lib/dpkg/status").touch()
    run("dpkg", f"--root={tmp_path}", "--install", tool)
    said = subprocess.run([tmp_path / "usr/sbin/pguest"], capture_output=True, text=True, check=False,
                          env={**os.environ, "PGUEST_ROOT": str(tmp_path)})
    # There is no /sys below that directory.
    assert (said.returncode, said.stderr) == (2, "") and "cannot say" in said.stdout, said
    run("dpkg", f"--root={tmp_path}", "--purge", "pguest")
    assert not (tmp_path / "usr/sbin/pguest").exists()


@pytest.mark.parametrize("words, because", [
    (["--config", "none-such"], "no such file, and Debian has cloud-arm64 and arm64"),
    (["--config", "guest", "--suffix", "A_B"], "lower-case letters"),
])
def test_what_cannot_be_is_refused_before_anything_is_built(words, because):
    ran = subprocess.run([REPO / "scripts/deb", *words], capture_output=True, text=True, check=False)
    assert ran.returncode == 1 and because in ran.stderr


def test_a_configuration_that_debian_does_not_have_is_refused(program, monkeypatch):
    monkeypatch.setattr(paths, "KERNEL", "6.18")
    with pytest.raises(ui.Refusal, match="Linux 6.18: .* name a file"):
        program.flavour.config("cloud-arm64")


def test_the_program_that_signs_modules_links_for_arm64(program, tmp_path):
    """Debian's own configurations have it among the headers, built with the cross compiler."""
    config = program.pkg_config(tmp_path)
    flags = [run(config, word, "libcrypto").split() for word in ("--cflags", "--libs")]
    code = source.integrated_tree() / "scripts/sign-file.c"
    for compiler, machine in (("aarch64-linux-gnu-gcc", "AArch64"), ("gcc", "X86-64")):
        if compiler == "gcc" and os.uname().machine != "x86_64":
            continue
        run(compiler, *flags[0], "-o", tmp_path / "sign-file", code, *flags[1])
        assert machine in run("readelf", "--file-header", tmp_path / "sign-file")


def test_a_package_without_the_layer_is_found(program, tmp_path):
    """Packages by hand: a symbol is off, a header is missing, a header is a link."""
    tree = tmp_path / "tree"
    release = "6.12.1-pguest"
    for name in (f"boot/vmlinuz-{release}", f"boot/System.map-{release}"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).touch()
    (tree / f"boot/config-{release}").write_text("CONFIG_ARM_PKVM_GUEST=y\n# CONFIG_ARM_CCA_GUEST is not set\n")
    top = tree / f"usr/src/linux-headers-{release}"
    for name in ("Makefile", "Module.symvers", "pguest/arch/arm64/include/asm/rsi.h"):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).touch()
    (top / "pguest/include/linux").mkdir(parents=True)
    (top / "pguest/include/linux/pguest.h").symlink_to("/elsewhere/pguest.h")
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text("Package: x\nVersion: 1\nArchitecture: arm64\nMaintainer: x <x@example>\nDescription: x\n")
    deb = tmp_path / "x.deb"
    run("dpkg-deb", "--build", tree, deb)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/.config").touch()
    assert program.look_at_image(deb, release, tmp_path / "out") == [
        "x.deb: CONFIG_ARM_CCA_GUEST is off", "x.deb: its postinst runs no /etc/kernel/postinst.d"]
    assert program.look_at_headers(deb, release) == [
        f"x.deb: no usr/src/linux-headers-{release}/pguest/compat/include",
        f"x.deb: usr/src/linux-headers-{release}/pguest/include/linux/pguest.h is a link out of the package"]


def test_no_package_is_a_problem(program, tmp_path):
    release = tmp_path / "include/config"
    release.mkdir(parents=True)
    (release / "kernel.release").write_text("6.12.1-pguest\n")
    assert program.look([], tmp_path) == ["no package linux-image-6.12.1-pguest", "no package linux-headers-6.12.1-pguest"]
