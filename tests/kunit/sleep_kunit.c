// SPDX-License-Identifier: GPL-2.0-only
/*
 * pguest_space_suspend() and pguest_space_resume(): all that is shared is private for a
 * moment, and keeps its contents.
 */
#include <kunit/test.h>
#include <linux/spinlock.h>

#include "hypervisor.h"

/*
 * Contents of granules. The host and a change of the state have an effect on them where
 * shared memory has its own address bit: then they are lost.
 */
static struct {
	unsigned int now[HYP_GRANULES];
	bool was_open[HYP_GRANULES];
	unsigned int copy, copied, wrong;
} contents;

static unsigned int number_of(phys_addr_t addr)
{
	return (addr - HYP_BASE) / hyp.backend.granule;
}

/* A granule that is read or written as what it is not has other contents than it seems. */
static bool reachable(unsigned int granule)
{
	return hyp.mapped[granule] == (hyp.is_open[granule] ? PGUEST_MAP_SHARED :
							      PGUEST_MAP_PRIVATE);
}

static void keep(phys_addr_t start, phys_addr_t end, bool back)
{
	unsigned int granule = number_of(start);

	contents.wrong += end - start != hyp.backend.granule || !reachable(granule);
	contents.copied++;
	if (back) {
		contents.now[granule] = contents.copy;
		contents.was_open[granule] = hyp.is_open[granule];
		return;
	}
	contents.copy = contents.now[granule];
}

static void fill(void)
{
	unsigned int i;

	memset(&contents, 0, sizeof(contents));
	for (i = 0; i < HYP_GRANULES; i++) {
		contents.now[i] = 1000 + i;
		contents.was_open[i] = hyp.is_open[i];
	}
}

/* Each granule that has changed its state has had its contents written back since. */
static void expect_contents(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, contents.wrong, 0);
	KUNIT_EXPECT_EQ(test, hyp.strays, 0);
	KUNIT_EXPECT_EQ(test, hyp.aliased, 0);
	KUNIT_EXPECT_EQ(test, hyp.unbroken, 0);
	for (i = 0; i < HYP_GRANULES; i++) {
		KUNIT_EXPECT_EQ_MSG(test, contents.now[i], 1000 + i, "granule %u (%s)", i,
				    hyp.history[i]);
		if (hyp.backend.shared_bit)
			KUNIT_EXPECT_EQ_MSG(test, contents.was_open[i], hyp.is_open[i],
					    "granule %u (%s)", i, hyp.history[i]);
	}
}

static void share_some(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(3, 40, PGUEST_BOUNCE));
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(40, 41, PGUEST_ITS));
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(39, 42, PGUEST_OTHER));
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(255, 256, PGUEST_COHERENT));
	fill();
	hyp_forget_calls();
}

static void expect_shared_as_before(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, hyp.open, 40);
	hyp_expect_open(test, 3, 39, 1);
	hyp_expect_open(test, 39, 41, 2);
	hyp_expect_open(test, 41, 42, 1);
	hyp_expect_open(test, 255, 256, 1);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 40);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.by_owner[PGUEST_BOUNCE], 37);
	KUNIT_EXPECT_EQ(test, hyp_space.calls_share, hyp.share_calls);
	KUNIT_EXPECT_EQ(test, hyp_space.calls_unshare, hyp.unshare_calls);
}

static void suspend_and_resume(struct kunit *test)
{
	phys_addr_t at;

	share_some(test);
	KUNIT_EXPECT_EQ(test, 0, pguest_space_suspend(&hyp_space, keep, &at));
	KUNIT_EXPECT_EQ(test, hyp.open, 0);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 40);
	expect_contents(test);
	KUNIT_EXPECT_EQ(test, 0, pguest_space_resume(&hyp_space, keep, &at));
	expect_shared_as_before(test);
	expect_contents(test);
}

static void sleep_in_place_copies_nothing(struct kunit *test)
{
	suspend_and_resume(test);
	KUNIT_EXPECT_EQ(test, contents.copied, 0);
	KUNIT_EXPECT_STREQ(test, hyp.history[40], "csus");
	KUNIT_EXPECT_EQ(test, hyp.share_calls, 40);
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 40);
}

static void sleep_of_a_realm_keeps_contents(struct kunit *test)
{
	hyp_reset_realm();
	suspend_and_resume(test);
	KUNIT_EXPECT_EQ(test, contents.copied, 4 * 40);
	KUNIT_EXPECT_STREQ(test, hyp.history[40], "cnshcnupnsh");
}

static void sleep_goes_on_after_partial_answers(struct kunit *test)
{
	hyp_reset(SZ_4K, true);
	hyp.pieces = 7;
	suspend_and_resume(test);
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 7);
}

/* Whatever the granule is at which the hypervisor refuses, all is as before. */
static void refuse_each(struct kunit *test)
{
	phys_addr_t at;
	unsigned int k;

	share_some(test);
	for (k = 1; k <= 40; k++) {
		hyp_forget_calls();
		hyp.unshare = (struct hyp_script) { .at = k, .err = -EPERM };
		KUNIT_EXPECT_EQ(test, -EPERM, pguest_space_suspend(&hyp_space, keep, &at));
		KUNIT_EXPECT_EQ(test, at, hyp_addr(k == 40 ? 255 : 2 + k));
		KUNIT_EXPECT_EQ(test, hyp.share_calls, k - 1);
		expect_shared_as_before(test);
		expect_contents(test);
	}
}

static void sleep_refused_at_any_granule(struct kunit *test)
{
	refuse_each(test);
}

