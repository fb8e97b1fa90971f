// SPDX-License-Identifier: GPL-2.0-only
/*
 * With an address bit for shared memory: how granules are mapped at each step.
 */
#include "hypervisor.h"

static int map_init(struct kunit *test)
{
	hyp_reset_realm();
	return 0;
}

static void a_granule_is_unmapped_while_it_changes_hands(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(5, 6));
	KUNIT_EXPECT_STREQ(test, hyp.history[5], "cnshc");
	hyp_expect_open(test, 5, 6, 1);
	hyp_expect_books(test);

	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(5, 6));
	KUNIT_EXPECT_STREQ(test, hyp.history[5], "cnshcnupc");
	hyp_expect_nothing(test);
}

static void shared_again_nothing_is_mapped(struct kunit *test)
{
	unsigned int calls;

	KUNIT_ASSERT_EQ(test, 0, hyp_share(5, 6));
	calls = hyp.map_calls;
	KUNIT_EXPECT_EQ(test, 0, hyp_share(5, 6));
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(5, 6));
	KUNIT_EXPECT_EQ(test, calls, hyp.map_calls);
	hyp_expect_books(test);
}

static void many_granules_in_small_pieces(struct kunit *test)
{
	hyp.pieces = 3;
	KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 200));
	hyp_expect_open(test, 0, 200, 1);
	hyp_expect_books(test);
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(0, 200));
	hyp_expect_nothing(test);
}

/* After a refusal the part that was not shared is mapped as private. */
static void a_refusal_leaves_all_mapped(struct kunit *test)
{
	static const int refusals[] = { -EINVAL, -EOPNOTSUPP, -EPERM, -ETIMEDOUT };
	unsigned int i, does;

	for (i = 0; i < ARRAY_SIZE(refusals); i++) {
		for (does = 0; does < 4; does++) {
			hyp_reset_realm();
			hyp.share.at = 1;
			hyp.share.err = refusals[i];
			hyp.share.does = does;
			KUNIT_EXPECT_EQ(test, refusals[i], hyp_share(10, 14));
			hyp_expect_nothing(test);
		}
	}
}

static void unknown_state_is_not_mapped(struct kunit *test)
{
	hyp.share.at = 1;
	hyp.share.err = -EIO;
	hyp.share.does = 2;
	KUNIT_EXPECT_EQ(test, -EIO, hyp_share(10, 16));
	hyp_expect_lost(test, 12, 16);
	hyp_expect_safe(test);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 4);
}

static void a_refused_return_is_not_mapped(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, hyp_share(10, 16));
	hyp.unshare.at = 1;
	hyp.unshare.err = -EPERM;
	hyp.unshare.does = 2;
	KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(10, 16));
	/* One granule is lost; the walk went on behind it. */
	hyp_expect_lost(test, 12, 13);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 1);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
	hyp_expect_safe(test);
}

static void each_mapping_that_fails(struct kunit *test)
{
	/* Only the first call of a run may fail, where the linear map has blocks. */
	hyp.map_fails = 1;
	KUNIT_EXPECT_EQ(test, -EINVAL, hyp_share(10, 12));
	hyp_expect_nothing(test);
	KUNIT_EXPECT_EQ(test, hyp_calls(), 0);
}

static void every_share_call_that_fails(struct kunit *test)
{
	unsigned int n;

	for (n = 1; n <= 20; n++) {
		hyp_reset_realm();
		hyp.pieces = 1;
		hyp.share.at = n;
		hyp.share.err = -EPERM;
		KUNIT_EXPECT_EQ(test, -EPERM, hyp_share(0, 20));
		hyp_expect_nothing(test);
	}
}

static struct kunit_case map_cases[] = {
	KUNIT_CASE(a_granule_is_unmapped_while_it_changes_hands),
	KUNIT_CASE(shared_again_nothing_is_mapped),
	KUNIT_CASE(many_granules_in_small_pieces),
	KUNIT_CASE(a_refusal_leaves_all_mapped),
	KUNIT_CASE(unknown_state_is_not_mapped),
	KUNIT_CASE(a_refused_return_is_not_mapped),
	KUNIT_CASE(each_mapping_that_fails),
	KUNIT_CASE(every_share_call_that_fails),
	{ }
};

static struct kunit_suite map_suite = {
	.name = "pguest_map",
	.init = map_init,
	.exit = hyp_exit,
	.test_cases = map_cases,
};

kunit_test_suite(map_suite);
