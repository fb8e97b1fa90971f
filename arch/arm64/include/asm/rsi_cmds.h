/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RSI calls: one function for each. No policy here.
 *
 * Source: DEN0137 1.0, chapter B5. Each function returns X0, an RSI status. Results are
 * written on success only, because other registers are undefined after an error.
 * Addresses are protected IPAs.
 */
#ifndef CONFIG_PGUEST
/* Without CONFIG_PGUEST the tree's own header of this name is used. */
#include_next <asm/rsi_cmds.h>
#elif !defined(__ASM_RSI_CMDS_H)
#define __ASM_RSI_CMDS_H

#include <linux/string.h>

#include <asm/pguest.h>
#include <asm/rsi_smc.h>

/*
 * VERSION: does the RMM support the version in @asked?
 *
 * ret0 == SUCCESS, or ERROR_INPUT if it supports other versions only
 * ret1 == @asked if it is supported, else the nearest supported version
 * ret2 == the highest version
 *
 * This is the only call on machines without an RMM, where SMC may be undefined:
 * NOT_SUPPORTED then. Results are written on errors as well, since ERROR_INPUT has the
 * supported versions.
 */
static inline u64 rsi_version(u64 asked, u64 *lower, u64 *higher)
{
	struct pguest_call_regs regs;

	if (__pguest_smc(RSI_FN_VERSION, asked, 0, 0, &regs))
		return RSI_NOT_SUPPORTED;
	*lower = regs.a1;
	*higher = regs.a2;
	return regs.a0;
}

/*
 * FEATURES: feature register @index.
 *
 * ret1 == its value; 0 for a register that does not exist, and for all of RSI 1.0
 */
static inline u64 rsi_features(u64 index, u64 *value)
{
	struct arm_smccc_res res;

	arm_smccc_smc(RSI_FN_FEATURES, index, 0, 0, 0, 0, 0, 0, &res);
	if (res.a0 == RSI_SUCCESS)
		*value = res.a1;
	return res.a0;
}

/*
 * REALM_CONFIG: fill in the struct rsi_config at @config.
 *
 * The RMM need not write the undefined part of the structure.
 */
static inline u64 rsi_realm_config(phys_addr_t config)
{
	struct arm_smccc_res res;

	arm_smccc_smc(RSI_FN_REALM_CONFIG, config, 0, 0, 0, 0, 0, 0, &res);
	return res.a0;
}

/*
 * IPA_STATE_SET: change the RIPAS of the beginning of a range to @ripas.
 *
 * arg4 == RSI_CHANGE_DESTROYED, or 0 to stop at a granule that was destroyed
 * ret1 == first IPA that was not processed; possibly @start
 * ret2 == RSI_REJECT if the host rejected the change
 */
static inline u64 rsi_ipa_state_set(phys_addr_t start, phys_addr_t end, u64 ripas,
				    u64 flags, phys_addr_t *top, u64 *response)
{
	struct arm_smccc_res res;

	arm_smccc_smc(RSI_FN_IPA_STATE_SET, start, end, ripas, flags, 0, 0, 0, &res);
	if (res.a0 == RSI_SUCCESS) {
		*top = res.a1;
		*response = res.a2;
	}
	return res.a0;
}

/*
 * IPA_STATE_GET: the RIPAS of the beginning of a range, from the RMM alone.
 *
 * ret1 == end of the part that has @ripas
 * ret2 == @ripas
 */
static inline u64 rsi_ipa_state_get(phys_addr_t start, phys_addr_t end,
				    phys_addr_t *top, u64 *ripas)
{
	struct arm_smccc_res res;

	arm_smccc_smc(RSI_FN_IPA_STATE_GET, start, end, 0, 0, 0, 0, 0, &res);
	if (res.a0 == RSI_SUCCESS) {
		*top = res.a1;
		*ripas = res.a2;
	}
	return res.a0;
}

