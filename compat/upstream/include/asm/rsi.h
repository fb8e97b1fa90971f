/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a tree with a realm backend of its own needs from its <asm/rsi.h>.
 *
 * Such a tree has this directory before all others (hooks/12-realm-out). The
 * layer's header comes first, or without the layer the tree's.
 */
#include_next <asm/rsi.h>

#ifndef _COMPAT_ASM_RSI_H
#define _COMPAT_ASM_RSI_H

#ifdef CONFIG_PGUEST
#include <linux/errno.h>
#include <linux/types.h>

/* The address bit of shared memory, 0 outside a realm. Set by pguest_probe(). */
extern u64 pguest_shared_bit;

#define realm_shared_bit()	pguest_shared_bit

void arm64_rsi_init(void);
bool arm64_rsi_is_protected(phys_addr_t start, size_t size);

/* Set before the linear map is created */
static inline bool is_realm_world(void)
{
	return pguest_shared_bit;
}

/*
 * Behind realm_register_memory_enc_ops(), which does nothing: pguest shares memory, and
 * pageattr.c does not.
 */
static inline int rsi_set_memory_range_protected(phys_addr_t start, phys_addr_t end)
{
	return -EBUSY;
}

static inline int rsi_set_memory_range_shared(phys_addr_t start, phys_addr_t end)
{
	return -EBUSY;
}
#else
#define realm_shared_bit()	PROT_NS_SHARED
#endif /* CONFIG_PGUEST */

#endif /* _COMPAT_ASM_RSI_H */
