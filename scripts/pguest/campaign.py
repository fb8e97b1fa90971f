# SPDX-License-Identifier: GPL-2.0-only
"""The fault campaign: one boot for each altered answer of the hypervisor, from a saved state of the machine.

A first boot records its calls, and is held before some of them (option hold= of the monitor): its state is
saved as QEMU's migration stream. Each case goes on from the last state before its call, in a QEMU with
another command line for the monitor, which has the answer to alter and the file for the report.
"""

import random
import re
import shutil
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from pguest import verdict
from pguest.machine import SECRET, BootFail, Machine, NoReport, Qmp, Timeout, make_disk

MODES = ("pkvm", "pkvm-android", "cca")
SCENARIO = "hostile"
RAM_MIB = 256
# Seconds of the guest's time after which a case hangs. The machine counts instructions, so that a slow host
# changes nothing; the second limit is for a guest that never leaves EL1.
GUEST_SECONDS = 120
WALL_SECONDS = 900

# Each error code of either interface, and one that is in none; then what else can be wrong with an answer.
ANSWERS = ("-1", "-2", "-3", "1", "2", "3", "4", "hollow", "done", "short", "zero", "much", "high", "high1", "late",
           "retry", "registers")
REASON = re.compile(r"pguest: .*|Kernel panic - not syncing.*")
SANITIZER = re.compile(r"KASAN|UBSAN|KCSAN|possible (?:circular|recursive) locking|inconsistent lock state|"
                       r"DMA-API: .*(?:device driver|exceeded)")
BROKEN = ("ends without a line", "hang", "corruption", "leak", "sanitizer report")
CLASSES = ("works", "refuses something and works", "ends with a line", "stands still with a line",
           "not reached", *BROKEN)


@dataclass
class Case:
    """One answer of one call, and what came of it."""
    mode: str
    call: int
    answer: str
    name: str = ""
    outcome: str = ""
    why: str = ""
    seconds: float = 0.0


@dataclass
class Recorded:
    """The calls of a boot without a fault, what the layer says in it, and the states that were saved on the way."""
    mode: str
    sequence: list
    lines: set = field(default_factory=set)
    user_space: int = 0
    states: dict = field(default_factory=dict)
    disk: Path = None

    @property
    def calls(self):
        return sum(count for _, count in self.sequence)

    def name_of(self, call):
        for name, count in self.sequence:
            if call <= count:
                return name
            call -= count
        return ""


class CaseMachine(Machine):
    """A machine that can begin with a saved state. Nothing is written to its disk image."""

    state = None

    def command(self, scenario):
        words = super().command(scenario) + ["-icount", "shift=0,sleep=off", "-snapshot"]
        return words + (["-incoming", f"exec:cat {self.state}"] if self.state else [])


def machine(directory, mode, disk, image=None, **options):
    monitor = {"timeout": GUEST_SECONDS, **({"measure": 0} if mode == "cca" else {}), **options}
    made = CaseMachine(directory, mode=mode, ram_mib=RAM_MIB, image=image, secret=SECRET, monitor=monitor)
    return made.add_disk(disk).add_rng()


def record(directory, mode, image=None):
    """Boot once without a fault: the calls in order."""
    disk = make_disk(directory / "disk.img", mib=64)
    seen = machine(directory / "record", mode, disk, image, record=1).run(SCENARIO, timeout=WALL_SECONDS)
    if seen.failed_checks():
        raise BootFail(f"the boot without a fault failed: {seen.failed_checks()}", seen)
    return Recorded(mode, seen.monitor["sequence"], set(reasons(seen)),
                    seen.phase(verdict.MARK_USER_SPACE)["hypercalls"], disk=disk)


def reasons(seen):
    """What the layer says, without the time."""
    return [match[0] for line in seen.console if (match := REASON.search(line))]


def save_state(recorded, directory, call, image=None):
    """Boot up to a call, from the last state before it, and save the machine."""
    place = directory / f"state-{call}"
    held = machine(place, recorded.mode, recorded.disk, image, hold=call).add_qmp()
    held.state = state_before(recorded, call)
    state = place / "state"
    ready = threading.Event()

    def save(_):
        ready.wait(WALL_SECONDS)
        qmp = Qmp(held.qmp)
        qmp.ask("migrate", uri=f"exec:cat > {state}")
        while qmp.ask("query-migrate")["return"].get("status") not in ("completed", "failed"):
            time.sleep(0.1)
        qmp.ask("quit")

    try:
        held.run(SCENARIO, timeout=WALL_SECONDS, during=save,
                 live=lambda line: ready.set() if "monitor: held before call" in line else None)
    except NoReport:
        pass  # it was ended, on purpose
    recorded.states[call] = state


