// SPDX-License-Identifier: GPL-2.0-only
/*
 * vmclock_read(): it returns the right time or an error, and takes a bounded time.
 */
#include <kunit/test.h>
#include <linux/bits.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/prandom.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "../../drivers/ptp/vmclock.h"

#define HZ_NOW		62500000ULL		/* of QEMU's counter */
#define T0		1795000000ULL		/* seconds since 1970 */
#define S		((s64)NSEC_PER_SEC)
#define MAX_ERROR	1000000ULL		/* ns, as the page states it */
#define TICKS		3			/* the counter's, from one look to the next */
#define SHIFT		25

/* The page, the counter, and a host that writes while the page is read. */
static struct {
	struct vmclock_abi page;
	u64 counter;
	u64 ticks;
	unsigned int looks;
	void (*host)(unsigned int look);
} machine;

static u64 test_counter(void)
{
	machine.looks++;
	machine.counter += machine.ticks;
	if (machine.host)
		machine.host(machine.looks);
	return machine.counter;
}

/* 2^(64 + shift) / hz: the unit of a page's period */
static u64 exact_period(u64 hz, unsigned int shift)
{
	u64 rest = 1, quotient = 0;
	unsigned int i;

	for (i = 0; i < 64 + shift; i++) {
		quotient = quotient << 1;
		rest <<= 1;
		if (rest >= hz) {
			rest -= hz;
			quotient |= 1;
		}
	}
	return quotient;
}

static int reset_machine(struct kunit *test)
{
	memset(&machine, 0, sizeof(machine));
	machine.ticks = TICKS;
	machine.counter = 1000 * HZ_NOW;
	machine.page = (struct vmclock_abi) {
		.magic = cpu_to_le32(VMCLOCK_MAGIC),
		.size = cpu_to_le32(SZ_4K),
		.version = cpu_to_le16(1),
		.seq_count = cpu_to_le32(2),
		.disruption_marker = cpu_to_le64(7),
		.flags = cpu_to_le64(VMCLOCK_FLAG_TIME_MAXERROR_VALID),
		.clock_status = VMCLOCK_STATUS_SYNCHRONIZED,
		.counter_period_shift = SHIFT,
		.counter_value = cpu_to_le64(machine.counter),
		.counter_period_frac_sec = cpu_to_le64(exact_period(HZ_NOW, SHIFT)),
		.time_sec = cpu_to_le64(T0),
		.time_frac_sec = cpu_to_le64(BIT_ULL(63)),
		.time_maxerror_nanosec = cpu_to_le64(MAX_ERROR),
	};
	return 0;
}

static enum vmclock_fault begin_reading(struct vmclock *clock)
{
	return vmclock_init(clock, &machine.page, SZ_4K, test_counter, HZ_NOW);
}

static enum vmclock_fault read_once(struct vmclock *clock, struct vmclock_reading *reading)
{
	memset(reading, 0x5a, sizeof(*reading));
	return vmclock_read(clock, reading, NULL);
}

/* The time of the counter's present value, which advances while the page is read. */
static void expect_time(struct kunit *test, struct vmclock *clock, s64 since_t0)
{
	struct vmclock_reading reading;
	s64 off;

	KUNIT_ASSERT_EQ(test, (int)read_once(clock, &reading), (int)VMCLOCK_FINE);
	off = reading.time - (s64)T0 * S - S / 2 - since_t0;
	KUNIT_EXPECT_GE(test, off, 0);
	KUNIT_EXPECT_LE(test, off, 2000);
}

static void time_goes_with_the_counter(struct kunit *test)
{
	struct vmclock clock;

	KUNIT_ASSERT_EQ(test, (int)begin_reading(&clock), (int)VMCLOCK_FINE);
	expect_time(test, &clock, 0);
	machine.counter = 1000 * HZ_NOW + HZ_NOW / 2;
	expect_time(test, &clock, S / 2);
	machine.counter = 1001 * HZ_NOW;
	expect_time(test, &clock, S);
	machine.counter = 1000 * HZ_NOW + 3600 * HZ_NOW;
	expect_time(test, &clock, 3600 * S);
	machine.counter = 1000 * HZ_NOW + 10 * 365 * 24 * 3600 * HZ_NOW;
	expect_time(test, &clock, 10 * 365 * 24 * 3600 * S);
	KUNIT_EXPECT_EQ(test, clock.refused, 0);
	KUNIT_EXPECT_EQ(test, clock.disruptions, 0);
}

