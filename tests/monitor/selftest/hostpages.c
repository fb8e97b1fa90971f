// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that the host supplies, held to Documentation/spec/pkvm.rst: in every mode what they are, and one at a time
 * the lies that options promise (-append "selftest=NAME").
 */
#include "selftest.h"

#define ARCH_FEATURES	0x80000001
#define PV_FEATURES	0xc5000020
#define PV_ST		0xc5000021
#define FEATURES	0x86000000
#define SHARE		0xc6000003
#define UNSHARE		0xc6000004

#define STEAL		0x0c000000UL
#define CLOCK		0x0c100000UL
#define VMGENID		0x0c200000UL
#define ISPENDR		0x08000210UL	/* INTID 132 is bit 4 of it */
#define ICPENDR		0x08000290UL
#define PENDING		(1u << 4)
#define RAM_NAMED	0x44000000UL

#define SEQ		12
#define MARKER		16
#define COUNTER		40
#define PERIOD		48
#define SEC		72
#define MAX_ERROR	96
#define GENERATION	104

#define SECOND		1000000000UL
#define YEAR		(365 * 24 * 3600 * SECOND)

static bool is_pkvm(void)
{
	return !devices && call(false, FEATURES, 0, 0, 0).r0 == 0x1d;
}

static bool is_android(void)
{
	return !devices && call(false, FEATURES, 0, 0, 0).r0 == 0xffd;
}

static bool is_protected(void)
{
	return is_pkvm() || is_android();
}

static u64 pv_time(u64 fid, u64 argument)
{
	return call(devices, fid, argument, 0, 0).r0;
}

static void open_page(u64 ipa)
{
	if (is_protected())
		check(call(false, SHARE, ipa, 0, 0).r0, 0, "SHARE of a page of the host's");
}

static void wait_ms(u64 ms)
{
	u64 start = READ("cntvct_el0"), ticks = READ("cntfrq_el0") / 1000 * ms;

	while (READ("cntvct_el0") - start < ticks)
		counter(COUNTER_MMIO);		/* an exit */
}

static void no_time(void)
{
	check(pv_time(ARCH_FEATURES, PV_FEATURES), -1, "no PV_TIME_FEATURES here");
	check(pv_time(PV_FEATURES, PV_ST), -1, "no PV_TIME_ST here");
	check(pv_time(PV_ST, 0), -1, "nor its page");
	if (is_android())
		check(EXCEPTION(call(false, SHARE, STEAL, 0, 0)), 0x96000010, "which cannot be shared");
}

/* Documentation/spec/pkvm.rst, the ordering trap included: what is written to a private page is lost. */
static void test_pv_time(void)
{
	u64 shared = counter(COUNTER_SHARED);
	bool frozen = is_protected();

	if (devices || is_android())
		return no_time();
	check(pv_time(ARCH_FEATURES, PV_FEATURES), 0, "ARCH_FEATURES knows PV_TIME_FEATURES");
	check(call(true, ARCH_FEATURES, PV_FEATURES, 0, 0).r0, 0, "by SMC too");
	check(pv_time(PV_FEATURES, PV_ST), 0, "PV_TIME_FEATURES knows PV_TIME_ST");
	check(pv_time(PV_FEATURES, 0xc5000022), -1, "and no other");
	check(pv_time(PV_ST, 0), STEAL, "PV_TIME_ST");
	check(call(true, PV_ST, 0, 0, 0).r0, STEAL, "by SMC too");
	check(mmio_read64(STEAL) | mmio_read64(STEAL + 8), 0, "the structure begins with zeroes");
	mmio_write64(STEAL + 8, 7);
	pv_time(PV_ST, 0);
	check(mmio_read64(STEAL + 8), frozen ? 7 : 0, "a private page is out of the host's reach");
	open_page(STEAL);
	check(counter(COUNTER_SHARED) - shared, frozen, "a granule more is shared");
	pv_time(PV_ST, 0);
	check(mmio_read64(STEAL + 8), 0, "a shared one is not");
	if (!frozen)
		return;
	check(call(false, UNSHARE, STEAL, 0, 0).r0, 0, "UNSHARE");
	mmio_write64(STEAL + 8, 7);
	pv_time(PV_ST, 0);
	check(mmio_read64(STEAL + 8), 7, "it is private again");
	check(counter(COUNTER_SHARED) - shared, 0, "and counted so");
}

