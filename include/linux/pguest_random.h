/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Random numbers in a protected VM: the host's are not credited as entropy.
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
 * pguest_credit() - how much entropy to credit for data that the host can choose
 * @bits: entropy that an unprotected machine credits
 *
 * The host supplies the data of devices, and chooses the time of interrupts.
 *
 * Context: Any.
 * Return: @bits, or 0 in a protected VM.
 */
static inline size_t pguest_credit(size_t bits)
{
	return pguest_active() ? 0 : bits;
}

#endif /* _LINUX_PGUEST_RANDOM_H */
