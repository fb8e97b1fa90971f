# SPDX-License-Identifier: GPL-2.0-only
"""Build what runs in the machine beside the kernel: the monitor and the initramfs."""

from pathlib import Path

from pguest import cpio, kernel, paths, shell, source, ui

# Without symbols, since all of them have to fit into a machine of 64 MiB.
COMPILER = ["aarch64-linux-gnu-gcc", "-std=gnu11", "-O2", "-static", "-s", "-Wall", "-Wextra", "-Werror",
            "-march=armv8-a", f"-I{paths.ROOT / 'tests' / 'lib'}"]
# The first program of a guest of the fault campaign
FIRST_PROGRAM = "attacked"


def monitor(tree):
    """The monitor needs libfdt, which every kernel tree carries, and BearSSL."""
    make_monitor(tree, "all")
    return paths.monitor_image()


def maketoken():
    """The monitor's tokens as a program of this machine; it needs no kernel tree."""
    program = paths.MONITOR / "maketoken"
    make_monitor(paths.pristine(), program)
    return program


def make_monitor(tree, target):
    bearssl = source.bearssl()
    with shell.lock("monitor"):
        shell.run(["make", "-C", paths.ROOT / "tests" / "monitor", f"LINUX={tree}",
                   f"BEARSSL={bearssl}", f"O={paths.MONITOR}", target],
                  "monitor.log", "building the monitor")


def tools():
    """What each tests/guest/*.c is called, and the static program that all of them are."""
    program, headers, nettle = paths.BUILD / "guest" / "tools", *source.nettle()
    codes = [code for code in sorted(paths.GUEST.glob("*.c")) if code.stem != FIRST_PROGRAM]
    names = [code.stem for code in codes]
    main = paths.GUEST / "tools" / "main.c"
    if shell.newer(program, [Path(__file__), main, *codes, *included()]):
        return names, program
    program.parent.mkdir(parents=True, exist_ok=True)
    objects = []
    for code in codes:
        objects.append(program.with_name(f"{code.stem}.o"))
        shell.run([*COMPILER, "-isystem", headers, f"-Dmain={code.stem}_main", "-c", "-o", objects[-1], code],
                  f"guest-{code.stem}.log", f"compiling {code.relative_to(paths.ROOT)}")
    shell.run([*COMPILER, f"-DTOOLS={' '.join(f'TOOL({name})' for name in names)}", "-o", program, main, *objects, nettle],
              "guest-tools.log", "linking the guest's programs")
    return names, program


def single(name):
    """One of tests/guest/*.c, as a static program of its own."""
    code, program = paths.GUEST / f"{name}.c", paths.BUILD / "guest" / name
    if not shell.newer(program, [code, *included()]):
        program.parent.mkdir(parents=True, exist_ok=True)
        shell.run([*COMPILER, "-o", program, code], f"guest-{name}.log", f"compiling {code.relative_to(paths.ROOT)}")
    return program


def included():
    return [*paths.GUEST.glob("*.h"), *(paths.ROOT / "tests/lib").glob("*.h")]


def initramfs(kernel_name=None):
    """The initramfs of every guest; with the name of a kernel, one that has its modules too."""
    out = paths.OUT / kernel_name if kernel_name else None
    made = paths.BUILD / f"initramfs-{kernel_name}.cpio" if out else paths.INITRAMFS
    with shell.lock("initramfs"):
        busybox = source.busybox()
        names, program = tools()
        scripts = [paths.GUEST / "init", *sorted(paths.GUEST.glob("*.sh"))]
        scenarios = sorted((paths.GUEST / "scenarios").glob("*.sh"))
        modules = kernel.modules(out) if out else []
        tool = paths.ROOT / "tools" / "pguest"
        if shell.newer(made, [busybox, program, *scripts, *scenarios, *modules, tool,
                              paths.GUEST / "scenarios"]):
            return made

        progress = ui.Progress(made.stem)
        archive = cpio.Archive()
        for name in ("bin", "dev", "proc", "sys", "tmp", "mnt", "scenarios"):
            archive.directory(name)
        archive.device("dev/console", 5, 1)
        archive.device("dev/null", 1, 3)
        archive.file("bin/busybox", busybox.read_bytes())
        archive.link("bin/sh", "busybox")
        archive.file("bin/tools", program.read_bytes())
        for name in names:
            archive.link(f"bin/{name}", "tools")
        archive.file("bin/pguest", tool.read_bytes())
        for script in scripts:
            archive.file(script.name, script.read_bytes())
        for scenario in scenarios:
            archive.file(f"scenarios/{scenario.name}", scenario.read_bytes())
        if modules:
            add_modules(archive, modules, kernel.release(out))
        made.write_bytes(archive.finish())
        progress.done()
    return made


def campaign_initramfs():
    """One program and what it starts: a guest of the fault campaign boots as often as there are cases."""
    made = paths.CAMPAIGN_INITRAMFS
    with shell.lock("initramfs"):
        first, secret = single(FIRST_PROGRAM), single("secret")
        if shell.newer(made, [first, secret]):
            return made
        archive = cpio.Archive()
        for name in ("bin", "dev", "proc", "sys", "tmp"):
            archive.directory(name)
        archive.device("dev/console", 5, 1)
        archive.file("init", first.read_bytes())
        archive.file("bin/secret", secret.read_bytes())
        made.write_bytes(archive.finish())
    return made


def add_modules(archive, modules, release):
    """Where modprobe looks for them; the guest runs depmod."""
    for directory in ("lib", "lib/modules", f"lib/modules/{release}"):
        archive.directory(directory)
    for module in modules:
        archive.file(f"lib/modules/{release}/{module.name}", module.read_bytes())
