# SPDX-License-Identifier: GPL-2.0-only
"""What scripts/integrate does: in, again, on, and out to the byte."""

import json
import os
import shutil
import subprocess
import sys

import pytest
from trees import HOOKS, MAKEFILE, TREE, Integrate, age, commit_all, contents, git, snapshot, write

HOOKED = ["Kbuild", "Kconfig", "arch/arm64/mm/init.c", "arch/arm64/mm/ioremap.c", "drivers/virt/Makefile"]

INIT_AFTER = """\
// SPDX-License-Identifier: GPL-2.0-only
#include <linux/init.h>
#include <linux/mm.h>
#include <asm/pguest.h>

static int depth;

void __init early_one(void)
{
	depth = 1;
	pguest_reserve(depth);
	pguest_early();
}

void __init early_two(void)
{
	depth = 2;
	pguest_reserve(depth);
	return;
}
"""


def read(integrate, path):
    return (integrate.tree / path).read_text()


def rewritten(before, after):
    """Files whose time or content is another."""
    return sorted(name for name in before.keys() & after.keys() if before[name] != after[name])


def drop_hook(integrate, name):
    (integrate.repo / "hooks" / name).unlink()


# In

def test_the_tree_gets_a_link_two_lines_and_the_hooks(integrate):
    told = integrate()
    assert not (integrate.tree / "pguest").is_symlink()
    assert os.readlink(integrate.tree / "pguest/kernel/core.c") == str(integrate.repo / "kernel/core.c")
    assert read(integrate, "Kbuild") == TREE["Kbuild"] + "obj-y += pguest/\n"
    assert read(integrate, "Kconfig") == TREE["Kconfig"] + 'source "pguest/Kconfig"\n'
    assert read(integrate, "arch/arm64/mm/init.c") == INIT_AFTER
    assert "return pguest_map(start, size);" in read(integrate, "arch/arm64/mm/ioremap.c")
    assert read(integrate, "drivers/virt/Makefile") == "obj-y += old-b.o\nobj-y += new-c.o\n"
    assert "is integrated (Linux 6.12.99, 3 hooks, 5 files changed)" in told
    assert "changed arch/arm64/mm/init.c (10-early.cocci: 1 match, 20-allowed.cocci: 2 matches)" in told


def test_nothing_else_is_touched(integrate):
    before = snapshot(integrate.tree)
    integrate()
    after = snapshot(integrate.tree)
    assert rewritten(before, after) == HOOKED
    assert {name.split("/")[0] for name in after.keys() - before.keys()} == {"pguest", ".pguest"}


def test_modes_stay(integrate):
    (integrate.tree / "arch/arm64/mm/init.c").chmod(0o640)
    integrate()
    assert (integrate.tree / "arch/arm64/mm/init.c").stat().st_mode & 0o777 == 0o640


def test_a_hard_linked_tree_leaves_the_other_alone(integrate, tmp_path):
    subprocess.run(["cp", "-al", integrate.tree, tmp_path / "other"], check=True)
    before = snapshot(tmp_path / "other")
    integrate()
    assert snapshot(tmp_path / "other") == before


def test_a_file_without_a_newline_at_its_end(integrate):
    (integrate.tree / "Kconfig").write_text('mainmenu "Linux"')
    before = contents(integrate.tree)
    integrate()
    assert read(integrate, "Kconfig") == 'mainmenu "Linux"\nsource "pguest/Kconfig"\n'
    integrate("--revert")
    assert contents(integrate.tree) == before


def test_bytes_that_are_no_utf8_survive(integrate):
    file = integrate.tree / "arch/arm64/mm/init.c"
    file.write_bytes(file.read_bytes().replace(b"static int depth;", b"static int depth; /* M\xfcller */"))
    before = contents(integrate.tree)
    integrate()
    assert b"/* M\xfcller */" in file.read_bytes()
    integrate("--revert")
    assert contents(integrate.tree) == before


def test_hooks_for_other_versions_are_left_out(integrate):
    (integrate.tree / "Makefile").write_text(MAKEFILE.replace("PATCHLEVEL = 12", "PATCHLEVEL = 1"))
    assert "Linux 6.1.99, 1 hooks, 4 files changed" in integrate()
    assert "old-a" in read(integrate, "drivers/virt/Makefile")