static void counter_of_any_frequency(struct kunit *test)
{
	static const u64 hz[] = { 1000000, 19200000, 24000000, 25000000, 50000000,
				  62500000, 100000000, 1000000000, 2000000000 };
	struct vmclock_reading reading;
	struct vmclock clock;
	unsigned int i, shift;
	s64 off;

	for (i = 0; i < ARRAY_SIZE(hz); i++) {
		for (shift = 0; BIT_ULL(shift) <= hz[i]; shift++) {
			reset_machine(test);
			machine.page.counter_period_shift = shift;
			machine.page.counter_period_frac_sec =
				cpu_to_le64(exact_period(hz[i], shift));
			vmclock_init(&clock, &machine.page, SZ_4K, test_counter, hz[i]);
			machine.counter += 100 * hz[i];
			KUNIT_ASSERT_EQ(test, (int)read_once(&clock, &reading),
					(int)VMCLOCK_FINE);
			off = reading.time - (s64)(T0 + 100) * S - S / 2;
			/* Without a shift, 1 GHz has 34 bits of a period that is exact. */
			KUNIT_EXPECT_GE(test, off, -100);
			KUNIT_EXPECT_LE(test, off, 10 * 1000);
		}
	}
}

static void error_is_what_the_host_states(struct kunit *test)
{
	struct vmclock_reading reading;
	struct vmclock clock;
	u64 rate;

	begin_reading(&clock);
	KUNIT_ASSERT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_FINE);
	KUNIT_EXPECT_EQ(test, reading.error, MAX_ERROR);

	/* 50 ppm more with each second, but only if the flag is set. */
	rate = exact_period(HZ_NOW, SHIFT) / 20000;
	machine.page.counter_period_maxerror_rate_frac_sec = cpu_to_le64(rate);
	machine.counter = 1100 * HZ_NOW;
	KUNIT_ASSERT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_FINE);
	KUNIT_EXPECT_EQ(test, reading.error, MAX_ERROR);
	machine.page.flags |= cpu_to_le64(VMCLOCK_FLAG_PERIOD_MAXERROR_VALID);
	KUNIT_ASSERT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_FINE);
	KUNIT_EXPECT_GE(test, reading.error, MAX_ERROR + 5 * NSEC_PER_MSEC - 10);
	KUNIT_EXPECT_LE(test, reading.error, MAX_ERROR + 5 * NSEC_PER_MSEC + 10);

	machine.page.counter_period_maxerror_rate_frac_sec = cpu_to_le64(U64_MAX);
	machine.page.time_maxerror_nanosec = cpu_to_le64(U64_MAX - 1);
	KUNIT_ASSERT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_FINE);
	KUNIT_EXPECT_EQ(test, reading.error, U64_MAX);

	machine.page.flags = 0;
	KUNIT_ASSERT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_FINE);
	KUNIT_EXPECT_EQ(test, reading.error, VMCLOCK_UNSTATED);
}

static void tai_is_returned_as_utc(struct kunit *test)
{
	struct vmclock_reading reading;
	struct vmclock clock;

	begin_reading(&clock);
	machine.page.time_type = VMCLOCK_TIME_TAI;
	machine.page.tai_offset_sec = cpu_to_le16(37);
	machine.page.time_sec = cpu_to_le64(T0 + 37);
	KUNIT_EXPECT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_NO_UTC);
	machine.page.flags |= cpu_to_le64(VMCLOCK_FLAG_TAI_OFFSET_VALID);
	expect_time(test, &clock, 0);
	machine.page.time_sec = cpu_to_le64(T0 - 10);
	machine.page.tai_offset_sec = cpu_to_le16(-10);
	expect_time(test, &clock, 0);
}

