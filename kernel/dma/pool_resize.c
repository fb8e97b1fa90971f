// SPDX-License-Identifier: GPL-2.0-only
/*
 * The default bounce pool: when its pieces come and go.
 *
 * A worker takes pieces when an area runs short; a mapping starts it, and does not wait
 * for it. Who is about to map many buffers takes the memory first. Another worker looks
 * once a second, as long as there is something to give away. A shrinker gives away what
 * is free when the rest of the kernel needs memory.
 */
#define pr_fmt(fmt) "pguest: " fmt

#include <linux/delay.h>
#include <linux/device.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/platform_device.h>
#include <linux/printk.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>

#include <asm/pguest.h>

#include <compat/shrinker.h>
#include <compat/swiotlb.h>

#include "pool.h"

/* What the pool has before there are devices, beside the pieces that stay */
#define BOOT_BYTES	SZ_512K
#define DISK_PIECES	4
#define KEEP_PIECES	1

/* Without mappings for so long, a piece is given away. */
#define IDLE		(10 * HZ)
#define LOOK		HZ

struct pguest_pool pguest_default_pool = {
	.start	= PHYS_ADDR_MAX,
	.space	= &pguest_memory,
	.disk	= DISK_PIECES,
	.keep	= KEEP_PIECES,
	.tries	= 16,
	.lock	= __MUTEX_INITIALIZER(pguest_default_pool.lock),
};

struct pguest_disk_part pguest_disk_part __ro_after_init;

/* After memory was short, the pool grows no more than it must for so long. */
#define NO_GROWTH	HZ

/* When the worker did not get what it wanted it does not begin again at once. */
#define RETRY		(HZ / 20)

/* Who can wait for memory searches all of the pool and so often again, with a pause. */
#define PREPARE_ROUNDS	10
#define PREPARE_MS	20

/* After so many times in a row there is a line in the log. */
#define MAX_TRIES	40

static struct workqueue_struct *queue;
static unsigned long no_growth_until;
static unsigned long grow_delay;
static bool want_piece;

/*
 * Devices repeat their requests, and each of them starts the worker again. A pool that is
 * as large as it can be is full by what they do, and not for want of memory.
 */
static void note_result(bool enough)
{
	u64 limit = (u64)pguest_default_pool.nr * pguest_default_pool.piece;
	u64 present = pguest_pool_present(&pguest_default_pool);
	static unsigned int tries;

	WRITE_ONCE(grow_delay, enough ? 0 : RETRY);
	tries = enough || present == limit ? 0 : tries + 1;
	if (tries == MAX_TRIES)
		pr_warn("bounce pool: no memory can be freed for it, devices wait with %llu KiB of %llu KiB\n",
			present / SZ_1K, limit / SZ_1K);
}

static void grow_pool(struct work_struct *work)
{
	bool enough;

	mutex_lock(&pguest_default_pool.lock);
	enough = pguest_pool_grow(&pguest_default_pool);
	/* Slots may be free in each piece, and no piece for a large mapping. */
	if (xchg(&want_piece, false))
		enough &= pguest_pool_reserve(&pguest_default_pool,
					      pguest_default_pool.piece);
	mutex_unlock(&pguest_default_pool.lock);
	note_result(enough);
	pguest_pool_look_later();
}

static DECLARE_DELAYED_WORK(grow_work, grow_pool);

static void grow_soon(void)
{
	queue_delayed_work(queue, &grow_work, READ_ONCE(grow_delay));
}

static void look_at_pool(struct work_struct *work)
{
	pguest_cells_trim(IDLE);
	mutex_lock(&pguest_default_pool.lock);
	pguest_pool_shrink(&pguest_default_pool, UINT_MAX, IDLE);
	mutex_unlock(&pguest_default_pool.lock);
	if (!pguest_pool_settled())
		pguest_pool_look_later();
}

static DECLARE_DELAYED_WORK(look_work, look_at_pool);

/**
 * pguest_pool_look_later() - something of the pool has no mapping any more
 *
 * Context: Any.
 */
void pguest_pool_look_later(void)
{
	if (!delayed_work_pending(&look_work))
		queue_delayed_work(queue, &look_work, LOOK);
}

static phys_addr_t slot_addr(unsigned int slot)
{
	return pguest_default_pool.start + ((phys_addr_t)slot << IO_TLB_SHIFT);
}

/**
 * pguest_default_get() - count a mapping if it is in the default pool
 * @start: physical address of the pool
 * @addr: address of the first slot of the mapping
 * @err: set to the result of pguest_pool_get()
 *
 * Context: Any.
 * Return: true if this is the default pool, and @err is set.
 */
