// SPDX-License-Identifier: GPL-2.0-only
/*
 * pguest_space_end(): what is shared when another kernel starts.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/kexec.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/set_memory.h>

#include "hypervisor.h"

static void expect_private(struct kunit *test, unsigned int first, unsigned int end)
{
	unsigned int i;

	for (i = first; i < end; i++) {
		KUNIT_EXPECT_FALSE_MSG(test, hyp.is_open[i], "granule %u (%s)", i, hyp.history[i]);
		KUNIT_EXPECT_FALSE_MSG(test, hyp.dirty[i], "granule %u (%s)", i, hyp.history[i]);
		if (hyp.backend.shared_bit)
			KUNIT_EXPECT_EQ(test, (int)hyp.mapped[i], (int)PGUEST_MAP_PRIVATE);
	}
}

static void share_some(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(3, 140, PGUEST_BOUNCE));
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(140, 141, PGUEST_ITS));
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(139, 142, PGUEST_OTHER));
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(255, 256, PGUEST_COHERENT));
}

static void end_takes_all_back(struct kunit *test)
{
	phys_addr_t first;

	share_some(test);
	KUNIT_EXPECT_EQ(test, 0, pguest_space_end(&hyp_space, &first));
	KUNIT_EXPECT_EQ(test, hyp.open, 0);
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 142 - 3 + 1);
	KUNIT_EXPECT_STREQ(test, hyp.history[140], "csuc");
	expect_private(test, 3, 142);
	expect_private(test, 255, 256);
}

static void end_of_a_realm_changes_addresses(struct kunit *test)
{
	phys_addr_t first;

	hyp_reset_realm();
	share_some(test);
	KUNIT_EXPECT_EQ(test, 0, pguest_space_end(&hyp_space, &first));
	KUNIT_EXPECT_EQ(test, hyp.open, 0);
	KUNIT_EXPECT_STREQ(test, hyp.history[140], "cnshcnupc");
	KUNIT_EXPECT_EQ(test, hyp.aliased, 0);
	KUNIT_EXPECT_EQ(test, hyp.unbroken, 0);
	expect_private(test, 3, 142);
	expect_private(test, 255, 256);
}

static void end_goes_on_behind_a_refusal(struct kunit *test)
{
	phys_addr_t first = 0;

	KUNIT_EXPECT_EQ(test, 0, hyp_share(10, 20));
	hyp.unshare = (struct hyp_script) { .at = 4, .err = -EINVAL };
	KUNIT_EXPECT_EQ(test, 1, pguest_space_end(&hyp_space, &first));
	KUNIT_EXPECT_EQ(test, first, hyp_addr(13));
	KUNIT_EXPECT_EQ(test, hyp.open, 1);
	expect_private(test, 10, 13);
	expect_private(test, 14, 20);
}

static void end_survives_a_hypervisor_that_refuses_all(struct kunit *test)
{
	phys_addr_t first = 0;

	KUNIT_EXPECT_EQ(test, 0, hyp_share(10, 20));
	hyp.unshare = (struct hyp_script) { .at = 1, .for_ever = true, .err = -EINVAL };
	KUNIT_EXPECT_EQ(test, 10, pguest_space_end(&hyp_space, &first));
	KUNIT_EXPECT_EQ(test, first, hyp_addr(10));
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 10);
}

/* The state of a lost granule is unknown: a second attempt can work. */
static void end_tries_lost_granules_again(struct kunit *test)
{
	phys_addr_t first = 0;

	KUNIT_EXPECT_EQ(test, 0, hyp_share(10, 20));
	hyp.unshare = (struct hyp_script) { .at = 4, .err = -EINVAL };
	KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(10, 20));
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 1);
	KUNIT_EXPECT_EQ(test, 0, pguest_space_end(&hyp_space, &first));
	expect_private(test, 10, 20);
}

/* A task was stopped while it shared granules, of which the second half is private still. */
static void end_takes_what_is_pending(struct kunit *test)
{
	const struct pguest_entry pending = { .state = PGUEST_PENDING };
	phys_addr_t first = 0;

	KUNIT_EXPECT_EQ(test, 0, hyp_share(10, 14));
	KUNIT_EXPECT_EQ(test, 0, pguest_ledger_set(&hyp_space.ledger, hyp_addr(10), hyp_addr(18),
						   &pending));
	hyp.unshare = (struct hyp_script) { .at = 5, .for_ever = true, .err = -EINVAL };
	KUNIT_EXPECT_EQ(test, 0, pguest_space_end(&hyp_space, &first));
	KUNIT_EXPECT_EQ(test, hyp.open, 0);
	expect_private(test, 10, 14);
}