def state_before(recorded, call):
    earlier = [saved for saved in recorded.states if saved < call]
    return recorded.states[max(earlier)] if earlier else None


def run_case(recorded, directory, case, image=None):
    """One boot with one answer altered."""
    case.name = recorded.name_of(case.call)
    tried = machine(directory, recorded.mode, recorded.disk, image, alter=case.call, alter_as=case.answer)
    tried.state = state_before(recorded, case.call)
    start = time.monotonic()
    try:
        seen = tried.run(SCENARIO, timeout=WALL_SECONDS, allow=[".*"], ends=("off", "reset", "timeout", "fail"))
        case.outcome, case.why = judge(seen, recorded.lines)
    except Timeout as why:
        # Not by the guest's clock: it never comes to EL2, or this machine has no time for it.
        case.outcome, case.why = "hang", str(why.text)
    case.seconds = time.monotonic() - start
    return case


def judge(seen, ordinary):
    """The class of a boot, and what it rests on. What is worst counts."""
    if seen.monitor["secrets_found"] or seen.monitor["page_tables"]["outside"]:
        return "leak", f"{seen.monitor['secrets_found']} secrets, {seen.monitor['page_tables']['outside']} page tables"
    if found := seen.lines(SANITIZER):
        return "sanitizer report", found[0]
    if "not the data written" in " ".join(seen.reasons.values()):
        return "corruption", seen.reasons["disk_reads_back"]
    line = next((line for line in reasons(seen) if line not in ordinary), "")
    if seen.exit == "timeout":
        return ("stands still with a line", line) if line else ("hang", seen.console[-1] if seen.console else "no line")
    if "altered" not in seen.monitor:
        return "not reached", ""
    if seen.summary and not seen.failed_checks() and not line:
        return "works", ""
    if seen.summary and line:
        return "refuses something and works", line
    return ("ends with a line" if line else "ends without a line"), line or (seen.console[-1] if seen.console else "")


def choose(recorded, cases, rng):
    """A sample of calls x answers: each kind of call in turn, as rare calls are as interesting as frequent ones."""
    by_name, at = {}, 1
    for name, count in recorded.sequence:
        by_name.setdefault(name, []).extend(range(at, at + count))
        at += count
    # Those by which the machine ends, or by which we see it end, are no answers.
    names = sorted(name for name in by_name if not name.startswith("PSCI_SYSTEM"))
    chosen = set()
    for turn in range(50 * cases):
        if len(chosen) == cases:
            break
        chosen.add((rng.choice(by_name[names[turn % len(names)]]), rng.choice(ANSWERS)))
    return [Case(recorded.mode, call, answer) for call, answer in sorted(chosen)]


def run(directory, modes=MODES, cases=20, seed=1, states=4, image=None, each=None):
    """The campaign: all cases, with what came of them."""
    done = []
    for mode in modes:
        place = Path(directory) / mode
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        recorded = record(place, mode, image)
        wanted = choose(recorded, cases, random.Random(f"{seed} {mode}"))
        for number in range(1, states + 1):
            # Before a case, with as many cases between two states; and before the disk is written to, which is
            # not saved
            call = min(wanted[len(wanted) * number // (states + 1)].call - 1, recorded.user_space)
            if call > 1 and call not in recorded.states:
                save_state(recorded, place, call, image)
        for number, case in enumerate(wanted):
            done.append(run_case(recorded, place / f"case-{number}", case, image))
            if each:
                each(case)
            if case.outcome not in BROKEN:
                shutil.rmtree(place / f"case-{number}")
        for state in recorded.states.values():
            state.unlink()
    return done


def table(done):
    """Rows for ui.table(): outcomes by class in each mode, and how fast it was."""
    rows = []
    for mode in sorted({case.mode for case in done}):
        own = [case for case in done if case.mode == mode]
        figures = Counter(case.outcome for case in own)
        rows.append((mode, None))
        rows.append(("calls x answers", len(own)))
        rows += [(outcome, figures[outcome]) for outcome in CLASSES]
        seconds = sum(case.seconds for case in own)
        rows.append(("boots a minute", f"{60 * len(own) / seconds:.1f}" if seconds else "-"))
    return rows


def is_broken(done):
    return [case for case in done if case.outcome in BROKEN]
