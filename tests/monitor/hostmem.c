// SPDX-License-Identifier: GPL-2.0-only
/* What pages of the host's have in common: who may write there, and which addresses the host has named to the guest. */
#include "count.h"
#include "memory.h"
#include "options.h"

#define NAMES		16

static struct span names[NAMES];
static u32 nr_names;
static u64 shared, shared_by_name;

static bool is_outside(u64 ipa)
{
	return !span_has(&ram, ipa) && !host_page_has(ipa);
}

void *host_reach(u64 ipa, u64 size)
{
	if (ipa + size < ipa || is_outside(ipa) || is_outside(ipa + size - 1))
		return NULL;
	if (!stage2_host_sees(ipa) || !stage2_host_sees(ipa + size - 1))
		return NULL;
	return (void *)(is_realm() && span_has(&ram, ipa) ? mirror_of(ipa) : host_page_pa(ipa));
}

/* Each CPU gets the same answer, so most names are there already. */
void host_names(u64 ipa, u64 size)
{
	struct span name = { ipa, ipa + size };

	for (u32 i = 0; i < nr_names; i++)
		if (names[i].start == name.start && names[i].end == name.end)
			return;
	if (nr_names < NAMES && name.end > name.start)
		names[nr_names++] = name;
}

static bool was_named(u64 ipa)
{
	for (u32 i = 0; i < nr_names; i++)
		if (names[i].start < ipa + opt.granule && ipa < names[i].end)
			return true;
	return false;
}

/* A granule, under the lock. */
void host_page_shared(u64 ipa)
{
	if (host_page_has(ipa))
		shared++;
	else if (was_named(ipa))
		shared_by_name++;
}

void host_page_unshared(u64 ipa)
{
	shared -= host_page_has(ipa);
}

/* A realm's guest does not share them: they are in the upper half, and nothing is at their lower address. */
enum verdict host_page_touch(u64 ipa)
{
	enum verdict verdict = RESUME;

	lock();
	if (!is_upper(ipa) || !host_page_has(ipa & ~realm_half())) {
		verdict = blocked();
	} else if (stage2_state(ipa) != SHARED) {
		if (!stage2_set(ipa, SHARED))
			fail("no memory for page tables");
		shared++;
	}
	unlock();
	return verdict;
}

u64 host_pages_scan(copies_fn copies_in, u64 pattern)
{
	u64 hits = 0;

	for (struct host_slot *s = host_slots; s < host_slots + ARRAY_SIZE(host_slots); s++)
		if (s->pa && stage2_host_sees(s->ipa))
			hits += copies_in(s->ipa, (u64 *)s->pa, opt.granule, pattern);
	return hits;
}

void host_memory_report(struct json *j)
{
	json_number(j, "host_pages", shared);
	json_number(j, "ram_shared_by_host_name", shared_by_name);
}
