// SPDX-License-Identifier: GPL-2.0-only
/*
 * pguest_space_share() and pguest_space_unshare() with a correct hypervisor: which calls
 * are made, what is cleared when, and the entries of the ledger.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/prandom.h>

#include "hypervisor.h"

#define SEED	20261123

#define MIB	(SZ_1M / SZ_4K)		/* in granules of 4 KiB */

/* Descents from the root to share 1 MiB with a look-up for each granule */
#define OLD_WALKS	1280

static void share_opens_and_unshare_closes(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(3, 8));
	hyp_expect_books(test);
	hyp_expect_open(test, 3, 8, 1);
	KUNIT_EXPECT_EQ(test, hyp.open, 5);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 5);
	KUNIT_EXPECT_EQ(test, hyp.share_calls, 5);

	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(3, 8));
	hyp_expect_nothing(test);
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 5);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.peak, 5);
	KUNIT_EXPECT_EQ(test, hyp_space.refused, 0);
}

/* Cleared, shared, unshared, cleared; no other granule changes. */
static void clears_before_sharing_and_after(struct kunit *test)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, hyp_share(10, 14));
	for (i = 10; i < 14; i++)
		KUNIT_EXPECT_STREQ(test, hyp.history[i], "cs");
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(10, 14));
	for (i = 10; i < 14; i++)
		KUNIT_EXPECT_STREQ(test, hyp.history[i], "csuc");
	KUNIT_EXPECT_STREQ(test, hyp.history[9], "");
	KUNIT_EXPECT_STREQ(test, hyp.history[14], "");
	hyp_expect_nothing(test);
}

/* A call for a range is made for each batch, which bounds the time with the lock held. */
static void large_granules_are_done_in_small_batches(struct kunit *test)
{
	static const struct {
		phys_addr_t granule;
		unsigned int calls;
	} cases[] = {
		{ SZ_4K, 2 }, { SZ_64K, 2 }, { SZ_128K, 4 }, { SZ_1M, 32 }, { SZ_2M, 64 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		hyp_reset(cases[i].granule, true);
		KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 128));
		KUNIT_EXPECT_EQ(test, hyp.share_calls, cases[i].calls);
		hyp_expect_open(test, 0, 128, 1);
		KUNIT_EXPECT_EQ(test, 0, hyp_unshare(0, 128));
		KUNIT_EXPECT_EQ(test, hyp.unshare_calls, cases[i].calls);
		hyp_expect_nothing(test);
	}
}

static void second_share_is_counted_and_not_sent(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 4));
	hyp_forget_calls();

	KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 4));
	KUNIT_EXPECT_EQ(test, hyp_calls(), 0);
	KUNIT_EXPECT_EQ(test, hyp_space.again, 4);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 4);
	hyp_expect_open(test, 0, 4, 2);
	KUNIT_EXPECT_STREQ(test, hyp.history[0], "cs");
	hyp_expect_books(test);
}

static void unshare_waits_for_the_last_owner(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 4));
	KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 4));
	KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 4));

	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(0, 4));
	hyp_expect_open(test, 0, 4, 2);
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(0, 4));
	hyp_expect_open(test, 0, 4, 1);
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 0);
	KUNIT_EXPECT_STREQ(test, hyp.history[0], "cs");
	hyp_expect_books(test);

	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(0, 4));
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 4);
	hyp_expect_nothing(test);
	KUNIT_EXPECT_EQ(test, -EINVAL, hyp_unshare(0, 4));
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 4);
}

/* Granules 2, 3 and 5 have another owner, and make no second call. */
static void overlapping_share_opens_the_gaps_alone(struct kunit *test)
{
	static const unsigned int refs[] = { 1, 1, 2, 2, 1, 2, 1, 1 };
	unsigned int i;

	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(2, 4, PGUEST_BOUNCE));
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(5, 6, PGUEST_ITS));
	hyp_forget_calls();

	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(0, 8, PGUEST_COHERENT));
	KUNIT_EXPECT_EQ(test, hyp.share_calls, 5);
	KUNIT_EXPECT_EQ(test, hyp_space.again, 3);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 8);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.by_owner[PGUEST_BOUNCE], 2);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.by_owner[PGUEST_ITS], 1);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.by_owner[PGUEST_COHERENT], 5);
	for (i = 0; i < 8; i++)
		hyp_expect_open(test, i, i + 1, refs[i]);
	hyp_expect_books(test);

	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(0, 8));
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 5);
	hyp_expect_open(test, 2, 4, 1);
	hyp_expect_open(test, 5, 6, 1);
	KUNIT_EXPECT_EQ(test, hyp.open, 3);
	KUNIT_EXPECT_STREQ(test, hyp.history[2], "cs");
	hyp_expect_books(test);

	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(2, 4));
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(5, 6));
	hyp_expect_nothing(test);
}

