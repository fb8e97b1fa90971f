# SPDX-License-Identifier: GPL-2.0-only
"""Build guest kernels: a tree, a list of config fragments, an output directory."""

import os
import re

from pguest import coverage, paths, shell, source, ui

# A kernel's name is what it is, what it is made of, and what is special about it, in this
# order: guest, guest-6.1, test-7.x-64k, guest-6.1-clang. Each special word is a fragment
# of tests/configs, but for the compiler.
KINDS = {
    "guest": (source.integrated_tree, ["guest.config", "pguest.config"]),
    "test": (source.integrated_tree, ["guest.config", "pguest.config", "test.config"]),
    "upstream": (source.pristine_tree, ["guest.config", "upstream.config"]),
    "newest": (source.pristine_tree, ["guest.config", "upstream.config", "newest.config"]),
}
# 7.x wants clang 17 or newer; this is the newest that Debian 12 has, and what Debian 13 calls clang.
CLANG = 19
COMPILERS = {
    "gcc": ["CROSS_COMPILE=aarch64-linux-gnu-", "CC=ccache aarch64-linux-gnu-gcc"],
    "clang": [f"LLVM=-{CLANG}", f"CC=ccache clang-{CLANG}"],
}
# Addresses that need no LPA2, and the first version that has it.
NARROW = 48
LPA2_SINCE = (6, 9)
# What a `make` of each takes is kept after the first time; until then this guess is shown.
STEPS_GUESS = 1500
COMPILED = re.compile(r"^  ([A-Z0-9_]+) +(\[M\] +)?(\S+)")


class Recipe:
    """What the name of a kernel says: its tree, its fragments, its compiler."""

    def __init__(self, name):
        kind, *words = name.split("-")
        if kind not in KINDS:
            raise ui.Refusal(f"{name}: no such kernel; they are {', '.join(KINDS)}")
        self.make_tree, self.fragments = KINDS[kind][0], list(KINDS[kind][1])
        self.series = "7.x" if kind == "newest" else paths.DEFAULT
        self.compiler = "gcc"
        for word in words:
            if word in paths.SERIES:
                self.series = word
            elif word in COMPILERS:
                self.compiler = word
            elif (paths.CONFIGS / f"{word}.config").exists():
                self.fragments.append(f"{word}.config")
            else:
                raise ui.Refusal(f"{name}: '{word}' is no kernel series, compiler or fragment of tests/configs")
        # What device_plan.c of KUnit's suites counts.
        self.words = coverage.words() if "test.config" in self.fragments else []
        # Last, since a kernel may not have what the others ask for.
        self.fragments += differences(self.series)
        if paths.is_users(self.series):
            self.fragments += vendors(paths.LINUX)

    def tree(self):
        return self.make_tree(self.series)


def differences(series):
    """The fragments with what a version does not have, or calls otherwise: those of all 7.x first."""
    major, minor = paths.version_of(series)
    return [name for name in (f"linux-{major}.x.config", f"linux-{major}.{minor}.config") if (paths.CONFIGS / name).exists()]


# Code of vendors that uses what an option adds without asking: the fragment that sets it, and where the option is.
VENDORS = {
    "android.config": ("drivers/android/Kconfig", "ANDROID_VENDOR_OEM_DATA"),
    "samsung.config": ("mm/sec_mm/Kconfig", "SEC_MM"),
}


def vendors(tree):
    """The fragments with what the tree of a vendor does not build without."""
    def has(path, option):
        kconfig = tree / path
        return kconfig.exists() and f"config {option}\n" in kconfig.read_text()
    return [fragment for fragment, where in VENDORS.items() if has(*where)]


def has_lpa2(series):
    return paths.version_of(series) >= LPA2_SINCE


def guest_name(series=paths.KERNEL, pages="4k", width=0):
    """The guest kernel with such pages that has addresses of `width` bits, where Linux can have them.

    64 KiB pages have 52 bits by themselves; smaller ones take LPA2, which old kernels do not know.
    """
    words = [paths.kernel_name("guest", series), *({pages} - {"4k"})]
    if width > NARROW and pages != "64k" and has_lpa2(series):
        words.append("52")
    return "-".join(words)


def make(tree, out, *words, log, what, each_line=None, compiler="gcc"):
    command = ["make", "-C", tree, f"O={out}", "ARCH=arm64", *COMPILERS[compiler],
               f"-j{os.cpu_count()}", *words]
    env = {
        "CCACHE_DIR": str(paths.BUILD / "ccache"),
        "CCACHE_BASEDIR": str(paths.BUILD),
        "CCACHE_MAXSIZE": "3G",
        # What is not in the cache is compiled at once, and not preprocessed first for a key.
        "CCACHE_DEPEND": "1",
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


def options_text():
    """Which options the layer has: a .config that was made for others is not complete."""
    return "".join(path.read_text() for path in sorted([paths.ROOT / "Kconfig", *paths.ROOT.glob("drivers/**/Kconfig")])
                   if path.exists())


def configure(name, tree, out, fragments, compiler="gcc", words=()):
    """A .config of exactly the fragments over allnoconfig; refuse if Kconfig drops one."""
    text = fragment_text(fragments)
    wanted = wanted_options(text)
    flat = "".join(f"{key}={value}\n" for key, value in wanted.items())
    stamp = out / ".fragments"
    if (out / ".config").exists() and stamp.exists() and stamp.read_text() == flat + options_text():
        return
    out.mkdir(parents=True, exist_ok=True)
    merged = out / "fragments.config"
    merged.write_text(flat)
    make(tree, out, *words, "allnoconfig", f"KCONFIG_ALLCONFIG={merged}",
         log=f"config-{name}.log", what=f"configuring the {name} kernel", compiler=compiler)
    got = wanted_options((out / ".config").read_text())
    dropped = [key for key, value in wanted.items() if got.get(key, "n") != value]
    if dropped:
        raise ui.Refusal(f"tests/configs: the {name} kernel cannot have "
                         f"{', '.join(f'{key}={wanted[key]}' for key in dropped)}")
    stamp.write_text(flat + options_text())


def build(name):
    """Build kernel `name`; returns its Image. Quick when nothing changed."""
    recipe = Recipe(name)
    tree = recipe.tree()
    out = paths.OUT / name
    with shell.lock(f"kernel-{out.name}"):
        image = out / "arch" / "arm64" / "boot" / "Image"
        if not image.exists():
            shell.need_space(2 * shell.GIB, f"building the {name} kernel")
        configure(name, tree, out, recipe.fragments, recipe.compiler)

        compile_it(name, tree, out, *targets(out), *recipe.words, compiler=recipe.compiler,
                   guess=0 if image.exists() else STEPS_GUESS)
        return image


def compile_it(name, tree, out, *what, compiler="gcc", guess=STEPS_GUESS):
    """make `what` of a kernel that is configured, with its progress shown."""
    steps = out / ".steps"
    progress = ui.Progress(f"{name} kernel", int(steps.read_text()) if guess and steps.exists() else guess)

    def follow(line):
        if match := COMPILED.match(line):
            progress.step(f"{match[1]} {match[3]}")
        else:
            progress.show()

    make(tree, out, *what, log=f"kernel-{name}.log", what=f"building the {name} kernel",
         each_line=follow, compiler=compiler)
    if progress.count > 1000:
        steps.write_text(str(progress.count))
    progress.done(f"{progress.count} steps")


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
