# SPDX-License-Identifier: GPL-2.0-only
"""A VM that sleeps, and one that is asked to write its memory to a disk of the host's."""

import pytest
from test_io import PROTECTED, assert_clean, assert_ledger_is_true

from pguest.machine import SECRET, make_disk, sha256_in_disk

# A kernel of its own, for which make test has no time.
pytestmark = pytest.mark.matrix

IMAGE = "guest-sleep"
PAGE = 4096
ALLOWED = "pguest.hibernate=on"
# The signature in a swap header that has an image behind it
HAS_IMAGE = b"S1SUSPEND"


@pytest.mark.parametrize("mode, options", [
    pytest.param("pkvm", {"steal": 20}, id="pkvm-with-steal-time"),
    ("pkvm-android", {}),
    ("cca", {}),
    pytest.param("cca", {"rmm": "tf"}, id="cca-tf"),
])
def test_suspend_to_idle(new_machine, disk, tmp_path, mode, options):
    """Three times, while the disk works: devices, steal time and clock go on, and nothing more stays shared.

    The other state that Linux knows is PSCI's SYSTEM_SUSPEND, which neither pKVM nor an RMM has for a
    protected VM: Linux does not offer it then.
    """
    busy = make_disk(tmp_path / "busy.img", mib=64, ext4=False)
    guest = new_machine(image=IMAGE, mode=mode, cpus=2, secret=SECRET, monitor=options,
                        append=[f"pguest_steal={options.get('steal', 0)}"])
    seen = guest.add_disk(disk).add_disk(busy).add_net().add_rng().run("suspend", timeout=400)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.number("slept") == 3
    assert seen.shared["emptied"] == 0
    assert seen.values["mem_sleep"] == "[s2idle]"
    assert len(seen.lines("PM: suspend exit")) == 3
    assert seen.values["after"] == seen.values["before"] != ""
    assert ("steal_time" in seen.checks) == bool(options.get("steal"))
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


@pytest.mark.parametrize("mode", PROTECTED)
def test_hibernation_is_refused(new_machine, disk, tmp_path, mode):
    """By the kernel and by a program, and so is an image of the host's; each says so, and nothing is on the disk."""
    swap = make_disk(tmp_path / "swap.img", mib=512, ext4=False)
    guest = new_machine(image=IMAGE, mode=mode, ram_mib=256, secret=SECRET)
    seen = guest.add_disk(disk).add_disk(swap).run("hibernate")
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert "disk" in seen.values["states"].split()
    assert len(seen.lines("pguest: no hibernation: it would write all memory out for the host to read")) == 2
    assert len(seen.lines("pguest: no resume: the host could have made the image")) == 2
    assert not any(swap.read_bytes()[PAGE:])
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def test_hibernation_of_an_unprotected_machine(new_machine, disk, tmp_path):
    """Nothing changes there: the image is on the disk, and the machine is off."""
    swap = make_disk(tmp_path / "swap.img", mib=512, ext4=False)
    seen = new_machine(image=IMAGE, mode="plain", ram_mib=256).add_disk(disk).add_disk(swap).run("hibernate")
    assert not seen.lines("pguest: no hibernation")
    assert HAS_IMAGE in swap.read_bytes()[:PAGE]


@pytest.fixture
def swap(tmp_path):
    return make_disk(tmp_path / "swap.img", mib=512, ext4=False)


@pytest.fixture
def sleeper(new_machine, disk, swap, tmp_path):
    """A machine with all devices that may hibernate to its second disk."""
    def new(mode, image="plain", cpus=2, append=(), **options):
        busy = make_disk(tmp_path / "busy.img", mib=64, ext4=False)
        guest = new_machine(image=IMAGE, mode=mode, cpus=cpus, ram_mib=256,
                            append=[ALLOWED, f"pguest_image={image}", *append], **options)
        return guest.add_disk(disk).add_disk(swap).add_disk(busy).add_net().add_rng().add_console()

    return new


def has_image(swap):
    return HAS_IMAGE in swap.read_bytes()[:PAGE]


def start_again(guest, scenario="nothing", append=("resume=/dev/vdb",), **options):
    """What the owner does: start the same machine, whose kernel or initramfs looks for an image."""
    (guest.directory / "console.log").rename(guest.directory / "console-before.log")
    guest.append += append
    return guest.run(scenario, timeout=400, **options)


def assert_it_went_on(guest, disk, before, after):
    """What it had in memory is there, its devices work, its ledger is true; and nothing was shared at the jump."""
    assert_clean(before)
    assert before.shared["emptied"] == 1
    assert "kept_after" not in before.values
    assert_clean(after)
    assert_ledger_is_true(after)
    # In this VM it was the other kernel that has emptied the list. The image finds it so.
    assert after.shared["emptied"] == 1
    assert after.values["kept_after"] == before.values["kept"]
    assert after.values["after"] == before.values["before"]
    assert len(after.lines("pguest: hibernation: .* granules taken back from the host")) == 1
    assert len(after.lines("pguest: hibernation: .* granules shared again")) == 1
    assert sha256_in_disk(disk, "/data") == after.values["disk_sha256_after"]
    assert guest.peer.got_sha256 == after.values["net_up_sha256"]
    assert "after hibernation" in guest.hvc0.read_text()


