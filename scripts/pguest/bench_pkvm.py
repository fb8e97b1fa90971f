# SPDX-License-Identifier: GPL-2.0-only
"""make bench HOST=pkvm: three guest kernels on a real pKVM host, each protected and plain.

One boot of the host runs one Image at one size of memory several times: plain, protected, and
protected with a pool of 32 MiB. The whole machine has one CPU under QEMU's -icount, and neither
disk nor network leaves it, so that a microsecond is a thousand instructions, of the guest, the
host and EL2 together, however busy the machine is that emulates it.

A VM that dies or stands still is a result: it has a reason in words and no figures.
"""

import hashlib
import json
import re
import shutil
import statistics
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pguest import (
    cpio, guest as guest_build, host, kernel, newest, page, paths, pkvm_host, shell, source, ui, verdict,
)

KERNELS = {"guest": "pguest", "guest-7.x": "pguest", "upstream": "upstream", "newest": "upstream's newest"}
PEERS = {512: ("guest", "guest-7.x", "upstream", "newest"), 128: ("guest", "newest"), 256: ("guest", "newest"),
         1024: ("guest", "newest")}
# Boots of the host with this size, each with another seed: of each figure the median is taken.
BOOTS = 3
# Where a pool of this size is tried beside the one that the kernel chooses.
POOL_RAM_MIB = 512
POOL = "swiotlb=16384"
GOALS = {"to_user_space": 1.5, "read_64_mib": 1.3, "read_4096_direct": 1.2}

# In the order of tests/guest/measure.c.
PIECES = ["first_read_64_mib", "read_64_mib", "read_4096_direct", "write_32_mib",
          "tcp_send_16_mib", "tcp_receive_16_mib"]
ROWS = ["to_user_space", *PIECES]
FIRST_MARK = 22
PORTS = (7001, 7002)
# Seconds of the machine, at 10^9 instructions each; what works takes two or three of them.
DEADLINE = 15
# Seconds of ours for each VM. An idle machine takes half a minute, and three for one that stands still.
TIMEOUT = 600
JOBS = 2
PEER = paths.BUILD / "bench-peer"
MODULES = ("veth",)
FULL = re.compile(r"swiotlb buffer is full")
POOL_SIZE = re.compile(r'"value": "pool_kib", "is": "(\d+)"')


@dataclass
class Vm:
    """One VM that a boot of the host is to run."""

    protected: bool
    append: tuple = ()

    @property
    def name(self):
        return ("protected" if self.protected else "plain") + "".join(f", {word}" for word in self.append)


class BenchHost(pkvm_host.Host):
    """A host whose devices are its own memory, and that runs one Image again and again."""

    def __init__(self, directory, vms, image, ram_mib, seed):
        super().__init__(directory, cpus=1)
        self.image, self.ram_mib, self.seed = image, ram_mib, seed
        self.variants = vms
        self.reports = []

    def vmm_words(self, vm):
        words = ["--protected"] if vm.protected else []
        return words + [
            "--no-scan", "--stop-at-private", "--deadline", str(DEADLINE), "--ram", str(self.ram_mib),
            "--disk", "/tmp/disk.img", "--net", "eth0", "--console", "-",
            "--kernel", "/guest/Image", "--initrd", "/guest/initramfs",
            "--append", " ".join([
                "console=hvc0 loglevel=5 panic=-1 pguest_scenario=peers pguest_net=1",
                f"pguest_port_up={PORTS[0]} pguest_port_down={PORTS[1]}", *vm.append])]

    def initramfs(self):
        archive = cpio.Archive()
        archive.directory("guest")
        archive.directory("guest/modules")
        for name, contents in host.modules(MODULES):
            archive.file(f"guest/modules/{name}.ko", contents)
        archive.file("guest/peer", PEER.read_bytes())
        archive.file("guest/ports", " ".join(map(str, PORTS)).encode())
        archive.file("guest/before", (paths.ROOT / "tests/bench/host-script").read_bytes())
        archive.file("guest/Image", self.image.read_bytes())
        archive.file("guest/initramfs", self.initrd.read_bytes())
        for number, vm in enumerate(self.variants):
            words = "".join(f"{word}\n" for word in self.vmm_words(vm))
            archive.file(f"guest/arguments.{number}", words.encode())
        made = self.directory / "host-initramfs.cpio"
        made.write_bytes(host.INITRAMFS.read_bytes() + archive.finish())
        return made

    def command(self, scenario):
        # With the same seed KASLR and stack canaries of the host are the same.
        return [*super().command(scenario), "-icount", "shift=0,sleep=off", "-seed", str(self.seed)]

    def _read_report(self, seen):
        lines = self.report.read_text().splitlines() if self.report.exists() else []
        self.reports = [json.loads(line) for line in lines]

    @staticmethod
    def _judge(seen, timed_out, timeout, ends):
        """Whatever happened is a result."""


