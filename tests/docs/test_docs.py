# SPDX-License-Identifier: GPL-2.0-only
"""The pages are true: they render, what they link to and name exists, and numbers that can be computed are right."""

import functools
import importlib.machinery
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hookfile import SERIES, load_hooks, regions, select
from kerneltree import Tree, decode

from pguest import paths

REPO = Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True

# A column of design.rst's table, and the version in the hooks.
COLUMNS = {"6.1": "6.1", "6.12": "6.12", "7.x": "7.3"}
NUMBERS_OF = "6.12"


@functools.cache
def tracked():
    ran = subprocess.run(["git", "-C", REPO, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                         capture_output=True, text=True, check=True)
    return [name for name in ran.stdout.split("\0") if name and (REPO / name).is_file()]


@functools.cache
def source(name):
    try:
        return (REPO / name).read_text()
    except UnicodeDecodeError:
        return ""


PAGES = [name for name in tracked() if name.endswith(".rst")]
ABI = [name for name in tracked() if name.startswith("Documentation/ABI/")]


def text(page):
    return source(page)


def words(page):
    """What stands in double backquotes, blanks and line breaks made one blank."""
    return [" ".join(found.split()) for found in re.findall(r"``(.+?)``", text(page), re.S)]


@functools.cache
def code():
    """All words of everything that is not a page."""
    return set().union(*(re.findall(r"\w+", source(name)) for name in tracked() if name not in PAGES))


@functools.cache
def kernel_trees():
    names = [f"linux-{series}{end}" for series in paths.SERIES for end in ("", "-pristine")]
    return [paths.BUILD / name for name in names if (paths.BUILD / name).exists()]


def has_all_kernel_trees():
    """A path may be in one series alone."""
    return all(any(tree.name.startswith(f"linux-{series}") for tree in kernel_trees()) for series in paths.SERIES)


# --- form -------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES)
def test_renders_without_a_warning(page):
    ran = subprocess.run([sys.executable, "-m", "docutils", "--report=2", "--halt=5", REPO / page, "/dev/null"],
                         capture_output=True, text=True, check=False)
    assert not ran.stderr


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    targets = re.findall(r"`[^`<]*<([^`>]+)>`_", text(page)) + re.findall(r"^\.\. (?:image|figure):: (\S+)", text(page), re.M)
    missing = [target for target in targets
               if "://" not in target and not ((REPO / page).parent / target.split("#")[0]).exists()]
    assert not missing


def test_every_page_is_in_the_index():
    index = text("Documentation/index.rst") + text("Documentation/spec/index.rst")
    pages = [Path(page) for page in PAGES if page.startswith(("Documentation/", "tests/"))]
    missing = [str(page) for page in pages if page.name != "index.rst"
               and f"<{page.name}>" not in index and f"/{page.parent.name}/{page.name}>" not in index]
    assert not missing


# --- names ------------------------------------------------------------------

OURS_ALONE = ("hooks/", "compat/", "tests/", "scripts/")
TOPS = (*OURS_ALONE, "arch/", "drivers/", "include/", "kernel/", "Documentation/")
PATH = re.compile(r"[\w.+/-]+")
# Files of other projects that our pages name without their directory: of Linux, TF-RMM, TF-A, UEFI, or made by a run.
OTHERS = set("""
    arm-cca.rst base.rst config.c cpak.json fixed_config.h host_call.c hypercalls.rst hyp-main.c init.c inject_exp.c main.c
    mem_protect.c mem_relinquish.c mmio-guard.rst mmio.c mmu.c pkvm.c psci.c ptp_kvm.rst pvtime.c pvtime.rst realm_attest.c
    realm_ipa_helper.c
    rec.h rim.c sys_regs.c switch.c exit.c val_rhi.h bl1.bin fip.bin Image arm-pkvm-guest.c smc-rsi.h NN-what.cocci NN-what.lines
    NN-what-VERSION.cocci platform.pem initramfs.cpio report.json report.cbor
    """.split())


@pytest.mark.parametrize("page", PAGES)
def test_paths_exist(page):
    """A path is in the repository, or in a kernel tree where there is one to look into."""
    here = (REPO / page).parent
    missing = []
    for word in words(page):
        name = re.split(r"[ ,]", word)[0].rstrip("/")
        if not PATH.fullmatch(name) or not name.startswith(TOPS) or "VERSION" in name or name.startswith("Documentation/ABI"):
            continue
        there = any((top / name).exists() for top in (REPO, here, REPO / "compat", REPO / "compat/include")) or any((tree / name).exists() for tree in kernel_trees())
        can_tell = name.startswith(OURS_ALONE) or has_all_kernel_trees() or name.startswith("Documentation/spec")
        if not there and can_tell and not is_upstreams(name):
            missing.append(name)
    assert not missing


# Paths of other trees that look like ours: docs of TF-A and TF-RMM, files of the Android and newer kernels.
UPSTREAM = ("scripts/lib/arch", "Documentation/virt/kvm/arm", "Documentation/security/", "Documentation/arch/arm64",
            "Documentation/devicetree", "arch/arm64/kvm", "drivers/soc")


def is_upstreams(name):
    return name.startswith(UPSTREAM)


@functools.cache
def file_names():
    return {Path(name).name for name in tracked()}


@pytest.mark.parametrize("page", [page for page in PAGES if not page.startswith("Documentation/spec/")])
def test_files_that_are_named_alone_exist(page):
    missing = [word for word in words(page) if re.fullmatch(r"[\w+-]+\.(c|S|h|py|rst|cocci|lines|sh|config|kunit)", word)
               and word not in file_names() and word not in OTHERS]
    assert not missing


@functools.cache
def all_tests():
    return {name for file in tracked() if file.endswith(".py") for name in re.findall(r"^def (test_\w+)", source(file), re.M)}


@pytest.mark.parametrize("page", PAGES)
def test_tests_that_are_named_exist(page):
    """A page may leave off the end of a long name."""
    named = set(re.findall(r"\btest_\w+(?!\w*\.py)\b(?!\.py|\.c)", text(page)))
    missing = [name for name in named if not any(test.startswith(name.rstrip("_")) for test in all_tests())
               and f"{name}.py" not in file_names()]
    assert not missing


@pytest.mark.parametrize("page", PAGES)
def test_functions_and_suites_that_are_named_exist(page):
    named = {name for word in words(page) for name in re.findall(r"\bpguest_\w+", word)}
    assert not {name for name in named if name not in code() and not any(other.startswith(name) for other in code())}


@pytest.mark.parametrize("page", PAGES)
def test_options_that_are_named_exist(page):
    """CONFIG_PGUEST... and CONFIG_ARM_..._GUEST are ours."""
    named = set(re.findall(r"CONFIG_(PGUEST\w*|ARM_PKVM_GUEST|ARM_CCA_GUEST)", text(page)))
    known = set().union(*(re.findall(r"^config (\w+)", source(name), re.M) for name in tracked() if Path(name).name == "Kconfig"))
    assert not named - known


# --- numbers ----------------------------------------------------------------


def hooks_of(version):
    return select(load_hooks(REPO / "hooks"), version)


def test_readme_has_the_number_of_hooks():
    assert f"plus **{len(hooks_of(NUMBERS_OF))} reviewed hooks** that call it" in " ".join(text("README.rst").split())


def test_readme_has_the_number_of_places_that_hooks_change():
    """What scripts/integrate has done to the tree: neighbouring lines are one place, #include lines are none."""
    root = paths.BUILD / f"linux-{NUMBERS_OF}"
    if not root.exists():
        pytest.skip(f"no tree of Linux {NUMBERS_OF} in {paths.BUILD}")
    tree = Tree(root)
    tree.state = tree.read_state()
    if not tree.state or tree.state["hooks"] != {hook.name: hook.sha256 for hook in hooks_of(NUMBERS_OF)}:
        pytest.skip(f"{root} has other hooks than the repository")
    files = [name for name in tree.state["files"] if name not in ("Kbuild", "Kconfig")]
    places = sum(len(regions(decode(tree.original(name)), decode(tree.read(name)))) for name in files)
    want = f"on {NUMBERS_OF} they change **{places} places in {len(files)} files**"
    assert want in " ".join(text("README.rst").split())


def test_readme_shows_what_a_run_printed():
    """The part of the table that is in the README is that of the run that the figures show."""
    run = json.loads(source("Documentation/figures/boot-pkvm.json"))
    shown = {label.strip(): int(number) for label, number in re.findall(r"^      (\S.*?) {2,}(\d+)$", text("README.rst"), re.M)}
    want = {"at the end": run["shared"]["now"], "at peak": run["shared"]["peak"], "DMA": run["blocked"]["dma"],
            "MMIO": run["blocked"]["mmio"], "host reads (ours, on purpose)": run["blocked"]["host_read"]}
    want |= {f"of {owner}": run["shared"]["by_owner"][owner] for owner in ("bounce-pool", "coherent-dma", "gic-its")}
    assert shown == want
    program = source("scripts/run")
    assert not [label for label in ("at the end", "at peak", "host reads (ours, on purpose)", "DMA") if f'"{label}"' not in program]


def owners_table():
    """design.rst's table of owners as {column: text}."""
    page = text("Documentation/design.rst")
    start = page.index("One owner for each job")
    rules = [match for match in re.finditer(r"^=+ =+ =+ =+$", page[start:], re.M)]
    top, head, end = rules[:3]
    starts = [match.start() for match in re.finditer("=+", top[0])] + [None]
    rows = page[start:][head.end():end.start()].split("\n")
    names = page[start:][top.end():head.start()].strip("\n")
    edges = list(zip(starts, starts[1:]))
    return {names[a:b].strip(): " ".join(row[a:b].strip() for row in rows) for a, b in edges[1:]}


@pytest.mark.parametrize("column, version", COLUMNS.items())
def test_design_names_each_hook_once_more(column, version):
    """The numbers in the table of owners are the hooks of that kernel, all of them."""
    named = set()
    for inside in re.findall(r"\(([^)]*\d\d[^)]*)\)", owners_table()[column]):
        for first, last in re.findall(r"(\d\d)(?: to (\d\d))?", inside):
            named |= set(range(int(first), int(last or first) + 1))
    there = {int(hook.name[:2]) for hook in hooks_of(version)}
    assert named == there


def test_pages_name_the_kernels_that_there_are():
    for page in ("README.rst", "Documentation/using.rst"):
        assert all(series in text(page) for series in paths.OF_MIRROR)
    assert all(version in text("README.rst") for version in SERIES)
    assert {version for hook in load_hooks(REPO / "hooks") for version in hook.trees} >= set(COLUMNS.values())


# A constant of the code, and where a page has its value in words.
BOUNDS = [
    ("MAX_STALLS", "Documentation/cca.rst", "No progress is legal, {} times in a row"),
    ("MAX_STALLS", "Documentation/spec/faults.rst", "ends after {}, with one line"),
    ("MAX_HOLES", "Documentation/design.rst", "Up to {} granules that are missing"),
    ("PGUEST_MAX_RAM", "Documentation/design.rst", "({} ranges of RAM, "),
    ("PGUEST_MAX_REGIONS", "Documentation/design.rst", " {} regions, "),
    ("PGUEST_MAX_MEMRESERVE", "Documentation/design.rst", " {} reservations)"),
    ("PGUEST_WORDS_SIZE", "Documentation/cca.rst", "a text of up to {} bytes"),
]
NUMERALS = {5: "five", 8: "eight"}


@pytest.mark.parametrize("name, page, phrase", BOUNDS, ids=lambda word: word if str(word).isupper() else "")
def test_bounds_are_those_of_the_code(name, page, phrase):
    values = {int(value) for file in tracked() if file.endswith((".c", ".h")) and not file.startswith("tests/")
              for value in re.findall(rf"^#define\s+{name}\s+(\d+)\b", source(file), re.M)}
    assert len(values) == 1, f"{name} is defined as {values}"
    value = values.pop()
    flat = " ".join(text(page).split())
    assert phrase.format(value).strip() in flat or phrase.format(NUMERALS.get(value)).strip() in flat


def test_readme_has_the_number_of_drivers():
    """virtio's own on the default list of the device policy."""
    drivers = {name for file in tracked() if file.startswith("drivers/virt/") for name in re.findall(r'"virtio:(\w+)"', source(file))}
    assert f"**{NUMERALS[len(drivers)].capitalize()} drivers.**" in text("README.rst")


def test_fault_menu_has_a_row_for_each_number():
    rows = re.findall(r"^F(\d+) ", text("Documentation/spec/faults.rst"), re.M)
    assert [int(row) for row in rows] == list(range(1, 31))
    named = {int(number) for name in all_tests() for number in re.findall(r"f(\d\d)(?=_)", name)}
    assert named <= set(range(1, 31))


def results():
    loader = importlib.machinery.SourceFileLoader("results_page", str(REPO / "scripts" / "results"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("results_page", loader))
    loader.exec_module(module)
    return module


ROW = {"kernel": "6.12", "release": "6.12.117", "pages": "4k", "compiler": "gcc", "build_seconds": 1.0}
GOOD, BAD = ({"failures": failures, "checks": 27, "seconds": 11.6} for failures in ([], ["no_dma_blocked: not so"]))


@pytest.mark.parametrize("name, command, cells, want", [
    ("matrix", "make matrix", {"pkvm": GOOD, "cca": BAD, "pkvm-android": {"skipped": True}},
     ["passed, 12 s", "failed, 12 s", "cannot be"]),
    ("rmm", "make matrix HOST=rmm", {"1 33": GOOD}, ["passed, 12 s"]),
])
def test_a_report_becomes_a_table(tmp_path, monkeypatch, name, command, cells, want):
    """As scripts/matrix writes it, a kernel that was not there included."""
    module = results()
    monkeypatch.setattr(module, "HOME", tmp_path)
    report = tmp_path / "matrix" / "report.json"
    report.parent.mkdir()
    report.write_text(json.dumps([{**ROW, "cells": cells}, {"kernel": "7.x", "pages": "4k", "compiler": "gcc", "skipped": "no such"}]))
    module.collect(report)
    data = json.loads((tmp_path / f"{name}.json").read_text())
    assert data["command"] == command
    assert data["rows"] == [["6.12.117", "4k", "gcc", *want], ["7.x", "4k", "gcc", *["no such"] * len(want)]]


def test_a_report_of_something_else_is_refused(tmp_path):
    with pytest.raises(SystemExit, match="no report that this script knows"):
        results().collect(tmp_path / "report.json")


@pytest.mark.parametrize("script", ["figures", "results"])
def test_what_a_script_wrote_is_not_stale(script):
    ran = subprocess.run([REPO / "scripts" / script, "--check"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr


# --- words ------------------------------------------------------------------

# What no reader of this repository has. The files that forbid it have to name it.
FORBID = ("tests/docs/", "tests/check/")
CANNOT_BE_HAD = re.compile(r"\b(?:rsi|pkvm|rmi|dice|rsi11)\.md\b|rmm-differences\.md|\bfact sheets?\b|\bDESIGN\.md\b")


def test_no_citation_leads_nowhere():
    found = [f"{name}:{number}: {line.strip()}" for name in tracked() if not name.startswith(FORBID)
             for number, line in enumerate(source(name).split("\n"), 1) if CANNOT_BE_HAD.search(line)]
    assert not found, "\n".join(found)


DIALECT = re.compile(r"\b(?:tells?|told|nobody|somebody)\b", re.I)


@pytest.mark.parametrize("page", [page for page in [*PAGES, *ABI] if page.startswith(("README", "Documentation/"))])
def test_registers_and_hosts_do_not_speak(page):
    found = [f"{number}: {line.strip()}" for number, line in enumerate(text(page).split("\n"), 1) if DIALECT.search(line)]
    assert not found, "\n".join(found)
