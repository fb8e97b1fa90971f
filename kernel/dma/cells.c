// SPDX-License-Identifier: GPL-2.0-only
/*
 * Bounce buffers of a page and less.
 *
 * Most mappings of a virtual machine are small: pages of a disk request, frames, and with
 * each request a header, a status and a table. SWIOTLB searches an area for each of them,
 * and joins slots when they become free: some thousand instructions for a byte. Here
 * buffers of one size lie in a block, which is a mapping of SWIOTLB's, and a free one is
 * found at once. What a block holds is noted in private memory: the host can write to all
 * of the block.
 *
 * A block belongs to an area of the pool, as SWIOTLB's slots do, so that CPUs seldom wait
 * for each other. Empty blocks are given back when they have not been used for some time,
 * and at once when the pool is full or memory is short. None is in the part of the pool
 * that only disks can have. Where there is no block, SWIOTLB searches as it always does.
 */
#include <linux/atomic.h>
#include <linux/device.h>
#include <linux/dma-direct.h>
#include <linux/dma-map-ops.h>
#include <linux/dma-mapping.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/pguest_virtio.h>
#include <linux/platform_device.h>
#include <linux/rcupdate.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/swiotlb.h>

#include <asm/pguest.h>

#include <compat/swiotlb.h>

#include "pool.h"

#define BLOCK		SZ_64K

/* A header or a status; a frame; a page. See kind_for(). */
static const u8 shifts[] = { ilog2(SZ_256), ilog2(SZ_2K), ilog2(SZ_4K) };

/* Empty blocks of a size that stay with an area while it is in use, at most */
#define KEEP_EMPTY	4

struct cell {
	phys_addr_t orig;	/* the buffer of the driver */
	u16 size;		/* 0: the cell is free */
	u16 next;		/* of the free cells */
};

/* The size of a cell that is a buffer itself, see pguest_page_get() */
#define PAGE_ITSELF	U16_MAX

struct block {
	struct list_head list;
	struct rcu_head rcu;
	struct kind *kind;
	phys_addr_t start;
	unsigned long emptied;
	u16 nr, nr_free, free;
	struct cell cells[];
};

/* The blocks with cells of one size that an area has */
struct kind {
	spinlock_t lock;	/* the blocks of this kind, and their free cells */
	struct list_head blocks; /* with a free cell, the empty ones last */
	unsigned int empty;
	unsigned long retry;	/* there was no block: look again then */
	u8 shift;
};

struct area {
	struct kind kinds[ARRAY_SIZE(shifts)];
} ____cacheline_aligned_in_smp;

static struct area *areas;
static unsigned int last_area, keep_empty;

/* By the part of the pool in which a block begins. Up to 6.1 blocks are aligned to pages. */
static struct block **blocks;

static size_t part_of(phys_addr_t addr)
{
	return (addr - pguest_default_pool.start) / BLOCK;
}

/* A block that is looked at here and has no buffer of the caller's may be freed meanwhile. */
static struct block *block_at(phys_addr_t addr)
{
	size_t part = part_of(addr);
	struct block *block = READ_ONCE(blocks[part]);

	if (part && (!block || addr < block->start))
		block = READ_ONCE(blocks[part - 1]);
	return block && addr - block->start < BLOCK ? block : NULL;
}

static struct block *new_block(struct kind *kind)
{
	unsigned int fit = (SZ_4K - sizeof(struct block)) / sizeof(struct cell), i;
	struct block *block;
	struct page *page;

	block = kzalloc(struct_size(block, cells, min(fit, BLOCK >> kind->shift)),
			GFP_ATOMIC | __GFP_NOWARN);
	if (!block)
		return NULL;
	/* Not the device's that asks: a block is for all of them. */
	page = compat_swiotlb_alloc(&platform_bus, BLOCK);
	if (!page) {
		kfree(block);
		return NULL;
	}
	block->kind = kind;
	block->start = page_to_phys(page);
	block->nr = min(fit, BLOCK >> kind->shift);
	block->nr_free = block->nr;
	for (i = 0; i < block->nr; i++)
		block->cells[i].next = i + 1;
	WRITE_ONCE(blocks[part_of(block->start)], block);
	return block;
}

static void free_block(struct block *block)
{
	WRITE_ONCE(blocks[part_of(block->start)], NULL);
	swiotlb_free(&platform_bus, phys_to_page(block->start), BLOCK);
	kfree_rcu(block, rcu);
}

/* Returns the address of the cell. */
static phys_addr_t take_cell(struct kind *kind, struct block *block, phys_addr_t orig,
			     u16 size)
{
	struct cell *cell = &block->cells[block->free];

	kind->empty -= block->nr_free == block->nr;
	block->free = cell->next;
	if (!--block->nr_free)
		list_del_init(&block->list);
	cell->orig = orig;
	cell->size = size;
	return block->start + ((phys_addr_t)(cell - block->cells) << kind->shift);
}

