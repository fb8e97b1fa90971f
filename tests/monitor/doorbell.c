// SPDX-License-Identifier: GPL-2.0-only
/* The doorbell's registers; what the commands do is in host.c. */
#include "bell.h"
#include "calls.h"
#include "count.h"
#include "device.h"
#include "doorbell.h"
#include "host.h"
#include "hostpages.h"
#include "options.h"
#include "report.h"
#include "trap.h"

#define MEM_SHARE	0xc6000003
#define MEM_UNSHARE	0xc6000004

static s64 do_command(u32 number);
static u64 read_counter(u64 number);

static struct bell bell = {
	.mark = report_phase, .peek = host_peek, .poke = host_poke, .scan = host_scan,
	.command = do_command, .counter = read_counter,
};

static s64 do_command(u32 number)
{
	switch (number) {
	case DOORBELL_STEAL:
		return host_steal(bell.argument);
	case DOORBELL_CLOCK_DISRUPT:
		bell.value = vmclock_disrupt(bell.argument);
		return DOORBELL_OK;
	case DOORBELL_LOSE:
		vgic_lose(bell.argument);
		return DOORBELL_OK;
	case DOORBELL_STOLEN:
		if (bell.argument >= nr_cpus)
			return DOORBELL_EINVAL;
		bell.value = pvtime_stolen(bell.argument);
		return DOORBELL_OK;
	default:
		return DOORBELL_EINVAL;
	}
}

static u64 read_counter(u64 number)
{
	switch (number) {
	case COUNTER_HYPERCALLS:	return calls_total();
	case COUNTER_MEM_SHARE:		return is_realm() ? count.set_empty : calls_of(MEM_SHARE);
	case COUNTER_MEM_UNSHARE:	return is_realm() ? count.set_ram : calls_of(MEM_UNSHARE);
	case COUNTER_SHARED:		return count.shared;
	case COUNTER_SHARED_PEAK:	return count.shared_peak;
	case COUNTER_FIRST_TOUCH:	return count.first_touch;
	case COUNTER_MMIO:		return count_mmio();
	case COUNTER_SYSREG:		return count_sysreg();
	case COUNTER_BLOCKED_DMA:	return count.blocked_dma;
	case COUNTER_BLOCKED_MMIO:	return count.blocked_mmio;
	case COUNTER_BLOCKED_HOST_READ:	return count.host_read;
	case COUNTER_BLOCKED_ITS:	return count.blocked_its;
	case COUNTER_GUARDED:		return count.guarded;
	case COUNTER_RELINQUISHED:	return count.relinquished;
	case COUNTER_INSTRUCTIONS:	return pmu_instructions();
	case COUNTER_GUEST_INSTRUCTIONS: return pmu_guest_instructions();
	case COUNTER_GRANULE:		return opt.granule;
	default:			return 0;
	}
}

enum mmio_result doorbell_access(struct vcpu *vcpu, struct mmio *m)
{
	(void)vcpu;
	smmu_poll();
	lock();
	bell_access(&bell, m);
	unlock();
	return MMIO_DONE;
}
