# SPDX-License-Identifier: GPL-2.0-only
"""A small repository and a small kernel tree for scripts/integrate, and the real ones."""

import os
import subprocess
import sys
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True

MAKEFILE = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 99\nEXTRAVERSION =\n\nall: vmlinux\n"

INIT_C = """\
// SPDX-License-Identifier: GPL-2.0-only
#include <linux/init.h>
#include <linux/mm.h>

static int depth;

void __init early_one(void)
{
	depth = 1;
	reserve(depth);
}

void __init early_two(void)
{
	depth = 2;
	reserve(depth);
	return;
}
"""

IOREMAP_C = """\
#include <linux/io.h>

bool map_allowed(unsigned long start, unsigned long size)
{
	if (start + size < start)
		return false;
	return true;
}
"""

TREE = {
    "Makefile": MAKEFILE,
    "Kbuild": "obj-y += init/\nobj-y += drivers/\n",
    "Kconfig": 'mainmenu "Linux"\nsource "init/Kconfig"\n',
    "arch/arm64/Makefile": "# none\n",
    "arch/arm64/mm/init.c": INIT_C,
    "arch/arm64/mm/ioremap.c": IOREMAP_C,
    "drivers/virt/Makefile": "obj-y += old-a.o\nobj-y += old-b.o\nobj-y += old-c.o\n",
    "scripts/Kbuild.include": "# none\n",
}

HOOKS = {
    "10-early.cocci": """\
// SPDX-License-Identifier: GPL-2.0-only
/// Look for the hypervisor before memory is given out.
///
// Why:     because.
// Where:   arch/arm64/mm/init.c, early_one(): 1 match
// Trees:   6.12. Newer trees have it.
// Outside: one call.

@place@
identifier f = early_one;
@@
 void f(void)
 {
 	...
+	pguest_early();
 }

@depends on place@
@@
 #include <linux/mm.h>
+#include <asm/pguest.h>
""",
    "20-allowed.cocci": """\
// SPDX-License-Identifier: GPL-2.0-only
/// Ask before each mapping; look at what was reserved.
///
// Why:     because,
//          in two lines.
// Where:   arch/arm64/mm/ioremap.c, map_allowed(): 1 match
//          arch/arm64/mm/init.c, early_one(),
//            early_two(): 2 matches
// Trees:   6.1, 6.12
// Outside: nothing.
// Options: --no-includes

@@
identifier f = map_allowed;
symbol true;
@@
 f(...)
 {
 	<...
-	return true;
+	return pguest_map(start, size);
 	...>
 }

@@
expression e;
@@
-	reserve(e);
+	pguest_reserve(e);
""",
    "30-old.lines": """\
# SPDX-License-Identifier: GPL-2.0-only
# Why:     ours replaces it.
# Where:   drivers/virt/Makefile: 2 matches
# Trees:   6.12
# Outside: nothing.

- obj-y += old-a.o

  obj-y += old-b.o
- obj-y += old-c.o
+ obj-y += new-c.o
""",
}

SCRIPTS = ("integrate", "hookfile.py", "kerneltree.py", "patchseries.py", "treefit.py")
OURS = {
    "Kbuild": "obj-y += kernel/\n",
    "Kconfig": 'menu "pguest"\nendmenu\n',
    "kernel/core.c": "int pguest_core;\n",
    "include/pguest/core.h": "extern int pguest_core;\n",
    "tests/boot/test_boot.py": "# not for a kernel tree\n",
    "README.rst": "pguest\n",
}


def write(top, files):
    for name, text in files.items():
        file = Path(top, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def git(top, *arguments):
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(["git", "-C", str(top), "-c", "user.name=t", "-c", "user.email=t@t", *arguments],
                          env=env, check=True, capture_output=True, text=True).stdout


def commit_all(top):
    if not (top / ".git").exists():
        git(top, "init", "-q")
    git(top, "add", "-A")
    git(top, "commit", "-q", "-m", "all")


def snapshot(top):
    """All that a tree is: names, kinds, modes, contents, modification times of files."""
    seen = {}
    for file in sorted(Path(top).rglob("*")):
        name = str(file.relative_to(top))
        if name.split("/")[0] == ".git":
            continue
        info = file.lstat()
        if file.is_symlink():
            seen[name] = ("link", os.readlink(file))
        elif file.is_dir():
            seen[name] = ("dir", info.st_mode)
        else:
            seen[name] = (file.read_bytes(), info.st_mode, info.st_mtime_ns)
    return seen


def contents(top):
    """A snapshot without the times."""
    return {name: entry[:2] for name, entry in snapshot(top).items()}


def age(top):
    """Make all files old enough that a write now is seen in the times."""
    for file in Path(top).rglob("*"):
        if file.is_file() and not file.is_symlink():
            os.utime(file, (1_600_000_000, 1_600_000_000))


class Integrate:
    """scripts/integrate of one repository, on one tree."""

    def __init__(self, repo, tree):
        self.repo = repo
        self.tree = tree
        self.command = [str(repo / "scripts/integrate")]
        self.env = dict(os.environ)

    def run(self, *arguments):
        return subprocess.run([*self.command, str(self.tree), *arguments], env=self.env,
                              capture_output=True, text=True, check=False, timeout=300)

    def __call__(self, *arguments):
        """It works and has nothing to complain about; what it printed."""
        ran = self.run(*arguments)
        assert (ran.returncode, ran.stderr) == (0, "")
        return ran.stdout

    def refuses(self, *arguments, because):
        """It ends with status 1 and this one line, and nothing has changed."""
        before = snapshot(self.tree) if Path(self.tree).is_dir() else None
        ran = self.run(*arguments)
        assert ran.returncode == 1
        assert len(ran.stderr.splitlines()) == 1, ran.stderr
        assert ran.stderr.startswith("integrate: ")
        assert because in ran.stderr
        if before is not None:
            assert snapshot(self.tree) == before
        return ran
