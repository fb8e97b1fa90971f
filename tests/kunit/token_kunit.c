// SPDX-License-Identifier: GPL-2.0-only
/*
 * cca_token_read(): it returns a whole token or none, for any answers of the RMM.
 */
#include <kunit/test.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/smp.h>

#include <compat/kunit.h>

#include "../../drivers/virt/coco/arm-cca-guest/arm-cca-guest.h"

#define SEED		20261121
#define TOKEN_MAX	SZ_32K
#define LONG_MS		60000	/* no case needs it */

/*
 * An RMM by the specification, and what it does wrong:
 *
 * @size: of the token
 * @bound: what INIT answers
 * @chunk: the most that one call gives; 0 for a granule
 * @waits: INCOMPLETE without a byte, so many times before each piece
 * @last_is_empty: SUCCESS comes alone, after the last byte
 * @init_status: what INIT answers instead of a token
 * @fail_at: number of the CONTINUE that answers @fail_status, from 1 on
 * @lose: so many times in a row the token is lost at @fail_at
 * @lie_at: number of the CONTINUE that answers the length @lie
 */
static struct {
	size_t size;
	u64 bound;
	size_t chunk;
	unsigned int waits;
	bool last_is_empty;
	u64 init_status;
	unsigned int fail_at;
	u64 fail_status;
	unsigned int lose;
	unsigned int lie_at;
	u64 lie;
	bool kill;

	/* what it saw */
	u8 challenge[RSI_CHALLENGE_SIZE];
	unsigned int inits;
	unsigned int calls;		/* CONTINUE since the last INIT */
	unsigned int all_calls;
	unsigned int waited;
	size_t given;
	bool idle;
	int cpu;
	struct page *page;
	const char *misuse;
} rmm;

/* The bytes of a token differ for each INIT. */
static u8 token_byte(size_t at)
{
	return at * 7 + (at >> 8) * 13 + rmm.inits * 101;
}

static void check_place(void)
{
	might_sleep();
	if (!current->migration_disabled)
		rmm.misuse = "the task can migrate";
	if (rmm.cpu >= 0 && rmm.cpu != raw_smp_processor_id())
		rmm.misuse = "another CPU";
	rmm.cpu = raw_smp_processor_id();
}

static u64 attest_init(const u8 *challenge, u64 *bound)
{
	check_place();
	memcpy(rmm.challenge, challenge, RSI_CHALLENGE_SIZE);
	rmm.inits++;
	rmm.calls = 0;
	rmm.given = 0;
	rmm.waited = 0;
	rmm.idle = false;
	if (rmm.init_status)
		return rmm.init_status;
	*bound = rmm.bound;
	return RSI_SUCCESS;
}

static u64 write_piece(u8 *to, u64 size, u64 *len)
{
	size_t i, n = min3((size_t)size, rmm.size - rmm.given,
			   rmm.chunk ?: (size_t)RSI_GRANULE);

	for (i = 0; i < n; i++)
		to[i] = token_byte(rmm.given + i);
	rmm.given += n;
	*len = n;
	if (rmm.given < rmm.size || (rmm.last_is_empty && n))
		return RSI_INCOMPLETE;
	rmm.idle = true;
	return RSI_SUCCESS;
}

