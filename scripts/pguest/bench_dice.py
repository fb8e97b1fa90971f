# SPDX-License-Identifier: GPL-2.0-only
"""make bench-dice: what attestation by DICE costs a guest of pKVM, counted in its instructions.

Three boots on one CPU under QEMU's -icount, on our monitor: the kernel without CONFIG_ARM_PKVM_GUEST_DICE, the same with it
where the firmware hands nothing over, and where it does. The last one also makes reports.
"""

import json
import shutil

from pguest import dice, guest as guest_build, kernel, machine, page, paths, source, ui, verdict

MODE = "pkvm"
RAM_MIB = 512
# The bench's machine does 10^9 instructions in a second; a boot without a region may take 10 ms longer.
LIMIT = 10_000_000
# As many reports as tests/guest/scenarios/report-cost.sh makes between its marks
REPORTS = 10
MARKS = (62, 63)
WITHOUT, WITH = "guest-nodice", "guest"
BOOTS = {"without the option": (WITHOUT, False), "nothing handed over": (WITH, False), "a handover": (WITH, True)}


def main():
    directory = paths.BUILD / "bench" / "dice"
    shutil.rmtree(directory, ignore_errors=True)
    images = {name: kernel.build(name) for name in (WITHOUT, WITH)}
    guest_build.monitor(source.integrated_tree())
    guest_build.initramfs()
    progress = ui.Progress("bench of attestation by DICE", len(BOOTS))
    boots = {}
    for number, (name, (image, handover)) in enumerate(BOOTS.items()):
        boots[name] = measure(directory / str(number), images[image], handover, progress)
        progress.step(name)
    progress.done()
    report = {"kernel": kernel.release(paths.OUT / WITH), "mode": MODE, "ram_mib": RAM_MIB, "limit": LIMIT, "boots": boots}
    where = paths.BUILD / "bench" / "report-dice.json"
    where.write_text(json.dumps(report, indent=2) + "\n")
    show(report)
    print(f"\nreport: {where}, page: {page.write_bench(where.parent)}", flush=True)
    return 0


def measure(directory, image, handover, progress):
    """One boot: instructions of EL1 and EL0 to user space, and of one report."""
    guest = machine.Machine(directory, mode=MODE, cpus=1, ram_mib=RAM_MIB, image=image, icount=True,
                            challenge=verdict.new_challenge())
    if handover:
        guest.hand_over(dice.for_guest(paths.MONITOR, paths.monitor_image(), guest.image, guest.initrd).data)
    try:
        seen = guest.run("report-cost" if handover else "nothing", timeout=600, live=lambda line: progress.show())
    except machine.BootFail as failure:
        raise ui.Refusal(f"bench: {failure.text} (console: {directory}/console.log)") from failure
    if bad := seen.failed_checks():
        raise ui.Refusal(f"bench: {bad[0]} (console: {directory}/console.log)")
    found = {"instructions_to_user_space": seen.phase(verdict.MARK_USER_SPACE)["el1_instructions"]}
    if handover:
        before, after = (seen.phase(mark)["el1_instructions"] for mark in MARKS)
        found["instructions_of_a_report"] = (after - before) // REPORTS
    return found


def show(report):
    print(f"\nLinux {report['kernel']}, {report['mode']}, 1 CPU, {report['ram_mib']} MiB, QEMU -icount: instructions of the guest")
    base = None
    for name, boot in report["boots"].items():
        count = boot["instructions_to_user_space"]
        base = base or count
        print(f"  {'to user space, ' + name:<44}{count:>14,}{count - base:>+14,}")
    with_node = report["boots"]["a handover"]["instructions_of_a_report"]
    print(f"  {'a report':<44}{with_node:>14,}")
    extra = report["boots"]["nothing handed over"]["instructions_to_user_space"] - base
    print(f"  goal: no more than {report['limit']:,} without a handover: {'met' if extra <= report['limit'] else 'missed'}")
