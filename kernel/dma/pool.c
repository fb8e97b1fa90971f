// SPDX-License-Identifier: GPL-2.0-only
/*
 * The pieces of a bounce pool.
 *
 * A pool is one range of addresses, which SWIOTLB divides into areas and slots. A piece is
 * the least of it that is shared, and that comes from and goes to the page allocator:
 *
 *	absent	the page allocator has it
 *	private	the pool has it, and the host cannot see it
 *	shared	the host can read and write it, and mappings may have slots in it
 *
 * A shared piece counts its mappings. All changes are made by whoever has claimed the
 * piece with a compare-and-exchange: a piece with a mapping cannot be claimed, and no
 * mapping gets slots in a claimed piece. So a mapping needs no lock of the pool's, and
 * never waits for a piece.
 *
 * The first pieces are for disks alone. Others can fill the rest and hold it for as long as
 * they like, as a network card does with frames for a program that does not read. Without
 * a disk, memory cannot be freed, nor can a page be moved out of a piece that is being
 * written. A disk whose host completes nothing has half of these pieces at most, and the
 * other half is left for the next disk.
 */
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/swiotlb.h>

#include <asm/pguest.h>

#include "pool.h"

/* Values of a piece that counts no mappings. From 0 on it is shared. */
#define ABSENT		(-1)
#define PRIVATE		(-2)
#define CLAIMED		(-3)
#define REFUSED		(-4)	/* not to be shared, or lost */

/* Slots to take for an area that has none: the least piece */
#define MIN_WANTED	((unsigned int)IO_TLB_SEGSIZE)

/* Pieces in one run */
#define MAX_RUN		16

static phys_addr_t piece_start(const struct pguest_pool *pool, unsigned int piece)
{
	return pool->start + piece * pool->piece;
}

static bool claim_piece(struct pguest_pool *pool, unsigned int piece, int from)
{
	return atomic_cmpxchg(&pool->users[piece], from, CLAIMED) == from;
}

static void settle_piece(struct pguest_pool *pool, unsigned int piece, int state)
{
	/* Pairs with the next claim: what was done to the memory comes before. */
	atomic_set_release(&pool->users[piece], state);
}

/* Of the first area and of a small pool, most is for all devices. */
static unsigned int disk_pieces(const struct pguest_pool *pool)
{
	unsigned int in_area = pool->area_slots / (pool->piece >> IO_TLB_SHIFT);

	return min3(pool->disk, max(pool->nr / 8, min(pool->nr / 4, 2U)), in_area / 2);
}

/**
 * pguest_pool_init() - divide a pool into pieces
 * @pool: the pool, with its first members up to @area_slots set
 * @present: the pool has its memory; otherwise the page allocator has it
 *
 * Context: Process.
 * Return: 0 or -ENOMEM.
 */
int pguest_pool_init(struct pguest_pool *pool, bool present)
{
	unsigned int piece;
	atomic_t *users;

	mutex_init(&pool->lock);
	pool->nr = pool->slots / (pool->piece >> IO_TLB_SHIFT);
	pool->nr_areas = pool->slots / pool->area_slots;
	pool->disk = disk_pieces(pool);
	pool->disk_slots = pool->disk * (pool->piece >> IO_TLB_SHIFT);
	pool->emptied = kvcalloc(pool->nr, sizeof(*pool->emptied), GFP_KERNEL);
	pool->areas = kvcalloc(pool->nr_areas, sizeof(*pool->areas), GFP_KERNEL);
	pool->disks = kvcalloc(pool->disk + 1, sizeof(*pool->disks), GFP_KERNEL);
	users = kvcalloc(pool->nr, sizeof(*users), GFP_KERNEL);
	if (!pool->emptied || !pool->areas || !pool->disks || !users) {
		kvfree(users);
		pguest_pool_exit(pool);
		return -ENOMEM;
	}
	for (piece = 0; piece < pool->nr; piece++)
		atomic_set(&users[piece], present ? PRIVATE : ABSENT);
	/* From here on mappings look at it. */
	smp_store_release(&pool->users, users);
	pguest_pool_measure(pool);
	return 0;
}

/**
 * pguest_pool_exit() - free what pguest_pool_init() has allocated
 * @pool: the pool, which has no mappings
 *
 * Context: Process.
 */
