// SPDX-License-Identifier: GPL-2.0-only
/*
 * A hypervisor with calls for ranges that does a part of a range, returns an impossible
 * address, or faults. Granules whose state is unknown are lost, and the ledger never has
 * a shared granule as private.
 */
#include <kunit/test.h>
#include <linux/prandom.h>

#include "hypervisor.h"

#define N	8		/* granules in a case, from FIRST on */
#define FIRST	16
#define SEED	20261124

static void range_is_one_call(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(FIRST, FIRST + N));
	KUNIT_EXPECT_EQ(test, hyp.share_calls, 1);
	hyp_expect_open(test, FIRST, FIRST + N, 1);
	hyp_expect_books(test);
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(FIRST, FIRST + N));
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 1);
	hyp_expect_nothing(test);
}

static void range_stops_at_other_owners(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(3, 4));
	KUNIT_EXPECT_EQ(test, 0, hyp_share(6, 8));
	hyp_forget_calls();

	/* Calls for granules 0 to 2, 4 and 5, 8 and 9: the others are shared already. */
	KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 10));
	KUNIT_EXPECT_EQ(test, hyp.share_calls, 3);
	KUNIT_EXPECT_EQ(test, hyp.open, 10);
	KUNIT_EXPECT_EQ(test, 0, hyp_unshare(0, 10));
	KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 3);
	hyp_expect_open(test, 3, 4, 1);
	hyp_expect_open(test, 6, 8, 1);
	hyp_expect_books(test);
}

static void partial_answers_are_followed(struct kunit *test)
{
	unsigned int pieces;

	for (pieces = 1; pieces <= 100; pieces++) {
		hyp_reset(SZ_4K, true);
		hyp.pieces = pieces;
		KUNIT_EXPECT_EQ(test, 0, hyp_share(0, 100));
		KUNIT_EXPECT_EQ(test, hyp.open, 100);
		KUNIT_EXPECT_GE(test, hyp.share_calls, DIV_ROUND_UP(100, pieces));
		KUNIT_EXPECT_LE(test, hyp.share_calls, 100);
		hyp_expect_open(test, 0, 100, 1);
		hyp_expect_books(test);
		KUNIT_EXPECT_EQ(test, 0, hyp_unshare(0, 100));
		hyp_expect_nothing(test);
	}
}

static void refusal_after_a_part_rolls_back(struct kunit *test)
{
	unsigned int pieces, k;

	for (pieces = 1; pieces < N; pieces++) {
		for (k = 1; k <= DIV_ROUND_UP(N, pieces); k++) {
			hyp_reset(SZ_4K, true);
			hyp.pieces = pieces;
			hyp.share = (struct hyp_script) { .at = k, .err = -EINVAL };
			KUNIT_EXPECT_EQ(test, -EINVAL, hyp_share(FIRST, FIRST + N));
			hyp_expect_nothing(test);
		}
	}
}

/* The call is refused, and reports the part that was done before. */
static void refusal_with_a_part_rolls_back(struct kunit *test)
{
	unsigned int does;

	for (does = 0; does <= N; does++) {
		hyp_reset(SZ_4K, true);
		hyp.share = (struct hyp_script) { .at = 1, .err = -EINVAL, .does = does };
		KUNIT_EXPECT_EQ(test, -EINVAL, hyp_share(FIRST, FIRST + N));
		hyp_expect_nothing(test);
	}
}

/* NOT_SUPPORTED for a call that FEATURES has reported. */
static void not_supported_rolls_back(struct kunit *test)
{
	hyp.share = (struct hyp_script) { .at = 1, .err = -EOPNOTSUPP };
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, hyp_share(FIRST, FIRST + N));
	hyp_expect_nothing(test);
}

static void refusal_without_a_way_back_loses(struct kunit *test)
{
	hyp.pieces = 3;
	hyp.share = (struct hyp_script) { .at = 3, .err = -EINVAL };
	hyp.unshare = (struct hyp_script) { .at = 1, .for_ever = true, .err = -EINVAL };
	KUNIT_EXPECT_EQ(test, -EIO, hyp_share(FIRST, FIRST + N));
	hyp_expect_books(test);
	hyp_expect_lost(test, FIRST, FIRST + 6);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 6);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
}

