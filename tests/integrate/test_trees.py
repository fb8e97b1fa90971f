# SPDX-License-Identifier: GPL-2.0-only
"""scripts/try-hooks: the hooks on many trees, of which only some files are read, and the page about them."""

import importlib.machinery
import importlib.util
import json
import re
import subprocess

import pytest
from trees import MAKEFILE, REPO, TREE, commit_all, git, write

from hookfile import Hook

from pguest import patchlevels, paths, ui


@pytest.fixture
def ours(repo, monkeypatch):
    """The small repository's hooks are those that are tried."""
    monkeypatch.setattr(paths, "ROOT", repo)
    return repo


def tried(*trees):
    patchlevels.try_hooks(trees)
    return [tree.problems for tree in trees]


def of(name, files=(), **changes):
    texts = {**TREE, **dict(files)}
    for path, (old, new) in changes.items():
        path = next(name for name in texts if name.endswith(path + ".c"))
        assert old in texts[path]
        texts[path] = texts[path].replace(old, new)
    return patchlevels.Tree(name, texts)


def test_a_tree_in_git_needs_no_work_tree(ours, tree, tmp_path):
    commit_all(tree)
    git(tmp_path, "clone", "-q", "--bare", str(tree), "bare")
    found = patchlevels.of_git(str(tmp_path / "bare"))
    assert (found.release, found.commit) == ("6.12.99", git(tree, "rev-parse", "HEAD").strip())
    assert found.files["arch/arm64/mm/init.c"] == TREE["arch/arm64/mm/init.c"]
    assert tried(found) == [[]]
    assert [hook.name for hook in found.hooks] == ["10-early.cocci", "20-allowed.cocci", "30-old.lines"]


def test_a_tree_in_a_directory_of_a_repository(ours, tmp_path):
    write(tmp_path / "all" / "kernel" / "common", TREE)
    commit_all(tmp_path / "all")
    assert tried(patchlevels.of_git(f"{tmp_path}/all:kernel/common")) == [[]]
    with pytest.raises(ui.Refusal, match="no Makefile of Linux"):
        patchlevels.of_git(f"{tmp_path}/all")
    with pytest.raises(ui.Refusal, match="nowhere: git: "):
        patchlevels.of_git(f"{tmp_path}/nowhere")


def test_a_tree_without_git(ours, tree):
    assert tried(patchlevels.of_directory(f"one={tree}")) == [[]]
    with pytest.raises(ui.Refusal, match="no such directory"):
        patchlevels.of_directory(f"{tree}/nowhere")
    # With the layer the hooks have changed it.
    (tree / ".pguest").mkdir()
    with pytest.raises(ui.Refusal, match="has the layer already"):
        patchlevels.of_directory(str(tree))


def test_what_is_said_is_what_integrate_says(ours, integrate):
    """Of a hook that does not fit, and of a file that is not there."""
    changed = of("one", init=("depth = 1;\n\treserve", "depth = 1;\n\tkeep"))
    del changed.files["drivers/virt/Makefile"]
    write(integrate.tree, {"arch/arm64/mm/init.c": changed.files["arch/arm64/mm/init.c"]})
    (integrate.tree / "drivers/virt/Makefile").unlink()
    said = integrate.run().stderr.splitlines()
    assert tried(changed)[0] and len(said) == 2
    assert any(f"integrate: {problem}" in said for problem in tried(of("two", init=("reserve(depth);\n}\n\nvoid", "x();\n}\n\nvoid")))[0]
               + changed.problems)
    assert "hooks/20-allowed.cocci: 1 match in arch/arm64/mm/init.c, not 2" in changed.problems[0]


def test_equal_files_are_tried_once(ours, monkeypatch):
    seen = []
    apply = Hook.apply
    monkeypatch.setattr(Hook, "apply", lambda hook, path, *rest: seen.append((hook.name, path)) or apply(hook, path, *rest))
    other = of("other", ioremap=("return false", "return 0"))
    assert tried(of("one"), of("two"), other) == [[], [], []]
    assert sorted(seen) == sorted([("10-early.cocci", "arch/arm64/mm/init.c"), ("20-allowed.cocci", "arch/arm64/mm/init.c"),
                                   *[("20-allowed.cocci", "arch/arm64/mm/ioremap.c")] * 2, ("30-old.lines", "drivers/virt/Makefile")])


