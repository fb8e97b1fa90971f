// SPDX-License-Identifier: GPL-2.0-only
/* prove: unwind 3, GRANULES 2 */
/* shrink: arch/arm64/mm/share.c BATCH PROVE_BATCH */
/* shrink: arch/arm64/mm/share.c CRASH_WAIT_US 1 */
/* replace: pguest_walk:walk_as_proved */
/* define: SHARE */
/* define: UNSHARE */
/* define: SHARE RANGES */
/* define: UNSHARE RANGES */
/* define: SHARE RANGES REALM */
/* define: UNSHARE RANGES REALM */
/* define: SHARE CRASH */
/* define: UNSHARE CRASH */
/* define: SHARE MIXED */
/* define: UNSHARE MIXED */
/*
 * pguest_space_share() and pguest_space_unshare(): begin with any state of all granules in which ledger
 * and hypervisor agree, do any one of the two to any range, get any answers. They agree again, or what
 * they do not agree about is lost. So they do after any number of operations.
 */
/* Two batches, of which the second is refused; or one, in which some granules are shared before and others are not. */
#ifdef PROVE_MIXED
#define PROVE_BATCH	2
#else
#define PROVE_BATCH	1
#endif

#include "arch/arm64/mm/share.c"
#include "hypervisor.h"
#include "ledger-as-proved.h"

#ifdef PROVE_CRASH
#define IN_CRASH	true
#else
#define IN_CRASH	false
#endif

static struct pguest_entry before[PROVE_GRANULES];

/* The ledger, whose functions ledger.c proves to be these */
void pguest_ledger_init(struct pguest_ledger *ledger, phys_addr_t granule)
{
	memset(ledger, 0, sizeof(*ledger));
}

struct pguest_entry pguest_ledger_get(struct pguest_ledger *ledger, phys_addr_t addr)
{
	return entries[number(addr)];
}

int pguest_ledger_set(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end,
		      const struct pguest_entry *entry)
{
	unsigned int i;

	for_each_in(i, start, end)
		check(entries[i].state != PGUEST_PRIVATE, "no entry needs memory");
	return reference_set(ledger, start, end, entry);
}

void pguest_ledger_erase(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	reference_erase(ledger, start, end);
}

int pguest_ledger_reserve(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	return reference_reserve(ledger, start, end, nondet_bool());
}

void pguest_ledger_unreserve(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	reference_unreserve(ledger, start, end);
}

int pguest_ledger_put(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	return reference_put(ledger, start, end);
}

bool pguest_ledger_next_run(struct pguest_ledger *ledger, enum pguest_state state,
			    phys_addr_t *start, phys_addr_t *end)
{
	return reference_next_run(state, start, end);
}

static void any_granule(unsigned int i)
{
	struct pguest_entry entry = {
		.state = any_of(PGUEST_PRIVATE, PGUEST_LOST),
		.owner = any_of(0, PGUEST_NR_OWNERS - 1),
		.refs = any_of(1, U16_MAX),
	};
	static const enum pguest_map maps[] = {
		PGUEST_MAP_PRIVATE, PGUEST_MAP_NONE, PGUEST_MAP_SHARED, PGUEST_MAP_NONE,
	};

	assume(entry.state != PGUEST_PENDING);
	granules[i].open = entry.state == PGUEST_LOST ? nondet_bool() : entry.state == PGUEST_SHARED;
	granules[i].secret = entry.state == PGUEST_PRIVATE;
	granules[i].foreign = entry.state != PGUEST_PRIVATE;
	granules[i].map = maps[entry.state];
	if (entry.state == PGUEST_PRIVATE)
		entry = (struct pguest_entry){ };
	put_entry(&space.ledger, i, &entry);
	before[i] = entries[i];
}

