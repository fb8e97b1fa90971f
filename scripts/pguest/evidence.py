# SPDX-License-Identifier: GPL-2.0-only
"""What the files of a run say, as its page shows it: memory, time, refusals, checks with what is behind them.

The files are those of build/run: report.json, monitor.json (the host's report) and console.log. A report that lacks
something, because its host cannot know or is older, gives less of a page and never a wrong one.
"""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field
from pathlib import Path

from pguest import machine, rmm_host

MODES = {"pkvm": "pKVM, mainline", "pkvm-android": "pKVM, Android", "cca": "CCA realm", "plain": "not protected"}
HOSTS = {"monitor": "our monitor at EL2", "pkvm": "a real pKVM host", "rmm": "Trusted Firmware's RMM"}
# Where each host puts the guest's RAM; the VMM's is in tests/vmm/layout.h.
RAM_BASE = {"monitor": machine.GUEST_BASE, "rmm": rmm_host.GUEST_RAM, "pkvm": 0x40000000}
END = 0xffffffff
PHASES = {0: "first instruction", 1: "user space", 2: "work done", END: "power-off"}

OWNERS = {"bounce-pool": "bounce pool", "restricted-pool": "pool that the device tree names",
          "coherent-dma": "coherent buffers (rings)", "atomic-pool": "atomic pool", "gic-its": "tables of the GIC",
          "balloon": "balloon", "steal-time": "stolen time, a page of the host", "clock": "clock, a page of the host",
          "generation-id": "generation ID, a page of the host", "other": "other callers of set_memory_decrypted()",
          "lost": "lost: state unknown after a failed call"}
HOST_PAGES = ("steal-time", "clock", "generation-id")
# Shared in a phase, and in no line of the ledger, which is of the time when the work was done.
NO_OWNER = "unknown"

TIME = re.compile(r"^\[ *(\d+\.\d+)\] ")
LEDGER = re.compile(r"0x([0-9a-f]+)-0x([0-9a-f]+) (\d+) (\S+)(?: (\d+))?(?: (\S+))?")
DEVICE = re.compile(r"([0-9a-f]+)-([0-9a-f]+) : (.+)")
LINES, LINE_LENGTH = 12, 400
# Entries of a list that a guest can make as long as it likes.
LISTED = 256
# A terminal or a browser obeys some characters of a text; the console is the guest's.
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@dataclass
class Run:
    report: dict
    host: dict                  # the host's report: monitor.json
    console: list
    seen: machine.Seen = field(default_factory=machine.Seen)
    at: list = field(default_factory=list)      # of each line of the console: milliseconds of the machine, or None

    @property
    def mode(self):
        return self.report["mode"]

    @property
    def protected(self):
        return self.mode != "plain"

    @property
    def granule(self):
        said = str(self.seen.values.get("status_granule", ""))
        return int(said) if said.isdecimal() and int(said) else self.host.get("granule", 4096)

    @property
    def ram(self):
        start = RAM_BASE.get(self.report["host"], 0)
        return start, start + (self.report["ram_mib"] << 20)


def load(directory):
    directory = Path(directory)
    report = json.loads((directory / "report.json").read_text())
    host = read_json(directory / "monitor.json")
    log = directory / "console.log"
    console = log.read_text(errors="replace").splitlines() if log.exists() else []
    run = Run(report, host.get("report") or host, console, machine.seen_of(console))
    run.at = times(run)
    return run


KEPT = re.compile(r"@pguest |pguest: |^vmm: |^host: |^monitor: |SUMMARY:|smp: Brought up|\[vda\]|Power down")


def keep(directory, to):
    """The files of a run without what a page does not use: small enough to be committed for tests."""
    to = Path(to)
    to.mkdir(parents=True, exist_ok=True)
    for name in ("report.json", "monitor.json"):
        data = {"licence": "SPDX-License-Identifier: GPL-2.0-only", **json.loads((Path(directory) / name).read_text())}
        (to / name).write_text(json.dumps(data) + "\n")
    lines = (Path(directory) / "console.log").read_text(errors="replace").splitlines()
    (to / "console.log").write_text("".join(f"{line}\n" for line in ["SPDX-License-Identifier: GPL-2.0-only", *lines]
                                            if KEPT.search(line) or line.startswith("SPDX")))


