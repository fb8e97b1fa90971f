// SPDX-License-Identifier: GPL-2.0-only
/* prove: unwind 4, GRANULES 3 */
/* define: RESERVE */
/* define: UNRESERVE */
/* define: PUT */
/* define: SET */
/* define: ERASE */
/* define: NEXT_RUN */
/* define: QUESTIONS */
/*
 * Each function of the ledger, in any state, for any range, with memory or without: the entries and the
 * counters become what ledger-as-proved.h makes of them.
 */
#include "arch/arm64/mm/ledger.c"
#include "hypervisor.h"
#include "ledger-as-proved.h"

static struct pguest_ledger ledger;
/* What put_entry() counts */
static struct pguest_ledger counted;
static phys_addr_t start, end;

static void any_state(void)
{
	unsigned int i;

	pguest_ledger_init(&ledger, 1UL << SHIFT);
	prove_first = BASE >> SHIFT;
	prove_memory = true;
	for (i = 0; i < PROVE_GRANULES; i++) {
		struct pguest_entry entry = {
			.state = any_of(PGUEST_PRIVATE, PGUEST_LOST),
			.owner = any_of(0, PGUEST_NR_OWNERS - 1),
			.refs = any_of(1, U16_MAX),
		};

		if (entry.state == PGUEST_PRIVATE)
			continue;
		ledger.granules.entries[i] = entry_pack(&entry);
		account_entry(&ledger, &entry, 1);
		put_entry(&counted, i, &entry);
	}
	prove_memory = false;
}

static bool same_entries(void)
{
	unsigned int i;

	for (i = 0; i < PROVE_GRANULES; i++) {
		struct pguest_entry entry = entry_unpack(ledger.granules.entries[i]);

		if (entry.state != entries[i].state || entry.refs != entries[i].refs ||
		    entry.owner != entries[i].owner)
			return false;
	}
	return ledger.now == counted.now && ledger.lost == counted.lost;
}

static void check_owners(void)
{
	unsigned long owned[PGUEST_NR_OWNERS] = { };
	unsigned int i;

	for (i = 0; i < PROVE_GRANULES; i++)
		owned[entries[i].owner] += entries[i].state == PGUEST_SHARED;
	i = any_of(0, PGUEST_NR_OWNERS - 1);
	check(ledger.by_owner[i] == owned[i], "each owner's granules are counted");
}

static void try_reserve(void)
{
	unsigned int i;
	int got;

	/* Between two operations no granule is pending. */
	for (i = 0; i < PROVE_GRANULES; i++)
		assume(entries[i].state != PGUEST_PENDING);
	got = pguest_ledger_reserve(&ledger, start, end);
	if (got == -ENOMEM || got == -EOVERFLOW || got == -EIO) {
		check(same_entries(), "an error has changed nothing");
		if (got != -ENOMEM)
			check(reference_reserve(&counted, start, end, true) < 0, "an error has a reason");
		return;
	}
	check(got == reference_reserve(&counted, start, end, true), "all are reserved");
}

static void try_set(void)
{
	struct pguest_entry entry = {
		.state = any_of(PGUEST_PENDING, PGUEST_LOST),
		.owner = any_of(0, PGUEST_NR_OWNERS - 1),
		.refs = any_of(1, U16_MAX),
	};
	unsigned int i;

	/* So do its callers: all entries are there. */
	for_each_in(i, start, end)
		assume(entries[i].state != PGUEST_PRIVATE);
	check(!pguest_ledger_set(&ledger, start, end, &entry), "what is there can be changed");
	reference_set(&counted, start, end, &entry);
}

static void try_next_run(void)
{
	enum pguest_state state = any_of(PGUEST_PENDING, PGUEST_LOST);
	phys_addr_t start2 = start, end2 = end;
	bool found = pguest_ledger_next_run(&ledger, state, &start, &end);

	check(found == reference_next_run(state, &start2, &end2), "a run is found if there is one");
	check(start == start2 && end == end2, "and it is the same");
}

static void try_questions(void)
{
	enum pguest_owner owner = any_of(0, PGUEST_NR_OWNERS - 1);
	bool any = false, free = true;
	unsigned int i;

	for_each_in(i, start, end) {
		any |= entries[i].state != PGUEST_PRIVATE;
		free &= entries[i].state == PGUEST_PRIVATE ||
			(entries[i].state == PGUEST_SHARED && entries[i].owner == owner);
	}
	assume(start < end);
	check(pguest_ledger_any(&ledger, start, end) == any, "any");
	check(pguest_ledger_free_for(&ledger, start, end, owner) == free, "free for an owner");
}

int main(void)
{
	unsigned int first = any_of(0, PROVE_GRANULES);
	unsigned int last = any_of(first, PROVE_GRANULES);

	any_state();
	start = address(first);
	end = address(last);
#if defined(PROVE_RESERVE)
	assume(start < end);
	try_reserve();
#elif defined(PROVE_UNRESERVE)
	assume(start < end);
	pguest_ledger_unreserve(&ledger, start, end);
	reference_unreserve(&counted, start, end);
#elif defined(PROVE_PUT)
	assume(start < end);
	check(pguest_ledger_put(&ledger, start, end) == reference_put(&counted, start, end), "the same result");
#elif defined(PROVE_SET)
	try_set();
#elif defined(PROVE_ERASE)
	pguest_ledger_erase(&ledger, start, end);
	reference_erase(&counted, start, end);
#elif defined(PROVE_NEXT_RUN)
	try_next_run();
#else
	try_questions();
#endif
	check(same_entries(), "the entries and the counters are the same");
	check_owners();
	return 0;
}