static const struct lie {
	const char *name;
	int err;
	enum hyp_answer answer;
} lies[] = {
	{ "no progress", 0, HYP_NOWHERE },
	{ "backwards", 0, HYP_BACK },
	{ "past the end", 0, HYP_PAST },
	{ "inside a granule", 0, HYP_INSIDE },
	{ "the end of all addresses", 0, HYP_FAR },
	{ "garbage for a status", -EPROTO, HYP_NOWHERE },
	{ "error, past the end", -EINVAL, HYP_PAST },
	{ "error, backwards", -EINVAL, HYP_BACK },
	{ "error, inside a granule", -EINVAL, HYP_INSIDE },
	{ "fault", -EFAULT, HYP_NOWHERE },
};

static void lie_name(const struct lie *lie, char *desc)
{
	strscpy(desc, lie->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(lie, lies, lie_name);

static struct hyp_script give_answer(const struct lie *lie, unsigned int at, unsigned int does)
{
	return (struct hyp_script) {
		.at = at, .err = lie->err, .does = does, .answer = lie->answer,
	};
}

/* The first call for a range gives a wrong answer. It has done none, some or all of it. */
static void share_lie_loses_what_was_asked_for(struct kunit *test)
{
	unsigned int does;

	for (does = 0; does <= N; does++) {
		hyp_reset(SZ_4K, true);
		hyp.share = give_answer(test->param_value, 1, does);
		KUNIT_EXPECT_EQ(test, -EIO, hyp_share(FIRST, FIRST + N));
		KUNIT_EXPECT_EQ(test, hyp.share_calls, 1);
		KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
		hyp_expect_lost(test, FIRST, FIRST + N);
		hyp_expect_books(test);
		/* No further call for a granule that is lost. */
		KUNIT_EXPECT_EQ(test, -EIO, hyp_share(FIRST, FIRST + 1));
		KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(FIRST, FIRST + 1));
		KUNIT_EXPECT_EQ(test, hyp_calls(), 1);
	}
}

/* The state after the calls before the wrong answer is known: it is undone. */
static void share_lie_after_a_part_takes_it_back(struct kunit *test)
{
	unsigned int does;

	for (does = 0; does <= N - 3; does++) {
		hyp_reset(SZ_4K, true);
		hyp.pieces = 3;
		hyp.share = give_answer(test->param_value, 2, does);
		KUNIT_EXPECT_EQ(test, -EIO, hyp_share(FIRST, FIRST + N));
		KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
		KUNIT_EXPECT_EQ(test, (int)hyp_entry(FIRST).state, (int)PGUEST_PRIVATE);
		KUNIT_EXPECT_EQ(test, (int)hyp_entry(FIRST + 2).state, (int)PGUEST_PRIVATE);
		KUNIT_EXPECT_STREQ(test, hyp.history[FIRST], "csuc");
		hyp_expect_lost(test, FIRST + 3, FIRST + N);
		hyp_expect_books(test);
	}
}

static void unshare_lie_loses_what_was_asked_for(struct kunit *test)
{
	unsigned int does;

	for (does = 0; does <= N; does++) {
		hyp_reset(SZ_4K, true);
		KUNIT_EXPECT_EQ(test, 0, hyp_share(FIRST, FIRST + N));
		hyp.unshare = give_answer(test->param_value, 1, does);
		KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(FIRST, FIRST + N));
		KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
		hyp_expect_lost(test, FIRST, FIRST + N);
		KUNIT_EXPECT_EQ(test, hyp.unshare_calls, 1);
		hyp_expect_books(test);
	}
}

static void unshare_lie_after_a_part_clears_it(struct kunit *test)
{
	unsigned int does;

	for (does = 0; does <= 3; does++) {
		hyp_reset(SZ_4K, true);
		KUNIT_EXPECT_EQ(test, 0, hyp_share(FIRST, FIRST + N));
		hyp.pieces = 3;
		hyp.unshare = give_answer(test->param_value, 2, does);
		KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(FIRST, FIRST + N));
		KUNIT_EXPECT_EQ(test, hyp_space.ledger.now, 0);
		KUNIT_EXPECT_STREQ(test, hyp.history[FIRST], "csuc");
		KUNIT_EXPECT_STREQ(test, hyp.history[FIRST + 2], "csuc");
		hyp_expect_lost(test, FIRST + 3, FIRST + N);
		hyp_expect_books(test);
	}
}

