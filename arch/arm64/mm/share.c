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
	pguest_ledger_init(&space->ledger);
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

/* A refusal says that nothing was done. Any other error says nothing at all. */
static bool is_refusal(int err)
{
	return err == -EINVAL || err == -EOPNOTSUPP || err == -EPERM ||
	       err == -ETIMEDOUT;
}

static int map(struct pguest_space *space, phys_addr_t start, phys_addr_t end,
	       enum pguest_map how)
{
	if (!space->backend->shared_bit || start == end)
		return 0;
	return space->map(start, end, how);
}

/* How far the damage of a failed call may reach, which was for all up to @end. */
static phys_addr_t unknown_end(struct pguest_space *space, int err,
			       phys_addr_t at, phys_addr_t end)
{
	if (is_refusal(err) || !space->backend->ranges)
		return at + space->backend->granule;
	return end;
}

static void set_state(struct pguest_space *space, phys_addr_t start,
		      phys_addr_t end, const struct pguest_entry *entry)
{
	phys_addr_t granule = space->backend->granule;
	phys_addr_t at;

	/* All of them are in the ledger already, so nothing is allocated. */
	for (at = start; at < end; at += granule)
		pguest_ledger_set(&space->ledger, at / granule, entry);
}

static void forget(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	phys_addr_t granule = space->backend->granule;
	phys_addr_t at;

	for (at = start; at < end; at += granule)
		pguest_ledger_erase(&space->ledger, at / granule);
}

static struct pguest_entry look_up(struct pguest_space *space, phys_addr_t addr)
{
	return pguest_ledger_get(&space->ledger, addr / space->backend->granule);
}

/* End of the run of granules from @at on that are in @state. */
static phys_addr_t run_end(struct pguest_space *space, phys_addr_t at,
			   phys_addr_t end, enum pguest_state state)
{
	while (at < end && look_up(space, at).state == state)
		at += space->backend->granule;
	return at;
}

static int lose(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	static const struct pguest_entry lost = { .state = PGUEST_LOST };

	set_state(space, start, end, &lost);
	trace_pguest_lost(start, end);
	return -EIO;
}

