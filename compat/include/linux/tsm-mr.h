/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measurement registers of a confidential VM in sysfs, for trees before 6.16.
 *
 * The interface is that of the tree's header of this name. Our include
 * directory comes after the tree's, so the tree's is taken where there is one.
 */
#ifndef __TSM_MR_H
#define __TSM_MR_H

#include <linux/bits.h>
#include <linux/types.h>

#include <crypto/hash_info.h>

struct attribute_group;

/* Of a register, in tsm_measurement_register.mr_flags */
#define TSM_MR_F_NOHASH		BIT(0)	/* its file has no ":hash" in its name */
#define TSM_MR_F_WRITABLE	BIT(1)
#define TSM_MR_F_READABLE	BIT(2)
#define TSM_MR_F_LIVE		BIT(3)	/* refresh() is called before each read */
#define TSM_MR_F_RTMR		(TSM_MR_F_LIVE | TSM_MR_F_WRITABLE)

/**
 * struct tsm_measurement_register - one register, and so one file
 * @mr_name:	the part of the file's name before the colon
 * @mr_value:	contents of the file
 * @mr_size:	its size in bytes, and that of each write
 * @mr_flags:	TSM_MR_F_*
 * @mr_hash:	the part of the file's name after the colon
 */
struct tsm_measurement_register {
	const char *mr_name;
	void *mr_value;
	u32 mr_size;
	u32 mr_flags;
	enum hash_algo mr_hash;
};

/* The beginning of an initialiser: TSM_MR_(rem1, SHA256) */
#define TSM_MR_(mr, hash)			\
	.mr_name = #mr,				\
	.mr_size = hash##_DIGEST_SIZE,		\
	.mr_flags = TSM_MR_F_READABLE,		\
	.mr_hash = HASH_ALGO_##hash

/**
 * struct tsm_measurements - the registers of one device
 * @mrs:	the registers
 * @nr_mrs:	their number
 * @refresh:	update the values of all %TSM_MR_F_LIVE registers
 * @write:	extend a register by @data, which has @mr_size bytes
 *
 * Calls never overlap, and no value is read while one is made.
 */
struct tsm_measurements {
	const struct tsm_measurement_register *mrs;
	size_t nr_mrs;
	int (*refresh)(const struct tsm_measurements *tm);
	int (*write)(const struct tsm_measurements *tm,
		     const struct tsm_measurement_register *mr, const u8 *data);
};

const struct attribute_group *
tsm_mr_create_attribute_group(const struct tsm_measurements *tm);
void tsm_mr_free_attribute_group(const struct attribute_group *attr_grp);

#endif /* __TSM_MR_H */
