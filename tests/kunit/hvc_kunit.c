// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hypercall that faults is an error and not an oops.
 *
 * pKVM answers MEM_SHARE of an address without memory by an external abort at
 * the HVC. A host can make such a hole in what the device tree calls RAM.
 */
#include <kunit/test.h>
#include <linux/memblock.h>

#include <asm/pguest.h>
#include <asm/pkvm_cmds.h>

/* Far beyond RAM, and still an address that every machine can name. */
static phys_addr_t hole(void)
{
	return ALIGN(memblock_end_of_DRAM(), SZ_1G) + SZ_1G;
}

static void share_of_a_hole_is_an_error(struct kunit *test)
{
	int err = pkvm_one(PKVM_NR_MEM_SHARE, hole());

	if (pguest_active())
		KUNIT_EXPECT_EQ(test, err, -EFAULT);
	else
		KUNIT_EXPECT_LT(test, err, 0);
}

static void unshare_of_a_hole_is_refused(struct kunit *test)
{
	KUNIT_EXPECT_LT(test, pkvm_one(PKVM_NR_MEM_UNSHARE, hole()), 0);
}

/* The stack and the registers of the caller have to survive the detour. */
static void calls_work_after_a_fault(struct kunit *test)
{
	u32 before, after;
	int i, first = pkvm_features(&before);

	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_LT(test, pkvm_one(PKVM_NR_MEM_SHARE, hole()), 0);
	KUNIT_EXPECT_EQ(test, pkvm_features(&after), first);
	if (!first)
		KUNIT_EXPECT_EQ(test, before, after);
}

static struct kunit_case hvc_cases[] = {
	KUNIT_CASE(share_of_a_hole_is_an_error),
	KUNIT_CASE(unshare_of_a_hole_is_refused),
	KUNIT_CASE(calls_work_after_a_fault),
	{ }
};

static struct kunit_suite hvc_suite = {
	.name = "pguest_hvc",
	.test_cases = hvc_cases,
};

kunit_test_suite(hvc_suite);