void pguest_pool_exit(struct pguest_pool *pool)
{
	kvfree(pool->users);
	kvfree(pool->disks);
	kvfree(pool->areas);
	kvfree(pool->emptied);
	pool->users = NULL;
	pool->disks = NULL;
	pool->areas = NULL;
	pool->emptied = NULL;
}

/* The slots of an area that are in a piece: from @first to before @end, within the area */
static bool area_has(const struct pguest_pool *pool, unsigned int area, unsigned int piece,
		     unsigned int *first, unsigned int *end)
{
	unsigned int slots = pool->piece >> IO_TLB_SHIFT;
	unsigned int base = area * pool->area_slots;

	*first = max(piece * slots, base) - base;
	*end = min((piece + 1) * slots, base + pool->area_slots) - base;
	return (piece + 1) * slots > base && piece * slots < base + pool->area_slots;
}

static unsigned int first_piece(const struct pguest_pool *pool, unsigned int area)
{
	return area * pool->area_slots / (pool->piece >> IO_TLB_SHIFT);
}

static void measure_area(struct pguest_pool *pool, unsigned int area)
{
	unsigned int piece, first, end, have = 0, reach = 0;

	for (piece = max(first_piece(pool, area), pool->disk);
	     piece < pool->nr && area_has(pool, area, piece, &first, &end); piece++) {
		if (atomic_read(&pool->users[piece]) == ABSENT)
			continue;
		have += end - first;
		reach = end;
	}
	reach -= min(reach, area ? 0 : pool->disk_slots);
	WRITE_ONCE(pool->areas[area].have, have);
	WRITE_ONCE(pool->areas[area].reach, reach);
	/* Pairs with note_calm(). */
	smp_mb();
	WRITE_ONCE(pool->areas[area].calm, 0);
}

/* How far the areas reach, after pieces have come or gone */
void pguest_pool_measure(struct pguest_pool *pool)
{
	unsigned int area;

	for (area = 0; area < pool->nr_areas; area++)
		measure_area(pool, area);
}

/**
 * pguest_pool_get() - count a mapping in its piece
 * @pool: the pool
 * @addr: address of its first slot
 *
 * A private piece is shared first.
 *
 * Context: Any.
 * Return: 0; -EAGAIN if the piece is not there; -ENOMEM if the ledger has no memory; any
 *	   other error once, if the hypervisor refuses to share the piece.
 */
int pguest_pool_get(struct pguest_pool *pool, phys_addr_t addr)
{
	unsigned int piece = (addr - pool->start) / pool->piece;
	phys_addr_t start = piece_start(pool, piece);
	int err;

	if (pguest_pool_count(pool, addr))
		return 0;
	if (!claim_piece(pool, piece, PRIVATE))
		return -EAGAIN;
	err = pguest_space_share(pool->space, start, start + pool->piece, PGUEST_BOUNCE,
				 _RET_IP_);
	settle_piece(pool, piece, !err ? 1 : err == -ENOMEM ? PRIVATE : REFUSED);
	return err;
}

/* Pieces for disks that one of them can have at a time */
static unsigned int disk_share(const struct pguest_pool *pool)
{
	return max(pool->disk / 2, min(pool->disk, 1U));
}

static unsigned int pieces_of(const struct pguest_pool *pool, const struct device *dev)
{
	unsigned int piece, nr = 0;

	for (piece = 0; piece < pool->disk; piece++)
		nr += atomic_read(&pool->users[piece]) > 0 && pool->disks[piece] == dev;
	return nr;
}

/**
 * pguest_pool_may_have() - may a disk have a slot of those that are for disks alone?
 * @pool: the pool
 * @slot: the slot
 * @dev: the disk
 *
 * A piece has the slots of one disk at a time, and a disk has half of the pieces at most.
 *
 * Context: With the lock of the first area, in which mappings begin and end.
 * Return: true if the piece has slots of no other disk. If it had none at all, it is @dev's.
 */
bool pguest_pool_may_have(struct pguest_pool *pool, unsigned int slot,
			  const struct device *dev)
{
	unsigned int piece = slot / (pool->piece >> IO_TLB_SHIFT);

	if (atomic_read(&pool->users[piece]) > 0)
		return pool->disks[piece] == dev;
	if (pieces_of(pool, dev) >= disk_share(pool))
		return false;
	pool->disks[piece] = dev;
	return true;
}

