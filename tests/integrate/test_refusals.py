# SPDX-License-Identifier: GPL-2.0-only
"""What scripts/integrate does not do: one clear line, status 1, and the tree as it was."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from trees import HOOKS, INIT_C, Integrate, commit_all, git, snapshot, write


def edit(file, old, new):
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


# The path

@pytest.mark.parametrize("missing", ["Makefile", "Kbuild", "Kconfig", "arch/arm64/Makefile", "scripts/Kbuild.include"])
def test_a_directory_without_what_a_kernel_has(integrate, missing):
    (integrate.tree / missing).unlink()
    integrate.refuses(because="not a Linux source tree")


def test_a_build_directory(integrate):
    (integrate.tree / "Makefile").write_text("include /usr/src/linux/Makefile\n")
    integrate.refuses(because="not a Linux source tree")


def test_a_path_that_does_not_exist(integrate):
    integrate.tree = integrate.tree / "nowhere"
    integrate.refuses(because="nowhere: no such directory")


def test_a_file(integrate):
    integrate.tree = integrate.tree / "Makefile"
    integrate.refuses(because="no such directory")


@pytest.mark.parametrize("arguments", [[], ["--no-such-option"], ["--revert", "--diff"], ["--revert", "--copy"],
                                       ["--diff", "--check"], ["--series", "d", "--check"], ["--series", "d", "--copy"],
                                       ["--report", "f"], ["--report", "f", "--check", "--revert"], ["--keep-times"]])
def test_usage_is_status_2(integrate, arguments):
    before = snapshot(integrate.tree)
    tree = [str(integrate.tree)] if arguments else []
    ran = subprocess.run([*integrate.command, *tree, *arguments], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "usage:" in ran.stderr
    assert snapshot(integrate.tree) == before


# The version

def test_an_unknown_version(integrate):
    edit(integrate.tree / "Makefile", "PATCHLEVEL = 12", "PATCHLEVEL = 6")
    integrate.refuses(because="Linux 6.6 is not known: the hooks are for 6.1, 6.12;")


def test_an_unknown_version_with_check_names_what_fits(integrate):
    edit(integrate.tree / "Makefile", "VERSION = 6", "VERSION = 7")
    edit(integrate.tree / "arch/arm64/mm/init.c", "early_two", "early_three")
    ran = integrate.refuses("--check", because="Linux 7.12 is not known")
    assert "hooks/10-early.cocci: fits\n" in ran.stdout
    assert "hooks/20-allowed.cocci: does not fit\n\tmatches in arch/arm64/mm/init.c outside of" in ran.stdout
    assert "hooks/30-old.lines: fits\n" in ran.stdout
    assert "hooks of 6.12 tried on 7.12: 2 of 3 hooks fit Linux 7.12.99" in ran.stdout
    assert ran.stdout.endswith("verdict: 2 of 3 hooks fit Linux 7.12.99\n")
    assert "hooks of 6.1 " not in ran.stdout


def test_an_unknown_version_is_tried_with_the_set_that_fits_better(integrate):
    """Of two hooks of a number, the one that is the neighbour's; both sides of it are tried."""
    edit(integrate.tree / "Makefile", "PATCHLEVEL = 12", "PATCHLEVEL = 14")
    edit(integrate.tree / "drivers/virt/Makefile", "old-a", "new-a")
    old = (integrate.repo / "hooks/30-old.lines").read_text()
    (integrate.repo / "hooks/30-old-7.3.lines").write_text(old.replace("old-a", "new-a").replace("6.12", "7.3"))
    ran = integrate.refuses("--check", because="Linux 6.14 is not known: the hooks are for 6.1, 6.12, 7.3")
    assert "hooks of 7.3 tried on 6.14: 1 of 1 hooks fit" in ran.stdout
    assert "hooks of 6.12 tried on 6.14: 2 of 3 hooks fit" in ran.stdout
    assert "hooks/30-old-7.3.lines: fits\n" in ran.stdout
    assert "30-old.lines: " not in ran.stdout


# Hooks that do not fit