def measure(name, image, ram_mib, directory, tick, seed=1):
    """One boot of the host; returns its entry in the report."""
    vms = [Vm(False), Vm(True)] + ([Vm(True, (POOL,))] if ram_mib == POOL_RAM_MIB else [])
    machine = BenchHost(directory, vms, image=image, ram_mib=ram_mib, seed=seed)
    ui.say(f"counting: {KERNELS[name]}, {ram_mib} MiB: {len(vms)} VMs")
    seen = machine.run(timeout=TIMEOUT * len(vms), allow=["."], live=lambda line: tick(name, ram_mib, line))
    said = split(seen.console, len(vms))
    entry = {
        "kernel": name,
        "release": kernel.release(paths.OUT / name),
        "image_sha256": hashlib.sha256(image.read_bytes()).hexdigest(),
        "ram_mib": ram_mib,
        "seconds": round(seen.seconds, 1),
        "vms": [result(vm, machine.reports[number] if number < len(machine.reports) else None,
                       said[number]) for number, vm in enumerate(vms)],
    }
    return compared(entry)


def compared(entry):
    """With the ratios of protected VMs to the plain one."""
    plain = entry["vms"][0]
    for vm in entry["vms"][1:]:
        vm["ratios"] = {row: ratio(vm["us"].get(row), plain["us"].get(row)) for row in ROWS}
    return entry


def median_of(entries):
    """One entry for several boots of the same: medians, and what a VM did not do in one of them it did not do."""
    entry = entries[0]
    for number, vm in enumerate(entry["vms"]):
        boots = [other["vms"][number] for other in entries]
        vm["us_of_each"] = [boot["us"] for boot in boots]
        vm["us"] = {row: round(statistics.median(boot["us"][row] for boot in boots))
                    for row in ROWS if all(row in boot["us"] for boot in boots)}
        vm["outcome"] = next((boot["outcome"] for boot in boots if boot["outcome"] != "works"), "works")
    return compared(entry)


def split(console, count):
    """The lines of each VM."""
    said = [[] for _ in range(count + 1)]
    at = count
    for line in console:
        if match := re.match(r"bench: VM (\d+)$", line):
            at = int(match[1])
        said[at].append(line)
    return said


def result(vm, report, lines):
    found = {"name": vm.name, "protected": vm.protected, "us": {}}
    if report:
        marks = {phase["id"]: phase["us"] for phase in report["phases"]}
        if verdict.MARK_USER_SPACE in marks:
            found["us"]["to_user_space"] = marks[verdict.MARK_USER_SPACE]
        for number, name in enumerate(PIECES):
            before, after = (marks.get(FIRST_MARK + 2 * number + edge) for edge in (0, 1))
            if after:
                found["us"][name] = after - before
        found["kvm"] = report["kvm"]
        found["private_addresses"] = report["private_addresses"]
    pools = [int(match[1]) for line in lines if (match := POOL_SIZE.search(line))]
    found["pool_kib"] = pools[-1] if pools else None
    found["outcome"] = outcome(found, report, lines)
    return found


def outcome(found, report, lines):
    """works, or why not, in words."""
    if report and report["exit"] == "off" and len(found["us"]) == len(ROWS):
        return "works"
    if not report:
        return "no report: " + (lines[-1] if lines else "cut off before it began")
    done = [row for row in ROWS if row in found["us"]]
    missing = next((row for row in ROWS if row not in found["us"]), None)
    where = f"in {missing}" if done else "before user space"
    for given in report["private_addresses"][:1]:
        return (f"gave the host a private address {where}: {given['device']}, "
                f"queue {given['queue']}, {given['what']}")
    if report["exit"] == "timeout":
        full = any(FULL.search(line) for line in lines)
        return f"stands still {where}" + (": swiotlb buffer is full" if full else "")
    return f"ended with {report['exit']} {where}"


