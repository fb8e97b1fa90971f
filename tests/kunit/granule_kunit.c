// SPDX-License-Identifier: GPL-2.0-only
/*
 * pguest_granule_valid(): which sizes of a granule are accepted.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

#include <asm/pguest.h>

static const struct granule_case {
	const char *name;
	u64 granule, ram;
	bool want;
} granule_cases[] = {
	{ "4K", SZ_4K, SZ_256M, true },
	{ "16K", SZ_16K, SZ_256M, true },
	{ "64K", SZ_64K, SZ_256M, true },
	{ "2M", SZ_2M, SZ_256M, true },
	{ "8K of an unknown RAM", SZ_8K, 0, true },
	{ "2M of an unknown RAM", SZ_2M, 0, true },
	{ "as large as RAM", SZ_64K, SZ_64K, true },

	{ "0", 0, SZ_256M, false },
	{ "0 of an unknown RAM", 0, 0, false },
	{ "1", 1, SZ_256M, false },
	{ "3", 3, SZ_256M, false },
	{ "2048", SZ_2K, SZ_256M, false },
	{ "4095", SZ_4K - 1, SZ_256M, false },
	{ "4097", SZ_4K + 1, SZ_256M, false },
	{ "8191", SZ_8K - 1, SZ_256M, false },
	{ "12K", 3 * SZ_4K, SZ_256M, false },
	{ "4M", SZ_4M, SZ_256M, false },
	{ "4M of an unknown RAM", SZ_4M, 0, false },
	{ "4K and bit 63", SZ_4K | 1ULL << 63, SZ_256M, false },
	{ "4K and bit 32", SZ_4K | 1ULL << 32, SZ_256M, false },
	{ "bit 32", 1ULL << 32, 0, false },
	{ "bit 63", 1ULL << 63, SZ_256M, false },
	{ "bit 63 of an unknown RAM", 1ULL << 63, 0, false },
	{ "all bits", ~0ULL, SZ_256M, false },
	{ "all bits of as much RAM", ~0ULL, ~0ULL, false },
	{ "larger than RAM", SZ_2M, SZ_1M, false },
	{ "twice RAM", SZ_16K, SZ_8K, false },
};

static void granule_name(const struct granule_case *granule, char *desc)
{
	strscpy(desc, granule->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(granule, granule_cases, granule_name);

static void granule_makes_sense(struct kunit *test)
{
	const struct granule_case *granule = test->param_value;

	KUNIT_EXPECT_EQ(test, granule->want,
			pguest_granule_valid(granule->granule, granule->ram));
}

/* Ten sizes are: the powers of two from 4 KiB to 2 MiB. */
static void few_granules_make_sense(struct kunit *test)
{
	unsigned int bit, other, valid = 0, twins = 0;

	for (bit = 0; bit < 64; bit++) {
		valid += pguest_granule_valid(1ULL << bit, 0);
		for (other = 0; other < bit; other++)
			twins += pguest_granule_valid(1ULL << bit | 1ULL << other, 0);
	}
	KUNIT_EXPECT_EQ(test, valid, 10);
	KUNIT_EXPECT_EQ(test, twins, 0);
}

static struct kunit_case granule_test_cases[] = {
	KUNIT_CASE_PARAM(granule_makes_sense, granule_gen_params),
	KUNIT_CASE(few_granules_make_sense),
	{ }
};

static struct kunit_suite granule_suite = {
	.name = "pguest_granule",
	.test_cases = granule_test_cases,
};

kunit_test_suite(granule_suite);
