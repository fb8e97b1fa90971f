# SPDX-License-Identifier: GPL-2.0-only
"""Whose random numbers count: the CPU's and those of jitter, and nothing that the host supplies.

The kernel's log has the order in which things happened: a device tree's seed comes before the line with the
command line, the CPU's numbers come after it, and jitter comes when the kernel runs threads.
"""

import pytest

PROTECTED = ["pkvm", "pkvm-android", "cca"]
# ID_AA64ISAR0_EL1.RNDR reads as 0.
NO_RNDR = {"show": "6,0,60,0"}
TRNG = "TRNG_RND64"

READY = "random: crng init done"
SETUP_OVER = "Kernel command line: "
JITTER = "pguest: the CPU gave no random numbers and the host's do not count: timing jitter seeds"
NO_THREAD = "initcall_blacklist=seed_without_rndr"


def at(seen, text):
    """The number of the one console line that has it."""
    found = [number for number, line in enumerate(seen.console) if text in line]
    assert len(found) == 1, f"{len(found)} lines with {text!r}\n{seen.tail()}"
    return found[0]


def boot(new_machine, mode, monitor, append=(), **options):
    guest = new_machine(mode=mode, monitor=monitor, append=append, **options)
    seen = guest.add_rng().run("entropy")
    assert not seen.failed_checks()
    return seen


def seeded_by_cpu(seen):
    assert at(seen, READY) > at(seen, SETUP_OVER)
    assert not seen.lines(JITTER)
    assert seen.values["bits"] == "256"


def seeded_by_jitter(seen):
    """The first program may come before the last bit; who waits gets numbers all the same."""
    assert at(seen, READY) > at(seen, JITTER) > at(seen, SETUP_OVER)
    assert seen.values["bits"] != "256" or seen.values["now"] != "EAGAIN"
    assert len(seen.values["wait"]) == 64
    assert seen.values["bits_after_wait"] == "256"


@pytest.mark.parametrize("seed", ["zero", "ones", "none"])
@pytest.mark.parametrize("mode", PROTECTED)
def test_a_seed_of_the_device_tree_with_rndr(new_machine, mode, seed):
    seeded_by_cpu(boot(new_machine, mode, {"rng_seed": seed}))


@pytest.mark.parametrize("seed", ["zero", "ones", "none"])
@pytest.mark.parametrize("mode", PROTECTED)
def test_a_seed_of_the_device_tree_without_rndr(new_machine, mode, seed):
    seeded_by_jitter(boot(new_machine, mode, {"rng_seed": seed, **NO_RNDR}))


@pytest.mark.parametrize("mode", PROTECTED)
def test_nothing_is_credited_while_nobody_waits(new_machine, mode):
    """Seeds, a device of full quality, a TRNG where it is the host's, interrupts: the count stays at 0."""
    trng = {"trng": 1} if mode != "cca" else {}
    seen = boot(new_machine, mode, {"rng_seed": "ones", **trng, **NO_RNDR}, append=[NO_THREAD])
    assert seen.values["device"].startswith("virtio_rng") and seen.values["quality"] == "1024"
    assert seen.values["bits"] == "0"
    assert seen.values["now"] == "EAGAIN"
    assert len(seen.values["wait"]) == 64
    assert seen.values["bits_after_wait"] == "256"
    at(seen, READY)


@pytest.mark.parametrize("mode", ["pkvm", "pkvm-android"])
@pytest.mark.parametrize("rndr", [{}, NO_RNDR], ids=["rndr", "no-rndr"])
def test_the_hosts_trng_is_not_asked(new_machine, mode, rndr):
    seen = boot(new_machine, mode, {"trng": 1, "rng_seed": "none", **rndr})
    (seeded_by_jitter if rndr else seeded_by_cpu)(seen)
    assert TRNG not in seen.hypercalls and "TRNG_VERSION" not in seen.hypercalls


def test_the_trng_of_an_rmm_counts(new_machine):
    """An SMC of a realm does not get to the host."""
    seen = boot(new_machine, "cca", {"trng": 1, "rng_seed": "none", **NO_RNDR})
    seeded_by_cpu(seen)
    assert seen.hypercalls[TRNG] > 0


@pytest.mark.matrix
@pytest.mark.parametrize("rndr", [{}, NO_RNDR], ids=["rndr", "no-rndr"])
@pytest.mark.parametrize("mode", ["pkvm", "cca"])
def test_a_seed_of_efi(new_machine, mode, rndr):
    wide = {"ipa_bits": 48} if mode == "cca" else {}
    seen = boot(new_machine, mode, {"acpi": 1, "efi_seed": 1, "rng_seed": "none", **wide, **rndr},
                image="guest-acpi")
    assert seen.lines("RNG=0x")
    (seeded_by_jitter if rndr else seeded_by_cpu)(seen)


@pytest.mark.parametrize("rndr", [{}, NO_RNDR], ids=["rndr", "no-rndr"])
@pytest.mark.parametrize("mode", PROTECTED)
def test_equal_hosts_get_different_guests(new_machine, mode, rndr):
    first, second = (boot(new_machine, mode, {"rng_seed": "zero", **rndr}, directory=name).values
                     for name in ("first", "second"))
    assert first["wait"] != second["wait"]
    assert len(first["wait"]) == len(second["wait"]) == 64


def test_an_unprotected_machine_is_as_it_was(new_machine):
    """The device tree's seed makes the generator ready in setup_arch(), as it does upstream."""
    seen = boot(new_machine, "plain", {"rng_seed": "ones", "trng": 1, **NO_RNDR})
    assert at(seen, READY) < at(seen, SETUP_OVER)
    assert not seen.lines(JITTER)
    assert seen.hypercalls[TRNG] > 0


def test_an_unprotected_machine_without_a_seed(new_machine):
    seen = boot(new_machine, "plain", {"rng_seed": "none", "trng": 1, **NO_RNDR})
    assert at(seen, READY) > at(seen, SETUP_OVER)
    assert not seen.lines(JITTER)