/* period * frequency is 2^(64 + shift), but for what the division has cut */
static void check_period(u64 page)
{
	unsigned __int128 product = (unsigned __int128)mmio_read64(page + PERIOD) * READ("cntfrq_el0");
	u64 shift = mmio_read64(page + 32) >> 56;

	check(shift < 64, 1, "the shift");
	check(product >> 64 < 1UL << shift, 1, "the period is not too long");
	check((product + READ("cntfrq_el0")) >> 64, 1UL << shift, "nor too short");
}

static void test_clock(void)
{
	u64 page = CLOCK | devices, now, value, seq = mmio_read32(page + SEQ);

	check(mmio_read32(page), 0x4b4c4356, "the clock's magic");
	check(mmio_read32(page + 4), 4096, "size");
	check(mmio_read32(page + 8), 1, "version 1, counter CNTVCT, time UTC");
	check(seq & 1, 0, "the count is even");
	check(mmio_read64(page + MARKER), 1, "the marker");
	check(mmio_read64(page + 32) & 0xff0000, 0x020000, "synchronised");
	check(mmio_read64(page + COUNTER) < READ("cntvct_el0"), 1, "the counter was read before");
	check(mmio_read64(page + MAX_ERROR), SECOND, "the greatest error");
	check_period(page);
	taken.esr = 0;
	now = mmio_read32(RTC | devices);
	if (!taken.esr)
		check(now - mmio_read64(page + SEC) < 3, 1, "the time is the RTC's");
	check(ring(DOORBELL_CLOCK_DISRUPT, 0, &value), 0, "the doorbell");
	check(value, 2, "says the marker");
	check(mmio_read64(page + MARKER), is_protected() ? 1 : 2, "a private page does not learn of it");
	open_page(CLOCK);
	ring(DOORBELL_CLOCK_DISRUPT, 0, NULL);
	check(mmio_read64(page + MARKER), 3, "a page that is open does");
	check(mmio_read64(page + GENERATION), 3, "and of the generation");
	check(mmio_read32(page + SEQ) != seq && !(mmio_read32(page + SEQ) & 1), 1, "the count is even, and another");
	ring(DOORBELL_CLOCK_DISRUPT, DOORBELL_CLOCK_STUCK, NULL);
	check(mmio_read32(page + SEQ) & 1, 1, "an update without end");
	ring(DOORBELL_CLOCK_DISRUPT, 0, NULL);
	check(mmio_read32(page + SEQ) & 1, 0, "and its end");
	check(ring(DOORBELL_PEEK, page, &value), 0, "the host reads it");
	check(value, mmio_read64(page), "and sees the same");
}

static void test_generation(void)
{
	u64 page = VMGENID | devices, first = mmio_read64(page), second = mmio_read64(page + 8), unguarded;

	check(first && second, 1, "there is a generation ID");
	open_page(VMGENID);
	unguarded = !EXCEPTION(mmio_write32(ICPENDR | devices, PENDING));
	ring(DOORBELL_CLOCK_DISRUPT, 0, NULL);
	check(mmio_read64(page) != first && mmio_read64(page + 8) != second, 1, "there is another one");
	if (unguarded)
		check(!!(mmio_read32(ISPENDR | devices) & PENDING), 1, "and an interrupt");
}

static void test_lower_half(void)
{
	check(EXCEPTION(mmio_read64(CLOCK)) >> 26, 0x25, "the clock has no lower address");
	check(EXCEPTION(mmio_write64(VMGENID, 1)) >> 26, 0x25, "nor has the generation ID");
	check(EXCEPTION(mmio_read64(STEAL | devices)), 0, "a page that is not offered is a hole");
}

