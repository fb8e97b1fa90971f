// SPDX-License-Identifier: GPL-2.0-only
/*
 * Refusals of the hypervisor: afterwards the state is as before, or the granule is lost.
 */
#include <kunit/test.h>

#include "hypervisor.h"

#define MOST	9	/* granules in the exhaustive cases */

static void refuse_share(unsigned int at)
{
	hyp.share = (struct hyp_script) { .at = at, .err = -EINVAL };
}

static void refuse_unshare(unsigned int at)
{
	hyp.unshare = (struct hyp_script) { .at = at, .err = -EINVAL };
}

static void share_rolls_back_on_refusal(struct kunit *test)
{
	unsigned int n, k;

	for (n = 1; n <= MOST; n++) {
		for (k = 1; k <= n; k++) {
			hyp_reset(SZ_4K, false);
			refuse_share(k);
			KUNIT_EXPECT_EQ(test, -EINVAL, hyp_share(1, 1 + n));
			KUNIT_EXPECT_EQ_MSG(test, hyp.share_calls, k, "%u of %u", k, n);
			KUNIT_EXPECT_EQ_MSG(test, hyp.unshare_calls, k - 1, "%u of %u", k, n);
			KUNIT_EXPECT_EQ(test, hyp_space.refused, 1);
			hyp_expect_nothing(test);

			/* The same request succeeds later. */
			KUNIT_EXPECT_EQ(test, 0, hyp_share(1, 1 + n));
			hyp_expect_open(test, 1, 1 + n, 1);
			hyp_expect_books(test);
		}
	}
}

/* Each subset of six granules has another owner, who keeps them. */
static void share_rolls_back_around_other_owners(struct kunit *test)
{
	unsigned int others, k, i, n = 6;

	for (others = 0; others < 1U << n; others++) {
		for (k = 1; k <= n - hweight32(others); k++) {
			hyp_reset(SZ_4K, false);
			for (i = 0; i < n; i++) {
				if (others & BIT(i))
					KUNIT_EXPECT_EQ(test, 0, hyp_share_for(i, i + 1,
									       PGUEST_ITS));
			}
			hyp_forget_calls();
			refuse_share(k);
			KUNIT_EXPECT_EQ(test, -EINVAL, hyp_share_for(0, n, PGUEST_BOUNCE));
			hyp_expect_books(test);
			KUNIT_EXPECT_EQ(test, hyp.open, hweight32(others));
			for (i = 0; i < n; i++) {
				if (others & BIT(i)) {
					hyp_expect_open(test, i, i + 1, 1);
					KUNIT_EXPECT_STREQ(test, hyp.history[i], "cs");
				}
			}
		}
	}
}

/* More granules than one batch has. */
static void share_rolls_back_over_batches(struct kunit *test)
{
	static const unsigned int calls[] = { 1, 2, 64, 65, 66, 128, 129, 150, 199, 200 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		hyp_reset(SZ_4K, false);
		refuse_share(calls[i]);
		KUNIT_EXPECT_EQ(test, -EINVAL, hyp_share(0, 200));
		KUNIT_EXPECT_EQ(test, hyp.share_calls, calls[i]);
		KUNIT_EXPECT_EQ(test, hyp.unshare_calls, calls[i] - 1);
		hyp_expect_nothing(test);
	}
}

static void share_rolls_back_owners_over_batches(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(60, 70));
	KUNIT_EXPECT_EQ(test, 0, hyp_share(140, 150));
	hyp_forget_calls();

	refuse_share(170);
	KUNIT_EXPECT_EQ(test, -EINVAL, hyp_share(0, 200));
	hyp_expect_open(test, 60, 70, 1);
	hyp_expect_open(test, 140, 150, 1);
	KUNIT_EXPECT_EQ(test, hyp.open, 20);
	hyp_expect_books(test);
}

