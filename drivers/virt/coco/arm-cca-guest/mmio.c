// SPDX-License-Identifier: GPL-2.0-only
/*
 * CCA: where devices are in the realm's addresses.
 */
#include <asm/rsi_backend.h>
#include <asm/rsi_smc.h>

/**
 * rsi_locate() - locate() of struct pguest_ops
 * @start: first byte
 * @end: the byte after the last
 * @device: refuse RAM
 * @at: set to the address at which the range must be mapped
 *
 * The RIPAS decides where a device is. It must be the same for all of the range.
 *
 * Context: Any.
 * Return: 0; -EINVAL for a range in both halves, or of several kinds; -EPERM for RAM that
 *	   is no device, or was destroyed; the error of the RMM.
 */
int rsi_locate(phys_addr_t start, phys_addr_t end, bool device, phys_addr_t *at)
{
	phys_addr_t bit = rsi_backend.shared_bit, next, addr;
	u64 first, ripas;
	int err;

	*at = start;
	if (start >= bit)
		return end <= 2 * bit ? 0 : -EINVAL;
	if (end > bit)
		return -EINVAL;

	for (addr = start; addr < end; addr = next) {
		err = rsi_get_ripas(addr, end, &next, &ripas);
		if (err)
			return err;
		if (addr == start)
			first = ripas;
		if (ripas != first)
			return -EINVAL;
	}
	switch (first) {
	case RSI_RIPAS_EMPTY:
		*at = start | bit;
		return 0;
	case RSI_RIPAS_DEV:
		return 0;
	case RSI_RIPAS_RAM:
		return device ? -EPERM : 0;
	}
	return -EPERM;
}