def test_a_hook_that_matches_less_often(integrate):
    edit(integrate.tree / "arch/arm64/mm/ioremap.c", "return true", "return size")
    integrate.refuses(because="hooks/20-allowed.cocci: 0 matches in arch/arm64/mm/ioremap.c, not 1")


def test_a_hook_that_matches_more_often(integrate):
    edit(integrate.tree / "arch/arm64/mm/ioremap.c", "return false;\n", "return true;\n\n")
    integrate.refuses(because="hooks/20-allowed.cocci: 2 matches in arch/arm64/mm/ioremap.c, not 1 (at line 6, 8)")


def test_a_hook_that_matches_more_often_in_the_next_line(integrate):
    """Neighbouring lines are one region of the diff; a header that counts lines tells them apart."""
    edit(integrate.tree / "arch/arm64/mm/ioremap.c", "return false", "return true")
    edit(integrate.repo / "hooks/20-allowed.cocci", "1 match\n", "1 match (+1 -1)\n")
    integrate.refuses(because="20-allowed.cocci: changes arch/arm64/mm/ioremap.c by +2 -2 lines, not +1 -1")


def test_a_hook_that_matches_in_another_function(integrate):
    edit(integrate.tree / "arch/arm64/mm/init.c", "early_two", "early_three")
    integrate.refuses(because="outside of early_one(), early_two() (at line 18)")


def test_a_hook_whose_include_alone_would_match(integrate):
    edit(integrate.tree / "arch/arm64/mm/init.c", "early_one", "early_none")
    edit(integrate.repo / "hooks/20-allowed.cocci", "early_one()", "early_none()")
    integrate.refuses(because="hooks/10-early.cocci: 0 matches")


@pytest.mark.parametrize("makefile, count", [("obj-y += old-b.o\nobj-y += old-c.o\n", 0),
                                             ("obj-y += old-a.o\n" * 2 + "obj-y += old-b.o\nobj-y += old-c.o\n", 2)])
def test_lines_that_are_not_there_exactly_once(integrate, makefile, count):
    (integrate.tree / "drivers/virt/Makefile").write_text(makefile)
    integrate.refuses(because=f"hooks/30-old.lines: {count} matches in drivers/virt/Makefile, not 1, of 'obj-y += old-a.o'")


def test_lines_are_compared_to_the_blank(integrate):
    edit(integrate.tree / "drivers/virt/Makefile", "old-a.o\n", "old-a.o \n")
    integrate.refuses(because="0 matches")


def test_a_file_that_the_tree_has_not(integrate):
    (integrate.tree / "drivers/virt/Makefile").unlink()
    integrate.refuses(because="hooks/30-old.lines: drivers/virt/Makefile: no such file in Linux 6.12.99")


def test_a_file_that_is_a_symlink(integrate):
    file = integrate.tree / "drivers/virt/Makefile"
    file.rename(file.with_name("real"))
    file.symlink_to("real")
    integrate.refuses(because="drivers/virt/Makefile: no such file")


def test_each_hook_that_does_not_fit_has_its_line(integrate):
    edit(integrate.tree / "arch/arm64/mm/ioremap.c", "return true", "return size")
    edit(integrate.tree / "drivers/virt/Makefile", "old-a", "old-z")
    before = snapshot(integrate.tree)
    ran = integrate.run()
    assert ran.returncode == 1
    assert [line.split(": ")[1] for line in ran.stderr.splitlines()] == ["hooks/20-allowed.cocci", "hooks/30-old.lines"]
    assert snapshot(integrate.tree) == before


@pytest.mark.parametrize("arguments", [["--check"], ["--diff"], ["--copy"]])
def test_every_way_refuses_the_same(integrate, arguments):
    edit(integrate.tree / "arch/arm64/mm/ioremap.c", "return true", "return size")
    integrate.refuses(*arguments, because="hooks/20-allowed.cocci: 0 matches")


def test_an_update_that_does_not_fit_leaves_what_was(integrate):
    integrate()
    edit(integrate.repo / "hooks/20-allowed.cocci", "2 matches", "3 matches")
    integrate.refuses(because="hooks/20-allowed.cocci: 2 matches in arch/arm64/mm/init.c, not 3")
    integrate("--revert")


