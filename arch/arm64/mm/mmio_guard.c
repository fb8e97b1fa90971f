// SPDX-License-Identifier: GPL-2.0-only
/*
 * The MMIO guard: Android's pKVM lets the host emulate only the granules that the guest
 * has mapped by MMIO_GUARD_MAP.
 *
 * Mappings can overlap and share granules. Each stays on the list until it is undone,
 * and calls are made for granules that no other mapping covers.
 *
 * The ECAM of a host bridge has 65536 granules, and without calls for ranges each takes
 * a call. So a walk drops the lock between slices. The mapping is on the list from the
 * start, which keeps the granules behind the walk guarded; but others rely on a mapping
 * only when all of it is granted. Concurrent mappers ask again; MMIO_GUARD_MAP is
 * idempotent (pKVM of Android, __pkvm_install_ioguard_page()).
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/list.h>
#include <linux/mm.h>
#include <linux/ratelimit.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include <asm/pguest.h>
#include <trace/events/pguest.h>

/* @addr: page-aligned address of the mapping that ioremap() made, NULL if it made none */
struct mapping {
	struct list_head list;
	phys_addr_t start, end;
	const void *addr;
	bool granted;
};

/* Mappings of earlycon and the early fixmap, before there is an allocator. Never undone. */
static struct mapping early[16];
static unsigned int nr_early;

/**
 * pguest_guard_init() - initialise a guard without mappings
 * @guard: the guard
 * @backend: the hypervisor
 *
 * Context: Any.
 */
void pguest_guard_init(struct pguest_guard *guard, const struct pguest_backend *backend)
{
	spin_lock_init(&guard->lock);
	INIT_LIST_HEAD(&guard->mappings);
	guard->backend = backend;
}

static struct mapping *mapping_at(struct pguest_guard *guard, phys_addr_t addr, bool granted)
{
	struct mapping *m;

	list_for_each_entry(m, &guard->mappings, list) {
		if (addr >= m->start && addr < m->end && (m->granted || !granted))
			return m;
	}
	return NULL;
}

static phys_addr_t next_mapping_start(struct pguest_guard *guard, phys_addr_t at, phys_addr_t end)
{
	struct mapping *m;

	list_for_each_entry(m, &guard->mappings, list) {
		if (m->start > at && m->start < end)
			end = m->start;
	}
	return end;
}

static int guard_walk_slice(struct pguest_guard *guard, pguest_call_t call, bool granted,
			    phys_addr_t end, phys_addr_t *top)
{
	unsigned long calls = 0;
	struct mapping *m;
	int err;

	while (*top < end) {
		m = mapping_at(guard, *top, granted);
		if (m) {
			*top = min(end, m->end);
			continue;
		}
		err = pguest_walk(call, *top, next_mapping_start(guard, *top, end),
				  guard->backend->mmio_granule, top, &calls);
		if (err)
			return err;
	}
	return 0;
}

/* Make the calls for the parts of a range that no (granted) mapping covers. */
static int guard_walk(struct pguest_guard *guard, pguest_call_t call, bool granted,
		      phys_addr_t start, phys_addr_t end, phys_addr_t *top)
{
	phys_addr_t slice = PGUEST_GUARD_SLICE * guard->backend->mmio_granule;
	unsigned long flags;
	int err = 0;

	/* Without a guard the list of mappings is all that there is. */
	if (!guard->backend->mmio_granule)
		return 0;
	for (*top = start; !err && *top < end; ) {
		spin_lock_irqsave(&guard->lock, flags);
		err = guard_walk_slice(guard, call, granted, *top + min(end - *top, slice), top);
		spin_unlock_irqrestore(&guard->lock, flags);
	}
	return err;
}

static struct mapping *mapping_new(void)
{
	if (slab_is_available())
		return kmalloc(sizeof(struct mapping), GFP_ATOMIC);
	return nr_early < ARRAY_SIZE(early) ? &early[nr_early++] : NULL;
}

static bool mapping_is_early(const struct mapping *m)
{
	return m >= early && m < early + ARRAY_SIZE(early);
}

static struct mapping *mapping_add(struct pguest_guard *guard, phys_addr_t start, phys_addr_t end)
{
	unsigned long flags;
	struct mapping *m;

	spin_lock_irqsave(&guard->lock, flags);
	m = mapping_new();
	if (m) {
		*m = (struct mapping){ .start = start, .end = end };
		list_add(&m->list, &guard->mappings);
	}
	spin_unlock_irqrestore(&guard->lock, flags);
	return m;
}

static void mapping_grant(struct pguest_guard *guard, struct mapping *m)
{
	unsigned long flags;

	spin_lock_irqsave(&guard->lock, flags);
	m->granted = true;
	spin_unlock_irqrestore(&guard->lock, flags);
}

/* Undo a mapping of which the part up to @top was granted. */
static void mapping_refuse(struct pguest_guard *guard, struct mapping *m, phys_addr_t top)
{
	phys_addr_t undone;
	unsigned long flags;

	spin_lock_irqsave(&guard->lock, flags);
	list_del(&m->list);
	if (mapping_is_early(m))
		nr_early--;
	spin_unlock_irqrestore(&guard->lock, flags);
	if (guard->backend->unmap_mmio)
		guard_walk(guard, guard->backend->ops->unmap_mmio, false, m->start, top, &undone);
	if (!mapping_is_early(m))
		kfree(m);
}

/**
 * pguest_guard_unit() - alignment of mappings
 * @guard: the guard
 *
 * Context: Any.
 * Return: bytes, a power of two.
 */
