// SPDX-License-Identifier: GPL-2.0-only
/*
 * pguest_walk(): it repeats the call until the range is done, and stops at an answer
 * that cannot be true.
 */
#include <kunit/test.h>
#include <linux/prandom.h>
#include <linux/sizes.h>

#include <asm/pguest.h>

#define GRANULE		SZ_4K
#define SEED		20261121

/* One answer of the hypervisor; @silent: it does not set the address that it reached. */
struct answer {
	phys_addr_t top;
	int err;
	bool silent;
};

static struct {
	const struct answer *answers;
	unsigned int calls;
	phys_addr_t at;		/* where the next call has to begin */
	phys_addr_t end;
	bool astray;		/* a call was for another range */
} script;

static int scripted_call(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	const struct answer *answer = &script.answers[script.calls++];

	if (start != script.at || end != script.end)
		script.astray = true;
	if (!answer->silent) {
		*top = answer->top;
		script.at = answer->top;
	}
	return answer->err;
}

static const struct walk_case {
	const char *name;
	phys_addr_t start, end, granule;
	struct answer answers[6];
	int want;
	phys_addr_t top;
	unsigned long calls;
} walk_cases[] = {
	{ "nothing asked for", 0x1000, 0x1000, SZ_4K,
	  { { 0x1000 } }, 0, 0x1000, 0 },
	{ "all at once", 0x1000, 0x5000, SZ_4K,
	  { { 0x5000 } }, 0, 0x5000, 1 },
	{ "in two answers", 0x1000, 0x3000, SZ_4K,
	  { { 0x2000 }, { 0x3000 } }, 0, 0x3000, 2 },
	{ "one granule at a time", 0x1000, 0x5000, SZ_4K,
	  { { 0x2000 }, { 0x3000 }, { 0x4000 }, { 0x5000 } }, 0, 0x5000, 4 },
	{ "all but one, then one", 0x1000, 0x5000, SZ_4K,
	  { { 0x4000 }, { 0x5000 } }, 0, 0x5000, 2 },
	{ "one, then all but one", 0x1000, 0x5000, SZ_4K,
	  { { 0x2000 }, { 0x5000 } }, 0, 0x5000, 2 },
	{ "a single granule", 0x1000, 0x2000, SZ_4K,
	  { { 0x2000 } }, 0, 0x2000, 1 },
	{ "from address 0", 0, 0x2000, SZ_4K,
	  { { 0x1000 }, { 0x2000 } }, 0, 0x2000, 2 },
	{ "granules of 64K", 0x10000, 0x40000, SZ_64K,
	  { { 0x30000 }, { 0x40000 } }, 0, 0x40000, 2 },
	{ "granules of 2M above 4G", 0x140000000, 0x140600000, SZ_2M,
	  { { 0x140200000 }, { 0x140600000 } }, 0, 0x140600000, 2 },

	{ "silence", 0x1000, 0x3000, SZ_4K,
	  { { .silent = true } }, -EPROTO, 0x1000, 1 },
	{ "top never moves", 0x1000, 0x3000, SZ_4K,
	  { { 0x1000 } }, -EPROTO, 0x1000, 1 },
	{ "top stops moving", 0x1000, 0x5000, SZ_4K,
	  { { 0x3000 }, { 0x3000 } }, -EPROTO, 0x3000, 2 },
	{ "silence after a part", 0x1000, 0x5000, SZ_4K,
	  { { 0x3000 }, { .silent = true } }, -EPROTO, 0x3000, 2 },
	{ "top goes backwards", 0x2000, 0x5000, SZ_4K,
	  { { 0x3000 }, { 0x2000 } }, -EPROTO, 0x3000, 2 },
	{ "top is before the start", 0x2000, 0x5000, SZ_4K,
	  { { 0x1000 } }, -EPROTO, 0x2000, 1 },
	{ "top is 0", 0x2000, 0x5000, SZ_4K,
	  { { 0 } }, -EPROTO, 0x2000, 1 },
	{ "top is past the end", 0x1000, 0x3000, SZ_4K,
	  { { 0x4000 } }, -EPROTO, 0x1000, 1 },
	{ "top is past the end later", 0x1000, 0x4000, SZ_4K,
	  { { 0x3000 }, { 0x5000 } }, -EPROTO, 0x3000, 2 },
	{ "top is the last address", 0x1000, 0x3000, SZ_4K,
	  { { -1 } }, -EPROTO, 0x1000, 1 },
	{ "top is inside a granule", 0x1000, 0x5000, SZ_4K,
	  { { 0x2800 } }, -EPROTO, 0x1000, 1 },
	{ "top is a byte off", 0x1000, 0x5000, SZ_4K,
	  { { 0x4fff } }, -EPROTO, 0x1000, 1 },
	{ "top is inside a granule of 64K", 0x10000, 0x40000, SZ_64K,
	  { { 0x20000 }, { 0x21000 } }, -EPROTO, 0x20000, 2 },

	{ "error at the start", 0x1000, 0x5000, SZ_4K,
	  { { .silent = true, .err = -EINVAL } }, -EINVAL, 0x1000, 1 },
	{ "error after progress", 0x1000, 0x5000, SZ_4K,
	  { { 0x3000 }, { .silent = true, .err = -EINVAL } }, -EINVAL, 0x3000, 2 },
	{ "error with progress", 0x1000, 0x5000, SZ_4K,
	  { { 0x2000 }, { 0x4000, -EINVAL } }, -EINVAL, 0x4000, 2 },
	{ "error and all is done", 0x1000, 0x5000, SZ_4K,
	  { { 0x5000, -EINVAL } }, -EINVAL, 0x5000, 1 },
	{ "error at the last granule", 0x1000, 0x4000, SZ_4K,
	  { { 0x2000 }, { 0x3000 }, { .silent = true, .err = -EFAULT } },
	  -EFAULT, 0x3000, 3 },
	{ "error and past the end", 0x1000, 0x3000, SZ_4K,
	  { { 0x9000, -EINVAL } }, -EPROTO, 0x1000, 1 },
	{ "error and backwards", 0x2000, 0x4000, SZ_4K,
	  { { 0x1000, -EINVAL } }, -EPROTO, 0x2000, 1 },
	{ "error and inside a granule", 0x1000, 0x3000, SZ_4K,
	  { { 0x1001, -EINVAL } }, -EPROTO, 0x1000, 1 },
	{ "an error that is unknown", 0x1000, 0x3000, SZ_4K,
	  { { 0x1000, -EOPNOTSUPP } }, -EOPNOTSUPP, 0x1000, 1 },
};

