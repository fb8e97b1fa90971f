// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read the time from the clock page that the host writes.
 *
 * The host can write anything at any time. So the page is copied in bounded time, and
 * only the copy is checked and used; invalid values are refused. A time that does not
 * follow from the previous one is a step. Fail once on an unannounced step, so that
 * callers do not mistake it for elapsed time. The host can announce a step, as after a
 * migration.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/ptp_clock_kernel.h>
#include <linux/string.h>

#include <asm/barrier.h>

#include <compat/int128.h>

#include "vmclock.h"

/* Bounds on the wait for an update, which is longer than any host needs */
#define WAIT_NS		(500 * NSEC_PER_USEC)
#define WAIT_TRIES	4096

/* The smallest page: some hosts have only the fields of the first version. */
#define SIZE_MIN	offsetofend(struct vmclock_abi, time_maxerror_nanosec)

/* Bound on the error of a counter: larger than that of a crystal, and than NTP corrects */
#define DRIFT_SHIFT	10

/* Error that is assumed if the host states none */
#define UNSTATED_NS	NSEC_PER_SEC

static const struct {
	int err;
	const char *why;
} faults[VMCLOCK_FAULTS] = {
	[VMCLOCK_FINE]		= { 0, "nothing is wrong" },
	[VMCLOCK_BUSY]		= { -ETIMEDOUT, "an update does not end" },
	[VMCLOCK_NO_COUNTER]	= { -ENODATA, "the host offers no counter" },
	[VMCLOCK_NO_CLOCK]	= { -ENODATA, "the host's clock is not to be relied on" },
	[VMCLOCK_NO_UTC]	= { -ENODATA, "its time is not UTC, nor can be made so" },
	[VMCLOCK_ADDRESS_BAD]	= { -EPROTO, "its address is not aligned" },
	[VMCLOCK_MAGIC_BAD]	= { -EPROTO, "it is no clock page" },
	[VMCLOCK_VERSION_BAD]	= { -EPROTO, "its version is unknown" },
	[VMCLOCK_SIZE_BAD]	= { -EPROTO, "its size makes no sense" },
	[VMCLOCK_COUNTER_BAD]	= { -EPROTO, "it is for another counter than this CPU's" },
	[VMCLOCK_PERIOD_BAD]	= { -EPROTO, "its period is not that of the counter" },
	[VMCLOCK_AHEAD]		= { -EPROTO, "it was written in the future" },
	[VMCLOCK_RANGE_BAD]	= { -EPROTO, "its time makes no sense" },
	[VMCLOCK_STEP]		= { -ESTALE, "it stepped, and that was not announced" },
};

/**
 * vmclock_errno() - error code of a fault
 * @fault: why there is no time
 *
 * Context: Any.
 * Return: 0; -EPROTO for an invalid page; -ENODATA or -ETIMEDOUT if a later read may
 *	   succeed; -ESTALE after a step, if the next read will succeed.
 */
int vmclock_errno(enum vmclock_fault fault)
{
	return faults[fault].err;
}

/**
 * vmclock_why() - description of a fault for the log
 * @fault: why there is no time
 *
 * Context: Any.
 * Return: a clause about the page.
 */
const char *vmclock_why(enum vmclock_fault fault)
{
	return faults[fault].why;
}

/* Read each word once. */
static void copy_words(struct vmclock_abi *copy, const struct vmclock_abi *page)
{
	const u64 *from = (const u64 *)page;
	u64 *to = (u64 *)copy;
	size_t i;

	BUILD_BUG_ON(sizeof(*copy) != 112);
	for (i = 0; i < sizeof(*copy) / sizeof(u64); i++)
		to[i] = READ_ONCE(from[i]);
}

/* Take a consistent copy, and read the counter while it is valid. */
static enum vmclock_fault take_copy(struct vmclock *clock, struct vmclock_abi *copy,
				    u64 *counter, struct ptp_system_timestamp *sts)
{
	u64 wait = mul_u64_u32_div(clock->frequency, WAIT_NS, NSEC_PER_SEC);
	u64 start = clock->counter();
	unsigned int tries;
	u32 seq;

	*counter = start;
	for (tries = 0; tries < WAIT_TRIES && *counter - start <= wait; tries++) {
		seq = le32_to_cpu(READ_ONCE(clock->page->seq_count));
		/* The host writes the count before and after all other fields. */
		virt_rmb();
		copy_words(copy, clock->page);
		ptp_read_system_prets(sts);
		*counter = clock->counter();
		ptp_read_system_postts(sts);
		/* All other fields were read before the count is read again. */
		virt_rmb();
		if (!(seq & 1) && seq == le32_to_cpu(READ_ONCE(clock->page->seq_count)))
			return VMCLOCK_FINE;
		cpu_relax();
	}
	return VMCLOCK_BUSY;
}

