/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DMA of a protected VM: bounce buffers, and addresses of shared memory.
 */
#ifndef _LINUX_PGUEST_DMA_H
#define _LINUX_PGUEST_DMA_H

#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm_types.h>
#include <linux/pguest_core.h>
#include <linux/set_memory.h>
#include <linux/types.h>

struct device;

#ifdef CONFIG_PGUEST
void pguest_swiotlb_init(bool addressing_limited, unsigned int flags);
void *pguest_alloc_pool(phys_addr_t size, phys_addr_t align);
#else
#define pguest_swiotlb_init(limited, flags)	swiotlb_init(limited, flags)
#define pguest_alloc_pool(size, align)		memblock_alloc_low(size, align)
#endif

/* Called in a protected VM alone, see linux/pguest_core.h. */
bool __pguest_force_bounce(struct device *dev);
bool __pguest_alloc_from_pool(struct device *dev);
bool __pguest_bounce_ready(struct device *dev, phys_addr_t start, phys_addr_t end,
			   unsigned int slot, unsigned int nslots);
void __pguest_count_bounced(size_t size);
void __pguest_pool_full(void);
unsigned int __pguest_max_sectors(struct device *dev, unsigned int limit);
int __pguest_dma_error(int err);

/**
 * pguest_dma_shared() - the address under which a device finds shared memory
 * @addr: DMA address of the memory
 *
 * Context: Any.
 * Return: @addr, with the bit of shared memory where there is one.
 */
static inline u64 pguest_dma_shared(u64 addr)
{
	return pguest_active() ? addr | pguest_shared_bit : addr;
}

/**
 * pguest_dma_memory() - the memory behind a DMA address
 * @addr: DMA address
 *
 * Context: Any.
 * Return: @addr without the bit of shared memory.
 */
static inline u64 pguest_dma_memory(u64 addr)
{
	return pguest_active() ? addr & ~(u64)pguest_shared_bit : addr;
}

/**
 * pguest_force_bounce() - must this device's data be copied?
 * @dev: the device that does DMA
 *
 * Context: Any.
 * Return: true for each device of a protected VM, but for those that were given to
 *	   pguest_set_dma_private().
 */
static inline bool pguest_force_bounce(struct device *dev)
{
	return pguest_active() && __pguest_force_bounce(dev);
}

/**
 * pguest_dma_mask_ok() - can a device with such a mask reach shared memory?
 * @dev: the device that does DMA
 * @mask: DMA mask
 *
 * Context: Any.
 * Return: false if its addresses are narrower than those of a realm, and it needs
 *	   shared memory.
 */
static inline bool pguest_dma_mask_ok(struct device *dev, u64 mask)
{
	return !pguest_shared_bit || !pguest_force_bounce(dev) ||
	       mask >= (u64)pguest_shared_bit * 2 - 1;
}

/**
 * pguest_alloc_from_pool() - take coherent memory from the bounce pool?
 * @dev: the device that does DMA
 *
 * Context: Any.
 * Return: true where single pages cannot be shared for @dev.
 */
static inline bool pguest_alloc_from_pool(struct device *dev)
{
	return pguest_active() && __pguest_alloc_from_pool(dev);
}

/**
 * pguest_bounce_ready() - may these slots of a bounce pool be handed out?
 * @dev: the device that does DMA
 * @start: physical address of the pool
 * @end: its end
 * @slot: index of the first slot
 * @nslots: their number, all of one segment of the pool
 *
 * Pools are shared a segment at a time, when it is first used.
 *
 * Context: Any.
 * Return: true when the host can read and write the slots.
 */
static inline bool pguest_bounce_ready(struct device *dev, phys_addr_t start,
				       phys_addr_t end, unsigned int slot,
				       unsigned int nslots)
{
	return !pguest_active() ||
	       __pguest_bounce_ready(dev, start, end, slot, nslots);
}

/**
 * pguest_pool_decrypted() - make a bounce pool known to the hypervisor
 * @addr: address of the pool
 * @npages: its size
 *
 * Nothing to do where pguest_bounce_ready() shares what is used.
 *
 * Context: Process.
 * Return: 0, or as set_memory_decrypted() without the layer.
 */
