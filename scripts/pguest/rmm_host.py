# SPDX-License-Identifier: GPL-2.0-only
"""Realms whose RMM is not ours: Trusted Firmware's, in QEMU, with our host in the normal world.

    machine = RmmHost(tmp_path, cpus=2, ram_mib=512)
    machine.add_disk(disk)
    seen = machine.run("io")

As Machine, and seen.monitor is the host's report (tests/rmm). FIRMWARE in the
environment is a directory with what TF-A's and TF-RMM's builds have made.
"""

import os
import shutil
import subprocess
from pathlib import Path

from pguest import qemu, rmm
from pguest.machine import PL011_BASE, Machine, NetPeer

MODES = ("cca",)
GUEST_RAM = 0x40000000
DOORBELL = 0x0b000000
# What TF-A's platform and the RMM know of; the realm's granules come out of it.
MACHINE_MIB = 3072
MACHINE_END = 1 << 32
NET_MIB = 4
# A tick costs two exits through two more worlds: on a machine with other work to do, some vCPUs do little
# else for half a minute, which is no fault of theirs.
STALL = "rcupdate.rcu_cpu_stall_timeout=120"
FIP_OFFSET = 256 << 10


class RmmHost(Machine):
    """The host's options are those of the monitor where both have them; see tests/rmm/README.rst."""

    def __init__(self, directory, mode="cca", firmware=None, early=False, **options):
        super().__init__(directory, mode=mode, **{"parallel": True, **options})
        self.firmware = Path(firmware or os.environ["FIRMWARE"])
        self.options.pop("mode")
        self.early = early

    # --- devices: QEMU's own, on virtio-mmio, which the host forwards -----------

    def _virtio(self, kind, rest="", modern=True):
        protected = "on" if self.access_platform else "off"
        rest = rest.replace(",romfile=", "")
        return ["-device", f"virtio-{kind}-device,iommu_platform={protected}{rest}"]

    def add_net(self):
        self.peer = NetPeer(NET_MIB << 20)
        self.devices += ["-netdev", "user,id=net0", *self._virtio("net", ",netdev=net0")]
        self.append += ["pguest_net=1", f"pguest_net_mib={NET_MIB}", f"pguest_port_up={self.peer.up}",
                        f"pguest_port_down={self.peer.down}"]
        return self

    def add_console(self):
        self.hvc0 = self.directory / "hvc0.log"
        self.devices += ["-chardev", f"file,id=hvc0,path={self.hvc0}", *self._virtio("serial"),
                         "-device", "virtconsole,chardev=hvc0"]
        return self

    def add_rng(self):
        self.append += ["pguest_rng_kib=64"]
        return super().add_rng()

    # --- the command line ---------------------------------------------------

    @property
    def shared_ram(self):
        """Where RAM is in the shared half: there is memory of the machine's at that very address."""
        return self.shared_half + GUEST_RAM

    def memory(self):
        """With 32 bits that is in the machine's own RAM; else it is a memory device, however high."""
        if self.shared_ram < MACHINE_END:
            return ["-m", str(MACHINE_MIB)]
        most_mib = MACHINE_MIB + (self.shared_ram >> 20) + 4096
        return ["-m", f"{MACHINE_MIB},slots=1,maxmem={most_mib}M",
                "-object", f"memory-backend-ram,id=shared,size={self.ram_mib}M",
                "-device", f"pc-dimm,memdev=shared,addr={self.shared_ram:#x}"]

    def flash(self):
        """TF-A's boot ROM, and behind it a copy of the FIP in which our host is BL33."""
        fip = self.directory / "fip.bin"
        shutil.copy(self.firmware / "fip.bin", fip)
        subprocess.run(["fiptool", "update", "--nt-fw", rmm.IMAGE, fip], check=True, capture_output=True)
        made = self.directory / "flash.bin"
        boot_rom = (self.firmware / "bl1.bin").read_bytes()
        made.write_bytes(boot_rom.ljust(FIP_OFFSET, b"\0") + fip.read_bytes())
        return made

    def console(self):
        """The last virtio console shares standard output with the UART, which is firmware's and our host's."""
        serial = [] if self.hvc0 else self._virtio("serial")
        return ["-chardev", "stdio,id=stdio,mux=on,signal=off", "-serial", "chardev:stdio", "-serial", "null",
                *serial, "-device", "virtconsole,chardev=stdio"]

    def kernel_command_line(self, scenario):
        """A byte on a UART is three exits; a line on a virtio console is as many. But that one is late."""
        early = [f"earlycon=pl011,{self.earlycon or PL011_BASE:#x}"] if self.early else []
        console = "hvc1" if self.hvc0 else "hvc0"
        return " ".join([f"console={console}", f"pguest_replay={console}", *early,
                         "printk.devkmsg=on", "panic=-1", "loglevel=7", STALL,
                         f"pguest_doorbell={self.shared_half + DOORBELL:#x}",
                         f"pguest_scenario={scenario}", *self.append])

    def command(self, scenario):
        words = self.directory / "append"
        words.write_text(self.kernel_command_line(scenario))
        options = {"image": self.image, "initrd": self.initrd, "append": words, "report": self.report,
                   "tree": self.tree,
                   "cpus": self.cpus, "ram": self.ram_mib, **self.options}
        semihosting = ["enable=on", "target=native", "arg=host"]
        semihosting += [f"arg={key}={value}".replace(",", ",,") for key, value in options.items()]
        return [
            *qemu.command(), "-M", "virt,secure=on,virtualization=on,gic-version=3",
            "-cpu", "max,x-rme=on", "-smp", str(self.cpus), *self.memory(), "-display", "none", "-monitor", "none",
            "-nic", "none", "-no-reboot", "-bios", str(self.flash()),
            "-global", "virtio-mmio.force-legacy=false",
            "-semihosting-config", ",".join(semihosting),
            *self.acceleration(), *self.devices, *self.console()]
