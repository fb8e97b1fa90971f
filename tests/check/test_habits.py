# SPDX-License-Identifier: GPL-2.0-only
"""What `make check` says of commits, citations and names: each fault is found, and what is in order is not."""

import subprocess

import pytest

from pguest import habits, paths

SIGNED = "\n\nSigned-off-by: A Tester <tester@example.org>\n"
GOOD = ["arm64: pguest: share pages in runs", "tests/monitor: pass on what a device says", "scripts: need no root",
        "hooks: bypass the pool for 7.3", "swiotlb.c: address each slot once"]
BAD = {
    "share pages in runs": "no \"subsystem: \"",
    "arm64: pguest: shares pages in runs": "not imperative (\"shares\")",
    "arm64: pguest: shared pages": "not imperative (\"shared\")",
    "tests: sharing of pages": "not imperative (\"sharing\")",
    "Documentation: which kernels have run": "not imperative (\"which\")",
    "scripts: A way to share": "not imperative (\"A\")",
}


@pytest.mark.parametrize("subject", GOOD)
def test_a_commit_in_order(subject):
    assert not list(habits.commit_faults("abc", subject, subject + SIGNED))


@pytest.mark.parametrize("subject, why", BAD.items())
def test_a_subject_that_is_none(subject, why):
    fault, = habits.commit_faults("abc", subject, subject + SIGNED)
    assert fault.startswith("commit abc: ") and why in fault


@pytest.mark.parametrize("message", ["", "\n\nSigned-off-by: nobody\n", "\n\n> Signed-off-by: A <a@b.c> wrote\n"])
def test_a_commit_that_is_not_signed(message):
    assert list(habits.commit_faults("abc", GOOD[0], GOOD[0] + message)) == ["commit abc: no Signed-off-by"]


def line(text, file="tests/monitor/new.c"):
    return habits.Line(file, 7, text)


@pytest.mark.parametrize("text, name", [
    ("/* As Documentation/no-such-page.rst has it. */", "Documentation/no-such-page.rst"),
    ("# see tests/boot/test_gone.py", "tests/boot/test_gone.py"),
    ("the state (pkvm.md 4)", "pkvm.md"),
    ("``scripts/gone/it.py``, and more", "scripts/gone/it.py"),
])
def test_a_citation_that_leads_nowhere(text, name):
    assert list(habits.citation_faults([line(text)], [paths.ROOT])) == [
        f"tests/monitor/new.c:7: names {name}, which is not there"]


def test_a_citation_of_linux(tmp_path):
    """Pages of the kernel are looked for in its tree."""
    cited = [line("Documentation/arch/arm64/booting.rst")]
    assert list(habits.citation_faults(cited, [paths.ROOT]))
    (tmp_path / "Documentation/arch/arm64").mkdir(parents=True)
    (tmp_path / "Documentation/arch/arm64/booting.rst").touch()
    assert not list(habits.citation_faults(cited, [paths.ROOT, tmp_path]))


@pytest.mark.parametrize("text", [
    "see scripts/pguest/rim.py and Documentation/design.rst", "tests/monitor/README.rst.", "build/tests/gone.c",
    "tests/guest/*.c", "each scripts/<name>.py", "DEN0137 A5.2",
])
def test_what_is_no_citation_or_a_good_one(text):
    assert not list(habits.citation_faults([line(text)], [paths.ROOT]))


def test_a_hook_names_a_file_of_a_vendor():
    """In With:, and nowhere else."""
    cited = [line(f"// {tag}: arch/arm64/mm/theirs.c", "hooks/10-new.cocci") for tag in ("With", "Where")]
    assert len(list(habits.citation_faults(cited, [paths.ROOT]))) == 1


@pytest.mark.parametrize("text, name", [
    ("static bool map(u64 ipa)", "map"),
    ("static int __init probe(void)", "probe"),
    ("static void __attribute__((noreturn)) stop(const char *why)", "stop"),
    ("static const struct entry *find(u32 id)", "find"),
    ("static inline u64 __must_check walk(void)", "walk"),
])
def test_a_static_name_of_one_word(text, name):
    fault, = habits.name_faults([line(text, "kernel/dma/new.c")])
    assert fault == f"kernel/dma/new.c:7: the static function {name}() has a name of one word"


@pytest.mark.parametrize("text", [
    "static bool map_page(u64 ipa)", "bool map(u64 ipa)", "static struct span names[NAMES];", "	static int x = call(1);",
    "static const struct ops ops = { read(1) };", "static DEFINE_MUTEX(lock_of_it);",
])
def test_a_name_in_order(text):
    assert not list(habits.name_faults([line(text, "kernel/dma/new.c")]))


def test_names_elsewhere_are_not_looked_at():
    assert not list(habits.name_faults([line("static bool map(u64 ipa)", "tests/guest/tcp.c")]))


@pytest.fixture
def repository(tmp_path):
    """One commit on main, which is origin's, and a branch with another."""
    def git(*words):
        subprocess.run(["git", "-C", tmp_path, "-c", "user.name=A", "-c", "user.email=a@b.c", *words], check=True,
                       capture_output=True)

    git("init", "-b", "main")
    (tmp_path / "old.c").write_text("static void old(void)\n")
    git("add", "."), git("commit", "-m", "all: begin")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    (tmp_path / "old.c").write_text("static void old(void)\nstatic void more(void)\n")
    git("commit", "-sam", "all: add more")
    (tmp_path / "new.c").write_text("int x;\n")
    return tmp_path


def test_only_what_is_new_counts(repository, monkeypatch):
    monkeypatch.delenv("BASE", raising=False)
    since = habits.base(repository)
    (name, subject, message), = habits.commits(since, repository)
    assert subject == "all: add more" and "Signed-off-by: A <a@b.c>" in message
    assert [(str(one), one.text) for one in habits.new_lines(since, repository) if one.text] == [
        ("old.c:2", "static void more(void)"), ("new.c:1", "int x;")]
    monkeypatch.setenv("BASE", "HEAD")
    assert not habits.commits(habits.base(repository), repository)
