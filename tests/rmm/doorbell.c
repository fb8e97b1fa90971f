// SPDX-License-Identifier: GPL-2.0-only
/* The monitor's doorbell, as far as this host can play it: a guest's test marks a place, or asks to be attacked. */
#include "attack.h"
#include "bell.h"
#include "count.h"
#include "doorbell.h"
#include "exits.h"
#include "memory.h"
#include "options.h"
#include "report.h"

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
		return memory_steal(bell.argument & ~(PAGE - 1)) ? DOORBELL_OK : DOORBELL_EINVAL;
	default:
		return DOORBELL_EINVAL;
	}
}

static u64 read_counter(u64 number)
{
	switch (number) {
	case COUNTER_MEM_SHARE:		return count.set_empty;
	case COUNTER_MEM_UNSHARE:	return count.set_ram;
	case COUNTER_SHARED:		return count.shared;
	case COUNTER_SHARED_PEAK:	return count.shared_peak;
	case COUNTER_FIRST_TOUCH:	return count.first_touch;
	case COUNTER_MMIO:		return count_mmio();
	case COUNTER_BLOCKED_MMIO:	return count.blocked_mmio;
	case COUNTER_BLOCKED_HOST_READ:	return count.host_read;
	case COUNTER_GRANULE:		return opt.alignment;
	default:			return 0;
	}
}

void doorbell(struct vcpu *vcpu, struct mmio *m)
{
	(void)vcpu;
	lock();
	bell_access(&bell, m);
	unlock();
}