phys_addr_t pguest_guard_unit(const struct pguest_guard *guard)
{
	return guard->backend->mmio_granule ?: SZ_4K;
}

/**
 * pguest_guard_map() - let the host emulate a device
 * @guard: the guard
 * @start: first byte, aligned to pguest_guard_unit()
 * @end: the byte after the last, likewise; more than @start
 *
 * After an error the host can emulate what it could before.
 *
 * Context: Any. Interrupts are disabled for one slice at a time.
 * Return: 0, -ENOMEM, or the error of the backend.
 */
int pguest_guard_map(struct pguest_guard *guard, phys_addr_t start, phys_addr_t end)
{
	struct mapping *m = mapping_add(guard, start, end);
	phys_addr_t top;
	int err = -ENOMEM;

	if (m) {
		err = guard_walk(guard, guard->backend->ops->map_mmio, true, start, end, &top);
		if (err)
			mapping_refuse(guard, m, top);
		else
			mapping_grant(guard, m);
	}
	trace_pguest_mmio_map(start, end, err);
	return err;
}

/* The mapping that ioremap() made at @addr; without @addr one that has no address. */
static struct mapping *mapping_find(struct pguest_guard *guard, phys_addr_t start, phys_addr_t end,
				    const void *addr)
{
	struct mapping *m;

	list_for_each_entry(m, &guard->mappings, list) {
		if (m->addr != addr || !m->granted || mapping_is_early(m))
			continue;
		if (addr || (m->start == start && m->end == end))
			return m;
	}
	return NULL;
}

/**
 * pguest_guard_name() - set the virtual address of a mapping
 * @guard: the guard
 * @start: as for pguest_guard_map()
 * @end: likewise
 * @addr: the address that pguest_guard_unmap() will be given
 *
 * Context: Any.
 */
void pguest_guard_name(struct pguest_guard *guard, phys_addr_t start, phys_addr_t end,
		       const void *addr)
{
	struct mapping *m;
	unsigned long flags;

	spin_lock_irqsave(&guard->lock, flags);
	m = mapping_find(guard, start, end, NULL);
	if (m)
		m->addr = addr;
	spin_unlock_irqrestore(&guard->lock, flags);
}

/**
 * pguest_guard_unmap() - undo pguest_guard_map()
 * @guard: the guard
 * @start: as for pguest_guard_map(); not used with @addr
 * @end: likewise
 * @addr: the address that pguest_guard_name() set, or NULL
 *
 * If the hypervisor refuses, the host can still emulate a device that is not used any
 * more, which does no harm. It is logged.
 *
 * Context: Any. Interrupts are disabled for one slice at a time.
 */
void pguest_guard_unmap(struct pguest_guard *guard, phys_addr_t start, phys_addr_t end,
			const void *addr)
{
	pguest_call_t unmap = guard->backend->ops->unmap_mmio;
	struct mapping *m;
	unsigned long flags;
	phys_addr_t top;
	int err = 0;

	spin_lock_irqsave(&guard->lock, flags);
	m = mapping_find(guard, start, end, addr);
	if (m)
		list_del(&m->list);
	spin_unlock_irqrestore(&guard->lock, flags);
	if (!m)
		return;
	if (guard->backend->unmap_mmio)
		err = guard_walk(guard, unmap, false, m->start, m->end, &top);
	trace_pguest_mmio_unmap(m->start, m->end, err);
	if (err)
		pr_warn_ratelimited("cannot drop the MMIO guard of %pa: %d\n", &m->start, err);
	kfree(m);
}

/**
 * pguest_guard_covers() - is an address in a granted mapping?
 * @guard: the guard
 * @addr: address of a device
 *
 * Context: Any.
 * Return: true if it is.
 */
bool pguest_guard_covers(struct pguest_guard *guard, phys_addr_t addr)
{
	unsigned long flags;
	bool covered;

	spin_lock_irqsave(&guard->lock, flags);
	covered = mapping_at(guard, addr, true);
	spin_unlock_irqrestore(&guard->lock, flags);
	return covered;
}

/**
 * pguest_guard_meets() - does a range overlap a mapping?
 * @guard: the guard
 * @start: first byte
 * @end: byte after the last
 *
 * Context: Any.
 * Return: true if it overlaps one, granted or not.
 */
bool pguest_guard_meets(struct pguest_guard *guard, phys_addr_t start, phys_addr_t end)
{
	struct mapping *m;
	unsigned long flags;
	bool found = false;

	spin_lock_irqsave(&guard->lock, flags);
	list_for_each_entry(m, &guard->mappings, list)
		found |= m->start < end && start < m->end;
	spin_unlock_irqrestore(&guard->lock, flags);
	return found;
}

/**
 * pguest_guard_again() - make the calls for all mappings once more
 * @guard: the guard
 * @at: set to the granule that was refused
 *
 * For a kernel that goes on in another VM than that in which it made the mappings. A
 * granule can be mapped twice (pKVM of Android, __pkvm_install_ioguard_page()).
 *
 * Context: One CPU online, with interrupts off. Takes no lock.
 * Return: 0, or the error of the backend.
 */
int pguest_guard_again(struct pguest_guard *guard, phys_addr_t *at)
{
	unsigned long calls = 0;
	struct mapping *m;
	int err = 0;

	if (!guard->backend->mmio_granule)
		return 0;
	list_for_each_entry(m, &guard->mappings, list) {
		if (m->granted)
			err = pguest_walk(guard->backend->ops->map_mmio, m->start, m->end,
					  guard->backend->mmio_granule, at, &calls);
		if (err)
			break;
	}
	return err;
}
