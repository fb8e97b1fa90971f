# SPDX-License-Identifier: GPL-2.0-only
"""Tokens and measurement registers of a realm, as programs get at them.

The guest says what it read. The monitor says what its registers hold, and
scripts/verify-report whether a token is worth anything.
"""

import hashlib

import pytest

from pguest import ccatoken, description, guest as guest_build, paths, verdict

INIT, CONTINUE = "RSI_ATTEST_TOKEN_INIT", "RSI_ATTEST_TOKEN_CONTINUE"
HASHES = ["sha256", "sha384", "sha512"]
REMS = ["rem1", "rem2", "rem3", "rem4"]
GRANULE = 4096
NO_TOKEN = "arm_cca_guest: no token: "


@pytest.fixture
def realm(new_machine):
    """realm({option: value}, cpus=2, ...) is a realm that gets a fresh challenge."""
    def new(monitor=None, **options):
        return new_machine(mode="cca", monitor=monitor, challenge=verdict.new_challenge(), **options)

    return new


def passed(seen):
    assert not seen.failed_checks()
    assert seen.checks


def verified(seen, guest):
    """The claims of the guest's token, which must be good."""
    claims, reason = verdict.verify(seen, guest)
    assert not reason
    return claims


def extended(name, old, *values):
    """What a register becomes: spec/rsi.rst, Calls."""
    for value in values:
        old = hashlib.new(name, old + value).digest()
    return old


def measured(guest, name):
    """REM 3 of a realm that has done no more than boot."""
    return description.register_of(name, guest.tree.read_bytes(), guest.command_line)


def registers_are_the_rmms(seen):
    told = [seen.values[name] for name in ("rim", *REMS)]
    assert told == [seen.realm["rim"], *seen.realm["rem"]]


# --- tokens -------------------------------------------------------------------


@pytest.mark.parametrize("rmm", ["spec", "tf"])
@pytest.mark.parametrize("name", HASHES)
def test_a_report_and_an_extended_register(realm, name, rmm):
    """One token verifies, holds the RIM and the REM that the realm extended, and costs what it must.

    tf: behind a hash are the caller's registers, the realm of SHA-384 is said to be one of
    SHA-512, and the two parts of the token are of different years.
    """
    guest = realm({"hash": name, "rpv": "a-realm-of-tests", "rmm": rmm}, cpus=2)
    seen = guest.run("report")
    passed(seen)
    verified(seen, guest)
    registers_are_the_rmms(seen)

    size = hashlib.new(name).digest_size
    value = bytes.fromhex(guest.challenge)[:size]
    assert seen.values["rem1"] == extended(name, bytes(size), value).hex()
    assert seen.values["rem2"] == seen.values["rem4"] == bytes(size).hex()
    assert seen.values["rem3"] == measured(guest, name).hex()
    assert seen.values["hash"] == name
    derived = hashlib.sha256(bytes.fromhex(seen.realm["rim"] + seen.realm["rpv"])).digest()
    assert (derived in seen.token) == (rmm == "spec")
    assert (b"2023:cca_platform#1.0.0" in seen.token) == (rmm == "tf")
    assert b"2024:realm#2.0.0" in seen.token
    assert bytes.fromhex(seen.values["rpv"]) == b"a-realm-of-tests".ljust(64, b"\0")
    assert seen.hypercalls[INIT] == 1


def test_a_report_with_the_shell_alone(realm):
    guest = realm()
    seen = guest.run("report-shell")
    passed(seen)
    verified(seen, guest)


def test_a_report_takes_one_call_a_granule(realm):
    """An RMM that does not stop on the way is called once for INIT and once for each granule."""
    guest = realm({"token_size": 9000, "incomplete_irq": 0})
    seen = guest.run("report-shell")
    verified(seen, guest)
    assert len(seen.token) == 9000
    assert seen.hypercalls[INIT] == 1
    assert seen.hypercalls[CONTINUE] == 3


@pytest.mark.parametrize("chunk, rmm", [(1, "spec"), (2, "spec"), (3, "spec"), (7, "tf"), (64, "spec"), (1000, "tf"),
                                        (4095, "spec"), (4096, "spec")])
