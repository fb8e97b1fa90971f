# SPDX-License-Identifier: GPL-2.0-only
"""Machines whose hypervisor is not ours: a pKVM host in QEMU, and VMs in it.

    machine = PkvmHost(tmp_path, cpus=2, ram_mib=512)
    machine.add_disk(disk)
    seen = machine.run("io")

As Machine, and seen.monitor has what the host saw, in the monitor's words. To
boot the host costs more than most guests do, so it can have several, one after
the other:

    host = Host(tmp_path)
    host.vm("small", "disk", cpus=1, ram_mib=128).add_disk(disk)
    host.vm("large", "disk", cpus=4, ram_mib=512).add_disk(other)
    host.boot(timeout=300)
    seen = host.seen("small")       # or raises what went wrong with this one
"""

import json
import re

from pguest import cpio, host
from pguest.machine import PL011_BASE, BootFail, Machine, NetPeer, Seen, bad_name

# What the host needs beside the guest's memory: its kernel, initramfs, page tables.
HOST_MIB = 768
NET_MIB = 4
# QEMU 7.2 does not invalidate what an EL2 with VHE asks it to, so that pages of a hypervisor in
# hVHE mode are not wiped: its map of the page before is still there. See Documentation/pkvm-host.rst.
NVHE = "arm64_sw.hvhe=0 id_aa64mmfr1.vh=0"
MODES = ("pkvm", "plain")
# What the VMM has to offer beside the devices of the default machine.
OFFERED = ("--pci", "--steal", "--vmclock")
# Seconds after which the VMM ends a guest, and the next one has its turn.
DEADLINE = 300
LETTERS = "abcdefghijklmnopqrstuvwxyz"

BEGINS = re.compile(r"^vmm: VM \d+-(\S+)$")