void host_pages_run(void)
{
	static const struct test tests[] = {
		{ "steal time",	test_pv_time },
		{ "clock",	test_clock },
		{ "generation",	test_generation },
		{ "lower half",	test_lower_half },
	};

	for (u32 i = 0; i < ARRAY_SIZE(tests) - !devices; i++)
		run(&tests[i]);
}

static void lie_steal(void)
{
	u64 start, elapsed, stolen, told;

	open_page(STEAL);
	pv_time(PV_ST, 0);
	start = READ("cntvct_el0");
	wait_ms(300);
	ring(DOORBELL_STOLEN, 0, &told);
	stolen = mmio_read64(STEAL + 8);
	elapsed = (READ("cntvct_el0") - start) * 1000 / READ("cntfrq_el0");
	check(stolen <= told + SECOND / 50, 1, "the structure has no more than the monitor says");
	check(told <= stolen + SECOND / 50, 1, "and no less");
	stolen /= 1000000;
	check(stolen > elapsed * 3 / 10 && stolen < elapsed * 7 / 10, 1, "half of the time is stolen");
	check(ring(DOORBELL_STOLEN, 99, NULL), -22, "of a CPU that is not there");
}

/* What was stolen while the page was private is added when it is not. */
static void lie_steal_late(void)
{
	u64 told;

	mmio_write64(STEAL + 8, 0);
	pv_time(PV_ST, 0);
	wait_ms(200);
	check(mmio_read64(STEAL + 8), 0, "frozen");
	open_page(STEAL);
	wait_ms(20);
	ring(DOORBELL_STOLEN, 0, &told);
	check(told > SECOND / 20 && mmio_read64(STEAL + 8) + SECOND / 50 > told, 1, "added in one step");
}

static void lie_st_ipa(void)
{
	check(pv_time(PV_ST, 0), STEAL, "the first answer");
	check(pv_time(PV_ST, 0), RAM_NAMED, "and from the second on");
	check(pv_time(PV_ST, 0), RAM_NAMED, "another");
	open_page(RAM_NAMED);
}

static void lie_st_error(void)
{
	check(pv_time(PV_ST, 0), -5, "any number");
}

static void lie_st_answer2(void)
{
	check(pv_time(PV_ST, 0), STEAL, "the first answer of a CPU");
	check(pv_time(PV_ST, 0), RAM_NAMED + 1, "and its second");
}

static u64 stolen_later(void)
{
	open_page(STEAL);
	pv_time(PV_ST, 0);
	wait_ms(600);
	return mmio_read64(STEAL + 8);
}

static void lie_st_max(void)
{
	check(stolen_later(), ~0UL, "the greatest number");
}

static void lie_st_huge(void)
{
	check(stolen_later(), 1UL << 63, "a huge one");
}

static void lie_st_back(void)
{
	u64 before = stolen_later();

	wait_ms(50);
	check(before < 1000 * SECOND && mmio_read64(STEAL + 8) < before, 1, "it goes backwards");
}

static void lie_st_jump(void)
{
	u64 before = stolen_later();

	wait_ms(50);
	check(before >= YEAR && mmio_read64(STEAL + 8) - before >= YEAR, 1, "it jumps by years");
}

static void lie_st_revision(void)
{
	open_page(STEAL);
	pv_time(PV_ST, 0);
	check(mmio_read64(STEAL), 3UL | 5UL << 32, "revision and attributes");
}

static void lie_st_later(void)
{
	open_page(STEAL);
	pv_time(PV_ST, 0);
	check(mmio_read64(STEAL), 0, "at first");
	wait_ms(600);
	check(mmio_read64(STEAL), 1UL | 1UL << 32, "revision and attributes have changed");
}