/* The entry has the owner that it was first shared for, until all have unshared it. */
static void granule_stays_with_its_first_owner(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(0, 1, PGUEST_ATOMIC));
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(0, 1, PGUEST_BOUNCE));
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(0, 1));
	KUNIT_EXPECT_EQ(test, (int)hyp_entry(0).owner, (int)PGUEST_ATOMIC);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.by_owner[PGUEST_ATOMIC], 1);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.by_owner[PGUEST_BOUNCE], 0);

	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(0, 1));
	KUNIT_EXPECT_EQ(test, 0, hyp_share_for(0, 1, PGUEST_BOUNCE));
	KUNIT_EXPECT_EQ(test, (int)hyp_entry(0).owner, (int)PGUEST_BOUNCE);
	hyp_expect_books(test);
}

static void caller_is_kept(struct kunit *test)
{
	unsigned long caller = (unsigned long)caller_is_kept;

	KUNIT_EXPECT_EQ(test, 0, pguest_space_share(&hyp_space, hyp_addr(1), hyp_addr(3),
						    PGUEST_ITS, caller));
	KUNIT_EXPECT_EQ(test, 0, pguest_space_share(&hyp_space, hyp_addr(1), hyp_addr(3),
						    PGUEST_ITS, caller + 4));
	KUNIT_EXPECT_EQ(test, hyp_entry(1).caller, caller);
	KUNIT_EXPECT_EQ(test, hyp_entry(2).caller, caller);
}

static void unshare_of_private_makes_no_call(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, -EINVAL, hyp_unshare(0, 4));
	KUNIT_EXPECT_EQ(test, hyp_calls(), 0);
	KUNIT_EXPECT_EQ(test, hyp_space.refused, 1);
	KUNIT_EXPECT_STREQ(test, hyp.history[0], "");
	hyp_expect_nothing(test);
}

/* An error is returned, and the part that was shared is private afterwards. */
static void unshare_of_half_private_closes_the_other_half(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(2, 4));
	KUNIT_EXPECT_EQ(test, 0, hyp_share(5, 7));

	KUNIT_EXPECT_EQ(test, -EINVAL, hyp_unshare(0, 8));
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 4);
	KUNIT_EXPECT_STREQ(test, hyp.history[2], "csuc");
	KUNIT_EXPECT_STREQ(test, hyp.history[4], "");
	hyp_expect_nothing(test);
}

static void share_is_refused_when_it_cannot_be_counted(struct kunit *test)
{
	struct pguest_entry entry;

	KUNIT_EXPECT_EQ(test, 0, hyp_share(3, 4));
	entry = hyp_entry(3);
	entry.refs = U16_MAX - 1;
	KUNIT_EXPECT_EQ(test, 0, pguest_ledger_set(&hyp_space.ledger, hyp_addr(3),
						   hyp_addr(4), &entry));
	KUNIT_EXPECT_EQ(test, 0, hyp_share(3, 4));
	hyp_expect_open(test, 3, 4, U16_MAX);
	hyp_forget_calls();

	KUNIT_EXPECT_EQ(test, -EOVERFLOW, hyp_share(0, 8));
	KUNIT_EXPECT_EQ(test, hyp_calls(), 0);
	hyp_expect_open(test, 3, 4, U16_MAX);
	KUNIT_EXPECT_EQ(test, hyp.open, 1);
	hyp_expect_books(test);
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(3, 4));
	hyp_expect_open(test, 3, 4, U16_MAX - 1);
}

/* The lock is held for one batch at a time. */
static void large_ranges_are_done_whole(struct kunit *test)
{
	static const unsigned int sizes[] = { 63, 64, 65, 127, 128, 129, 200, HYP_GRANULES };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		hyp_reset(SZ_4K, false);
		KUNIT_EXPECT_EQ(test, 0, hyp_share(0, sizes[i]));
		KUNIT_EXPECT_EQ(test, hyp.share_calls, sizes[i]);
		KUNIT_EXPECT_EQ(test, hyp.open, sizes[i]);
		hyp_expect_open(test, 0, sizes[i], 1);
		hyp_expect_books(test);

		KUNIT_EXPECT_EQ(test, 0, hyp_unshare(0, sizes[i]));
		KUNIT_EXPECT_EQ(test, hyp.unshare_calls, sizes[i]);
		KUNIT_EXPECT_EQ(test, hyp_space.ledger.peak, sizes[i]);
		hyp_expect_nothing(test);
	}
}

