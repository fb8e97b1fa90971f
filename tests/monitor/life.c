// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a realm's CPU starts with beside PC, X0, PSTATE and SCTLR_EL1. PSCI says nothing about the rest: it is what
 * the CPU had when it went off (rmm->keeps_last_life), or anything.
 */
#include "cpu.h"
#include "memory.h"
#include "options.h"

static struct life {
	bool was;
	u64 registers[LIFE_REGISTERS];
} lives[NR_CPUS];

/* On the CPU that goes off. Its general registers stay in @vcpu. */
void life_ends(const struct vcpu *vcpu)
{
	lives[vcpu->index].was = true;
	life_save(lives[vcpu->index].registers);
}

bool life_goes_on(const struct vcpu *vcpu)
{
	if (lives[vcpu->index].was)
		life_load(lives[vcpu->index].registers);
	return lives[vcpu->index].was;
}

/* Those that a boot has to write before it turns the MMU on, or takes an exception */
void life_unknown(struct vcpu *vcpu)
{
	u64 junk = opt.poison * POISON_WORD;

	for (int i = 1; i < 31; i++)
		vcpu->x[i] = junk;
	sysreg_write(sp_el0, junk);
	sysreg_write(elr_el1, junk);
	sysreg_write(spsr_el1, junk);
	sysreg_write(ttbr0_el1, junk);
	sysreg_write(ttbr1_el1, junk);
	sysreg_write(tcr_el1, junk);
	sysreg_write(mair_el1, junk);
	sysreg_write(vbar_el1, junk);
	sysreg_write(contextidr_el1, junk);
	sysreg_write(tpidr_el0, junk);
	sysreg_write(tpidr_el1, junk);
}
