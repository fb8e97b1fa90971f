/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether this is a protected VM, and the owners of shared memory.
 *
 * Each linux/pguest_*.h has the calls of one subject. Without CONFIG_PGUEST, and outside
 * a protected VM, they do what the tree did before. A function that is called in a
 * protected VM alone has no stub: pguest_active() is false at compile time without
 * CONFIG_PGUEST, and the compiler removes the call.
 */
#ifndef _LINUX_PGUEST_CORE_H
#define _LINUX_PGUEST_CORE_H

#include <linux/jump_label.h>
#include <linux/types.h>

struct pt_regs;

/**
 * enum pguest_owner - what a granule is shared for
 * @PGUEST_OTHER:	a caller of set_memory_decrypted()
 * @PGUEST_BOUNCE:	the default bounce pool
 * @PGUEST_RESTRICTED:	a restricted-dma-pool of the device tree
 * @PGUEST_COHERENT:	a coherent DMA buffer
 * @PGUEST_ATOMIC:	the pools of coherent memory for atomic context
 * @PGUEST_ITS:		GIC ITS and LPI tables
 * @PGUEST_BALLOON:	pages in the balloon of a realm
 * @PGUEST_STEAL:	steal time, in pages that the host supplies
 * @PGUEST_CLOCK:	a clock page that the host supplies
 * @PGUEST_GENERATION:	the generation ID, in a page that the host supplies
 * @PGUEST_NR_OWNERS:	number of owners
 */
enum pguest_owner {
	PGUEST_OTHER,
	PGUEST_BOUNCE,
	PGUEST_RESTRICTED,
	PGUEST_COHERENT,
	PGUEST_ATOMIC,
	PGUEST_ITS,
	PGUEST_BALLOON,
	PGUEST_STEAL,
	PGUEST_CLOCK,
	PGUEST_GENERATION,
	PGUEST_NR_OWNERS
};

#ifdef CONFIG_PGUEST

DECLARE_STATIC_KEY_FALSE(pguest_key);

/* The address bit of shared memory and devices, 0 if there is none */
extern u64 pguest_shared_bit;

/**
 * pguest_active() - is this a protected VM?
 *
 * Context: Any. Set before early parameters are parsed.
 * Return: true if a hypervisor claims to protect this VM.
 */
static __always_inline bool pguest_active(void)
{
	return static_branch_unlikely(&pguest_key);
}

void pguest_probe(void);
bool pguest_call_fixup(struct pt_regs *regs, unsigned long esr);

#else /* !CONFIG_PGUEST */

static __always_inline bool pguest_active(void)
{
	return false;
}

#define pguest_shared_bit	0ULL

static inline void pguest_probe(void)
{
}

static inline bool pguest_call_fixup(struct pt_regs *regs, unsigned long esr)
{
	return false;
}

#endif /* CONFIG_PGUEST */

#endif /* _LINUX_PGUEST_CORE_H */