AGAIN = """\
// SPDX-License-Identifier: GPL-2.0-only
/// Ask again.
///
// Why:     because.
// Where:   arch/arm64/mm/ioremap.c, map_allowed(): 2 matches
// Trees:   6.12
// Outside: nothing.

@@
identifier f = map_allowed;
@@
 f(...)
 {
+again:
 if (...)
-	return false;
+	goto again;
 ...
 }
"""


def test_a_label_stands_at_the_start_of_its_line(integrate):
    """spatch puts it where the statement stands, which checkpatch does not like. Those of the tree stay."""
    write(integrate.repo / "hooks", {"20-allowed.cocci": AGAIN})
    file = integrate.tree / "arch/arm64/mm/ioremap.c"
    file.write_text(file.read_text().replace("\treturn true;\n", "\tgoto out;\n\tout:\n\treturn true;\n"))
    integrate()
    assert "{\nagain:\n\tif (start + size < start)\n\t\tgoto again;\n\tgoto out;\n\tout:\n" in file.read_text()


# Looking without touching

def test_check_tells_and_changes_nothing(integrate):
    before = snapshot(integrate.tree)
    told = integrate("--check")
    assert snapshot(integrate.tree) == before
    assert "would change drivers/virt/Makefile (30-old.lines: 2 matches)" in told
    assert "would be integrated" in told
    assert "hooks/10-early.cocci: fits\nhooks/20-allowed.cocci: fits\nhooks/30-old.lines: fits\n" in told
    assert "verdict: 3 of 3 hooks fit Linux 6.12.99\n" in told


def test_check_on_an_integrated_tree(integrate):
    integrate()
    before = snapshot(integrate.tree)
    assert "integrated already, nothing to do" in integrate("--check")
    assert snapshot(integrate.tree) == before


def test_check_of_revert(integrate):
    integrate()
    before = snapshot(integrate.tree)
    assert "would be reverted (5 files)" in integrate("--revert", "--check")
    assert snapshot(integrate.tree) == before


@pytest.mark.parametrize("arguments", [[], ["--copy"]])
def test_diff_makes_the_same_tree_with_patch(integrate, tmp_path, arguments):
    write(tmp_path / "other", TREE)
    before = snapshot(integrate.tree)
    patch = integrate("--diff", *arguments)
    assert snapshot(integrate.tree) == before
    subprocess.run(["patch", "-p1", "-s", "-d", tmp_path / "other"], input=patch, text=True, check=True)
    integrate(*arguments)
    left_out = [".pguest"] if arguments else [".pguest", "pguest"]
    after = {name: entry for name, entry in contents(integrate.tree).items() if name.split("/")[0] not in left_out}
    assert contents(tmp_path / "other") == after


def test_diff_applies_with_git(integrate):
    patch = integrate("--diff", "--copy")
    commit_all(integrate.tree)
    subprocess.run(["git", "-C", integrate.tree, "apply", "-"], input=patch, text=True, check=True)
    assert read(integrate, "arch/arm64/mm/init.c") == INIT_AFTER
    assert read(integrate, "pguest/kernel/core.c") == "int pguest_core;\n"


def test_diff_of_an_integrated_tree_is_the_same(integrate):
    patch = integrate("--diff")
    integrate()
    assert integrate("--diff") == patch


def test_diff_explains_itself(integrate):
    patch = integrate("--diff")
    assert patch.startswith("pguest: hooks for Linux 6.12\n")
    assert "10-early.cocci: Look for the hypervisor before memory is given out.\n" in patch
    assert "30-old.lines: ours replaces it.\n" in patch


# As a series

def series(integrate, directory):
    if not (integrate.repo / ".git").exists():
        commit_all(integrate.repo)
    git(integrate.repo, "config", "user.name", "Ann Maintainer")
    git(integrate.repo, "config", "user.email", "ann@example.org")
    told = integrate("--series", str(directory))
    assert "5 patches for git am" in told
    return sorted(directory.glob("*.patch"))


def am(tree, *patches):
    git(tree, "-c", "core.whitespace=nowarn", "am", "-q", *map(str, patches))


def test_a_series_makes_the_same_tree(integrate, tmp_path):
    commit_all(integrate.tree)
    before = contents(integrate.tree)
    patches = series(integrate, tmp_path / "series")
    assert contents(integrate.tree) == before
    am(integrate.tree, *patches)
    applied = contents(integrate.tree)
    git(integrate.tree, "reset", "-q", "--hard", "HEAD~5")
    integrate("--copy")
    assert applied == {name: entry for name, entry in contents(integrate.tree).items() if not name.startswith(".pguest")}


