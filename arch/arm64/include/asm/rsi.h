/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What drivers may know of the realm that they run in.
 */
#ifndef CONFIG_PGUEST
/* Without the layer, a tree that has this header is served by its own. */
#include_next <asm/rsi.h>
#elif !defined(__ASM_RSI_H)
#define __ASM_RSI_H

#include <linux/types.h>

#include <asm/rsi_smc.h>

/* The platform device that attestation drivers bind to, and programs look for */
#define RSI_PDEV_NAME	"arm-cca-dev"

/**
 * enum rsi_hash - algorithm of measurements, as REALM_CONFIG has it
 * @RSI_HASH_SHA256:	32 bytes
 * @RSI_HASH_SHA512:	64 bytes; some RMMs report it for SHA-384 as well
 * @RSI_HASH_SHA384:	48 bytes
 */
enum rsi_hash {
	RSI_HASH_SHA256 = 0,
	RSI_HASH_SHA512 = 1,
	RSI_HASH_SHA384 = 2,
};

/**
 * struct rsi_realm - what the RMM reported about itself and this realm at boot
 * @version:	version of RSI, RSI_VERSION(1, 0) or (1, 1)
 * @features:	its feature register 0
 * @ipa_bits:	width of an IPA
 * @hash:	enum rsi_hash, or a value that this kernel does not know
 * @rpv:	realm personalisation value
 */
struct rsi_realm {
	u32 version;
	u64 features;
	unsigned int ipa_bits;
	unsigned int hash;
	u8 rpv[64];
};

#ifdef CONFIG_PGUEST_CCA
const struct rsi_realm *rsi_realm(void);
int rsi_host_call(u16 imm, u64 gprs[31]);
#else
static inline const struct rsi_realm *rsi_realm(void)
{
	return NULL;
}
#endif

/**
 * rsi_in_realm() - is this a realm?
 *
 * Context: Any.
 * Return: true if an RMM protects this VM.
 */
static inline bool rsi_in_realm(void)
{
	return rsi_realm();
}

#endif /* __ASM_RSI_H */
