// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sharing memory with the host, and taking it back.
 *
 * Invariants, for every backend:
 * - only whole granules are shared, and only inside the caller's range;
 * - after a partial answer the call is repeated for the rest; an answer that cannot be
 *   true is an error;
 * - after an error, what was done before it is undone;
 * - a granule is cleared before the host can read it and before the kernel reuses it;
 * - a granule whose state is unknown is lost: the kernel never uses it again;
 * - a granule is shared by one call. Further requests are only counted, because the
 *   hypervisor refuses to share a granule twice (pKVM of mainline: INVALID_PARAMETER);
 * - where shared memory has its own address bit, a granule is not mapped at either
 *   address while its state changes, and its old contents are lost.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/moduleparam.h>
#include <linux/panic.h>
#include <linux/printk.h>
#include <linux/string.h>

#include <asm/pguest.h>
#include <trace/events/pguest.h>

/*
 * Bounds on the work with interrupts off: BATCH granules, since a granule can take a
 * call, and BATCH_BYTES, since they are cleared. A granule has up to 2 MiB, and in a
 * realm the host chooses its size.
 */
#define BATCH		64
#define BATCH_BYTES	((phys_addr_t)SZ_4M)

/* How long a crash waits for the lock, in microseconds */
#define CRASH_WAIT_US	100000

struct pguest_space pguest_memory = {
	.lock = __SPIN_LOCK_UNLOCKED(pguest_memory.lock),
};

/* Memory that the host supplies is not RAM, and holds no data of the VM. */
static void clear_linear(phys_addr_t start, phys_addr_t end)
{
	if (start < end && pfn_is_map_memory(PHYS_PFN(start)))
		memset(phys_to_virt(start), 0, end - start);
}

/**
 * pguest_space_init() - initialise a space in which nothing is shared
 * @space: the space
 * @backend: the hypervisor
 * @clear: overwrites a range with zeroes; NULL to do so through the linear map
 *
 * Context: Any.
 */
void pguest_space_init(struct pguest_space *space,
		       const struct pguest_backend *backend,
		       void (*clear)(phys_addr_t start, phys_addr_t end))
{
	memset(space, 0, sizeof(*space));
	spin_lock_init(&space->lock);
	pguest_ledger_init(&space->ledger, backend->granule);
	space->backend = backend;
	space->clear = clear ?: clear_linear;
	space->map = pguest_map_linear;
}

/**
 * pguest_walk() - repeat a call until it has covered a range
 * @call: covers the beginning of a range, and returns the address that it reached
 * @start: first byte
 * @end: the byte after the last
 * @granule: alignment of all addresses
 * @top: set to the address up to which the range is covered
 * @calls: incremented for each call
 *
 * Each call must advance by a granule or more, which bounds the number of calls.
 *
 * Context: Any.
 * Return: 0, the error of @call, or -EPROTO if the address that it reached is not
 *	   aligned, not in the range or no progress. The state beyond @top is unknown
 *	   after -EPROTO.
 */
int pguest_walk(pguest_call_t call, phys_addr_t start, phys_addr_t end,
		phys_addr_t granule, phys_addr_t *top, unsigned long *calls)
{
	phys_addr_t reached;
	int err;

	for (*top = start; *top < end; *top = reached) {
		reached = *top;
		err = call(*top, end, &reached);
		++*calls;

		if (reached < *top || reached > end || !IS_ALIGNED(reached, granule))
			return -EPROTO;
		if (err) {
			*top = reached;
			return err;
		}
		if (reached == *top)
			return -EPROTO;
	}
	return 0;
}

static int map_run(struct pguest_space *space, phys_addr_t start, phys_addr_t end,
		   enum pguest_map how)
{
	if (!space->backend->shared_bit || start == end)
		return 0;
	return space->map(start, end, how);
}

/*
 * Where the granules end whose state is unknown after a call that failed, reached @at
 * and was for all up to @end. A call that fails can have reached @end.
 */
static phys_addr_t unknown_end(struct pguest_space *space, int err,
			       phys_addr_t at, phys_addr_t end)
{
	if (pguest_is_refusal(err) || !space->backend->ranges)
		return min(end, at + space->backend->granule);
	return end;
}

static int lose_run(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	static const struct pguest_entry lost = { .state = PGUEST_LOST };

	pguest_ledger_set(&space->ledger, start, end, &lost);
	if (start < end)
		trace_pguest_lost(start, end);
	return -EIO;
}

static bool next_pending(struct pguest_space *space, phys_addr_t *start, phys_addr_t *end)
{
	return pguest_ledger_next_run(&space->ledger, PGUEST_PENDING, start, end);
}

/* Take back a run of granules that are PGUEST_PENDING; go on after one that is lost. */
static int unshare_run(struct pguest_space *space, phys_addr_t start,
		       phys_addr_t end)
{
	phys_addr_t at, top, next;
	int err, ret = 0;

	map_run(space, start, end, PGUEST_MAP_NONE);
	for (at = start; at < end; at = next) {
		err = pguest_walk(space->backend->ops->unshare, at, end,
				  space->backend->granule, &top,
				  &space->calls_unshare);
		trace_pguest_unshare(at, top, err);
		map_run(space, at, top, PGUEST_MAP_PRIVATE);
		space->clear(at, top);
		pguest_ledger_erase(&space->ledger, at, top);
		next = top;
		if (err) {
			next = unknown_end(space, err, top, end);
			ret = lose_run(space, top, next);
		}
	}
	return ret;
}

