// SPDX-License-Identifier: GPL-2.0-only
/*
 * Steal time: no value of the host's makes the total decrease, or increase faster than
 * time passes.
 */
#include <kunit/test.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/prandom.h>
#include <linux/time64.h>

#include <asm/pguest.h>

#define MS	NSEC_PER_MSEC
#define S	NSEC_PER_SEC
#define YEAR	(365ULL * 24 * 3600 * S)
#define LATE	S		/* stolen time that the host may report later */
#define STEPS	6

/* The host's value at a time, and the total that is accepted then. */
struct step {
	u64 now;
	u64 host;
	u64 total;
	bool sane;
};

static const struct steal_case {
	const char *name;
	struct step steps[STEPS];
} steal_cases[] = {
	{ "nothing is stolen", {
		{ 1 * S, 0, 0, true }, { 2 * S, 0, 0, true }, { 3 * S, 0, 0, true } } },
	{ "what was stolen before is not ours", {
		{ 1 * S, 7 * YEAR, 0, true }, { 2 * S, 7 * YEAR + 5 * MS, 5 * MS, true } } },
	{ "some of the time", {
		{ 1 * S, 0, 0, true }, { 1 * S + 10 * MS, 3 * MS, 3 * MS, true },
		{ 1 * S + 20 * MS, 7 * MS, 7 * MS, true } } },
	{ "all of the time", {
		{ 1 * S, 0, 0, true }, { 9 * S, 8 * S, 8 * S, true },
		{ 99 * S, 98 * S, 98 * S, true } } },
	{ "late, after others have looked", {
		{ 1 * S, 0, 0, true }, { 1 * S + 4 * MS, 0, 0, true },
		{ 1 * S + 8 * MS, 0, 0, true }, { 1 * S + 9 * MS, 9 * MS, 9 * MS, true } } },
	{ "stolen before the first read", {
		{ 1 * S, 0, 0, true }, { 1 * S + 1 * MS, 10 * MS, 10 * MS, true } } },
	{ "backwards", {
		{ 1 * S, 5 * S, 0, true }, { 2 * S, 4 * S, 0, false },
		{ 3 * S, 3 * S, 0, false }, { 4 * S, 3 * S + 9 * MS, 9 * MS, true } } },
	{ "back to nothing, and on", {
		{ 1 * S, 5 * S, 0, true }, { 2 * S, 5 * S + 10 * MS, 10 * MS, true },
		{ 3 * S, 0, 10 * MS, false }, { 4 * S, 20 * MS, 30 * MS, true } } },
	{ "years ahead", {
		{ 1 * S, 0, 0, true }, { 2 * S, YEAR, 1 * S + LATE, false },
		{ 3 * S, YEAR + 10 * MS, 1 * S + LATE + 10 * MS, true } } },
	{ "years ahead, each time", {
		{ 1 * S, 0, 0, true }, { 2 * S, YEAR, 1 * S + LATE, false },
		{ 3 * S, 2 * YEAR, 2 * S + LATE, false },
		{ 4 * S, 3 * YEAR, 3 * S + LATE, false } } },
	{ "all ones", {
		{ 1 * S, 0, 0, true }, { 2 * S, U64_MAX, 1 * S + LATE, false },
		{ 3 * S, U64_MAX, 1 * S + LATE, true } } },
	{ "all ones at first, then around", {
		{ 1 * S, U64_MAX, 0, true }, { 2 * S, 5, 0, false },
		{ 3 * S, 6, 1, true } } },
	{ "the sign bit comes and goes", {
		{ 1 * S, 0, 0, true }, { 1 * S + 1 * MS, BIT_ULL(63), 1 * MS + LATE, false },
		{ 1 * S + 2 * MS, 0, 1 * MS + LATE, false },
		{ 1 * S + 3 * MS, BIT_ULL(63), 3 * MS + LATE, false } } },
	{ "no time passes", {
		{ 1 * S, 0, 0, true }, { 1 * S, 10 * S, LATE, false },
		{ 1 * S, 20 * S, LATE, false } } },
	{ "our own clock seems to go back", {
		{ 5 * S, 0, 0, true }, { 4 * S, 0, 0, true },
		{ 4 * S, YEAR, LATE, false } } },
};

static void case_to_desc(const struct steal_case *c, char *desc)
{
	strscpy(desc, c->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(steal, steal_cases, case_to_desc);

static void increase_is_limited_to_time(struct kunit *test)
{
	const struct steal_case *c = test->param_value;
	struct pguest_steal s = {};
	unsigned int i;
	bool sane;

	for (i = 0; i < STEPS && c->steps[i].now; i++) {
		sane = pguest_believe_steal(&s, c->steps[i].host, c->steps[i].now);
		KUNIT_EXPECT_EQ_MSG(test, s.total, c->steps[i].total, "step %u", i);
		KUNIT_EXPECT_EQ_MSG(test, sane, c->steps[i].sane, "step %u", i);
	}
	KUNIT_EXPECT_GT(test, i, 1);
}

/* A CPU that comes online again may have another structure; its total continues. */
static void beginning_anew_keeps_the_total(struct kunit *test)
{
	struct pguest_steal s = {};

	pguest_believe_steal(&s, 0, 1 * S);
	pguest_believe_steal(&s, 3 * MS, 2 * S);
	s.begun = false;
	KUNIT_EXPECT_TRUE(test, pguest_believe_steal(&s, 0, 3 * S));
	KUNIT_EXPECT_EQ(test, s.total, 3 * MS);
	KUNIT_EXPECT_TRUE(test, pguest_believe_steal(&s, 1 * MS, 4 * S));
	KUNIT_EXPECT_EQ(test, s.total, 4 * MS);
}

static void whatever_the_host_says_time_is_the_limit(struct kunit *test)
{
	struct pguest_steal s = {};
	u64 host, total, start = S, now = start;
	struct rnd_state random;
	unsigned int i;

	prandom_seed_state(&random, 20261121);
	for (i = 0; i < 10000; i++) {
		host = (u64)prandom_u32_state(&random) << 32 | prandom_u32_state(&random);
		/* Small steps in both directions, too. */
		if (i & 1)
			host = s.host + (s64)host % (s64)S;
		now += prandom_u32_state(&random) % (10 * MS);
		total = s.total;
		pguest_believe_steal(&s, host, now);
		KUNIT_ASSERT_GE(test, s.total, total);
		KUNIT_ASSERT_LE(test, s.total, now - start + LATE);
	}
}

static struct kunit_case steal_kunit_cases[] = {
	KUNIT_CASE_PARAM(increase_is_limited_to_time, steal_gen_params),
	KUNIT_CASE(beginning_anew_keeps_the_total),
	KUNIT_CASE(whatever_the_host_says_time_is_the_limit),
	{ }
};

static struct kunit_suite steal_suite = {
	.name = "pguest_steal",
	.test_cases = steal_kunit_cases,
};

kunit_test_suite(steal_suite);