/* Granule 100 has the most owners that an entry can count; the batch before it is done. */
static void share_that_cannot_be_counted_rolls_back(struct kunit *test)
{
	struct pguest_entry entry;

	KUNIT_EXPECT_EQ(test, 0, hyp_share(100, 101));
	entry = hyp_entry(100);
	entry.refs = U16_MAX;
	KUNIT_EXPECT_EQ(test, 0, pguest_ledger_set(&hyp_space.ledger, hyp_addr(100),
						   hyp_addr(101), &entry));

	KUNIT_EXPECT_EQ(test, -EOVERFLOW, hyp_share(0, 200));
	hyp_expect_open(test, 100, 101, U16_MAX);
	KUNIT_EXPECT_EQ(test, hyp.open, 1);
	KUNIT_EXPECT_EQ(test, hyp.share_calls, hyp.unshare_calls + 1);
	hyp_expect_books(test);
}

/* Share call k of n is refused, and call j of those that undo it. */
static void share_loses_what_it_cannot_take_back(struct kunit *test)
{
	unsigned int n, k, j;

	for (n = 2; n <= MOST; n++) {
		for (k = 2; k <= n; k++) {
			for (j = 1; j < k; j++) {
				hyp_reset(SZ_4K, false);
				refuse_share(k);
				refuse_unshare(j);
				KUNIT_EXPECT_EQ(test, -EIO, hyp_share(0, n));
				hyp_expect_books(test);
				KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 1);
				KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
				KUNIT_EXPECT_EQ(test, hyp.unshare_calls, k - 1);
				/* The hypervisor has this one as shared, and no other. */
				KUNIT_EXPECT_EQ(test, hyp.open, 1);
				hyp_expect_lost(test, j - 1, j);
				KUNIT_EXPECT_TRUE(test, hyp.is_open[j - 1]);
			}
		}
	}
}

static void share_loses_in_an_earlier_batch(struct kunit *test)
{
	refuse_share(150);
	/* Calls 1 to 21 undo the batch that failed, the others those before it. */
	refuse_unshare(21 + 10);
	KUNIT_EXPECT_EQ(test, -EIO, hyp_share(0, 200));
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 149);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 1);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
	hyp_expect_lost(test, 9, 10);
	hyp_expect_books(test);
}

static void unshare_loses_what_it_cannot_prove(struct kunit *test)
{
	unsigned int n, k, i;

	for (n = 1; n <= MOST; n++) {
		for (k = 1; k <= n; k++) {
			hyp_reset(SZ_4K, false);
			KUNIT_EXPECT_EQ(test, 0, hyp_share(0, n));
			refuse_unshare(k);
			KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(0, n));
			KUNIT_EXPECT_EQ(test, hyp.unshare_calls, n);
			hyp_expect_lost(test, k - 1, k);
			KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 1);
			KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
			KUNIT_EXPECT_EQ(test, hyp_space.refused, 1);
			hyp_expect_books(test);
			for (i = 0; i < n; i++)
				KUNIT_EXPECT_STREQ(test, hyp.history[i],
						   i == k - 1 ? "cs" : "csuc");
		}
	}
}

static void unshare_survives_a_hypervisor_that_takes_nothing_back(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 200));
	refuse_unshare(1);
	hyp.unshare.for_ever = true;
	KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(0, 200));
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 200);
	hyp_expect_lost(test, 0, 200);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 200);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
	hyp_expect_books(test);
}

/* The error of an early batch is returned, though later ones succeed. */
static void unshare_returns_the_error_of_any_batch(struct kunit *test)
{
	unsigned int k;

	for (k = 1; k <= 200; k += 33) {
		hyp_reset(SZ_4K, false);
		KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 200));
		refuse_unshare(k);
		KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(0, 200));
		hyp_expect_lost(test, k - 1, k);
		KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 1);
		hyp_expect_books(test);
	}
}

/* Begin with granule 4 lost. */
static void lose_granule_4(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(4, 5));
	refuse_unshare(1);
	KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(4, 5));
	hyp_expect_lost(test, 4, 5);
	hyp_forget_calls();
	hyp.unshare.at = 0;
}

/* An error, with all of the range done: the granule behind it does not change. */
static void error_at_the_end_leaves_the_next_granule_alone(struct kunit *test)
{
	static const int errors[] = { -EINVAL, -EIO };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		hyp_reset(SZ_4K, true);
		KUNIT_EXPECT_EQ(test, 0, hyp_share(8, 9));
		hyp.share = (struct hyp_script) { .at = 2, .err = errors[i], .does = 8 };
		KUNIT_EXPECT_NE(test, 0, hyp_share(0, 8));
		hyp_expect_open(test, 8, 9, 1);
		hyp_expect_books(test);

		KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 8));
		hyp.unshare = (struct hyp_script) {
			.at = hyp.unshare_calls + 1, .err = errors[i], .does = 8,
		};
		KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(0, 8));
		KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 0);
		KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 1);
		hyp_expect_open(test, 8, 9, 1);
		hyp_expect_books(test);
	}
}

