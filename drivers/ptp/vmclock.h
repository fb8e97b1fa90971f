/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the host's clock page says, and how much of it can be true.
 */
#ifndef _PGUEST_VMCLOCK_H
#define _PGUEST_VMCLOCK_H

#include <linux/ktime.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/vmclock-abi.h>

struct ptp_system_timestamp;

/**
 * enum vmclock_fault - why there is no time
 * @VMCLOCK_FINE:	there is
 * @VMCLOCK_BUSY:	the host does not come to the end of an update
 * @VMCLOCK_NO_COUNTER:	the host says that it has no counter to offer
 * @VMCLOCK_NO_CLOCK:	or that its clock is not set, or not to be relied on
 * @VMCLOCK_NO_UTC:	its time cannot be told as UTC
 * @VMCLOCK_ADDRESS_BAD: no page can be there
 * @VMCLOCK_MAGIC_BAD:	this is no clock page
 * @VMCLOCK_VERSION_BAD: a version that we do not know
 * @VMCLOCK_SIZE_BAD:	too small, larger than its memory, or another than before
 * @VMCLOCK_COUNTER_BAD: a counter that is not ours
 * @VMCLOCK_PERIOD_BAD:	a period that is not our counter's
 * @VMCLOCK_AHEAD:	a time of which our counter knows nothing yet
 * @VMCLOCK_RANGE_BAD:	a time that cannot be
 * @VMCLOCK_STEP:	not what follows from the time before, and not announced
 * @VMCLOCK_FAULTS:	their number
 */
enum vmclock_fault {
	VMCLOCK_FINE,
	VMCLOCK_BUSY,
	VMCLOCK_NO_COUNTER,
	VMCLOCK_NO_CLOCK,
	VMCLOCK_NO_UTC,
	VMCLOCK_ADDRESS_BAD,
	VMCLOCK_MAGIC_BAD,
	VMCLOCK_VERSION_BAD,
	VMCLOCK_SIZE_BAD,
	VMCLOCK_COUNTER_BAD,
	VMCLOCK_PERIOD_BAD,
	VMCLOCK_AHEAD,
	VMCLOCK_RANGE_BAD,
	VMCLOCK_STEP,
	VMCLOCK_FAULTS
};

/* The error of a time of which the host states none */
#define VMCLOCK_UNSTATED	U64_MAX

/**
 * struct vmclock_reading - a time that the host tells
 * @counter:	our counter at that time
 * @time:	nanoseconds since 1970, UTC
 * @error:	nanoseconds that it may be wrong, as the host says
 * @marker:	the host's mark of the last disruption
 */
struct vmclock_reading {
	u64 counter;
	ktime_t time;
	u64 error;
	u64 marker;
};

/**
 * struct vmclock - a clock page, and what we remember of it
 * @page:	the host's; it changes at any time
 * @size:	what it said of its size at first
 * @frequency:	of our counter, in Hz
 * @counter:	our counter
 * @lock:	for all that follows
 * @known:	@last means something
 * @last:	the last time that was told
 * @disruptions: how often the host announced one
 * @refused:	times that were not told
 */
struct vmclock {
	const struct vmclock_abi *page;
	u32 size;
	u64 frequency;
	u64 (*counter)(void);
	spinlock_t lock;	/* what is remembered */
	bool known;
	struct vmclock_reading last;
	u64 disruptions;
	u64 refused;
};

enum vmclock_fault vmclock_init(struct vmclock *clock, const struct vmclock_abi *page,
				size_t size, u64 (*counter)(void), u64 frequency);
enum vmclock_fault vmclock_copy(struct vmclock *clock, struct vmclock_abi *copy);
enum vmclock_fault vmclock_read(struct vmclock *clock, struct vmclock_reading *reading,
				struct ptp_system_timestamp *sts);
int vmclock_errno(enum vmclock_fault fault);
const char *vmclock_why(enum vmclock_fault fault);

#endif /* _PGUEST_VMCLOCK_H */
