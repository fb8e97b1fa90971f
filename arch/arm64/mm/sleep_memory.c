// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hibernation: all that is shared is private for a moment, with its contents, and is
 * shared again.
 *
 * The image is made in that moment, and the kernel that starts it makes all of its own
 * memory private before. So the kernel in the image finds all memory private, as the
 * image has it, whatever the other kernel had shared; and it shares what its ledger has.
 *
 * This CPU is the only one, interrupts are off, and the devices have been suspended. No
 * lock is waited for: pguest_space_suspend() refuses if a task holds that of the space.
 * Nothing is allocated, and the ledger does not change.
 */
#include <linux/mm.h>

#include <asm/pguest.h>

/*
 * @call: what changes the state of a granule
 * @from, @to: how it is mapped before and afterwards
 */
struct change {
	pguest_call_t call;
	unsigned long *calls;
	enum pguest_map from, to;
};

/* Where shared memory has its own address bit, a change of the state destroys contents. */
static int change_granule(struct pguest_space *space, const struct change *change,
			  pguest_keep_t keep, phys_addr_t start, phys_addr_t *top)
{
	phys_addr_t end = start + space->backend->granule;
	int err;

	*top = end;
	/* What the host supplies is at a shared address by itself. */
	if (pguest_owner_is_host(pguest_ledger_get(&space->ledger, start).owner))
		return 0;
	keep(start, end, false);
	err = space->map(start, end, PGUEST_MAP_NONE) ?:
	      pguest_walk(change->call, start, end, space->backend->granule, top,
			  change->calls);
	if (!err) {
		space->map(start, end, change->to);
		keep(start, end, true);
		return 0;
	}
	*top = start;
	if (pguest_is_refusal(err))
		space->map(start, end, change->from);
	return err;
}

static int change_run(struct pguest_space *space, const struct change *change,
		      pguest_keep_t keep, phys_addr_t start, phys_addr_t end,
		      phys_addr_t *top)
{
	int err = 0;

	if (!space->backend->shared_bit)
		return pguest_walk(change->call, start, end, space->backend->granule, top,
				   change->calls);
	for (*top = start; !err && *top < end; )
		err = change_granule(space, change, keep, *top, top);
	return err;
}

/* All granules that the ledger has as shared, below @limit */
static int change_all(struct pguest_space *space, const struct change *change,
		      pguest_keep_t keep, phys_addr_t limit, phys_addr_t *top)
{
	phys_addr_t start = 0, end = limit;
	int err = 0;

	*top = limit;
	while (!err && pguest_ledger_next_run(&space->ledger, PGUEST_SHARED, &start, &end)) {
		err = change_run(space, change, keep, start, end, top);
		start = end;
		end = limit;
	}
	return err;
}

static int share_below(struct pguest_space *space, pguest_keep_t keep, phys_addr_t limit,
		       phys_addr_t *top)
{
	const struct change change = {
		space->backend->ops->share, &space->calls_share,
		PGUEST_MAP_PRIVATE, PGUEST_MAP_SHARED,
	};

	return change_all(space, &change, keep, limit, top);
}

/* A task that was stopped while it shared granules or took them back */
static bool is_in_use(struct pguest_space *space)
{
	phys_addr_t start = 0, end = PHYS_MASK + 1;
	unsigned long flags;

	if (!spin_trylock_irqsave(&space->lock, flags))
		return true;
	spin_unlock_irqrestore(&space->lock, flags);
	return pguest_ledger_next_run(&space->ledger, PGUEST_PENDING, &start, &end);
}

/**
 * pguest_space_suspend() - take back all that is shared, with its contents
 * @space: the space; its ledger does not change
 * @keep: keeps the contents of a granule
 * @at: set to the granule that was refused
 *
 * After an error other than -EIO all is shared as before.
 *
 * Context: One CPU online, interrupts off, no device uses the memory.
 * Return: 0; -EBUSY if a task was stopped while it changed the space; -ENOTRECOVERABLE if
 *	   granules are lost; -EIO if a granule is in an unknown state, or is not shared any
 *	   more; otherwise the error of the backend, which has refused.
 */
int pguest_space_suspend(struct pguest_space *space, pguest_keep_t keep, phys_addr_t *at)
{
	const struct change change = {
		space->backend->ops->unshare, &space->calls_unshare,
		PGUEST_MAP_SHARED, PGUEST_MAP_PRIVATE,
	};
	phys_addr_t top;
	int err;

	*at = 0;
	if (is_in_use(space))
		return -EBUSY;
	if (space->ledger.lost)
		return -ENOTRECOVERABLE;
	err = change_all(space, &change, keep, PHYS_MASK + 1, at);
	if (!err)
		return 0;
	if (!pguest_is_refusal(err) || share_below(space, keep, *at, &top))
		return -EIO;
	return err;
}

/**
 * pguest_space_resume() - share again what pguest_space_suspend() has taken back
 * @space: the space; its ledger does not change
 * @keep: keeps the contents of a granule
 * @at: set to the granule that was refused
 *
 * The host has had the contents before, and gets no others.
 *
 * Context: As pguest_space_suspend(); it may be a machine that was restarted.
 * Return: 0, or an error: the granules from @at on are not shared, although the ledger has
 *	   them and devices will use them.
 */
int pguest_space_resume(struct pguest_space *space, pguest_keep_t keep, phys_addr_t *at)
{
	return share_below(space, keep, PHYS_MASK + 1, at);
}