static void walk_name(const struct walk_case *walk, char *desc)
{
	strscpy(desc, walk->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(walk, walk_cases, walk_name);

static void walk_follows_answers(struct kunit *test)
{
	const struct walk_case *walk = test->param_value;
	unsigned long calls = 100;
	phys_addr_t top = 0xdead;

	script = (typeof(script)) {
		.answers = walk->answers, .at = walk->start, .end = walk->end,
	};
	KUNIT_EXPECT_EQ(test, walk->want, pguest_walk(scripted_call, walk->start, walk->end,
						      walk->granule, &top, &calls));
	KUNIT_EXPECT_EQ(test, walk->top, top);
	KUNIT_EXPECT_EQ(test, walk->calls, calls - 100);
	KUNIT_EXPECT_EQ(test, walk->calls, script.calls);
	KUNIT_EXPECT_FALSE(test, script.astray);
}

/* The hypervisor does a random part of each call. */
static struct {
	struct rnd_state rnd;
	unsigned int at_most;
	phys_addr_t at;
	phys_addr_t end;
	unsigned int calls;
	bool astray;
} whim;

static int at_random(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	phys_addr_t pieces = 1 + prandom_u32_state(&whim.rnd) % whim.at_most;

	whim.calls++;
	if (start != whim.at || end != whim.end || start >= end)
		whim.astray = true;
	*top = min(end, start + pieces * GRANULE);
	whim.at = *top;
	return 0;
}

static void walk_takes_random_pieces(struct kunit *test)
{
	unsigned int round, granules;
	unsigned long calls;
	phys_addr_t top;

	prandom_seed_state(&whim.rnd, SEED);
	for (round = 0; round < 500; round++) {
		granules = 1 + prandom_u32_state(&whim.rnd) % 1000;
		whim.at_most = 1 + prandom_u32_state(&whim.rnd) % granules;
		whim.at = (1 + prandom_u32_state(&whim.rnd) % 1000) * (phys_addr_t)GRANULE;
		whim.end = whim.at + granules * (phys_addr_t)GRANULE;
		whim.calls = 0;
		calls = 0;

		KUNIT_ASSERT_EQ(test, 0, pguest_walk(at_random, whim.at, whim.end,
						     GRANULE, &top, &calls));
		KUNIT_ASSERT_EQ(test, top, whim.end);
		KUNIT_ASSERT_EQ(test, calls, whim.calls);
		KUNIT_ASSERT_LE(test, calls, granules);
		KUNIT_ASSERT_GE(test, calls, DIV_ROUND_UP(granules, whim.at_most));
	}
	KUNIT_EXPECT_FALSE(test, whim.astray);
}

static void walk_needs_no_more_calls_than_granules(struct kunit *test)
{
	unsigned long calls = 0;
	phys_addr_t top;

	whim.at_most = 1;
	whim.at = 0x100000;
	whim.end = whim.at + 1000 * GRANULE;
	KUNIT_EXPECT_EQ(test, 0, pguest_walk(at_random, whim.at, whim.end, GRANULE,
					     &top, &calls));
	KUNIT_EXPECT_EQ(test, calls, 1000);
	KUNIT_EXPECT_EQ(test, top, whim.end);
}

static struct kunit_case range_cases[] = {
	KUNIT_CASE_PARAM(walk_follows_answers, walk_gen_params),
	KUNIT_CASE(walk_takes_random_pieces),
	KUNIT_CASE(walk_needs_no_more_calls_than_granules),
	{ }
};

static struct kunit_suite range_suite = {
	.name = "pguest_range",
	.test_cases = range_cases,
};

kunit_test_suite(range_suite);
