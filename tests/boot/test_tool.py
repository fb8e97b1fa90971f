# SPDX-License-Identifier: GPL-2.0-only
"""tools/pguest: what it prints in a machine is what the monitor counted, and printing it changes nothing."""

import base64
import json
import os
import re
import shutil
import subprocess

import pytest
from test_io import PROTECTED, assert_clean

from pguest import paths, trees, verdict

# With KERNEL= or LINUX= all tests run on that one.
OTHERS = [series for series in trees.series_to_test() if series != paths.DEFAULT or paths.LINUX]
TOOL = paths.ROOT / "tools" / "pguest"
MAN = paths.ROOT / "tools" / "pguest.8"
COMPLETION = paths.ROOT / "tools" / "pguest.bash-completion"

MARK_SHOWN, MARK_QUIET, MARK_LOUD = 10, 11, 12
QUIET_CALLS = 20
# While the disk works. Each takes a tenth of a second here, and on a busy machine three.
CALLS, FEW_CALLS = 1000, 50
YES, NO, CANNOT_SAY, USAGE = 0, 1, 2, 64

NAMES = {"pkvm": "pKVM", "pkvm-android": "pKVM", "cca": "CCA realm"}
CLAIMS = {"pkvm": "claimed by the hypervisor", "pkvm-android": "claimed by the hypervisor", "cca": "claimed by the RMM"}

# What an ordinary user gets to know of a protected machine.
FOR_EVERYONE = {"protected", "hypervisor", "claim", "attestable", "detail", "granule_bytes", "shared_bytes", "lost_bytes"}


def file_of(seen, name):
    """What the guest sent by file_value."""
    pieces = []
    while f"{name}.{len(pieces)}" in seen.values:
        pieces.append(seen.values[f"{name}.{len(pieces)}"])
    return base64.b64decode("".join(pieces)).decode()


def statuses(seen, name):
    """Exit status as root and as an ordinary user."""
    return seen.number(f"{name}_status"), seen.number(f"{name}_user_status")


# --- the text format of the node exporter --------------------------------------

METRIC = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"'
SAMPLE = re.compile(rf"({METRIC})(?:\{{({LABEL}(?:,{LABEL})*)\}})? (\d+)")


def samples(text):
    """{(metric, labels): number} of a text that has to be right: each family has its HELP, its TYPE and its samples together."""
    found, types, family = {}, {}, None
    assert not text or text.endswith("\n")
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split()[2]
            assert family not in types and len(line.split()) > 3, line
            types[family] = None
        elif line.startswith("# TYPE "):
            name, kind = line.split()[2:]
            assert name == family and types[name] is None and kind in ("counter", "gauge"), line
            assert name.endswith("_total") == (kind == "counter"), line
            types[name] = kind
        else:
            match = SAMPLE.fullmatch(line)
            assert match and match[1] == family and types[family], line
            assert (match[1], match[2]) not in found, line
            found[match[1], match[2]] = int(match[3])
    return found


# --- the map -------------------------------------------------------------------

LETTERS = {"bounce-pool": "b", "restricted-pool": "r", "coherent-dma": "c", "atomic-pool": "a", "gic-its": "g", "balloon": "l",
           "steal-time": "s", "clock": "k", "generation-id": "i", "other": "o"}


def runs_of(ledger):
    for line in ledger.splitlines():
        first, end, owner = re.match(r"0x([0-9a-f]+)-0x([0-9a-f]+) \d+ (\S+)", line).groups()
        yield int(first, 16), int(end, 16), owner


def cells_of(ledger, base, cell, count):
    """The characters of one region of RAM, by another way than the tool's: granule by granule."""
    owners = [set() for _ in range(count)]
    filled = [0] * count
    for first, end, owner in runs_of(ledger):
        for at in range(first, end, 4096):
            index = (at - base) // cell
            if 0 <= index < count:
                owners[index].add(owner)
                filled[index] += 4096
    def character(index):
        if not owners[index]:
            return "."
        if len(owners[index]) > 1:
            return "!" if "lost" in owners[index] else "+"
        owner = next(iter(owners[index]))
        letter = LETTERS.get(owner, "?")
        return "!" if owner == "lost" else letter.upper() if filled[index] == cell else letter
    return "".join(map(character, range(count)))