def test_a_series_adds_files_that_are_no_lines(integrate, tmp_path):
    """A picture is among our documents; mail would lose what follows its NUL, and a CR before the end of a line."""
    given = {"Documentation/picture.png": b"\x89PNG\r\n\0\r\n\xff\n", "Documentation/lines.txt": b"one\r\ntwo\r\n"}
    for name, data in given.items():
        file = integrate.repo / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    commit_all(integrate.tree)
    am(integrate.tree, *series(integrate, tmp_path / "series"))
    assert {name: (integrate.tree / "pguest" / name).read_bytes() for name in given} == given


def test_a_patch_of_a_series_is_one_hook_in_a_commit(integrate, tmp_path):
    commit_all(integrate.tree)
    am(integrate.tree, *series(integrate, tmp_path / "series"))
    log = git(integrate.tree, "log", "--reverse", "--format=%an <%ae>%n%s%n%b", "-4")
    assert "arm64: pguest: look for the hypervisor before memory is given out\nBecause.\n\n" in log
    assert "Effect on a machine that is not protected: one call.\n\nHook: hooks/10-early.cocci\n\nSigned-off-by: Ann Maintainer <ann@example.org>" in log
    assert git(integrate.tree, "log", "--reverse", "--format=", "--name-only", "-3").split() == [
        "arch/arm64/mm/init.c", "arch/arm64/mm/ioremap.c", "drivers/virt/Makefile", "Kbuild", "Kconfig"]
    assert git(integrate.tree, "show", "--format=", "--name-only", "HEAD~4").split() == [
        f"pguest/{name}" for name in ("Kbuild", "Kconfig", "README.rst", "include/pguest/core.h", "kernel/core.c")]


def test_a_patch_speaks_of_patches_and_not_of_files_that_are_not_in_the_series(integrate, tmp_path):
    write(integrate.repo / "hooks", {"20-allowed.cocci": HOOKS["20-allowed.cocci"].replace(
        "because,\n//          in two lines.", "swiotlb=off and 10-early do not do it;\n//          99-other is not here.")
        .replace("Outside: nothing.", "Outside: nothing; with KVM, one call.\n// Off:     the same.")})
    text = next(patch for patch in series(integrate, tmp_path / "series") if "ask-before" in patch.name).read_text()
    body = " ".join(text.split("\n---\n")[0].split())
    assert ('swiotlb=off and the patch "look for the hypervisor before memory is given out" do not do it; 99-other is not here. '
            "Effect on a machine that is not protected: none; with KVM, one call. Without CONFIG_PGUEST: the same. Hook: hooks/20-allowed.cocci") in body
    assert max(map(len, text.split("\n---\n")[0].split("Transfer-Encoding")[1].splitlines())) <= 75
    assert "\n---\n arch/arm64/mm/ioremap.c |    2 +-\n arch/arm64/mm/init.c    |    4 ++--\n 2 files changed, 3 insertions(+), 3 deletions(-)\n" in text


def test_the_letter_has_all_files_and_what_was_run(integrate, tmp_path):
    commit_all(integrate.tree)
    commit = git(integrate.tree, "rev-parse", "HEAD").strip()
    row = {"tree": "one", "release": "6.12.99", "commit": commit[:12], "ran": {"cca": "2026-01-02", "kunit": "2026-01-03"}}
    other = {**row, "commit": "0" * 12, "ran": {"plain": "2026-01-01"}}
    series(integrate, tmp_path / "first")
    letter = (tmp_path / "first/cover-letter.txt").read_text()
    assert "has not been booted" in letter and " 5 files changed, 8 insertions(+), 5 deletions(-)\n" in letter
    assert " 5 files changed, 6 insertions(+)\n" in letter, "the layer itself"
    write(integrate.repo, {"Documentation/results/trees.json": json.dumps({"trees": [row, other]})})
    series(integrate, tmp_path / "second")
    letter = " ".join((tmp_path / "second/cover-letter.txt").read_text().split())
    assert f"at commit {commit[:12]}, all checks true: cca (2026-01-02). KUnit: all cases passed (2026-01-03)." in letter


