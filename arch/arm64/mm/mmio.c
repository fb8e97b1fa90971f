// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices: where they are, and the MMIO guard.
 *
 * In a realm the hypervisor tells at which of two addresses a device is to be
 * found. Under Android's pKVM the host serves accesses only where we asked it to.
 *
 * Mappings overlap and share granules, so each is kept until it is undone, and
 * the hypervisor hears of what no other mapping covers.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/io.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <asm/pguest.h>
#include <asm/pguest_mmio.h>
#include <trace/events/pguest.h>

/* @addr: first page, where ioremap() made it; a page may have more than the device */
struct mapping {
	struct list_head list;
	phys_addr_t start, end;
	const void *addr;
};

/* earlycon and the early fixmap: before there is an allocator. Never undone. */
static struct mapping early[16];
static unsigned int nr_early;

static LIST_HEAD(mappings);
static DEFINE_SPINLOCK(mappings_lock);

static struct mapping *covers(phys_addr_t addr)
{
	struct mapping *m;

	list_for_each_entry(m, &mappings, list) {
		if (addr >= m->start && addr < m->end)
			return m;
	}
	return NULL;
}

static phys_addr_t next_start(phys_addr_t at, phys_addr_t end)
{
	struct mapping *m;

	list_for_each_entry(m, &mappings, list) {
		if (m->start > at && m->start < end)
			end = m->start;
	}
	return end;
}

/* Have the parts of a range done that no mapping covers. */
static int walk_uncovered(pguest_call_t call, phys_addr_t start, phys_addr_t end,
			  phys_addr_t *top)
{
	unsigned long calls = 0;
	struct mapping *m;
	phys_addr_t stop;
	int err;

	for (*top = start; *top < end; ) {
		m = covers(*top);
		if (m) {
			*top = min(end, m->end);
			continue;
		}
		stop = next_start(*top, end);
		err = pguest_walk(call, *top, stop, pguest_backend->mmio_granule,
				  top, &calls);
		if (err)
			return err;
	}
	return 0;
}

static struct mapping *new_mapping(void)
{
	if (slab_is_available())
		return kmalloc(sizeof(struct mapping), GFP_ATOMIC);
	return nr_early < ARRAY_SIZE(early) ? &early[nr_early++] : NULL;
}

static bool is_early(const struct mapping *m)
{
	return m >= early && m < early + ARRAY_SIZE(early);
}

/*
 * Whole units around a range, whose address and size may be the host's: false where
 * it is empty, or goes over the last address, also when it is rounded.
 */
static bool units_around(phys_addr_t phys, size_t size, phys_addr_t unit,
			 phys_addr_t *start, phys_addr_t *end)
{
	*start = ALIGN_DOWN(phys, unit);
	*end = ALIGN(phys + size, unit);
	return size && phys + size > phys && *end > *start;
}

/* Behind pguest_map_mmio(): go to where a device is. */
int __pguest_locate(phys_addr_t *phys, size_t size, bool device)
{
	phys_addr_t start, end, at;
	int err;

	if (!pguest_backend->locate)
		return 0;
	if (!units_around(*phys, size, SZ_4K, &start, &end))
		return -EINVAL;
	err = pguest_backend->locate(start, end, device, &at);
	if (!err)
		*phys += at - start;
	return err;
}

/* Behind pguest_device(): an address that cannot be helped is left as it is. */
phys_addr_t __pguest_device(phys_addr_t phys, size_t size)
{
	int err = __pguest_locate(&phys, size, true);

	if (err)
		pr_err("no device can be at %pa: %d\n", &phys, err);
	return phys;
}

/* Behind pguest_map_mmio(). */
int __pguest_map_mmio(phys_addr_t phys, size_t size)
{
	phys_addr_t start, end, top, undone;
	struct mapping *m;
	unsigned long flags;
	int err;

	if (!pguest_backend->map_mmio)
		return 0;
	if (!units_around(phys, size, pguest_backend->mmio_granule, &start, &end))
		return -EINVAL;

	spin_lock_irqsave(&mappings_lock, flags);
	m = new_mapping();
	err = m ? walk_uncovered(pguest_backend->map_mmio, start, end, &top) : -ENOMEM;
	if (!err) {
		m->start = start;
		m->end = end;
		m->addr = NULL;
		list_add(&m->list, &mappings);
	} else if (m) {
		if (pguest_backend->unmap_mmio)
			walk_uncovered(pguest_backend->unmap_mmio, start, top, &undone);
		if (is_early(m))
			nr_early--;
		else
			kfree(m);
	}
	spin_unlock_irqrestore(&mappings_lock, flags);
	trace_pguest_mmio_map(start, end, err);
	return err;
}

/* The mapping that ioremap() made at @addr, or without @addr one that somebody else made. */
static struct mapping *find(phys_addr_t start, phys_addr_t end, const void *addr)
{
	struct mapping *m;

	list_for_each_entry(m, &mappings, list) {
		if (m->addr != addr || is_early(m))
			continue;
		if (addr || (m->start == start && m->end == end))
			return m;
	}
	return NULL;
}

