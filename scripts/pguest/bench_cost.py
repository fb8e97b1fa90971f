# SPDX-License-Identifier: GPL-2.0-only
"""make bench-cost: what the layer costs a guest that is not protected.

The same tree with and without pguest, both plain, under QEMU's -icount on our
monitor, which counts the instructions of EL1 and EL0 alone. Each kernel boots
several times, in turn. Disk and network are threads and processes of the host's,
whose speed decides whether a guest goes idle between two requests and how many
segments an interrupt brings: boots of one kernel differ by up to a fifth. So the
difference is that for the same number of interrupts, switches, soft interrupts and
accesses to devices, by least squares over all boots, with its standard error.

That error is as large as the goal. So one more boot of each counts instructions by
function, and the goal is for those of functions whose code the layer changes.
"""

import hashlib
import json
import re
import shutil
import statistics
import subprocess

from pguest import bench_pkvm as pkvm, functions, guest as guest_build, kernel, machine, page, paths, source, ui, verdict

KERNELS = {"upstream": "without pguest", "guest": "with pguest"}
BOOTS = 21
RAM_MIB = 512
# How many operations each piece is: a MiB, or a direct read.
PIECES = dict(zip(pkvm.PIECES, (64, 64, 4096, 32, 16, 16)))
LIMIT_PERCENT = 0.5
# What the goal is for.
PER_OPERATION = ("read_4096_direct", "tcp_send_16_mib", "tcp_receive_16_mib")
SECTIONS = re.compile(r"^\s*(\d+)\s+(\d+)\s+(\d+)\s+\d+\s", re.M)


def main(boots):
    directory = paths.BUILD / "bench" / "cost"
    shutil.rmtree(directory, ignore_errors=True)
    images = {name: kernel.build(name) for name in KERNELS}
    guest_build.monitor(source.integrated_tree())
    guest_build.initramfs()
    progress = ui.Progress("bench of the cost", (boots + 1) * len(images))
    found = {name: [] for name in images}
    for number in range(boots):
        for name, image in images.items():
            found[name].append(measure(directory / f"{name}-{number}", image, progress))
            progress.step(name)
    by_function = count_functions(directory, images, progress)
    progress.done()
    report = {"boots": boots, "ram_mib": RAM_MIB, "goals": dict.fromkeys(PER_OPERATION, 1 + LIMIT_PERCENT / 100), "kernels": {
        name: {"release": kernel.release(paths.OUT / name),
               "image_sha256": hashlib.sha256(image.read_bytes()).hexdigest(),
               "image_bytes": image.stat().st_size, **sections(paths.OUT / name / "vmlinux"),
               "instructions": {key: sorted(boot[key]["instructions"] for boot in found[name]) for key in found[name][0]}}
        for name, image in images.items()}}
    report["differences"] = {key: compare(*([(boot[key]["instructions"], boot[key]["events"]) for boot in found[name]] for name in KERNELS))
                             for key in found["guest"][0]}
    report["by_function"] = by_function
    where = paths.BUILD / "bench" / "report-cost.json"
    where.write_text(json.dumps(report, indent=2) + "\n")
    show(report)
    print(f"\nreport: {where}, page: {page.write_bench(where.parent)}", flush=True)
    return 0


def run(directory, image, progress, *more, append=()):
    """One boot, and what it has said."""
    guest = machine.Machine(directory, mode="plain", cpus=1, ram_mib=RAM_MIB, image=image, icount=True, append=append)
    guest.add_disk(machine.make_disk(directory / "disk.img", ext4=False)).add_net()
    guest.devices += more
    try:
        seen = guest.run("peers", timeout=600, live=lambda line: progress.show())
    except machine.BootFail as failure:
        raise ui.Refusal(f"bench: {failure.text} (console: {directory}/console.log)") from failure
    if bad := seen.failed_checks():
        raise ui.Refusal(f"bench: {bad[0]} (console: {directory}/console.log)")
    (directory / "disk.img").unlink()
    return seen


def measure(directory, image, progress):
    """One boot: {piece: its instructions, and the events that they depend on}."""
    seen = run(directory, image, progress)

    def between(number, key):
        first = pkvm.FIRST_MARK + 2 * number
        return seen.phase(first + 1)[key] - seen.phase(first)[key]

    pieces = {name: {"instructions": between(number, "el1_instructions"),
                     "events": [*map(int, seen.values[f"events_{name}"].split()), between(number, "mmio")]}
              for number, name in enumerate(PIECES)}
    return {"to_user_space": {"instructions": seen.phase(verdict.MARK_USER_SPACE)["el1_instructions"], "events": []}, **pieces}