/* What can be wrong with a page, at first or later. */
static void set_magic(void)
{
	machine.page.magic = cpu_to_le32(VMCLOCK_MAGIC ^ BIT(31));
}

static void set_nothing(void)
{
	memset(&machine.page, 0, sizeof(machine.page));
}

static void set_ones(void)
{
	memset(&machine.page, 0xff, sizeof(machine.page));
}

static void set_version_0(void)
{
	machine.page.version = 0;
}

static void set_version_2(void)
{
	machine.page.version = cpu_to_le16(2);
}

static void set_size_0(void)
{
	machine.page.size = 0;
}

static void set_size_small(void)
{
	machine.page.size = cpu_to_le32(103);
}

static void set_size_large(void)
{
	machine.page.size = cpu_to_le32(SZ_4K + 1);
}

static void set_size_largest(void)
{
	machine.page.size = cpu_to_le32(U32_MAX);
}

static void set_no_counter(void)
{
	machine.page.counter_id = VMCLOCK_COUNTER_INVALID;
}

static void set_tsc(void)
{
	machine.page.counter_id = VMCLOCK_COUNTER_X86_TSC;
}

static void set_counter_2(void)
{
	machine.page.counter_id = 2;
}

static void set_shift_64(void)
{
	machine.page.counter_period_shift = 64;
}

static void set_shift_255(void)
{
	machine.page.counter_period_shift = 255;
}

static void set_shift_more(void)
{
	machine.page.counter_period_shift++;
}

static void set_period_0(void)
{
	machine.page.counter_period_frac_sec = 0;
}

static void set_period_largest(void)
{
	machine.page.counter_period_frac_sec = cpu_to_le64(U64_MAX);
}

static void set_period_longer(void)
{
	u64 right = exact_period(HZ_NOW, SHIFT);

	machine.page.counter_period_frac_sec = cpu_to_le64(right + right / 1000);
}

static void set_period_shorter(void)
{
	u64 right = exact_period(HZ_NOW, SHIFT);

	machine.page.counter_period_frac_sec = cpu_to_le64(right - right / 1000);
}

static void set_ahead(void)
{
	machine.page.counter_value = cpu_to_le64(machine.counter + HZ_NOW);
}

static void set_ahead_1(void)
{
	machine.page.counter_value = cpu_to_le64(machine.counter + 1000);
}

static void set_far_ahead(void)
{
	machine.page.counter_value = cpu_to_le64(machine.counter + S64_MAX);
}

static void set_never(void)
{
	machine.page.counter_value = cpu_to_le64(machine.counter + BIT_ULL(63) + 100);
}

static void set_time_largest(void)
{
	machine.page.time_sec = cpu_to_le64(U64_MAX);
}

static void set_time_negative(void)
{
	machine.page.time_sec = cpu_to_le64(-T0);
}

static void set_time_2262(void)
{
	machine.page.time_sec = cpu_to_le64(KTIME_SEC_MAX);
}

static void set_time_before_2262(void)
{
	machine.page.time_sec = cpu_to_le64(KTIME_SEC_MAX - 1);
	machine.counter += 2 * HZ_NOW;
}

static void set_tai_before_1970(void)
{
	machine.page.time_type = VMCLOCK_TIME_TAI;
	machine.page.flags |= cpu_to_le64(VMCLOCK_FLAG_TAI_OFFSET_VALID);
	machine.page.tai_offset_sec = cpu_to_le16(S16_MAX);
	machine.page.time_sec = cpu_to_le64(100);
}

static void set_monotonic(void)
{
	machine.page.time_type = VMCLOCK_TIME_MONOTONIC;
}

static void set_smeared(void)
{
	machine.page.time_type = VMCLOCK_TIME_INVALID_SMEARED;
}

static void set_time_type_255(void)
{
	machine.page.time_type = 255;
}

static void set_initializing(void)
{
	machine.page.clock_status = VMCLOCK_STATUS_INITIALIZING;
}

static void set_unreliable(void)
{
	machine.page.clock_status = VMCLOCK_STATUS_UNRELIABLE;
}

static void set_status_255(void)
{
	machine.page.clock_status = 255;
}

static void set_odd(void)
{
	machine.page.seq_count |= cpu_to_le32(1);
}