static u64 attest_continue(phys_addr_t granule, u64 offset, u64 size, u64 *len)
{
	u64 status;

	check_place();
	rmm.calls++;
	rmm.all_calls++;
	if (!rmm.page) {
		rmm.page = pfn_to_page(PHYS_PFN(granule));
		get_page(rmm.page);
	}
	if (!IS_ALIGNED(granule, RSI_GRANULE) || offset >= RSI_GRANULE || !size ||
	    size > RSI_GRANULE - offset) {
		rmm.misuse = "arguments against the rules";
		return RSI_ERROR_INPUT;
	}
	if (rmm.idle)
		return RSI_ERROR_STATE;
	if (rmm.calls == rmm.fail_at) {
		if (rmm.fail_status != RSI_ERROR_STATE || rmm.lose) {
			rmm.lose -= !!rmm.lose;
			rmm.idle = true;
			return rmm.fail_status;
		}
	}
	if (rmm.waited < rmm.waits) {
		rmm.waited++;
		*len = 0;
		return RSI_INCOMPLETE;
	}
	rmm.waited = 0;
	if (rmm.kill)
		send_sig(SIGKILL, current, 1);
	status = write_piece(phys_to_virt(granule) + offset, size, len);
	if (rmm.calls == rmm.lie_at)
		*len = rmm.lie;
	return status;
}

static const struct cca_rmm calls = {
	.attest_init		= attest_init,
	.attest_continue	= attest_continue,
};

static u8 challenge[RSI_CHALLENGE_SIZE];

static void forget_page(void)
{
	if (rmm.page)
		put_page(rmm.page);
	rmm.page = NULL;
}

static void rmm_reset(size_t size)
{
	forget_page();
	memset(&rmm, 0, sizeof(rmm));
	rmm.size = size;
	rmm.bound = max_t(size_t, size, SZ_4K);
	rmm.cpu = -1;
}

static int read_token(struct cca_token *token)
{
	return cca_token_read(&calls, challenge, TOKEN_MAX, LONG_MS, token);
}

/* Checks for each run, whether it succeeded or not. Frees the token. */
static void expect_clean(struct kunit *test, struct cca_token *token)
{
	KUNIT_EXPECT_STREQ(test, rmm.misuse ?: "", "");
	KUNIT_EXPECT_EQ(test, current->migration_disabled, 0);
	KUNIT_EXPECT_MEMEQ(test, rmm.challenge, challenge, sizeof(challenge));
	if (rmm.page)
		KUNIT_EXPECT_NULL_MSG(test, memchr_inv(page_address(rmm.page), 0, PAGE_SIZE),
				      "the granule was not wiped");
	kvfree(token->data);
	forget_page();
}

static size_t first_wrong_byte(const struct cca_token *token)
{
	size_t i;

	for (i = 0; i < token->len && token->data[i] == token_byte(i); i++)
		;
	return i;
}

static void expect_token(struct kunit *test)
{
	struct cca_token token;

	KUNIT_ASSERT_EQ(test, read_token(&token), 0);
	KUNIT_EXPECT_EQ(test, token.len, rmm.size);
	KUNIT_EXPECT_EQ(test, first_wrong_byte(&token), rmm.size);
	KUNIT_EXPECT_EQ(test, token.status, RSI_SUCCESS);
	expect_clean(test, &token);
}

static void expect_no_token(struct kunit *test, int err)
{
	struct cca_token token;

	KUNIT_EXPECT_EQ(test, read_token(&token), err);
	KUNIT_EXPECT_NULL(test, token.data);
	KUNIT_EXPECT_EQ(test, token.len, 0);
	expect_clean(test, &token);
}

static int token_init(struct kunit *test)
{
	struct rnd_state rnd;

	prandom_seed_state(&rnd, SEED);
	prandom_bytes_state(&rnd, challenge, sizeof(challenge));
	rmm_reset(2174);
	return 0;
}

static void token_exit(struct kunit *test)
{
	forget_page();
}

/* The least that the interface allows: INIT, and a call for each granule. */
static void token_needs_one_call_a_granule(struct kunit *test)
{
	static const size_t sizes[] = { 1, 907, 4095, 4096, 4097, 8192, 12288, 32767, 32768 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		rmm_reset(sizes[i]);
		expect_token(test);
		KUNIT_EXPECT_EQ(test, rmm.inits, 1);
		KUNIT_EXPECT_EQ(test, rmm.calls, DIV_ROUND_UP(sizes[i], RSI_GRANULE));
	}
}