def count_functions(directory, images, progress):
    """{piece: {"all": instructions of the first kernel, "more": {function: difference}}}, of functions that differ."""
    symbols = {name: functions.symbols(paths.OUT / name / "vmlinux") for name in images}
    differ = functions.changed(*symbols.values())
    counted = {}
    for name, image in images.items():
        place = directory / f"functions-{name}"
        place.mkdir(parents=True)
        seen = run(place, image, progress, *functions.words(place, paths.MONITOR / "monitor.elf"), append=["nokaslr"])
        progress.step(name)
        marks = [phase["id"] for phase in seen.monitor["phases"]]
        counted[name] = [functions.count(place / f"window.{marks.index(pkvm.FIRST_MARK + 2 * number + 1)}", symbols[name])
                         for number in range(len(PIECES))]
    found = {}
    for piece, without, with_it in zip(PIECES, *counted.values()):
        more = {name: with_it[name] - without[name] for name in differ if with_it[name] != without[name]}
        found[piece] = {"all": sum(without.values()), "more": dict(sorted(more.items(), key=lambda item: -abs(item[1])))}
    return found


def compare(without, with_it):
    """What the second kernel takes more, in per cent of the first, for the same events; and twice the standard error.

    Each is a list of (instructions, events). Events that are always as many say nothing.
    """
    import numpy  # pylint: disable=import-outside-toplevel  # no other bench needs it

    boots = [*without, *with_it]
    counts = numpy.array([instructions for instructions, _ in boots], float)
    second = numpy.repeat([0.0, 1.0], [len(without), len(with_it)])
    events = numpy.array([events for _, events in boots], float).reshape(len(boots), -1)
    varied = [column - column.mean() for column in events.T if column.std() > 0]
    model = numpy.column_stack([numpy.ones(len(boots)), second, *varied])
    found, _, rank, _ = numpy.linalg.lstsq(model, counts, rcond=None)
    left = counts - model @ found
    freedom = len(boots) - rank
    if freedom < 1:
        return 100 * (counts[second > 0].mean() / counts[second == 0].mean() - 1), None
    error = numpy.sqrt(left @ left / freedom * numpy.linalg.pinv(model.T @ model)[1, 1])
    base = found[0]
    return 100 * found[1] / base, 200 * error / base


def sections(vmlinux):
    """What `size` says: bytes of code, of data, and of what begins as zeros."""
    said = subprocess.run(["aarch64-linux-gnu-size", vmlinux], text=True, capture_output=True,
                          check=True).stdout
    text, data, bss = SECTIONS.search(said).groups()
    return {"text": int(text), "data": int(data), "bss": int(bss)}


def show(report):
    kernels = [report["kernels"][name] for name in KERNELS]
    print(f"\nLinux {kernels[0]['release']} plain, 1 CPU, {RAM_MIB} MiB, QEMU -icount, "
          f"median of {report['boots']} boots each")

    def row(name, *cells):
        print(f"  {name:<36}" + "".join(f"{cell:>18}" for cell in cells))

    row("", *KERNELS.values(), "difference")
    print("  bytes")
    for key in ("image_bytes", "text", "data", "bss"):
        without, with_it = (one[key] for one in kernels)
        row(f"  {key}", f"{without:,}", f"{with_it:,}", difference(without, with_it))
    print("  instructions of the guest, and the difference for the same events")
    for name, operations in {"to_user_space": 1, **PIECES}.items():
        without, with_it = (statistics.median(one["instructions"][name]) / operations for one in kernels)
        more, error = report["differences"][name]
        label = name if operations == 1 else f"{name}, one of {operations}"
        row(f"  {label}", f"{without:,.0f}", f"{with_it:,.0f}", f"{more:+.2f} %" + (f" +-{error:.2f}" if error else ""))
    print("  in functions whose code differs, in one boot of each")
    missed = []
    for name, operations in PIECES.items():
        one = report["by_function"][name]
        more = sum(one["more"].values())
        row(f"  {name}", f"{one['all'] / operations:,.0f}", f"{more / operations:+,.0f}", f"{100 * more / one['all']:+.2f} %")
        if name in PER_OPERATION:
            most = [f"{function} {count / operations:+,.1f}" for function, count in one["more"].items() if abs(count) * 2000 > one["all"]]
            print(f"    {', '.join(most)}")
            if 100 * more / one["all"] > LIMIT_PERCENT:
                missed.append(name)
    print(f"  goal: {', '.join(PER_OPERATION)} within {LIMIT_PERCENT} %: " + (f"missed by {', '.join(missed)}" if missed else "met"))


def difference(before, after):
    return f"{(after / before - 1) * 100:+.2f} %"
