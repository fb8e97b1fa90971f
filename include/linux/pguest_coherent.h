/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Coherent memory of devices in a protected VM.
 */
#ifndef _LINUX_PGUEST_COHERENT_H
#define _LINUX_PGUEST_COHERENT_H

#include <linux/gfp.h>
#include <linux/pguest_core.h>
#include <linux/pguest_memory.h>

struct device;

bool __pguest_alloc_atomic(struct device *dev);

#ifdef CONFIG_PGUEST
int pguest_share_atomic_pool(unsigned long addr, unsigned long npages);
#else
#define pguest_share_atomic_pool(addr, npages)	\
	pguest_share_pages(addr, npages, PGUEST_ATOMIC)
#endif

/**
 * pguest_alloc_atomic() - must coherent memory come from the pool for atomic context?
 * @dev: the device that does DMA
 * @gfp: how the caller allocates memory
 *
 * Memory from the bounce pool needs a mapping without cache for such a device, and making
 * one may sleep.
 *
 * Context: Any.
 * Return: true in a protected VM, if the caller must not sleep, @dev is not coherent, and
 *	   it has no pool of its own.
 */
static inline bool pguest_alloc_atomic(struct device *dev, gfp_t gfp)
{
	return pguest_active() && !gfpflags_allow_blocking(gfp) &&
	       __pguest_alloc_atomic(dev);
}

#endif /* _LINUX_PGUEST_COHERENT_H */