def test_a_token_in_pieces(realm, chunk, rmm):
    """KUnit tries every size from a byte to a granule."""
    guest = realm({"token_chunk": chunk, "rmm": rmm})
    seen = guest.run("report-shell")
    passed(seen)
    verified(seen, guest)
    assert seen.hypercalls[CONTINUE] >= len(seen.token) // chunk


@pytest.mark.parametrize("size, last_is_empty", [(4095, 0), (4096, 0), (4096, 1), (4097, 1), (12288, 0)])
def test_a_token_has_its_exact_length(realm, size, last_is_empty):
    """F17: around a granule, and with a last piece that is empty."""
    guest = realm({"token_size": size, "token_last_empty": last_is_empty})
    seen = guest.run("report-shell")
    passed(seen)
    assert len(seen.token) == size
    verified(seen, guest)


@pytest.mark.parametrize("envelope", [907, 399])
def test_both_envelopes(realm, envelope):
    guest = realm({"envelope": envelope})
    seen = guest.run("report-shell")
    verified(seen, guest)
    assert int.from_bytes(seen.token[1:3], "big") == envelope


# --- an RMM that is slow, or wrong (spec/faults.rst) -------------------------------


@pytest.mark.parametrize("junk", [0, 1])
def test_f12_sha384_that_passes_for_sha512(realm, junk):
    """The registers are named for what they are, and the token says the same."""
    guest = realm({"hash": "sha384", "config_hash": 1, "read_junk": junk})
    seen = guest.run("report")
    passed(seen)
    verified(seen, guest)
    assert seen.values["hash"] == "sha384"
    registers_are_the_rmms(seen)


def test_f11_hash_that_nobody_knows(realm):
    """Then there are no registers, and still tokens."""
    guest = realm({"config_hash": 7})
    seen = guest.run("report-shell")
    passed(seen)
    verified(seen, guest)
    assert seen.lines("arm_cca_guest.*no measurement registers: error -95, hash algorithm 7")


def test_a_token_that_is_too_long_for_the_rmm(realm):
    """It has room for a page, says so by its bound, and fails when it has signed."""
    seen = realm({"rmm": "tf", "token_size": GRANULE + 1}).run("report-hostile")
    passed(seen)
    assert [seen.values["report_1"], seen.values["report_2"]] == ["EMSGSIZE", "EMSGSIZE"]
    assert seen.lines(NO_TOKEN)


@pytest.mark.parametrize("name", HASHES)
def test_f13_junk_behind_a_hash(realm, name):
    guest = realm({"hash": name, "read_junk": 1})
    seen = guest.run("report")
    passed(seen)
    verified(seen, guest)
    registers_are_the_rmms(seen)


def test_f14_signing_that_takes_long(realm):
    """Ten thousand answers without a byte before each piece; others get the only CPU meanwhile."""
    guest = realm({"incomplete": 10000, "token_chunk": 1000})
    seen = guest.run("report-hostile")
    passed(seen)
    verified(seen, guest)
    assert seen.hypercalls[CONTINUE] > 2 * 10000
    for number in (1, 2):
        beats, ms = seen.number(f"beats_{number}"), seen.number(f"ms_{number}")
        assert beats > ms / 10 / 20, f"{beats} beats of 10 ms in {ms} ms"


@pytest.mark.parametrize("length", [4097, 8192, 65536, 1 << 32, (1 << 64) - 1])
def test_f15_lengths_that_cannot_be(realm, length):
    hostile(realm({"attest_len": length}), "EPROTO")


# What the tree's reports hold, and no more than 64 KiB where they hold more.
TOKEN_MAX = (32 if (6, 7) <= paths.version_of(paths.KERNEL) <= (6, 18) else 64) << 10


@pytest.mark.parametrize("bound, errno", [(0, "EPROTO"), (1, "EPROTO"), (TOKEN_MAX + 1, "EFBIG"),
                                          (1 << 40, "EFBIG"), ((1 << 64) - 1, "EFBIG")])
def test_f15_bounds_that_cannot_be(realm, bound, errno):
    hostile(realm({"attest_bound": bound}), errno)


