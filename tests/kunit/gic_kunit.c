// SPDX-License-Identifier: GPL-2.0-only
/*
 * The checks of registers of a GIC that the host emulates.
 */
#include <kunit/test.h>
#include <linux/bitfield.h>
#include <linux/io.h>
#include <linux/irqchip/pguest.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>

#include <asm/pguest.h>

#define ID_BITS_LESS_1	GENMASK(23, 19)
#define NUM_LPIS	GENMASK(15, 11)

/* For each pair of the two fields the LPIs fit in the INTID bits, and in Linux's tables. */
static void numbers_fit_each_other(struct kunit *test)
{
	u32 bits, lpis;

	for (bits = 0; bits < 32; bits++) {
		for (lpis = 0; lpis < 32; lpis++) {
			u32 typer = FIELD_PREP(ID_BITS_LESS_1, bits) | FIELD_PREP(NUM_LPIS, lpis);
			u32 got;

			typer = __pguest_gicd_typer(typer | GICD_TYPER_LPIS);
			got = min(GICD_TYPER_ID_BITS(typer), 16U);
			KUNIT_EXPECT_GE(test, got, 14);
			KUNIT_EXPECT_LE(test, GICD_TYPER_ID_BITS(typer), 24U);
			if (GICD_TYPER_NUM_LPIS(typer) > 1)
				KUNIT_EXPECT_LE(test, 1UL << GICD_TYPER_NUM_LPIS(typer),
						(1UL << got) - 8192);
			KUNIT_EXPECT_TRUE(test, typer & GICD_TYPER_LPIS);
		}
	}
}

static void sensible_numbers_stay(struct kunit *test)
{
	u32 qemu = 0x037a0008, sixteen = 0x007a0013 | FIELD_PREP(NUM_LPIS, 9);

	KUNIT_EXPECT_EQ(test, __pguest_gicd_typer(qemu), qemu);
	KUNIT_EXPECT_EQ(test, __pguest_gicd_typer(sixteen), sixteen);
}

static void frames_end_with_their_region(struct kunit *test)
{
	const void __iomem *base = (const void __iomem *)0xffff800080000000UL;
	static const struct {
		unsigned long at;
		bool in;
	} frames[] = {
		{ 0, true },		{ SZ_128K, true },	{ SZ_256K - SZ_128K, true },
		{ SZ_64K, true },	{ 1, false },
		{ SZ_128K + 1, false },	{ SZ_256K, false },	{ SZ_256K - 1, false },
		{ -(long)SZ_128K, false },	{ -1UL, false },	{ SZ_1G, false },
		{ 0x0000800000000000, false },
	};
	int i;

	if (!pguest_active())
		kunit_skip(test, "not a protected VM");
	for (i = 0; i < ARRAY_SIZE(frames); i++) {
		bool in = pguest_gic_frame_in(base, SZ_256K, base + frames[i].at, SZ_128K);

		KUNIT_EXPECT_EQ_MSG(test, in, frames[i].in, "at %#lx", frames[i].at);
	}
	KUNIT_EXPECT_FALSE(test, pguest_gic_frame_in(base, SZ_64K, base, SZ_128K));
	KUNIT_EXPECT_FALSE(test, pguest_gic_frame_in(base, 0, base, SZ_128K));
}

static void what_is_mapped_is_measured(struct kunit *test)
{
	void *area = vmalloc(SZ_256K), *elsewhere = kunit_kzalloc(test, SZ_4K, GFP_KERNEL);
	size_t size = 0;

	KUNIT_ASSERT_NOT_NULL(test, area);
	KUNIT_ASSERT_NOT_NULL(test, elsewhere);
	KUNIT_EXPECT_EQ(test, __pguest_gic_measure((void __iomem *)area, SZ_128K, &size), 0);
	KUNIT_EXPECT_EQ(test, size, SZ_256K);
	KUNIT_EXPECT_EQ(test, __pguest_gic_measure((void __iomem *)area, SZ_512K, &size), -EINVAL);
	vfree(area);
	KUNIT_EXPECT_EQ(test, __pguest_gic_measure((void __iomem *)elsewhere, SZ_4K, NULL),
			-EINVAL);
}

static void attempts_come_to_an_end(struct kunit *test)
{
	unsigned int attempts = 0, n;

	if (!pguest_active())
		kunit_skip(test, "hardware is asked as often as it takes");
	for (n = 0; n < 100 && !pguest_gic_gives_up(&attempts); n++)
		;
	KUNIT_EXPECT_GE(test, n, 2);
	KUNIT_EXPECT_LT(test, n, 10);
}

static struct kunit_case gic_cases[] = {
	KUNIT_CASE(numbers_fit_each_other),
	KUNIT_CASE(sensible_numbers_stay),
	KUNIT_CASE(frames_end_with_their_region),
	KUNIT_CASE(what_is_mapped_is_measured),
	KUNIT_CASE(attempts_come_to_an_end),
	{ }
};

static struct kunit_suite gic_suite = {
	.name = "pguest_gic",
	.test_cases = gic_cases,
};

kunit_test_suite(gic_suite);
