# SPDX-License-Identifier: GPL-2.0-only
"""The fault campaign: one boot for each altered answer of the hypervisor, from a saved state of the machine.

A first boot records its calls, and is held before some of them (option hold= of the monitor): its state is
saved as QEMU's migration stream. Each case goes on from the last state before its call, in a QEMU with
another command line for the monitor, which has the answer to alter and the file for the report.

Half of a boot's time is QEMU's translation of code that it has not seen yet, so what a case runs is small: its RAM,
its initramfs (tests/guest/attacked.c), what it prints, and the way from the last state.
"""

import math
import random
import re
import resource
import shutil
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from pguest import guest, paths, verdict
from pguest.machine import SECRET, BootFail, Machine, NoReport, Qmp, make_disk

MODES = ("pkvm", "pkvm-android", "cca")
RAM_MIB = 128
# Of pKVM, which is the host's page: with larger ones there are fewer calls, of most of the places. An RMM has 4 KiB.
GRANULE = 4096
# Seconds of the guest's time after which a case hangs: its clock counts instructions, and jumps where it idles.
# One that does not idle may take so many times what the boot without a fault took of this machine's CPU. Neither
# depends on what else runs here. One that idles without a timer takes nothing, and its clock stands.
GUEST_SECONDS = 120
MOST_TIMES = 5
STILL_SECONDS = 30
WALL_SECONDS = 3600
# Each character on the console is an access that the monitor carries out. The layer says by notices and above what
# it refuses.
LOGLEVEL = 6

# Each error code of either interface, and one that is in none; then what else can be wrong with an answer.
ANSWERS = ("-1", "-2", "-3", "1", "2", "3", "4", "hollow", "done", "short", "zero", "much", "high", "high1", "late",
           "retry", "registers")
# A kind of call that comes so often at most is tried with all answers.
RARE = 4
REASON = re.compile(r"pguest: .*|Kernel panic - not syncing.*")
SANITIZER = re.compile(r"KASAN|UBSAN|KCSAN|possible (?:circular|recursive) locking|inconsistent lock state|"
                       r"DMA-API: .*(?:device driver|exceeded)")
BROKEN = ("ends without a line", "hang", "corruption", "leak", "sanitizer report")
# The hypervisor, which is trusted, claims to have shared what it has not: the device reports that it has done its work,
# or stands still, and the guest cannot know why.
DENIED = "a device cannot reach its memory"
# PSCI of an answer that has no SYSTEM_OFF. The monitor does not see the end, and has not looked for the secret then.
HALTED = "works, and cannot power off"
# A hypervisor that denies by the first of its calls what it is. The guest is one like any other then, without a line
# of ours: it may lack a console or wait for devices, as it shares nothing with them.
UNPROTECTED = "takes itself for unprotected"
# Android's hypervisor keeps the guest from its console: it passes on no call that would take a word, either.
MUTE = "ends, and has no console to say so"
PROBES = ("FEATURES", "RSI_VERSION")
CLASSES = ("works", "refuses something and works", "ends with a line", "stands still with a line",
           DENIED, UNPROTECTED, HALTED, MUTE, "not reached", *BROKEN)


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
    granule: int = GRANULE
    user_space: int = 0
    states: dict = field(default_factory=dict)
    disk: Path = None
    cpu_seconds: float = 1.0
    places: list = field(default_factory=list)      # for each call: equal ones came from one place

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
    cpu_seconds = None

    def command(self, scenario):
        words = super().command(scenario) + ["-icount", "shift=0,sleep=off", "-snapshot"]
        # 16 buses of PCI instead of 256: Android's guests ask for their configuration space page by page.
        words[words.index("-M") + 1] += ",highmem=off"
        if self.cpu_seconds:
            words = ["prlimit", f"--cpu={self.cpu_seconds}:{2 * self.cpu_seconds}", *words]
        return words + (["-incoming", f"exec:cat {self.state}"] if self.state else [])


def machine(directory, mode, disk, image=None, granule=GRANULE, **options):
    of_mode = {"measure": 0} if mode == "cca" else {"granule": granule}
    monitor = {"timeout": GUEST_SECONDS, **of_mode, **options}
    made = CaseMachine(directory, mode=mode, ram_mib=RAM_MIB, image=image, secret=SECRET, monitor=monitor,
                       initrd=paths.CAMPAIGN_INITRAMFS, append=[f"loglevel={LOGLEVEL}"])
    return made.add_disk(disk).add_rng()


def record(directory, mode, image=None, granule=GRANULE):
    """Boot once without a fault: the calls in order."""
    disk = make_disk(directory / "disk.img", mib=64, ext4=False)
    before = cpu_of_children()
    seen = machine(directory / "record", mode, disk, image, granule, record=1).run(timeout=WALL_SECONDS)
    if seen.failed_checks():
        raise BootFail(f"the boot without a fault failed: {seen.failed_checks()}", seen)
    return Recorded(mode, seen.monitor["sequence"], set(reasons(seen)), granule,
                    seen.phase(verdict.MARK_USER_SPACE)["hypercalls"], disk=disk,
                    cpu_seconds=cpu_of_children() - before, places=seen.monitor["places"])


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def reasons(seen):
    """What the layer says, without the time."""
    return [match[0] for line in seen.console if (match := REASON.search(line))]