def test_a_version_that_no_hook_is_for(ours):
    assert tried(of("old", {"Makefile": MAKEFILE.replace("VERSION = 6", "VERSION = 5", 1)})) == [["no hook is for Linux 5.12"]]


def test_code_of_the_tree_s_own_is_named(ours):
    assert "this tree protects its guests itself" in tried(of("vendor's", {"arch/arm64/kernel/rsi.c": ""}))[0][0]


@pytest.fixture
def mirror(tree, tmp_path, monkeypatch):
    """An apt that downloads a package of the small tree; what it was asked for, and what it does to the archive in it."""
    monkeypatch.setattr(patchlevels, "HOME", tmp_path / "home")
    monkeypatch.setattr(patchlevels, "APT", tmp_path / "home" / "apt")
    (tmp_path / "home" / "apt" / "deb").mkdir(parents=True)
    fetched, spoil = [], []

    def download(_, verb, what, cwd):
        fetched.append((verb, what))
        package = tmp_path / "package"
        (package / "DEBIAN").mkdir(parents=True, exist_ok=True)
        (package / "usr/src").mkdir(parents=True, exist_ok=True)
        (package / "DEBIAN/control").write_text("Package: linux-source-6.12\nVersion: 6.12.99-1\nArchitecture: all\n"
                                                "Maintainer: t <t@example.org>\nDescription: t\n")
        archive = package / "usr/src/linux-source-6.12.tar.xz"
        subprocess.run(["tar", "-cJf", archive, "--transform", "s/^linux/linux-source-6.12/", "-C", tmp_path, "linux"], check=True)
        for change in spoil:
            archive.write_bytes(change(archive.read_bytes()))
        subprocess.run(["dpkg-deb", "--build", package, cwd / "linux-source-6.12_6.12.99-1_all.deb"], check=True, capture_output=True)
        return ""
    monkeypatch.setattr(patchlevels, "apt", download)
    return fetched, spoil


def test_a_package_is_unpacked_as_far_as_hooks_need(ours, mirror, tmp_path):
    """From the package itself, once; a hook that names a file of another directory makes it come again."""
    fetched, _ = mirror
    write(tmp_path / "linux", {"arch/arm64/mm/below/x.c": "", "arch/arm64/mm/other.c": "int other;\n"})
    found = patchlevels.of_packages([("linux-source-6.12", "6.12.99-1")])[0]
    assert tried(found) == [[]]
    assert "Kbuild" not in found.files and found.files["Makefile"] == MAKEFILE
    kept = subprocess.run(["tar", "-tf", next((tmp_path / "home").glob("*.tar.gz"))], capture_output=True, text=True, check=True).stdout
    assert "arch/arm64/mm/other.c" in kept and "below/x.c" not in kept
    assert sorted(path.suffix for path in (tmp_path / "home").iterdir()) == ["", ".directories", ".gz"]
    assert not list((tmp_path / "home").rglob("*.deb"))
    hook = ours / "hooks/10-early.cocci"
    hook.write_text(hook.read_text().replace("// Trees:", "// With:    arch/arm64/mm/other.c\n// Trees:"))
    assert patchlevels.of_package("linux-source-6.12", "6.12.99-1").files["arch/arm64/mm/other.c"] == "int other;\n"
    assert fetched == [("download", "linux-source-6.12=6.12.99-1")]
    hook.write_text(hook.read_text().replace("mm/other.c", "lib/main.c"))
    patchlevels.of_package("linux-source-6.12", "6.12.99-1")
    assert len(fetched) == 2


