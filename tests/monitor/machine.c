// SPDX-License-Identifier: GPL-2.0-only
/* What all of the monitor has in common: the CPUs, and where the guest is. */
#include "cpu.h"

struct cpu_block cpu_blocks[NR_CPUS] __attribute__((aligned(4096)));
u32 nr_cpus;
u64 secondary_start;
struct span ram, machine_ram, image, initrd, dtb, handover;

struct vcpu *vcpu_by_mpidr(u64 mpidr)
{
	for (u32 i = 0; i < nr_cpus; i++)
		if (cpu_blocks[i].vcpu.mpidr == mpidr)
			return &cpu_blocks[i].vcpu;
	return NULL;
}

u64 count_mmio(void)
{
	u64 total = 0;

	for (u32 i = 0; i < nr_cpus; i++)
		total += cpu_blocks[i].vcpu.mmio;
	return total;
}

u64 count_sysreg(void)
{
	u64 total = 0;

	for (u32 i = 0; i < nr_cpus; i++)
		total += cpu_blocks[i].vcpu.sysreg;
	return total;
}
