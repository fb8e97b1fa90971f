# SPDX-License-Identifier: GPL-2.0-only
"""One test machine: QEMU, the monitor at EL2, a guest kernel at EL1.

    machine = Machine(mode="pkvm", cpus=2, ram_mib=512, directory=tmp_path)
    machine.add_disk(disk)
    seen = machine.run("io")

`run` ends in a `Seen`, or raises one of the failures below. What the monitor
counted (seen.monitor) and what the guest said (seen.values, seen.checks) stay
apart: the guest may be wrong about what the host can see.
"""

import base64
import hashlib
import json
import os
import re
import secrets
import select
import shutil
import socket
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from pguest import paths

MONITOR_MIB = 32
GUEST_BASE = 0x42000000
PL011_BASE = 0x09000000
MODES = ("pkvm", "pkvm-android", "cca", "plain")

# 8 bytes that no machine has by chance: the host looks for them. Others each time, since who knows them could avoid them.
SECRET = f"{secrets.randbits(64) | 1 << 63:#018x}"
# Of what the host looks for in a file, as tests/monitor/secret.c reads it; and where a guest finds the first of them
SECRET_BYTES = 64
PLANTED = "/planted"

# Any of these on the console ends a boot at once, unless the test allows it.
BAD_PATTERNS = {
    "panic": r"Kernel panic - not syncing",
    "oops": r"Internal error: |Unable to handle kernel",
    "warning": r"WARNING: |UBSAN: |DMA-API: .*(?:device driver|exceeded|error)",
    "bug": r"\bBUG[: ]|kernel BUG at",
    "stall": r"rcu: INFO: .*detected|soft lockup|hard LOCKUP|blocked for more than",
    "I/O error": r"I/O error|EXT4-fs error|Buffer I/O error",
    "monitor": r"^monitor: FAIL",
    "host": r"^host: FAIL",
}
# After a bad line the rest of its story is worth having: a call trace, a report.
AFTERMATH = 3.0
READ_EVERY = 0.01
TAIL = 40

RESULT = re.compile(r"@pguest (\{.*\})\s*$")


class BootFail(Exception):
    """The machine did not do what a boot does. The base of the failures here."""

    def __init__(self, text, seen=None):
        super().__init__(text + (f"\n{seen.tail()}" if seen else ""))
        self.text = text
        self.seen = seen


class BadPattern(BootFail):
    """The console showed a line that means trouble."""


class Timeout(BootFail):
    """The machine was still running when its time was over."""


class NoReport(BootFail):
    """The monitor ended without a word: QEMU refused, or the monitor crashed."""