def drawn(text):
    """(first address, characters) of a map of one region."""
    rows = re.findall(r"^0x([0-9a-f]{10}) (\S+)$", text, re.M)
    assert rows
    return int(rows[0][0], 16), "".join(cells for _, cells in rows)


# --- in a machine ----------------------------------------------------------------


def assert_agrees_with_monitor(seen, mode):
    """Root's JSON against what the monitor had shared at that moment, and against the guest's own totals."""
    all_of_it = json.loads(file_of(seen, "snapshot_json"))
    assert all_of_it["protected"] is True and all_of_it["detail"] is True
    assert (all_of_it["hypervisor"], all_of_it["claim"]) == (NAMES[mode], CLAIMS[mode])
    assert all_of_it["attestable"] == (mode == "cca")
    assert all_of_it["granule_bytes"] == seen.monitor["granule"]
    kept = verdict.HOST_PAGES if mode == "cca" else ()
    by_call = sum(count for owner, count in all_of_it["owners"].items() if owner not in kept)
    assert by_call == seen.phase(MARK_SHOWN)["shared"] * seen.monitor["granule"]
    assert by_call > 0
    assert sum(all_of_it["owners"].values()) == all_of_it["shared_bytes"] <= all_of_it["shared_peak_bytes"]
    assert all_of_it["lost_bytes"] == 0 and all_of_it["refused_requests"] == seen.number("refused")
    assert all_of_it["pool_bytes"] == seen.number("pool_bytes")
    # The disk had been written and read once by then, and was used more afterwards.
    assert 2 * 8 << 20 <= all_of_it["bounced_bytes"] < seen.number("bytes_bounced")
    assert all_of_it["mmio_guard"] == (seen.values["status_mmio_guard"] == "yes")
    assert (all_of_it["features_table"] is not None) == (mode != "cca")
    return all_of_it


def assert_user_sees_a_part(seen, all_of_it):
    """Every value that an ordinary user gets is root's; what the kernel keeps for root is null and not made up."""
    part = json.loads(file_of(seen, "snapshot_json_user"))
    assert part.keys() == all_of_it.keys()
    assert {key for key, value in part.items() if value is not None} == FOR_EVERYONE
    assert part["detail"] is False
    assert all(part[key] == all_of_it[key] for key in FOR_EVERYONE - {"detail"})


def assert_metrics_agree(seen, all_of_it):
    found = samples(file_of(seen, "snapshot_prometheus"))
    assert found["pguest_protected", None] == 1
    labels = f'hypervisor="{all_of_it["hypervisor"]}",claim="{all_of_it["claim"]}"'
    assert any(name == "pguest_info" and text.startswith(labels) for name, text in found)
    for key in ("granule_bytes", "shared_bytes", "shared_peak_bytes", "lost_bytes", "pool_bytes", "pool_shared_bytes",
                "refused_drivers"):
        assert found[f"pguest_{key}", None] == all_of_it[key]
    owners = {text.split('"')[1]: number for (name, text), number in found.items() if name == "pguest_owner_shared_bytes"}
    assert owners == all_of_it["owners"]


def assert_map_is_the_ledger(seen):
    ledger = file_of(seen, "snapshot_ledger_then")
    base, cells = drawn(file_of(seen, "snapshot_map"))
    assert set(cells) & set("bB") and "." in cells
    # A machine of 512 MiB: at most 1024 characters, each for a power of two.
    assert cells == cells_of(ledger, base, 1 << 19, len(cells))
    assert len(cells) << 19 >= 500 << 20