def save_state(recorded, directory, call, image=None):
    """Boot up to a call, from the last state before it, and save the machine."""
    place = directory / f"state-{call}"
    held = machine(place, recorded.mode, recorded.disk, image, recorded.granule, hold=call).add_qmp()
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
        held.run(timeout=WALL_SECONDS, during=save,
                 live=lambda line: ready.set() if "monitor: held before call" in line else None)
    except NoReport:
        pass  # it was ended, on purpose
    recorded.states[call] = state


def state_before(recorded, call):
    """A machine that was held before a call can go on with this call altered."""
    earlier = [saved for saved in recorded.states if saved <= call]
    return recorded.states[max(earlier)] if earlier else None


def save_states(recorded, directory, wanted, states, image=None):
    """So that there are as many cases between two of them; none after the disk is written to, which is not saved."""
    latest = recorded.user_space + 1
    for number in range(states):
        call = min(wanted[len(wanted) * number // states].call, latest)
        if call > 1 and call not in recorded.states:
            save_state(recorded, directory, call, image)
    if wanted[-1].call > latest and latest not in recorded.states:
        save_state(recorded, directory, latest, image)


def end_if_still(tried):
    """A machine whose clock stands ends as one that has used up its time."""
    used, since = 0, time.monotonic()
    while tried.process.poll() is None:
        time.sleep(1)
        try:
            words = Path(f"/proc/{tried.process.pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            return
        if used != (used := int(words[11]) + int(words[12])):
            since = time.monotonic()
        if time.monotonic() - since > STILL_SECONDS:
            tried.process.send_signal(signal.SIGXCPU)
            return


def run_case(recorded, directory, case, image=None):
    """One boot with one answer altered."""
    case.name = recorded.name_of(case.call)
    tried = machine(directory, recorded.mode, recorded.disk, image, recorded.granule, alter=case.call,
                    alter_as=case.answer)
    tried.state = state_before(recorded, case.call)
    tried.cpu_seconds = math.ceil(MOST_TIMES * recorded.cpu_seconds)
    start = time.monotonic()
    try:
        seen = tried.run(timeout=WALL_SECONDS, allow=[".*"], ends=("off", "reset", "timeout", "fail"),
                         during=end_if_still)
        case.outcome, case.why = judge(seen, recorded.lines)
        if case.outcome == "ends without a line" and recorded.mode == "pkvm-android" and is_mute(seen):
            case.outcome = MUTE
    except NoReport as why:
        if why.seen is None or why.seen.status != -signal.SIGXCPU:
            raise
        line = next((line for line in reasons(why.seen) if line not in recorded.lines), "")
        case.outcome = "stands still with a line" if line else "hang"
        case.why = line or f"no end; last: {(why.seen.console or ['nothing'])[-1]}"
        if why.seen.lines("System halted instead") and why.seen.summary and not why.seen.failed_checks():
            case.outcome = HALTED
    if case.name in PROBES and case.outcome in ("hang", "ends without a line"):
        case.outcome = UNPROTECTED
    case.seconds = time.monotonic() - start
    return case


def is_mute(seen):
    """Nothing of the guest's was on a console, and the host has seen no granule."""
    return not seen.shared["peak"] and all(line.startswith("monitor: ") for line in seen.console)


def judge(seen, ordinary):
    """The class of a boot, and what it rests on. What is worst counts."""
    if seen.monitor["secrets_found"] or seen.monitor["page_tables"]["outside"]:
        return "leak", f"{seen.monitor['secrets_found']} secrets, {seen.monitor['page_tables']['outside']} page tables"
    if found := seen.lines(SANITIZER):
        return "sanitizer report", found[0]
    denied = seen.exit in ("off", "timeout") and seen.blocked["dma"] + seen.blocked["its"]
    if "not the data written" in " ".join(seen.reasons.values()):
        return DENIED if denied else "corruption", seen.reasons["disk_reads_back"]
    line = next((line for line in reasons(seen) if line not in ordinary), "")
    if denied and not line and (seen.failed_checks() or seen.exit == "timeout"):
        return DENIED, f"{denied} accesses blocked"
    if seen.exit == "timeout":
        return ("stands still with a line", line) if line else ("hang", seen.console[-1] if seen.console else "no line")
    if "altered" not in seen.monitor:
        return "not reached", ""
    if seen.summary and not seen.failed_checks() and not line:
        return "works", ""
    if seen.summary and line:
        return "refuses something and works", line
    return ("ends with a line" if line else "ends without a line"), line or (seen.console[-1] if seen.console else "")


def kinds(recorded):
    """{name of a call: which ones}, but for those by which a machine ends, or by which we see it end."""
    by_name, at = {}, 1
    for name, count in recorded.sequence:
        by_name.setdefault(name, []).extend(range(at, at + count))
        at += count
    return {name: calls for name, calls in by_name.items() if not name.startswith("PSCI_SYSTEM")}


def choose(recorded, cases, rng):
    """A sample of calls x answers: each kind of call in turn, as rare calls are as interesting as frequent ones."""
    by_name = kinds(recorded)
    names = sorted(by_name)
    chosen = set()
    for turn in range(50 * cases):
        if len(chosen) == cases:
            break
        chosen.add((rng.choice(by_name[names[turn % len(names)]]), rng.choice(ANSWERS)))
    return [Case(recorded.mode, call, answer) for call, answer in sorted(chosen)]


def every(recorded, stride, rng, early=False):
    """Each stride-th of calls x answers, from one that the seed chooses; rare calls, and @early ones, with all answers.

    Early is a call before user space.
    """
    calls = sorted(call for calls in kinds(recorded).values() for call in calls)
    rare = {call for calls in kinds(recorded).values() if len(calls) <= RARE for call in calls}
    if early:
        rare |= {call for call in calls if call <= recorded.user_space}
    others = [(call, answer) for call in calls if call not in rare for answer in ANSWERS]
    chosen = others[rng.randrange(stride)::stride] + [(call, answer) for call in rare for answer in ANSWERS]
    return [Case(recorded.mode, call, answer) for call, answer in sorted(chosen)]


def of_each_place(recorded):
    """The first and the last call of each place, with all answers.

    A place is the same function of the interface, called by the same functions (the return addresses on the stack), for
    as many granules at a time. What follows on an answer is the same code then. It differs by addresses, and by what was
    shared before, which is least at the first and most at the last of them.
    """
    ends = {}
    for call in sorted(call for calls in kinds(recorded).values() for call in calls):
        first, _ = ends.get(recorded.places[call - 1], (call, call))
        ends[recorded.places[call - 1]] = first, call
    calls = sorted({call for pair in ends.values() for call in pair})
    return [Case(recorded.mode, call, answer) for call in calls for answer in ANSWERS]


def how_many_places(recorded):
    return len({recorded.places[call - 1] for calls in kinds(recorded).values() for call in calls})


@dataclass
class Result:
    """All cases, how many there could be in each mode, and the seconds that each mode took with all that it needs."""
    cases: list = field(default_factory=list)
    possible: dict = field(default_factory=dict)
    places: dict = field(default_factory=dict)      # {mode: (places, cases that were chosen)}
    seconds: dict = field(default_factory=dict)

    @property
    def broken(self):
        return [case for case in self.cases if case.outcome in BROKEN]


def run(directory, modes=MODES, cases=20, seed=1, states=4, image=None, each=None, stride=None, jobs=1, places=False,
        minutes=None, early=False, granule=GRANULE):
    """The campaign: a sample of so many cases, with a stride those of every(), or those of_each_place().

    With @minutes for each mode what is left then is left out, and which that is, the seed says.
    """
    guest.campaign_initramfs()
    result = Result()
    for mode in modes:
        start = time.monotonic()
        place = Path(directory) / mode
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        recorded = record(place, mode, image, granule)
        rng = random.Random(f"{seed} {mode}")
        wanted = of_each_place(recorded) if places else every(recorded, stride, rng, early) if stride else \
            choose(recorded, cases, rng)
        save_states(recorded, place, wanted, states, image)
        if minutes:
            rng.shuffle(wanted)

        def one(numbered):
            number, case = numbered
            if minutes and time.monotonic() - start > 60 * minutes:
                return
            run_case(recorded, place / f"case-{number}", case, image)
            if each:
                each(case)
            if case.outcome not in BROKEN:
                shutil.rmtree(place / f"case-{number}")

        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(one, enumerate(wanted)))
        result.cases += [case for case in wanted if case.outcome]
        result.places[mode] = how_many_places(recorded), len(wanted)
        result.possible[mode] = len(ANSWERS) * sum(map(len, kinds(recorded).values()))
        result.seconds[mode] = time.monotonic() - start
        for state in recorded.states.values():
            state.unlink()
    return result


def table(result):
    """Rows for ui.table(): outcomes by class in each mode, and how fast it was."""
    rows = []
    for mode, seconds in sorted(result.seconds.items()):
        own = [case for case in result.cases if case.mode == mode]
        figures = Counter(case.outcome for case in own)
        rows.append((mode, None))
        rows.append(("calls x answers", f"{len(own)} of {result.possible[mode]}"))
        rows.append(("places of calls", f"{result.places[mode][0]}, {result.places[mode][1]} cases chosen"))
        rows += [(outcome, figures[outcome]) for outcome in CLASSES]
        rows.append(("boots a minute", f"{60 * len(own) / seconds:.1f}"))
    return rows