#ifdef CONFIG_PGUEST_TEST_KNOBS
#undef MODULE_PARAM_PREFIX
#define MODULE_PARAM_PREFIX "pguest_test."

static bool crash_in_share;
module_param(crash_in_share, bool, 0600);
#else
#define crash_in_share	false
#endif

/* Share a run of granules that are PGUEST_PENDING. */
static int share_run(struct pguest_space *space, phys_addr_t start,
		     phys_addr_t end, const struct pguest_entry *entry)
{
	phys_addr_t top, unknown;
	int err, undo;

	/* Clearing also faults the granules in, which saves an exit to the host. */
	space->clear(start, end);
	err = map_run(space, start, end, PGUEST_MAP_NONE);
	if (err) {
		map_run(space, start, end, PGUEST_MAP_PRIVATE);
		return err;
	}
	err = pguest_walk(space->backend->ops->share, start, end,
			  space->backend->granule, &top, &space->calls_share);
	if (crash_in_share && space == &pguest_memory)
		panic("TEST: a crash in the middle of a share\n");
	trace_pguest_share(start, top, entry->owner, err);
	if (!err) {
		map_run(space, start, end, PGUEST_MAP_SHARED);
		/* The address may lead to another page now, with contents of the host's choice. */
		if (space->backend->shared_bit)
			space->clear(start, end);
		pguest_ledger_set(&space->ledger, start, end, entry);
		return 0;
	}
	/* Not entered as shared before, so no other caller can count on these granules. */
	undo = unshare_run(space, start, top);
	unknown = pguest_is_refusal(err) ? top : unknown_end(space, err, top, end);
	if (unknown > top)
		err = lose_run(space, top, unknown);
	map_run(space, unknown, end, PGUEST_MAP_PRIVATE);
	return undo ?: err;
}

/* Take back the granules that pguest_ledger_put() has left without an owner. */
static int unshare_pending(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	phys_addr_t at, stop;
	int ret = 0;

	for (at = start, stop = end; next_pending(space, &at, &stop); at = stop, stop = end)
		ret = unshare_run(space, at, stop) ?: ret;
	return ret;
}

static int unshare_batch(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	int err = pguest_ledger_put(&space->ledger, start, end);

	return unshare_pending(space, start, end) ?: err;
}

static int share_pending(struct pguest_space *space, phys_addr_t start, phys_addr_t end,
			 const struct pguest_entry *entry)
{
	phys_addr_t at, stop;
	int err = 0;

	for (at = start, stop = end; !err && next_pending(space, &at, &stop);
	     at = stop, stop = end)
		err = share_run(space, at, stop, entry);
	return err;
}

static int share_batch(struct pguest_space *space, phys_addr_t start, phys_addr_t end,
		       const struct pguest_entry *entry)
{
	int err, again = pguest_ledger_reserve(&space->ledger, start, end);

	if (again < 0)
		return again;
	space->again += again;
	err = again ? share_pending(space, start, end, entry) :
		      share_run(space, start, end, entry);
	if (!err)
		return 0;

	/* Each granule that is shared now has counted this caller. */
	pguest_ledger_unreserve(&space->ledger, start, end);
	pguest_ledger_put(&space->ledger, start, end);
	return unshare_pending(space, start, end) ?: err;
}

/*
 * Is the lock held by a CPU that does not release it? A CPU that crashes prints, and a
 * console may need memory to be shared; but it has the lock itself, or has stopped the CPU
 * that has it. As long as others run they release it in far less time.
 */
static bool is_stuck(struct pguest_space *space)
{
	unsigned int left = CRASH_WAIT_US;
	unsigned long flags;

	while (unlikely(oops_in_progress)) {
		if (spin_trylock_irqsave(&space->lock, flags)) {
			spin_unlock_irqrestore(&space->lock, flags);
			return false;
		}
		if (!left--)
			return true;
		udelay(1);
	}
	return false;
}

static bool range_valid(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	return start < end && IS_ALIGNED(start | end, space->backend->granule);
}

static phys_addr_t batch_end(struct pguest_space *space, phys_addr_t at, phys_addr_t end)
{
	phys_addr_t granule = space->backend->granule;

	return at + min3(end - at, BATCH * granule, max(BATCH_BYTES, granule));
}

/**
 * pguest_space_share() - let the host read and write a range
 * @space: the space
 * @start: first byte
 * @end: the byte after the last
 * @owner: what the memory is shared for
 * @caller: address of the code that asked for it
 *
 * Private granules are cleared first. Shared granules keep their contents and get
 * one more owner.
 *
 * Context: Any.
 * Return: 0; -EINVAL if the range does not consist of granules; -EIO if the state of a
 *	   granule is unknown: the caller must not use any page of the range again;
 *	   -EBUSY in a crash, if the lock is not released. After any other error than
 *	   -EIO the range is as it was.
 */
