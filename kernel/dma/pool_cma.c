// SPDX-License-Identifier: GPL-2.0-only
/*
 * The memory of the default bounce pool, as an area of CMA.
 *
 * The page allocator puts into it what can be moved elsewhere, or dropped. No page of it
 * is ever needed for good, so that the pool can have each piece back.
 */
#include <linux/cma.h>
#include <linux/gfp.h>
#include <linux/init.h>
#include <linux/kmemleak.h>
#include <linux/mm.h>
#include <linux/pagemap.h>
#include <linux/sched/mm.h>

#include <compat/contig.h>

#include "pool.h"

/* Is I/O of a page in progress, or of a part of it? */
static bool page_waits(struct page *page)
{
	struct folio *folio = page_folio(page);
	bool waits = true;

	if (!folio_test_lru(folio) || !folio_try_get(folio))
		return false;
	if (folio_trylock(folio)) {
		waits = folio_test_writeback(folio) || compat_buffers_locked(folio);
		folio_unlock(folio);
	}
	folio_put(folio);
	return waits;
}

/*
 * alloc_contig_range() waits for I/O of a page that it has to move, with the lock of the
 * pool. The device that does this I/O may be waiting for the pool.
 */
static bool range_waits(unsigned long pfn, unsigned long end)
{
	for (; pfn < end; pfn++) {
		if (page_waits(pfn_to_page(pfn)))
			return true;
	}
	return false;
}

/*
 * Pages are moved without starting I/O. If I/O of one begins after the look at it, a disk
 * ends it with the pieces that only disks can have.
 */
static bool cma_take(phys_addr_t start, phys_addr_t end)
{
	unsigned int flags;
	int err;

	if (range_waits(PHYS_PFN(start), PHYS_PFN(end)))
		return false;
	flags = memalloc_noio_save();
	err = compat_alloc_contig(PHYS_PFN(start), PHYS_PFN(end), GFP_KERNEL | __GFP_NOWARN);
	memalloc_noio_restore(flags);
	return !err;
}

static void cma_give(phys_addr_t start, phys_addr_t end)
{
	free_contig_range(PHYS_PFN(start), PHYS_PFN(end - start));
}

static const struct pguest_pool_ops cma_ops = {
	.take	= cma_take,
	.give	= cma_give,
};

static struct cma *area __initdata;

/**
 * pguest_pool_align() - alignment that a pool needs to be an area of CMA
 * @size: bytes of the pool
 *
 * Context: Boot.
 * Return: bytes; 0 if the pool cannot be an area of CMA.
 */
phys_addr_t __init pguest_pool_align(phys_addr_t size)
{
	return IS_ALIGNED(size, CMA_MIN_ALIGNMENT_BYTES) ? CMA_MIN_ALIGNMENT_BYTES : 0;
}

/**
 * pguest_pool_declare() - make a pool that memblock has reserved an area of CMA
 * @start: its first byte
 * @size: its size in bytes
 *
 * CMA gives the area to the page allocator later, by a core_initcall().
 *
 * Context: Boot, one CPU.
 */
void __init pguest_pool_declare(phys_addr_t start, phys_addr_t size)
{
	if (cma_init_reserved_mem(start, size, 0, "pguest-pool", &area))
		area = NULL;
	else
		cma_reserve_pages_on_error(area);
	/* Others have this memory from now on. */
	kmemleak_ignore_phys(start);
}

/**
 * pguest_pool_memory() - where the pieces of a declared pool come from
 * @start: its first byte
 *
 * Context: Process, after all of core_initcall().
 * Return: the operations, or NULL if the pool keeps its memory.
 */
const struct pguest_pool_ops *__init pguest_pool_memory(phys_addr_t start)
{
	return area && !PageReserved(pfn_to_page(PHYS_PFN(start))) ? &cma_ops : NULL;
}