bool pguest_default_get(phys_addr_t start, phys_addr_t addr, int *err)
{
	if (!pguest_pool_is_default(start))
		return false;
	*err = pguest_default_pool.users ?
	       pguest_pool_get(&pguest_default_pool, addr) : -EAGAIN;
	return true;
}

/**
 * pguest_default_serves() - pguest_pool_serves() if a pool is the default one
 * @start: physical address of the pool
 * @serves: set to the result
 *
 * Context: Any.
 * Return: true if this is the default pool, and @serves is set.
 */
bool pguest_default_serves(phys_addr_t start, bool *serves)
{
	if (!pguest_pool_is_default(start))
		return false;
	*serves = pguest_default_pool.users && pguest_pool_serves(&pguest_default_pool);
	return true;
}

/* Behind pguest_window_grow(), for a search that began at @slot. Those of disks come last. */
bool __pguest_search_disk_slots(struct device *dev, phys_addr_t start, unsigned int slot)
{
	unsigned int slots = pguest_disk_slots(start, 0);

	return slots && slot == slots && pguest_is_disk(dev);
}

/* Ask for more memory if an area is about to have too little. */
static noinline void look_ahead(unsigned int slot, unsigned int wanted)
{
	bool short_of;

	pguest_pool_reach(&pguest_default_pool, slot, wanted, &short_of);
	if (short_of && pguest_default_pool.ops &&
	    time_after(jiffies, READ_ONCE(no_growth_until)))
		grow_soon();
}

/* Behind pguest_window() and pguest_window_grow(). */
unsigned int __pguest_reach(phys_addr_t start, unsigned int slot, unsigned int wanted,
			    unsigned int all)
{
	struct pguest_pool_area *area;

	if (!pguest_pool_is_default(start))
		return all;
	if (slot < pguest_default_pool.disk_slots)
		return pguest_default_pool.disk_slots;
	if (!pguest_default_pool.users)
		return 0;
	area = pguest_pool_area(&pguest_default_pool, slot);
	if (wanted > READ_ONCE(area->calm))
		look_ahead(slot, wanted);
	return READ_ONCE(area->reach);
}

/**
 * pguest_pool_want_piece() - a mapping found no slots
 *
 * Context: Any.
 */
void pguest_pool_want_piece(void)
{
	if (!pguest_default_pool.users || !pguest_default_pool.ops)
		return;
	WRITE_ONCE(want_piece, true);
	grow_soon();
}

/* Behind pguest_slots_freed(). In the first area, indices do not count the slots of disks. */
unsigned int __pguest_slots_freed(phys_addr_t start, unsigned int slot)
{
	if (!pguest_pool_is_default(start))
		return 0;
	if (pguest_pool_put(&pguest_default_pool, slot_addr(slot)))
		pguest_pool_look_later();
	return slot < pguest_default_pool.area_slots ? pguest_default_pool.disk_slots : 0;
}

/* Is there memory that the pool does not have? */
static bool can_grow(void)
{
	return pguest_default_pool.ops &&
	       pguest_pool_present(&pguest_default_pool) <
	       (u64)pguest_default_pool.nr * pguest_default_pool.piece;
}

/* One search. At the end of the pool wait for pages that are being read or written. */
static bool prepare_once(unsigned long bytes)
{
	bool enough, at_end;

	mutex_lock(&pguest_default_pool.lock);
	enough = pguest_pool_reserve(&pguest_default_pool, bytes) || !can_grow();
	at_end = !pguest_default_pool.next;
	mutex_unlock(&pguest_default_pool.lock);
	if (!enough && at_end)
		msleep(PREPARE_MS);
	return enough;
}

/**
 * pguest_pool_prepare() - take memory ahead for the buffers of a device
 * @bytes: size of the buffers
 *
 * What can be had within a bounded number of searches; buffers that get no slots are the
 * driver's to repeat.
 *
 * Context: Process.
 */
void pguest_pool_prepare(unsigned long bytes)
{
	unsigned int searches = PREPARE_ROUNDS;

	if (!pguest_default_pool.users)
		return;
	searches += pguest_default_pool.nr / pguest_default_pool.tries;
	while (searches-- && !prepare_once(bytes))
		;
	pguest_pool_look_later();
}

/**
 * pguest_pool_memory_now() - memory that the default pool has taken from the guest
 *
 * Context: Any.
 * Return: bytes.
 */