int pguest_space_share(struct pguest_space *space, phys_addr_t start,
		       phys_addr_t end, enum pguest_owner owner,
		       unsigned long caller)
{
	const struct pguest_entry entry = {
		.state = PGUEST_SHARED, .owner = owner, .refs = 1, .caller = caller,
	};
	phys_addr_t at, next;
	unsigned long flags;
	int err = 0;

	if (!range_valid(space, start, end))
		return -EINVAL;

	for (at = start; at < end; at = next) {
		next = batch_end(space, at, end);
		err = is_stuck(space) ? -EBUSY : 0;
		if (err)
			break;
		spin_lock_irqsave(&space->lock, flags);
		err = share_batch(space, at, next, &entry);
		space->refused += !!err;
		spin_unlock_irqrestore(&space->lock, flags);
		if (err)
			break;
	}
	if (err && at > start && pguest_space_unshare(space, start, at, caller))
		err = -EIO;
	return err;
}

/**
 * pguest_space_unshare() - make a range private again
 * @space: the space
 * @start: first byte
 * @end: the byte after the last
 * @caller: address of the code that asked for it
 *
 * Granules with other owners stay shared. The rest is cleared.
 *
 * Context: Any.
 * Return: 0; -EINVAL if a granule was not shared; -EIO if a granule is lost; -EBUSY in a
 *	   crash, if the lock is not released. After an error the caller must not use any
 *	   page of the range again.
 */
int pguest_space_unshare(struct pguest_space *space, phys_addr_t start,
			 phys_addr_t end, unsigned long caller)
{
	phys_addr_t at, next;
	unsigned long flags;
	int err, ret = 0;

	if (!range_valid(space, start, end))
		return -EINVAL;

	for (at = start; at < end; at = next) {
		next = batch_end(space, at, end);
		if (is_stuck(space))
			return -EBUSY;
		spin_lock_irqsave(&space->lock, flags);
		err = unshare_batch(space, at, next);
		space->refused += !!err;
		spin_unlock_irqrestore(&space->lock, flags);
		ret = err ?: ret;
	}
	return ret;
}

/**
 * pguest_space_enter() - enter a range that is shared without a call
 * @space: the space
 * @start: first byte
 * @end: the byte after the last
 * @owner: what uses it
 * @caller: address of the code that uses it
 *
 * Context: Any.
 * Return: 0; -EINVAL if the range does not consist of granules; -EIO if a granule is
 *	   lost; -EOVERFLOW if one has too many owners; -ENOMEM.
 */
int pguest_space_enter(struct pguest_space *space, phys_addr_t start,
		       phys_addr_t end, enum pguest_owner owner,
		       unsigned long caller)
{
	struct pguest_entry entry = {
		.state = PGUEST_SHARED, .owner = owner, .refs = 1, .caller = caller,
	};
	phys_addr_t at, stop;
	unsigned long flags;
	int again;

	if (!range_valid(space, start, end))
		return -EINVAL;

	spin_lock_irqsave(&space->lock, flags);
	again = pguest_ledger_reserve(&space->ledger, start, end);
	if (again >= 0) {
		space->again += again;
		for (at = start, stop = end; next_pending(space, &at, &stop);
		     at = stop, stop = end)
			pguest_ledger_set(&space->ledger, at, stop, &entry);
	}
	spin_unlock_irqrestore(&space->lock, flags);
	return min(again, 0);
}

/**
 * pguest_space_leave() - undo pguest_space_enter()
 * @space: the space
 * @start: first byte
 * @end: the byte after the last
 *
 * Context: Any.
 * Return: 0; -EINVAL if a granule was not entered; -EIO if one is lost.
 */
int pguest_space_leave(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	unsigned long flags;
	int err;

	if (!range_valid(space, start, end))
		return -EINVAL;

	spin_lock_irqsave(&space->lock, flags);
	err = pguest_ledger_put(&space->ledger, start, end);
	pguest_ledger_unreserve(&space->ledger, start, end);
	spin_unlock_irqrestore(&space->lock, flags);
	return err;
}

/**
 * pguest_space_shared() - is an address shared with the host?
 * @space: the space
 * @addr: the address
 *
 * Context: Any. The lock need not be held.
 * Return: true if the ledger has its granule as shared.
 */
bool pguest_space_shared(struct pguest_space *space, phys_addr_t addr)
{
	return pguest_ledger_get(&space->ledger, addr).state == PGUEST_SHARED;
}

/**
 * pguest_granule_valid() - is this a possible size of a granule?
 * @granule: bytes, as the hypervisor or the host reports them
 * @ram: RAM of the VM in bytes, 0 if it is not known yet (EFI)
 *
 * Context: Any.
 * Return: true for a power of two from 4 KiB up to PGUEST_GRANULE_MAX and @ram.
 */
bool pguest_granule_valid(u64 granule, u64 ram)
{
	return is_power_of_2(granule) && granule >= SZ_4K &&
	       granule <= PGUEST_GRANULE_MAX && (!ram || granule <= ram);
}
