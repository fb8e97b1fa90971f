// SPDX-License-Identifier: GPL-2.0-only
/* The vCPUs, and the page by which REC_ENTER is given registers and gives them back (DEN0137, RmiRecRun). */
#include "options.h"
#include "vcpu.h"

#define ENTER_GPRS	0x200
#define EXIT		0x800

struct cpu_block cpu_blocks[NR_CPUS] __attribute__((aligned(4096)));

/* The RMM looks at four bits of the number, and so do we: RECs are numbered from 0. */
struct vcpu *vcpu_by_mpidr(u64 mpidr)
{
	u64 index = mpidr & 0xf;

	return index < opt.cpus ? vcpu_of(index) : NULL;
}

u64 exit_field(const struct vcpu *vcpu, u32 offset)
{
	return *(volatile u64 *)(vcpu->run + EXIT + offset);
}

void enter_gpr(struct vcpu *vcpu, u32 n, u64 value)
{
	*(volatile u64 *)(vcpu->run + ENTER_GPRS + 8 * n) = value;
}
