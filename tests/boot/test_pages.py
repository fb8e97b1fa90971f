# SPDX-License-Identifier: GPL-2.0-only
"""The guest's pages, the hypervisor's granule, and neither the other's size."""

import pytest
from test_io import assert_clean, assert_ledger_is_true

from pguest import ioboot
from pguest.machine import SECRET, sha256_in_disk

# The second has also what other people switch on or off.
PAGE = {"guest": 4 << 10, "guest-16k-odd": 16 << 10, "guest-64k": 64 << 10}
GRANULES = [4 << 10, 16 << 10, 64 << 10]
KIB = {size: f"{size >> 10}k" for size in GRANULES}


def io(built, directory, image, mode, **monitor):
    """What `make run` does, and every check that it has."""
    outcome = ioboot.boot(directory, built(image), mode, timeout=300,
                          monitor={**ioboot.pages_shown(image, mode), **monitor})
    assert not outcome.failures
    assert outcome.seen.number("page_kib") << 10 == PAGE[image]
    return outcome.seen


def assert_host_pages(seen):
    """A page of the host's is a granule, whatever our pages are."""
    owners = seen.owners()
    assert owners["clock"] == owners["generation-id"] == 1
    assert owners["steal-time"] == int(seen.monitor["mode"] == "pkvm")


@pytest.mark.matrix
def test_pages_of_64_kib_over_granules_of_4(built, tmp_path):
    """Sixteen granules a page, counted by both; RAM and its reserved parts end inside of pages."""
    seen = io(built, tmp_path, "guest-64k", "pkvm", ragged=1)
    assert_host_pages(seen)


# Android's hypervisor hides pages of 16 KiB from a VM for good.
@pytest.mark.matrix
@pytest.mark.parametrize("image, mode", [
    ("guest-16k-odd", "pkvm"), ("guest-16k-odd", "cca"), ("guest-16k-odd", "plain"),
    ("guest-64k", "pkvm-android"), ("guest-64k", "plain"),
])
def test_larger_pages(built, tmp_path, image, mode):
    """One source, three sizes of a page: the rest of the modes."""
    seen = io(built, tmp_path, image, mode, ragged=1)
    if mode != "plain":
        assert_host_pages(seen)


@pytest.mark.matrix
@pytest.mark.parametrize("granule", GRANULES, ids=KIB.get)
@pytest.mark.parametrize("image, mode", [
    ("guest", "pkvm"), ("guest", "pkvm-android"), ("guest-16k-odd", "pkvm"),
    ("guest-64k", "pkvm"), ("guest-64k", "pkvm-android"),
])
def test_any_page_over_any_granule(built, tmp_path, image, mode, granule):
    """Pages smaller than a granule, as large, and larger."""
    seen = io(built, tmp_path, image, mode, granule=granule)
    assert seen.number("status_granule") == granule
    assert_host_pages(seen)


@pytest.mark.matrix
@pytest.mark.parametrize("unit", GRANULES[1:], ids=KIB.get)
@pytest.mark.parametrize("image", PAGE)
def test_realm_of_a_host_with_larger_pages(new_machine, disk, image, unit):
    """The RMM has 4 KiB; the host changes more at a time, and RAM begins and ends where it cannot."""
    seen = new_machine(image=image, mode="cca", secret=SECRET,
                       monitor={"alignment": unit, "ragged": 2}).add_disk(disk).run("disk")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.number("status_granule") == unit
    assert seen.refused_calls("RSI_IPA_STATE_SET") == 0
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.matrix
@pytest.mark.parametrize("image", ["guest", "guest-64k"])
def test_guard_is_for_the_device_alone(new_machine, image):
    """The page of the RTC has other things in it when it is large; nobody has asked for those."""
    seen = new_machine(image=image, mode="pkvm-android").run("mmio-beside")
    assert seen.checks["device_works"]
    assert seen.values["beside"].startswith("fault")
    assert seen.blocked["mmio"] == 1