static void check_fields(bool lies)
{
	check(mmio_read32(CLOCK), lies ? 1 : 0x4b4c4356, "magic");
	check(mmio_read32(CLOCK + 4), lies ? 2 : 4096, "size");
	check(mmio_read32(CLOCK + 8), lies ? 3 | 4 << 16 | 5 << 24 : 1, "version, counter, type");
	check(mmio_read64(CLOCK + 32) >> 16 & 0xff, lies ? 4 : 2, "status");
	check(lies == (mmio_read64(CLOCK + 32) >> 56 == 200), 1, "shift");
	check(lies == (mmio_read64(CLOCK + COUNTER) > READ("cntvct_el0")), 1, "counter");
}

static void lie_clock_fields(void)
{
	check_fields(true);
}

static void lie_clock_when(void)
{
	open_page(CLOCK);
	check_fields(false);
	ring(DOORBELL_CLOCK_DISRUPT, 0, NULL);
	check_fields(true);
}

static void lie_clock_odd(void)
{
	open_page(CLOCK);
	check(mmio_read32(CLOCK + SEQ) & 1, 1, "odd");
	ring(DOORBELL_CLOCK_DISRUPT, 0, NULL);
	check(mmio_read32(CLOCK + SEQ) & 1, 1, "for ever");
}

static void lie_clock_back(void)
{
	u64 before = mmio_read64(CLOCK + SEC);

	open_page(CLOCK);
	wait_ms(250);
	check(before - mmio_read64(CLOCK + SEC) - 5 <= 10, 1, "it goes back");
}

static void lie_storm(void)
{
	u64 id = mmio_read64(VMGENID);
	u32 interrupts = 0;

	open_page(VMGENID);
	for (int i = 0; i < 20; i++) {
		mmio_write32(ICPENDR, PENDING);
		wait_ms(5);
		interrupts += !!(mmio_read32(ISPENDR) & PENDING);
	}
	check(interrupts, 20, "interrupts without end");
	check(mmio_read64(VMGENID) != id, 1, "with ever another ID");
}

static u32 big_endian(const u8 *p)
{
	return (u32)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

/* "reg" is the property of 16 bytes. */
static void check_reg(const char *name, u64 address, u64 size)
{
	const u8 *p = (const u8 *)(((u64)find(name) + 3) & ~3UL);

	check(p > (u8 *)3, 1, name);
	for (u32 i = 0; i < 30 && p && (big_endian(p) != 3 || big_endian(p + 4) != 16); i++)
		p += 4;
	check((u64)big_endian(p + 12) << 32 | big_endian(p + 16), address, name);
	check(big_endian(p + 24), size, name);
}

static void lie_tree(void)
{
	check_reg("vmclock@42345000", 0x42345000, 32);
	check_reg("vmgenid@8000000042000010", 0x8000000042000010, 4096);
	open_page(0x42345000);
}

static void lie_absent(void)
{
	check(find("vmclock") || find("vmgenid"), 0, "no node in the device tree");
	check(pv_time(PV_ST, 0), -1, "no steal time");
}

static const struct test lies[] = {
	{ "steal",		lie_steal },
	{ "steal-late",		lie_steal_late },
	{ "st-ipa",		lie_st_ipa },
	{ "st-error",		lie_st_error },
	{ "st-answer2",		lie_st_answer2 },
	{ "st-max",		lie_st_max },
	{ "st-huge",		lie_st_huge },
	{ "st-back",		lie_st_back },
	{ "st-jump",		lie_st_jump },
	{ "st-revision",	lie_st_revision },
	{ "st-later",		lie_st_later },
	{ "clock-fields",	lie_clock_fields },
	{ "clock-when",		lie_clock_when },
	{ "clock-odd",		lie_clock_odd },
	{ "clock-back",		lie_clock_back },
	{ "storm",		lie_storm },
	{ "tree",		lie_tree },
	{ "absent",		lie_absent },
};

bool host_pages_lie(void)
{
	const char *name = find("selftest=");

	for (u32 i = 0; name && i < ARRAY_SIZE(lies); i++)
		if (same(lies[i].name, name)) {
			run(&lies[i]);
			return true;
		}
	return false;
}
