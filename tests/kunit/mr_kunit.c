// SPDX-License-Identifier: GPL-2.0-only
/*
 * cca_registers_init(), and the calls to the RMM that its registers make.
 */
#include <kunit/test.h>
#include <linux/string.h>

#include <compat/kunit.h>

#include "../../drivers/virt/coco/arm-cca-guest/arm-cca-guest.h"

/* TF-RMM leaves the caller's X5 to X7 where no hash is, and clears X8. */
#define CLEARED		56	/* bytes of X1 to X7 */

enum behind { ZEROES, CALLERS, JUNK, NR_BEHIND };

/*
 * @size: bytes of a hash
 * @behind: what is behind the hash
 * @read_status, @extend_status: instead of SUCCESS
 * @fail_index: the register for which they are; -1 for all
 */
static struct {
	unsigned int size;
	enum behind behind;
	u64 read_status;
	u64 extend_status;
	int fail_index;

	u8 values[CCA_NR_REGISTERS][RSI_MEASUREMENT_SIZE];
	unsigned int reads;
	unsigned int extends;
	u32 last_index;
	size_t last_size;
	u8 last[RSI_MEASUREMENT_SIZE];
} rmm;

static struct cca_registers registers;

static u64 measurement_read(u32 index, u8 *value)
{
	rmm.reads++;
	if (index >= CCA_NR_REGISTERS)
		return RSI_ERROR_INPUT;
	if (rmm.read_status && (rmm.fail_index < 0 || rmm.fail_index == index))
		return rmm.read_status;
	memcpy(value, rmm.values[index], rmm.size);
	if (rmm.behind == CALLERS && rmm.size < CLEARED)
		memset(value + CLEARED, 0, RSI_MEASUREMENT_SIZE - CLEARED);
	else
		memset(value + rmm.size, rmm.behind == JUNK ? 0xdb + rmm.reads : 0,
		       RSI_MEASUREMENT_SIZE - rmm.size);
	return RSI_SUCCESS;
}

static u64 measurement_extend(u32 index, const void *value, size_t size)
{
	rmm.extends++;
	rmm.last_index = index;
	rmm.last_size = size;
	if (!index || index >= CCA_NR_REGISTERS || size > RSI_MEASUREMENT_SIZE)
		return RSI_ERROR_INPUT;
	if (rmm.extend_status && (rmm.fail_index < 0 || rmm.fail_index == index))
		return rmm.extend_status;
	memcpy(rmm.last, value, size);
	/* Not a hash; the driver does not compute one to compare. */
	memset(rmm.values[index], rmm.values[index][0] + 1, rmm.size);
	return RSI_SUCCESS;
}

static const struct cca_rmm calls = {
	.measurement_read	= measurement_read,
	.measurement_extend	= measurement_extend,
};

static void rmm_reset(unsigned int size)
{
	unsigned int i;

	memset(&rmm, 0, sizeof(rmm));
	rmm.size = size;
	rmm.fail_index = -1;
	for (i = 0; i < CCA_NR_REGISTERS; i++)
		memset(rmm.values[i], i ? 0 : 0xa5, size);
	memset(&registers, 0xee, sizeof(registers));
}

static int mr_init(struct kunit *test)
{
	rmm_reset(32);
	return 0;
}

static const struct hash_case {
	const char *name;
	unsigned int said;	/* reported by REALM_CONFIG */
	unsigned int size;	/* of the hashes that the RMM returns */
	enum hash_algo want;
} hash_cases[] = {
	{ "SHA-256", RSI_HASH_SHA256, 32, HASH_ALGO_SHA256 },
	{ "SHA-384", RSI_HASH_SHA384, 48, HASH_ALGO_SHA384 },
	{ "SHA-512", RSI_HASH_SHA512, 64, HASH_ALGO_SHA512 },
	{ "SHA-384 that passes for SHA-512", RSI_HASH_SHA512, 48, HASH_ALGO_SHA384 },
};