static void token_has_the_length_that_it_has(struct kunit *test)
{
	size_t size;

	for (size = 1; size <= 3 * RSI_GRANULE + 1; size += size < 100 ? 1 : 61) {
		rmm_reset(size);
		rmm.bound = TOKEN_MAX;
		rmm.last_is_empty = size % 2;
		expect_token(test);
	}
}

static void token_comes_in_pieces_of_every_size(struct kunit *test)
{
	size_t chunk;

	for (chunk = 1; chunk <= RSI_GRANULE; chunk++) {
		rmm_reset(5000);
		rmm.chunk = chunk;
		expect_token(test);
	}
}

static void token_comes_in_random_pieces(struct kunit *test)
{
	struct rnd_state rnd;
	unsigned int round;

	prandom_seed_state(&rnd, SEED);
	for (round = 0; round < 500; round++) {
		rmm_reset(1 + prandom_u32_state(&rnd) % TOKEN_MAX);
		rmm.chunk = 1 + prandom_u32_state(&rnd) % (2 * RSI_GRANULE);
		rmm.waits = prandom_u32_state(&rnd) % 4;
		rmm.last_is_empty = prandom_u32_state(&rnd) % 2;
		expect_token(test);
	}
}

static void token_waits_for_slow_signing(struct kunit *test)
{
	rmm_reset(9000);
	rmm.waits = 10000;
	expect_token(test);
	KUNIT_EXPECT_EQ(test, rmm.calls, 30003);
}

static void token_gives_up_in_time(struct kunit *test)
{
	ktime_t start = ktime_get();
	struct cca_token token;

	rmm.waits = UINT_MAX;
	KUNIT_EXPECT_EQ(test, cca_token_read(&calls, challenge, TOKEN_MAX, 50, &token),
			-ETIMEDOUT);
	KUNIT_EXPECT_GE(test, ktime_ms_delta(ktime_get(), start), 50);
	KUNIT_EXPECT_GT(test, rmm.calls, 1);
	KUNIT_EXPECT_NULL(test, token.data);
	expect_clean(test, &token);
}

static void token_ends_with_a_fatal_signal(struct kunit *test)
{
	rmm.kill = true;
	rmm.chunk = 100;
	allow_signal(SIGKILL);
	expect_no_token(test, -EINTR);
	disallow_signal(SIGKILL);
	flush_signals(current);
	KUNIT_EXPECT_EQ(test, rmm.calls, 1);
}

static const struct error_case {
	const char *name;
	u64 init, next;		/* status of INIT, or of each CONTINUE */
	int want;
} error_cases[] = {
	{ "INIT: ERROR_INPUT", RSI_ERROR_INPUT, 0, -EPROTO },
	{ "INIT: ERROR_STATE", RSI_ERROR_STATE, 0, -EPROTO },
	{ "INIT: INCOMPLETE", RSI_INCOMPLETE, 0, -EPROTO },
	{ "INIT: ERROR_UNKNOWN", RSI_ERROR_UNKNOWN, 0, -EIO },
	{ "INIT: ERROR_DEVICE", 5, 0, -EPROTO },
	{ "INIT: NOT_SUPPORTED", RSI_NOT_SUPPORTED, 0, -ENXIO },
	{ "INIT: NOT_SUPPORTED in 32 bits", U32_MAX, 0, -EPROTO },
	{ "INIT: SUCCESS in the low half", BIT_ULL(32), 0, -EPROTO },
	{ "CONTINUE: ERROR_INPUT", 0, RSI_ERROR_INPUT, -EMSGSIZE },
	{ "CONTINUE: ERROR_UNKNOWN", 0, RSI_ERROR_UNKNOWN, -EIO },
	{ "CONTINUE: ERROR_DEVICE", 0, 5, -EPROTO },
	{ "CONTINUE: NOT_SUPPORTED", 0, RSI_NOT_SUPPORTED, -ENXIO },
	{ "CONTINUE: INCOMPLETE with a bit too many", 0, BIT_ULL(32) | 3, -EPROTO },
	{ "CONTINUE: nonsense", 0, 0x123456789abcdef0, -EPROTO },
};

