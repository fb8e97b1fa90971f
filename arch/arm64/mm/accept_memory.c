// SPDX-License-Identifier: GPL-2.0-only
/*
 * Accepting RAM before it is used, at boot and when it is plugged in.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include <asm/pguest.h>

/**
 * pguest_needs_pages() - must the linear map consist of single pages?
 *
 * In a realm a page changes its address when it is shared, and block mappings cannot be
 * split later.
 *
 * Context: Any. Set before the linear map is created.
 * Return: true if shared memory has its own address bit.
 */
bool pguest_needs_pages(void)
{
	return pguest_active() && pguest_backend->shared_bit;
}

static int accept_range(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	unsigned long calls = 0;

	return pguest_walk(pguest_backend->ops->accept, start, end, pguest_backend->granule,
			   top, &calls);
}

/* Granules that are reserved because they were refused. RAM behind one more is not used. */
#define MAX_HOLES	8

/* End of the RAM that was accepted */
static phys_addr_t end_of_accepted __initdata = PHYS_ADDR_MAX;

/* Reserve a range. If memblock has no room for it, the kernel must not go on. */
static void __init keep_out(phys_addr_t start, phys_addr_t end)
{
	if (start < end && memblock_reserve(start, end - start))
		pguest_stop("RAM that is not there cannot be kept out", start);
}

static void __init accept_run(phys_addr_t start, phys_addr_t end)
{
	static int holes __initdata;
	phys_addr_t granule = pguest_backend->granule, top;
	int err;

	for (; start < end; start = top + granule) {
		err = accept_range(start, end, &top);
		if (!err)
			return;
		if (err == -EHWPOISON)
			pguest_stop_later("the host has destroyed RAM at %pa", &top);
		else
			pguest_stop_later("RAM at %pa is not there: %d", &top, err);
		if (++holes > MAX_HOLES) {
			end_of_accepted = top;
			return;
		}
		keep_out(top, top + granule);
	}
}

static void __init accept_granules(phys_addr_t start, phys_addr_t end)
{
	phys_addr_t granule = pguest_backend->granule;
	phys_addr_t from = min(ALIGN(start, granule), end);
	phys_addr_t to = max(ALIGN_DOWN(end, granule), from);

	if (end_of_accepted != PHYS_ADDR_MAX)
		return;
	/* A part of a granule cannot be accepted: it is reserved. */
	keep_out(start, from);
	accept_run(from, to);
	keep_out(to, end);
}

static void __init use_no_more_than_accepted(void)
{
	if (end_of_accepted == PHYS_ADDR_MAX)
		return;
	if (pguest_image_or_tree_beyond(end_of_accepted))
		pguest_stop("too much RAM is not there", end_of_accepted);
	memblock_remove(end_of_accepted, PHYS_ADDR_MAX - end_of_accepted);
}

/**
 * pguest_accept_ram() - accept the RAM that firmware describes
 *
 * The host can write RAM that was not accepted, so it must not be used. A granule that
 * cannot be accepted is reserved, and the boot stops once a console can show why: the
 * host may have destroyed contents that were measured. No-map regions are accepted as
 * well, because a granule can have RAM of both kinds.
 *
 * Context: setup_arch(), when all memory is known and before it is used.
 */
void __init pguest_accept_ram(void)
{
	phys_addr_t start = 0, end = 0;
	struct memblock_region *r;

	if (!pguest_active())
		return;
	pguest_audit_reserved();
	if (!pguest_backend->ops->accept)
		return;

	for_each_mem_region(r) {
		if (r->base != end) {
			accept_granules(start, end);
			start = r->base;
		}
		end = r->base + r->size;
	}
	accept_granules(start, end);
	use_no_more_than_accepted();
}

static bool region_overlaps(const struct memblock_region *r, phys_addr_t start, phys_addr_t end)
{
	return start < r->base + r->size && end > r->base;
}

/**
 * pguest_is_ram() - does a range overlap RAM that the kernel uses?
 * @start: first byte
 * @end: byte after the last
 *
 * Context: Any, once the device tree has been read.
 * Return: true if it overlaps RAM that is not a no-map region, or the kernel image.
 */
bool pguest_is_ram(phys_addr_t start, phys_addr_t end)
{
	struct memblock_region *r;

	for_each_mem_region(r) {
		if (region_overlaps(r, start, end) && !memblock_is_nomap(r))
			return true;
	}
	return pguest_is_image(start, end) || pguest_is_old_ram(start, end);
}

static int add_memory_range(phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	int err;

	*top = start;
	if (end <= start || (pguest_shared_bit && end > pguest_shared_bit))
		return -EINVAL;
	err = pguest_check_new_ram(start, end);
	if (err || !pguest_backend->ops->accept)
		return err;
	if (!IS_ALIGNED(start | end, pguest_backend->granule))
		return -EINVAL;
	return accept_range(start, end, top);
}

/* Behind pguest_add_memory(). */
int __pguest_add_memory(phys_addr_t start, phys_addr_t size)
{
	phys_addr_t top;
	int err = add_memory_range(start, start + size, &top);

	if (err)
		pr_err("no RAM at %pa: %d\n", &top, err);
	return err;
}

/* Behind pguest_remove_memory(). If the call fails the memory stays private: no harm. */
void __pguest_remove_memory(phys_addr_t start, phys_addr_t size)
{
	unsigned long calls = 0;
	phys_addr_t top;

	if (pguest_backend->ops->accept)
		pguest_walk(pguest_backend->ops->share, start, start + size,
			    pguest_backend->granule, &top, &calls);
}
