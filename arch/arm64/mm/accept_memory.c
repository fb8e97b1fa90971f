// SPDX-License-Identifier: GPL-2.0-only
/*
 * RAM that has to be accepted before it is used: at boot and when it is plugged in.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/memblock.h>
#include <linux/mm.h>
#include <linux/printk.h>

#include <asm/pguest.h>

/**
 * pguest_needs_pages() - must the linear map consist of single pages?
 *
 * Block mappings cannot be split later, and pages change their address when they
 * are shared.
 *
 * Context: Any. Settled before the linear map is made.
 * Return: true where shared memory has addresses of its own.
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

/* So many holes are kept out one by one. Behind one more, nothing is used at all. */
#define MAX_HOLES	8

/* Where RAM ends that was accepted */
static phys_addr_t end_of_accepted __initdata = PHYS_ADDR_MAX;

/* What memblock cannot remember as reserved must not be RAM at all. */
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
	/* Part of a granule cannot be given: what firmware has put there stays. */
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
 * pguest_accept_ram() - make sure of the RAM that firmware told of
 *
 * What cannot be had is reserved, so that a console comes up and can say so
 * before the kernel stops: a page may be missing because the host has removed
 * what was measured. RAM that was not accepted is the host's to write. No-map
 * regions belong to the RAM that was promised, too, and a granule may have both.
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
 * pguest_is_ram() - is a part of this memory the kernel's to use?
 * @start: first byte
 * @end: byte after the last
 *
 * What the host has set aside as no-map is not.
 *
 * Context: Any, once the device tree has been read.
 * Return: true if it is RAM, or the kernel image.
 */
bool pguest_is_ram(phys_addr_t start, phys_addr_t end)
{
	struct memblock_region *r;

	for_each_mem_region(r) {
		if (region_overlaps(r, start, end) && !memblock_is_nomap(r))
			return true;
	}
	return pguest_is_image(start, end);
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

/*
 * Behind pguest_remove_memory(). The host may have it now; if it will not, that
 * is no harm.
 */
void __pguest_remove_memory(phys_addr_t start, phys_addr_t size)
{
	unsigned long calls = 0;
	phys_addr_t top;

	if (pguest_backend->ops->accept)
		pguest_walk(pguest_backend->ops->share, start, start + size,
			    pguest_backend->granule, &top, &calls);
}