# What must become true

def where(integrate, *lines):
    """Other 'Where:' (and 'Never:', 'Always:') lines in 20-allowed, for init.c."""
    edit(integrate.repo / "hooks/20-allowed.cocci",
         "//          arch/arm64/mm/init.c, early_one(),\n//            early_two(): 2 matches\n",
         "".join(f"//{line}\n" for line in lines))


def place(what):
    return f"          arch/arm64/mm/init.c, {what}"


@pytest.mark.parametrize("what", [
    "early_one(), early_two(): 1 match each", "early_one(), early_two(): 1 or more matches",
    "early_one() or early_gone(): 1 match", "early_one(): 1 match in 6.1, 6.12"])
def test_ways_to_count(integrate, what):
    lines = [place(what)] + ([] if "early_two" in what else [place("early_two(): 1 match")])
    where(integrate, *lines)
    assert "20-allowed.cocci: 2 matches" in integrate()


def test_each_function_has_its_matches(integrate):
    """Two in one and none in the other are as many, at a wrong place."""
    edit(integrate.tree / "arch/arm64/mm/init.c", "depth = 1;\n", "depth = 1;\n\treserve(0);\n\tdepth = 3;\n")
    edit(integrate.tree / "arch/arm64/mm/init.c", "depth = 2;\n\treserve(depth);\n", "depth = 2;\n")
    integrate()
    integrate("--revert")
    where(integrate, place("early_one(), early_two(): 1 match each"))
    integrate.refuses(because="hooks/20-allowed.cocci: 2 matches in arch/arm64/mm/init.c, early_one(), not 1 (at line ")
    edit(integrate.repo / "hooks/20-allowed.cocci", place("early_one(), early_two(): 1 match each"),
         f"{place('early_one(): 2 matches')}\n//{place('early_two(): 1 match')}")
    integrate.refuses(because="hooks/20-allowed.cocci: 2 matches in arch/arm64/mm/init.c, not 3")


def test_one_or_more_is_not_none(integrate):
    where(integrate, place("early_one(): 1 or more matches"), place("early_two(): 1 or more matches"))
    edit(integrate.tree / "arch/arm64/mm/init.c", "depth = 2;\n\treserve(depth);\n", "depth = 2;\n")
    integrate.refuses(because="hooks/20-allowed.cocci: 0 matches in arch/arm64/mm/init.c, early_two(), not 1 or more")


def test_a_place_of_another_version_is_no_place(integrate):
    where(integrate, place("early_one(): 1 match"), place("early_two(): 1 match in 6.1"))
    integrate.refuses(because="hooks/20-allowed.cocci: 2 matches in arch/arm64/mm/init.c, not 1")


@pytest.mark.parametrize("old, new, line", [
    ("reserve(depth);\n\treturn", "reserve (depth, 0);\n\treturn", 18),
    ("return;", 'return; /* reserve(1) "*/ reserve(1, 2);', 19)])
def test_a_call_that_is_left_over(integrate, old, new, line):
    """The semantic patch does not know it, and the count of what it knows is right."""
    where(integrate, place("early_one(), early_two(): 1 or more matches"),
          " Never:   arch/arm64/mm/init.c, early_two(): reserve()")
    integrate()
    integrate("--revert")
    edit(integrate.tree / "arch/arm64/mm/init.c", old, new)
    integrate.refuses(because=f"hooks/20-allowed.cocci: leaves reserve() in arch/arm64/mm/init.c (at line {line})")


def test_a_call_in_a_comment_or_a_string_is_none(integrate):
    where(integrate, place("early_one(), early_two(): 1 match each"), " Never:   arch/arm64/mm/init.c: reserve()")
    edit(integrate.tree / "arch/arm64/mm/init.c", "\treturn;\n", '\tsay("reserve(1)"); // reserve(1)\n\treturn;\n')
    integrate()