static void sleep_of_a_realm_refused_at_any_granule(struct kunit *test)
{
	hyp_reset_realm();
	refuse_each(test);
}

/* The state of a granule is unknown, or what was taken back is not shared again. */
static void sleep_that_cannot_be_undone(struct kunit *test)
{
	phys_addr_t at;

	share_some(test);
	hyp.unshare = (struct hyp_script) { .at = 5, .answer = HYP_NOWHERE };
	KUNIT_EXPECT_EQ(test, -EIO, pguest_space_suspend(&hyp_space, keep, &at));
	KUNIT_EXPECT_EQ(test, at, hyp_addr(7));

	hyp_exit(test);
	hyp_reset_realm();
	share_some(test);
	hyp.unshare = (struct hyp_script) { .at = 5, .err = -EPERM };
	hyp.share = (struct hyp_script) { .at = 2, .err = -EPERM };
	KUNIT_EXPECT_EQ(test, -EIO, pguest_space_suspend(&hyp_space, keep, &at));
	KUNIT_EXPECT_EQ(test, at, hyp_addr(7));
}

static void resume_says_what_is_refused(struct kunit *test)
{
	phys_addr_t at;

	hyp_reset_realm();
	share_some(test);
	KUNIT_EXPECT_EQ(test, 0, pguest_space_suspend(&hyp_space, keep, &at));
	hyp.share = (struct hyp_script) { .at = 38, .err = -EPERM };
	KUNIT_EXPECT_EQ(test, -EPERM, pguest_space_resume(&hyp_space, keep, &at));
	KUNIT_EXPECT_EQ(test, at, hyp_addr(40));
	KUNIT_EXPECT_EQ(test, hyp.open, 37);
	KUNIT_EXPECT_EQ(test, (int)hyp.mapped[40], (int)PGUEST_MAP_PRIVATE);
	expect_contents(test);
}

/* In a realm what the host supplies is shared by its address. */
static void sleep_leaves_pages_of_the_host(struct kunit *test)
{
	phys_addr_t at;

	hyp_reset_realm();
	KUNIT_EXPECT_EQ(test, 0, pguest_space_enter(&hyp_space, hyp_addr(5), hyp_addr(7),
						    PGUEST_CLOCK, 0));
	KUNIT_EXPECT_EQ(test, 0, hyp_share(7, 8));
	fill();
	KUNIT_EXPECT_EQ(test, 0, pguest_space_suspend(&hyp_space, keep, &at));
	KUNIT_EXPECT_EQ(test, 0, pguest_space_resume(&hyp_space, keep, &at));
	KUNIT_EXPECT_STREQ(test, hyp.history[5], "");
	KUNIT_EXPECT_STREQ(test, hyp.history[7], "cnshcnupnsh");

	hyp_exit(test);
	hyp_reset(SZ_4K, false);
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(5, 6, PGUEST_STEAL));
	KUNIT_EXPECT_EQ(test, 0, pguest_space_suspend(&hyp_space, keep, &at));
	KUNIT_EXPECT_FALSE(test, hyp.is_open[5]);
	KUNIT_EXPECT_EQ(test, 0, pguest_space_resume(&hyp_space, keep, &at));
	KUNIT_EXPECT_TRUE(test, hyp.is_open[5]);
}

static void no_sleep_half_way_or_with_lost_granules(struct kunit *test)
{
	const struct pguest_entry pending = { .state = PGUEST_PENDING };
	unsigned long flags;
	phys_addr_t at;

	share_some(test);
	spin_lock_irqsave(&hyp_space.lock, flags);
	KUNIT_EXPECT_EQ(test, -EBUSY, pguest_space_suspend(&hyp_space, keep, &at));
	spin_unlock_irqrestore(&hyp_space.lock, flags);

	KUNIT_EXPECT_EQ(test, 0, pguest_ledger_set(&hyp_space.ledger, hyp_addr(100),
						   hyp_addr(101), &pending));
	KUNIT_EXPECT_EQ(test, -EBUSY, pguest_space_suspend(&hyp_space, keep, &at));
	pguest_ledger_erase(&hyp_space.ledger, hyp_addr(100), hyp_addr(101));

	hyp.unshare = (struct hyp_script) { .at = 1, .err = -EINVAL };
	KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(255, 256));
	KUNIT_EXPECT_EQ(test, -ENOTRECOVERABLE, pguest_space_suspend(&hyp_space, keep, &at));
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 1);
}

static int sleep_init(struct kunit *test)
{
	hyp_reset(SZ_4K, false);
	return 0;
}

static struct kunit_case sleep_cases[] = {
	KUNIT_CASE(sleep_in_place_copies_nothing),
	KUNIT_CASE(sleep_of_a_realm_keeps_contents),
	KUNIT_CASE(sleep_goes_on_after_partial_answers),
	KUNIT_CASE(sleep_refused_at_any_granule),
	KUNIT_CASE(sleep_of_a_realm_refused_at_any_granule),
	KUNIT_CASE(sleep_that_cannot_be_undone),
	KUNIT_CASE(resume_says_what_is_refused),
	KUNIT_CASE(sleep_leaves_pages_of_the_host),
	KUNIT_CASE(no_sleep_half_way_or_with_lost_granules),
	{ }
};

static struct kunit_suite sleep_suite = {
	.name = "pguest_sleep",
	.init = sleep_init,
	.exit = hyp_exit,
	.test_cases = sleep_cases,
};

kunit_test_suite(sleep_suite);