/*
 * HOST_CALL: pass the struct rsi_host_call at @call to the host, and wait.
 *
 * SUCCESS means that the host has run, not that it has answered.
 */
static inline u64 rsi_host_call_smc(phys_addr_t call)
{
	struct arm_smccc_res res;

	arm_smccc_smc(RSI_FN_HOST_CALL, call, 0, 0, 0, 0, 0, 0, &res);
	return res.a0;
}

/*
 * The registers of a call by number: a fortified memcpy() cannot write eight registers
 * through one member of the structure.
 */
union rsi_registers {
	struct arm_smccc_1_2_regs call;
	unsigned long x[18];
};

static_assert(sizeof_field(union rsi_registers, x) == sizeof(struct arm_smccc_1_2_regs));

/*
 * MEASUREMENT_READ: @index 0 is the RIM, 1 to 4 are the REMs.
 *
 * arg2 to arg8 == @value as it is, without its first 8 bytes
 * ret1 to ret8 == the measurement, low bytes first. Behind the digest an RMM may leave
 * the caller's values.
 */
static inline u64 rsi_measurement_read(u32 index, u8 value[RSI_MEASUREMENT_SIZE])
{
	union rsi_registers regs = {
		.call.a0 = RSI_FN_MEASUREMENT_READ,
		.call.a1 = index,
	};

	memcpy(&regs.x[2], value + 8, RSI_MEASUREMENT_SIZE - 8);
	arm_smccc_1_2_smc(&regs.call, &regs.call);
	if (regs.x[0] == RSI_SUCCESS)
		memcpy(value, &regs.x[1], RSI_MEASUREMENT_SIZE);
	return regs.x[0];
}

/*
 * MEASUREMENT_EXTEND: set REM @index to the hash of its value and @value.
 *
 * arg2 == number of bytes that are hashed, up to 64
 * arg3 to arg10 == the value, low bytes first
 */
static inline u64 rsi_measurement_extend(u32 index, const void *value, size_t size)
{
	union rsi_registers regs = {
		.call.a0 = RSI_FN_MEASUREMENT_EXTEND,
		.call.a1 = index,
		.call.a2 = size,
	};

	if (size > RSI_MEASUREMENT_SIZE)
		return RSI_ERROR_INPUT;
	memcpy(&regs.x[3], value, size);
	arm_smccc_1_2_smc(&regs.call, &regs.call);
	return regs.x[0];
}

/*
 * ATTEST_TOKEN_INIT: begin a token on this CPU; an unfinished one is dropped.
 *
 * arg1 to arg8 == the challenge, low bytes first
 * ret1 == upper bound of the token's size
 */
static inline u64 rsi_attest_init(const u8 challenge[RSI_CHALLENGE_SIZE], u64 *bound)
{
	union rsi_registers regs = {
		.call.a0 = RSI_FN_ATTEST_TOKEN_INIT,
	};

	memcpy(&regs.x[1], challenge, RSI_CHALLENGE_SIZE);
	arm_smccc_1_2_smc(&regs.call, &regs.call);
	if (regs.x[0] == RSI_SUCCESS)
		*bound = regs.x[1];
	return regs.x[0];
}

/*
 * ATTEST_TOKEN_CONTINUE: the next piece of this CPU's token.
 *
 * arg1 == the granule, arg2 and arg3 == offset and size of the part to write
 * ret0 == INCOMPLETE: there is more, even if nothing was written
 * ret1 == bytes written
 */
static inline u64 rsi_attest_continue(phys_addr_t granule, u64 offset, u64 size,
				      u64 *len)
{
	struct arm_smccc_res res;

	arm_smccc_smc(RSI_FN_ATTEST_TOKEN_CONTINUE, granule, offset, size, 0, 0, 0,
		      0, &res);
	if (res.a0 == RSI_SUCCESS || res.a0 == RSI_INCOMPLETE)
		*len = res.a1;
	return res.a0;
}

#endif /* __ASM_RSI_CMDS_H */