def test_a_call_may_stand_in_its_wrapper(integrate):
    where(integrate, place("early_one(), early_two(): 1 match each"),
          " Never:   arch/arm64/mm/init.c: depth_of() but in wrap()")
    edit(integrate.tree / "arch/arm64/mm/init.c", "\treturn;\n", "\tdepth = wrap(depth_of(1));\n\treturn;\n")
    integrate()
    integrate("--revert")
    edit(integrate.tree / "arch/arm64/mm/init.c", "wrap(depth_of(1))", "wrap(1) + depth_of(1)")
    integrate.refuses(because="leaves depth_of() in arch/arm64/mm/init.c")


def test_code_that_the_tree_may_have_already(integrate):
    where(integrate, place("early_one(), early_two(): at most 2 matches"),
          " Always:  arch/arm64/mm/init.c, early_two(): pguest_reserve(depth);")
    integrate()
    integrate("--revert")
    file = integrate.tree / "arch/arm64/mm/init.c"
    file.write_text(file.read_text().replace("\treserve(depth);", "\tpguest_reserve( depth );"))
    assert "20-allowed.cocci: 0 matches" in integrate()
    integrate("--revert")
    edit(file, "depth = 2;\n\tpguest_reserve( depth );", "depth = 2;\n\t/* pguest_reserve(depth); */")
    integrate.refuses(because="hooks/20-allowed.cocci: no 'pguest_reserve(depth);' in arch/arm64/mm/init.c, early_two()")


def test_lines_that_may_stand_instead(integrate):
    hook = integrate.repo / "hooks/30-old.lines"
    edit(hook, "- obj-y += old-a.o\n", "- obj-y += old-x.o\n\n# or\n\n- obj-y += old-a.o\n")
    assert "30-old.lines: 2 matches" in integrate()
    integrate("--revert")
    edit(integrate.tree / "drivers/virt/Makefile", "old-a.o\n", "old-x.o\nobj-y += old-a.o\n")
    integrate.refuses(because="30-old.lines: 2 matches in drivers/virt/Makefile, not 1, of 'obj-y += old-x.o' or what")
    edit(integrate.tree / "drivers/virt/Makefile", "obj-y += old-x.o\nobj-y += old-a.o\n", "")
    integrate.refuses(because="30-old.lines: 0 matches in drivers/virt/Makefile, not 1, of 'obj-y += old-x.o' or what")


def test_a_range_of_versions(integrate):
    edit(integrate.tree / "Makefile", "PATCHLEVEL = 12", "PATCHLEVEL = 6")
    for name in ("10-early.cocci", "20-allowed.cocci", "30-old.lines"):
        edit(integrate.repo / "hooks" / name, "Trees:   6.12" if name != "20-allowed.cocci" else "6.1, 6.12", "Trees:   6.1-6.12"
             if name != "20-allowed.cocci" else "6.1, 6.6 - 6.12")
    assert "Linux 6.6.99, 3 hooks" in integrate()


# What is said of a tree that does not fit

def test_check_shows_the_function_as_it_is_there(integrate, tmp_path):
    edit(integrate.tree / "arch/arm64/mm/ioremap.c", "return true", "return size")
    edit(integrate.repo / "hooks/20-allowed.cocci", "map_allowed(): 1 match", "map_allowed() or map_refused(): 1 match")
    ran = integrate.refuses("--check", because="hooks/20-allowed.cocci: 0 matches")
    assert "hooks/10-early.cocci: fits\nhooks/20-allowed.cocci: does not fit\n\t0 matches in arch/arm64/mm/ioremap.c" in ran.stdout
    assert "\nbool map_allowed(unsigned long start, unsigned long size)\n{\n\tif (start + size < start)\n" in ran.stdout
    assert "\treturn size;\n}\n\nmap_refused(): not there\n" in ran.stdout
    assert "early_one(void)" not in ran.stdout
    assert "verdict: 2 of 3 hooks fit Linux 6.12.99\n" in ran.stdout
    commit_all(integrate.tree)
    integrate.refuses("--check", "--report", str(tmp_path / "report"), because="hooks/20-allowed.cocci: 0 matches")
    report = (tmp_path / "report").read_text()
    assert report.startswith(f"pguest on Linux 6.12.99, commit {git(integrate.tree, 'rev-parse', 'HEAD')}\nhooks/10")
    assert "\n2 of 3 hooks fit Linux 6.12.99\n" in report and "\nbool map_allowed(" in report


