/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What each function of the ledger does to a plain array of entries. ledger.c proves that the real
 * ones do the same; share.c uses these in their place.
 */
#ifndef PROVE_LEDGER_H
#define PROVE_LEDGER_H

static struct pguest_entry entries[PROVE_GRANULES];

#define for_each_in(i, start, end)					\
	for (i = 0; i < PROVE_GRANULES; i++)				\
		if (address(i) >= (start) && address(i) < (end))

static void put_entry(struct pguest_ledger *ledger, unsigned int i, const struct pguest_entry *entry)
{
	const struct pguest_entry *old = &entries[i];

	ledger->now -= old->state == PGUEST_SHARED;
	ledger->lost -= old->state == PGUEST_LOST;
	ledger->now += entry->state == PGUEST_SHARED;
	ledger->lost += entry->state == PGUEST_LOST;
	ledger->peak = max(ledger->peak, ledger->now);
	entries[i] = *entry;
}

static void reference_erase(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	static const struct pguest_entry none;
	unsigned int i;

	for_each_in(i, start, end)
		put_entry(ledger, i, &none);
}

static int reference_set(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end,
			 const struct pguest_entry *entry)
{
	unsigned int i;

	for_each_in(i, start, end)
		put_entry(ledger, i, entry);
	return 0;
}

static void reference_unreserve(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	static const struct pguest_entry none;
	unsigned int i;

	for_each_in(i, start, end) {
		if (entries[i].state == PGUEST_PENDING)
			put_entry(ledger, i, &none);
	}
}

static int reference_reserve(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end, bool memory)
{
	static const struct pguest_entry pending = { .state = PGUEST_PENDING };
	int err = memory ? 0 : -ENOMEM, shared = 0;
	unsigned int i;

	for_each_in(i, start, end) {
		if (entries[i].state == PGUEST_LOST)
			err = -EIO;
		else if (entries[i].state == PGUEST_SHARED && entries[i].refs == U16_MAX)
			err = err ?: -EOVERFLOW;
	}
	if (err)
		return err;
	for_each_in(i, start, end) {
		if (entries[i].state == PGUEST_SHARED) {
			entries[i].refs++;
			shared++;
		} else {
			put_entry(ledger, i, &pending);
		}
	}
	return shared;
}

static int reference_put(struct pguest_ledger *ledger, phys_addr_t start, phys_addr_t end)
{
	static const struct pguest_entry pending = { .state = PGUEST_PENDING };
	bool lost = false, missing = false;
	unsigned int i;

	for_each_in(i, start, end) {
		lost |= entries[i].state == PGUEST_LOST;
		missing |= entries[i].state != PGUEST_SHARED;
		if (entries[i].state == PGUEST_SHARED && !--entries[i].refs)
			put_entry(ledger, i, &pending);
	}
	return lost ? -EIO : missing ? -EINVAL : 0;
}

static bool reference_next_run(enum pguest_state state, phys_addr_t *start, phys_addr_t *end)
{
	unsigned int i, first = PROVE_GRANULES, behind = 0;

	for_each_in(i, *start, *end) {
		if (entries[i].state != state || (behind && behind != i))
			continue;
		first = min(first, i);
		behind = i + 1;
	}
	if (!behind)
		return false;
	*start = address(first);
	*end = address(behind);
	return true;
}

#endif
