// SPDX-License-Identifier: GPL-2.0-only
/* What devices that lie do next: which plans are kept, and what is made of them. */
#include <kunit/test.h>
#include <linux/prandom.h>

#include <asm/sections.h>

#include "device_fuzz.h"

#define SEED		1
#define TRIES		512

/* Of no device */
static struct fuzz_kept *new_kept(struct kunit *test)
{
	static u32 id = 0xf0000;
	struct fuzz_kept *k = fuzz_kept(id++, false);

	KUNIT_ASSERT_NOT_NULL(test, k);
	KUNIT_ASSERT_EQ(test, fuzz_blocks(k), 0);
	return k;
}

static unsigned long block(unsigned int n)
{
	return (unsigned long)_stext + 4 * n;
}

static void blocks_count_once(struct kunit *test)
{
	struct fuzz_kept *k = new_kept(test), *other = new_kept(test);
	unsigned int i;

	for (i = 0; i < 3000; i++)
		fuzz_reach(k, block(i % 1000));
	KUNIT_EXPECT_EQ(test, fuzz_blocks(k), 1000);
	fuzz_reach(other, block(1));
	KUNIT_EXPECT_EQ(test, fuzz_blocks(k), 1000);
	KUNIT_EXPECT_EQ(test, fuzz_blocks(other), 1);
	/* A full table takes no more, and ends. */
	for (i = 0; i < 20000; i++)
		fuzz_reach(other, block(i));
	KUNIT_EXPECT_GT(test, fuzz_blocks(other), 4000);
	KUNIT_EXPECT_LT(test, fuzz_blocks(other), 8192);
	KUNIT_EXPECT_PTR_EQ(test, fuzz_kept(0xfffff, false), fuzz_kept(0xfffff, false));
	KUNIT_EXPECT_PTR_NE(test, fuzz_kept(0xfffff, false), fuzz_kept(0xfffff, true));
}

static void plan_is_kept_for_what_is_new(struct kunit *test)
{
	struct fuzz_plan plan = { .setup = 11, .answers = 22 };
	struct fuzz_kept *k = new_kept(test);
	struct rnd_state rnd;
	unsigned int before;

	prandom_seed_state(&rnd, SEED);
	KUNIT_EXPECT_FALSE(test, fuzz_keep_plan(k, &rnd, &plan, 0));
	fuzz_reach(k, block(1));
	KUNIT_EXPECT_TRUE(test, fuzz_keep_plan(k, &rnd, &plan, 0));
	before = fuzz_blocks(k);
	fuzz_reach(k, block(1));
	KUNIT_EXPECT_FALSE(test, fuzz_keep_plan(k, &rnd, &plan, before));
	KUNIT_EXPECT_EQ(test, fuzz_plans(k), 1);
}

struct made {
	unsigned int setup, answers, changed;
};

/* How many of many plans have something of the one that is kept */
static struct made make_plans(struct fuzz_kept *k, bool guided)
{
	struct made made = { };
	struct fuzz_plan plan;
	struct rnd_state rnd;
	unsigned int i;

	prandom_seed_state(&rnd, SEED);
	for (i = 0; i < TRIES; i++) {
		fuzz_choose_plan(k, &rnd, guided, &plan);
		made.setup += plan.setup == 11;
		made.answers += plan.answers == 22;
		made.changed += plan.nr == 1;
	}
	return made;
}

static void plans_are_made_of_what_is_kept(struct kunit *test)
{
	struct fuzz_plan plan = { .setup = 11, .answers = 22 };
	struct fuzz_kept *k = new_kept(test);
	struct rnd_state rnd;
	struct made made;

	prandom_seed_state(&rnd, SEED);
	made = make_plans(k, true);
	KUNIT_EXPECT_EQ(test, made.setup + made.answers + made.changed, 0);
	fuzz_reach(k, block(1));
	fuzz_keep_plan(k, &rnd, &plan, 0);
	made = make_plans(k, false);
	KUNIT_EXPECT_EQ(test, made.setup + made.answers + made.changed, 0);
	made = make_plans(k, true);
	KUNIT_EXPECT_GT(test, made.changed, TRIES / 4);
	/* Some have one of both alone, and some are by chance. */
	KUNIT_EXPECT_GT(test, made.setup, made.changed);
	KUNIT_EXPECT_GT(test, made.answers, made.changed);
	KUNIT_EXPECT_LT(test, made.setup, TRIES * 7 / 8);
	KUNIT_EXPECT_LT(test, made.answers, TRIES * 7 / 8);
}

static void change_is_for_one_answer(struct kunit *test)
{
	struct fuzz_plan plan = { .answers = 22, .nr = 1, .changes = { { 1, 3, 77 } } };
	struct fuzz_plan same = { .answers = 22 };
	unsigned int queue, answer;

	for (queue = 0; queue < 4; queue++) {
		for (answer = 0; answer < 16; answer++) {
			u32 seed = fuzz_answer_seed(&plan, queue, answer);

			if (queue == 1 && answer == 3)
				KUNIT_EXPECT_EQ(test, seed, 77);
			else
				KUNIT_EXPECT_EQ(test, seed,
						fuzz_answer_seed(&same, queue, answer));
		}
	}
	KUNIT_EXPECT_NE(test, fuzz_answer_seed(&same, 0, 1), fuzz_answer_seed(&same, 1, 0));
	/* The last change of an answer counts. */
	plan.changes[plan.nr++] = (struct fuzz_change){ 1, 3, 78 };
	KUNIT_EXPECT_EQ(test, fuzz_answer_seed(&plan, 1, 3), 78);
}

static struct kunit_case plan_cases[] = {
	KUNIT_CASE(blocks_count_once),
	KUNIT_CASE(plan_is_kept_for_what_is_new),
	KUNIT_CASE(plans_are_made_of_what_is_kept),
	KUNIT_CASE(change_is_for_one_answer),
	{ }
};

static struct kunit_suite plan_suite = {
	.name = "pguest_plan",
	.test_cases = plan_cases,
};

kunit_test_suite(plan_suite);