static void set_back(void)
{
	machine.page.time_sec = cpu_to_le64(T0 - 5);
}

static void set_on(void)
{
	machine.page.time_sec = cpu_to_le64(T0 + 5);
}

static void set_1970(void)
{
	machine.page.time_sec = 0;
}

/* @at_once: so from the start, @later: after a time was returned; @init: what init returns */
static const struct page_case {
	const char *name;
	void (*set)(void);
	enum vmclock_fault init;
	enum vmclock_fault at_once;
	enum vmclock_fault later;
} page_cases[] = {
	{ "bad magic", set_magic,
	  VMCLOCK_MAGIC_BAD, VMCLOCK_MAGIC_BAD, VMCLOCK_MAGIC_BAD },
	{ "zeroes", set_nothing,
	  VMCLOCK_MAGIC_BAD, VMCLOCK_MAGIC_BAD, VMCLOCK_MAGIC_BAD },
	{ "ones", set_ones,
	  VMCLOCK_MAGIC_BAD, VMCLOCK_MAGIC_BAD, VMCLOCK_BUSY },
	{ "version 0", set_version_0,
	  VMCLOCK_VERSION_BAD, VMCLOCK_VERSION_BAD, VMCLOCK_VERSION_BAD },
	{ "version 2", set_version_2,
	  VMCLOCK_VERSION_BAD, VMCLOCK_VERSION_BAD, VMCLOCK_VERSION_BAD },
	{ "no size", set_size_0,
	  VMCLOCK_SIZE_BAD, VMCLOCK_SIZE_BAD, VMCLOCK_SIZE_BAD },
	{ "too small", set_size_small,
	  VMCLOCK_SIZE_BAD, VMCLOCK_SIZE_BAD, VMCLOCK_SIZE_BAD },
	{ "larger than its memory", set_size_large,
	  VMCLOCK_SIZE_BAD, VMCLOCK_SIZE_BAD, VMCLOCK_SIZE_BAD },
	{ "largest size", set_size_largest,
	  VMCLOCK_SIZE_BAD, VMCLOCK_SIZE_BAD, VMCLOCK_SIZE_BAD },
	{ "no counter", set_no_counter,
	  VMCLOCK_FINE, VMCLOCK_NO_COUNTER, VMCLOCK_NO_COUNTER },
	{ "another machine's counter", set_tsc,
	  VMCLOCK_FINE, VMCLOCK_COUNTER_BAD, VMCLOCK_COUNTER_BAD },
	{ "unknown counter", set_counter_2,
	  VMCLOCK_FINE, VMCLOCK_COUNTER_BAD, VMCLOCK_COUNTER_BAD },
	{ "shift 64", set_shift_64,
	  VMCLOCK_FINE, VMCLOCK_PERIOD_BAD, VMCLOCK_PERIOD_BAD },
	{ "shift 255", set_shift_255,
	  VMCLOCK_FINE, VMCLOCK_PERIOD_BAD, VMCLOCK_PERIOD_BAD },
	{ "half the period", set_shift_more,
	  VMCLOCK_FINE, VMCLOCK_PERIOD_BAD, VMCLOCK_PERIOD_BAD },
	{ "no period", set_period_0,
	  VMCLOCK_FINE, VMCLOCK_PERIOD_BAD, VMCLOCK_PERIOD_BAD },
	{ "largest period", set_period_largest,
	  VMCLOCK_FINE, VMCLOCK_PERIOD_BAD, VMCLOCK_PERIOD_BAD },
	{ "period longer by a thousandth", set_period_longer,
	  VMCLOCK_FINE, VMCLOCK_PERIOD_BAD, VMCLOCK_PERIOD_BAD },
	{ "period shorter by a thousandth", set_period_shorter,
	  VMCLOCK_FINE, VMCLOCK_PERIOD_BAD, VMCLOCK_PERIOD_BAD },
	{ "a second ahead", set_ahead,
	  VMCLOCK_FINE, VMCLOCK_AHEAD, VMCLOCK_AHEAD },
	{ "a little ahead", set_ahead_1,
	  VMCLOCK_FINE, VMCLOCK_AHEAD, VMCLOCK_AHEAD },
	{ "far ahead", set_far_ahead,
	  VMCLOCK_FINE, VMCLOCK_AHEAD, VMCLOCK_AHEAD },
	{ "thousands of years ago", set_never,
	  VMCLOCK_FINE, VMCLOCK_RANGE_BAD, VMCLOCK_RANGE_BAD },
	{ "largest time", set_time_largest,
	  VMCLOCK_FINE, VMCLOCK_RANGE_BAD, VMCLOCK_RANGE_BAD },
	{ "negative time", set_time_negative,
	  VMCLOCK_FINE, VMCLOCK_RANGE_BAD, VMCLOCK_RANGE_BAD },
	{ "the year 2262", set_time_2262,
	  VMCLOCK_FINE, VMCLOCK_RANGE_BAD, VMCLOCK_RANGE_BAD },
	{ "2262 in a second", set_time_before_2262,
	  VMCLOCK_FINE, VMCLOCK_RANGE_BAD, VMCLOCK_RANGE_BAD },
	{ "TAI before 1970", set_tai_before_1970,
	  VMCLOCK_FINE, VMCLOCK_RANGE_BAD, VMCLOCK_RANGE_BAD },
	{ "monotonic time", set_monotonic,
	  VMCLOCK_FINE, VMCLOCK_NO_UTC, VMCLOCK_NO_UTC },
	{ "smeared time", set_smeared,
	  VMCLOCK_FINE, VMCLOCK_NO_UTC, VMCLOCK_NO_UTC },
	{ "unknown time", set_time_type_255,
	  VMCLOCK_FINE, VMCLOCK_NO_UTC, VMCLOCK_NO_UTC },
	{ "initializing", set_initializing,
	  VMCLOCK_FINE, VMCLOCK_NO_CLOCK, VMCLOCK_NO_CLOCK },
	{ "unreliable", set_unreliable,
	  VMCLOCK_FINE, VMCLOCK_NO_CLOCK, VMCLOCK_NO_CLOCK },
	{ "unknown status", set_status_255,
	  VMCLOCK_FINE, VMCLOCK_NO_CLOCK, VMCLOCK_NO_CLOCK },
	{ "an odd count", set_odd,
	  VMCLOCK_FINE, VMCLOCK_BUSY, VMCLOCK_BUSY },
	{ "five seconds back", set_back,
	  VMCLOCK_FINE, VMCLOCK_FINE, VMCLOCK_STEP },
	{ "five seconds on", set_on,
	  VMCLOCK_FINE, VMCLOCK_FINE, VMCLOCK_STEP },
	{ "back to 1970", set_1970,
	  VMCLOCK_FINE, VMCLOCK_FINE, VMCLOCK_STEP },
};

