/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pieces of a bounce pool, and where their memory comes from.
 */
#ifndef _PGUEST_POOL_H
#define _PGUEST_POOL_H

#include <linux/atomic.h>
#include <linux/dma-direct.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/types.h>

struct device;
struct page;
struct pguest_space;

/**
 * struct pguest_pool_ops - the page allocator
 * @take:	take [@start, @end) from it: all, or false
 * @give:	give [@start, @end) to it
 */
struct pguest_pool_ops {
	bool (*take)(phys_addr_t start, phys_addr_t end);
	void (*give)(phys_addr_t start, phys_addr_t end);
};

/**
 * struct pguest_pool_area - an area of SWIOTLB, which has its own lock
 * @have:	slots that are there, without those of disks
 * @reach:	slots up to the last one that is there, likewise
 * @wanted:	slots that should be there, 0 if that is so
 * @recent:	most slots that were in use since pguest_pool_shrink() looked
 * @calm:	with so many slots in use or fewer, pguest_pool_reach() has nothing to note
 */
struct pguest_pool_area {
	unsigned int have;
	unsigned int reach;
	unsigned int wanted;
	unsigned int recent;
	unsigned int calm;
};

/**
 * struct pguest_pool - a bounce pool
 * @space:	memory of the VM
 * @ops:	where its pieces come from and go to; NULL if it keeps them
 * @start:	physical address, aligned to @piece
 * @piece:	bytes of a piece, a power of two, no less than SWIOTLB's segment
 * @disk:	first pieces, which only disks can have, and which it does not give away; all
 *		of them are in the first area. pguest_pool_init() makes them fewer in a small
 *		pool
 * @keep:	free pieces beside these that it does not give away
 * @tries:	pieces that may be in use before a search for memory ends
 * @disk_slots:	slots in the pieces for disks
 * @slots:	slots of SWIOTLB
 * @area_slots:	those of an area
 * @nr:		number of pieces
 * @nr_areas:	number of areas
 * @users:	mappings in each shared piece, or its state. NULL if there is no pool
 * @emptied:	when a mapping of each piece last ended, in jiffies
 * @areas:	the areas
 * @disks:	which disk has, or had last, each of the pieces for disks
 * @next:	piece at which the search for memory goes on, after pieces that were in use
 * @taken:	pieces that came from the page allocator since boot
 * @given:	pieces that went to it
 * @peak:	most pieces that came from it and had not gone back
 * @stuck:	the hypervisor has refused to take a piece back: what is shared stays shared
 * @lock:	serialises those who take and give pieces
 *
 * The kernel has one; KUnit creates more.
 */
struct pguest_pool {
	struct pguest_space *space;
	const struct pguest_pool_ops *ops;
	phys_addr_t start;
	phys_addr_t piece;
	unsigned int disk;
	unsigned int disk_slots;
	unsigned int keep;
	unsigned int tries;
	unsigned int slots;
	unsigned int area_slots;
	unsigned int nr;
	unsigned int nr_areas;
	atomic_t *users;
	unsigned long *emptied;
	struct pguest_pool_area *areas;
	const struct device **disks;
	unsigned int next;
	unsigned long taken;
	unsigned long given;
	unsigned long peak;
	bool stuck;
	struct mutex lock;	/* taking and giving pieces */
};

int pguest_pool_init(struct pguest_pool *pool, bool present);
void pguest_pool_exit(struct pguest_pool *pool);
void pguest_pool_measure(struct pguest_pool *pool);
int pguest_pool_get(struct pguest_pool *pool, phys_addr_t addr);
unsigned int pguest_pool_reach(struct pguest_pool *pool, unsigned int slot,
			       unsigned int wanted, bool *short_of);
bool pguest_pool_may_have(struct pguest_pool *pool, unsigned int slot,
			  const struct device *dev);
unsigned long pguest_pool_disk_share(const struct pguest_pool *pool);
bool pguest_pool_grow(struct pguest_pool *pool);
bool pguest_pool_reserve(struct pguest_pool *pool, unsigned long bytes);
unsigned int pguest_pool_shrink(struct pguest_pool *pool, unsigned int most,
				unsigned long idle);