@pytest.mark.parametrize("mode, options", [
    pytest.param("pkvm", {"steal": 20}, id="pkvm-with-steal-time"),
    ("pkvm-android", {}),
    ("cca", {}),
    pytest.param("cca", {"rmm": "tf"}, id="cca-tf"),
])
def test_a_vm_goes_on_in_another_machine(sleeper, swap, disk, mode, options):
    """By the kernel's own image, in swap, which the kernel starts at boot."""
    guest = sleeper(mode, append=[f"pguest_steal={options.get('steal', 0)}"], monitor=options)
    before = guest.run("hibernated", timeout=400)
    assert len(before.lines("pguest: hibernation is allowed: who reads an image has all memory")) == 1
    assert has_image(swap)
    after = start_again(guest)
    assert_it_went_on(guest, disk, before, after)
    assert not has_image(swap)
    assert ("steal_time" in after.checks) == bool(options.get("steal"))
    assert after.lines("crng reseeded due to virtual machine fork")


@pytest.mark.parametrize("mode", PROTECTED)
def test_a_vm_goes_on_in_the_same_machine(sleeper, disk, mode):
    """The image is started by the kernel that has made it. What holds for another machine is not done again."""
    seen = sleeper(mode, image="test").run("hibernated", timeout=400)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.values["kept_after"] == seen.values["kept"]
    assert seen.values["after"] == seen.values["before"]
    # Before the image was made, and before it was started.
    assert seen.shared["emptied"] == 2
    assert not seen.lines("crng reseeded due to virtual machine fork")


@pytest.mark.parametrize("mode, image", [
    ("pkvm", "crypt"), ("cca", "crypt"), ("pkvm", "sealed"), ("cca", "sealed"),
])
def test_an_encrypted_image_shows_the_host_nothing(sleeper, swap, disk, mode, image):
    """A secret in memory is in no page that the host sees, in neither machine, nor on the disk."""
    guest = sleeper(mode, image=image, secret=SECRET)
    before = guest.run("hibernated", timeout=400)
    assert not has_image(swap)
    secret = int(SECRET, 0).to_bytes(8, "little")
    assert any(swap.read_bytes()) and secret not in swap.read_bytes()
    after = start_again(guest, "resumed", append=())
    assert_it_went_on(guest, disk, before, after)
    assert before.monitor["secrets_found"] == 0


@pytest.mark.parametrize("mode", PROTECTED)
def test_an_image_in_the_clear_shows_the_host_all(sleeper, swap, mode):
    """The control of the test before this one."""
    guest = sleeper(mode, secret=SECRET, append=["hibernate=nocompress"])
    before = guest.run("hibernated", timeout=400)
    assert has_image(swap)
    assert before.monitor["secrets_found"] > 0
    assert int(SECRET, 0).to_bytes(8, "little") * 64 in swap.read_bytes()


def test_an_image_that_was_altered_is_not_started(sleeper, swap):
    """One bit of it, in the middle: the program that has sealed it says so, and the kernel gets nothing of it."""
    guest = sleeper("pkvm", image="sealed")
    guest.run("hibernated", timeout=400)
    image = bytearray(swap.read_bytes())
    image[20 << 20] ^= 1
    swap.write_bytes(image)
    after = start_again(guest, "resumed", append=())
    assert_clean(after)
    assert_ledger_is_true(after)
    assert after.values["not_resumed"] == "image: Bad message"
    assert not after.lines("granules taken back from the host")


@pytest.mark.parametrize("mode", PROTECTED)
def test_no_image_is_started_without_the_option(sleeper, swap, mode):
    """The image is a real one. The VM boots as if it were not there, and it is none any more: the disks go on without it."""
    guest = sleeper(mode)
    guest.run("hibernated", timeout=400)
    guest.append.remove(ALLOWED)
    after = start_again(guest)
    assert_clean(after)
    assert len(after.lines("pguest: no resume: the host could have made the image")) == 1
    assert not has_image(swap)


@pytest.mark.parametrize("mode, other", [
    pytest.param("pkvm", {"granule": 16384}, id="granule"),
    pytest.param("pkvm", {"mode": "pkvm-android"}, id="hypervisor"),
    pytest.param("pkvm", {"mode": "plain"}, id="unprotected"),
    pytest.param("cca", {"ipa_bits": 41}, id="shared-bit"),
    pytest.param("pkvm", {"ragged": 1}, id="memory"),
])
def test_no_image_is_started_in_another_vm(sleeper, swap, mode, other):
    """Where memory, the granule, the hypervisor or the shared bit differ, the kernel boots anew."""
    guest = sleeper(mode)
    guest.run("hibernated", timeout=400)
    guest.mode = other.get("mode", mode)
    guest.options.update(other)
    after = start_again(guest)
    assert_clean(after)
    assert after.lines("Hibernate image not generated by this kernel!|memory size")
    assert not after.lines("granules shared again")


def test_a_vm_with_lost_memory_does_not_hibernate(sleeper, swap):
    """The hypervisor has refused to take a granule back: an image would read it. One line, and the VM goes on."""
    guest = sleeper("pkvm", append=["pguest_image=test"], monitor={"fail_unshare": 1})
    seen = guest.run("hibernated", timeout=400)
    assert seen.number("lost") == 1
    assert len(seen.lines("pguest: no hibernation: 1 granules are lost")) == 1
    assert not has_image(swap)
    assert set(seen.failed_checks()) == {"hibernates: sh: write error: Input/output error"}
    assert seen.exit == "off" and not seen.blocked["dma"]