def boot(machine, disk, mode, calls=FEW_CALLS):
    machine.append.append(f"pguest_calls={calls}")
    # On a machine with much else to do a call takes three times as long.
    seen = machine.add_disk(disk).run("tool", timeout=300 + calls)
    assert_clean(seen)
    # Half a page for each, in KiB; few calls are lost in what else comes and goes.
    if calls > FEW_CALLS:
        assert seen.number("free_after") > seen.number("free_before") - 2 * calls
    assert_nothing_left(seen)
    return seen


def assert_nothing_left(seen):
    """Calls during I/O: what is shared for good is as before, and a call alone makes no hypercall."""
    assert seen.values.get("outside_after") == seen.values.get("outside_before")
    quiet, loud = seen.phase(MARK_QUIET), seen.phase(MARK_LOUD)
    assert loud["shared"] == quiet["shared"]
    # The kernel may ask for entropy in between; a file that makes a call would show at each reading.
    assert loud["hypercalls"] - quiet["hypercalls"] < QUIET_CALLS // 2


@pytest.mark.parametrize("mode", PROTECTED)
def test_tool_in_a_protected_machine(new_machine, disk, mode):
    assert_right_in_a_protected_machine(boot(new_machine(mode=mode), disk, mode), mode)


@pytest.mark.matrix
def test_a_thousand_calls_leave_nothing(new_machine, disk):
    boot(new_machine(mode="pkvm"), disk, "pkvm", CALLS)


@pytest.mark.parametrize("series, mode", [
    pytest.param(series, mode, marks=[] if (series, mode) == (OTHERS[0], "pkvm") else [pytest.mark.matrix])
    for series in OTHERS for mode in PROTECTED])
def test_tool_on_the_other_kernels(new_machine, disk, series, mode):
    seen = boot(new_machine(image=paths.kernel_name("guest", series), mode=mode), disk, mode)
    assert_right_in_a_protected_machine(seen, mode)


@pytest.mark.matrix
@pytest.mark.parametrize("series", OTHERS)
def test_tool_on_the_other_kernels_unprotected(new_machine, disk, series):
    machine = new_machine(image=paths.kernel_name("guest", series), mode="plain")
    assert_right_in_an_unprotected_machine(boot(machine, disk, "plain"))


def assert_right_in_a_protected_machine(seen, mode):
    assert seen.values["user_id"] == "65534"
    assert seen.values["sysfs_files"].split() == [f"444:./{name}" for name in sorted(SYSFS)]
    for command in ("text", "quiet", "top"):
        assert statuses(seen, command) == (YES, YES), command
    assert statuses(seen, "map") == (YES, CANNOT_SAY)
    assert statuses(seen, "usage") == (USAGE, USAGE)
    for name in ("text", "text_user"):
        assert re.match(rf"protected +yes, by {NAMES[mode]} \({CLAIMS[mode]}\)\n", file_of(seen, name))
    assert not file_of(seen, "quiet")
    assert "each second" in file_of(seen, "top")
    assert re.search(r"^  bounce-pool +\d", file_of(seen, "text"), re.M)
    assert "more for root" in file_of(seen, "text_user")
    all_of_it = assert_agrees_with_monitor(seen, mode)
    assert_user_sees_a_part(seen, all_of_it)
    assert_metrics_agree(seen, all_of_it)
    assert_map_is_the_ledger(seen)


def test_tool_in_an_unprotected_machine(new_machine, disk):
    """The same Image without a hypervisor: "no", and not "cannot say", for every user; there is no directory."""
    assert_right_in_an_unprotected_machine(boot(new_machine(mode="plain"), disk, "plain"))


def assert_right_in_an_unprotected_machine(seen):
    assert seen.values["sysfs_files"] == ""
    for command in ("text", "quiet", "top", "map"):
        assert statuses(seen, command) == (NO, NO), command
    for name in ("text", "text_user"):
        assert re.match(r"protected +no: ", file_of(seen, name))
    for name in ("json", "json_user"):
        found = json.loads(file_of(seen, f"snapshot_{name}"))
        assert found.pop("protected") is False and found.pop("detail") is False
        assert set(found.values()) == {None}
    assert samples(file_of(seen, "snapshot_prometheus")) == {("pguest_protected", None): 0}


