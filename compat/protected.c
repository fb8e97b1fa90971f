// SPDX-License-Identifier: GPL-2.0-only
/*
 * Functions that an arm64 tree with support for realms has itself.
 */
#include <linux/cc_platform.h>
#include <linux/dma-direct.h>
#include <linux/export.h>
#include <linux/pguest_dma.h>

/**
 * cc_platform_has() - does a confidential guest have an attribute?
 * @attr: the attribute
 *
 * Memory is isolated and not encrypted. Only one attribute applies: memory must be
 * shared before a device can access it.
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
