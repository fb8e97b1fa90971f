// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sharing memory with the host, and taking it back.
 *
 * Rules that hold here for every backend:
 * - whole granules, never past what the caller owns;
 * - a partial answer is followed, a wrong one is not believed;
 * - an error half-way takes back what was done;
 * - a granule is cleared before the host sees it and before we use it again;
 * - a granule whose state is unknown is lost: nobody uses it again;
 * - a granule is shared once. Further requests are counted and not sent,
 *   because the hypervisor would refuse them (mainline: -3);
 * - where shared memory has an address of its own, a granule is mapped at neither
 *   address while it changes hands, and what it held before is nobody's.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include <asm/pguest.h>
#include <trace/events/pguest.h>

/*
 * What is worked on with interrupts off: so many granules, at one call for each,
 * and so many bytes, which are cleared. A granule can have 2 MiB, and in a realm
 * the host chooses it.
 */
#define BATCH		64
#define BATCH_BYTES	((phys_addr_t)SZ_4M)

struct pguest_space pguest_memory = {
	.lock = __SPIN_LOCK_UNLOCKED(pguest_memory.lock),
};

/* What the host supplies is not RAM: there is nothing of ours in it. */
static void clear_linear(phys_addr_t start, phys_addr_t end)
{
	if (start < end && pfn_is_map_memory(PHYS_PFN(start)))
		memset(phys_to_virt(start), 0, end - start);
}

/**
 * pguest_space_init() - begin with nothing shared
 * @space: the space
 * @backend: the hypervisor that is asked
 * @clear: how to overwrite memory with zeroes, or NULL for the linear map
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
 * pguest_walk() - have a range done by as many calls as it takes
 * @call: does the beginning of a range, and tells how far it got
 * @start: first byte
 * @end: the byte after the last
 * @granule: alignment of all of these
 * @top: where the part that is done ends; @start if nothing is
 * @calls: incremented for each call
 *
 * Each call must move by a granule or more, so there are no more calls than
 * granules.
 *
 * Context: Any.
 * Return: 0 when all is done, @call's error, or -EPROTO for an answer that
 *	   makes no sense. The state beyond @top is unknown after -EPROTO.
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

/* Share a run of granules that are PGUEST_PENDING. */
static int share_run(struct pguest_space *space, phys_addr_t start,
		     phys_addr_t end, const struct pguest_entry *entry)
{
	phys_addr_t top, unknown;
	int err, undo;

	/* This faults the granules in as well, which spares the host an exit. */
	space->clear(start, end);
	err = map_run(space, start, end, PGUEST_MAP_NONE);
	if (err) {
		map_run(space, start, end, PGUEST_MAP_PRIVATE);
		return err;
	}
	err = pguest_walk(space->backend->ops->share, start, end,
			  space->backend->granule, &top, &space->calls_share);
	trace_pguest_share(start, top, entry->owner, err);
	if (!err) {
		map_run(space, start, end, PGUEST_MAP_SHARED);
		/* Another page may be there now, with what the host likes. */
		if (space->backend->shared_bit)
			space->clear(start, end);
		pguest_ledger_set(&space->ledger, start, end, entry);
		return 0;
	}
	/* Never entered as shared: nobody may find it there on its way back. */
	undo = unshare_run(space, start, top);
	unknown = pguest_is_refusal(err) ? top : unknown_end(space, err, top, end);
	if (unknown > top)
		err = lose_run(space, top, unknown);
	map_run(space, unknown, end, PGUEST_MAP_PRIVATE);
	return undo ?: err;
}

/* Take back what pguest_ledger_put() has left without an owner. */
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
	err = share_pending(space, start, end, entry);
	if (!err)
		return 0;

	/* The granules that are shared now, before or by us, have an owner too many. */
	pguest_ledger_unreserve(&space->ledger, start, end);
	pguest_ledger_put(&space->ledger, start, end);
	return unshare_pending(space, start, end) ?: err;
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
 * @space: where
 * @start: first byte
 * @end: the byte after the last
 * @owner: on whose behalf
 * @caller: code that asked for it
 *
 * Granules that were private are cleared first. Those that were shared already
 * keep their contents and get one more owner.
 *
 * Context: Any.
 * Return: 0; -EINVAL for a range that is not made of granules; -EIO when the
 *	   state of part of it is unknown, and no page of it may be used again;
 *	   any other error, and all that was private is private.
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
 * @space: where
 * @start: first byte
 * @end: the byte after the last
 * @caller: code that asked for it
 *
 * Granules with other owners stay shared. The rest is cleared.
 *
 * Context: Any.
 * Return: 0; -EINVAL when part of the range was not shared; -EIO when part of
 *	   it is lost. After an error no page of the range may be used again.
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
		spin_lock_irqsave(&space->lock, flags);
		err = unshare_batch(space, at, next);
		space->refused += !!err;
		spin_unlock_irqrestore(&space->lock, flags);
		ret = err ?: ret;
	}
	return ret;
}

/**
 * pguest_space_enter() - enter a range that is shared without being asked for
 * @space: where
 * @start: first byte
 * @end: the byte after the last
 * @owner: on whose behalf
 * @caller: code that uses it
 *
 * Context: Any.
 * Return: 0, -EINVAL for a range that is not made of granules, -EIO for one
 *	   that is lost, -ENOMEM or -EOVERFLOW.
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
 * @space: where
 * @start: first byte
 * @end: the byte after the last
 *
 * Context: Any.
 * Return: 0, -EINVAL if part of the range was not entered, -EIO if part is lost.
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
 * pguest_space_shared() - can the host read this address?
 * @space: where
 * @addr: any byte
 *
 * Context: Any, without the lock.
 * Return: true when its granule is in the ledger as shared.
 */
bool pguest_space_shared(struct pguest_space *space, phys_addr_t addr)
{
	return pguest_ledger_get(&space->ledger, addr).state == PGUEST_SHARED;
}

/**
 * pguest_granule_valid() - can this be the size of a granule?
 * @granule: bytes, as the other side says
 * @ram: memory of the guest in bytes, 0 if not known yet (EFI)
 *
 * Return: true for a power of two from 4 KiB up to PGUEST_GRANULE_MAX and @ram.
 */
bool pguest_granule_valid(u64 granule, u64 ram)
{
	return is_power_of_2(granule) && granule >= SZ_4K &&
	       granule <= PGUEST_GRANULE_MAX && (!ram || granule <= ram);
}