# --- without a machine, over files -------------------------------------------------

SYSFS = {"hypervisor": "pKVM", "claim": "claimed by the hypervisor", "granule_bytes": "4096", "shared_bytes": "8192",
         "lost_bytes": "0"}
STATUS = "backend: pKVM\nclaim: claimed by the hypervisor\ngranule: 4096\nranges: yes\nshared_bit: 0\nmmio_guard: no\nrelinquish: no\n"
STATS = "shared_now: 4\nshared_peak: 5\nlost: 1\nbytes_bounced: 18014398509481984\nowner other 0\nowner bounce-pool 4\n"
LEDGER = """0x40001000-0x40002000 1 coherent-dma 1 f+0x0/0x4
0x40100000-0x40200000 256 bounce-pool 1 f+0x0/0x4
0x40200000-0x40201000 1 lost 1 f+0x0/0x4
0x40280000-0x40281000 1 gic-its 1 f+0x0/0x4
0x40281000-0x40282000 1 bounce-pool 1 f+0x0/0x4
0x90000000-0x90001000 1 clock 1 f+0x0/0x4
"""
SHELLS = [name for name in ("dash", "bash", "busybox") if shutil.which(name)]


@pytest.fixture
def root(tmp_path):
    """root(sysfs=..., status=...): a root directory with these files, and nothing else."""
    def make(sysfs=(), iomem="40000000-5fffffff : System RAM\n", **debugfs):
        for name, text in dict(sysfs).items():
            put(tmp_path / "sys/firmware/pguest" / name, text + "\n")
        for name, text in debugfs.items():
            put(tmp_path / "sys/kernel/debug/pguest" / name, text)
        put(tmp_path / "proc/iomem", iomem)
        put(tmp_path / "proc/uptime", "0.08 0.01\n")
        return tmp_path
    return make


def put(file, text):
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def run(root, *words, shell="dash"):
    command = [shell, *(["sh"] if shell == "busybox" else []), str(TOOL), *words]
    return subprocess.run(command, env={**os.environ, "PGUEST_ROOT": str(root)}, capture_output=True, text=True, check=False,
                          timeout=60)


@pytest.mark.parametrize("shell", SHELLS)
def test_shells_print_the_same(root, shell):
    top = root(SYSFS, status=STATUS, stats=STATS, ledger=LEDGER)
    for words in ([], ["--json"], ["--prometheus"], ["map"], ["top", "-n", "1"]):
        one, other = run(top, *words), run(top, *words, shell=shell)
        assert (other.returncode, other.stdout, other.stderr) == (YES, one.stdout, "")


def test_ordinary_user_and_root_see_what_the_files_have(root):
    top = root(SYSFS)
    assert json.loads(run(top, "--json").stdout)["shared_bytes"] == 8192
    root(SYSFS, status=STATUS, stats=STATS)
    found = json.loads(run(top, "--json").stdout)
    assert (found["shared_bytes"], found["lost_bytes"], found["bounced_bytes"]) == (4 * 4096, 4096, 1 << 54)
    assert "16384 TiB" in run(top).stdout


def test_kernel_before_sysfs_is_read_from_debugfs(root):
    done = run(root(status=STATUS, stats=STATS), "--json")
    assert done.returncode == YES and json.loads(done.stdout)["hypervisor"] == "pKVM"


def test_realm_of_upstreams_kernel_is_a_realm(root):
    top = root()
    (top / "sys/devices/platform/arm-cca-dev").mkdir(parents=True)
    done = run(top)
    assert done.returncode == YES and "yes, by CCA realm" in done.stdout


