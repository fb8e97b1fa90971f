# SPDX-License-Identifier: GPL-2.0-only
"""Fixtures: kernels that are there when asked for, and machines to boot them in."""

import os

import pytest

from pguest import guest as guest_build, kernel, newest, paths, rows, source
from pguest.machine import Machine, make_disk


@pytest.fixture(scope="session")
def built():
    """built("test") is the Image of that name, built now if it has to be.

    guest and test are those of KERNEL=, if the name does not say itself which it is.
    """
    images = {name: paths.image(name) for name in os.environ.get("PGUEST_BUILT", "").split()}

    def image(name="guest"):
        kind, *words = name.split("-")
        if kind in ("guest", "test") and not set(words) & set(paths.SERIES):
            name = "-".join([paths.kernel_name(kind), *words])
        if name not in images:
            try:
                images[name] = kernel.build(name)
            except newest.Unavailable as reason:
                pytest.skip(str(reason))
        return images[name]

    # scripts/test has built all of it, for every worker, and says which kernels.
    if not images:
        guest_build.monitor(source.integrated_tree())
        guest_build.initramfs()
    return image


@pytest.fixture
def new_machine(tmp_path, built):
    """A machine factory: new_machine(mode="plain", image="upstream", cpus=4, ...)."""
    def new(image="guest", directory="machine", append=(), **options):
        if image == "test":
            # The suites have boots of their own, in test_kunit.py.
            append = ["kunit.enable=0", *append]
        if options.get("mode") == "cca" and "challenge" not in options:
            # Nobody looks at the report: a host may load an image without having it measured, which is a fifth of a boot.
            options["monitor"] = {"measure": 0, **(options.get("monitor") or {})}
        return Machine(tmp_path / directory, image=built(image), append=append, **options)

    return new


@pytest.fixture
def disk(tmp_path):
    """A fresh 256 MiB ext4 disk."""
    return make_disk(tmp_path / "disk.img")


def pytest_terminal_summary(terminalreporter):
    """Where the time went, by file: boots are what this suite costs."""
    spent = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if hasattr(report, "duration") and hasattr(report, "nodeid"):
                name = report.nodeid.split("::")[0]
                spent[name] = spent.get(name, 0) + report.duration
    terminalreporter.write_sep("-", "time by file (all workers together)")
    for name, seconds in sorted(spent.items(), key=lambda item: -item[1]):
        terminalreporter.write_line(f"{seconds:7.1f} s  {name}")


def pytest_collection_modifyitems(config, items):
    """What make test has no time for: kernels and boots that are marked `matrix`, and rows that are like others."""
    marked = [item for item in items if item.get_closest_marker("matrix")]
    # Tests that share a boot, or need none, would save nothing.
    spare = rows.spare_rows(item for item in items if item not in marked and "new_machine" in item.fixturenames)
    for item in spare:
        item.add_marker(pytest.mark.matrix)
    if config.option.markexpr or any("::" in word for word in config.args):
        return
    later = set(marked + spare)
    if later:
        config.hook.pytest_deselected(items=list(later))
        items[:] = [item for item in items if item not in later]


def pytest_configure(config):
    config.addinivalue_line("markers", "matrix: not in make test")
    paths.BUILD.mkdir(parents=True, exist_ok=True)
