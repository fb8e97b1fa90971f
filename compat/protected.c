// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the DMA core asks of an architecture. A tree without support for realms lacks it, and
 * one with support for realms alone says no in a pKVM guest.
 */
#include <linux/dma-direct.h>
#include <linux/pguest_dma.h>

/**
 * force_dma_unencrypted() - must coherent buffers of this device be shared?
 * @dev: the device
 *
 * Context: Any.
 * Return: as pguest_force_bounce().
 */
bool force_dma_unencrypted(struct device *dev)
{
	return pguest_force_bounce(dev);
}
