# SPDX-License-Identifier: GPL-2.0-only
"""One kernel after another in the same VM: nothing that a kernel shared is left to the next one.

What the host sees when a kernel starts is the monitor's account (``kernels`` in its report).
"""

import pytest
from test_io import assert_clean, assert_ledger_is_true

from pguest import crashtools, ioboot, paths, trees
from pguest.machine import SECRET, make_disk, put_in_disk as put, sha256_in_disk

MODES = ["pkvm", "pkvm-android", "cca"]
SERIES = trees.series_to_test()
OTHERS = [paths.kernel_name("guest", series) for series in SERIES if series != paths.DEFAULT]
# Each kernel starts the next newer one, and then it goes all the way back: 6.1, 6.12, 7.x, 6.12, 6.1.
ACROSS = [*SERIES, *(SERIES[-2::-1] or SERIES)]
# Android's hypervisor shows no pages of 16 KiB.
LARGER_PAGES = [("guest-16k-odd", "pkvm"), ("guest-16k-odd", "cca"), ("guest-64k", "pkvm"), ("guest-64k", "cca"),
                ("guest-64k", "pkvm-android")]
matrix = pytest.mark.matrix


@pytest.fixture
def lives(new_machine, tmp_path, built):
    """lives(["guest", "guest"], mode=...): a machine whose kernels start one another, and what came of it."""
    def run(names, mode="pkvm", cpus=1, ram_mib=256, monitor=None, append=(), initrd=paths.INITRAMFS, **expected):
        disk = make_disk(tmp_path / "disk.img")
        put(disk, initrd, "initramfs")
        for life, name in enumerate(names[1:], 2):
            put(disk, built(name), f"Image{life}")
        guest = new_machine(image=names[0], mode=mode, cpus=cpus, ram_mib=ram_mib, secret=SECRET, monitor=monitor,
                            initrd=initrd, append=[f"pguest_lives={len(names)}", *append])
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


def assert_lives(seen, number):
    assert_clean(seen)
    assert_each_worked(seen, number)
    assert_nothing_left(seen, number)
    assert len(seen.lines("pguest: kexec: .* granules taken back")) == number - 1
    assert_ledger_is_true(seen)


@pytest.mark.parametrize("mode, number, cpus, options", [
    pytest.param("pkvm", 4, 1, {}, id="pkvm-three-times"),
    pytest.param("cca", 4, 1, {}, id="cca-three-times"),
    pytest.param("pkvm-android", 4, 2, {}, id="pkvm-android-three-times", marks=matrix),
    pytest.param("cca", 2, 1, {"rmm": "tf"}, id="cca-tf"),
])
def test_f26_kexec_over_shared_pages(lives, mode, number, cpus, options):
    """Each kernel works its devices; the next one finds all memory private, and shares what it needs anew.

    Not in an unprotected machine: without EFI the tree itself lets the next kernel take over the
    LPI tables of the one before, in memory that has another use by then.
    """
    seen = lives(["guest"] * number, mode=mode, cpus=cpus, monitor=options)
    assert_lives(seen, number)
    assert all(int(seen.values[f"shared{life}"]) for life in range(1, number))


@pytest.mark.parametrize("mode, options", [
    pytest.param("pkvm", {}, id="pkvm"),
    pytest.param("pkvm-android", {}, id="pkvm-android", marks=matrix),
    pytest.param("cca", {}, id="cca", marks=matrix),
    pytest.param("cca", {"rmm": "tf"}, id="cca-tf", marks=matrix),
])
def test_one_version_starts_another(lives, mode, options):
    """6.1, 6.12, 7.x and back: no kernel depends on what the one before it is."""
    seen = lives([paths.kernel_name("guest", series) for series in ACROSS], mode=mode, monitor=options)
    assert_lives(seen, len(ACROSS))
    ran = [seen.values[f"life{life}"].split(".")[:2] for life in range(1, len(ACROSS) + 1)]
    assert [tuple(map(int, version)) for version in ran] == [paths.version_of(series) for series in ACROSS]


@matrix
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("image", OTHERS)
def test_other_versions_three_times(lives, image, mode):
    assert_lives(lives([image] * 4, mode=mode), 4)


@matrix
@pytest.mark.parametrize("image, mode", LARGER_PAGES)
def test_larger_pages_three_times(lives, image, mode):
    assert_lives(lives([image] * 4, mode=mode, ram_mib=512, monitor=ioboot.pages_shown(image, mode)), 4)


@matrix
@pytest.mark.parametrize("names", [("guest", "guest-64k"), ("guest-64k", "guest"), ("guest", "guest-16k-odd")],
                         ids="-starts-".join)
def test_one_page_size_starts_another(lives, names):
    """What the kernel before has shared by its pages is taken back by the hypervisor's granules."""
    shown = {name: value for image in names for name, value in ioboot.pages_shown(image, "pkvm").items()}
    assert_lives(lives(names, ram_mib=512, monitor=shown), 2)


@matrix
@pytest.mark.parametrize("image, mode", [
    *(("guest-sleep", mode) for mode in MODES),
    *((f"{image}-sleep", mode) for image in OTHERS for mode in ("pkvm", "cca"))])
def test_kexec_load_by_debians_kexec(lives, tmp_path, image, mode):
    """The other call: the device tree, and the code that the next kernel is entered by, are a program's."""
    assert_lives(lives([image] * 3, mode=mode, append=["pguest_loader=debian"],
                       initrd=crashtools.initramfs(tmp_path)), 3)


@pytest.mark.parametrize("mode", ["pkvm", pytest.param("pkvm-android", marks=matrix)])
def test_the_next_kernel_without_the_layer(lives, mode):
    """It has all memory, and shares none. Its drivers are not tried: test_unmodified_kernel_is_stopped does that.

    In a realm it would have no console, so that no line could say what became of it.
    """
    seen = lives(["guest"] * 2, mode=mode, append=["pguest_last=pguest=off,initcall_blacklist=virtio_pci_driver_init"])
    assert seen.checks["memory_is_usable"], seen.reasons
    assert_nothing_left(seen, 2)
    assert seen.shared["now"] == 0 < seen.shared["peak"]


def test_memory_that_stays_shared_ends_the_vm(lives):
    """The hypervisor takes nothing back: the kernel says so, and the next one does not start."""
    seen = lives(["guest"] * 2, monitor={"fail_unshare": 1, "fail_every": 1}, allow=["Kernel panic", "cannot take"],
                 ends=("reset",))
    assert seen.lines("Kernel panic - not syncing: pguest: no kexec: [0-9]+ granules cannot be taken back")
    assert len(seen.monitor["kernels"]) == 1
    assert seen.monitor["secrets_found"] == 0