/**
 * pguest_pool_disk_share() - how much one disk can have of the pieces for disks
 * @pool: the pool
 *
 * Context: Any, after pguest_pool_init().
 * Return: bytes, 0 if there are no such pieces.
 */
unsigned long pguest_pool_disk_share(const struct pguest_pool *pool)
{
	return disk_share(pool) * pool->piece;
}

/* Slots that an area should have at least, with @used in use */
static unsigned int enough_for(unsigned int used)
{
	return used + used / 4 + MIN_WANTED / 2;
}

/* Slots that an area can have, without those of disks */
static unsigned int most_slots(const struct pguest_pool *pool, unsigned int slot)
{
	return pool->area_slots - (slot < pool->area_slots ? pool->disk_slots : 0);
}

/* The opposite of enough_for() */
static unsigned int enough_with(unsigned int have)
{
	return have > MIN_WANTED / 2 ? (have - MIN_WANTED / 2) / 5 * 4 : 0;
}

/* With @have slots, which may have become less, nothing is to be noted again. */
static void note_calm(struct pguest_pool_area *area, unsigned int have, unsigned int most)
{
	unsigned int enough = have < most ? enough_with(have) : most;

	WRITE_ONCE(area->calm, min(area->recent, enough));
	/* Pairs with measure_area(): one of the two sees what the other has written. */
	smp_mb();
	if (READ_ONCE(area->have) != have)
		WRITE_ONCE(area->calm, 0);
}

static void want_slots(struct pguest_pool_area *area, unsigned int slots, unsigned int most)
{
	if (slots > area->wanted)
		WRITE_ONCE(area->wanted, min(slots, most));
}

/**
 * pguest_pool_reach() - how many slots of an area can be searched?
 * @pool: the pool
 * @slot: first slot of the search, which is not one of those that are for disks alone
 * @wanted: slots in use and slots to allocate
 * @short_of: set if the area should have more
 *
 * The pool grows ahead of need, since a mapping cannot wait: to twice what is in use, as
 * soon as less than a fifth is free.
 *
 * Context: With the area's lock.
 * Return: slots from the first to the last that is there, without those of disks.
 */
unsigned int pguest_pool_reach(struct pguest_pool *pool, unsigned int slot,
			       unsigned int wanted, bool *short_of)
{
	struct pguest_pool_area *area = pguest_pool_area(pool, slot);
	unsigned int have = READ_ONCE(area->have);
	unsigned int enough = enough_for(wanted), most = most_slots(pool, slot);

	if (wanted > area->recent)
		WRITE_ONCE(area->recent, wanted);
	*short_of = enough > have && have < most;
	if (*short_of)
		want_slots(area, max3(2 * wanted, MIN_WANTED, enough), most);
	else
		note_calm(area, have, most);
	return READ_ONCE(area->reach);
}

/* Take the pieces from @first to before @end, which are absent: all or none. */
static bool take_run(struct pguest_pool *pool, unsigned int first, unsigned int end)
{
	unsigned int piece;
	bool taken;

	for (piece = first; piece < end; piece++)
		claim_piece(pool, piece, ABSENT);
	taken = pool->ops->take(piece_start(pool, first), piece_start(pool, end));
	pool->taken += taken ? end - first : 0;
	pool->peak = max(pool->peak, pool->taken - pool->given);
	for (piece = first; piece < end; piece++) {
		WRITE_ONCE(pool->emptied[piece], jiffies);
		settle_piece(pool, piece, taken ? PRIVATE : ABSENT);
	}
	return taken;
}

/* The absent pieces from @first on, up to @run of them and before @end */
static unsigned int end_of_run(const struct pguest_pool *pool, unsigned int first,
			       unsigned int end, unsigned int run)
{
	unsigned int stop = first;

	while (stop < end && stop - first < run && atomic_read(&pool->users[stop]) == ABSENT)
		stop++;
	return stop;
}

/*
 * Take up to @most absent pieces between @first and @end, the lowest first. After some that
 * are in use it stops, and the next call goes on behind them: a page may stay in use. At
 * the end pool->next is 0, and the next call begins anew.
 */