/* Returns the address of a cell in a new block, or 0. */
static noinline phys_addr_t take_from_new(struct kind *kind, phys_addr_t orig, u16 size)
{
	phys_addr_t taken = 0;
	struct block *block;
	unsigned long flags;

	if (time_before(jiffies, READ_ONCE(kind->retry)))
		return 0;
	block = new_block(kind);
	spin_lock_irqsave(&kind->lock, flags);
	if (block) {
		/* It is the first, since the empty ones are the last. */
		list_add(&block->list, &kind->blocks);
		kind->empty++;
		taken = take_cell(kind, block, orig, size);
	} else {
		WRITE_ONCE(kind->retry, jiffies + 1);
	}
	spin_unlock_irqrestore(&kind->lock, flags);
	return taken;
}

static struct kind *kind_for(size_t size)
{
	unsigned int i = size <= SZ_256 ? 0 : size <= SZ_2K ? 1 : 2;

	return &areas[raw_smp_processor_id() & last_area].kinds[i];
}

/* Returns the address of a cell, or 0, which is no address of a pool. */
static phys_addr_t get_cell(size_t bytes, phys_addr_t orig, u16 size)
{
	struct kind *kind = kind_for(bytes);
	struct block *block;
	unsigned long flags;
	phys_addr_t taken;

	spin_lock_irqsave(&kind->lock, flags);
	block = list_first_entry_or_null(&kind->blocks, struct block, list);
	taken = likely(block) ? take_cell(kind, block, orig, size) : 0;
	spin_unlock_irqrestore(&kind->lock, flags);
	return taken ?: take_from_new(kind, orig, size);
}

static void copy_out(struct device *dev, void *cell, phys_addr_t orig, size_t size,
		     enum dma_data_direction dir)
{
	if (dir == DMA_FROM_DEVICE) {
		pguest_clear_slots(dev, cell, size);
		return;
	}
	memcpy(cell, phys_to_virt(orig), size);
	pguest_count_bounced(size);
}

/* A driver that wants a place within a page, a cache to be cleaned, or a pool of its own */
static bool is_particular(struct device *dev)
{
	return dma_get_min_align_mask(dev) || !dev_is_dma_coherent(dev) || !dev->dma_io_tlb_mem ||
	       compat_pool_start(dev->dma_io_tlb_mem) != pguest_default_pool.start;
}

/* Behind pguest_cell_map(). */
bool __pguest_cell_map(struct device *dev, phys_addr_t phys, size_t size,
		       enum dma_data_direction dir, dma_addr_t *addr)
{
	phys_addr_t taken;

	if (!size || !blocks || is_particular(dev))
		return false;
	taken = get_cell(size, phys, size);
	if (!taken)
		return false;
	if (unlikely(!pguest_can_address(dev, taken, size))) {
		__pguest_cell_unmap(taken, size, DMA_NONE);
		return false;
	}
	copy_out(dev, phys_to_virt(taken), phys, size, dir);
	compat_reset_need_sync(dev);
	*addr = phys_to_dma_unencrypted(dev, taken);
	return true;
}
EXPORT_SYMBOL_GPL(__pguest_cell_map);

/* The cell at an address that a driver has got from a mapping, or NULL */
static struct cell *cell_at(phys_addr_t addr, struct block **block, size_t *offset)
{
	if (!blocks || addr - pguest_default_pool.start >=
	    (phys_addr_t)pguest_default_pool.nr * pguest_default_pool.piece)
		return NULL;
	rcu_read_lock();
	*block = block_at(addr);
	rcu_read_unlock();
	if (!*block)
		return NULL;
	/* The caller has a buffer in it, or holds off that it is freed. */
	addr -= (*block)->start;
	*offset = addr & ((1UL << (*block)->kind->shift) - 1);
	return &(*block)->cells[addr >> (*block)->kind->shift];
}

static void copy_part(struct cell *cell, phys_addr_t addr, size_t offset, size_t size,
		      enum dma_data_direction dir)
{
	void *orig = phys_to_virt(cell->orig + offset), *bounced = phys_to_virt(addr);

	if (WARN_ONCE(offset + size > cell->size, "pguest: %zu bytes at %zu of a buffer of %u\n",
		      size, offset, cell->size))
		return;
	if (dir == DMA_TO_DEVICE)
		memcpy(bounced, orig, size);
	else
		memcpy(orig, bounced, size);
	pguest_count_bounced(size);
}

/* Behind pguest_cell_sync(). */
void __pguest_cell_sync(phys_addr_t addr, size_t size, enum dma_data_direction dir)
{
	struct block *block;
	struct cell *cell;
	size_t offset;

	cell = cell_at(addr, &block, &offset);
	/* A coherent buffer out of the pool, and a page of it, are no copies. */
	if (cell && cell->size != PAGE_ITSELF)
		copy_part(cell, addr, offset, size, dir);
}