/* With one granule for each call, a wrong answer leaves no other in doubt. */
static void lie_about_one_granule_loses_one(struct kunit *test)
{
	unsigned int does, k;

	for (does = 0; does <= 1; does++) {
		for (k = 1; k <= N; k++) {
			hyp_reset(SZ_4K, false);
			hyp.share = give_answer(test->param_value, k, does);
			KUNIT_EXPECT_EQ(test, -EIO, hyp_share(FIRST, FIRST + N));
			KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 1);
			hyp_expect_lost(test, FIRST + k - 1, FIRST + k);
			hyp_expect_books(test);

			hyp_reset(SZ_4K, false);
			KUNIT_EXPECT_EQ(test, 0, hyp_share(FIRST, FIRST + N));
			hyp.unshare = give_answer(test->param_value, k, does);
			KUNIT_EXPECT_EQ(test, -EIO, hyp_unshare(FIRST, FIRST + N));
			KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 1);
			hyp_expect_lost(test, FIRST + k - 1, FIRST + k);
			hyp_expect_books(test);
		}
	}
}

/* The range has granules of other owners: those are not lost. */
static void lie_leaves_other_owners_alone(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, hyp_share(FIRST + 3, FIRST + 5));
	hyp_forget_calls();
	hyp.share = give_answer(test->param_value, 1, 2);
	KUNIT_EXPECT_EQ(test, -EIO, hyp_share(FIRST, FIRST + N));
	hyp_expect_open(test, FIRST + 3, FIRST + 5, 1);
	hyp_expect_lost(test, FIRST, FIRST + 3);
	KUNIT_EXPECT_EQ(test, hyp_space.ledger.lost, 3);
	hyp_expect_books(test);
}

static struct hyp_script random_lie(struct rnd_state *rnd)
{
	const struct lie *lie = &lies[prandom_u32_state(rnd) % ARRAY_SIZE(lies)];
	struct hyp_script script = give_answer(lie, 1 + prandom_u32_state(rnd) % 8,
					prandom_u32_state(rnd) % 20);

	switch (prandom_u32_state(rnd) % 4) {
	case 0:		/* a refusal that is true */
		script.err = -EINVAL;
		script.answer = HYP_TRUTH;
		break;
	case 1:
		script.at = 0;
		break;
	case 2:
		script.for_ever = prandom_u32_state(rnd) % 2;
		break;
	}
	return script;
}

/* Random answers: the ledger has no granule as private that the host sees. */
static void nothing_leaks_whatever_is_answered(struct kunit *test)
{
	unsigned int life, round, first, end;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, SEED);
	for (life = 0; life < 60; life++) {
		hyp_reset(SZ_4K, life % 2);
		for (round = 0; round < 25; round++) {
			hyp_forget_calls();
			hyp.share = random_lie(&rnd);
			hyp.unshare = random_lie(&rnd);
			hyp.pieces = prandom_u32_state(&rnd) % 12;
			first = prandom_u32_state(&rnd) % 150;
			end = first + 1 + prandom_u32_state(&rnd) % 100;
			if (prandom_u32_state(&rnd) % 2)
				hyp_share(first, end);
			else
				hyp_unshare(first, end);
			/* Each call changes or loses a granule, which bounds their number. */
			KUNIT_ASSERT_LE(test, hyp_calls(), 2 * (end - first) + 2);
			if (hyp_space.ledger.lost > 150)
				break;
		}
		hyp_expect_books(test);
	}
}

static int answers_init(struct kunit *test)
{
	hyp_reset(SZ_4K, true);
	return 0;
}

static struct kunit_case answers_cases[] = {
	KUNIT_CASE(range_is_one_call),
	KUNIT_CASE(range_stops_at_other_owners),
	KUNIT_CASE(partial_answers_are_followed),
	KUNIT_CASE(refusal_after_a_part_rolls_back),
	KUNIT_CASE(refusal_with_a_part_rolls_back),
	KUNIT_CASE(not_supported_rolls_back),
	KUNIT_CASE(refusal_without_a_way_back_loses),
	KUNIT_CASE_PARAM(share_lie_loses_what_was_asked_for, lie_gen_params),
	KUNIT_CASE_PARAM(share_lie_after_a_part_takes_it_back, lie_gen_params),
	KUNIT_CASE_PARAM(unshare_lie_loses_what_was_asked_for, lie_gen_params),
	KUNIT_CASE_PARAM(unshare_lie_after_a_part_clears_it, lie_gen_params),
	KUNIT_CASE_PARAM(lie_about_one_granule_loses_one, lie_gen_params),
	KUNIT_CASE_PARAM(lie_leaves_other_owners_alone, lie_gen_params),
	KUNIT_CASE(nothing_leaks_whatever_is_answered),
	{ }
};

static struct kunit_suite answers_suite = {
	.name = "pguest_answers",
	.init = answers_init,
	.exit = hyp_exit,
	.test_cases = answers_cases,
};

kunit_test_suite(answers_suite);