@pytest.mark.parametrize("path, version, refused", [
    ("arch/arm64/mm/mem_encrypt.c", "6", True), ("arch/arm64/mm/mem_encrypt.c", "12", False),
    ("arch/arm64/mm/mem_relinquish.c", "12", True), ("arch/arm64/kernel/rsi.c", "12", True)])
def test_a_tree_that_protects_guests_itself(integrate, path, version, refused):
    """A vendor's backport: hooks fit, and there would be two who share memory."""
    edit(integrate.tree / "Makefile", "PATCHLEVEL = 12", f"PATCHLEVEL = {version}")
    for name in ("10-early.cocci", "20-allowed.cocci", "30-old.lines"):
        edit(integrate.repo / "hooks" / name, "Trees:   6.", "Trees:   6.6, 6.")
    write(integrate.tree, {path: ""})
    if not refused:
        integrate()
        return
    for arguments in ([], ["--check"], ["--diff"]):
        ran = integrate.refuses(*arguments, because=f"{path}: this tree protects its guests itself")
    assert "3 of 3 hooks fit" in integrate.refuses("--check", because=path).stdout
    assert "1 decision is the tree's owner's" in integrate.refuses("--check", because=path).stdout
    assert ran.returncode == 1


def test_a_tree_that_protects_guests_itself_where_a_hook_knows(integrate):
    """What the tree has of its own is named, with what becomes of it; what no hook knows is refused still."""
    own = "arch/arm64/mm/mem_relinquish.c"
    edit(integrate.repo / "hooks/20-allowed.cocci", "// Trees:", f"// With:    {own}\n// Trees:")
    assert "2 hooks" in integrate()
    integrate("--revert")
    write(integrate.tree, {own: ""})
    line = f"{own}: this tree's own: ask before each mapping; look at what was reserved (hooks/20-allowed.cocci)"
    assert line in integrate("--check")
    told = integrate()
    assert line in told and "3 hooks" in told
    integrate("--revert")
    write(integrate.tree, {"arch/arm64/kernel/rsi.c": ""})
    integrate.refuses(because="arch/arm64/kernel/rsi.c: this tree protects its guests itself")


def test_a_series_into_a_directory_that_is_not_empty(integrate, tmp_path):
    write(tmp_path, {"series/mine": ""})
    integrate.refuses("--series", str(tmp_path / "series"), because="is there and not an empty directory")
    assert os.listdir(tmp_path / "series") == ["mine"]


# Hook files that are wrong themselves

def test_a_semantic_patch_with_a_syntax_error(integrate):
    with (integrate.repo / "hooks/10-early.cocci").open("a") as file:
        file.write("@@\n@@\n- foo((;\n")
    integrate.refuses(because="hooks/10-early.cocci:24:7: spatch cannot parse this semantic patch")


@pytest.mark.parametrize("old, new, because", [
    ("// Trees:   6.12. Newer trees have it.\n", "", "'Trees:' must begin with versions"),
    ("6.12. Newer", "all. Newer", "'Trees:' must begin with versions"),
    ("// Where:   arch/arm64/mm/init.c, early_one(): 1 match\n", "", "no 'Where:' line"),
    ("1 match\n", "one match\n", "'Where:' is not 'path, function(): N matches'"),
    ("1 match\n", "0 matches\n", "makes no sense"),
    ("arch/arm64/mm/init.c, early", "../init.c, early", "makes no sense"),
    ("6.12. Newer", "7.3-6.1. Newer", "the range 7.3-6.1 has its ends the wrong way round"),
    ("1 match\n", "1 match in 6.1\n", "is for a version that 'Trees:' does not name"),
    ("early_one(): 1 match\n", "early_one(): 1 match\n//          arch/arm64/mm/init.c, early_one(): 1 match\n",
     "names the same file twice: arch/arm64/mm/init.c, early_one()"),
    ("early_one(): 1 match\n", "early_one(): 1 match\n//          arch/arm64/mm/init.c: 1 match\n",
     "names the same file twice"),
    ("early_one(): 1 match\n", "early_one(): at most 1 match\n", "but no 'Always:' or 'Never:' about it"),
    ("init.c, early_one(): 1 match\n", "init.c: 1 match each\n", "'each' of no function"),
    ("// Trees:", "// Never:   arch/arm64/mm/init.c: nothing\n// Trees:", "'Never:' is not 'path, function(): call()'"),
    ("// Trees:", "// Never:   other.c: call()\n// Trees:", "about other.c, which 'Where:' does not name"),
    ("// Trees:", "// With:    a vendor's tree\n// Trees:", "'With:' is not a path: a vendor's tree"),
    ("// Trees:", "// With:    ../other.c\n// Trees:", "'With:' is not a path: ../other.c"),
    ("// Trees:", "// Always:  other\n// Trees:", "'Always:' is not 'path, function(): code'"),
])
def test_a_header_that_does_not_say_enough(integrate, old, new, because):
    edit(integrate.repo / "hooks/10-early.cocci", old, new)
    integrate.refuses(because=because)


