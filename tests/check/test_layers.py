# SPDX-License-Identifier: GPL-2.0-only
"""Modules need those below them alone: the table in README.rst, the imports, the includes, the linker."""

import shutil
import subprocess

import pytest

from pguest import guest, layers, paths, rmm, source

ROWS = [["top"], ["middle", "other"], ["low"]]
NEEDS = {"top": {"middle", "low"}, "middle": {"low"}, "other": set(), "low": set()}


def test_needs_that_go_down():
    assert not layers.breaches(ROWS, NEEDS)


@pytest.mark.parametrize("change, why", [
    ({"low": {"top"}}, "low needs top, which is not below it"),
    ({"middle": {"other"}}, "middle needs other, which is not below it"),
    ({"more": set()}, "more is in no row"),
])
def test_a_need_that_does_not_go_down(change, why):
    assert layers.breaches(ROWS, {**NEEDS, **change}) == [why]


def test_a_table_that_is_not_true():
    assert layers.breaches([["top", "gone"], *ROWS[1:], ["low"]], NEEDS)[:2] == [
        "low stands twice in the table", "gone is in a row, and no module"]


def test_a_table_in_a_readme(tmp_path):
    readme = tmp_path / "README.rst"
    readme.write_text("Files\n=====\n\n::\n\n    no row\n\nLayers\n======\n\nWords. ::\n\n    a b\n\n    c\n\nMore\n====\n")
    assert layers.rows_of(readme) == [["a", "b"], ["c"]]


def test_imports_are_found(tmp_path):
    (tmp_path / "one.py").write_text("from pguest import two\n\ndef f():\n    from pguest.three import x\n")
    (tmp_path / "two.py").write_text("import os\n")
    assert layers.imports(tmp_path) == {"one": {"two", "three"}, "two": set()}


def test_the_package_of_the_scripts():
    found = layers.breaches(layers.rows_of(paths.ROOT / "scripts/README.rst"), layers.imports(paths.ROOT / "scripts/pguest"))
    assert not found


def headers(directory, **texts):
    for name, text in texts.items():
        (directory / f"{name}.h").write_text(text)
    return sorted(directory.glob("*.h"))


def test_headers_in_a_circle(tmp_path):
    files = headers(tmp_path, a='#include "b.h"\n', b='#include "c.h"\n', c='#include <stdint.h>\n#include "../x/a.h"\n')
    assert layers.include_circles(files) == ["a.h -> b.h -> c.h -> a.h"]
    assert not layers.include_circles(headers(tmp_path, c="#include <stdint.h>\n"))


@pytest.mark.parametrize("program", layers.PROGRAMS)
def test_headers_of_a_program(program):
    files = [file for place in (paths.ROOT / "tests" / program, layers.LIBRARY) for file in place.glob("*.[chS]")]
    assert len(files) > 20
    assert not layers.include_circles(files)


@pytest.mark.skipif(not shutil.which("aarch64-linux-gnu-gcc"), reason="no compiler for arm64")
def test_links_are_found(tmp_path):
    for name, text in {"one": "int two(void); int one(void) { return two(); }", "two": "int two(void) { return 2; }"}.items():
        (tmp_path / f"{name}.c").write_text(text)
        subprocess.run(["aarch64-linux-gnu-gcc", "-c", "-o", tmp_path / f"{name}.o", tmp_path / f"{name}.c"], check=True)
    assert layers.links(tmp_path.glob("*.o")) == {"one": {"two"}, "two": set()}


@pytest.fixture(scope="module")
def monitor():
    """Its objects, which other tests boot."""
    guest.monitor(source.integrated_tree())
    return paths.MONITOR


def test_links_of_the_monitor(monitor):
    assert not layers.link_breaches("monitor", monitor)


@pytest.mark.skipif(not shutil.which("aarch64-linux-gnu-gcc"), reason="no compiler for arm64")
def test_links_of_the_normal_world_host():
    assert not layers.link_breaches("rmm", rmm.host(source.integrated_tree()).parent)
