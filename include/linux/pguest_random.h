/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers in a protected VM: what the host makes counts for nothing.
 */
#ifndef _LINUX_PGUEST_RANDOM_H
#define _LINUX_PGUEST_RANDOM_H

#include <linux/pguest_core.h>
#include <linux/types.h>

#ifdef CONFIG_PGUEST
size_t pguest_bootloader_bits(size_t bits);
bool pguest_trust_trng(void);
#else
static inline size_t pguest_bootloader_bits(size_t bits)
{
	return bits;
}

static inline bool pguest_trust_trng(void)
{
	return true;
}
#endif

/**
 * pguest_credit() - for how much random data of the host's making counts
 * @bits: as much as would be credited elsewhere
 *
 * The host makes what a device returns, and chooses when interrupts come.
 *
 * Context: Any.
 * Return: @bits, or 0 in a protected VM.
 */
static inline size_t pguest_credit(size_t bits)
{
	return pguest_active() ? 0 : bits;
}

#endif /* _LINUX_PGUEST_RANDOM_H */
