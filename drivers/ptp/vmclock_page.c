// SPDX-License-Identifier: GPL-2.0-only
/*
 * Read a time from the host's clock page.
 *
 * The host writes there whenever it likes, and whatever it likes. So the page is
 * copied once, in bounded time, and only the copy is looked at. What makes no
 * sense is refused. Of what makes sense, a time that does not follow from the one
 * before is refused once, so that nobody takes a step for the course of time; the
 * host can announce one, as after a migration, and is believed.
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

/* No host needs as long for an update, and no reader shall wait for longer. */
#define WAIT_NS		(500 * NSEC_PER_USEC)
#define WAIT_TRIES	4096

/* The first version of the page ends here, at times. */
#define SIZE_MIN	offsetofend(struct vmclock_abi, time_maxerror_nanosec)

/* A counter is as exact as a cheap crystal, and NTP corrects it by less. */
#define DRIFT_SHIFT	10

/* What a host that states no error is allowed. */
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
 * vmclock_errno() - a fault for those who know only errors
 * @fault: why there is no time
 *
 * Return: -EPROTO if the page makes no sense, -ENODATA and -ETIMEDOUT where it
 *	   may be better later, -ESTALE where the next time is told; 0.
 */
int vmclock_errno(enum vmclock_fault fault)
{
	return faults[fault].err;
}

/**
 * vmclock_why() - a fault for people
 * @fault: why there is no time
 *
 * Return: half a sentence, about the page.
 */
const char *vmclock_why(enum vmclock_fault fault)
{
	return faults[fault].why;
}

/* The same words at all times, each read once. */
static void copy_words(struct vmclock_abi *copy, const struct vmclock_abi *page)
{
	const u64 *from = (const u64 *)page;
	u64 *to = (u64 *)copy;
	size_t i;

	BUILD_BUG_ON(sizeof(*copy) != 112);
	for (i = 0; i < sizeof(*copy) / sizeof(u64); i++)
		to[i] = READ_ONCE(from[i]);
}

/* A copy that no update has torn, and our counter at a time when it was valid. */
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
		/* The host writes the count before and after all else. */
		virt_rmb();
		copy_words(copy, clock->page);
		ptp_read_system_prets(sts);
		*counter = clock->counter();
		ptp_read_system_postts(sts);
		/* All else was read when the count is read again. */
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

/* 2^64 * 2^shift units are a second: so must be as many ticks as in a second. */
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

/* Nanoseconds of a number of seconds that has 64 bits behind the point. */
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

	/* 2^128 is never reached: 2^63 ticks, each of a period that was checked. */
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

/* Does a time follow from the last one, as far as our own counter can tell? */
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
	/* The host knows better now what time it was, which is no reason to go back. */
	reading->time = max(reading->time, last->time);
	return VMCLOCK_FINE;
}

static enum vmclock_fault remember_reading(struct vmclock *clock, enum vmclock_fault fault,
					   struct vmclock_reading *reading)
{
	unsigned long flags;

	spin_lock_irqsave(&clock->lock, flags);
	/* Of two readers the one that came later may have been first here. */
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
 * vmclock_read() - the time that the host tells
 * @clock: its page
 * @reading: that time
 * @sts: for the system's time before and after, or NULL
 *
 * Context: Any. Returns after half a millisecond, or earlier.
 * Return: %VMCLOCK_FINE, or why there is none.
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
 * vmclock_copy() - all that is in the page
 * @clock: the page
 * @copy: for it; what the page is too small for becomes 0
 *
 * Context: Any. Returns after half a millisecond, or earlier.
 * Return: %VMCLOCK_FINE; anything else, and @copy means nothing.
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
 * vmclock_init() - begin to use a page
 * @clock: to be filled in
 * @page: the page, with room for all of struct vmclock_abi
 * @size: bytes that the host gave it
 * @counter: our counter
 * @frequency: its frequency, in Hz
 *
 * Its beginning never changes, so that is looked at whether the host is writing
 * to the rest or not.
 *
 * Return: %VMCLOCK_FINE, or why the page cannot be used, now or later.
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