static void case_to_desc(const struct page_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(page, page_cases, case_to_desc);

static void bad_page_is_no_time(struct kunit *test)
{
	const struct page_case *c = test->param_value;
	struct vmclock_reading reading;
	struct vmclock clock;

	c->set();
	KUNIT_ASSERT_EQ(test, (int)begin_reading(&clock), (int)c->init);
	if (c->init)
		return;
	KUNIT_EXPECT_EQ(test, (int)read_once(&clock, &reading), (int)c->at_once);
	KUNIT_EXPECT_EQ(test, clock.refused, c->at_once ? 1 : 0);
	KUNIT_EXPECT_LT(test, vmclock_errno(c->at_once), c->at_once ? 0 : 1);
}

/* A page that was valid at first, becomes invalid, and valid again. */
static void page_that_turns_bad_is_no_time(struct kunit *test)
{
	const struct page_case *c = test->param_value;
	struct vmclock_reading reading;
	struct vmclock clock;
	struct vmclock_abi good;

	KUNIT_ASSERT_EQ(test, (int)begin_reading(&clock), (int)VMCLOCK_FINE);
	KUNIT_ASSERT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_FINE);
	good = machine.page;
	c->set();
	KUNIT_EXPECT_EQ(test, (int)read_once(&clock, &reading), (int)c->later);
	KUNIT_EXPECT_EQ(test, clock.refused, 1);
	machine.page = good;
	if (c->later == VMCLOCK_STEP)
		KUNIT_EXPECT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_STEP);
	KUNIT_EXPECT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_FINE);
}