def hostile(guest, errno):
    """Both reports end with the same errno and a line, and the realm goes on."""
    seen = guest.run("report-hostile")
    passed(seen)
    assert [seen.values["report_1"], seen.values["report_2"]] == [errno, errno]
    assert seen.lines(NO_TOKEN)
    assert not seen.token


def test_f16_f18_tasks_on_two_cpus_do_not_meet(realm):
    """State is a vCPU's own, and each INIT drops what was there: one report at a time, on one CPU."""
    seen = many(realm({"token_chunk": 64}, cpus=2), 20)
    assert seen.hypercalls[INIT] == 40


def test_f19_an_error_half_way(realm):
    guest = realm({"attest_error": 2, "token_chunk": 1000})
    seen = guest.run("report-hostile")
    passed(seen)
    assert seen.values["report_1"] == "EIO"
    assert seen.values["report_2"].startswith("ok ")
    verified(seen, guest)


def test_a_report_that_never_comes(realm):
    """A reader dies when it is killed; a CPU leaves when the report is given up; nobody hangs."""
    seen = realm({"incomplete": 1 << 40}, cpus=2).run("report-killed")
    passed(seen)
    assert seen.number("status_of_killed") == 137
    assert seen.number("ms_to_die") < 2000
    assert seen.number("status_of_slow") == 1
    assert seen.values["slow_says"] == "Connection timed out"
    assert 20000 < seen.number("ms_to_leave") < 40000
    assert len(seen.lines(NO_TOKEN)) == 1


# --- many at once ---------------------------------------------------------------


def many(guest, count, **words):
    """Two tasks read `count` tokens each; all of them verify, none comes twice."""
    guest.append.append(f"pguest_reports={count}")
    guest.append += [f"pguest_{name}={value}" for name, value in words.items()]
    disks = [guest.directory / f"tokens{number}" for number in (0, 1)]
    for disk in disks:
        with open(disk, "wb") as file:
            file.truncate(64 << 20)
        guest.add_disk(disk)
    seen = guest.run("report-many", timeout=900)
    passed(seen)
    pairs = [pair for disk in disks for pair in records(disk.read_bytes())]
    assert len(pairs) == 2 * count
    assert len({challenge for challenge, _ in pairs}) == len(pairs)
    verify_all(seen, pairs)
    return seen


def records(data):
    """(challenge, token) of each record that tests/guest/report.c wrote."""
    at = 0
    while size := int.from_bytes(data[at + 64:at + 68], "little"):
        yield data[at:at + 64], data[at + 68:at + 68 + size]
        at += 68 + size


def verify_all(seen, pairs):
    """As scripts/verify-report does, without a process for each of a thousand."""
    anchors = ccatoken.anchors_of(verdict.CPAK.read_bytes())
    rim = bytes.fromhex(seen.realm["rim"])
    for challenge, token in pairs:
        ccatoken.verify(token, anchors, ccatoken.Expected(challenge, rim))


@pytest.mark.matrix
def test_two_tasks_read_1000_reports(realm):
    seen = many(realm(cpus=4, parallel=True), 500)
    assert seen.realm["tokens"] == 1000


def test_cpus_leave_in_the_middle(realm):
    """Tokens belong to CPUs, and these go away and come back all the time."""
    seen = many(realm({"incomplete": 200, "token_chunk": 500}, cpus=4, parallel=True), 50, hotplug=1)
    assert seen.number("hotplug_rounds") >= 2
    assert seen.hypercalls["PSCI_CPU_OFF"] >= 6


def test_readers_and_a_writer_of_one_entry(realm):
    guest = realm(cpus=4, parallel=True)
    seen = guest.run("report-shared")
    passed(seen)
    verified(seen, guest)


def test_a_shorter_token_ends_where_it_ends(realm):
    """configfs asks for size and contents one after the other: hooks/80-configfs.lines."""
    seen = realm({"token_tail": 1000}, cpus=2).run("report-shrinks")
    passed(seen)
    assert seen.number("long") > 10 and seen.number("short") > 10
    assert seen.number("foreign") == 0


# --- the interface ---------------------------------------------------------------


