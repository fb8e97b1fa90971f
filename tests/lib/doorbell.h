/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The doorbell: a device of the monitor's through which a test in the guest drives the attacker and
 * reads counters. One page, 32- and 64-bit accesses, through /dev/mem; no MMIO guard needed. A realm has
 * it in both halves.
 *
 * Used by the monitor and by user-space programs (tests/guest): no includes, no types.
 */
#ifndef PGUEST_DOORBELL_H
#define PGUEST_DOORBELL_H

#define DOORBELL_IPA		0x0b000000UL

#define DOORBELL_COMMAND	0x00	/* W: carried out at once, with the argument that was written before */
#define DOORBELL_ARGUMENT	0x08	/* RW, 64 bits (or two halves) */
#define DOORBELL_RESULT		0x10	/* R: 0, or negative: see below */
#define DOORBELL_VALUE		0x18	/* R, 64 bits */
#define DOORBELL_COUNTER(n)	(0x100 + 8 * (n))	/* R, 64 bits */

enum doorbell_command {
	DOORBELL_MARK	= 1,	/* argument = phase id: a snapshot of the counters goes into the report */
	DOORBELL_PEEK	= 2,	/* argument = IPA: the host reads the 64-bit word there */
	DOORBELL_SCAN	= 3,	/* argument = 64-bit pattern: value = how often the host finds it (aligned to 8) */
	DOORBELL_POKE	= 4,	/* argument = IPA: the host overwrites the 64-bit word there with garbage */
	DOORBELL_DONE	= 5,	/* argument = 0 the test passed, 1 it failed (goes into "failures") */
	DOORBELL_STEAL	= 6,	/* argument = IPA: the host reclaims the private granule by force (zeroed, poisoned) */
	DOORBELL_CLOCK_DISRUPT = 7, /* argument below: marker + 1 on the clock page, a new generation ID and its SPI */
	DOORBELL_STOLEN	= 8,	/* argument = vCPU: value = nanoseconds stolen since its last PV_TIME_ST */
	DOORBELL_LOSE	= 11,	/* argument = N: each Nth interrupt of devices is lost; 0: none any more, and those come */
	/* A host with a kernel and a VMM alone (tests/vmm): the VMM asks the kernel to do it. */
	DOORBELL_FILL	= 9,	/* argument = IPA: read() puts a word there */
	DOORBELL_SEND	= 10,	/* argument = IPA: write() takes one from there: value */
};

#define DOORBELL_CLOCK_STUCK	1	/* argument of CLOCK_DISRUPT: the count stays odd until the next one, and no new ID */

#define DOORBELL_PHASE_END	0xffffffffUL	/* id of the last snapshot, taken at the end of the run; 0 is the start */

/* Results: the values of Linux's errno.h, negative */
#define DOORBELL_OK		0
#define DOORBELL_EFAULT		(-14)	/* private: refused, and counted as host_read */
#define DOORBELL_EINVAL		(-22)	/* no such command, or no RAM of the guest there */

enum doorbell_counter {
	COUNTER_HYPERCALLS,	/* all, by HVC or SMC */
	COUNTER_MEM_SHARE,	/* calls, not granules; in a realm: RIPAS to EMPTY */
	COUNTER_MEM_UNSHARE,	/* in a realm: RIPAS to RAM */
	COUNTER_SHARED,		/* granules now */
	COUNTER_SHARED_PEAK,
	COUNTER_FIRST_TOUCH,	/* granules donated */
	COUNTER_MMIO,		/* accesses carried out */
	COUNTER_SYSREG,		/* system registers trapped */
	COUNTER_BLOCKED_DMA,
	COUNTER_BLOCKED_MMIO,
	COUNTER_BLOCKED_HOST_READ,
	COUNTER_BLOCKED_ITS,
	COUNTER_GUARDED,	/* pages of MMIO */
	COUNTER_RELINQUISHED,
	COUNTER_INSTRUCTIONS,	/* of this CPU at EL0, EL1 and EL2; 0 without -icount */
	COUNTER_GUEST_INSTRUCTIONS, /* at EL0 and EL1 */
	COUNTER_GRANULE,	/* bytes; no counter, but tests want it */
	DOORBELL_COUNTERS
};

#endif