static void small_memory_is_refused(struct kunit *test)
{
	struct vmclock clock;

	KUNIT_EXPECT_EQ(test, (int)vmclock_init(&clock, &machine.page, 32, test_counter, HZ_NOW),
			(int)VMCLOCK_SIZE_BAD);
	KUNIT_EXPECT_EQ(test, (int)vmclock_init(&clock, &machine.page, 111, test_counter, HZ_NOW),
			(int)VMCLOCK_SIZE_BAD);
	machine.page.size = cpu_to_le32(112);
	KUNIT_EXPECT_EQ(test, (int)vmclock_init(&clock, &machine.page, 112, test_counter, HZ_NOW),
			(int)VMCLOCK_FINE);
}

static void size_is_that_of_the_beginning(struct kunit *test)
{
	struct vmclock_reading reading;
	struct vmclock clock;

	machine.page.size = cpu_to_le32(112);
	KUNIT_ASSERT_EQ(test, (int)begin_reading(&clock), (int)VMCLOCK_FINE);
	machine.page.size = cpu_to_le32(SZ_4K);
	KUNIT_EXPECT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_SIZE_BAD);
}

static void generation_is_there_if_the_page_has_it(struct kunit *test)
{
	struct vmclock_abi copy;
	struct vmclock clock;

	machine.page.flags |= cpu_to_le64(VMCLOCK_FLAG_VM_GEN_COUNTER_PRESENT);
	machine.page.vm_generation_counter = cpu_to_le64(99);
	begin_reading(&clock);
	KUNIT_ASSERT_EQ(test, (int)vmclock_copy(&clock, &copy), (int)VMCLOCK_FINE);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(copy.vm_generation_counter), 99);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(copy.disruption_marker), 7);

	machine.page.size = cpu_to_le32(104);
	KUNIT_ASSERT_EQ(test, (int)begin_reading(&clock), (int)VMCLOCK_FINE);
	KUNIT_ASSERT_EQ(test, (int)vmclock_copy(&clock, &copy), (int)VMCLOCK_FINE);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(copy.vm_generation_counter), 0);
	KUNIT_EXPECT_FALSE(test, le64_to_cpu(copy.flags) & VMCLOCK_FLAG_VM_GEN_COUNTER_PRESENT);
}

/* The host writes while the page is read: those readings are not used. */
static void write_three_times(unsigned int look)
{
	if (look < 2 || look > 7)
		return;
	le32_add_cpu(&machine.page.seq_count, 1);
	machine.page.time_sec = cpu_to_le64(look & 1 ? T0 : U64_MAX);
}

static void torn_copy_is_made_again(struct kunit *test)
{
	struct vmclock clock;

	machine.host = write_three_times;
	begin_reading(&clock);
	expect_time(test, &clock, 0);
	KUNIT_EXPECT_EQ(test, machine.looks, 8);
}

static void always_write(unsigned int look)
{
	le32_add_cpu(&machine.page.seq_count, 2);
}

static void expect_short(struct kunit *test, u64 max_looks)
{
	struct vmclock_reading reading;
	struct vmclock_abi copy;
	struct vmclock clock;
	u64 start;

	begin_reading(&clock);
	start = machine.counter;
	machine.looks = 0;
	KUNIT_EXPECT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_BUSY);
	KUNIT_EXPECT_LT(test, (machine.counter - start) * 1000, HZ_NOW);
	KUNIT_EXPECT_LE(test, machine.looks, max_looks);
	KUNIT_EXPECT_EQ(test, (int)vmclock_copy(&clock, &copy), (int)VMCLOCK_BUSY);
}

static void endless_update_ends_in_time(struct kunit *test)
{
	/* Bounded by time, then by the number of readings */
	set_odd();
	machine.ticks = 100;
	expect_short(test, HZ_NOW / 2000 / 100 + 2);
	machine.ticks = 1;
	expect_short(test, 5000);
}