static void agree(unsigned int i)
{
	struct pguest_entry now = entries[i];
	const struct granule *g = &granules[i];

	check(now.state != PGUEST_PENDING, "no granule is left half-way");
	check(now.state != PGUEST_SHARED || g->open, "what passes for shared is shared");
	check(now.state != PGUEST_SHARED || (now.refs && !g->secret), "what is shared has an owner and no secret");
	check(now.state != PGUEST_PRIVATE || !g->open, "what passes for private is private");
	check(now.state != PGUEST_PRIVATE || !g->foreign, "what goes back is cleared");
	check(!backend.shared_bit || now.state == PGUEST_LOST ||
	      g->map == (now.state == PGUEST_SHARED ? PGUEST_MAP_SHARED : PGUEST_MAP_PRIVATE),
	      "a granule is mapped where it is");
	check(!backend.shared_bit || now.state != PGUEST_LOST || g->map == PGUEST_MAP_NONE,
	      "what is lost is not mapped");
	if (i < op_first || i >= op_end)
		check(now.state == before[i].state && now.refs == before[i].refs, "all else is as it was");
	check(before[i].state != PGUEST_LOST || now.state == PGUEST_LOST, "what is lost stays lost");
}

static void after_share(unsigned int i, int err)
{
	struct pguest_entry now = entries[i];
	unsigned int refs = before[i].state == PGUEST_SHARED ? before[i].refs : 0;

	if (!err)
		check(now.state == PGUEST_SHARED && now.refs == refs + 1, "a success has shared all");
	/* What a crash has cut short may keep one owner too many, and is never private by mistake. */
	if (IN_CRASH && err == -EIO)
		return;
	if (err && before[i].state == PGUEST_SHARED)
		check(now.state == PGUEST_SHARED && now.refs == refs, "after an error other owners keep theirs");
	if (err && err != -EIO)
		check(now.state == before[i].state, "a refusal has changed nothing");
}

static void after_unshare(unsigned int i, int err)
{
	struct pguest_entry now = entries[i];

	/* The rest of the range is shared as before: the caller may not use it. */
	if (IN_CRASH && err == -EBUSY)
		return;
	if (before[i].state == PGUEST_SHARED && before[i].refs > 1)
		check(now.state == PGUEST_SHARED && now.refs == before[i].refs - 1, "other owners keep theirs");
	else
		check(now.state != PGUEST_SHARED, "nothing stays shared without an owner");
	check(err || now.state != PGUEST_LOST, "a loss is reported");
}

static void check_counters(void)
{
	unsigned long shared = 0, lost = 0;
	unsigned int i;

	for (i = 0; i < PROVE_GRANULES; i++) {
		shared += entries[i].state == PGUEST_SHARED;
		lost += entries[i].state == PGUEST_LOST;
	}
	check(space.ledger.now == shared && space.ledger.lost == lost, "the counters are those of the entries");
	check(space.ledger.peak >= shared, "the peak is no less");
	check(!space.lock.held, "the lock is free");
}

int main(void)
{
#ifdef PROVE_SHARE
	const bool share = true;
#else
	const bool share = false;
#endif
	unsigned int i;
	int err;

#ifdef PROVE_RANGES
	backend.ranges = true;
#endif
#ifdef PROVE_REALM
	backend.shared_bit = 1UL << 47;
#endif
	backend.granule = 1UL << SHIFT;
	backend.ops = &ops;
	pguest_space_init(&space, &backend, do_clear);
	space.map = do_map;
	for (i = 0; i < PROVE_GRANULES; i++)
		any_granule(i);
	op_first = any_of(0, PROVE_GRANULES - 1);
	op_end = any_of(op_first + 1, PROVE_GRANULES);

	if (share)
		err = pguest_space_share(&space, address(op_first), address(op_end), PGUEST_BOUNCE, 0);
	else
		err = pguest_space_unshare(&space, address(op_first), address(op_end), 0);

	for (i = 0; i < PROVE_GRANULES; i++) {
		agree(i);
		if (i < op_first || i >= op_end)
			continue;
		if (share)
			after_share(i, err);
		else
			after_unshare(i, err);
	}
	check_counters();
	return 0;
}
