// SPDX-License-Identifier: GPL-2.0-only
/*
 * Two counters of retired instructions: this CPU's guest, and all of it. QEMU counts instructions with
 * -icount alone, and then for the whole machine: the numbers are exact with one CPU.
 */
#include "cpu.h"

#define INST_RETIRED	0x08
#define COUNT_EL2	BIT(27)		/* PMEVTYPER.NSH */
#define PMCR_E		BIT(0)
#define PMCR_LP		BIT(7)		/* 64-bit counters, from PMUv3p5 on */
#define PMUV3		1

static bool have_pmu(void)
{
	u64 version = sysreg_read(id_aa64dfr0_el1) >> 8 & 15;

	return version >= PMUV3 && version != 15;
}

void pmu_setup(void)
{
	if (!have_pmu())
		return;
	sysreg_write(pmevtyper0_el0, INST_RETIRED);
	sysreg_write(pmevtyper1_el0, INST_RETIRED | COUNT_EL2);
	sysreg_write(pmevcntr0_el0, 0);
	sysreg_write(pmevcntr1_el0, 0);
	sysreg_write(pmcntenset_el0, 3);
	sysreg_write(pmcr_el0, PMCR_E | PMCR_LP);
}

u64 pmu_guest_instructions(void)
{
	return have_pmu() ? sysreg_read(pmevcntr0_el0) : 0;
}

u64 pmu_instructions(void)
{
	return have_pmu() ? sysreg_read(pmevcntr1_el0) : 0;
}