class Host(Machine):
    """The machine itself. Its guests write to its console, one after the other."""

    def __init__(self, directory, cpus=2):
        super().__init__(directory, cpus=cpus, parallel=True)
        self.vms = {}
        self.disks = []
        self.nets = 0
        self.running = None
        self.failure = None

    def vm(self, name, scenario, **options):
        """Another guest: a PkvmHost to add devices to. `allow` and `ends` as Machine.run has them."""
        self.vms[name] = PkvmHost(self.directory, host_machine=self, name=name, scenario=scenario,
                                  **options)
        return self.vms[name]

    # --- devices: the host's, and what it calls them -------------------------

    def disk(self, path):
        if path not in self.disks:
            self.devices += ["-drive", f"file={path},if=none,id=disk{len(self.disks)},format=raw,cache=unsafe",
                             "-device", f"virtio-blk-pci,drive=disk{len(self.disks)}"]
            self.disks.append(path)
        return f"/dev/vd{LETTERS[self.disks.index(path)]}"

    def net(self):
        self.devices += ["-netdev", f"user,id=net{self.nets}",
                         "-device", f"virtio-net-pci,netdev=net{self.nets},romfile="]
        self.nets += 1
        return f"eth{self.nets - 1}"

    def port(self, name, path):
        self.devices += ["-chardev", f"file,id={name},path={path}",
                         "-device", f"virtserialport,chardev={name},name={name}"]
        return f"/tmp/{name}"

    # --- the command line ---------------------------------------------------

    def initramfs(self):
        """The host's own, and a second archive with the guests: the kernel unpacks both."""
        archive = cpio.Archive()
        files = {}

        def file(path):
            if path not in files:
                files[path] = f"guest/{len(files)}-{path.name}"
                archive.file(files[path], path.read_bytes())
            return f"/{files[path]}"

        for directory in ("guest", "guest/vms"):
            archive.directory(directory)
        for number, vm in enumerate(self.vms.values()):
            place = f"guest/vms/{number:02}-{vm.name}"
            archive.directory(place)
            words = [*vm.vmm_words(vm.scenario), "--kernel", file(vm.image), "--initrd", file(vm.initrd)]
            if vm.handover:
                words += ["--handover", file(vm.handover)]
            archive.file(f"{place}/arguments", "".join(f"{word}\n" for word in words).encode())
            for when in ("before", "after"):
                if script := getattr(vm, when):
                    archive.file(f"{place}/{when}", script.encode())
        made = self.directory / "host-initramfs.cpio"
        made.write_bytes(host.INITRAMFS.read_bytes() + archive.finish())
        return made

    def command(self, scenario):
        ram_mib = max((vm.ram_mib for vm in self.vms.values()), default=self.ram_mib) + HOST_MIB
        return [
            self.QEMU, "-M", "virt,virtualization=on,gic-version=3",
            "-cpu", "max,pauth-impdef=on", "-smp", str(self.cpus),
            "-m", str(ram_mib), "-display", "none", "-monitor", "none",
            "-serial", "stdio", "-nic", "none", "-no-reboot",
            "-kernel", str(host.image()), "-initrd", str(self.initramfs()),
            "-append", f"console=ttyAMA0 kvm-arm.mode=protected {NVHE} loglevel=3 panic=-1",
            "-device", "virtio-serial-pci",
            "-chardev", f"file,id=report,path={self.report}",
            "-device", "virtserialport,chardev=report,name=report",
            *self.acceleration(), *self.devices]

    # --- what came of it ------------------------------------------------------

    def boot(self, timeout=120, live=None, during=None):
        """All guests. What goes wrong is raised when the guest is asked for that it went wrong with."""
        try:
            whole = self.run("", timeout=timeout, live=live, during=during)
        except BootFail as failure:
            self.failure, whole = failure, failure.seen or Seen()
        for vm in self.vms.values():
            vm.seen.seconds, vm.seen.qemu_says = whole.seconds, whole.qemu_says
        return self

    def seen(self, name):
        vm = self.vms[name]
        vm.judge(self.failure)
        return vm.seen

    def _take_line(self, line, seen, start):
        super()._take_line(line, seen, start)
        if match := BEGINS.match(line):
            self.running = self.vms[match[1]]
        elif self.running:
            super()._take_line(line, self.running.seen, start)

    def _name_bad(self, line, allowed):
        """Trouble of a guest's is the guest's, which ends by itself or by the VMM's deadline."""
        name = bad_name(line, allowed)
        if not name or not self.running:
            return name
        if bad_name(line, self.running.allowed):
            self.running.seen.bad.append((name, line))
        return None

    def _read_report(self, seen):
        """Hand each guest its report. A file that QEMU made and the host did not write has none."""
        lines = self.report.read_text().splitlines() if self.report.exists() else []
        for line in lines:
            item = json.loads(line)
            vm = self.vms[item["vm"].partition("-")[2]]
            vm.take_report(item)
        seen.monitor = {"exit": "off"} if lines else {}