static const struct bad_range {
	const char *name;
	phys_addr_t start, end;		/* in bytes, from the first granule on */
} bad_ranges[] = {
	{ "empty", 0x4000, 0x4000 },
	{ "reversed", 0x8000, 0x4000 },
	{ "start is not aligned", 0x4800, 0x8000 },
	{ "end is not aligned", 0x4000, 0x7800 },
	{ "neither is aligned", 0x4800, 0x8800 },
	{ "within a granule", 0x4400, 0x4800 },
	{ "start is a byte late", 0x4001, 0x8000 },
	{ "end is a byte short", 0x4000, 0x7fff },
	{ "reversed and not aligned", 0x8800, 0x4400 },
	{ "empty and not aligned", 0x4800, 0x4800 },
	{ "past the end of all addresses", 0x4000, -HYP_BASE },
};

static void bad_range_name(const struct bad_range *bad, char *desc)
{
	strscpy(desc, bad->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(bad_range, bad_ranges, bad_range_name);

static void bad_range_is_refused_without_a_call(struct kunit *test)
{
	const struct bad_range *bad = test->param_value;
	phys_addr_t start = HYP_BASE + bad->start, end = HYP_BASE + bad->end;

	KUNIT_EXPECT_EQ(test, -EINVAL, pguest_space_share(&hyp_space, start, end,
							  PGUEST_OTHER, _THIS_IP_));
	hyp_expect_nothing(test);

	KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 16));
	hyp_forget_calls();
	KUNIT_EXPECT_EQ(test, -EINVAL, pguest_space_share(&hyp_space, start, end,
							  PGUEST_OTHER, _THIS_IP_));
	KUNIT_EXPECT_EQ(test, -EINVAL, pguest_space_unshare(&hyp_space, start, end,
							    _THIS_IP_));
	KUNIT_EXPECT_EQ(test, hyp_calls(), 0);
	hyp_expect_open(test, 0, 16, 1);
	hyp_expect_books(test);
}

/* Ranges of pages that are no whole granules */
static const struct granule_case {
	const char *name;
	phys_addr_t granule;
} granule_cases[] = {
	{ "a quarter of a page", PAGE_SIZE / 4 },
	{ "half a page", PAGE_SIZE / 2 },
	{ "a page", PAGE_SIZE },
	{ "two pages", 2 * PAGE_SIZE },
	{ "4K", SZ_4K },
	{ "16K", SZ_16K },
	{ "64K", SZ_64K },
	{ "2M", SZ_2M },
};

static void granule_name(const struct granule_case *granule, char *desc)
{
	strscpy(desc, granule->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(granule, granule_cases, granule_name);

/* A range that is not whole granules is refused, and nothing beyond it is shared. */
static void page_ranges_are_whole_granules_or_refused(struct kunit *test)
{
	const struct granule_case *param = test->param_value;
	phys_addr_t granule = param->granule, start, end;
	unsigned int first, pages, want;
	bool whole;
	int err;

	for (first = 0; first < 5; first++) {
		for (pages = 1; pages < 10; pages++) {
			hyp_reset(granule, false);
			start = HYP_BASE + first * PAGE_SIZE;
			end = start + pages * PAGE_SIZE;
			whole = !(start % granule) && !(end % granule);
			want = whole ? pages * PAGE_SIZE / granule : 0;

			err = pguest_space_share(&hyp_space, start, end, PGUEST_OTHER,
						 _THIS_IP_);
			KUNIT_EXPECT_EQ(test, err, whole ? 0 : -EINVAL);
			KUNIT_EXPECT_EQ(test, hyp.share_calls, want);
			KUNIT_EXPECT_EQ(test, hyp.open, want);
			KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, want);
			KUNIT_EXPECT_EQ(test, pguest_space_shared(&hyp_space, start), whole);
			hyp_expect_books(test);

			err = pguest_space_unshare(&hyp_space, start, end, _THIS_IP_);
			KUNIT_EXPECT_EQ(test, err, whole ? 0 : -EINVAL);
			hyp_expect_nothing(test);
		}
	}
}

static void granules_of_any_size_open_and_close(struct kunit *test)
{
	const struct granule_case *param = test->param_value;

	hyp_reset(param->granule, false);
	KUNIT_EXPECT_EQ(test, 0, hyp_share(1, 100));
	KUNIT_EXPECT_EQ(test, hyp.open, 99);
	hyp_expect_open(test, 1, 100, 1);
	hyp_expect_books(test);
	KUNIT_EXPECT_EQ(test, -EINVAL,
			pguest_space_unshare(&hyp_space, hyp_addr(1),
					     hyp_addr(2) + param->granule / 2, _THIS_IP_));
	hyp_expect_open(test, 1, 100, 1);
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(1, 100));
	hyp_expect_nothing(test);
}