static enum vmclock_fault check_head(const struct vmclock_abi *copy, size_t min,
				     size_t max)
{
	u32 size = le32_to_cpu(copy->size);

	if (le32_to_cpu(copy->magic) != VMCLOCK_MAGIC)
		return VMCLOCK_MAGIC_BAD;
	if (le16_to_cpu(copy->version) != 1)
		return VMCLOCK_VERSION_BAD;
	if (size < min || size > max)
		return VMCLOCK_SIZE_BAD;
	return VMCLOCK_FINE;
}

/* The period times the frequency must be a second, which is 2^64 * 2^shift units. */
static bool period_fits(const struct vmclock *clock, u64 period, u8 shift)
{
	u128 second, one = (u128)1 << 64;

	if (shift >= 64)
		return false;
	second = ((u128)period * clock->frequency) >> shift;
	return second >= one - (one >> DRIFT_SHIFT) && second <= one + (one >> DRIFT_SHIFT);
}

static enum vmclock_fault check_body(const struct vmclock *clock,
				     const struct vmclock_abi *copy, u64 counter)
{
	u64 flags = le64_to_cpu(copy->flags);

	if (copy->counter_id == VMCLOCK_COUNTER_INVALID)
		return VMCLOCK_NO_COUNTER;
	if (copy->counter_id != VMCLOCK_COUNTER_ARM_VCNT)
		return VMCLOCK_COUNTER_BAD;
	if (!period_fits(clock, le64_to_cpu(copy->counter_period_frac_sec),
			 copy->counter_period_shift))
		return VMCLOCK_PERIOD_BAD;
	if ((s64)(counter - le64_to_cpu(copy->counter_value)) < 0)
		return VMCLOCK_AHEAD;
	if (copy->clock_status == VMCLOCK_STATUS_INITIALIZING ||
	    copy->clock_status >= VMCLOCK_STATUS_UNRELIABLE)
		return VMCLOCK_NO_CLOCK;
	if (copy->time_type != VMCLOCK_TIME_UTC &&
	    !(copy->time_type == VMCLOCK_TIME_TAI && flags & VMCLOCK_FLAG_TAI_OFFSET_VALID))
		return VMCLOCK_NO_UTC;
	return VMCLOCK_FINE;
}

/* Convert seconds with 64 fractional bits to nanoseconds. */
static u64 seconds_to_ns(u128 seconds)
{
	u64 whole = seconds >> 64;

	if (whole >= KTIME_SEC_MAX)
		return U64_MAX;
	return whole * NSEC_PER_SEC + (u64)(((u128)(u64)seconds * NSEC_PER_SEC) >> 64);
}

static u64 add_saturated(u64 a, u64 b)
{
	return a + b < a ? U64_MAX : a + b;
}

static enum vmclock_fault compute_reading(const struct vmclock_abi *copy, u64 counter,
					  struct vmclock_reading *reading)
{
	u64 flags = le64_to_cpu(copy->flags);
	u64 ticks = counter - le64_to_cpu(copy->counter_value);
	u64 seconds = le64_to_cpu(copy->time_sec);
	u128 passed, drift;
	u64 ns;

	/* No overflow: up to 2^63 ticks, and the period was checked. */
	passed = ((u128)ticks * le64_to_cpu(copy->counter_period_frac_sec)) >>
		 copy->counter_period_shift;
	if (seconds >= KTIME_SEC_MAX || (u64)(passed >> 64) >= KTIME_SEC_MAX)
		return VMCLOCK_RANGE_BAD;
	if (copy->time_type == VMCLOCK_TIME_TAI)
		seconds -= (s16)le16_to_cpu(copy->tai_offset_sec);
	if ((s64)seconds < 0)
		return VMCLOCK_RANGE_BAD;

	ns = seconds_to_ns(((u128)seconds << 64) + le64_to_cpu(copy->time_frac_sec) + passed);
	if (ns > KTIME_MAX)
		return VMCLOCK_RANGE_BAD;

	reading->counter = counter;
	reading->time = ns;
	reading->marker = le64_to_cpu(copy->disruption_marker);
	reading->error = VMCLOCK_UNSTATED;
	if (flags & VMCLOCK_FLAG_TIME_MAXERROR_VALID) {
		reading->error = le64_to_cpu(copy->time_maxerror_nanosec);
		if (flags & VMCLOCK_FLAG_PERIOD_MAXERROR_VALID) {
			drift = (u128)ticks *
				le64_to_cpu(copy->counter_period_maxerror_rate_frac_sec);
			drift >>= copy->counter_period_shift;
			reading->error = add_saturated(reading->error, seconds_to_ns(drift));
		}
	}
	return VMCLOCK_FINE;
}