static void endless_updates_end_in_time(struct kunit *test)
{
	machine.host = always_write;
	expect_short(test, 5000);
}

static void stop_the_counter(unsigned int look)
{
	machine.counter -= machine.ticks;
}

static void stopped_counter_ends_it_all_the_same(struct kunit *test)
{
	machine.host = stop_the_counter;
	set_odd();
	expect_short(test, 5000);
}

static void no_frequency_is_no_time(struct kunit *test)
{
	struct vmclock_reading reading;
	struct vmclock clock;

	vmclock_init(&clock, &machine.page, SZ_4K, test_counter, 0);
	KUNIT_EXPECT_NE(test, (int)read_once(&clock, &reading), (int)VMCLOCK_FINE);
	vmclock_init(&clock, &machine.page, SZ_4K, test_counter, U64_MAX);
	KUNIT_EXPECT_NE(test, (int)read_once(&clock, &reading), (int)VMCLOCK_FINE);
}

static void step_is_refused_once(struct kunit *test)
{
	struct vmclock_reading reading;
	struct vmclock clock;

	begin_reading(&clock);
	expect_time(test, &clock, 0);
	machine.page.time_sec = cpu_to_le64(T0 - 5);
	KUNIT_EXPECT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_STEP);
	expect_time(test, &clock, -5 * S);
	machine.page.time_sec = cpu_to_le64(T0);
	KUNIT_EXPECT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_STEP);
	expect_time(test, &clock, 0);
	KUNIT_EXPECT_EQ(test, clock.refused, 2);
}

static void announced_step_is_accepted(struct kunit *test)
{
	struct vmclock clock;

	begin_reading(&clock);
	expect_time(test, &clock, 0);
	le64_add_cpu(&machine.page.disruption_marker, 1);
	machine.page.time_sec = cpu_to_le64(T0 + 100);
	expect_time(test, &clock, 100 * S);
	machine.page.disruption_marker = 0;
	machine.page.time_sec = cpu_to_le64(T0 - 100);
	expect_time(test, &clock, -100 * S);
	KUNIT_EXPECT_EQ(test, clock.disruptions, 2);
	KUNIT_EXPECT_EQ(test, clock.refused, 0);
}

/* A correction up to the sum of both readings' errors */
static void correction_within_the_errors_is_no_step(struct kunit *test)
{
	static const s64 ms = NSEC_PER_MSEC;
	struct vmclock_reading first, second;
	struct vmclock clock;

	begin_reading(&clock);
	KUNIT_ASSERT_EQ(test, (int)read_once(&clock, &first), (int)VMCLOCK_FINE);
	/* 1.9 ms later than half a second, and later by as much again */
	machine.page.time_frac_sec = cpu_to_le64(BIT_ULL(63) + U64_MAX / 10000 * 19);
	KUNIT_ASSERT_EQ(test, (int)read_once(&clock, &second), (int)VMCLOCK_FINE);
	KUNIT_EXPECT_GT(test, second.time - first.time, ms);

	/* The correction is undone: the time that is returned stands still. */
	machine.page.time_frac_sec = cpu_to_le64(BIT_ULL(63));
	KUNIT_ASSERT_EQ(test, (int)read_once(&clock, &first), (int)VMCLOCK_FINE);
	KUNIT_EXPECT_EQ(test, first.time, second.time);

	machine.page.time_frac_sec = cpu_to_le64(BIT_ULL(63) + U64_MAX / 10000 * 41);
	KUNIT_EXPECT_EQ(test, (int)read_once(&clock, &second), (int)VMCLOCK_STEP);
}

static void clock_without_a_stated_error_may_be_a_second_off(struct kunit *test)
{
	struct vmclock_reading reading;
	struct vmclock clock;

	machine.page.flags = 0;
	begin_reading(&clock);
	expect_time(test, &clock, 0);
	machine.page.time_sec = cpu_to_le64(T0 + 1);
	expect_time(test, &clock, S);
	machine.page.time_sec = cpu_to_le64(T0 + 4);
	KUNIT_EXPECT_EQ(test, (int)read_once(&clock, &reading), (int)VMCLOCK_STEP);
}