def read_json(path):
    try:
        found = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def clean(text):
    """A line of the guest's, without what a browser obeys and not longer than a reader reads."""
    text = OBEYED.sub("\u00b7", str(text))
    return text if len(text) <= LINE_LENGTH else text[:LINE_LENGTH] + " ..."


# --- time -------------------------------------------------------------------


def phases(run):
    """[(name, the host's snapshot)] of the marks that every run has, in their order."""
    found = {phase["id"]: phase for phase in run.host.get("phases", [])}
    return [(name, found[number]) for number, name in PHASES.items() if number in found]


def times(run):
    """The kernel's clock starts later than the machine's; both know when user space began."""
    begun = next((phase["ms"] for name, phase in phases(run) if name == PHASES[1]), None)
    seconds = [float(found[1]) if (found := TIME.match(line)) else None for line in run.console]
    first = next((when for when, line in zip(seconds, run.console) if when is not None and '"story": "user space' in line), None)
    if begun is None or first is None:
        return [None] * len(seconds)
    return [None if when is None else max(0, round(begun + 1000 * (when - first))) for when in seconds]


def items(run, key):
    """[(milliseconds, value)] of lines "@pguest {KEY: value}"."""
    found = []
    for when, line in zip(run.at, run.console):
        if not (match := machine.RESULT.search(line)):
            continue
        try:
            item = json.loads(match[1])
        except ValueError:
            continue
        if isinstance(item, dict) and key in item:
            found.append((when, item[key]))
    return found


def length(run):
    return max([run.host.get("ms", 0), *(phase["ms"] for _, phase in phases(run)), 1])


def series(run, key):
    """[(milliseconds, count)] of "hypercalls" or "shared"; nothing where the host cannot know."""
    samples = [(sample[0], sample[{"hypercalls": 1, "shared": 2}[key]]) for sample in run.host.get("history", [])]
    marks = [(phase["ms"], phase[key]) for _, phase in phases(run) if key in phase]
    return sorted(samples + marks)


def bounced(run):
    """[(milliseconds, bytes)]: what the guest says of itself."""
    found = [(when, count) for when, count in items(run, "bounced") if when is not None and isinstance(count, int)][:LISTED]
    if not found:
        return []
    last = max([phase["ms"] for name, phase in phases(run) if name == PHASES[2]] or [found[-1][0]])
    return [(0, 0), *found, (last, run.report["bytes_bounced"])]


def stories(run):
    return [(when, clean(text)) for when, text in items(run, "story") if when is not None][:LISTED]


# --- memory -----------------------------------------------------------------


def ledger(run):
    """What the guest's kernel lists as shared when the work is done."""
    found = []
    for line in run.seen.ledger[:LISTED]:
        if match := LEDGER.fullmatch(str(line)):
            start, end, granules, owner, times_shared, caller = match.groups()
            found.append({"start": int(start, 16), "end": int(end, 16), "granules": int(granules), "owner": owner,
                          "times": times_shared or "", "caller": caller or ""})
    return sorted(found, key=lambda entry: entry["start"])


def split_by_owner(entries, start, end):
    """[start, end) as [(start, end, owner)]; NO_OWNER where the ledger has nothing."""
    pieces = []
    at = start
    first = max(0, bisect_right([entry["start"] for entry in entries], start) - 1)
    for entry in entries[first:]:
        if entry["end"] <= at:
            continue
        if entry["start"] >= end:
            break
        if entry["start"] > at:
            pieces.append((at, entry["start"], NO_OWNER))
        pieces.append((max(at, entry["start"]), min(end, entry["end"]), entry["owner"]))
        at = min(end, entry["end"])
    return pieces + ([(at, end, NO_OWNER)] if at < end else [])