/* What the host supplies is no RAM: in a realm no call changes it, and a refusal is no harm. */
static void end_leaves_pages_of_the_host(struct kunit *test)
{
	phys_addr_t first = 0;

	hyp_reset_realm();
	KUNIT_EXPECT_EQ(test, 0, pguest_space_enter(&hyp_space, hyp_addr(5), hyp_addr(7),
						    PGUEST_CLOCK, 0));
	KUNIT_EXPECT_EQ(test, 0, hyp_share(7, 8));
	KUNIT_EXPECT_EQ(test, 0, pguest_space_end(&hyp_space, &first));
	KUNIT_EXPECT_STREQ(test, hyp.history[5], "");
	expect_private(test, 7, 8);

	hyp_exit(test);
	hyp_reset(SZ_4K, false);
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(5, 6, PGUEST_STEAL));
	hyp.unshare = (struct hyp_script) { .at = 1, .err = -EINVAL };
	KUNIT_EXPECT_EQ(test, 0, pguest_space_end(&hyp_space, &first));
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 1);
}

/* Memory for a crash kernel: no part of it can be shared, nor be a pool. */
static void crash_memory_is_not_shared(struct kunit *test)
{
#if defined(CONFIG_CRASH_DUMP) && defined(CONFIG_KEXEC_CORE)
	unsigned long addr = __get_free_pages(GFP_KERNEL, 2), middle = addr + PAGE_SIZE;
	const resource_size_t start = crashk_res.start, end = crashk_res.end;
	int below, all, within;

	KUNIT_ASSERT_NE(test, addr, 0UL);
	crashk_res.start = __pa(middle);
	crashk_res.end = crashk_res.start + PAGE_SIZE - 1;
	all = set_memory_decrypted(addr, 4);
	within = set_memory_decrypted(middle, 1);
	below = set_memory_decrypted(addr, 1);
	KUNIT_EXPECT_FALSE(test, pguest_active() && pguest_pool_usable(__pa(middle), PAGE_SIZE));
	crashk_res.start = start;
	crashk_res.end = end;

	KUNIT_EXPECT_EQ(test, all, pguest_active() ? -EINVAL : 0);
	KUNIT_EXPECT_EQ(test, within, pguest_active() ? -EINVAL : 0);
	/* One page can be less than a granule. */
	if (!pguest_active() || pguest_backend->granule <= PAGE_SIZE)
		KUNIT_EXPECT_EQ(test, below, 0);
	if (below || !set_memory_encrypted(addr, 1))
		free_pages(addr, 2);
#else
	kunit_skip(test, "no crash dumps");
#endif
}

/* A console that needs memory while its CPU crashes inside of a share. */
static void a_crash_does_not_wait_for_the_lock(struct kunit *test)
{
	unsigned long flags;
	int shared, taken;

	KUNIT_EXPECT_EQ(test, 0, hyp_share(3, 4));
	spin_lock_irqsave(&hyp_space.lock, flags);
	oops_in_progress++;
	shared = hyp_share(5, 6);
	taken = hyp_unshare(3, 4);
	oops_in_progress--;
	spin_unlock_irqrestore(&hyp_space.lock, flags);

	KUNIT_EXPECT_EQ(test, shared, -EBUSY);
	KUNIT_EXPECT_EQ(test, taken, -EBUSY);
	KUNIT_EXPECT_STREQ(test, hyp.history[5], "");
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(3, 4));
}

static int kexec_init(struct kunit *test)
{
	hyp_reset(SZ_4K, false);
	return 0;
}

static struct kunit_case kexec_cases[] = {
	KUNIT_CASE(end_takes_all_back),
	KUNIT_CASE(end_of_a_realm_changes_addresses),
	KUNIT_CASE(end_goes_on_behind_a_refusal),
	KUNIT_CASE(end_survives_a_hypervisor_that_refuses_all),
	KUNIT_CASE(end_tries_lost_granules_again),
	KUNIT_CASE(end_takes_what_is_pending),
	KUNIT_CASE(end_leaves_pages_of_the_host),
	KUNIT_CASE(crash_memory_is_not_shared),
	KUNIT_CASE(a_crash_does_not_wait_for_the_lock),
	{ }
};

static struct kunit_suite kexec_suite = {
	.name = "pguest_kexec",
	.init = kexec_init,
	.exit = hyp_exit,
	.test_cases = kexec_cases,
};

kunit_test_suite(kexec_suite);