static void slow_drift_is_no_step(struct kunit *test)
{
	struct vmclock clock;

	begin_reading(&clock);
	expect_time(test, &clock, 0);
	/* 3600 s by the counter, 3602 s by the host */
	machine.counter = 4600 * HZ_NOW;
	machine.page.counter_value = cpu_to_le64(machine.counter);
	machine.page.time_sec = cpu_to_le64(T0 + 3602);
	expect_time(test, &clock, 3602 * S);
	KUNIT_EXPECT_EQ(test, clock.refused, 0);
}

/* Random pages: each call ends in time, and no time goes back without an error. */
static void random_pages_do_no_harm(struct kunit *test)
{
	struct vmclock_reading reading, last = {};
	u8 *bytes = (u8 *)&machine.page;
	unsigned int i, returned = 0;
	enum vmclock_fault fault;
	struct rnd_state random;
	struct vmclock clock;
	bool follows = false;

	begin_reading(&clock);
	prandom_seed_state(&random, 20261121);
	for (i = 0; i < 20000; i++) {
		if (i % 50 == 0) {
			reset_machine(test);
			machine.counter += i * HZ_NOW;
		}
		bytes[prandom_u32_state(&random) % sizeof(machine.page)] =
			prandom_u32_state(&random);
		machine.looks = 0;
		fault = read_once(&clock, &reading);
		KUNIT_ASSERT_LE(test, machine.looks, 5000);
		if (fault == VMCLOCK_FINE) {
			KUNIT_ASSERT_GE(test, reading.time, 0);
			if (follows && reading.marker == last.marker)
				KUNIT_ASSERT_GE(test, reading.time, last.time);
			last = reading;
			returned++;
		}
		if (!fault || fault == VMCLOCK_STEP)
			follows = !fault;
	}
	KUNIT_EXPECT_GT(test, returned, 100);
	KUNIT_EXPECT_GT(test, clock.refused, 100);
}

static void every_fault_has_an_error_and_words(struct kunit *test)
{
	unsigned int fault;

	KUNIT_EXPECT_EQ(test, vmclock_errno(VMCLOCK_FINE), 0);
	for (fault = VMCLOCK_FINE + 1; fault < VMCLOCK_FAULTS; fault++) {
		KUNIT_EXPECT_LT(test, vmclock_errno(fault), 0);
		KUNIT_EXPECT_NOT_NULL(test, vmclock_why(fault));
	}
}

static struct kunit_case vmclock_cases[] = {
	KUNIT_CASE(time_goes_with_the_counter),
	KUNIT_CASE(counter_of_any_frequency),
	KUNIT_CASE(error_is_what_the_host_states),
	KUNIT_CASE(tai_is_returned_as_utc),
	KUNIT_CASE_PARAM(bad_page_is_no_time, page_gen_params),
	KUNIT_CASE_PARAM(page_that_turns_bad_is_no_time, page_gen_params),
	KUNIT_CASE(small_memory_is_refused),
	KUNIT_CASE(size_is_that_of_the_beginning),
	KUNIT_CASE(generation_is_there_if_the_page_has_it),
	KUNIT_CASE(torn_copy_is_made_again),
	KUNIT_CASE(endless_update_ends_in_time),
	KUNIT_CASE(endless_updates_end_in_time),
	KUNIT_CASE(stopped_counter_ends_it_all_the_same),
	KUNIT_CASE(no_frequency_is_no_time),
	KUNIT_CASE(step_is_refused_once),
	KUNIT_CASE(announced_step_is_accepted),
	KUNIT_CASE(correction_within_the_errors_is_no_step),
	KUNIT_CASE(clock_without_a_stated_error_may_be_a_second_off),
	KUNIT_CASE(slow_drift_is_no_step),
	KUNIT_CASE(random_pages_do_no_harm),
	KUNIT_CASE(every_fault_has_an_error_and_words),
	{ }
};

static struct kunit_suite vmclock_suite = {
	.name = "pguest_vmclock",
	.init = reset_machine,
	.test_cases = vmclock_cases,
};

kunit_test_suite(vmclock_suite);