/* Put a cell back. Returns its block if that is empty, and more are than the area keeps. */
static struct block *put_cell(struct kind *kind, struct block *block, struct cell *cell)
{
	cell->size = 0;
	cell->next = block->free;
	block->free = cell - block->cells;
	if (!block->nr_free++)
		list_add(&block->list, &kind->blocks);
	if (block->nr_free < block->nr)
		return NULL;
	if (kind->empty >= keep_empty) {
		list_del(&block->list);
		return block;
	}
	kind->empty++;
	block->emptied = jiffies;
	list_move_tail(&block->list, &kind->blocks);
	pguest_pool_look_later();
	return NULL;
}

static void free_cell(struct block *block, struct cell *cell)
{
	struct block *spare = NULL;
	unsigned long flags;

	spin_lock_irqsave(&block->kind->lock, flags);
	if (!WARN_ONCE(!cell->size, "pguest: a buffer is unmapped twice\n"))
		spare = put_cell(block->kind, block, cell);
	spin_unlock_irqrestore(&block->kind->lock, flags);
	if (spare)
		free_block(spare);
}

/*
 * Behind pguest_received(). A driver that maps memory itself may have several buffers in one
 * mapping: all of that is copied.
 */
void __pguest_received(struct virtqueue *vq, u16 flags, dma_addr_t addr, u32 size, u32 len)
{
	struct block *block;
	struct cell *cell;
	size_t offset;

	flags &= VRING_DESC_F_NEXT | VRING_DESC_F_WRITE | VRING_DESC_F_INDIRECT;
	if (len >= size || flags != VRING_DESC_F_WRITE ||
	    vq->vdev->id.device != VIRTIO_ID_NET || vq->index & 1)
		return;
	cell = cell_at(dma_to_phys(vq->vdev->dev.parent, addr), &block, &offset);
	/* A size of 0 would be that of a free cell. */
	if (cell && !offset && cell->size == size)
		cell->size = max(len, 1U);
}
EXPORT_SYMBOL_GPL(__pguest_received);

/* Behind pguest_cell_unmap(). */
bool __pguest_cell_unmap(phys_addr_t addr, size_t size, enum dma_data_direction dir)
{
	struct block *block;
	struct cell *cell;
	size_t offset;

	cell = cell_at(addr, &block, &offset);
	if (!cell)
		return false;
	/* Whoever has the page unmaps it, and has it still. */
	if (cell->size == PAGE_ITSELF)
		return true;
	/* Less may have been written than was mapped, see pguest_received(). */
	if (dir == DMA_FROM_DEVICE || dir == DMA_BIDIRECTIONAL)
		copy_part(cell, addr, offset, min_t(size_t, size, cell->size), DMA_FROM_DEVICE);
	free_cell(block, cell);
	return true;
}
EXPORT_SYMBOL_GPL(__pguest_cell_unmap);

/* Pages of cells that are buffers themselves */
static atomic_t pages_out = ATOMIC_INIT(0);

/* Those of a quarter of the pool at most: encrypted requests wait for the others' I/O. */
static unsigned int most_pages(void)
{
	return pguest_default_pool.slots / 4 / (SZ_4K >> IO_TLB_SHIFT);
}

/**
 * pguest_page_get() - take a page of the pool that is a buffer itself
 *
 * Devices access it without a copy, see pguest_dma_is_shared(). The host can see it.
 *
 * Context: Any.
 * Return: a page, which is not cleared; NULL if there is none at present, or if pages are
 *	   larger than cells.
 */
struct page *pguest_page_get(void)
{
	phys_addr_t addr;

	if (!blocks || !IS_ENABLED(CONFIG_ARM64_4K_PAGES))
		return NULL;
	if (atomic_inc_return(&pages_out) <= most_pages()) {
		addr = get_cell(PAGE_SIZE, 0, PAGE_ITSELF);
		if (addr)
			return phys_to_page(addr);
		/* The caller copies instead, so nothing else would say that the pool is short. */
		pguest_pool_want_piece();
	}
	atomic_dec(&pages_out);
	return NULL;
}

/* The cell of a page of pguest_page_get(), or NULL */
static struct cell *cell_of_page(phys_addr_t addr, struct block **block)
{
	struct cell *cell;
	size_t offset;

	cell = cell_at(addr, block, &offset);
	return cell && READ_ONCE(cell->size) == PAGE_ITSELF ? cell : NULL;
}

/**
 * pguest_page_put() - give a page of pguest_page_get() back
 * @page: the page, which is not mapped any more
 *
 * Context: Any.
 */