@pytest.mark.parametrize("old, new, because", [
    ("2 matches", "3 matches", "says 3 matches in drivers/virt/Makefile, has 2 blocks"),
    ("- obj-y += old-a.o\n", "obj-y += old-a.o\n", ":7: a line begins with"),
    ("- obj-y += old-a.o\n", "+ obj-y += old-a.o\n", "has no line to find"),
    ("- obj-y += old-a.o\n", "  obj-y += old-a.o\n", "changes nothing"),
    ("- obj-y += old-a.o\n", "# File: other/Makefile\n- obj-y += old-a.o\n", "not in both"),
    ("- obj-y += old-a.o\n", "# or\n- obj-y += old-a.o\n", "'# or' has no block before it"),
])
def test_lines_that_make_no_sense(integrate, old, new, because):
    edit(integrate.repo / "hooks/30-old.lines", old, new)
    integrate.refuses(because=because)


# Local changes

@pytest.mark.parametrize("staged", [False, True])
@pytest.mark.parametrize("path", ["Kbuild", "arch/arm64/mm/init.c", "drivers/virt/Makefile"])
def test_local_changes_in_git(integrate, path, staged):
    commit_all(integrate.tree)
    with (integrate.tree / path).open("a") as file:
        file.write("\n")
    if staged:
        git(integrate.tree, "add", "-A")
    integrate.refuses(because=f"{path}: has local changes")
    integrate.refuses("--check", because=f"{path}: has local changes")


def test_local_changes_elsewhere_do_not_matter(integrate):
    commit_all(integrate.tree)
    (integrate.tree / "arch/arm64/Makefile").write_text("# mine\n")
    integrate()


def test_a_git_tree_that_git_does_not_read(integrate):
    (integrate.tree / ".git").mkdir()
    integrate.refuses(because="git cannot compare the tree with HEAD")


@pytest.mark.parametrize("path", ["Kconfig", "arch/arm64/mm/ioremap.c"])
@pytest.mark.parametrize("arguments", [[], ["--check"], ["--diff"], ["--revert"], ["--revert", "--check"]])
def test_changes_since_without_git(integrate, path, arguments):
    integrate()
    with (integrate.tree / path).open("a") as file:
        file.write("\n")
    integrate.refuses(*arguments, because=f"{path}: changed since scripts/integrate wrote it")


def test_a_file_that_went_away_since(integrate):
    integrate()
    (integrate.tree / "arch/arm64/mm/ioremap.c").unlink()
    integrate.refuses(because="ioremap.c: changed since")
    integrate.refuses("--revert", because="ioremap.c: changed since")


# pguest/ and .pguest/

def test_a_foreign_directory(integrate):
    (integrate.tree / "pguest").mkdir()
    integrate.refuses(because="pguest: exists and was not made by scripts/integrate")
    integrate.refuses("--revert", because="pguest: exists and was not made by scripts/integrate")


def test_a_foreign_symlink(integrate):
    (integrate.tree / "pguest").symlink_to(integrate.repo)
    integrate.refuses(because="pguest: exists and was not made by scripts/integrate")