static inline int pguest_pool_decrypted(unsigned long addr, unsigned long npages)
{
	return IS_ENABLED(CONFIG_PGUEST) ? 0 : set_memory_decrypted(addr, npages);
}

/**
 * pguest_slots_freed() - begin the next search where slots were freed
 * @next: where the next search of this area begins
 * @freed: first of the slots
 *
 * Low slots are used again before new ones. That keeps the window small, and
 * SWIOTLB's lists short: it walks over the free slots below each slot that it
 * takes or gives back.
 *
 * Context: With the area's lock.
 */
static inline void pguest_slots_freed(unsigned int *next, unsigned int freed)
{
	if (pguest_active() && freed < *next)
		*next = freed;
}

/* Slots of a segment, which is shared as a whole in any case. */
#define PGUEST_WINDOW_MIN	128U

/**
 * pguest_window() - how much of an area of a bounce pool is in use
 * @window: the area's window in slots, 0 at first
 * @wanted: slots that are in use, and those that are looked for
 * @all: slots of the area
 *
 * Slots come from a window at the beginning of the area, so that no more of the
 * pool is shared than was needed at a time. It is kept half empty: in a full one
 * each search would take as long as the window is.
 *
 * Context: With the area's lock.
 * Return: slots to search.
 */
static inline unsigned int pguest_window(unsigned int *window, unsigned int wanted,
					 unsigned int all)
{
	if (!pguest_active())
		return all;
	wanted = max(2 * wanted, PGUEST_WINDOW_MIN);
	if (*window < wanted)
		*window = roundup_pow_of_two(wanted);
	return min(*window, all);
}

/**
 * pguest_window_grow() - search more of an area of a bounce pool
 * @window: the area's window in slots
 * @all: slots of the area
 *
 * Context: With the area's lock.
 * Return: true when there is more to search.
 */
static inline bool pguest_window_grow(unsigned int *window, unsigned int all)
{
	if (!pguest_active() || *window >= all)
		return false;
	*window *= 2;
	return true;
}

/**
 * pguest_wrap() - go to the beginning at the end of the window
 * @index: index of a slot within the area
 * @window: slots to search
 *
 * Return: @index, or 0.
 */
static inline unsigned int pguest_wrap(unsigned int index, unsigned int window)
{
	return index < window ? index : 0;
}

/**
 * pguest_count_bounced() - count bytes that were copied
 * @size: bytes
 *
 * Context: Any.
 */
static inline void pguest_count_bounced(size_t size)
{
	if (pguest_active())
		__pguest_count_bounced(size);
}

/**
 * pguest_pool_full() - is a full bounce pool nothing to warn of?
 *
 * With all data in the pool this is how devices are slowed down: requests wait
 * and are tried again. It is counted, and said once.
 *
 * Context: Any.
 * Return: true in a protected VM.
 */
static inline bool pguest_pool_full(void)
{
	if (pguest_active())
		__pguest_pool_full();
	return pguest_active();
}

/**
 * pguest_max_sectors() - largest disk request that the bounce pool can hold
 * @dev: the device that does DMA
 * @limit: what the driver would allow, in sectors of 512 bytes
 *
 * A request larger than the pool would be put back and tried again for ever.
 *
 * Context: Process.
 * Return: @limit or less, in sectors of 512 bytes.
 */
static inline unsigned int pguest_max_sectors(struct device *dev,
					      unsigned int limit)
{
	return pguest_active() ? __pguest_max_sectors(dev, limit) : limit;
}

/**
 * pguest_dma_error() - is it worth trying again?
 * @err: why a driver could not map a buffer
 *
 * -ENOMEM means "again later". That would be for ever if the hypervisor has
 * refused to share what is missing.
 *
 * Context: Any.
 * Return: @err, or -EIO when there is nothing to wait for.
 */
static inline int pguest_dma_error(int err)
{
	return pguest_active() ? __pguest_dma_error(err) : err;
}

#endif /* _LINUX_PGUEST_DMA_H */
