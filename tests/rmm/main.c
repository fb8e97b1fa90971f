// SPDX-License-Identifier: GPL-2.0-only
/* The boot in order, then the secondaries'. */
#include "count.h"
#include "gic.h"
#include "memory.h"
#include "options.h"
#include "realm.h"
#include "report.h"
#include "rmi.h"

#define PSCI_CPU_ON		0xc4000003
#define HCR_NORMAL		(BIT(31) | 7UL << 3)	/* AArch64 below us; interrupts are EL2's */

extern u8 __bss_end[];

static void el2_setup(void)
{
	mmu_on();
	sysreg_write(hcr_el2, HCR_NORMAL);
	barrier_all();
}

static void start_cpu(struct vcpu *vcpu, u64 entry)
{
	s64 result = psci_smc(PSCI_CPU_ON, vcpu->index, entry, (u64)vcpu);

	if (result)
		fail("firmware's CPU_ON of CPU %u: %d", vcpu->index, (int)result);
}

void boot_main(u64 secondary_entry)
{
	pages_init(__bss_end, (void *)HOST_END);
	report_init();
	options_read();
	mmu_init();
	el2_setup();
	memory_init();
	rmm_init();
	realm_build();
	gic_init(vgic_raise);
	vgic_init();
	say("realm of %lu bits, %lu MiB, %lu CPUs, %s: %lu granules, %lu of them tables", opt.ipa_bits, opt.ram_mib,
	    opt.cpus, opt.hash, count.granules, count.tables);
	report_start();
	vcpu_of(0)->on = true;
	for (u32 i = 1; i < opt.cpus; i++)
		start_cpu(vcpu_of(i), secondary_entry);
	gic_cpu_init();
	vcpu_run(vcpu_of(0));
}

void secondary_main(struct vcpu *vcpu)
{
	el2_setup();
	gic_cpu_init();
	vcpu_run(vcpu);
}