static unsigned int take_pieces(struct pguest_pool *pool, unsigned int first,
				unsigned int end, unsigned int most)
{
	unsigned int taken = 0, failures = 0, run = MAX_RUN, stop;

	if (pool->next > first && pool->next < end)
		first = pool->next;
	while (first < end && taken < most && failures < pool->tries) {
		stop = end_of_run(pool, first, end, min(run, most - taken));
		if (stop == first) {
			first++;
		} else if (take_run(pool, first, stop)) {
			taken += stop - first;
			first = stop;
		} else if (stop - first > 1) {
			/* One page in use is enough to refuse a run: go on piece by piece. */
			run = 1;
		} else {
			failures++;
			first = stop;
		}
	}
	pool->next = failures == pool->tries && first < end ? first : 0;
	return taken;
}

static void take_disk_pieces(struct pguest_pool *pool)
{
	unsigned int piece;

	for (piece = 0; piece < pool->disk; piece++) {
		if (atomic_read(&pool->users[piece]) == ABSENT)
			take_run(pool, piece, piece + 1);
	}
}

static bool grow_area(struct pguest_pool *pool, unsigned int area)
{
	unsigned int slots = pool->piece >> IO_TLB_SHIFT;
	unsigned int want = READ_ONCE(pool->areas[area].wanted);
	unsigned int first = max(first_piece(pool, area), pool->disk);
	unsigned int end = DIV_ROUND_UP((area + 1) * pool->area_slots, slots), more;

	WRITE_ONCE(pool->areas[area].wanted, 0);
	/* It may have got a piece with the area before it. */
	measure_area(pool, area);
	if (want <= pool->areas[area].have)
		return true;
	more = DIV_ROUND_UP(want - pool->areas[area].have, slots);
	return take_pieces(pool, first, end, more) == more;
}

/**
 * pguest_pool_grow() - take from the page allocator what areas want
 * @pool: the pool
 *
 * Context: Process, with the lock of the pool. May sleep, but waits for no I/O that it
 *	    has to start itself.
 * Return: true if the areas have what they want.
 */
bool pguest_pool_grow(struct pguest_pool *pool)
{
	unsigned int area;
	bool all = true;

	for (area = 0; area < pool->nr_areas; area++)
		all &= grow_area(pool, area);
	pguest_pool_measure(pool);
	return all;
}

/* Pieces without mappings beside those of disks: private ones, and with @shared all */
static unsigned int free_pieces(const struct pguest_pool *pool, bool shared)
{
	unsigned int piece, free = 0;
	int state;

	for (piece = pool->disk; piece < pool->nr; piece++) {
		state = atomic_read(&pool->users[piece]);
		free += state == PRIVATE || (shared && !state);
	}
	return free;
}

/**
 * pguest_pool_reserve() - have free pieces for what comes, and those of disks
 * @pool: the pool
 * @bytes: what comes
 *
 * Context: Process, with the lock of the pool. May sleep.
 * Return: true if the pool has them.
 */
bool pguest_pool_reserve(struct pguest_pool *pool, unsigned long bytes)
{
	unsigned int free = free_pieces(pool, true);
	unsigned int want = DIV_ROUND_UP(bytes, pool->piece) + pool->keep;

	if (pool->ops)
		take_disk_pieces(pool);
	if (pool->ops && want > free)
		free += take_pieces(pool, pool->disk, pool->nr, want - free);
	pguest_pool_measure(pool);
	return free >= want;
}

/*
 * Make a piece private that has no mapping. It is cleared before anything else uses it.
 * One that cannot be taken back is lost, and after it no other one is tried: all of the
 * pool would be lost in the end.
 */
static void take_back(struct pguest_pool *pool, unsigned int piece)
{
	phys_addr_t start = piece_start(pool, piece);
	int err;

	if (pool->stuck || !claim_piece(pool, piece, 0))
		return;
	err = pguest_space_unshare(pool->space, start, start + pool->piece, _RET_IP_);
	settle_piece(pool, piece, err ? REFUSED : PRIVATE);
	if (!err)
		return;
	WRITE_ONCE(pool->stuck, true);
	pguest_err("bounce pool: cannot take %pa back: %d. What is shared of it stays shared.\n",
		   &start, err);
}

