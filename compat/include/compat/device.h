/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whether a device's DMA is coherent: a bit among the device's flags in Linux 7.3,
 * with functions for it, and a member of its own before.
 */
#ifndef _COMPAT_DEVICE_H
#define _COMPAT_DEVICE_H

#include <linux/device.h>

#ifdef COMPAT_DEVICE_FLAGS
static inline void dev_set_dma_coherent(struct device *dev)
{
	dev->dma_coherent = true;
}

static inline void dev_clear_dma_coherent(struct device *dev)
{
	dev->dma_coherent = false;
}
#endif

#endif /* _COMPAT_DEVICE_H */