static u64 allowed_error(const struct vmclock_reading *reading)
{
	return reading->error == VMCLOCK_UNSTATED ? UNSTATED_NS : reading->error;
}

/* Compare a time with the last one and the counter; refuse an unannounced step. */
static enum vmclock_fault check_step(struct vmclock *clock, struct vmclock_reading *reading)
{
	struct vmclock_reading *last = &clock->last;
	u64 passed, off, allowed;
	ktime_t expected;

	if (reading->marker != last->marker) {
		clock->disruptions++;
		return VMCLOCK_FINE;
	}
	passed = mul_u64_u64_div_u64(reading->counter - last->counter, NSEC_PER_SEC,
				     clock->frequency);
	expected = ktime_add_safe(last->time, min_t(u64, passed, KTIME_MAX));
	off = abs(reading->time - expected);
	allowed = add_saturated(allowed_error(last), allowed_error(reading));
	allowed = add_saturated(allowed, passed >> DRIFT_SHIFT);
	if (off > allowed)
		return VMCLOCK_STEP;
	/* The host may have corrected its clock within the error: do not go backwards. */
	reading->time = max(reading->time, last->time);
	return VMCLOCK_FINE;
}

static enum vmclock_fault remember_reading(struct vmclock *clock, enum vmclock_fault fault,
					   struct vmclock_reading *reading)
{
	unsigned long flags;

	spin_lock_irqsave(&clock->lock, flags);
	/* Two readers may get here in another order than that of their readings. */
	if (!fault && (!clock->known || (s64)(reading->counter - clock->last.counter) >= 0)) {
		if (clock->known)
			fault = check_step(clock, reading);
		clock->known = true;
		clock->last = *reading;
	}
	clock->refused += !!fault;
	spin_unlock_irqrestore(&clock->lock, flags);
	return fault;
}

/**
 * vmclock_read() - read the time of the host
 * @clock: the clock page
 * @reading: the result
 * @sts: set to the system time before and after the reading; may be NULL
 *
 * Context: Any. Takes up to half a millisecond.
 * Return: %VMCLOCK_FINE, or why there is no time.
 */
enum vmclock_fault vmclock_read(struct vmclock *clock, struct vmclock_reading *reading,
				struct ptp_system_timestamp *sts)
{
	enum vmclock_fault fault;
	struct vmclock_abi copy;
	u64 counter;

	preempt_disable();
	fault = take_copy(clock, &copy, &counter, sts);
	preempt_enable();

	fault = fault ?: check_head(&copy, clock->size, clock->size);
	fault = fault ?: check_body(clock, &copy, counter);
	fault = fault ?: compute_reading(&copy, counter, reading);
	return remember_reading(clock, fault, reading);
}

/**
 * vmclock_copy() - copy the page
 * @clock: the clock page
 * @copy: the result; fields that the page is too small for are 0
 *
 * Context: Any. Takes up to half a millisecond.
 * Return: %VMCLOCK_FINE; otherwise @copy is not valid.
 */
enum vmclock_fault vmclock_copy(struct vmclock *clock, struct vmclock_abi *copy)
{
	enum vmclock_fault fault;
	u64 counter;

	preempt_disable();
	fault = take_copy(clock, copy, &counter, NULL);
	preempt_enable();

	fault = fault ?: check_head(copy, clock->size, clock->size);
	if (fault)
		return fault;
	if (clock->size < sizeof(*copy)) {
		copy->vm_generation_counter = 0;
		copy->flags &= ~cpu_to_le64(VMCLOCK_FLAG_VM_GEN_COUNTER_PRESENT);
	}
	return VMCLOCK_FINE;
}

/**
 * vmclock_init() - check a clock page, and begin to use it
 * @clock: to be filled in
 * @page: the page, with room for all of struct vmclock_abi
 * @size: size of the page in bytes, as the host gives it
 * @counter: reads the counter of the CPU
 * @frequency: its frequency in Hz
 *
 * The beginning of the page never changes, so it is checked even while the host writes
 * to the rest.
 *
 * Context: Any.
 * Return: %VMCLOCK_FINE, or why the page can never be used.
 */
enum vmclock_fault vmclock_init(struct vmclock *clock, const struct vmclock_abi *page,
				size_t size, u64 (*counter)(void), u64 frequency)
{
	enum vmclock_fault fault;
	struct vmclock_abi copy;

	if (size < sizeof(*page))
		return VMCLOCK_SIZE_BAD;
	copy_words(&copy, page);
	fault = check_head(&copy, SIZE_MIN, size);
	if (fault)
		return fault;

	memset(clock, 0, sizeof(*clock));
	spin_lock_init(&clock->lock);
	clock->page = page;
	clock->size = le32_to_cpu(copy.size);
	clock->counter = counter;
	clock->frequency = frequency;
	return VMCLOCK_FINE;
}