def test_a_series_is_taken_back_by_git(integrate, tmp_path):
    commit_all(integrate.tree)
    before = contents(integrate.tree)
    am(integrate.tree, *series(integrate, tmp_path / "series"))
    git(integrate.tree, "revert", "--no-edit", "HEAD~5..HEAD")
    assert contents(integrate.tree) == before


def test_a_series_is_of_the_tree_as_it_came(integrate, tmp_path):
    first = [patch.read_bytes() for patch in series(integrate, tmp_path / "first")]
    integrate()
    assert [patch.read_bytes() for patch in series(integrate, tmp_path / "second")] == first


# Again

@pytest.mark.parametrize("arguments", [[], ["--copy"]])
def test_the_second_run_changes_nothing(integrate, arguments):
    integrate(*arguments)
    before = snapshot(integrate.tree)
    assert "integrated already, nothing to do" in integrate(*arguments)
    assert snapshot(integrate.tree) == before


def test_two_at_once_make_one(integrate):
    started = [subprocess.Popen([*integrate.command, integrate.tree], stdout=subprocess.PIPE, text=True)
               for _ in range(4)]
    told = [process.communicate()[0] for process in started]
    assert [process.returncode for process in started] == [0] * 4
    assert sum("nothing to do" in text for text in told) == 3


def test_an_update_rewrites_only_what_differs(integrate):
    integrate()
    age(integrate.tree)
    before = snapshot(integrate.tree)
    hook = integrate.repo / "hooks/20-allowed.cocci"
    hook.write_text(hook.read_text().replace("pguest_map(", "pguest_map_mmio("))
    assert "integrated already, but 20-allowed.cocci changed" in integrate("--check")
    assert snapshot(integrate.tree) == before
    told = integrate()
    assert "is updated (Linux 6.12.99, 3 hooks, 1 files changed)" in told
    assert rewritten(before, snapshot(integrate.tree)) == [".pguest/state.json", "arch/arm64/mm/ioremap.c"]
    assert "pguest_map_mmio(" in read(integrate, "arch/arm64/mm/ioremap.c")


def test_a_comment_in_a_hook_rewrites_no_source(integrate):
    integrate()
    age(integrate.tree)
    before = snapshot(integrate.tree)
    hook = integrate.repo / "hooks/20-allowed.cocci"
    hook.write_text(hook.read_text().replace("because,", "for good reasons,"))
    assert "0 files changed" in integrate()
    assert rewritten(before, snapshot(integrate.tree)) == [".pguest/state.json"]


def test_a_hook_that_goes_gives_its_file_back(integrate):
    before = contents(integrate.tree)
    integrate()
    drop_hook(integrate, "30-old.lines")
    assert "changed drivers/virt/Makefile (back to the original)" in integrate()
    assert read(integrate, "drivers/virt/Makefile") == TREE["drivers/virt/Makefile"]
    integrate("--revert")
    assert contents(integrate.tree) == before


def test_a_hook_that_comes_is_added(integrate):
    before = contents(integrate.tree)
    text = HOOKS["30-old.lines"]
    drop_hook(integrate, "30-old.lines")
    integrate()
    write(integrate.repo / "hooks", {"30-old.lines": text})
    assert "30-old.lines changed" in integrate()
    assert read(integrate, "drivers/virt/Makefile") == "obj-y += old-b.o\nobj-y += new-c.o\n"
    integrate("--revert")
    assert contents(integrate.tree) == before


# The copy

def test_a_copy_has_what_the_kernel_needs(integrate):
    integrate("--copy")
    copied = {str(file.relative_to(integrate.tree / "pguest"))
              for file in (integrate.tree / "pguest").rglob("*") if file.is_file()}
    assert copied == {"Kbuild", "Kconfig", "kernel/core.c", "include/pguest/core.h", "README.rst"}


def test_a_copy_has_only_what_git_tracks(integrate):
    commit_all(integrate.repo)
    write(integrate.repo, {"kernel/draft.c": "int draft;\n", "kernel/core.o": "object"})
    integrate("--copy")
    assert sorted(os.listdir(integrate.tree / "pguest/kernel")) == ["core.c"]