static void lost_is_never_shared_again(struct kunit *test)
{
	lose_granule_4(test);
	KUNIT_EXPECT_EQ(test, -EIO, hyp_share(4, 5));
	KUNIT_EXPECT_EQ(test, -EIO, hyp_share(0, 8));
	KUNIT_EXPECT_EQ(test, -EIO, hyp_share(4, 8));
	KUNIT_EXPECT_EQ(test, -EIO, hyp_share(0, 5));
	KUNIT_EXPECT_EQ(test, hyp_calls(), 0);
	KUNIT_EXPECT_FALSE(test, pguest_space_shared(&hyp_space, hyp_addr(4)));
	KUNIT_EXPECT_STREQ(test, hyp.history[4], "cs");
	KUNIT_EXPECT_STREQ(test, hyp.history[3], "");
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 1);
	hyp_expect_books(test);
}

static void lost_is_never_taken_back(struct kunit *test)
{
	lose_granule_4(test);
	KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(4, 5));
	KUNIT_EXPECT_EQ(test, hyp_calls(), 0);
	hyp_expect_lost(test, 4, 5);
	hyp_expect_books(test);
}

static void lost_leaves_its_neighbours_alone(struct kunit *test)
{
	lose_granule_4(test);
	KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 4));
	KUNIT_EXPECT_EQ(test, 0, hyp_share(5, 8));
	hyp_expect_open(test, 0, 4, 1);
	hyp_expect_open(test, 5, 8, 1);

	/* A request that is refused adds no owner. */
	KUNIT_EXPECT_EQ(test, -EIO, hyp_share(0, 8));
	hyp_expect_open(test, 0, 4, 1);
	hyp_expect_open(test, 5, 8, 1);

	KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(0, 8));
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
	KUNIT_EXPECT_EQ(test, hyp.open, 1);
	hyp_expect_books(test);
}

static void lost_in_a_later_batch_rolls_back_the_earlier(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(150, 151));
	refuse_unshare(1);
	KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(150, 151));
	hyp.unshare.at = 0;
	hyp_forget_calls();

	KUNIT_EXPECT_EQ(test, -EIO, hyp_share(0, 200));
	KUNIT_EXPECT_EQ(test, hyp.share_calls, hyp.unshare_calls);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
	KUNIT_EXPECT_EQ(test, hyp.open, 1);
	hyp_expect_books(test);
}

static int rollback_init(struct kunit *test)
{
	hyp_reset(SZ_4K, false);
	return 0;
}

static struct kunit_case rollback_cases[] = {
	KUNIT_CASE(share_rolls_back_on_refusal),
	KUNIT_CASE(share_rolls_back_around_other_owners),
	KUNIT_CASE(share_rolls_back_over_batches),
	KUNIT_CASE(share_rolls_back_owners_over_batches),
	KUNIT_CASE(share_that_cannot_be_counted_rolls_back),
	KUNIT_CASE(share_loses_what_it_cannot_take_back),
	KUNIT_CASE(share_loses_in_an_earlier_batch),
	KUNIT_CASE(unshare_loses_what_it_cannot_prove),
	KUNIT_CASE(unshare_survives_a_hypervisor_that_takes_nothing_back),
	KUNIT_CASE(unshare_returns_the_error_of_any_batch),
	KUNIT_CASE(error_at_the_end_leaves_the_next_granule_alone),
	KUNIT_CASE(lost_is_never_shared_again),
	KUNIT_CASE(lost_is_never_taken_back),
	KUNIT_CASE(lost_leaves_its_neighbours_alone),
	KUNIT_CASE(lost_in_a_later_batch_rolls_back_the_earlier),
	{ }
};

static struct kunit_suite rollback_suite = {
	.name = "pguest_rollback",
	.init = rollback_init,
	.exit = hyp_exit,
	.test_cases = rollback_cases,
};

kunit_test_suite(rollback_suite);