def test_a_line_that_is_there_already(integrate):
    with (integrate.tree / "Kbuild").open("a") as file:
        file.write("obj-y += pguest/\n")
    integrate.refuses(because="Kbuild: has 'obj-y += pguest/' already")


@pytest.mark.parametrize("what", ["pguest", "pguest/kernel/core.c"])
def test_a_symlink_that_was_turned(integrate, what):
    integrate()
    link = integrate.tree / what
    shutil.rmtree(link) if link.is_dir() else link.unlink()
    link.symlink_to("/nowhere")
    integrate.refuses(because=f"{what}: changed since")
    integrate.refuses("--revert", because=f"{what}: changed since")


def test_a_link_that_became_a_file(integrate):
    """An editor's way to write: what is in it is in no checkout."""
    integrate()
    (integrate.tree / "pguest/kernel/core.c").unlink()
    write(integrate.tree, {"pguest/kernel/core.c": "int mine;\n"})
    integrate.refuses(because="pguest/kernel/core.c: changed since")
    integrate.refuses("--revert", because="pguest/kernel/core.c: changed since")


def test_a_copy_that_was_changed(integrate):
    integrate("--copy")
    (integrate.tree / "pguest/kernel/core.c").write_text("int mine;\n")
    integrate.refuses("--copy", because="pguest/kernel/core.c: changed since")
    integrate.refuses("--revert", because="pguest/kernel/core.c: changed since")


def test_a_copy_that_something_was_added_to(integrate):
    integrate("--copy")
    write(integrate.tree, {"pguest/kernel/mine.c": "int mine;\n"})
    integrate.refuses("--revert", because="pguest/kernel/mine.c: changed since")


def test_a_state_that_is_damaged(integrate):
    integrate()
    (integrate.tree / ".pguest/state.json").write_text("{")
    integrate.refuses(because="state.json: cannot be read")
    integrate.refuses("--revert", because="state.json: cannot be read")


def test_an_original_that_is_damaged(integrate):
    integrate()
    for file in (integrate.tree / ".pguest").iterdir():
        if file.name != "state.json":
            file.write_text("other\n")
    integrate.refuses("--revert", because="is damaged")


# Everything else

def test_revert_of_a_tree_that_was_not_integrated(integrate):
    integrate.refuses("--revert", because="is not integrated, nothing to revert")


def test_revert_twice(integrate):
    integrate()
    integrate("--revert")
    integrate.refuses("--revert", because="is not integrated, nothing to revert")


def test_spatch_is_missing(integrate, tmp_path):
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("git", "diff"):
        (tools / name).symlink_to(shutil.which(name))
    integrate.env["PATH"] = str(tools)
    integrate.refuses(because="spatch is missing: install the package coccinelle")
    integrate.refuses("--check", because="spatch is missing")


def test_no_permission_to_write():
    """As somebody else than the owner; root may write everywhere."""
    with tempfile.TemporaryDirectory(prefix="pguest-test-") as top:
        os.chmod(top, 0o755)
        repo, tree = Path(top, "repo"), Path(top, "linux")
        from trees import OURS, REPO, SCRIPTS, TREE
        for name in SCRIPTS:
            (repo / "scripts").mkdir(parents=True, exist_ok=True)
            shutil.copy(REPO / "scripts" / name, repo / "scripts" / name)
        write(repo, OURS)
        write(repo / "hooks", HOOKS)
        write(tree, TREE)
        integrate = Integrate(repo, tree)
        if os.geteuid() == 0:
            integrate.command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", *integrate.command]
        else:
            os.chmod(tree, 0o555)
        try:
            integrate.refuses(because=f"{tree}: no permission to write")
            assert "would be integrated" in integrate("--check")
        finally:
            os.chmod(tree, 0o755)


def test_spatch_that_cannot_parse_the_function(integrate):
    (integrate.tree / "arch/arm64/mm/init.c").write_text(INIT_C.replace("depth = 1;", "depth = = 1;"))
    (integrate.repo / "hooks/10-early.cocci").unlink()
    integrate.refuses(because="hooks/20-allowed.cocci: 1 match in arch/arm64/mm/init.c, not 2 (at line 16)")