def maps(run):
    """For each phase what the host sees of RAM, as pieces with owners; None where the host kept no list."""
    entries = ledger(run)
    low, high = run.ram
    found = []
    for name, phase in phases(run):
        pieces = None
        if "seen" in phase:
            pieces = [piece for start, size in phase["seen"]
                      for piece in split_by_owner(entries, int(start, 16), int(start, 16) + size)]
        elif run.protected and name == PHASES[2] and entries:
            pieces = [(entry["start"], entry["end"], entry["owner"]) for entry in entries
                      if low <= entry["start"] < high]
        found.append({"name": name, "phase": phase, "pieces": pieces, "from_ledger": "seen" not in phase,
                      "left_out": phase.get("seen_left_out", 0)})
    return found


def by_owner(pieces):
    """{owner: bytes}"""
    found = {}
    for start, end, owner in pieces or []:
        found[owner] = found.get(owner, 0) + end - start
    return found


def devices(run):
    """What the guest's kernel has at addresses that are no RAM."""
    found = []
    for _, line in items(run, "device")[:LISTED]:
        if match := DEVICE.fullmatch(str(line)):
            found.append({"start": int(match[1], 16), "end": int(match[2], 16) + 1, "name": clean(match[3])})
    return found


# --- what the host tried, and what time it took -----------------------------


def attempts(run):
    """[(what, how often, what came of it)], of what this host counts."""
    blocked, host = run.report["blocked"], run.host
    rows = []

    def row(what, count, outcome):
        if count is not None:
            rows.append((what, f"{count:,}", outcome))

    row("reads and writes of private memory by the host", blocked.get("host_read"),
        "refused; the io scenario makes one on purpose" if run.protected else "nothing is private in this mode")
    row("DMA to memory that is not shared", blocked.get("dma"), "stopped by the SMMU")
    row("accesses to devices that are not allowed", blocked.get("mmio"), "answered with an abort")
    row("tables of the interrupt controller in private memory", host.get("blocked", {}).get("its"), "the guest gets no LPI any more")
    if "granules_read" in host:
        tried = host["granules_read"]
        row("loads from granules of the realm", tried["tried"], f"{tried['refused']:,} ended in a granule protection fault")
    if "private_addresses" in host:
        row("private addresses that the guest gave to a device", sum(one["times"] for one in host["private_addresses"]),
            "the request failed")
    row("copies of the planted secret in memory that the host sees", host.get("secrets_found"), "found by a scan of all that is shared")
    row("granules of RAM shared because the host named their address", host.get("ram_shared_by_host_name"), "must be none")
    return rows


def attempt_lines(run):
    """The host's own reports of single refusals."""
    rows = [f"DMA fault: stream {fault.get('stream')}, address {fault.get('address') or fault.get('iova')}, {fault}"
            for fault in run.host.get("dma_faults", [])]
    rows += [f"{one['device']}, queue {one['queue']}: {one['what']} at {one['ipa']}, {one['times']} times"
             for one in run.host.get("private_addresses", [])]
    rows += [f"peek at {peek.get('ipa')}: {peek.get('result')}" for peek in run.host.get("peeks", [])]
    return [clean(row) for row in rows] + lines_of(run, r'"value": "peek_|attack:')


def stolen(run):
    """[(CPU, milliseconds taken, milliseconds accounted for)]"""
    found = []
    for name, both in run.seen.values.items():
        numbers = str(both).split()
        if str(name).startswith("stolen_ms_cpu") and len(numbers) == 2 and all(number.isdecimal() for number in numbers):
            found.append((clean(name[len("stolen_ms_cpu"):]), int(numbers[0]), int(numbers[1])))
    return sorted(found)[:LISTED]


CLOCK = {"clock_max_error_ns": "error that the host's clock page claims, at most", "clock_typical_ns": "a reading takes, typically",
         "clock_longest_ns": "a reading takes, at most", "clock_status": "state", "clock_disruptions": "disruptions seen",
         "clock_refused": "readings refused"}


def clock(run):
    return [(words, clean(run.seen.values[name]) + (" ns" if name.endswith("_ns") else "")) for name, words in CLOCK.items()
            if name in run.seen.values]


