// SPDX-License-Identifier: GPL-2.0-only
/*
 * What an arm64 tree that knows protected guests answers itself.
 */
#include <linux/cc_platform.h>
#include <linux/dma-direct.h>
#include <linux/export.h>
#include <linux/pguest_dma.h>

/**
 * cc_platform_has() - what a confidential guest has
 * @attr: the attribute asked for
 *
 * Memory is isolated, not encrypted, so of the attributes that there are only
 * one is true: memory must be shared before a device can reach it.
 *
 * Context: Any.
 * Return: true for CC_ATTR_GUEST_MEM_ENCRYPT in a protected VM.
 */
bool cc_platform_has(enum cc_attr attr)
{
	return attr == CC_ATTR_GUEST_MEM_ENCRYPT && pguest_active();
}
EXPORT_SYMBOL_GPL(cc_platform_has);

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
