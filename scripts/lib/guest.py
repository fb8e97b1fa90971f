# SPDX-License-Identifier: GPL-2.0-only
"""Build what runs in the machine beside the kernel: the monitor and the initramfs."""

import cpio
import paths
import shell
import source
import ui

PROGRAM_FLAGS = ["-std=gnu11", "-O2", "-static", "-Wall", "-Wextra", "-Werror",
                 "-march=armv8-a", f"-I{paths.ROOT / 'tests' / 'monitor'}"]


def monitor(tree):
    """The monitor needs libfdt, which every kernel tree carries."""
    with shell.lock("monitor"):
        shell.run(["make", "-C", paths.ROOT / "tests" / "monitor", f"LINUX={tree}",
                   f"O={paths.MONITOR}"], "monitor.log", "building the monitor")
    return paths.monitor_image()


def programs():
    """Every tests/guest/*.c is a static program of its own."""
    built = []
    shared = list(paths.GUEST.glob("*.h")) + list((paths.ROOT / "tests/monitor").glob("*.h"))
    for code in sorted(paths.GUEST.glob("*.c")):
        program = paths.BUILD / "guest" / code.stem
        if not shell.newer(program, [code, *shared]):
            program.parent.mkdir(parents=True, exist_ok=True)
            shell.run(["aarch64-linux-gnu-gcc", *PROGRAM_FLAGS, "-o", program, code],
                      f"guest-{code.stem}.log", f"compiling {code.relative_to(paths.ROOT)}")
        built.append(program)
    return built


def initramfs():
    with shell.lock("initramfs"):
        busybox = source.busybox()
        built = programs()
        scripts = [paths.GUEST / "init", paths.GUEST / "lib.sh"]
        scenarios = sorted((paths.GUEST / "scenarios").glob("*.sh"))
        if shell.newer(paths.INITRAMFS, [busybox, *built, *scripts, *scenarios,
                                         paths.GUEST / "scenarios"]):
            return paths.INITRAMFS

        progress = ui.Progress("initramfs")
        archive = cpio.Archive()
        for name in ("bin", "dev", "proc", "sys", "tmp", "mnt", "scenarios"):
            archive.directory(name)
        archive.device("dev/console", 5, 1)
        archive.device("dev/null", 1, 3)
        archive.file("bin/busybox", busybox.read_bytes())
        archive.link("bin/sh", "busybox")
        for program in built:
            archive.file(f"bin/{program.name}", program.read_bytes())
        for script in scripts:
            archive.file(script.name, script.read_bytes())
        for scenario in scenarios:
            archive.file(f"scenarios/{scenario.name}", scenario.read_bytes())
        paths.INITRAMFS.write_bytes(archive.finish())
        progress.done()
    return paths.INITRAMFS