static void hash_name(const struct hash_case *hash, char *desc)
{
	strscpy(desc, hash->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(hash, hash_cases, hash_name);

static void check_description(struct kunit *test, const struct hash_case *hash,
			      enum behind behind)
{
	static const char * const names[] = { "rim", "rem1", "rem2", "rem3", "rem4" };
	unsigned int i;

	rmm_reset(hash->size);
	rmm.behind = behind;
	KUNIT_ASSERT_EQ(test, cca_registers_init(&registers, &calls, hash->said), 0);
	KUNIT_EXPECT_EQ(test, registers.size, hash->size);
	KUNIT_ASSERT_EQ(test, registers.tm.nr_mrs, CCA_NR_REGISTERS);
	for (i = 0; i < CCA_NR_REGISTERS; i++) {
		const struct tsm_measurement_register *mr = &registers.tm.mrs[i];

		KUNIT_EXPECT_STREQ(test, mr->mr_name, names[i]);
		KUNIT_EXPECT_EQ(test, mr->mr_size, hash->size);
		KUNIT_EXPECT_EQ(test, mr->mr_hash, hash->want);
		KUNIT_EXPECT_PTR_EQ(test, mr->mr_value, (void *)registers.values[i]);
		KUNIT_EXPECT_EQ(test, mr->mr_flags,
				i ? TSM_MR_F_READABLE | TSM_MR_F_RTMR : TSM_MR_F_READABLE);
	}
	KUNIT_EXPECT_MEMEQ(test, registers.values[0], rmm.values[0], RSI_MEASUREMENT_SIZE);
	/* A second time if SHA-512 is reported, which may be SHA-384. */
	KUNIT_EXPECT_EQ(test, rmm.reads, hash->said == RSI_HASH_SHA512 ? 2 : 1);
}

static void registers_are_described(struct kunit *test)
{
	enum behind behind;

	for (behind = ZEROES; behind < NR_BEHIND; behind++)
		check_description(test, test->param_value, behind);
}

static void junk_behind_a_hash_is_masked(struct kunit *test)
{
	unsigned int i;

	rmm.behind = JUNK;
	KUNIT_ASSERT_EQ(test, cca_registers_init(&registers, &calls, RSI_HASH_SHA256), 0);
	KUNIT_ASSERT_EQ(test, registers.tm.refresh(&registers.tm), 0);
	for (i = 0; i < CCA_NR_REGISTERS; i++)
		KUNIT_EXPECT_MEMEQ(test, registers.values[i], rmm.values[i],
				   RSI_MEASUREMENT_SIZE);
}

/* A RIM of zeroes does not show its size: that of REALM_CONFIG is used. */
static void zero_rim_proves_no_sha384(struct kunit *test)
{
	rmm_reset(64);
	memset(rmm.values[0], 0, RSI_MEASUREMENT_SIZE);
	KUNIT_ASSERT_EQ(test, cca_registers_init(&registers, &calls, RSI_HASH_SHA512), 0);
	KUNIT_EXPECT_EQ(test, registers.size, 64);
}

static void unknown_hash_has_no_registers(struct kunit *test)
{
	static const unsigned int hashes[] = { 3, 7, 0xff, 0x100, UINT_MAX };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(hashes); i++)
		KUNIT_EXPECT_EQ(test, cca_registers_init(&registers, &calls, hashes[i]),
				-EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, rmm.reads, 0);
}

static const struct status_case {
	const char *name;
	u64 status;
	int want;
} status_cases[] = {
	{ "ERROR_INPUT", RSI_ERROR_INPUT, -EPROTO },
	{ "ERROR_STATE", RSI_ERROR_STATE, -EPROTO },
	{ "INCOMPLETE", RSI_INCOMPLETE, -EPROTO },
	{ "ERROR_UNKNOWN", RSI_ERROR_UNKNOWN, -EIO },
	{ "ERROR_DEVICE", 5, -EPROTO },
	{ "NOT_SUPPORTED", RSI_NOT_SUPPORTED, -ENXIO },
	{ "nonsense", BIT_ULL(40), -EPROTO },
};

static void status_name(const struct status_case *status, char *desc)
{
	strscpy(desc, status->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(status, status_cases, status_name);

static void rim_that_cannot_be_read_is_an_error(struct kunit *test)
{
	const struct status_case *status = test->param_value;

	rmm.read_status = status->status;
	KUNIT_EXPECT_EQ(test, cca_registers_init(&registers, &calls, RSI_HASH_SHA256),
			status->want);
}

static void rem_that_cannot_be_read_is_an_error(struct kunit *test)
{
	const struct status_case *status = test->param_value;

	KUNIT_ASSERT_EQ(test, cca_registers_init(&registers, &calls, RSI_HASH_SHA256), 0);
	rmm.read_status = status->status;
	for (rmm.fail_index = 1; rmm.fail_index < CCA_NR_REGISTERS; rmm.fail_index++)
		KUNIT_EXPECT_EQ(test, registers.tm.refresh(&registers.tm), status->want);
	rmm.read_status = RSI_SUCCESS;
	KUNIT_EXPECT_EQ(test, registers.tm.refresh(&registers.tm), 0);
}

static void rem_that_cannot_be_extended_is_an_error(struct kunit *test)
{
	const struct status_case *status = test->param_value;
	const u8 data[RSI_MEASUREMENT_SIZE] = { 1 };

	KUNIT_ASSERT_EQ(test, cca_registers_init(&registers, &calls, RSI_HASH_SHA256), 0);
	rmm.extend_status = status->status;
	KUNIT_EXPECT_EQ(test, registers.tm.write(&registers.tm, &registers.mrs[2], data),
			status->want);
}

static void extend_names_register_and_size(struct kunit *test)
{
	const struct tsm_measurements *tm = &registers.tm;
	u8 data[RSI_MEASUREMENT_SIZE];
	unsigned int i;

	rmm_reset(48);
	KUNIT_ASSERT_EQ(test, cca_registers_init(&registers, &calls, RSI_HASH_SHA384), 0);
	for (i = 1; i < CCA_NR_REGISTERS; i++) {
		memset(data, 0x11 * i, sizeof(data));
		KUNIT_ASSERT_EQ(test, tm->write(tm, &tm->mrs[i], data), 0);
		KUNIT_EXPECT_EQ(test, rmm.last_index, i);
		KUNIT_EXPECT_EQ(test, rmm.last_size, 48);
		KUNIT_EXPECT_MEMEQ(test, rmm.last, data, 48);
	}
	KUNIT_EXPECT_EQ(test, rmm.extends, CCA_NR_REGISTERS - 1);
}

static void refresh_reads_what_changes(struct kunit *test)
{
	const struct tsm_measurements *tm = &registers.tm;
	const u8 data[RSI_MEASUREMENT_SIZE] = { };
	unsigned int i;

	KUNIT_ASSERT_EQ(test, cca_registers_init(&registers, &calls, RSI_HASH_SHA256), 0);
	KUNIT_ASSERT_EQ(test, tm->write(tm, &tm->mrs[3], data), 0);
	KUNIT_EXPECT_EQ(test, registers.values[3][0], 0);

	rmm.reads = 0;
	KUNIT_ASSERT_EQ(test, tm->refresh(tm), 0);
	KUNIT_EXPECT_EQ(test, rmm.reads, RSI_NR_REMS);
	for (i = 1; i < CCA_NR_REGISTERS; i++)
		KUNIT_EXPECT_MEMEQ(test, registers.values[i], rmm.values[i],
				   RSI_MEASUREMENT_SIZE);
}

static struct kunit_case mr_cases[] = {
	KUNIT_CASE_PARAM(registers_are_described, hash_gen_params),
	KUNIT_CASE(junk_behind_a_hash_is_masked),
	KUNIT_CASE(zero_rim_proves_no_sha384),
	KUNIT_CASE(unknown_hash_has_no_registers),
	KUNIT_CASE_PARAM(rim_that_cannot_be_read_is_an_error, status_gen_params),
	KUNIT_CASE_PARAM(rem_that_cannot_be_read_is_an_error, status_gen_params),
	KUNIT_CASE_PARAM(rem_that_cannot_be_extended_is_an_error, status_gen_params),
	KUNIT_CASE(extend_names_register_and_size),
	KUNIT_CASE(refresh_reads_what_changes),
	{ }
};

static struct kunit_suite mr_suite = {
	.name = "pguest_mr",
	.init = mr_init,
	.test_cases = mr_cases,
};

kunit_test_suite(mr_suite);
