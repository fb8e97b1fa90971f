/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The default bounce pool of SWIOTLB by its names of Linux 6.6, which introduced other
 * kinds of pools, and the address of any pool.
 *
 * From 6.11 on drivers of a device that needs no copies do not ask for them.
 */
#ifndef _COMPAT_SWIOTLB_H
#define _COMPAT_SWIOTLB_H

#include <linux/device.h>
#include <linux/dma-map-ops.h>
#include <linux/swiotlb.h>

/* A vendor's: the slots of a pool outside of the linear map cannot be shared one by one. */
#ifdef CONFIG_SWIOTLB_NONLINEAR
#error "CONFIG_SWIOTLB_NONLINEAR: protected VMs need bounce pools in the linear map"
#endif

/* 7.3 has no such flag: whether a device needs bounce buffers is asked for each. */
#ifdef SWIOTLB_FORCE
#define COMPAT_SWIOTLB_FORCE	SWIOTLB_FORCE
#else
#define COMPAT_SWIOTLB_FORCE	0
#endif

#ifdef COMPAT_ALWAYS_SYNC
static inline void compat_reset_need_sync(struct device *dev)
{
}
#else
static inline void compat_reset_need_sync(struct device *dev)
{
	dma_reset_need_sync(dev);
}
#endif

/* 7.3 asks for memory that is shared, or is not, as the pool is. */
#ifdef __DMA_ATTR_ALLOC_CC_SHARED
static inline struct page *compat_swiotlb_alloc(struct device *dev, size_t size)
{
	return swiotlb_alloc(dev, size,
			     dev->dma_io_tlb_mem->cc_shared ? __DMA_ATTR_ALLOC_CC_SHARED : 0);
}
#else
static inline struct page *compat_swiotlb_alloc(struct device *dev, size_t size)
{
	return swiotlb_alloc(dev, size);
}
#endif

#ifdef COMPAT_SWIOTLB_BASE
static inline bool is_swiotlb_allocated(void)
{
	return io_tlb_default_mem.nslabs;
}

static inline phys_addr_t default_swiotlb_base(void)
{
	return io_tlb_default_mem.start;
}

static inline phys_addr_t compat_pool_start(const struct io_tlb_mem *mem)
{
	return mem->start;
}

#define compat_io_tlb_pool	io_tlb_mem

static inline struct io_tlb_mem *compat_tlb_pool(struct device *dev)
{
	return dev->dma_io_tlb_mem;
}
#else
static inline phys_addr_t compat_pool_start(const struct io_tlb_mem *mem)
{
	return mem->defpool.start;
}

#define compat_io_tlb_pool	io_tlb_pool

static inline struct io_tlb_pool *compat_tlb_pool(struct device *dev)
{
	return &dev->dma_io_tlb_mem->defpool;
}
#endif

#endif /* _COMPAT_SWIOTLB_H */