/* Take back a run; go on after a granule that cannot be had. */
static int unshare_run(struct pguest_space *space, phys_addr_t start,
		       phys_addr_t end)
{
	phys_addr_t at, top, next;
	int err, ret = 0;

	map(space, start, end, PGUEST_MAP_NONE);
	for (at = start; at < end; at = next) {
		err = pguest_walk(space->backend->unshare, at, end,
				  space->backend->granule, &top,
				  &space->calls_unshare);
		trace_pguest_unshare(at, top, err);
		map(space, at, top, PGUEST_MAP_PRIVATE);
		space->clear(at, top);
		forget(space, at, top);
		next = top;
		if (err) {
			next = unknown_end(space, err, top, end);
			ret = lose(space, top, next);
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
	err = map(space, start, end, PGUEST_MAP_NONE);
	if (err) {
		map(space, start, end, PGUEST_MAP_PRIVATE);
		return err;
	}
	err = pguest_walk(space->backend->share, start, end,
			  space->backend->granule, &top, &space->calls_share);
	trace_pguest_share(start, top, entry->owner, err);
	if (!err) {
		map(space, start, end, PGUEST_MAP_SHARED);
		/* Another page may be there now, with what the host likes. */
		if (space->backend->shared_bit)
			space->clear(start, end);
		set_state(space, start, end, entry);
		return 0;
	}
	/* Never entered as shared: nobody may find it there on its way back. */
	undo = unshare_run(space, start, top);
	unknown = is_refusal(err) ? top : unknown_end(space, err, top, end);
	if (unknown > top)
		err = lose(space, top, unknown);
	map(space, unknown, end, PGUEST_MAP_PRIVATE);
	return undo ?: err;
}

/* Enter the private granules as pending, before anything is asked for. */
static int reserve(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	static const struct pguest_entry pending = { .state = PGUEST_PENDING };
	phys_addr_t granule = space->backend->granule;
	struct pguest_entry entry;
	phys_addr_t at;
	int err;

	for (at = start; at < end; at += granule) {
		entry = look_up(space, at);
		if (entry.state == PGUEST_LOST)
			return -EIO;
		if (entry.state == PGUEST_SHARED) {
			if (entry.refs == U16_MAX)
				return -EOVERFLOW;
			continue;
		}
		err = pguest_ledger_set(&space->ledger, at / granule, &pending);
		if (err)
			return err;
	}
	return 0;
}

/* Drop what reserve() entered and share_run() did not get to. */
static void unreserve(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	phys_addr_t at, stop, granule = space->backend->granule;

	for (at = start; at < end; at = stop + granule) {
		stop = run_end(space, at, end, PGUEST_PENDING);
		forget(space, at, stop);
	}
}

/* Count one more owner for the granules that were shared before us. */
static void share_again(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	phys_addr_t at, granule = space->backend->granule;
	struct pguest_entry entry;

	for (at = start; at < end; at += granule) {
		entry = look_up(space, at);
		if (entry.state != PGUEST_SHARED)
			continue;
		entry.refs++;
		space->again++;
		pguest_ledger_set(&space->ledger, at / granule, &entry);
	}
}

/*
 * Drop one owner of each granule, and take back those that have none left.
 */
static int unshare_batch(struct pguest_space *space, phys_addr_t start,
			 phys_addr_t end)
{
	static const struct pguest_entry pending = { .state = PGUEST_PENDING };
	phys_addr_t at, stop, granule = space->backend->granule;
	struct pguest_entry entry;
	int ret = 0;

	for (at = start; at < end; at += granule) {
		entry = look_up(space, at);
		if (entry.state != PGUEST_SHARED) {
			ret = entry.state == PGUEST_LOST ? -EIO : -EINVAL;
			continue;
		}
		if (--entry.refs)
			pguest_ledger_set(&space->ledger, at / granule, &entry);
		else
			pguest_ledger_set(&space->ledger, at / granule, &pending);
	}

	for (at = start; at < end; at = stop + granule) {
		stop = run_end(space, at, end, PGUEST_PENDING);
		if (stop > at && unshare_run(space, at, stop))
			ret = -EIO;
	}
	return ret;
}

static int share_batch(struct pguest_space *space, phys_addr_t start,
		       phys_addr_t end, const struct pguest_entry *entry)
{
	phys_addr_t at, stop, granule = space->backend->granule;
	int err;

	/*
	 * Those that are shared already come first, so that the way back is
	 * the same for all: drop one owner of each granule that is shared.
	 */
	err = reserve(space, start, end);
	if (err) {
		unreserve(space, start, end);
		return err;
	}
	share_again(space, start, end);

	for (at = start; at < end; at = stop + granule) {
		stop = run_end(space, at, end, PGUEST_PENDING);
		if (stop > at)
			err = share_run(space, at, stop, entry);
		if (err)
			break;
	}
	if (!err)
		return 0;

	unreserve(space, start, end);
	for (at = start; at < end; at += granule) {
		if (look_up(space, at).state == PGUEST_SHARED &&
		    unshare_batch(space, at, at + granule))
			err = -EIO;
	}
	return err;
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
	phys_addr_t granule = space->backend->granule;
	unsigned long flags;
	phys_addr_t at;
	int err;

	if (!range_valid(space, start, end))
		return -EINVAL;

	spin_lock_irqsave(&space->lock, flags);
	err = reserve(space, start, end);
	if (!err) {
		share_again(space, start, end);
		for (at = start; at < end; at += granule) {
			if (look_up(space, at).state == PGUEST_PENDING)
				pguest_ledger_set(&space->ledger, at / granule, &entry);
		}
	} else {
		unreserve(space, start, end);
	}
	spin_unlock_irqrestore(&space->lock, flags);
	return err;
}

/**
 * pguest_space_leave() - undo pguest_space_enter()
 * @space: where
 * @start: first byte
 * @end: the byte after the last
 *
 * Context: Any.
 * Return: 0, or -EINVAL if part of the range was not entered.
 */
int pguest_space_leave(struct pguest_space *space, phys_addr_t start, phys_addr_t end)
{
	phys_addr_t at, granule = space->backend->granule;
	struct pguest_entry entry;
	unsigned long flags;
	int err = 0;

	if (!range_valid(space, start, end))
		return -EINVAL;

	spin_lock_irqsave(&space->lock, flags);
	for (at = start; at < end; at += granule) {
		entry = look_up(space, at);
		if (entry.state != PGUEST_SHARED)
			err = -EINVAL;
		else if (--entry.refs)
			pguest_ledger_set(&space->ledger, at / granule, &entry);
		else
			pguest_ledger_erase(&space->ledger, at / granule);
	}
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
	return look_up(space, addr).state == PGUEST_SHARED;
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