@pytest.mark.parametrize("spoil", [lambda data: data[:-40], lambda data: b"nothing"])
def test_a_package_that_is_cut_off_is_refused_and_not_kept(ours, mirror, tmp_path, spoil):
    """What had come until then would be a tree in which hooks miss files."""
    mirror[1].append(spoil)
    with pytest.raises(ui.Refusal, match="cannot unpack linux-source-6.12 6.12.99-1: "):
        patchlevels.of_package("linux-source-6.12", "6.12.99-1")
    mirror[1].clear()
    assert tried(patchlevels.of_package("linux-source-6.12", "6.12.99-1")) == [[]]


# The page

@pytest.fixture
def program(tmp_path, monkeypatch):
    loader = importlib.machinery.SourceFileLoader("trees_program", str(REPO / "scripts/try-hooks"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("trees_program", loader))
    loader.exec_module(module)
    monkeypatch.setattr(module, "KEPT", tmp_path / "trees.json")
    monkeypatch.setattr(module, "PAGE", tmp_path / "trees.rst")
    return module


def report(tmp_path, **changes):
    file = tmp_path / "report.json"
    file.write_text(json.dumps({"kernel": "6.12.99", "mode": "cca", "host": "monitor", "result": "PASS", **changes}))
    return [str(file)]


def test_what_is_kept_makes_the_page(ours, program, tmp_path):
    good, bad = of("Debian's 6.12.99-1"), of("a vendor's", ioremap=("return true", "return 1"))
    tried(good, bad)
    program.keep([good, bad])
    named = [f"Debian's 6.12.99-1={file}" for file in report(tmp_path, kernel="6.12.99-vendor-g0123+")]
    program.keep_runs(named)
    page = (tmp_path / "trees.rst").read_text()
    rows = [" ".join(line.split()) for line in page.splitlines() if line.startswith("6.12.99")]
    assert rows[0].startswith("6.12.99 Debian's 6.12.99-1 -- fits, 3 hooks 20") and " cca (20" in rows[0] and rows[0].endswith(") --")
    assert rows[1].startswith("6.12.99 a vendor's -- refused: 1 reasons 20")
    assert rows[1].endswith(" -- --")
    report(tmp_path, mode="kunit")
    program.keep_runs(named)
    page = (tmp_path / "trees.rst").read_text()
    assert re.search(r"Debian's 6.12.99-1 .* cca \(20[^a-z]*$", page, re.MULTILINE), "KUnit is no mode"
    assert program.page(True) == 0
    # Tried again, it is the same row, and what has run stays.
    program.keep([good])
    assert (tmp_path / "trees.rst").read_text() == page
    (tmp_path / "trees.rst").write_text(page.replace("fits", "fit"))
    assert program.page(True) == 1


def test_the_browsers_page_has_what_is_kept_and_why(ours, program, tmp_path, monkeypatch):
    monkeypatch.setattr(patchlevels, "HOME", tmp_path / "drawn")
    good, bad = of("Debian's 6.12.99-1"), of("a vendor's", ioremap=("return true", "return 1"))
    tried(good, bad)
    program.keep([good])
    program.keep_runs(report(tmp_path))
    made = program.draw([good, bad]).read_text()
    assert ">1 fit<" in made and ">1 refused<" in made and "realm" in made
    assert bad.problems[0].split()[0] in made


@pytest.mark.parametrize("changes, because", [({"kernel": "6.6.1"}, "of which 0 trees are kept"), ({"kernel": "6.12.991"}, "of which 0 trees are kept"),
                                              ({"result": "FAIL"}, "FAIL on monitor"),
                                              ({"host": "pkvm"}, "PASS on pkvm")])
def test_only_a_run_that_passed_is_kept(ours, program, tmp_path, changes, because):
    tree = of("one")
    tried(tree)
    program.keep([tree])
    with pytest.raises(ui.Refusal, match=because):
        program.keep_runs(report(tmp_path, **changes))


def test_a_release_of_two_trees_needs_a_name(ours, program, tmp_path):
    trees = of("one"), of("two")
    tried(*trees)
    program.keep(trees)
    with pytest.raises(ui.Refusal, match="of which 2 trees are kept"):
        program.keep_runs(report(tmp_path))


def test_the_page_is_of_what_is_kept():
    subprocess.run([REPO / "scripts/try-hooks", "--check"], check=True)


# Trees that are booted: a Makefile and a table that only write down how they were called

FAKE = """\
run kunit:
	@mkdir -p $(BUILD)/$@ && echo "$@ $(MODE) $$(basename $(LINUX))" >>$(BUILD)/called
	@test "$(MODE)" != cca || { echo "FAIL: cca: 1 failures"; exit 1; }
	@echo '{}' >$(BUILD)/$@/report.json
"""
KEEPER = "import pathlib, sys\nwith open(pathlib.Path(__file__).parent / 'kept', 'a') as file:\n\tprint(*sys.argv[1:], file=file)\n"


@pytest.fixture
def booter(tmp_path, monkeypatch):
    root, build = tmp_path / "root", tmp_path / "build"
    write(root, {"Makefile": FAKE, "scripts/try-hooks": KEEPER})
    monkeypatch.setattr(paths, "ROOT", root)
    monkeypatch.setattr(paths, "BUILD", build)
    loader = importlib.machinery.SourceFileLoader("boot_trees", str(REPO / "scripts/boot-trees"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("boot_trees", loader))
    loader.exec_module(module)
    monkeypatch.setattr(module.source, "integrate", lambda tree: (tree / "pguest").mkdir(exist_ok=True))
    return module


def boot(booter, monkeypatch, *words):
    monkeypatch.setattr("sys.argv", ["boot-trees", *words])
    return booter.main()


def test_a_tree_is_booted_in_each_mode_and_what_passed_is_kept(booter, tree, tmp_path, monkeypatch, capsys):
    commit_all(tree)
    git(tmp_path, "clone", "-q", "--bare", str(tree), "bare")
    out = booter.DIRECTORY
    assert boot(booter, monkeypatch, f"a vendor's/tree={tmp_path}/bare") == 1
    called = (tmp_path / "build/called").read_text().splitlines()
    assert [line.split()[:-1] for line in called] == [["run", "pkvm"], ["run", "pkvm-android"], ["run", "cca"], ["run", "plain"], ["kunit"]]
    reports = [f"--ran a vendor's/tree={tmp_path}/build/{what}/report.json" for what in ("run", "run", "run", "kunit")]
    assert (tmp_path / "root/scripts/kept").read_text().splitlines() == reports
    said = capsys.readouterr().out
    assert re.search(r"tree: cca +FAIL: cca: 1 failures \(", said)
    assert said.splitlines()[-1] == "boot-trees: 1 trees, 1 failures"
    # The tree was ours, and its logs stay.
    assert not [path for path in out.iterdir() if path.is_dir()] and len(list(out.glob("*.log"))) == 5


def test_a_directory_stays_and_what_was_built_of_it_goes(booter, tree, tmp_path, monkeypatch):
    monkeypatch.setenv("LINUX", "/nowhere")
    name = f"user-{booter.hashlib.sha256(str(tree.resolve()).encode()).hexdigest()[:8]}"
    for place in (f"build/out/{name}", f"build/linux-{name}", "build/out/user-other"):
        (tmp_path / place).mkdir(parents=True)
    assert boot(booter, monkeypatch, "--no-keep", "--no-kunit", "--modes", "plain", str(tree)) == 0
    assert (tree / "Makefile").exists() and not (tmp_path / "root/scripts/kept").exists()
    assert [path.name for path in (tmp_path / "build/out").iterdir()] == ["user-other"]
    assert not (tmp_path / f"build/linux-{name}").exists()


@pytest.mark.parametrize("words, because", [(["--modes", "warp", "x=y"], "--modes warp: unknown"), (["y"], "is in no table"),
                                            (["x=y"], "no kernel tree there")])
def test_what_cannot_be_booted_is_refused(booter, tmp_path, monkeypatch, words, because):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ui.Refusal, match=because):
        boot(booter, monkeypatch, *words)
