from pguest import cpio, kernel, paths, shell, source, ui
# SPDX-License-Identifier: GPL-2.0-only
"""Build what runs in the machine beside the kernel: the monitor and the initramfs."""


# Without symbols, since all of them have to fit into a machine of 64 MiB.
PROGRAM_FLAGS = ["-std=gnu11", "-O2", "-static", "-s", "-Wall", "-Wextra", "-Werror",
                 "-march=armv8-a", f"-I{paths.ROOT / 'tests' / 'lib'}"]


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


def programs():
    """Every tests/guest/*.c is a static program of its own."""
    built = []
    shared = list(paths.GUEST.glob("*.h")) + list((paths.ROOT / "tests/lib").glob("*.h"))
    for code in sorted(paths.GUEST.glob("*.c")):
        program = paths.BUILD / "guest" / code.stem
        if not shell.newer(program, [code, *shared]):
            program.parent.mkdir(parents=True, exist_ok=True)
            shell.run(["aarch64-linux-gnu-gcc", *PROGRAM_FLAGS, "-o", program, code],
                      f"guest-{code.stem}.log", f"compiling {code.relative_to(paths.ROOT)}")
        built.append(program)
    return built


def initramfs(kernel_name=None):
    """The initramfs of every guest; with the name of a kernel, one that has its modules too."""
    out = paths.OUT / kernel_name if kernel_name else None
    made = paths.BUILD / f"initramfs-{kernel_name}.cpio" if out else paths.INITRAMFS
    with shell.lock("initramfs"):
        busybox = source.busybox()
        built = programs()
        scripts = [paths.GUEST / "init", *sorted(paths.GUEST.glob("*.sh"))]
        scenarios = sorted((paths.GUEST / "scenarios").glob("*.sh"))
        modules = kernel.modules(out) if out else []
        tool = paths.ROOT / "tools" / "pguest"
        if shell.newer(made, [busybox, *built, *scripts, *scenarios, *modules, tool,
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
        for program in built:
            archive.file(f"bin/{program.name}", program.read_bytes())
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
        built = {program.name: program for program in programs()}
        if shell.newer(made, [built["attacked"], built["secret"]]):
            return made
        archive = cpio.Archive()
        for name in ("bin", "dev", "proc", "sys", "tmp"):
            archive.directory(name)
        archive.device("dev/console", 5, 1)
        archive.file("init", built["attacked"].read_bytes())
        archive.file("bin/secret", built["secret"].read_bytes())
        made.write_bytes(archive.finish())
    return made


def add_modules(archive, modules, release):
    """Where modprobe looks for them; the guest runs depmod."""
    for directory in ("lib", "lib/modules", f"lib/modules/{release}"):
        archive.directory(directory)
    for module in modules:
        archive.file(f"lib/modules/{release}/{module.name}", module.read_bytes())
