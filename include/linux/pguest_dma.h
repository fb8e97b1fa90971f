/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * DMA of a protected VM: bounce pools, and addresses of shared memory.
 */
#ifndef _LINUX_PGUEST_DMA_H
#define _LINUX_PGUEST_DMA_H

#include <linux/dma-direction.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm_types.h>
#include <linux/pguest_core.h>
#include <linux/set_memory.h>
#include <linux/sizes.h>
#include <linux/types.h>

struct device;

#ifdef CONFIG_PGUEST
void pguest_swiotlb_init(bool addressing_limited, unsigned int flags);
void *pguest_alloc_pool(phys_addr_t size, phys_addr_t align);
bool pguest_pool_too_small(unsigned long bytes);
#else
#define pguest_swiotlb_init(limited, flags)	swiotlb_init(limited, flags)
#define pguest_alloc_pool(size, align)		memblock_alloc_low(size, align)

static inline bool pguest_pool_too_small(unsigned long bytes)
{
	return false;
}
#endif

/* Called in a protected VM alone, see linux/pguest_core.h. */
bool __pguest_force_bounce(struct device *dev);
bool __pguest_alloc_from_pool(struct device *dev);
bool __pguest_bounce_ready(struct device *dev, phys_addr_t start, phys_addr_t end,
			   unsigned int slot, unsigned int nslots);
unsigned int __pguest_reach(phys_addr_t start, unsigned int slot, unsigned int wanted,
			    unsigned int all);
bool __pguest_search_disk_slots(struct device *dev, phys_addr_t start, unsigned int slot);
unsigned int __pguest_slots_freed(phys_addr_t start, unsigned int slot);
bool __pguest_dma_is_shared(struct device *dev, phys_addr_t phys, size_t size);
dma_addr_t pguest_map_shared(struct device *dev, phys_addr_t phys, size_t size,
			     enum dma_data_direction dir, unsigned long attrs);
bool __pguest_cell_map(struct device *dev, phys_addr_t phys, size_t size,
		       enum dma_data_direction dir, dma_addr_t *addr);
bool __pguest_cell_unmap(phys_addr_t addr, size_t size, enum dma_data_direction dir);
bool __pguest_is_pages(phys_addr_t phys, size_t size);
void __pguest_cell_sync(phys_addr_t addr, size_t size, enum dma_data_direction dir);
void pguest_clear_slots(struct device *dev, void *slots, size_t size);
void __pguest_count_bounced(size_t size);
void __pguest_pool_full(struct device *dev);
unsigned int __pguest_max_sectors(struct device *dev, unsigned int limit);
unsigned int __pguest_queue_entries(struct device *dev, unsigned int entries);
void __pguest_expect_buffers(unsigned int nr);
int __pguest_dma_error(struct device *dev, int err);

/**
 * pguest_dma_shared() - DMA address of shared memory
 * @addr: DMA address without the bit of shared memory
 *
 * Context: Any.
 * Return: @addr, with that bit if there is one.
 */
static inline u64 pguest_dma_shared(u64 addr)
{
	return pguest_active() ? addr | pguest_shared_bit : addr;
}

/**
 * pguest_dma_memory() - DMA address without the bit of shared memory
 * @addr: DMA address
 *
 * Context: Any.
 * Return: @addr without that bit.
 */
static inline u64 pguest_dma_memory(u64 addr)
{
	return pguest_active() ? addr & ~(u64)pguest_shared_bit : addr;
}

/**
 * pguest_force_bounce() - must the data of a device be copied?
 * @dev: the device that does DMA
 *
 * Context: Any.
 * Return: true for all devices of a protected VM, except those of
 *	   pguest_set_dma_private().
 */
static inline bool pguest_force_bounce(struct device *dev)
{
	return pguest_active() && __pguest_force_bounce(dev);
}

/* With some hundred granules shared, one buffer in ten or fewer is looked up in vain. */
#define PGUEST_DIRECT	4096