# --- the report of a realm --------------------------------------------------

REGISTERS = {"REM 1": "extended by this run with the beginning of the challenge", "REM 2": "not used",
             "REM 3": "device tree and command line, measured by the guest's kernel", "REM 4": "not used"}


def claims(attested):
    """[(name, value, what it vouches for, compared?)] of the realm's part of the token."""
    realm, compared = attested["realm"], attested["compared"]
    rows = [("challenge", realm["challenge"], "the report was made for this request"),
            ("RIM", realm["rim"], "Image, initramfs and shape of the machine at the start"),
            *((name, realm["rem"][number], what) for number, (name, what) in enumerate(REGISTERS.items())),
            ("RPV", realm["rpv"], "a name that the host gave the realm")]
    return [(name, value, what, name in compared) for name, value, what in rows]


# --- checks -----------------------------------------------------------------


@dataclass
class Check:
    who: str                    # host, guest, both
    words: str
    lines: str = ""             # regular expression: the lines of the console behind it
    keys: tuple = ()            # of the host's report


def value(*names):
    return '"value": "(?:' + "|".join(names) + ')"'


CHECKS = {
    "disk_mounts": Check("guest", "ext4 on the virtio disk mounts"),
    "disk_reads_back": Check("guest", "64 MiB written to the disk read back the same, without the page cache"),
    "disk_unmounts": Check("guest", "the file system unmounts"),
    "net_sends": Check("guest", "data goes to the host by TCP"),
    "net_receives": Check("guest", "data comes from the host by TCP"),
    "rng_reads": Check("guest", "the virtio random number generator gives bytes that do not compress"),
    "console_writes": Check("guest", "a line goes to the virtio console"),
    "disk_sha256": Check("both", "the host finds in the disk image what the guest says it wrote", value("disk_sha256")),
    "net_up_sha256": Check("both", "the host got what the guest says it sent", value("net_up_sha256")),
    "net_down_sha256": Check("both", "the guest got what the host sent", value("net_down_sha256")),
    "console_arrived": Check("host", "the line on the virtio console is in the host's file", '"check": "console_writes"'),
    "steal_time": Check("both", "the time that each CPU lost is what the guest accounts for", value(r"stolen_ms_cpu\d+"), ("stolen_ns",)),
    "clock": Check("both", "the host's clock page agrees with the time here", value("clock_ns", "clock_max_error_ns")),
    "clock_page_is_shared": Check("host", "the host can write its clock page", value("owner_clock"), ("clock",)),
    "powered_off": Check("host", "the machine ended by the guest's power-off", r"SUMMARY:|: off:", ("exit",)),
    "no_dma_blocked": Check("host", "no device was stopped at memory that is not shared", keys=("blocked.dma",)),
    "no_its_blocked": Check("host", "no table of the interrupt controller was private", keys=("blocked.its",)),
    "no_mmio_blocked": Check("host", "no access to a device was refused", keys=("blocked.mmio",)),
    "nothing_strayed": Check("host", "no page of the host's half was touched that was not open", keys=("realm.strayed",)),
    "monitor_content": Check("host", "the monitor has no complaint", r"monitor: (?!off)", ("failures",)),
    "vmm_content": Check("host", "the VMM has no complaint", r"^vmm: ", ("failures",)),
    "host_content": Check("host", "the host has no complaint", r"^host: ", ("failures",)),
    "ledger_is_what_monitor_saw": Check("both", "the guest's list of shared granules has as many as the monitor counted",
                                        value("shared_now", "owner_.*"), ("shared.now",)),
    "ledger_is_what_host_could_read": Check("both", "the guest's list of shared granules has as many as the host could read",
                                            value("shared_now", "owner_.*")),
    "ledger_is_what_host_saw": Check("both", "the guest's list of shared granules has as many as the host was asked for",
                                     value("shared_now", "owner_.*", "status_granule"), ("shared.now",)),
    "no_ram_shared_by_host_name": Check("host", "no page of RAM was shared because the host named it", keys=("ram_shared_by_host_name",)),
    "nothing_unexplained": Check("guest", "each shared granule has an owner", value("owner_other")),
    "private_peek_refused": Check("both", "the host cannot read a private page of the guest", value("private_page", "peek_private"),
                                  ("blocked.host_read",)),
    "shared_peek_allowed": Check("both", "the host can read a shared page: the refusal means something", value("peek_shared")),
    "no_secrets_found": Check("host", "the planted secret is nowhere in what the host sees", keys=("secrets_found",)),
    "host_read_counted": Check("host", "the one read of private memory was refused and counted", value("peek_private"),
                               ("blocked.host_read", "host_reads_refused")),
    "features_match": Check("guest", "every CPU shows what pKVM shows and no more", value("features_.*") + r"|pguest: .*features"),
    "features_not_looked_at": Check("guest", "the layer did not look at the CPU's features"),
    "backend_is_pkvm": Check("guest", "the layer found pKVM", value("status_backend") + "|pguest: pKVM"),
    "backend_is_cca": Check("guest", "the layer found a realm", value("status_backend") + "|pguest: CCA"),
    "backend_is_none": Check("guest", "the layer found nothing that protects", value("status_backend")),
    "only_the_probe_called": Check("host", "an unprotected guest asks once, and makes no other call of the layer's", keys=("hypercalls",)),
    "no_calls_after_probe": Check("host", "no hypercall between user space and the end of the work"),
    "nothing_shared": Check("host", "nothing was shared", keys=("shared.peak",)),
    "nothing_bounced": Check("guest", "nothing was bounced", value("bytes_bounced")),
    "no_private_address_given": Check("host", "no device was given a private address", keys=("private_addresses",)),
    "nothing_locked_at_end": Check("host", "no memory of the VM stays locked or pinned after its end", keys=("locked_kib_at_end",)),
    "memory_was_locked": Check("host", "the host's kernel counted the memory of the VM as locked"),
    "realm_is_out_of_reach": Check("host", "each load from a granule of the realm was refused", keys=("granules_read",)),
    "attestation_is_there": Check("guest", "the attestation driver is there"),
    "rem_is_extended": Check("guest", "a measurement register was extended"),
    "report_is_made": Check("guest", "the guest gets a report for the host's challenge"),
    "measurements": Check("both", "the registers that the guest shows are those expected", value("rim", r"rem\d")),
    "attestation_report": Check("host", "the report verifies: all signatures, and all that was compared", '"token":'),
    "chain_is_there": Check("guest", "the kernel gives the certificates that go with a report", '"chain":'),
    "reports_are_equal": Check("guest", "two reports for one challenge are the same"),
}
WHO = {"host": "seen by the host", "guest": "said by the guest alone", "both": "guest and host agree"}


def lines_of(run, pattern):
    """Lines of the console that have it, not too many; the middle goes."""
    found = [clean(line) for line in run.console if re.search(pattern, line)]
    if len(found) <= LINES:
        return found
    return [*found[:LINES // 2], f"... {len(found) - LINES} more lines ...", *found[-LINES // 2:]]


def key_of(report, path):
    for name in path.split("."):
        if not isinstance(report, dict) or name not in report:
            return None
        report = report[name]
    return report


def checks(run):
    """The checks of the report with what is behind them; where there are too many, those that are false first."""
    found = []
    all_of_them = list(run.report["checks"].items())
    if len(all_of_them) > LISTED:
        all_of_them = sorted(all_of_them, key=lambda check: bool(check[1]))[:LISTED]
    for name, ok in all_of_them:
        known = CHECKS.get(name, Check("guest", ""))
        pattern = rf'"check": "{re.escape(name)}"' + (f"|{known.lines}" if known.lines else "")
        keys = [(path, clean(json.dumps(what))) for path in known.keys if (what := key_of(run.host, path)) is not None]
        found.append({"name": name, "ok": ok, "who": WHO[known.who], "words": known.words, "keys": keys,
                      "lines": lines_of(run, pattern)})
    return found