def ratio(part, whole):
    return round(part / whole, 3) if part and whole else None


# --- the whole of it ---------------------------------------------------------


def build(names):
    tree = source.integrated_tree()
    host.initramfs(tree)
    guest_build.initramfs()
    code = paths.ROOT / "tests/bench/peer.c"
    if not shell.newer(PEER, [code]):
        shell.run([*guest_build.COMPILER, "-o", PEER, code],
                  "bench-peer.log", "compiling tests/bench/peer.c")
    images = {}
    for name in names:
        try:
            images[name] = kernel.build(name)
        except newest.Unavailable as reason:
            ui.say(reason)
    return images


def main(args):
    names = args.kernels.split(",")
    sizes = [int(word) for word in args.ram.split(",")]
    images = build(names)
    directory = paths.BUILD / "bench" / "pkvm"
    shutil.rmtree(directory, ignore_errors=True)
    kinds = [(name, ram) for ram in sizes for name in PEERS.get(ram, KERNELS) if name in images]
    jobs = [(name, ram, seed) for name, ram in kinds
            for seed in range(1, 1 + (args.boots if ram == POOL_RAM_MIB else 1))]
    progress = ui.Progress("bench on a pKVM host", sum(2 + (ram == POOL_RAM_MIB) for _, ram, _ in jobs))

    def tick(name, ram_mib, line):
        if line.startswith("bench: VM") and "ended" in line:
            progress.step(f"{KERNELS[name]}, {ram_mib} MiB")
        else:
            progress.show()

    def one(job):
        name, ram, seed = job
        return measure(name, images[name], ram, directory / f"{name}-{ram}-{seed}", tick, seed)

    # What takes longest comes first.
    with ThreadPoolExecutor(args.jobs) as pool:
        measured = dict(zip(jobs, pool.map(one, jobs)))
    progress.done()
    entries = [median_of([measured[job] for job in jobs if job[:2] == kind]) for kind in kinds]
    report = {"host_kernel": host.release(), "cpus": 1, "boots_of_each": args.boots, "goals": GOALS, "boots": entries}
    where = paths.BUILD / "bench" / "report-pkvm.json"
    where.write_text(json.dumps(report, indent=2) + "\n")
    show(report)
    print(f"\nreport: {where}, page: {page.write_bench(where.parent)}", flush=True)
    return 0


def show(report):
    print(f"\nLinux {report['host_kernel']} as pKVM host, 1 CPU, QEMU -icount: instructions of guest, "
          "host and EL2,\nprotected as a ratio to the same Image plain in the same boot of the host, and millions that are added")
    for ram in sorted({entry["ram_mib"] for entry in report["boots"]}, key=lambda ram: (ram != POOL_RAM_MIB, ram)):
        show_size([entry for entry in report["boots"] if entry["ram_mib"] == ram], ram)
    print("\n  goals: " + ", ".join(f"{row} {goal}" for row, goal in GOALS.items()))


def cell(plain, vm, name):
    """The ratio, and the millions of instructions that are added."""
    return f"{vm['ratios'][name]:.2f} {(vm['us'][name] - plain['us'][name]) / 1000:+.1f}" if vm["ratios"][name] else "-"


def show_size(entries, ram):
    columns = [(entry, vm) for entry in entries for vm in entry["vms"] if vm["protected"]]
    width = 20

    def row(name, cells):
        print(f"  {name:<20}" + "".join(f"{cell:>{width}}" for cell in cells))

    print(f"\n{ram} MiB")
    row("", [f"{KERNELS[entry['kernel']]}" for entry, vm in columns])
    row("", [entry["release"] for entry, vm in columns])
    row("", ["own pool" if "swiotlb" not in vm["name"] else POOL for entry, vm in columns])
    row("pool, KiB", [vm["pool_kib"] if vm["pool_kib"] is not None else "-" for entry, vm in columns])
    for name in ROWS:
        row(name, [cell(entry["vms"][0], vm, name) for entry, vm in columns])
    for entry in entries:
        for vm in entry["vms"]:
            if vm["outcome"] != "works":
                print(f"  {KERNELS[entry['kernel']]} {entry['release']}, {vm['name']}: {vm['outcome']}")
