/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reading and checking the clock page that the host writes.
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
 * @VMCLOCK_FINE:	there is a time
 * @VMCLOCK_BUSY:	the host did not complete an update in time
 * @VMCLOCK_NO_COUNTER:	the host has no counter
 * @VMCLOCK_NO_CLOCK:	the clock of the host is not set or not reliable
 * @VMCLOCK_NO_UTC:	the time cannot be converted to UTC
 * @VMCLOCK_ADDRESS_BAD: the address of the page is not aligned
 * @VMCLOCK_MAGIC_BAD:	it is not a clock page
 * @VMCLOCK_VERSION_BAD: its version is unknown
 * @VMCLOCK_SIZE_BAD:	it is too small or larger than its memory, or its size has changed
 * @VMCLOCK_COUNTER_BAD: it is for another counter than that of the CPU
 * @VMCLOCK_PERIOD_BAD:	its period does not match the frequency of the counter
 * @VMCLOCK_AHEAD:	its counter value is in the future
 * @VMCLOCK_RANGE_BAD:	its time is out of range
 * @VMCLOCK_STEP:	its time does not follow from the previous one, unannounced
 * @VMCLOCK_FAULTS:	number of faults
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

/* struct vmclock_reading.error if the host states none */
#define VMCLOCK_UNSTATED	U64_MAX

/**
 * struct vmclock_reading - a time of the host
 * @counter:	counter of the CPU at that time
 * @time:	nanoseconds since 1970, UTC
 * @error:	largest error in nanoseconds, as the host states it
 * @marker:	disruption marker of the host
 */
struct vmclock_reading {
	u64 counter;
	ktime_t time;
	u64 error;
	u64 marker;
};

/**
 * struct vmclock - a clock page, and the state of its readers
 * @page:	the page, which the host can change at any time
 * @size:	its size when it was first read
 * @frequency:	frequency of the counter in Hz
 * @counter:	reads the counter of the CPU
 * @lock:	protects the members below
 * @known:	@last is valid
 * @last:	the last time that was returned
 * @disruptions: number of disruptions that the host announced
 * @refused:	number of times that were refused
 */
struct vmclock {
	const struct vmclock_abi *page;
	u32 size;
	u64 frequency;
	u64 (*counter)(void);
	spinlock_t lock;	/* the members below */
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