/**
 * struct pguest_direct - which granules are worth a look into the ledger
 * @shift:	an address shifted right by this is a granule number
 * @pool:	physical address of the default bounce pool
 * @pool_size:	its size, from when pages of it can be buffers, see pguest_page_get()
 * @granules:	how many are shared for owners whose memory devices can use as it is, by the
 *		low bits of their numbers
 *
 * A look takes a hundred instructions, and nearly all buffers are private.
 */
struct pguest_direct {
	unsigned int shift;
	phys_addr_t pool;
	phys_addr_t pool_size;
	u16 granules[PGUEST_DIRECT];
};

extern struct pguest_direct pguest_direct;

/**
 * pguest_dma_is_shared() - does a device reach a buffer without a copy?
 * @dev: the device that does DMA
 * @phys: physical address of the buffer
 * @size: its size in bytes
 *
 * Context: Any.
 * Return: true if all of it is memory that its owner has shared, and @dev can address it.
 *	   Slots of bounce pools do not count: who unmaps such an address would free them.
 *	   Pages of pguest_page_get() do.
 */
static inline bool pguest_dma_is_shared(struct device *dev, phys_addr_t phys, size_t size)
{
	return pguest_active() &&
	       (phys - pguest_direct.pool < pguest_direct.pool_size ||
		READ_ONCE(pguest_direct.granules[(phys >> pguest_direct.shift) % PGUEST_DIRECT])) &&
	       __pguest_dma_is_shared(dev, phys, size);
}

/**
 * pguest_dma_mask_ok() - can a device with a DMA mask reach shared memory?
 * @dev: the device that does DMA
 * @mask: DMA mask
 *
 * Context: Any.
 * Return: false if the device needs shared memory, and the mask does not have the
 *	   bit of shared memory.
 */
static inline bool pguest_dma_mask_ok(struct device *dev, u64 mask)
{
	return !pguest_shared_bit || !pguest_force_bounce(dev) ||
	       mask >= (u64)pguest_shared_bit * 2 - 1;
}

/**
 * pguest_alloc_from_pool() - must coherent memory come from the bounce pool?
 * @dev: the device that does DMA
 *
 * Context: Any.
 * Return: true if single pages cannot be shared for @dev.
 */
static inline bool pguest_alloc_from_pool(struct device *dev)
{
	return pguest_active() && __pguest_alloc_from_pool(dev);
}

/**
 * pguest_bounce_ready() - prepare slots of a bounce pool for a mapping
 * @dev: the device that does DMA
 * @start: physical address of the pool
 * @end: its end
 * @slot: index of the first slot
 * @nslots: number of slots, all in one segment of the pool
 *
 * A piece of the pool is shared as a whole when the first of its slots is used. From then
 * on it counts the mapping, up to pguest_slots_freed().
 *
 * Context: With the area's lock.
 * Return: true if the host can read and write the slots, which the caller then allocates.
 */
static inline bool pguest_bounce_ready(struct device *dev, phys_addr_t start,
				       phys_addr_t end, unsigned int slot,
				       unsigned int nslots)
{
	return !pguest_active() ||
	       __pguest_bounce_ready(dev, start, end, slot, nslots);
}

/**
 * pguest_pool_decrypted() - set_memory_decrypted() for a bounce pool
 * @addr: address of the pool
 * @npages: its size in pages
 *
 * Does nothing with CONFIG_PGUEST: pguest_bounce_ready() shares the pool as it is used.
 *
 * Context: Process.
 * Return: 0, or as set_memory_decrypted() without CONFIG_PGUEST.
 */
static inline int pguest_pool_decrypted(unsigned long addr, unsigned long npages)
{
	return IS_ENABLED(CONFIG_PGUEST) ? 0 : set_memory_decrypted(addr, npages);
}

/**
 * pguest_slots_freed() - slots of a bounce pool are free again
 * @start: physical address of the pool
 * @slot: first of the slots, which were allocated together
 * @next: where the next search of their area begins
 * @freed: index of @slot within the area
 *
 * Low slots are reused before higher ones are used for the first time. This keeps the
 * window small, and SWIOTLB's lists short: for each slot that it allocates or frees it
 * walks over the free slots below it.
 *
 * Context: With the area's lock.
 */
