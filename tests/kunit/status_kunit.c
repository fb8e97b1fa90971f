// SPDX-License-Identifier: GPL-2.0-only
/*
 * pkvm_status(): the error for each status in X0; -EPROTO if it is not in the ABI.
 */
#include <kunit/test.h>

#include <asm/pkvm_cmds.h>

static const struct status_case {
	const char *name;
	unsigned long r0;
	int want;
} status_cases[] = {
	{ "SUCCESS", 0, 0 },
	{ "NOT_SUPPORTED", -1, -EOPNOTSUPP },
	{ "INVALID_PARAMETER", -3, -EINVAL },

	{ "NOT_REQUIRED", -2, -EPROTO },
	{ "-4", -4, -EPROTO },
	{ "-4096", -4096, -EPROTO },
	{ "1", 1, -EPROTO },
	{ "an address", 0x80001000, -EPROTO },
	{ "-1 in 32 bits", 0xffffffff, -EPROTO },
	{ "-3 in 32 bits", 0xfffffffd, -EPROTO },
	{ "0 in 32 bits", 1UL << 32, -EPROTO },
	{ "most positive", LONG_MAX, -EPROTO },
	{ "most negative", LONG_MIN, -EPROTO },
};

static void status_name(const struct status_case *status, char *desc)
{
	strscpy(desc, status->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(status, status_cases, status_name);

static void status_is_translated(struct kunit *test)
{
	const struct status_case *status = test->param_value;

	KUNIT_EXPECT_EQ(test, status->want, pkvm_status(status->r0));
}

static struct kunit_case status_test_cases[] = {
	KUNIT_CASE_PARAM(status_is_translated, status_gen_params),
	{ }
};

static struct kunit_suite status_suite = {
	.name = "pguest_status",
	.test_cases = status_test_cases,
};

kunit_test_suite(status_suite);
