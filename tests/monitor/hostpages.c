// SPDX-License-Identifier: GPL-2.0-only
/* Pages of the host's, when the guest starts and while it runs. */
#include "hostpages.h"
#include "memory.h"
#include "options.h"

/* Before the guest's first instruction; an ordinary VM has them as it has its RAM. */
void host_pages_init(void)
{
	for (struct host_slot *s = host_slots; s < host_slots + ARRAY_SIZE(host_slots); s++) {
		if ((s->ipa == STEAL_IPA && !pvtime_offered()) || (s->ipa == TABLE_IPA && !opt.acpi_table))
			continue;
		s->pa = (u64)pages_must(opt.granule / PAGE, "the host's pages");
		if (!protected_vm() && !stage2_set(s->ipa, OWNED))
			fail("no memory for the tables of the host's pages");
	}
	vmclock_init();
}

/* After each exit, without the lock. */
void host_pages_tick(struct vcpu *vcpu)
{
	pvtime_tick(vcpu);
	vmclock_tick();
}

void host_pages_report(struct json *j)
{
	host_memory_report(j);
	pvtime_report(j);
	vmclock_report(j);
}