static inline void pguest_slots_freed(phys_addr_t start, unsigned int slot,
				      unsigned int *next, unsigned int freed)
{
	unsigned int disk;

	if (!pguest_active())
		return;
	disk = __pguest_slots_freed(start, slot);
	if (freed >= disk && freed - disk < *next)
		*next = freed - disk;
}

/**
 * struct pguest_disk_part - the slots that only disks can have
 * @start:	physical address of the pool at whose beginning they are
 * @slots:	their number
 */
struct pguest_disk_part {
	phys_addr_t start;
	unsigned int slots;
};

extern struct pguest_disk_part pguest_disk_part;

/* Slots of a segment, the least that is shared */
#define PGUEST_WINDOW_MIN	128U

/**
 * pguest_disk_slots() - slots at the beginning of an area that are not for all devices
 * @start: physical address of the pool
 * @area: index of the area
 *
 * A search begins behind them, for all devices, and indices within the area do not count
 * them.
 *
 * Context: With the area's lock.
 * Return: slots, less than the area has.
 */
static inline unsigned int pguest_disk_slots(phys_addr_t start, unsigned int area)
{
	return pguest_active() && !area && start == pguest_disk_part.start ?
	       pguest_disk_part.slots : 0;
}

/**
 * pguest_window() - number of slots of an area in which to search
 * @start: physical address of the pool
 * @slot: first slot of the search
 * @window: the area's window in slots, 0 at first
 * @wanted: slots in use and slots to allocate
 * @all: slots of the area
 *
 * Slots are allocated from a window at the beginning of the area, so that only the
 * part of the pool that is needed becomes shared. Half of the window is kept free,
 * because in a full window each search would go over all of it. Slots without memory are
 * not searched; more memory is asked for ahead of need.
 *
 * Context: With the area's lock.
 * Return: slots to search.
 */
static inline unsigned int pguest_window(phys_addr_t start, unsigned int slot,
					 unsigned int *window, unsigned int wanted,
					 unsigned int all)
{
	if (!pguest_active())
		return all;
	all = __pguest_reach(start, slot, wanted, all);
	wanted = max(2 * wanted, PGUEST_WINDOW_MIN);
	if (*window < wanted)
		*window = roundup_pow_of_two(wanted);
	return min(*window, all);
}

/**
 * pguest_window_grow() - enlarge the window of an area, or let a disk search its own slots
 * @dev: the device that does DMA
 * @start: physical address of the pool
 * @slot: first slot of the search
 * @window: the area's window in slots
 * @all: slots of the area
 *
 * Context: With the area's lock.
 * Return: true if there is more to search.
 */
static inline bool pguest_window_grow(struct device *dev, phys_addr_t start,
				      unsigned int *slot, unsigned int *window,
				      unsigned int all)
{
	if (!pguest_active())
		return false;
	if (*window < __pguest_reach(start, *slot, 0, all))
		*window *= 2;
	else if (__pguest_search_disk_slots(dev, start, *slot))
		*slot = 0;
	else
		return false;
	return true;
}

/**
 * pguest_wrap() - continue a search at the beginning of the window
 * @index: index of a slot within the area
 * @window: slots to search
 *
 * Context: Any.
 * Return: @index, or 0 at the end of the window.
 */
static inline unsigned int pguest_wrap(unsigned int index, unsigned int window)
{
	return index < window ? index : 0;
}

/**
 * pguest_cell_map() - map a small buffer without a search of the pool
 * @dev: the device that does DMA
 * @phys: physical address of the buffer
 * @size: its size in bytes
 * @dir: who writes
 * @addr: set to the address for the device
 *
 * What the device will read is copied.
 *
 * Context: Any.
 * Return: true if it is mapped; otherwise slots of the pool have to be searched for.
 */
static inline bool pguest_cell_map(struct device *dev, phys_addr_t phys, size_t size,
				   enum dma_data_direction dir, dma_addr_t *addr)
{
	return pguest_active() && size <= SZ_4K &&
	       __pguest_cell_map(dev, phys, size, dir, addr);
}