static void error_name(const struct error_case *error, char *desc)
{
	strscpy(desc, error->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(error, error_cases, error_name);

static void token_ends_with_an_error(struct kunit *test)
{
	const struct error_case *error = test->param_value;
	unsigned int at;

	/* The 1st call, the last one and each between them. */
	for (at = 1; at <= 6; at++) {
		rmm_reset(9000);
		rmm.chunk = 1600;
		rmm.init_status = error->init;
		rmm.fail_status = error->next;
		rmm.fail_at = error->next ? at : 0;
		expect_no_token(test, error->want);
		KUNIT_EXPECT_EQ(test, rmm.inits, 1);
		KUNIT_EXPECT_EQ(test, rmm.calls, rmm.fail_at);
	}

	rmm_reset(9000);
	expect_token(test);
}

static void token_is_begun_anew_when_it_was_lost(struct kunit *test)
{
	unsigned int lose, at;

	for (lose = 1; lose <= 3; lose++) {
		for (at = 1; at <= 6; at++) {
			rmm_reset(9000);
			rmm.chunk = 1600;
			rmm.fail_status = RSI_ERROR_STATE;
			rmm.fail_at = at;
			rmm.lose = lose;
			expect_token(test);
			KUNIT_EXPECT_EQ(test, rmm.inits, 1 + lose);
		}
	}
}

static void token_that_is_always_lost_is_given_up(struct kunit *test)
{
	rmm_reset(9000);
	rmm.fail_status = RSI_ERROR_STATE;
	rmm.fail_at = 2;
	rmm.lose = UINT_MAX;
	expect_no_token(test, -EBUSY);
	KUNIT_EXPECT_EQ(test, rmm.inits, 4);
}

static const struct bound_case {
	const char *name;
	u64 bound;
	size_t size;
	int want;
} bound_cases[] = {
	{ "0", 0, 2000, -EPROTO },
	{ "1, and more comes", 1, 2000, -EPROTO },
	{ "1, and it is true", 1, 1, 0 },
	{ "a byte too small", 1999, 2000, -EPROTO },
	{ "exact", 2000, 2000, 0 },
	{ "a byte larger", 2001, 2000, 0 },
	{ "a byte too small for two granules", 8191, 8192, -EPROTO },
	{ "the most that is taken", TOKEN_MAX, 2000, 0 },
	{ "the most, and it is true", TOKEN_MAX, TOKEN_MAX, 0 },
	{ "a byte more than is taken", TOKEN_MAX + 1, 2000, -EFBIG },
	{ "4 GiB", BIT_ULL(32), 2000, -EFBIG },
	{ "4 GiB and 4 KiB", BIT_ULL(32) + SZ_4K, 2000, -EFBIG },
	{ "1 TiB", BIT_ULL(40), 2000, -EFBIG },
	{ "the largest negative number", BIT_ULL(63), 2000, -EFBIG },
	{ "all ones", U64_MAX, 2000, -EFBIG },
};

static void bound_name(const struct bound_case *bound, char *desc)
{
	strscpy(desc, bound->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(bound, bound_cases, bound_name);

static void token_respects_the_bound(struct kunit *test)
{
	const struct bound_case *bound = test->param_value;

	rmm_reset(bound->size);
	rmm.bound = bound->bound;
	if (bound->want)
		expect_no_token(test, bound->want);
	else
		expect_token(test);
	if (bound->want == -EFBIG)
		KUNIT_EXPECT_EQ(test, rmm.calls, 0);
}

static void token_respects_the_bound_in_small_pieces(struct kunit *test)
{
	rmm_reset(5001);
	rmm.bound = 5000;
	rmm.chunk = 1;
	expect_no_token(test, -EPROTO);
	KUNIT_EXPECT_EQ(test, rmm.calls, 5001);
}

static void token_ends_with_a_length_that_cannot_be(struct kunit *test)
{
	/* The 3rd piece begins at offset 3200: 896 bytes are left of the granule. */
	static const u64 lies[] = {
		897, 4096, 4097, 8192, TOKEN_MAX, TOKEN_MAX + 1, BIT_ULL(31), BIT_ULL(32),
		BIT_ULL(32) + 1, BIT_ULL(40), BIT_ULL(63), -3200ULL, -1ULL,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lies); i++) {
		rmm_reset(9000);
		rmm.bound = TOKEN_MAX;
		rmm.chunk = 1600;
		rmm.lie_at = 3;
		rmm.lie = lies[i];
		expect_no_token(test, -EPROTO);
		KUNIT_EXPECT_EQ(test, rmm.calls, 3);
		KUNIT_EXPECT_EQ(test, rmm.inits, 1);
	}
}

static void token_without_a_byte_is_none(struct kunit *test)
{
	rmm_reset(0);
	expect_no_token(test, -EPROTO);
}

/* After an error the next token has no bytes of the one that failed. */
static void token_follows_one_that_failed(struct kunit *test)
{
	rmm_reset(9000);
	rmm.chunk = 1600;
	rmm.fail_at = 4;
	rmm.fail_status = RSI_ERROR_UNKNOWN;
	expect_no_token(test, -EIO);
	rmm.fail_at = 0;
	expect_token(test);
	KUNIT_EXPECT_EQ(test, rmm.inits, 2);
}

static void challenge_is_padded(struct kunit *test)
{
	u8 out[RSI_CHALLENGE_SIZE];
	size_t len;

	for (len = 0; len <= 2 * RSI_CHALLENGE_SIZE; len++) {
		u8 in[2 * RSI_CHALLENGE_SIZE];

		memset(in, 0x5a, sizeof(in));
		memset(out, 0xff, sizeof(out));
		if (len < 32 || len > 64) {
			KUNIT_EXPECT_EQ_MSG(test, cca_challenge(out, in, len), -EINVAL,
					    "%zu bytes", len);
			continue;
		}
		KUNIT_EXPECT_EQ_MSG(test, cca_challenge(out, in, len), 0, "%zu bytes", len);
		KUNIT_EXPECT_MEMEQ(test, out, in, len);
		KUNIT_EXPECT_NULL(test, memchr_inv(out + len, 0, sizeof(out) - len));
	}
}

static struct kunit_case token_cases[] = {
	KUNIT_CASE(token_needs_one_call_a_granule),
	KUNIT_CASE(token_has_the_length_that_it_has),
	KUNIT_CASE(token_comes_in_pieces_of_every_size),
	KUNIT_CASE(token_comes_in_random_pieces),
	KUNIT_CASE(token_waits_for_slow_signing),
	KUNIT_CASE(token_gives_up_in_time),
	KUNIT_CASE(token_ends_with_a_fatal_signal),
	KUNIT_CASE_PARAM(token_ends_with_an_error, error_gen_params),
	KUNIT_CASE(token_is_begun_anew_when_it_was_lost),
	KUNIT_CASE(token_that_is_always_lost_is_given_up),
	KUNIT_CASE_PARAM(token_respects_the_bound, bound_gen_params),
	KUNIT_CASE(token_respects_the_bound_in_small_pieces),
	KUNIT_CASE(token_ends_with_a_length_that_cannot_be),
	KUNIT_CASE(token_without_a_byte_is_none),
	KUNIT_CASE(token_follows_one_that_failed),
	KUNIT_CASE(challenge_is_padded),
	{ }
};

static struct kunit_suite token_suite = {
	.name = "pguest_token",
	.init = token_init,
	.exit = token_exit,
	.test_cases = token_cases,
};

kunit_test_suite(token_suite);
