# SPDX-License-Identifier: GPL-2.0-only
"""One machine whose hypervisor is not ours: a pKVM host in QEMU, a VM in it.

    machine = PkvmHost(tmp_path, cpus=2, ram_mib=512)
    machine.add_disk(disk)
    seen = machine.run("io")

As Machine, and seen.monitor has what the host saw, in the monitor's words.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "lib"))

import cpio  # noqa: E402
import host  # noqa: E402
from machine import PL011_BASE, Machine, NetPeer  # noqa: E402

# What the host needs beside the guest's memory: its kernel, initramfs, page tables.
HOST_MIB = 768
NET_MIB = 4
# QEMU 7.2 does not invalidate what an EL2 with VHE asks it to, so that pages of a hypervisor in
# hVHE mode are not wiped: its map of the page before is still there. See Documentation/pkvm-host.rst.
NVHE = "arm64_sw.hvhe=0 id_aa64mmfr1.vh=0"
MODES = ("pkvm", "plain")


class PkvmHost(Machine):
    """The command line of QEMU is the host's; that of the VMM goes in its initramfs."""

    def __init__(self, directory, before="", vmm=(), host_cpus=2, early=False, **options):
        super().__init__(directory, **options)
        self.early = early
        self.consoles = 0
        self.before = before
        self.words = list(vmm)
        self.host_cpus = host_cpus
        self.disks = 0

    # --- devices: the host's, and what the VMM makes of them -----------------

    def add_disk(self, path):
        name = f"disk{self.disks}"
        self.devices += ["-drive", f"file={path},if=none,id={name},format=raw,cache=unsafe",
                         "-device", f"virtio-blk-pci,drive={name}"]
        self.words += ["--disk", f"/dev/vd{'abcdefgh'[self.disks]}"]
        self.disks += 1
        return self

    def add_net(self):
        # A round trip goes through two machines, and QEMU's user network has a small window.
        self.peer = NetPeer(NET_MIB << 20)
        self.devices += ["-netdev", "user,id=net0",
                         "-device", "virtio-net-pci,netdev=net0,romfile="]
        self.words += ["--net", "eth0"]
        self.append += ["pguest_net=1", f"pguest_net_mib={NET_MIB}", f"pguest_port_up={self.peer.up}",
                        f"pguest_port_down={self.peer.down}"]
        return self

    def add_rng(self):
        # The driver asks for 64 bytes at a time: a MiB of them takes a minute here.
        self.append += ["pguest_rng_kib=64"]
        self.words += ["--rng"]
        return self

    def add_console(self):
        self.hvc0 = self.directory / "hvc0.log"
        self.devices += ["-chardev", f"file,id=hvc0,path={self.hvc0}",
                         "-device", "virtserialport,chardev=hvc0,name=hvc0"]
        self.words += ["--console", "/tmp/hvc0"]
        self.consoles += 1
        return self

    def add_balloon(self):
        self.words += ["--balloon", "/tmp/balloon"]
        return self

    # --- the command line ---------------------------------------------------

    def vmm_words(self, scenario):
        words = ["--protected"] if self.mode == "pkvm" else []
        words += ["--cpus", str(self.cpus), "--ram", str(self.ram_mib)]
        if not self.access_platform:
            words += ["--no-access-platform"]
        if self.secret:
            words += ["--secret", self.secret]
        return words + self.words + ["--console", "-"] + [
            "--kernel", "/guest/Image", "--initrd", "/guest/initramfs",
            "--append", self.kernel_command_line(scenario)]

    def kernel_command_line(self, scenario):
        """The last virtio console is the guest's: an exit for each byte of a UART is slow here.

        It is late, so init replays the log, and a guest that ends without a word wants
        another boot with early=True.
        """
        early = [f"earlycon=pl011,{PL011_BASE:#x}"] if self.early else []
        console = f"hvc{self.consoles}"
        return " ".join([f"console={console}", f"pguest_replay={console}", *early, "printk.devkmsg=on", "panic=-1", "loglevel=7",
                         f"pguest_scenario={scenario}", *self.append])

    def host_initramfs(self, scenario):
        """The host's own, and a second archive with the guest: the kernel unpacks both."""
        archive = cpio.Archive()
        archive.directory("guest")
        archive.file("guest/Image", self.image.read_bytes())
        archive.file("guest/initramfs", self.initrd.read_bytes())
        words = "".join(f"{word}\n" for word in self.vmm_words(scenario))
        archive.file("guest/arguments", words.encode())
        if self.before:
            archive.file("guest/before", self.before.encode())
        made = self.directory / "host-initramfs.cpio"
        made.write_bytes(host.INITRAMFS.read_bytes() + archive.finish())
        return made

    def command(self, scenario):
        return [
            self.QEMU, "-M", "virt,virtualization=on,gic-version=3",
            "-cpu", "max,pauth-impdef=on", "-smp", str(self.host_cpus),
            "-m", str(self.ram_mib + HOST_MIB), "-display", "none", "-monitor", "none",
            "-serial", "stdio", "-nic", "none", "-no-reboot",
            "-kernel", str(host.image()), "-initrd", str(self.host_initramfs(scenario)),
            "-append", f"console=ttyAMA0 kvm-arm.mode=protected {NVHE} loglevel=3 panic=-1",
            "-device", "virtio-serial-pci",
            "-chardev", f"file,id=report,path={self.report}",
            "-device", "virtserialport,chardev=report,name=report",
            *self.devices]

    # --- what the host saw ----------------------------------------------------

    def _read_report(self, seen):
        if self.report.exists() and not self.report.read_text().strip():
            self.report.unlink()    # QEMU made the file, nobody wrote it
        super()._read_report(seen)
        vmm = seen.monitor
        if not vmm:
            return
        shared = [phase["shared"] for phase in vmm["phases"]]
        vmm["shared"] = {"now": shared[-1], "peak": max(shared)}
        vmm["hypercalls"] = {"answered by the host": vmm["kvm"].get("hvc_exit_stat", 0)}
        vmm["blocked"] = {"host_read": vmm["host_reads_refused"],
                          "dma": sum(entry["times"] for entry in vmm["private_addresses"])}
        if first := seen.phase(1):
            seen.boot_ms = first["ms"]
