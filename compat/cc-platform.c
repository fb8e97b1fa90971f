// SPDX-License-Identifier: GPL-2.0-only
/*
 * The attributes of a confidential guest. A tree has none for arm64, or has them in the
 * realm backend that is not built, or in a file that is.
 */
#include <linux/cc_platform.h>
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
