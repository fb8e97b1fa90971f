# SPDX-License-Identifier: GPL-2.0-only
"""Protected VMs on a real pKVM host: the proof that our monitor is not a wish."""

import pytest

import host
import host_verdict
import newest
import source
from machine import SECRET, BootFail, make_disk, sha256_in_disk
from pkvm_host import PkvmHost
from verdict import MARK_DONE


@pytest.fixture(scope="session")
def host_built():
    try:
        return host.initramfs(source.integrated_tree())
    except newest.Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture
def new_host(tmp_path, built, host_built):
    """As new_machine, on a pKVM host."""
    def new(image="guest", directory="machine", **options):
        return PkvmHost(tmp_path / directory, image=built(image), **options)

    return new


def assert_clean(seen):
    assert seen.exit == "off"
    assert not seen.failed_checks()
    assert seen.monitor["private_addresses"] == []
    assert seen.monitor["failures"] == []
    assert seen.monitor["locked_kib_at_end"] == 0


def assert_ledger_is_true(seen):
    """What the guest's ledger has open is what the host can read, to the granule."""
    assert seen.values["status_backend"] == "pKVM"
    assert sum(seen.owners().values()) == seen.phase(MARK_DONE)["shared"]
    assert seen.owners()["other"] == 0
    assert seen.monitor["secrets_found"] == 0


@pytest.mark.parametrize("mode", ["pkvm", "plain"])
def test_all_devices(new_host, disk, mode):
    """What `make run HOST=pkvm` does; and the same Image, unprotected, on the same host."""
    guest = new_host(mode=mode, cpus=2, secret=SECRET).add_all(disk)
    seen = guest.run("io", timeout=400)
    checks = host_verdict.judge(seen, guest, disk)
    assert not [name for name, ok in checks.items() if not ok]


@pytest.mark.parametrize("cpus,ram_mib", [(1, 128), (2, 256), (4, 512), (2, 1024)])
def test_any_size(new_host, disk, cpus, ram_mib):
    """The disk works with any number of CPUs and any size of memory; all of it is given back."""
    seen = new_host(cpus=cpus, ram_mib=ram_mib).add_disk(disk).run("disk", timeout=300)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert (seen.monitor["cpus"], seen.monitor["ram_mib"]) == (cpus, ram_mib)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
    assert seen.phase(MARK_DONE)["locked_kib"] > 0


def test_device_without_access_platform(new_host, disk):
    """A VMM that does not offer VIRTIO_F_ACCESS_PLATFORM gets bounced data all the same."""
    seen = new_host(cpus=2, ram_mib=256, access_platform=False).add_disk(disk) \
        .run("disk", timeout=300)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]


def test_restricted_dma_pool(new_host, disk):
    """With a restricted-dma-pool node the devices use that pool, and no other."""
    seen = new_host(cpus=2, ram_mib=256, vmm=["--restricted-pool", "8"]).add_disk(disk) \
        .run("disk", timeout=300)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert 0 < seen.owners()["restricted-pool"] <= 8 << 20 >> 12
    assert seen.owners()["bounce-pool"] == 0


def test_cpus_go_and_come(new_host, disk, tmp_path):
    """CPU_OFF and CPU_ON are the host's to answer; the disk works meanwhile."""
    more = make_disk(tmp_path / "more.img", mib=32, ext4=False)
    seen = new_host(cpus=2, ram_mib=256).add_disk(disk).add_disk(more) \
        .run("hotplug", timeout=400)
    assert_clean(seen)
    assert_ledger_is_true(seen)


def test_upstream_guest_gives_private_addresses(new_host, disk):
    """The negative control: the unmodified kernel, and a VMM that survives to tell of it."""
    with pytest.raises(BootFail) as failure:
        new_host(image="upstream", cpus=1, ram_mib=256, vmm=["--deadline", "40"]) \
            .add_disk(disk).run("disk", timeout=200)
    given = failure.value.seen.monitor["private_addresses"]
    assert given and given[0]["private"] and given[0]["device"] in ("disk", "console")


def test_features_are_those_that_the_monitor_shows(new_host, new_machine):
    """All ID registers, bit by bit: where the two differ, our monitor is wrong."""
    shown = [new(directory=name, cpus=2, ram_mib=256).run("features", timeout=200).values
             for name, new in (("host", new_host), ("monitor", new_machine))]
    registers = [{name: value for name, value in values.items() if name.startswith("reg_")}
                 for values in shown]
    assert len(registers[0]) == 56
    assert registers[0] == registers[1]
    assert [values["features_beyond"] for values in shown] == ["0", "0"]


def test_stolen_time_can_be_offered(new_host):
    """KVM says that a protected VM has no such capability, and takes the attribute all the same."""
    seen = new_host(cpus=2, ram_mib=256, vmm=["--steal"]).run("nothing", timeout=200)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert seen.monitor["steal"] == "offered"


def test_device_that_claims_to_have_written_more(new_host, disk):
    """A length of 2 GiB in the used ring is a lie that nobody believes: the data is right."""
    seen = new_host(cpus=2, ram_mib=256, vmm=["--attack", "long-length"]).add_disk(disk) \
        .run("disk", timeout=300)
    assert_clean(seen)
    assert_ledger_is_true(seen)
    assert sha256_in_disk(disk, "/data") == seen.values["disk_sha256"]