class PkvmHost(Machine):
    """One guest, with a host of its own unless it is given one."""

    def __init__(self, directory, host_machine=None, name="guest", scenario="", before="", after="",
                 vmm=(), host_cpus=2, early=False, allow=(), ends=("off",), deadline=DEADLINE,
                 consoles=0, **options):
        super().__init__(directory, **options)
        self.host = host_machine or Host(directory, cpus=host_cpus)
        self.host.vms[name] = self
        self.name = name
        self.scenario = scenario
        self.early = early
        self.consoles = consoles    # that `vmm` has already
        self.before = before
        self.after = after
        self.words = ["--deadline", str(deadline), *vmm]
        self.handover = None
        self.ends = ends
        self.allowed = re.compile("|".join(allow)) if allow else None
        self.seen = Seen()

    # --- devices: what the VMM makes of the host's ----------------------------

    def add_disk(self, path):
        self.words += ["--disk", self.host.disk(path)]
        return self

    def add_hostile_disk(self, path, attack):
        """One more with the same contents, of a device that does as tests/vmm/attack.c says."""
        self.words += ["--attack", attack]
        return self.add_disk(path)

    def add_net(self):
        # A round trip goes through two machines, and QEMU's user network has a small window.
        self.peer = NetPeer(NET_MIB << 20)
        self.words += ["--net", self.host.net()]
        self.append += ["pguest_net=1", f"pguest_net_mib={NET_MIB}", f"pguest_port_up={self.peer.up}",
                        f"pguest_port_down={self.peer.down}"]
        return self

    def add_hostile_net(self, attack):
        """Another one, of a device that does as tests/vmm/attack.c says."""
        self.words += ["--attack", attack, "--net", self.host.net()]
        return self

    def add_rng(self):
        # The driver asks for 64 bytes at a time: a MiB of them takes a minute here.
        self.append += ["pguest_rng_kib=64"]
        self.words += ["--rng"]
        return self

    def add_console(self):
        self.hvc0 = self.directory / f"{self.name}-hvc0.log"
        self.words += ["--console", self.host.port(f"{self.name}-hvc0", self.hvc0)]
        self.consoles += 1
        return self

    def add_balloon(self):
        self.words += ["--balloon", "/tmp/balloon"]
        return self

    def hand_over(self, data):
        """By the VMM: mainline's pKVM starts no firmware, so that the host knows the secret."""
        self.handover = self.directory / f"{self.name}-handover"
        self.handover.write_bytes(data)
        return self

    # --- the command line ---------------------------------------------------

    def vmm_words(self, scenario):
        """All but the files that it starts with."""
        words = ["--protected"] if self.mode == "pkvm" else []
        words += ["--cpus", str(self.cpus), "--ram", str(self.ram_mib)]
        if not self.access_platform:
            words += ["--no-access-platform"]
        if self.secret:
            words += ["--secret", self.secret]
        return words + self.words + ["--console", "-", "--append", self.kernel_command_line(scenario)]

    def kernel_command_line(self, scenario):
        """The last virtio console is the guest's: an exit for each byte of a UART is slow here.

        It is late, so init replays the log, and a guest that ends without a word wants
        another boot with early=True.
        """
        early = [f"earlycon=pl011,{PL011_BASE:#x}"] if self.early else []
        console = f"hvc{self.consoles}"
        return " ".join([f"console={console}", f"pguest_replay={console}", *early, "printk.devkmsg=on", "panic=-1", "loglevel=7",
                         f"pguest_scenario={scenario}", *self.append])

    # --- what the host saw ----------------------------------------------------

    def run(self, scenario, timeout=120, allow=(), ends=("off",), live=None, during=None):
        """Boot, alone on the host."""
        self.scenario, self.ends = scenario, ends
        self.allowed = re.compile("|".join(allow)) if allow else None
        self.host.boot(timeout=timeout, live=live, during=during and (lambda _: during(self)))
        return self.host.seen(self.name)

    def take_report(self, item):
        vmm = item["report"]
        if not vmm:
            return
        self.seen.monitor = vmm
        self.seen.status = item["status"]
        shared = [phase["shared"] for phase in vmm["phases"]]
        vmm["host"] = {when: item[when] for when in ("before", "after")}
        vmm["shared"] = {"now": shared[-1], "peak": max(shared)}
        vmm["hypercalls"] = {"answered by the host": vmm["kvm"].get("hvc_exit_stat", 0)}
        vmm["blocked"] = {"host_read": vmm["host_reads_refused"],
                          "dma": sum(entry["times"] for entry in vmm["private_addresses"])}
        if first := self.seen.phase(1):
            self.seen.boot_ms = first["ms"]

    def judge(self, host_failure):
        """Raises what went wrong, if anything did."""
        if host_failure and not self.seen.monitor and not self.seen.bad:
            raise host_failure
        self._judge(self.seen, False, 0, self.ends)