void pguest_page_put(struct page *page)
{
	struct block *block;
	struct cell *cell = cell_of_page(page_to_phys(page), &block);

	if (WARN_ON_ONCE(!cell))
		return;
	free_cell(block, cell);
	atomic_dec(&pages_out);
}

/**
 * pguest_page_is_ours() - is a page one of pguest_page_get()?
 * @page: the page, which is in use
 *
 * Context: Any.
 * Return: true if it is.
 */
bool pguest_page_is_ours(struct page *page)
{
	struct block *block;
	bool ours;

	rcu_read_lock();
	ours = cell_of_page(page_to_phys(page), &block);
	rcu_read_unlock();
	return ours;
}

/* Behind pguest_dma_is_shared(). Neighbouring pages of a request are one mapping. */
bool __pguest_is_pages(phys_addr_t phys, size_t size)
{
	phys_addr_t at = ALIGN_DOWN(phys, SZ_4K);
	struct block *block;
	bool ours = atomic_read(&pages_out);

	rcu_read_lock();
	for (; ours && at < phys + size; at += SZ_4K)
		ours = cell_of_page(at, &block);
	rcu_read_unlock();
	return ours;
}

static struct block *idle_block(struct kind *kind, unsigned long idle)
{
	struct block *block = NULL;
	unsigned long flags;

	spin_lock_irqsave(&kind->lock, flags);
	if (kind->empty) {
		block = list_last_entry(&kind->blocks, struct block, list);
		if (idle && time_before(jiffies, block->emptied + idle)) {
			block = NULL;
		} else {
			list_del(&block->list);
			kind->empty--;
		}
	}
	spin_unlock_irqrestore(&kind->lock, flags);
	return block;
}

/**
 * pguest_cells_trim() - give blocks without buffers back to the pool
 * @idle: jiffies for which a block had none; 0 for all of them
 *
 * Context: Any.
 */
void pguest_cells_trim(unsigned long idle)
{
	unsigned int area, i;
	struct block *block;

	for (area = 0; areas && area < pguest_default_pool.nr_areas; area++) {
		for (i = 0; i < ARRAY_SIZE(shifts); i++) {
			while ((block = idle_block(&areas[area].kinds[i], idle)))
				free_block(block);
		}
	}
}

/**
 * pguest_cells_idle() - are there blocks without buffers?
 *
 * Context: Any.
 * Return: true if pguest_cells_trim() has something to do, at present or later.
 */
bool pguest_cells_idle(void)
{
	unsigned int area, i;

	for (area = 0; areas && area < pguest_default_pool.nr_areas; area++) {
		for (i = 0; i < ARRAY_SIZE(shifts); i++) {
			if (READ_ONCE(areas[area].kinds[i].empty))
				return true;
		}
	}
	return false;
}

static void init_area(struct area *area)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		spin_lock_init(&area->kinds[i].lock);
		INIT_LIST_HEAD(&area->kinds[i].blocks);
		area->kinds[i].retry = jiffies;
		area->kinds[i].shift = shifts[i];
	}
}

/**
 * pguest_cells_init() - serve small mappings out of blocks from now on
 *
 * Without memory for it SWIOTLB serves them.
 *
 * Context: Process, once, when pguest_default_pool has its pieces.
 */
void pguest_cells_init(void)
{
	size_t nr = (size_t)pguest_default_pool.nr * pguest_default_pool.piece / BLOCK;
	struct block **table;
	unsigned int area;

	last_area = pguest_default_pool.nr_areas - 1;
	keep_empty = clamp((pguest_default_pool.area_slots << IO_TLB_SHIFT) / BLOCK / 16,
			   1U, (unsigned int)KEEP_EMPTY);
	areas = kcalloc(pguest_default_pool.nr_areas, sizeof(*areas), GFP_KERNEL);
	table = areas ? kvcalloc(nr, sizeof(*table), GFP_KERNEL) : NULL;
	if (!table)
		return;
	for (area = 0; area < pguest_default_pool.nr_areas; area++)
		init_area(&areas[area]);
	/* Mappings look at it without a lock. */
	smp_store_release(&blocks, table);
	pguest_direct.pool = pguest_default_pool.start;
	pguest_direct.pool_size = pguest_default_pool.nr * pguest_default_pool.piece;
}

/**
 * pguest_cells_used() - small buffers that are mapped, and pages of pguest_page_get()
 *
 * Context: Any.
 * Return: their number at this time.
 */
unsigned long pguest_cells_used(void)
{
	size_t nr = (size_t)pguest_default_pool.nr * pguest_default_pool.piece / BLOCK, i;
	unsigned long used = 0;
	struct block *block;

	if (!blocks)
		return 0;
	rcu_read_lock();
	for (i = 0; i < nr; i++) {
		block = READ_ONCE(blocks[i]);
		used += block ? block->nr - READ_ONCE(block->nr_free) : 0;
	}
	rcu_read_unlock();
	return used;
}