static void undo(phys_addr_t start, phys_addr_t end, const void *addr)
{
	struct mapping *m;
	unsigned long flags;
	phys_addr_t top;
	int err = 0;

	spin_lock_irqsave(&mappings_lock, flags);
	m = find(start, end, addr);
	if (m) {
		list_del(&m->list);
		if (pguest_backend->unmap_mmio)
			err = walk_uncovered(pguest_backend->unmap_mmio, m->start, m->end,
					     &top);
	}
	spin_unlock_irqrestore(&mappings_lock, flags);
	if (!m)
		return;
	trace_pguest_mmio_unmap(m->start, m->end, err);
	/* The host could serve a device that nobody uses: no harm is done. */
	if (err)
		pr_warn_ratelimited("cannot drop the MMIO guard of %pa: %d\n", &m->start, err);
	kfree(m);
}

/* Behind pguest_unmap_mmio(). */
void __pguest_unmap_mmio(phys_addr_t phys, size_t size)
{
	phys_addr_t start, end;

	if (!pguest_backend->map_mmio ||
	    !units_around(phys, size, pguest_backend->mmio_granule, &start, &end))
		return;
	undo(start, end, NULL);
}

/* pguest_iounmap() will know no more than the address. */
static void name(phys_addr_t phys, size_t size, const void *addr)
{
	phys_addr_t start, end;
	struct mapping *m;
	unsigned long flags;

	if (!pguest_backend->map_mmio ||
	    !units_around(phys, size, pguest_backend->mmio_granule, &start, &end))
		return;
	spin_lock_irqsave(&mappings_lock, flags);
	m = find(start, end, NULL);
	if (m)
		m->addr = addr;
	spin_unlock_irqrestore(&mappings_lock, flags);
}

/*
 * Cacheable memory is never emulated, and the guard refuses what is RAM. All
 * else may be a device: Device-* for registers, Normal-NC for frame buffers.
 */
static bool may_be_emulated(pgprot_t prot)
{
	pteval_t attr = pgprot_val(prot) & PTE_ATTRINDX_MASK;

	return attr != PTE_ATTRINDX(MT_NORMAL) && attr != PTE_ATTRINDX(MT_NORMAL_TAGGED);
}

/* Registers. What is not cached, but otherwise like memory, can be RAM as well. */
static bool is_device(pgprot_t prot)
{
	return may_be_emulated(prot) &&
	       (pgprot_val(prot) & PTE_ATTRINDX_MASK) != PTE_ATTRINDX(MT_NORMAL_NC);
}

/* Behind pguest_map_device(). What else is in the page nobody has asked for. */
int __pguest_map_device(phys_addr_t *phys, size_t size, pgprot_t prot)
{
	int err = __pguest_locate(phys, size, is_device(prot));

	if (!err && may_be_emulated(prot))
		err = __pguest_map_mmio(*phys, size);
	if (err)
		pr_err_ratelimited("no access to the device at %pa: %d\n", phys, err);
	return err;
}

/* Behind pguest_device_mapped(). */
void __pguest_device_mapped(phys_addr_t phys, size_t size, pgprot_t prot, const void *addr)
{
	if (!may_be_emulated(prot))
		return;
	if (addr)
		name(phys, size, (const void *)((unsigned long)addr & PAGE_MASK));
	else
		__pguest_unmap_mmio(phys, size);
}

/**
 * pguest_iounmap() - a mapping of a device is about to go
 * @addr: its first page
 *
 * Context: Process.
 */
void pguest_iounmap(const void *addr)
{
	if (pguest_active() && pguest_backend->map_mmio)
		undo(0, 0, addr);
}

/* What a fixmap shows instead of a device that is refused. */
static u8 nowhere[PAGE_SIZE] __page_aligned_bss;

/**
 * pguest_fixmap() - a page is about to appear in the fixmap
 * @phys: the page
 * @prot: attributes of the mapping
 *
 * A fixmap cannot fail, and a fault in an early console would be reported by that
 * console, for ever. So a device that is refused is one that does nothing.
 *
 * Context: Any.
 * Return: the address to map.
 */
phys_addr_t pguest_fixmap(phys_addr_t phys, pgprot_t prot)
{
	phys_addr_t page = phys & PAGE_MASK;
	unsigned long flags;
	bool covered;
	int err;

	if (!pguest_active() || !may_be_emulated(prot))
		return phys;
	spin_lock_irqsave(&mappings_lock, flags);
	covered = covers(page);
	spin_unlock_irqrestore(&mappings_lock, flags);
	if (covered)
		return phys;
	err = __pguest_locate(&page, PAGE_SIZE, is_device(prot)) ?:
	      __pguest_map_mmio(page, PAGE_SIZE);
	if (err) {
		pr_err("no access to the device at %pa: %d\n", &page, err);
		page = __pa_symbol(nowhere);
	}
	return page + offset_in_page(phys);
}
