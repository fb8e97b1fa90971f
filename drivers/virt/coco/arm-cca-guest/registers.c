// SPDX-License-Identifier: GPL-2.0-only
/*
 * The measurement registers: the RIM measures the initial contents of the realm; the
 * four REMs are extended by software in the realm.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "arm-cca-guest.h"

static const char * const names[CCA_NR_REGISTERS] = {
	"rim", "rem1", "rem2", "rem3", "rem4",
};

static const enum hash_algo hashes[] = {
	[RSI_HASH_SHA256] = HASH_ALGO_SHA256,
	[RSI_HASH_SHA512] = HASH_ALGO_SHA512,
	[RSI_HASH_SHA384] = HASH_ALGO_SHA384,
};

static struct cca_registers *to_registers(const struct tsm_measurements *tm)
{
	return container_of(tm, struct cca_registers, tm);
}

static int read_into(const struct cca_rmm *rmm, unsigned int index, int fill,
		     u8 value[RSI_MEASUREMENT_SIZE])
{
	memset(value, fill, RSI_MEASUREMENT_SIZE);
	return cca_errno(rmm->measurement_read(index, value));
}

/* Copy only the digest; some RMMs leave garbage after it. */
static int read_register(struct cca_registers *registers, unsigned int index)
{
	u8 value[RSI_MEASUREMENT_SIZE];
	int err;

	err = read_into(registers->rmm, index, 0, value);
	if (!err)
		memcpy(registers->values[index], value, registers->size);
	return err;
}

static int refresh_registers(const struct tsm_measurements *tm)
{
	unsigned int index;
	int err = 0;

	for (index = 1; index < CCA_NR_REGISTERS && !err; index++)
		err = read_register(to_registers(tm), index);
	return err;
}

static int extend_register(const struct tsm_measurements *tm,
			   const struct tsm_measurement_register *mr, const u8 *data)
{
	struct cca_registers *registers = to_registers(tm);

	return cca_errno(registers->rmm->measurement_extend(mr - registers->mrs, data,
							    registers->size));
}

/*
 * An RMM may report SHA-512 for a realm that is measured by SHA-384 (TF-RMM,
 * runtime/rsi/config.c). The last 16 bytes of the RIM are not part of a digest then: they
 * are zero, or they change when the RIM is read again with other values in the
 * registers.
 */
static int is_sha384_in_truth(const struct cca_registers *registers)
{
	const size_t rest = RSI_MEASUREMENT_SIZE - SHA384_DIGEST_SIZE;
	const u8 *rim = registers->values[0];
	u8 again[RSI_MEASUREMENT_SIZE];
	int err;

	if (!memchr_inv(rim, 0, SHA384_DIGEST_SIZE))
		return false;
	err = read_into(registers->rmm, 0, 0xff, again);
	if (err)
		return err;
	rim += SHA384_DIGEST_SIZE;
	return memcmp(rim, again + SHA384_DIGEST_SIZE, rest) || !memchr_inv(rim, 0, rest);
}

static int guess_size(struct cca_registers *registers, enum hash_algo *algo)
{
	int is_sha384;

	if (*algo != HASH_ALGO_SHA512)
		return 0;
	is_sha384 = is_sha384_in_truth(registers);
	if (is_sha384 > 0) {
		*algo = HASH_ALGO_SHA384;
		registers->size = SHA384_DIGEST_SIZE;
		memset(registers->values[0] + SHA384_DIGEST_SIZE, 0,
		       RSI_MEASUREMENT_SIZE - SHA384_DIGEST_SIZE);
	}
	return min(is_sha384, 0);
}

/**
 * cca_registers_init() - describe the registers, and read the RIM, which never changes
 * @registers: to fill in; @registers->tm is for tsm_mr_create_attribute_group()
 * @rmm: calls to the RMM
 * @hash: the algorithm, as REALM_CONFIG reports it
 *
 * Context: Process.
 * Return: 0, -EOPNOTSUPP for an unknown algorithm, or the error of reading the RIM.
 */
int cca_registers_init(struct cca_registers *registers, const struct cca_rmm *rmm,
		       unsigned int hash)
{
	enum hash_algo algo;
	unsigned int i;
	int err;

	if (hash >= ARRAY_SIZE(hashes))
		return -EOPNOTSUPP;

	algo = hashes[hash];
	*registers = (struct cca_registers) {
		.rmm	= rmm,
		.size	= hash_digest_size[algo],
		.tm	= {
			.mrs		= registers->mrs,
			.nr_mrs		= CCA_NR_REGISTERS,
			.refresh	= refresh_registers,
			.write		= extend_register,
		},
	};
	err = read_register(registers, 0) ?: guess_size(registers, &algo);
	if (err)
		return err;

	for (i = 0; i < CCA_NR_REGISTERS; i++) {
		registers->mrs[i] = (struct tsm_measurement_register) {
			.mr_name	= names[i],
			.mr_value	= registers->values[i],
			.mr_size	= registers->size,
			.mr_hash	= algo,
			.mr_flags	= TSM_MR_F_READABLE | (i ? TSM_MR_F_RTMR : 0),
		};
	}
	return 0;
}