/* Could its area have used a piece since the last look? */
static bool piece_needed(const struct pguest_pool *pool, unsigned int piece)
{
	unsigned int slots = pool->piece >> IO_TLB_SHIFT;
	unsigned int area = piece * slots / pool->area_slots;
	unsigned int recent = READ_ONCE(pool->areas[area].recent);
	unsigned int need = enough_for(recent) + slots;

	return recent && pool->areas[area].have < need;
}

static bool give_away(struct pguest_pool *pool, unsigned int piece)
{
	if (!pool->ops || piece < pool->disk || !claim_piece(pool, piece, PRIVATE))
		return false;
	pool->ops->give(piece_start(pool, piece), piece_start(pool, piece + 1));
	pool->given++;
	settle_piece(pool, piece, ABSENT);
	pguest_pool_measure(pool);
	return true;
}

static void forget_recent(struct pguest_pool *pool)
{
	unsigned int area;

	for (area = 0; area < pool->nr_areas; area++) {
		WRITE_ONCE(pool->areas[area].recent, 0);
		WRITE_ONCE(pool->areas[area].calm, 0);
	}
}

/**
 * pguest_pool_shrink() - take pieces back from the host, and give them away
 * @pool: the pool
 * @most: pieces to give away at most
 * @idle: jiffies for which a piece had no mapping; 0 also gives away what was needed
 *	  of late
 *
 * The last pieces go first. @keep of the pool stay, so that a device can always go on:
 * the disk to which memory is swapped, above all.
 *
 * Context: Process, with the lock of the pool. Does not allocate memory.
 * Return: pieces that it gave away.
 */
unsigned int pguest_pool_shrink(struct pguest_pool *pool, unsigned int most,
				unsigned long idle)
{
	unsigned int free = free_pieces(pool, true), given = 0, piece = pool->nr;

	while (piece-- && given < most) {
		bool spare = free - given > pool->keep;

		if (idle && time_before(jiffies, READ_ONCE(pool->emptied[piece]) + idle))
			continue;
		/* With memory short, what stays is needed again in a moment. */
		if (!idle && !spare)
			break;
		take_back(pool, piece);
		if (spare && !(idle && piece_needed(pool, piece)) && give_away(pool, piece))
			given++;
	}
	if (idle)
		forget_recent(pool);
	return given;
}

/**
 * pguest_pool_spare() - pieces that pguest_pool_shrink() could give away
 * @pool: the pool
 *
 * Context: Any.
 * Return: their number at this time.
 */
unsigned int pguest_pool_spare(const struct pguest_pool *pool)
{
	unsigned int free = free_pieces(pool, true);

	if (!pool->ops || free <= pool->keep)
		return 0;
	/* After a refusal, what is shared cannot be given away. */
	return min(free - pool->keep, free_pieces(pool, !READ_ONCE(pool->stuck)));
}

/**
 * pguest_pool_serves() - can a mapping find slots once others have ended?
 * @pool: the pool
 *
 * Context: Any.
 * Return: false if more than half of the pieces cannot be shared.
 */
bool pguest_pool_serves(const struct pguest_pool *pool)
{
	unsigned int piece, present = 0, refused = 0;
	int state;

	for (piece = 0; piece < pool->nr; piece++) {
		state = atomic_read(&pool->users[piece]);
		present += state != ABSENT;
		refused += state == REFUSED;
	}
	return 2 * refused <= present;
}

/**
 * pguest_pool_present() - memory that the pool has
 * @pool: the pool
 *
 * Context: Any.
 * Return: bytes.
 */
u64 pguest_pool_present(const struct pguest_pool *pool)
{
	unsigned int piece, present = 0;

	for (piece = 0; piece < pool->nr; piece++)
		present += atomic_read(&pool->users[piece]) != ABSENT;
	return (u64)present * pool->piece;
}

/**
 * pguest_pool_can_shrink() - is there a shared piece without mappings?
 * @pool: the pool
 *
 * Context: Any.
 * Return: true if pguest_pool_shrink() will have something to do when it is idle.
 */
bool pguest_pool_can_shrink(const struct pguest_pool *pool)
{
	unsigned int piece;

	for (piece = 0; piece < pool->nr; piece++) {
		if (!READ_ONCE(pool->stuck) && !atomic_read(&pool->users[piece]))
			return true;
	}
	return pguest_pool_spare(pool);
}