static void each_byte_of_a_granule_is_shared(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(4, 6));
	KUNIT_EXPECT_FALSE(test, pguest_space_shared(&hyp_space, hyp_addr(4) - 1));
	KUNIT_EXPECT_TRUE(test, pguest_space_shared(&hyp_space, hyp_addr(4)));
	KUNIT_EXPECT_TRUE(test, pguest_space_shared(&hyp_space, hyp_addr(5) - 1));
	KUNIT_EXPECT_TRUE(test, pguest_space_shared(&hyp_space, hyp_addr(6) - 1));
	KUNIT_EXPECT_FALSE(test, pguest_space_shared(&hyp_space, hyp_addr(6)));
	KUNIT_EXPECT_FALSE(test, pguest_space_shared(&hyp_space, 0));
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(4, 6));
	KUNIT_EXPECT_FALSE(test, pguest_space_shared(&hyp_space, hyp_addr(4)));
}

static void share_costs(struct kunit *test)
{
	struct pguest_ledger *ledger = &hyp_space.ledger;
	unsigned long walks = ledger->walks, slots = ledger->slots;

	KUNIT_EXPECT_EQ(test, 0, hyp_share(0, MIB));
	walks = ledger->walks - walks;
	slots = ledger->slots - slots;
	kunit_info(test, "1 MiB in granules of 4 KiB: %lu walks from the root, %lu entries\n",
		   walks, slots);
	KUNIT_EXPECT_GE(test, walks, 1);
	KUNIT_EXPECT_LE(test, walks * 10, OLD_WALKS);
	/* Each entry is allocated before the call, and set after it. */
	KUNIT_EXPECT_EQ(test, slots, 2 * MIB);
}

/* Random requests of many owners, compared with a count for each granule. */
static void share_agrees_with_a_count_on_paper(struct kunit *test)
{
	static unsigned int paper[HYP_GRANULES];
	unsigned int round, first, end, i, want;
	struct rnd_state rnd;
	bool all;

	memset(paper, 0, sizeof(paper));
	prandom_seed_state(&rnd, SEED);
	for (round = 0; round < 400; round++) {
		first = prandom_u32_state(&rnd) % 150;
		end = first + 1 + prandom_u32_state(&rnd) % 100;
		hyp.backend.ranges = prandom_u32_state(&rnd) % 2;
		hyp.pieces = prandom_u32_state(&rnd) % 8;

		if (prandom_u32_state(&rnd) % 2) {
			KUNIT_ASSERT_EQ(test, 0, hyp_share(first, end));
			for (i = first; i < end; i++)
				paper[i]++;
		} else {
			all = true;
			for (i = first; i < end; i++) {
				all = all && paper[i];
				paper[i] -= !!paper[i];
			}
			KUNIT_ASSERT_EQ(test, all ? 0 : -EINVAL, hyp_unshare(first, end));
		}
		want = 0;
		for (i = 0; i < HYP_GRANULES; i++) {
			KUNIT_ASSERT_EQ(test, paper[i], hyp_entry(i).refs);
			want += !!paper[i];
		}
		KUNIT_ASSERT_EQ(test, want, hyp.open);
		KUNIT_ASSERT_EQ(test, hyp_space.ledger.peak, hyp.peak);
	}
	hyp_expect_books(test);
	for (i = 0; i < HYP_GRANULES; i++) {
		while (paper[i]--)
			KUNIT_EXPECT_EQ(test, 0, hyp_unshare(i, i + 1));
	}
	hyp_expect_nothing(test);
}

static int share_init(struct kunit *test)
{
	hyp_reset(SZ_4K, false);
	return 0;
}

static struct kunit_case share_cases[] = {
	KUNIT_CASE(share_opens_and_unshare_closes),
	KUNIT_CASE(clears_before_sharing_and_after),
	KUNIT_CASE(large_granules_are_done_in_small_batches),
	KUNIT_CASE(second_share_is_counted_and_not_sent),
	KUNIT_CASE(unshare_waits_for_the_last_owner),
	KUNIT_CASE(overlapping_share_opens_the_gaps_alone),
	KUNIT_CASE(granule_stays_with_its_first_owner),
	KUNIT_CASE(caller_is_kept),
	KUNIT_CASE(unshare_of_private_makes_no_call),
	KUNIT_CASE(unshare_of_half_private_closes_the_other_half),
	KUNIT_CASE(share_is_refused_when_it_cannot_be_counted),
	KUNIT_CASE(large_ranges_are_done_whole),
	KUNIT_CASE_PARAM(bad_range_is_refused_without_a_call, bad_range_gen_params),
	KUNIT_CASE_PARAM(page_ranges_are_whole_granules_or_refused, granule_gen_params),
	KUNIT_CASE_PARAM(granules_of_any_size_open_and_close, granule_gen_params),
	KUNIT_CASE(each_byte_of_a_granule_is_shared),
	KUNIT_CASE(share_costs),
	KUNIT_CASE(share_agrees_with_a_count_on_paper),
	{ }
};

static struct kunit_suite share_suite = {
	.name = "pguest_share",
	.init = share_init,
	.exit = hyp_exit,
	.test_cases = share_cases,
};

kunit_test_suite(share_suite);