def test_a_copy_follows_the_repository(integrate):
    before = contents(integrate.tree)
    integrate("--copy")
    age(integrate.tree)
    times = snapshot(integrate.tree)
    write(integrate.repo, {"kernel/core.c": "int pguest_core = 1;\n", "kernel/more.c": "int pguest_more;\n"})
    (integrate.repo / "include/pguest/core.h").unlink()
    integrate("--copy")
    assert read(integrate, "pguest/kernel/core.c") == "int pguest_core = 1;\n"
    assert read(integrate, "pguest/kernel/more.c") == "int pguest_more;\n"
    assert not (integrate.tree / "pguest/include").exists()
    assert rewritten(times, snapshot(integrate.tree)) == [".pguest/state.json", "pguest/kernel/core.c"]
    integrate("--revert")
    assert contents(integrate.tree) == before


def test_a_copy_becomes_a_link_and_a_copy_again(integrate):
    before = contents(integrate.tree)
    integrate("--copy")
    integrate()
    assert (integrate.tree / "pguest/kernel/core.c").is_symlink()
    integrate("--copy")
    assert not (integrate.tree / "pguest/kernel/core.c").is_symlink()
    integrate("--revert")
    assert contents(integrate.tree) == before


def test_a_copy_in_which_was_built_can_be_reverted(integrate):
    before = contents(integrate.tree)
    integrate("--copy")
    write(integrate.tree, {"pguest/kernel/core.o": "o", "pguest/kernel/.core.o.cmd": "c", "pguest/built-in.a": "a",
                           "pguest/modules.order": ""})
    integrate("--revert")
    assert contents(integrate.tree) == before


# The links

def build(tree):
    """What a make without O= leaves in pguest/."""
    made = {"pguest/kernel/core.o": tree.name, "pguest/kernel/.core.o.cmd": "c", "pguest/built-in.a": "a",
            "pguest/modules.order": ""}
    write(tree, made)
    return made


def test_two_trees_built_in_place_share_nothing(integrate, tmp_path):
    """Neither the checkout nor the other tree gets an object."""
    subprocess.run(["cp", "-a", integrate.tree, tmp_path / "other"], check=True)
    other = Integrate(integrate.repo, tmp_path / "other")
    before = snapshot(integrate.repo)
    integrate()
    build(integrate.tree)
    other()
    assert snapshot(integrate.repo) == before
    assert not [name for name in snapshot(other.tree) if name.endswith((".o", ".a", ".cmd"))]
    build(other.tree)
    assert read(integrate, "pguest/kernel/core.o") == "linux"
    assert read(other, "pguest/kernel/core.o") == "other"


def test_objects_in_the_checkout_are_not_taken_over(integrate):
    """They are there after a build of an earlier version, which linked the whole directory."""
    write(integrate.repo, {"kernel/core.o": "o", "kernel/.core.o.cmd": "c"})
    integrate()
    assert sorted(os.listdir(integrate.tree / "pguest/kernel")) == ["core.c"]


def test_links_follow_the_checkout(integrate):
    commit_all(integrate.repo)
    integrate()
    write(integrate.repo, {"kernel/draft.c": "int draft;\n", "kernel/core.o": "object", ".gitignore": "*.o\n"})
    (integrate.repo / "include/pguest/core.h").unlink()
    integrate()
    assert sorted(os.listdir(integrate.tree / "pguest/kernel")) == ["core.c", "draft.c"]
    assert not (integrate.tree / "pguest/include").exists()
    assert "nothing to do" in integrate()


def test_links_in_which_was_built_can_be_reverted(integrate):
    before, ours = contents(integrate.tree), contents(integrate.repo)
    integrate()
    build(integrate.tree)
    integrate("--revert")
    assert contents(integrate.tree) == before
    assert contents(integrate.repo) == ours


def link_as_before(integrate):
    integrate()
    shutil.rmtree(integrate.tree / "pguest")
    (integrate.tree / "pguest").symlink_to(integrate.repo)
    state = json.loads(read(integrate, ".pguest/state.json"))
    write(integrate.tree, {".pguest/state.json": json.dumps({**state, "copy": {}}, indent=1)})


def test_a_link_to_the_whole_checkout_becomes_links(integrate):
    """As an earlier version left it: objects of the tree are in the checkout then."""
    before = contents(integrate.tree)
    link_as_before(integrate)
    assert "pguest/ is to be another" in integrate()
    assert (integrate.tree / "pguest/kernel/core.c").is_symlink()
    assert not (integrate.tree / "pguest").is_symlink()
    integrate("--revert")
    assert contents(integrate.tree) == before
    assert (integrate.repo / "kernel/core.c").exists()