u64 pguest_pool_memory_now(void)
{
	if (!pguest_default_pool.piece)
		return is_swiotlb_allocated() ? swiotlb_size_or_default() : 0;
	return pguest_default_pool.users ? pguest_pool_present(&pguest_default_pool) : 0;
}

/**
 * pguest_pool_memory_peak() - most memory that the default pool had taken at a time
 *
 * Context: Any.
 * Return: bytes since boot.
 */
u64 pguest_pool_memory_peak(void)
{
	if (!pguest_default_pool.users || !pguest_default_pool.ops)
		return pguest_pool_memory_now();
	return (u64)READ_ONCE(pguest_default_pool.peak) * pguest_default_pool.piece;
}

/**
 * pguest_pool_settled() - has the default pool given back all that it can?
 *
 * Context: Any.
 * Return: true if nothing changes unless a mapping begins or ends, or memory is short.
 */
bool pguest_pool_settled(void)
{
	return !pguest_default_pool.users ||
	       !(pguest_cells_idle() || pguest_pool_can_shrink(&pguest_default_pool));
}

/**
 * pguest_pool_traffic() - pieces that the default pool took and gave away since boot
 * @taken: set to the pieces that came from the page allocator
 * @given: set to those that went to it
 *
 * Context: Any.
 */
void pguest_pool_traffic(unsigned long *taken, unsigned long *given)
{
	*taken = READ_ONCE(pguest_default_pool.taken);
	*given = READ_ONCE(pguest_default_pool.given);
}

/* The page allocator counts pages. */
static unsigned long piece_pages(void)
{
	return pguest_default_pool.piece >> PAGE_SHIFT;
}

static unsigned long count_pages(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long spare = pguest_pool_spare(&pguest_default_pool) ?: pguest_cells_idle();

	return spare * piece_pages() ?: SHRINK_EMPTY;
}

static unsigned long free_pages_of_pool(struct shrinker *shrinker, struct shrink_control *sc)
{
	unsigned long given;

	/* The worker may be in here by its own allocations. */
	if (!mutex_trylock(&pguest_default_pool.lock))
		return SHRINK_STOP;
	pguest_cells_trim(0);
	given = pguest_pool_shrink(&pguest_default_pool,
				   DIV_ROUND_UP(sc->nr_to_scan, piece_pages()), 0);
	mutex_unlock(&pguest_default_pool.lock);
	WRITE_ONCE(no_growth_until, jiffies + NO_GROWTH);
	return given ? given * piece_pages() : SHRINK_STOP;
}

static int __init start_workers(void)
{
	queue = alloc_workqueue("pguest_pool", WQ_MEM_RECLAIM | WQ_UNBOUND, 0);
	if (!queue)
		return -ENOMEM;
	if (pguest_default_pool.ops)
		return compat_register_shrinker("pguest-pool", count_pages,
						free_pages_of_pool);
	pr_info("the bounce pool keeps its memory: %s\n",
		IS_ENABLED(CONFIG_CMA) ? "not a multiple of CMA's blocks" :
		"CONFIG_CMA is not set");
	return 0;
}

/**
 * pguest_pool_setup() - divide the default pool into pieces
 * @start: its first byte
 * @size: its size in bytes
 *
 * Context: Boot, one CPU.
 */
void __init pguest_pool_setup(phys_addr_t start, phys_addr_t size)
{
	phys_addr_t piece = pguest_pool_piece();

	if (!size || !IS_ALIGNED(start | size, piece))
		return;
	pguest_default_pool.start = start;
	pguest_default_pool.piece = piece;
	pguest_pool_declare(start, size);
}

static int __init pguest_pool_start(void)
{
	struct pguest_pool *pool = &pguest_default_pool;
	const struct compat_io_tlb_pool *tlb;
	int err;

	if (!pool->piece)
		return 0;
	/* Each device has the default pool; this one is there before all others. */
	tlb = compat_tlb_pool(&platform_bus);
	pool->slots = tlb->nslabs;
	pool->area_slots = tlb->area_nslabs;
	pool->ops = pguest_pool_memory(pool->start);
	no_growth_until = jiffies;
	err = start_workers() ?: pguest_pool_init(pool, !pool->ops);
	if (err) {
		pr_err("no memory for the bounce pool, devices will not work: %d\n",
		       err);
		return err;
	}
	pguest_disk_part = (struct pguest_disk_part) { pool->start, pool->disk_slots };
	pguest_cells_init();
	pguest_pool_prepare(BOOT_BYTES);
	return 0;
}
core_initcall_sync(pguest_pool_start);
