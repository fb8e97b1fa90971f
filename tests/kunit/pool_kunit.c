// SPDX-License-Identifier: GPL-2.0-only
/*
 * pguest_pool_size(): large enough for the devices, small enough for the rest.
 */
#include <kunit/test.h>
#include <linux/log2.h>
#include <linux/sizes.h>

#include <asm/pguest.h>

#define MIN_RAM		((u64)SZ_16M)
#define MAX_RAM		((u64)SZ_1G * 1024)
#define MAX_CPUS	512

static const struct pool_case {
	const char *name;
	u64 ram;
	unsigned int cpus;
	unsigned long want;
	unsigned long page;	/* 0 for 4 KiB */
} pool_cases[] = {
	{ "16M, 1 CPU: an eighth",		SZ_16M, 1, SZ_2M },
	{ "16M, 512 CPUs: an eighth",		SZ_16M, 512, SZ_2M },
	{ "32M, 1 CPU: an eighth and the floor", SZ_32M, 1, SZ_4M },
	{ "64M, 1 CPU",				SZ_64M, 1, SZ_4M },
	{ "64M, 4 CPUs",			SZ_64M, 4, SZ_4M },
	{ "64M, 5 CPUs: the floor",		SZ_64M, 5, SZ_8M },
	{ "64M, 8 CPUs: the floor",		SZ_64M, 8, SZ_8M },
	{ "128M, 2 CPUs: a sixteenth",		SZ_128M, 2, SZ_8M },
	{ "128M, 28 CPUs: the floor",		SZ_128M, 28, SZ_16M },
	{ "128M, 29 CPUs: an eighth",		SZ_128M, 29, SZ_16M },
	{ "256M, 4 CPUs: a sixteenth",		SZ_256M, 4, SZ_16M },
	{ "512M, 4 CPUs: a sixteenth",		SZ_512M, 4, SZ_32M },
	{ "1G, 4 CPUs: a sixteenth",		SZ_1G, 4, SZ_64M },
	{ "2G, 8 CPUs: no more for RAM",	SZ_2G, 8, SZ_64M },
	{ "4G, 8 CPUs: a sixty-fourth",		4 * (u64)SZ_1G, 8, SZ_64M },
	{ "8G, 8 CPUs: a sixty-fourth",		8 * (u64)SZ_1G, 8, SZ_128M },
	{ "8G, 512 CPUs: the floor",		8 * (u64)SZ_1G, 512, SZ_512M },
	{ "64G, 64 CPUs: a sixty-fourth",	64 * (u64)SZ_1G, 64, SZ_1G },
	{ "1T, 1 CPU: no more for RAM",		1024 * (u64)SZ_1G, 1, SZ_1G },
	{ "1T, 512 CPUs",			1024 * (u64)SZ_1G, 512, SZ_1G },
	{ "100M, 1 CPU: rounded up",		100 * (u64)SZ_1M, 1, SZ_8M },
	{ "24M, 4 CPUs: an eighth, rounded down", 24 * (u64)SZ_1M, 4, SZ_2M },
	{ "64M, 1 CPU, 16K: the floor",		SZ_64M, 1, SZ_4M, SZ_16K },
	{ "64M, 2 CPUs, 16K: the floor",	SZ_64M, 2, SZ_8M, SZ_16K },
	{ "64M, 1 CPU, 64K: an eighth",		SZ_64M, 1, SZ_8M, SZ_64K },
	{ "128M, 2 CPUs, 64K: the floor",	SZ_128M, 2, SZ_16M, SZ_64K },
	{ "512M, 4 CPUs, 64K: a sixteenth",	SZ_512M, 4, SZ_32M, SZ_64K },
};