# Out

@pytest.mark.parametrize("arguments", [[], ["--copy"]])
def test_revert_restores_every_byte(integrate, arguments):
    before = contents(integrate.tree)
    integrate(*arguments)
    assert "reverted (5 files restored)" in integrate("--revert")
    assert contents(integrate.tree) == before


def test_reverted_files_are_new_for_make(integrate):
    """What was built from the hooked files must not pass for built from these."""
    integrate()
    integrate("--revert")
    assert all((integrate.tree / path).stat().st_mtime > 1_700_000_000 for path in HOOKED)


@pytest.mark.parametrize("arguments", [[], ["--copy"]])
def test_revert_with_times(integrate, arguments):
    before = snapshot(integrate.tree)
    integrate(*arguments)
    drop_hook(integrate, "20-allowed.cocci")
    integrate(*arguments)
    integrate("--revert", "--keep-times")
    assert [name for name in rewritten(before, snapshot(integrate.tree)) if name != "arch/arm64/mm/ioremap.c"] == []


def test_revert_leaves_a_git_tree_clean(integrate):
    commit_all(integrate.tree)
    integrate()
    integrate("--revert")
    assert git(integrate.tree, "status", "--porcelain", "--ignored") == ""


def test_revert_after_the_hooks_changed(integrate):
    before = contents(integrate.tree)
    integrate()
    for name in HOOKS:
        drop_hook(integrate, name)
    integrate("--revert")
    assert contents(integrate.tree) == before


# A tree in git that moves

def test_after_git_reset_it_can_be_integrated_and_reverted(integrate):
    commit_all(integrate.tree)
    before = contents(integrate.tree)
    integrate()
    git(integrate.tree, "reset", "-q", "--hard")
    integrate()
    assert read(integrate, "arch/arm64/mm/init.c") == INIT_AFTER
    git(integrate.tree, "reset", "-q", "--hard")
    integrate("--revert")
    assert contents(integrate.tree) == before


def test_a_new_upstream_version_of_a_touched_file(integrate):
    commit_all(integrate.tree)
    integrate()
    git(integrate.tree, "reset", "-q", "--hard")
    file = integrate.tree / "arch/arm64/mm/ioremap.c"
    file.write_text("/* newer */\n" + file.read_text())
    git(integrate.tree, "commit", "-q", "-a", "-m", "newer")
    before = contents(integrate.tree)["arch/arm64/mm/ioremap.c"]
    integrate()
    assert "pguest_map" in file.read_text() and file.read_text().startswith("/* newer */")
    integrate("--revert")
    assert contents(integrate.tree)["arch/arm64/mm/ioremap.c"] == before


# Trees in odd places

def in_namespace(script):
    """A command prefix: mounts of our own, and (if root is needed for them) a root of our own."""
    return ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script + '\nexec "$@"', "sh"]


def move(integrate, place):
    """The tree to another place."""
    place.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(integrate.tree, place)
    return Integrate(integrate.repo, place)


@pytest.mark.parametrize("arguments", [[], ["--copy"]])
@pytest.mark.parametrize("name", ["my linux tree", "a'b\"c$d", "-n", "l\u00efnux"])
def test_a_path_as_people_have_them(integrate, tmp_path, name, arguments):
    other = move(integrate, tmp_path / "place of mine" / name)
    before = contents(other.tree)
    other(*arguments)
    assert read(other, "arch/arm64/mm/init.c") == INIT_AFTER
    assert read(other, "pguest/kernel/core.c") == "int pguest_core;\n"
    assert "nothing to do" in other(*arguments)
    other("--revert")
    assert contents(other.tree) == before


def test_a_checkout_in_a_path_with_blanks(integrate, tmp_path):
    shutil.move(integrate.repo, tmp_path / "my check out")
    other = Integrate(tmp_path / "my check out", integrate.tree)
    other()
    assert read(other, "pguest/kernel/core.c") == "int pguest_core;\n"
    other("--revert")


def test_a_path_through_a_symlink(integrate, tmp_path):
    (tmp_path / "link").symlink_to(integrate.tree)
    other = Integrate(integrate.repo, tmp_path / "link")
    other()
    assert "nothing to do" in integrate()
    other("--revert")