/**
 * pguest_cell_unmap() - end a mapping that is a cell of the pool
 * @addr: physical address of the mapping
 * @size: its size in bytes
 * @dir: who wrote
 * @sync: copy what the device has written
 *
 * Context: Any.
 * Return: false if it is no cell: the mapping is still there.
 */
static inline bool pguest_cell_unmap(phys_addr_t addr, size_t size,
				     enum dma_data_direction dir, bool sync)
{
	return pguest_active() && addr - pguest_direct.pool < pguest_direct.pool_size &&
	       __pguest_cell_unmap(addr, size, sync ? dir : DMA_NONE);
}

/**
 * pguest_cell_sync() - copy to or from a cell that stays mapped
 * @addr: physical address in the pool
 * @size: bytes
 * @dir: DMA_TO_DEVICE or DMA_FROM_DEVICE
 *
 * Does nothing for a coherent buffer that is a part of the pool.
 *
 * Context: Any.
 */
static inline void pguest_cell_sync(phys_addr_t addr, size_t size, enum dma_data_direction dir)
{
	if (pguest_active())
		__pguest_cell_sync(addr, size, dir);
}

/**
 * pguest_count_bounced() - count bytes that were copied to or from a bounce pool
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
 * pguest_pool_full() - count a mapping that found no free slots
 * @dev: the device that does DMA
 *
 * In a protected VM all data goes through the pool: if it is full, requests wait and
 * are repeated, which needs no warning. The first time of each device is logged.
 *
 * Context: Any.
 * Return: true in a protected VM.
 */
static inline bool pguest_pool_full(struct device *dev)
{
	if (pguest_active())
		__pguest_pool_full(dev);
	return pguest_active();
}

/**
 * pguest_max_sectors() - largest disk request for the size of the bounce pool
 * @dev: the device that does DMA
 * @limit: limit of the driver, in sectors of 512 bytes
 *
 * A request that is larger than the pool would be repeated for ever. The pool has room for
 * several of this size, but not always: pguest_cut_request() is for those that find none.
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
 * pguest_queue_entries() - number of entries of a queue for the size of the bounce pool
 * @dev: the device that does DMA
 * @entries: entries that the device offers
 *
 * A driver that waits for data fills its queue with buffers of up to a page, which
 * occupy the pool. Such a queue takes an eighth of the pool at most.
 *
 * Context: Process.
 * Return: @entries, or a power of two that is less, but not less than 32.
 */
static inline unsigned int pguest_queue_entries(struct device *dev,
						unsigned int entries)
{
	return pguest_active() ? __pguest_queue_entries(dev, entries) : entries;
}

/**
 * pguest_expect_buffers() - have memory in the bounce pool for buffers of a queue
 * @nr: buffers, of a page each at most
 * @gfp: how the caller allocates memory
 *
 * The worker that enlarges the pool is too late for a driver that fills a queue at once,
 * and the next who needs a slot may not try again.
 *
 * Context: Any; does nothing where @gfp does not allow to sleep.
 */
static inline void pguest_expect_buffers(unsigned int nr, gfp_t gfp)
{
	if (pguest_active() && gfpflags_allow_blocking(gfp))
		__pguest_expect_buffers(nr);
}

/**
 * pguest_dma_error() - error of a mapping for drivers that repeat requests
 * @dev: the device that does DMA
 * @err: error of the mapping
 *
 * Drivers repeat a request after -ENOMEM. That would be for ever if the hypervisor has
 * refused to share the slots that are missing, or if the device has no pool
 * (swiotlb=noforce, and no restricted-dma-pool of its own).
 *
 * Context: Any.
 * Return: @err, or -EIO if the mapping will not succeed later.
 */
static inline int pguest_dma_error(struct device *dev, int err)
{
	return pguest_active() ? __pguest_dma_error(dev, err) : err;
}

#endif /* _LINUX_PGUEST_DMA_H */