@dataclass
class Seen:
    """What came out of one boot."""

    console: list = field(default_factory=list)
    values: dict = field(default_factory=dict)
    checks: dict = field(default_factory=dict)
    reasons: dict = field(default_factory=dict)
    told_at: dict = field(default_factory=dict)
    ledger: list = field(default_factory=list)
    token_pieces: list = field(default_factory=list)
    chain_pieces: list = field(default_factory=list)
    attested: dict = field(default_factory=dict)
    monitor: dict = field(default_factory=dict)
    summary: str = ""
    qemu_says: str = ""
    status: int = None
    boot_ms: int = None
    seconds: float = 0.0
    bad: list = field(default_factory=list)

    def tail(self, lines=TAIL):
        said = self.qemu_says.strip()
        return "\n".join(self.console[-lines:] + ([f"QEMU: {said}"] if said else []))

    def lines(self, pattern):
        return [line for line in self.console if re.search(pattern, line)]

    def number(self, name):
        """A value of the guest's as a number; the guest may say 0x.. or add a unit."""
        return int(str(self.values[name]).split()[0], 0)

    def owners(self):
        return {name[len("owner_"):]: int(value) for name, value in self.values.items()
                if name.startswith("owner_")}

    @property
    def token(self):
        """The attestation report that the guest fetched, or nothing."""
        return base64.b64decode("".join(self.token_pieces))

    @property
    def chain(self):
        """The certificates that the guest gives with it (auxblob), or nothing."""
        return base64.b64decode("".join(self.chain_pieces))

    def owner_of(self, ipa):
        """Whose the page is by the guest's ledger at the end: owner and function, or nothing."""
        for line in self.ledger:
            run, _, owner, *rest = line.split()
            start, end = (int(at, 0) for at in run.split("-"))
            if start <= ipa < end:
                return " ".join([owner, *rest[1:]])
        return ""

    def leaks(self):
        """The first pages in which the host has found a secret: when, which one, where, and whose."""
        return [f"{find['when']}: secret {find['secret']} from its byte {find['offset']} on at {find['ipa']}, of "
                f"{self.owner_of(int(str(find['ipa']), 0)) or 'what is not shared at the end'}"
                for find in self.monitor.get("secret", {}).get("first", [])]

    def failed_checks(self):
        return [f"{name}: {self.reasons.get(name, '')}" for name, ok in self.checks.items() if not ok]

    def refused_calls(self, name):
        return self.monitor.get("refused", {}).get(name, 0)

    @property
    def hypercalls(self):
        return self.monitor.get("hypercalls", {})

    @property
    def blocked(self):
        return self.monitor.get("blocked", {})

    @property
    def shared(self):
        return self.monitor.get("shared", {})

    @property
    def realm(self):
        return self.monitor.get("realm", {})

    @property
    def exit(self):
        return self.monitor.get("exit")

    def phase(self, ident):
        """The last snapshot of the counters that the guest marked with `ident`."""
        found = [phase for phase in self.monitor.get("phases", []) if phase["id"] == ident]
        return found[-1] if found else None


class Qmp:
    """The few words of QEMU's machine protocol that a test needs."""

    def __init__(self, path):
        deadline = time.monotonic() + 10
        self.socket = socket.socket(socket.AF_UNIX)
        while True:
            try:
                self.socket.connect(str(path))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self.file = self.socket.makefile("rw")
        self.file.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = json.loads(self.file.readline())
            if "return" in answer or "error" in answer:
                return answer


class NetPeer:
    """The host's end of the TCP transfers: one port takes data, one gives it."""

    def __init__(self, give_bytes=16 << 20):
        self.gift = os.urandom(give_bytes)
        self.gift_sha256 = hashlib.sha256(self.gift).hexdigest()
        self.got_sha256 = None
        self.got_bytes = 0
        self.given_bytes = 0
        self.up = self._listen(self._take)
        self.down = self._listen(self._give)

    def _listen(self, serve):
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, args=(listener, serve), daemon=True).start()
        return listener.getsockname()[1]

    def _accept(self, listener, serve):
        """One that a guest has left in the middle must not keep the next one waiting."""
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=self._serve, args=(connection, serve), daemon=True).start()

    @staticmethod
    def _serve(connection, serve):
        with connection:
            try:
                serve(connection)
            except OSError:
                pass  # the guest went away: its own check says so

    def _take(self, connection):
        digest = hashlib.sha256()
        taken = 0
        while data := connection.recv(1 << 16):
            digest.update(data)
            taken += len(data)
        self.got_sha256, self.got_bytes = digest.hexdigest(), taken

    def _give(self, connection):
        connection.sendall(self.gift)
        connection.shutdown(socket.SHUT_WR)
        connection.recv(1)
        self.given_bytes = len(self.gift)


def make_disk(path, mib=256, ext4=True):
    """A sparse disk image, formatted on the host."""
    path = Path(path)
    with open(path, "wb") as file:
        file.truncate(mib << 20)
    if ext4:
        subprocess.run([tool("mke2fs"), "-q", "-t", "ext4", "-E", "lazy_itable_init=0",
                        str(path)], check=True, capture_output=True)
    return path


def put_in_disk(disk, source, name):
    """A file into an ext4 image, which is not mounted."""
    subprocess.run([tool("debugfs"), "-w", "-R", f"write {source} {name}", str(disk)], check=True,
                   capture_output=True)