@pytest.mark.parametrize("arguments", [[], ["--copy"]])
def test_a_tree_on_another_file_system(integrate, tmp_path, arguments):
    """No hard link leads from there to the checkout or to /tmp."""
    (tmp_path / "other").mkdir()
    script = (f"set -e; mount -t tmpfs none {tmp_path}/other; cp -a {integrate.tree} {tmp_path}/other/linux; "
              f"cp -a {tmp_path}/other/linux {tmp_path}/other/before")
    run = " ".join([str(integrate.repo / "scripts/integrate"), f"{tmp_path}/other/linux", *arguments])
    work = (f"{run} && grep -q pguest_early {tmp_path}/other/linux/arch/arm64/mm/init.c && {run} | grep -q 'nothing to do' && "
            f"{integrate.repo}/scripts/integrate --revert {tmp_path}/other/linux && "
            f"diff -r {tmp_path}/other/linux {tmp_path}/other/before")
    ran = subprocess.run([*in_namespace(script), "sh", "-c", work], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_tree_that_cannot_be_written(integrate):
    """A read-only mount, as root sees it: to look is allowed, to change is refused in one line."""
    integrate.command = [*in_namespace(f"mount --bind -o ro {integrate.tree} {integrate.tree} && "
                                       f"mount -o remount,bind,ro {integrate.tree} || exit 9"), *integrate.command]
    before = snapshot(integrate.tree)
    assert "would be integrated" in integrate("--check")
    assert "+++ b/arch/arm64/mm/init.c" in integrate("--diff")
    integrate.refuses(because="no permission to write")
    assert snapshot(integrate.tree) == before


def test_a_shallow_clone(integrate, tmp_path):
    """There is a HEAD to compare with, and nothing behind it."""
    commit_all(integrate.tree)
    (integrate.tree / "CREDITS").write_text("more\n")
    commit_all(integrate.tree)
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{integrate.tree}", "shallow")
    other = Integrate(integrate.repo, tmp_path / "shallow")
    other()
    other("--revert")
    assert git(other.tree, "status", "--porcelain", "--ignored") == ""
    am(other.tree, *series(other, tmp_path / "series"))
    assert read(other, "arch/arm64/mm/init.c") == INIT_AFTER


def test_a_work_tree_of_another_repository(integrate, tmp_path):
    """git worktree: .git is a file."""
    commit_all(integrate.tree)
    git(integrate.tree, "worktree", "add", "-q", str(tmp_path / "side"))
    other = Integrate(integrate.repo, tmp_path / "side")
    other()
    edit = other.tree / "arch/arm64/mm/ioremap.c"
    other("--revert")
    edit.write_text("/* mine */\n" + edit.read_text())
    other.refuses(because="arch/arm64/mm/ioremap.c: has local changes")


def test_many_trees_at_once_of_one_checkout(integrate, tmp_path):
    others = []
    for number in range(4):
        subprocess.run(["cp", "-a", integrate.tree, tmp_path / f"tree{number}"], check=True)
        others.append(Integrate(integrate.repo, tmp_path / f"tree{number}"))
    started = [subprocess.Popen([*other.command, other.tree], stdout=subprocess.PIPE, text=True) for other in others]
    assert all("is integrated" in process.communicate()[0] for process in started)
    assert all(read(other, "arch/arm64/mm/init.c") == INIT_AFTER for other in others)


# A build that is kept, as ccache and O= keep one

def test_what_was_built_is_built_again_exactly_when_it_must(integrate, tmp_path):
    """make looks at times: after an update and after a revert it sees each file that is another, and no other."""
    out = tmp_path / "out"
    out.mkdir()
    sources = [f"{path}" for path in HOOKED if path.endswith(".c")] + ["pguest/kernel/core.c"]
    (tmp_path / "Makefile").write_text("all: " + " ".join(f"{name.replace('/', '_')}.o" for name in sources) + "\n" + "".join(
        f"{name.replace('/', '_')}.o: $(wildcard {integrate.tree}/{name})\n\t@cp $< $@ 2>/dev/null || touch $@; echo {name}\n"
        for name in sources))

    def make():
        ran = subprocess.run(["make", "-s", "-C", out, "-f", tmp_path / "Makefile", "--no-print-directory"], check=True,
                             capture_output=True, text=True)
        return sorted(line for line in ran.stdout.splitlines() if line)
    integrate()
    age(integrate.tree)
    age(integrate.repo)
    assert make() == sorted(sources)
    integrate()
    assert make() == []
    hook = integrate.repo / "hooks/20-allowed.cocci"
    hook.write_text(hook.read_text().replace("pguest_map(", "pguest_map_mmio("))
    integrate()
    assert make() == ["arch/arm64/mm/ioremap.c"]
    (integrate.repo / "kernel/core.c").write_text("int pguest_core = 2;\n")
    integrate()
    assert make() == ["pguest/kernel/core.c"]
    integrate("--revert")
    assert set(make()) >= {path for path in HOOKED if path.endswith(".c")}


# Half-way

BREAK = """
import os, runpy, sys
left = int(sys.argv[1])
kill = sys.argv[2] == "kill"
def counted(call):
    def wrapper(*arguments, **options):
        global left
        if left == 0:
            if kill:
                os._exit(9)
            left = -1
            raise OSError(28, "No space left on device", str(arguments[0]))
        left -= 1
        return call(*arguments, **options)
    return wrapper
os.replace = counted(os.replace)
os.link = counted(os.link)
os.symlink = counted(os.symlink)
sys.path.insert(0, os.path.dirname(sys.argv[3]))
sys.argv = sys.argv[3:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def run_broken(integrate, step, how, *arguments):
    return subprocess.run([sys.executable, "-c", BREAK, str(step), how, *integrate.command, integrate.tree, *arguments],
                          capture_output=True, text=True, check=False)


def prepare(integrate, what):
    """A tree in the state from which @what starts, and what it was before that."""
    pristine = contents(integrate.tree)
    # Without spatch: this runs some hundred times.
    for name, line in (("10-early", "static int depth;"), ("20-allowed", "\treturn;")):
        drop_hook(integrate, f"{name}.cocci")
        write(integrate.repo / "hooks", {f"{name}.lines": "# Where: arch/arm64/mm/init.c: 1 match\n# Trees: 6.12\n\n"
                                                          f"- {line}\n+ {line} /* {name} */\n"})
    if what == "from-link":
        link_as_before(integrate)
    elif what != "first":
        integrate()
    if what == "update":
        hook = integrate.repo / "hooks/20-allowed.lines"
        hook.write_text(hook.read_text().replace("/* ", "/* again "))
        drop_hook(integrate, "30-old.lines")
    return pristine, {"revert": ["--revert"], "to-copy": ["--copy"]}.get(what, [])


@pytest.mark.parametrize("what", ["first", "update", "to-copy", "from-link", "revert"])
def test_an_error_at_any_step_leaves_everything_as_it_was(integrate, what):
    _, arguments = prepare(integrate, what)
    before = snapshot(integrate.tree)
    for step in range(100):
        ran = run_broken(integrate, step, "fail", *arguments)
        if ran.returncode == 0:
            break
        assert ran.returncode == 1
        assert "No space left on device" in ran.stderr and len(ran.stderr.splitlines()) == 1
        after = snapshot(integrate.tree)
        assert rewritten(before, after) in ([], [".pguest/state.json"])
        assert after.keys() == before.keys()
    assert step > 5


@pytest.mark.parametrize("then", [[], ["--revert"]])
@pytest.mark.parametrize("what", ["first", "update", "to-copy", "from-link", "revert"])
def test_killed_at_any_step_it_can_be_finished_or_reverted(integrate, tmp_path, what, then):
    pristine, arguments = prepare(integrate, what)
    saved = tmp_path / "saved"
    subprocess.run(["cp", "-a", integrate.tree, saved], check=True)
    for step in range(100):
        subprocess.run(["rm", "-rf", integrate.tree], check=True)
        subprocess.run(["cp", "-a", saved, integrate.tree], check=True)
        ran = run_broken(integrate, step, "kill", *arguments)
        if ran.returncode == 0:
            break
        assert ran.returncode == 9
        if not then:
            integrate()
            assert "integrated already, nothing to do" in integrate()
        if (integrate.tree / ".pguest/state.json").exists():
            integrate("--revert")
            assert contents(integrate.tree) == pristine
        else:
            kept = {name: entry for name, entry in contents(integrate.tree).items() if not name.startswith(".pguest")}
            assert kept == pristine
    assert step > 5
