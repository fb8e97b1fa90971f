/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * RSI, the calls of a realm to the RMM: numbers, structures and status codes,
 * as the ABI defines them.
 *
 * Source: Realm Management Monitor specification (DEN0137) 1.0, chapter B5;
 * RHI calls from the public RHI drafts.
 */
#ifndef CONFIG_PGUEST
/* Without CONFIG_PGUEST the tree's own header of this name is used. */
#include_next <asm/rsi_smc.h>
#elif !defined(__ASM_RSI_SMC_H)
#define __ASM_RSI_SMC_H

#include <linux/arm-smccc.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/sizes.h>
#include <linux/types.h>

#define RSI_FN(n)	ARM_SMCCC_CALL_VAL(ARM_SMCCC_FAST_CALL, ARM_SMCCC_SMC_64, \
					   ARM_SMCCC_OWNER_STANDARD, n)

#define RSI_FN_VERSION			RSI_FN(0x190)
#define RSI_FN_FEATURES			RSI_FN(0x191)
#define RSI_FN_MEASUREMENT_READ		RSI_FN(0x192)
#define RSI_FN_MEASUREMENT_EXTEND	RSI_FN(0x193)
#define RSI_FN_ATTEST_TOKEN_INIT	RSI_FN(0x194)
#define RSI_FN_ATTEST_TOKEN_CONTINUE	RSI_FN(0x195)
#define RSI_FN_REALM_CONFIG		RSI_FN(0x196)
#define RSI_FN_IPA_STATE_SET		RSI_FN(0x197)
#define RSI_FN_IPA_STATE_GET		RSI_FN(0x198)
#define RSI_FN_HOST_CALL		RSI_FN(0x199)

/* X0, 64 bits */
#define RSI_SUCCESS			0UL
#define RSI_ERROR_INPUT			1UL
#define RSI_ERROR_STATE			2UL
#define RSI_INCOMPLETE			3UL
#define RSI_ERROR_UNKNOWN		4UL
#define RSI_NOT_SUPPORTED		(~0UL)

/* Bits 30 to 16: major, 15 to 0: minor */
#define RSI_VERSION(major, minor)	(((u64)(major) << 16) | (minor))
#define RSI_VERSION_MAJOR(version)	(((version) >> 16) & 0x7fff)
#define RSI_VERSION_MINOR(version)	((version) & 0xffff)

/* Feature register 0, RSI 1.1 */
#define RSI_FEATURE_DA			BIT(0)	/* device assignment */
#define RSI_FEATURE_MRO			BIT(1)
#define RSI_FEATURE_ATS			BIT(2)

/* The RMM's granule, whatever the guest's pages are */
#define RSI_GRANULE			SZ_4K

/* RIPAS (DEN0137 A5.2.2) */
#define RSI_RIPAS_EMPTY			0UL
#define RSI_RIPAS_RAM			1UL
#define RSI_RIPAS_DESTROYED		2UL
#define RSI_RIPAS_DEV			3UL	/* RSI 1.1 */

/* Flags of IPA_STATE_SET (B5.4.9), its response (B5.4.6) */
#define RSI_CHANGE_DESTROYED		BIT(0)
#define RSI_REJECT			BIT(0)

#define RSI_MEASUREMENT_SIZE		64U	/* C1.17 */
#define RSI_CHALLENGE_SIZE		64U
#define RSI_NR_REMS			4U	/* indices 1 to 4; 0 is the RIM */

/**
 * struct rsi_config - what REALM_CONFIG fills in (B5.4.5)
 * @ipa_bits:	width of an IPA; its top bit is the bit of shared memory
 * @hash_algo:	of measurements: 0 SHA-256, 1 SHA-512, 2 SHA-384
 * @rpv:	realm personalisation value, chosen by the host
 */
struct rsi_config {
	u64 ipa_bits;
	u8 hash_algo;
	/* private: */
	u8 reserved1[0x1f7];
	/* public: */
	u8 rpv[64];
	/* private: */
	u8 reserved2[0xdc0];
};

static_assert(sizeof(struct rsi_config) == RSI_GRANULE);
static_assert(offsetof(struct rsi_config, rpv) == 0x200);

/**
 * struct rsi_host_call - arguments and results of HOST_CALL (B5.4.3)
 * @imm:	number of the interface
 * @gprs:	the host reads and writes them
 */
struct rsi_host_call {
	u16 imm;
	/* private: */
	u8 reserved[6];
	/* public: */
	u64 gprs[31];
} __aligned(256);

static_assert(sizeof(struct rsi_host_call) == 256);

/* RHI: services of the host by HOST_CALL with imm 0; gprs[0] is the function */
#define RHI_HOSTCONF_VERSION		0xc500004eUL
#define RHI_HOSTCONF_FEATURES		0xc500004fUL
#define RHI_HOSTCONF_ALIGNMENT		0xc5000050UL

#define RHI_HOSTCONF_1_0		RSI_VERSION(1, 0)
#define RHI_HAS_ALIGNMENT		BIT(0)

#endif /* __ASM_RSI_SMC_H */