def test_errno_of_every_file(realm):
    """configfs-tsm, point by point; the rules for challenges are the driver's."""
    seen = realm().run("report-errno")
    passed(seen)
    assert_interface(seen.values, "arm_cca_guest", ["generation", "inblob", "outblob", "provider"])
    # One for each good challenge, the same one again included; none for a second read.
    assert seen.hypercalls[INIT] == 7


def assert_interface(said, provider, files):
    """What the scenario report-errno has found, by the rules that all our providers have."""
    assert said["mkdir"] == "ok 0" and said["mkdir_again"] == "EEXIST"
    assert said["files"].split() == files
    assert said["modes"].split() == [f"{name}={'200' if name == 'inblob' else '444'}" for name in files]
    assert said["provider"] == provider
    assert said["outblob_first"] == "EINVAL"
    for name in ("generation_of_0", "provider_write", "outblob_write", "inblob_read", "inblob_both"):
        assert said[name] == "open EACCES"
    assert said["generation_first"] == "0"

    for size in (32, 33, 63, 64):
        assert said[f"write_{size}"] == f"ok {size}"
        assert said[f"outblob_{size}"].startswith("ok ")
    for size in (1, 31):
        assert said[f"write_{size}"] == f"ok {size}"
        assert said[f"outblob_{size}"] == "EINVAL"
    # Closing the file commits a challenge of no bytes, also after an error.
    for size, error in ((0, "EFAULT"), (65, "EFBIG"), (4096, "EFBIG")):
        assert said[f"write_{size}"] == error
        assert said[f"outblob_{size}"] == "EINVAL"
    assert said["generation_then"] == "9"

    token = said["outblob_64"]
    assert said["outblob_by_1"] == said["outblob_by_4096"] == token
    assert said["outblob_seek"] == "seek ESPIPE"
    assert said["outblob_after_31"] == "EINVAL"
    assert said["outblob_after_64"] == token
    assert said["rmdir"] == "ok 0" and said["rmdir_again"] == "ENOENT"


@pytest.mark.parametrize("name", HASHES)
def test_files_of_the_registers(realm, name):
    guest = realm({"hash": name})
    seen = guest.run("registers")
    passed(seen)
    said, size = seen.values, hashlib.new(name).digest_size
    names = ["rim", *REMS]
    assert sorted(said["files"].split()) == sorted(f"{register}:{name}" for register in names)
    assert dict(item.split("=") for item in said["modes"].split()) == \
        {f"{register}:{name}": f"{'444' if register == 'rim' else '644'},{size}" for register in names}
    assert said["rpv_mode"] == "444,64"
    assert said["rem2_write_1"] == said[f"rem2_write_{size - 1}"] == "EINVAL"
    assert said["rim_write"] == said["rpv_write"] == "open EACCES"
    assert said["rem2_read_by_1"] == said["rem2_write"] == f"ok {size}"

    ones = b"\x11" * size
    assert said["rem2"] == extended(name, bytes(size), ones).hex()
    # sysfs cuts a long write at the size of the file, for every driver.
    assert said["rem3_write_too_much"] == f"ok {size}"
    assert said["rem3"] == extended(name, measured(guest, name), ones).hex()
    assert said["rem4"] == extended(name, bytes(size), ones, ones, ones, ones).hex()
    registers_are_the_rmms(seen)


def test_module(realm, built):
    """Found by its alias, a hundred times loaded and unloaded, and as good afterwards."""
    built("test")
    guest = realm(image="test", initrd=guest_build.initramfs(paths.kernel_name("test")))
    seen = guest.run("report-module", timeout=400)
    passed(seen)
    assert seen.values["before"] == "absent"
    assert seen.values["hooked_module"] == "loaded"
    assert seen.values["orphan_outblob"] == seen.values["orphan_provider"] == "ENXIO"
    assert seen.values["mkdir_without_driver"] == "ENXIO"
    assert seen.values["module_with_an_orphan"] == "unbound"
    assert seen.values["warnings"] == "0"
    verified(seen, guest)


@pytest.mark.parametrize("mode", ["pkvm", "plain"])
def test_nothing_looks_like_a_realm_elsewhere(new_machine, mode):
    seen = new_machine(mode=mode).run("no-realm")
    assert seen.values["device"] == seen.values["misc"] == ""
    assert seen.values["mkdir"] == "ENXIO"
