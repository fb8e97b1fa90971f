/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Attestation of a realm: tokens and measurement registers. Calls to the RMM go through
 * struct cca_rmm, which KUnit replaces.
 */
#ifndef _ARM_CCA_GUEST_H
#define _ARM_CCA_GUEST_H

#include <linux/tsm-mr.h>
#include <linux/types.h>

#include <asm/rsi.h>

/* A shorter challenge could be guessed, or repeat. */
#define CCA_CHALLENGE_MIN	32

/* The RIM, then the REMs */
#define CCA_NR_REGISTERS	(1 + RSI_NR_REMS)

/**
 * struct cca_rmm - the calls to the RMM, each as in <asm/rsi_cmds.h>
 * @attest_init:	begin a token on this CPU
 * @attest_continue:	get the next piece of it
 * @measurement_read:	read a register
 * @measurement_extend:	extend a register
 */
struct cca_rmm {
	u64 (*attest_init)(const u8 *challenge, u64 *bound);
	u64 (*attest_continue)(phys_addr_t granule, u64 offset, u64 size, u64 *len);
	u64 (*measurement_read)(u32 index, u8 *value);
	u64 (*measurement_extend)(u32 index, const void *value, size_t size);
};

/**
 * struct cca_token - a token, or the error of the RMM
 * @data:	from kvmalloc()
 * @len:	its size in bytes
 * @status:	last status of the RMM
 */
struct cca_token {
	u8 *data;
	size_t len;
	u64 status;
};

/**
 * struct cca_registers - the measurement registers of the realm
 * @rmm:	calls to the RMM
 * @size:	bytes of a digest
 * @values:	values that were read last
 * @mrs:	each register for the tsm-mr interface
 * @tm:		all of them
 */
struct cca_registers {
	const struct cca_rmm *rmm;
	unsigned int size;
	u8 values[CCA_NR_REGISTERS][RSI_MEASUREMENT_SIZE];
	struct tsm_measurement_register mrs[CCA_NR_REGISTERS];
	struct tsm_measurements tm;
};

int cca_errno(u64 status);
int cca_challenge(u8 challenge[RSI_CHALLENGE_SIZE], const u8 *data, size_t len);
int cca_token_read(const struct cca_rmm *rmm, const u8 challenge[RSI_CHALLENGE_SIZE],
		   size_t max, unsigned int ms, struct cca_token *token);
int cca_registers_init(struct cca_registers *registers, const struct cca_rmm *rmm,
		       unsigned int hash);

#endif /* _ARM_CCA_GUEST_H */