static void pool_name(const struct pool_case *pool, char *desc)
{
	strscpy(desc, pool->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(pool, pool_cases, pool_name);

static void pool_has_size(struct kunit *test)
{
	const struct pool_case *pool = test->param_value;

	KUNIT_EXPECT_EQ(test, pool->want,
			pguest_pool_size(pool->ram, pool->cpus, pool->page ?: SZ_4K));
}

/* Sizes of RAM: each power of two, one and a half of it, and a page more and less. */
static u64 next_ram(u64 ram)
{
	u64 top = rounddown_pow_of_two(ram);

	if (ram == top)
		return ram + SZ_4K;
	if (ram == top + SZ_4K)
		return top + top / 2;
	return ram == top + top / 2 ? 2 * top - SZ_4K : 2 * top;
}

static void expect_sense(struct kunit *test, u64 ram, unsigned int cpus)
{
	u64 size = pguest_pool_size(ram, cpus, SZ_4K);
	u64 floor = SZ_2M + (u64)SZ_512K * cpus;

	KUNIT_EXPECT_TRUE_MSG(test, is_power_of_2(size),
			      "%llu bytes, %u CPUs: %llu", ram, cpus, size);
	KUNIT_EXPECT_LE_MSG(test, size, ram / 8, "%llu bytes, %u CPUs", ram, cpus);
	/* Less than the floor only if the next size is above the ceiling. */
	KUNIT_EXPECT_TRUE_MSG(test, size >= floor || 2 * size > ram / 8,
			      "%llu bytes, %u CPUs: %llu", ram, cpus, size);
	KUNIT_EXPECT_TRUE_MSG(test, size >= min_t(u64, ram / 16, SZ_64M) ||
			      2 * size > ram / 8,
			      "%llu bytes, %u CPUs: %llu", ram, cpus, size);
	/* Rounding up does not double it. */
	KUNIT_EXPECT_LT_MSG(test, size, 2 * max3(floor, min_t(u64, ram / 16, SZ_64M),
						 min_t(u64, ram / 64, SZ_1G)),
			    "%llu bytes, %u CPUs", ram, cpus);
}

static void pool_is_within_bounds(struct kunit *test)
{
	unsigned int cpus;
	u64 ram;

	for (ram = MIN_RAM; ram <= MAX_RAM; ram = next_ram(ram)) {
		for (cpus = 1; cpus <= MAX_CPUS; cpus++)
			expect_sense(test, ram, cpus);
	}
}

/* What the layer chooses is never less than what it asks of others. */
static void least_pool_is_no_larger(struct kunit *test)
{
	unsigned int cpus;
	u64 ram;

	for (ram = MIN_RAM; ram <= MAX_RAM; ram = next_ram(ram)) {
		for (cpus = 1; cpus <= MAX_CPUS; cpus++)
			KUNIT_ASSERT_LE(test, pguest_pool_least(ram, cpus, SZ_4K),
					pguest_pool_size(ram, cpus, SZ_4K));
	}
	KUNIT_EXPECT_EQ(test, pguest_pool_least(SZ_64M, 1, SZ_4K), SZ_2M + SZ_512K);
	KUNIT_EXPECT_EQ(test, pguest_pool_least(SZ_64M, 64, SZ_4K), SZ_8M);
}

static void pool_grows_with_ram_and_cpus(struct kunit *test)
{
	unsigned int cpus;
	u64 ram;

	for (ram = MIN_RAM; ram < MAX_RAM; ram = next_ram(ram)) {
		for (cpus = 1; cpus < MAX_CPUS; cpus++) {
			unsigned long size = pguest_pool_size(ram, cpus, SZ_4K);

			KUNIT_ASSERT_LE(test, size,
					pguest_pool_size(ram, cpus + 1, SZ_4K));
			KUNIT_ASSERT_LE(test, size,
					pguest_pool_size(next_ram(ram), cpus, SZ_4K));
			KUNIT_ASSERT_LE(test, size, pguest_pool_size(ram, cpus, SZ_64K));
		}
	}
}

static struct kunit_case pool_test_cases[] = {
	KUNIT_CASE_PARAM(pool_has_size, pool_gen_params),
	KUNIT_CASE(pool_is_within_bounds),
	KUNIT_CASE(least_pool_is_no_larger),
	KUNIT_CASE(pool_grows_with_ram_and_cpus),
	{ }
};

static struct kunit_suite pool_suite = {
	.name = "pguest_pool",
	.test_cases = pool_test_cases,
};

kunit_test_suite(pool_suite);
