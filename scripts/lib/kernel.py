# SPDX-License-Identifier: GPL-2.0-only
"""Build guest kernels: a tree, a list of config fragments, an output directory."""

import os
import re

import newest
import paths
import shell
import source
import ui

# Name: (tree it is built from, fragments of tests/configs). What a `make` of
# each takes is kept after the first time; until then this guess is shown.
KERNELS = {
    "guest": (source.integrated_tree, ["guest.config", "pguest.config"]),
    "test": (source.integrated_tree, ["guest.config", "pguest.config", "test.config"]),
    "upstream": (source.pristine_tree, ["guest.config"]),
    "newest": (newest.tree, ["guest.config", "newest.config"]),
}
STEPS_GUESS = 1500
COMPILED = re.compile(r"^  ([A-Z0-9_]+) +(\[M\] +)?(\S+)")


def make(tree, out, *words, log, what, each_line=None):
    command = ["make", "-C", tree, f"O={out}", "ARCH=arm64",
               "CROSS_COMPILE=aarch64-linux-gnu-", "CC=ccache aarch64-linux-gnu-gcc",
               f"-j{os.cpu_count()}", *words]
    env = {
        "CCACHE_DIR": str(paths.BUILD / "ccache"),
        "CCACHE_BASEDIR": str(paths.BUILD),
        "CCACHE_MAXSIZE": "3G",
        # A build must not depend on who makes it or when.
        "KBUILD_BUILD_USER": "pguest",
        "KBUILD_BUILD_HOST": "build",
        "KBUILD_BUILD_TIMESTAMP": "1970-01-01",
    }
    return shell.run(command, log, what, env=env, each_line=each_line)


def fragment_text(names):
    return "".join((paths.CONFIGS / name).read_text() for name in names)


def wanted_options(text):
    """CONFIG_A=y and "# CONFIG_B is not set" as {name: value}; later lines win."""
    wanted = {}
    for line in text.splitlines():
        if match := re.match(r"^(CONFIG_\w+)=(.*)$", line):
            wanted[match[1]] = match[2]
        elif match := re.match(r"^# (CONFIG_\w+) is not set$", line):
            wanted[match[1]] = "n"
    return wanted


def configure(name, tree, out, fragments):
    """A .config of exactly the fragments over allnoconfig; refuse if Kconfig drops one."""
    text = fragment_text(fragments)
    wanted = wanted_options(text)
    flat = "".join(f"{key}={value}\n" for key, value in wanted.items())
    stamp = out / ".fragments"
    kconfig = (paths.ROOT / "Kconfig").read_text() if (paths.ROOT / "Kconfig").exists() else ""
    if (out / ".config").exists() and stamp.exists() and stamp.read_text() == flat + kconfig:
        return
    out.mkdir(parents=True, exist_ok=True)
    merged = out / "fragments.config"
    merged.write_text(flat)
    make(tree, out, "allnoconfig", f"KCONFIG_ALLCONFIG={merged}",
         log=f"config-{name}.log", what=f"configuring the {name} kernel")
    got = wanted_options((out / ".config").read_text())
    dropped = [key for key, value in wanted.items() if got.get(key, "n") != value]
    if dropped:
        raise ui.Refusal(f"tests/configs: the {name} kernel cannot have "
                         f"{', '.join(f'{key}={wanted[key]}' for key in dropped)}")
    stamp.write_text(flat + kconfig)


def build(name, tree=None, out=None):
    """Build kernel `name`; returns its Image. Quick when nothing changed."""
    make_tree, fragments = KERNELS[name]
    tree = tree or make_tree()
    out = out or paths.OUT / name
    with shell.lock(f"kernel-{out.name}"):
        image = out / "arch" / "arm64" / "boot" / "Image"
        if not image.exists():
            source.need_space(2 * source.GIB, f"building the {name} kernel")
        configure(name, tree, out, fragments)

        steps = out / ".steps"
        expected = int(steps.read_text()) if steps.exists() else STEPS_GUESS
        progress = ui.Progress(f"{name} kernel", 0 if image.exists() else expected)

        def follow(line):
            if match := COMPILED.match(line):
                progress.step(f"{match[1]} {match[3]}")
            else:
                progress.show()

        make(tree, out, *targets(out), log=f"kernel-{name}.log",
             what=f"building the {name} kernel", each_line=follow)
        if progress.count > 1000:
            steps.write_text(str(progress.count))
        progress.done(f"{progress.count} steps")
        return image


def targets(out):
    """Modules cost a link of the whole kernel, so only where there are any."""
    modular = re.search(r"^CONFIG_\w+=m$", (out / ".config").read_text(), re.MULTILINE)
    return ["Image", "modules"] if modular else ["Image"]


def modules(out):
    """The modules of the kernel in `out`, which has been built."""
    order = out / "modules.order"
    names = order.read_text().split() if "modules" in targets(out) else []
    return [(out / name).with_suffix(".ko") for name in names]


def release(out):
    """The version that the kernel in `out` calls itself."""
    return (out / "include" / "config" / "kernel.release").read_text().strip()
