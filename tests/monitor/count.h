/* SPDX-License-Identifier: GPL-2.0-only */
/* What is counted for the report. */
#ifndef MONITOR_COUNT_H
#define MONITOR_COUNT_H

#include "cpu.h"
#include "end.h"

/* count.c */
struct counters {
	u64 shared, shared_peak;
	u64 emptied;			/* times that the last shared granule was taken back */
	u64 blocked_dma, blocked_mmio, blocked_its, host_read;
	u64 first_touch, guarded, relinquished, secrets, text;
	u64 odd_calls;			/* option psci_cpu_on= */
	u64 descriptors, headers, stale_descriptors, stale_headers;	/* option stale= */
	u64 broken;			/* option break_queue= */
	u64 stood_in_calls, stood_elsewhere;	/* option stand= */
	u64 set_empty, set_ram;		/* calls */
	u64 strayed;			/* upper pages that were touched though RIPAS is not EMPTY */
	u64 its_poisoned;		/* tables that still had the host's poison in them when they came into use */
};

extern struct counters count;

enum verdict blocked(void);		/* an access to a device that is refused: counted, and an abort */

#endif