@pytest.mark.parametrize("config, status", [("CONFIG_PGUEST_SYSFS=y\n", NO), ("CONFIG_PGUEST=y\n", CANNOT_SAY), (None, CANNOT_SAY)])
def test_no_is_only_said_by_a_kernel_that_would_know(root, config, status):
    top = root()
    (top / "sys/firmware").mkdir(parents=True)
    if config:
        put(top / "boot" / f"config-{os.uname().release}", config)
    done = run(top, "--prometheus")
    assert done.returncode == status
    assert samples(done.stdout) == ({} if status == CANNOT_SAY else {("pguest_protected", None): 0})


@pytest.mark.parametrize("value", ["", "-1", "0x10", "08", "12 34", "1;2", "$(id)", "a[0]"])
def test_number_that_is_none_is_unknown(root, value):
    done = run(root({**SYSFS, "shared_bytes": value}), "--json")
    assert done.returncode == YES and not done.stderr
    assert json.loads(done.stdout)["shared_bytes"] is None


def test_map_of_files(root):
    text = run(root(SYSFS, status=STATUS, stats=STATS, ledger=LEDGER), "map").stdout
    base, cells = drawn(text)
    assert (base, len(cells)) == (0x40000000, 1024)
    assert cells == cells_of(LEDGER, base, 1 << 19, 1024)
    assert cells.startswith("c.BB!+..")
    assert "0x90000000-0x90001000 clock" in text


def test_map_of_two_pieces_of_ram(root):
    """In steps that fit no cell: each piece begins a row of its own, and nothing is drawn twice."""
    iomem = "40000000-401fffff : System RAM\n  40000000-400fffff : Kernel code\n40280000-5fffffff : System RAM\n"
    text = run(root(SYSFS, iomem=iomem, status=STATUS, stats=STATS, ledger=LEDGER), "map").stdout
    rows = re.findall(r"^0x([0-9a-f]{10}) (\S+)$", text, re.M)
    assert rows[0] == ("0040000000", "c.BB")
    assert rows[1][0] == "0040280000" and rows[1][1].startswith("+.")
    assert "0x40200000-0x40201000 lost" in text


@pytest.mark.parametrize("words", [["nonsense"], ["--xml"], ["top", "-d", "0"], ["top", "-n"], ["map", "--json"]])
def test_usage(root, words):
    done = run(root(SYSFS), *words)
    assert done.returncode == USAGE and "usage: pguest" in done.stderr and not done.stdout


# --- what goes with it ---------------------------------------------------------------


def test_manual_page_renders_without_a_warning():
    if not shutil.which("groff"):
        pytest.skip("no groff")
    done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-P-cbou", str(MAN)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and not done.stderr
    text = re.sub(r"\s+", " ", done.stdout)
    for word in ("status", "top", "map", "--json", "--prometheus", "--quiet", "/sys/firmware/pguest"):
        assert word in text.replace("‐", "-").replace("−", "-"), word
    # Each metric and key that the tool can print is explained.
    page = MAN.read_text().replace("\\", "")
    code = TOOL.read_text()
    names = re.findall(r"\bmetric (\w+) ", code) + re.findall(r"\b(\w+) (?:text|yes|number) \"", code)
    assert len(set(names)) > 25
    assert not [name for name in names if name.removesuffix("_total") not in page]


def complete(*words):
    script = (f". {COMPLETION}; COMP_WORDS=(pguest {' '.join(repr(word) for word in words)}); COMP_CWORD={len(words)}; "
              "_pguest; printf '%s\\n' \"${COMPREPLY[@]}\"")
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    return sorted(done.stdout.split())


def test_shellcheck_finds_nothing():
    if not shutil.which("shellcheck"):
        pytest.skip("no shellcheck")
    done = subprocess.run(["shellcheck", str(TOOL), str(COMPLETION)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_bash_completion_knows_all_commands():
    assert complete("") == ["map", "status", "top"]
    assert complete("--j") == ["--json"]
    assert complete("status", "--") == ["--json", "--prometheus", "--quiet"]
    assert complete("top", "-") == ["-d", "-n"]
    assert complete("map", "") == []