unsigned int pguest_pool_spare(const struct pguest_pool *pool);
bool pguest_pool_serves(const struct pguest_pool *pool);
u64 pguest_pool_present(const struct pguest_pool *pool);
bool pguest_pool_can_shrink(const struct pguest_pool *pool);

extern struct pguest_pool pguest_default_pool;
extern atomic_long_t pguest_requests_cut;

phys_addr_t pguest_pool_piece(void);
bool pguest_is_disk(struct device *dev);
bool pguest_is_virtio_disk(struct device *dev);
void pguest_disk_is_short(struct device *dev);
bool pguest_disk_was_short(struct device *dev);
unsigned long pguest_disk_is_sure_of(void);
unsigned long pguest_pool_bytes(struct device *dev);
void pguest_pool_setup(phys_addr_t start, phys_addr_t size);
bool pguest_default_get(phys_addr_t start, phys_addr_t addr, int *err);
bool pguest_default_serves(phys_addr_t start, bool *serves);

/**
 * pguest_pool_is_default() - is this the pool that comes and goes?
 * @start: physical address of a pool
 *
 * Context: Any, from the boot on: nothing may share a part of it by another way.
 * Return: true if it is.
 */
static inline bool pguest_pool_is_default(phys_addr_t start)
{
	return start == pguest_default_pool.start;
}

/**
 * pguest_pool_area() - the area that has a slot
 * @pool: the pool
 * @slot: the slot
 *
 * Context: Any, after pguest_pool_init().
 * Return: the area.
 */
static inline struct pguest_pool_area *pguest_pool_area(const struct pguest_pool *pool,
							unsigned int slot)
{
	return &pool->areas[slot / pool->area_slots];
}

/**
 * pguest_pool_count() - count a mapping in its piece if that is shared
 * @pool: the pool
 * @addr: address of its first slot
 *
 * Context: Any, after pguest_pool_init().
 * Return: true if it is counted.
 */
static inline bool pguest_pool_count(struct pguest_pool *pool, phys_addr_t addr)
{
	return atomic_inc_unless_negative(&pool->users[(addr - pool->start) / pool->piece]);
}

/**
 * pguest_pool_put() - end a mapping
 * @pool: the pool
 * @addr: address of its first slot
 *
 * Context: Any.
 * Return: true if it was the last one in its piece.
 */
static inline bool pguest_pool_put(struct pguest_pool *pool, phys_addr_t addr)
{
	unsigned int piece = (addr - pool->start) / pool->piece;

	if (!atomic_dec_and_test(&pool->users[piece]))
		return false;
	WRITE_ONCE(pool->emptied[piece], jiffies);
	return true;
}

/**
 * pguest_can_address() - is shared memory within reach of a device?
 * @dev: the device that does DMA
 * @phys: physical address
 * @size: bytes
 *
 * Context: Any.
 * Return: true if it is.
 */
static inline bool pguest_can_address(struct device *dev, phys_addr_t phys, size_t size)
{
	u64 limit = min_not_zero(*dev->dma_mask, dev->bus_dma_limit);

	return phys_to_dma_unencrypted(dev, phys) + size - 1 <= limit;
}

void pguest_pool_prepare(unsigned long bytes);
void pguest_pool_want_piece(void);
void pguest_pool_waits(struct device *dev);
void pguest_pool_look_later(void);

void pguest_cells_init(void);
void pguest_cells_trim(unsigned long idle);
bool pguest_cells_idle(void);
unsigned long pguest_cells_used(void);
struct page *pguest_page_get(void);
void pguest_page_put(struct page *page);
bool pguest_page_is_ours(struct page *page);

#ifdef CONFIG_CMA
phys_addr_t pguest_pool_align(phys_addr_t size);
void pguest_pool_declare(phys_addr_t start, phys_addr_t size);
const struct pguest_pool_ops *pguest_pool_memory(phys_addr_t start);
#else
static inline phys_addr_t pguest_pool_align(phys_addr_t size)
{
	return 0;
}

static inline void pguest_pool_declare(phys_addr_t start, phys_addr_t size)
{
}

static inline const struct pguest_pool_ops *pguest_pool_memory(phys_addr_t start)
{
	return NULL;
}
#endif

#endif /* _PGUEST_POOL_H */
