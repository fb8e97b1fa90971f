# SPDX-License-Identifier: GPL-2.0-only
"""One kernel after another in the same VM: nothing that a kernel shared is left to the next one.

What the host sees when a kernel starts is the monitor's account (``kernels`` in its report).
"""

import subprocess

import pytest
from test_io import assert_clean, assert_ledger_is_true

from pguest import paths
from pguest.machine import SECRET, make_disk, sha256_in_disk, tool


def put(disk, source, name):
    """A file into an ext4 image."""
    subprocess.run([tool("debugfs"), "-w", "-R", f"write {source} {name}", str(disk)], check=True,
                   capture_output=True)


@pytest.fixture
def lives(new_machine, tmp_path, built):
    """lives(["guest", "guest"], mode=...): a machine whose kernels start one another, and what came of it."""
    def run(names, mode="pkvm", cpus=1, monitor=None, **expected):
        disk = make_disk(tmp_path / "disk.img")
        put(disk, paths.INITRAMFS, "initramfs")
        for life, name in enumerate(names[1:], 2):
            put(disk, built(name), f"Image{life}")
        guest = new_machine(image=names[0], mode=mode, cpus=cpus, ram_mib=256, secret=SECRET, monitor=monitor,
                            append=[f"pguest_lives={len(names)}"])
        seen = guest.add_disk(disk).add_net().add_rng().run("kexec", timeout=300 * len(names), **expected)
        seen.disk = disk
        return seen

    return run


def assert_nothing_left(seen, lives):
    """Each kernel started with nothing shared, and no kernel but the first had anything to look for."""
    assert [kernel["shared"] for kernel in seen.monitor["kernels"]] == [0] * lives
    assert [kernel["secrets"] for kernel in seen.monitor["kernels"]] == [0] * lives
    assert seen.monitor["secrets_found"] == 0


def assert_each_worked(seen, lives):
    assert all(seen.checks[f"{check}{life}"] for life in range(1, lives + 1)
               for check in ("disk_reads_back", "net_sends", "net_receives", "rng_reads", "disk_unmounts"))
    assert sha256_in_disk(seen.disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.parametrize("mode, number, cpus, options", [
    pytest.param("pkvm", 4, 1, {}, id="pkvm-three-times"),
    pytest.param("cca", 4, 1, {}, id="cca-three-times"),
    pytest.param("pkvm-android", 2, 2, {}, id="pkvm-android"),
    pytest.param("cca", 2, 1, {"rmm": "tf"}, id="cca-tf"),
])
def test_f26_kexec_over_shared_pages(lives, mode, number, cpus, options):
    """Each kernel works its devices; the next one finds all memory private, and shares what it needs anew.

    Not in an unprotected machine: without EFI the tree itself lets the next kernel take over the
    LPI tables of the one before, in memory that has another use by then.
    """
    seen = lives(["guest"] * number, mode=mode, cpus=cpus, monitor=options)
    assert_clean(seen)
    assert_each_worked(seen, number)
    assert_nothing_left(seen, number)
    assert all(int(seen.values[f"shared{life}"]) for life in range(1, number))
    assert len(seen.lines("pguest: kexec: .* granules taken back")) == number - 1
    assert_ledger_is_true(seen)


def test_memory_that_stays_shared_ends_the_vm(lives):
    """The hypervisor takes nothing back: the kernel says so, and the next one does not start."""
    seen = lives(["guest"] * 2, monitor={"fail_unshare": 1, "fail_every": 1}, allow=["Kernel panic", "cannot take"],
                 ends=("reset",))
    assert seen.lines("Kernel panic - not syncing: pguest: no kexec: [0-9]+ granules cannot be taken back")
    assert len(seen.monitor["kernels"]) == 1
    assert seen.monitor["secrets_found"] == 0