def sha256_in_disk(disk, name):
    """SHA-256 of a file inside an ext4 image, read without mounting it."""
    cat = subprocess.Popen([tool("debugfs"), "-R", f"cat {name}", str(disk)],
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    digest = hashlib.sha256()
    for block in iter(lambda: cat.stdout.read(1 << 20), b""):
        digest.update(block)
    cat.wait()
    return digest.hexdigest()


def tool(name):
    """e2fsprogs are in sbin, which is not in everybody's PATH."""
    return shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin") or name


def text_offset(image):
    """Where an Image wants to be: bytes from the start of RAM, by its header (Documentation/arch/arm64/booting.rst)."""
    with open(image, "rb") as file:
        return int.from_bytes(file.read(16)[8:], "little")


class Machine:
    """A QEMU command line under construction, and the one run of it."""

    QEMU = "qemu-system-aarch64"

    def __init__(self, directory, mode="pkvm", cpus=1, ram_mib=512, image=None,
                 access_platform=True, icount=False, monitor=None, append=(), secret=None,
                 challenge=None, initrd=None, earlycon=None, parallel=False):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.image = Path(image or paths.image(paths.kernel_name("guest")))
        self.initrd = Path(initrd or paths.INITRAMFS)
        self.earlycon = earlycon
        self.mode = mode
        self.cpus = cpus
        self.ram_mib = ram_mib
        self.access_platform = access_platform
        self.icount = icount
        self.parallel = parallel
        self.options = {"mode": mode, **(monitor or {})}
        self.append = list(append)
        self.devices = []
        self.peer = None
        self.qmp = None
        self.secret = secret
        self.challenge = challenge
        self.report = self.directory / "monitor.json"
        self.tree = self.directory / "tree.dtb"
        self.command_line = ""
        self.hvc0 = None
        self.console_log = None
        self.process = None
        if secret:
            self.options["secret"] = secret
            self.append.append(f"pguest_secret={secret}")
        if challenge:
            self.append.append(f"pguest_challenge={challenge}")

    # --- devices ------------------------------------------------------------

    def _virtio(self, kind, rest="", modern=True):
        protected = "on" if self.access_platform else "off"
        return ["-device", f"virtio-{kind}-pci,iommu_platform={protected}"
                + (",disable-legacy=on" if modern else "") + rest]

    def add_disk(self, path):
        name = f"disk{sum('-drive' == word for word in self.devices)}"
        self.devices += ["-drive", f"file={path},if=none,id={name},format=raw,cache=unsafe"]
        self.devices += self._virtio("blk", f",drive={name}")
        return self

    def add_net(self):
        self.peer = NetPeer()
        self.devices += ["-netdev", "user,id=net0"]
        self.devices += self._virtio("net", ",netdev=net0,romfile=")
        self.append += ["pguest_net=1", f"pguest_port_up={self.peer.up}",
                        f"pguest_port_down={self.peer.down}"]
        return self

    def add_rng(self):
        self.devices += ["-object", "rng-builtin,id=rng0"]
        self.devices += self._virtio("rng", ",rng=rng0")
        return self

    def add_console(self):
        self.hvc0 = self.directory / "hvc0.log"
        self.devices += self._virtio("serial")
        self.devices += ["-chardev", f"file,id=hvc0,path={self.hvc0}",
                         "-device", "virtconsole,chardev=hvc0"]
        return self

    def add_balloon(self):
        self.devices += self._virtio("balloon")
        return self

    def add_qmp(self):
        self.qmp = self.directory / "qmp"
        self.devices += ["-qmp", f"unix:{self.qmp},server=on,wait=off"]
        return self

    def add_all(self, disk):
        return self.add_disk(disk).add_net().add_rng().add_console()

    def hand_over(self, data):
        """What a firmware would leave for the guest's kernel: DICE (scripts/pguest/dice.py)."""
        file = self.directory / "handover"
        file.write_bytes(data)
        self.options["handover"] = file
        return self

    def look_for(self, given):
        """Secrets that the monitor looks for; the guest plants the one of its file PLANTED, and knows of no other."""
        file = self.directory / "secrets"
        file.write_bytes(b"".join((one * SECRET_BYTES)[:SECRET_BYTES] for one in given))
        self.options["secrets"] = file
        self.append.append(f"pguest_secret={PLANTED}")
        return self

    # --- the command line ---------------------------------------------------

    @property
    def shared_half(self):
        """What a realm adds to an address to mean the host's half of its address space."""
        return 1 << int(self.options.get("ipa_bits", 40)) - 1

    @property
    def memory_mib(self):
        """In a realm the host's half has pages of its own behind it: as many again."""
        return MONITOR_MIB + self.ram_mib * (2 if self.mode == "cca" else 1)

    def kernel_command_line(self, scenario):
        early = [] if self.earlycon is False else [f"earlycon=pl011,{self.earlycon or PL011_BASE:#x}"]
        return " ".join(["console=ttyAMA0", *early, "printk.devkmsg=on", "panic=-1", "loglevel=7",
                         f"pguest_scenario={scenario}", *self.append])

    def command(self, scenario):
        semihosting = ["enable=on", "target=native", "arg=monitor"]
        # QEMU wants a comma that is no separator to be doubled.
        offset = text_offset(self.image)
        options = {**({"text_offset": f"{offset:#x}"} if offset else {}), **self.options}
        semihosting += [f"arg={key}={value}".replace(",", ",,")
                        for key, value in options.items()]
        semihosting += [f"arg=report={self.report}", f"arg=tree={self.tree}"]
        command = [
            self.QEMU, "-M", "virt,virtualization=on,gic-version=3,iommu=smmuv3",
            "-cpu", "max,pauth-impdef=on", "-smp", str(self.cpus),
            "-m", str(self.memory_mib), "-display", "none", "-monitor", "none",
            "-serial", "stdio", "-nic", "none", "-no-reboot",
            "-kernel", str(paths.monitor_image()), "-initrd", str(self.initrd),
            "-append", self.kernel_command_line(scenario),
            "-device", f"loader,file={self.image},addr={GUEST_BASE + offset:#x},force-raw=on",
            "-semihosting-config", ",".join(semihosting),
        ]
        return command + self.acceleration() + self.devices

    def acceleration(self):
        """How QEMU runs the CPUs: one after the other in one thread, unless a test wants them to run at the same time.

        A CPU that waits for a lock then lets the others run. With a thread for each, on a machine that has not as many
        CPUs for itself, more than half of the instructions of a boot were those of CPUs that wait for one whose thread
        waits.
        """
        if self.icount:
            return ["-icount", "shift=0,sleep=on"]
        return ["-accel", f"tcg,thread={'multi' if self.parallel else 'single'}"]

    # --- the run ------------------------------------------------------------

    def run(self, scenario="nothing", timeout=180, allow=(), ends=("off",), live=None,
            during=None):
        """Boot to the end.

        `allow`: patterns of lines that are expected here and not bad;
        `ends`: how the monitor may say that it ended; `live` gets every
        console line as it comes; `during(machine)` runs in a thread beside.
        """
        seen = Seen()
        self.report.unlink(missing_ok=True)
        command = self.command(scenario)
        self.command_line = self.kernel_command_line(scenario)
        (self.directory / "command").write_text(" ".join(command) + "\n")
        start = time.monotonic()
        said = open(self.directory / "qemu.log", "w+")
        self.console_log = open(self.directory / "console.log", "w", buffering=1)
        try:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL,
                                       stdout=subprocess.PIPE, stderr=said)
        except OSError as error:
            raise NoReport(f"cannot start {self.QEMU}: {error.strerror}") from error
        self.process = process
        if during:
            threading.Thread(target=during, args=(self,), daemon=True).start()
        try:
            if "timeout" in ends:
                allow = [*allow, "(monitor|host): FAIL: no end"]
            timed_out = self._follow(process, seen, start, timeout, allow, live)
        finally:
            if process.poll() is None:
                process.kill()
            seen.status = process.wait()
            said.seek(0)
            seen.qemu_says = said.read()
            said.close()
            self.console_log.close()
            seen.seconds = time.monotonic() - start
        self._read_report(seen)
        self._judge(seen, timed_out, timeout, ends)
        return seen

    def _follow(self, process, seen, start, timeout, allow, live):
        """Read the console until the machine ends; True if its time ran out."""
        allowed = re.compile("|".join(allow)) if allow else None
        end = start + timeout
        stream = process.stdout.fileno()
        rest = b""
        while True:
            left = end - time.monotonic()
            if left <= 0:
                return not seen.bad
            if not select.select([stream], [], [], left)[0]:
                continue
            # QEMU writes each character on its own. To be woken for each of them costs more than to wait for some.
            time.sleep(READ_EVERY)
            data = os.read(stream, 1 << 16)
            if not data:
                process.wait(timeout=10)
                return False
            *whole, rest = (rest + data).split(b"\n")
            for raw in whole:
                line = raw.decode(errors="replace").rstrip("\r")
                self.console_log.write(line + "\n")
                self._take_line(line, seen, start)
                if live:
                    live(line)
                if not seen.bad and (name := self._name_bad(line, allowed)):
                    seen.bad.append((name, line))
                    end = min(end, time.monotonic() + AFTERMATH)

    def _name_bad(self, line, allowed):
        return bad_name(line, allowed)

    @staticmethod
    def _take_line(line, seen, start):
        seen.console.append(line)
        if not (match := RESULT.search(line)):
            return
        try:
            item = json.loads(match[1])
            Machine._take_item(item, seen)
        except (AttributeError, KeyError, TypeError, ValueError):
            seen.bad.append(("torn result", line))
            return
        if seen.boot_ms is None:
            seen.boot_ms = int((time.monotonic() - start) * 1000)

    @staticmethod
    def _take_item(item, seen):
        """One result. The guest chose what is in it: the caller deals with what has another shape."""
        if "value" in item:
            seen.values[item["value"]] = item["is"]
            seen.told_at[item["value"]] = time.time()
        elif "check" in item:
            seen.checks[item["check"]] = item["ok"]
            seen.reasons[item["check"]] = item.get("why", "")
        elif "token" in item:
            seen.token_pieces.append(item["token"])
        elif "chain" in item:
            seen.chain_pieces.append(item["chain"])
        elif "ledger" in item:
            seen.ledger.append(item["ledger"])
        elif "summary" in item:
            seen.summary = item["summary"]

    def _read_report(self, seen):
        try:
            seen.monitor = json.loads(self.report.read_text())
        except FileNotFoundError:
            pass
        except ValueError as error:
            raise NoReport(f"the monitor's report is not JSON: {error}", seen) from error

    @staticmethod
    def _judge(seen, timed_out, timeout, ends):
        if seen.bad:
            name, line = seen.bad[0]
            raise BadPattern(f"{name}: {line.strip()}", seen)
        if timed_out:
            raise Timeout(f"still running after {timeout} s", seen)
        if not seen.monitor:
            raise NoReport("the monitor wrote no report", seen)
        if seen.exit not in ends:
            reasons = "; ".join(seen.monitor.get("failures", [])) or "no reason given"
            raise BootFail(f"the machine ended with {seen.exit}, not {' or '.join(ends)}: {reasons}",
                           seen)


def seen_of(console):
    """What the lines of a console say, of a boot whose files were kept."""
    seen = Seen()
    for line in console:
        Machine._take_line(line, seen, 0)
    return seen


def bad_name(line, allowed):
    """The name of the bad pattern in `line`, or None."""
    if "@pguest " in line or (allowed and allowed.search(line)):
        return None
    for name, pattern in BAD_PATTERNS.items():
        if re.search(pattern, line):
            return name
    return None
