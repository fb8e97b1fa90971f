// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory of the realm. A page of RAM is backed by a granule of the machine's, always the same one, which is delegated
 * when the realm first touches it or a page beside it, while its RIPAS is RAM. While it is EMPTY, the page at its
 * upper address is the machine's memory at that very address, so that the machine's devices reach it by the address
 * that the guest gives them. The two are never the same memory. All run under the lock, or before there is a second
 * CPU.
 */
#include "count.h"
#include "memory.h"
#include "options.h"
#include "place.h"
#include "rmi.h"

#define POISON_WORD	0x0101010101010101UL

enum {
	MAPPED	= 1,	/* its granule is delegated and the realm's */
	SHARED	= 2,	/* EMPTY, at the guest's request */
	FORMER	= 4,	/* was SHARED: the host need not forget what it saw there */
	UPPER	= 8,	/* the upper address is mapped */
};

struct span ram;

static u8 *state_of;

void memory_init(void)
{
	u64 pages = (opt.ram_mib << 20) / PAGE;

	state_of = pages_must((pages + PAGE - 1) / PAGE, "the states of RAM");
	ram = (struct span){ GUEST_RAM, GUEST_RAM + (opt.ram_mib << 20) };
}

static u8 *memory_state(u64 ipa)
{
	return &state_of[(ipa - GUEST_RAM) / PAGE];
}

static u64 granule_at(u64 ipa)
{
	return PRIVATE_RAM + (ipa - GUEST_RAM);
}

/* Before the realm is active; @content is the whole page's, in the host's memory. */
static void load_page(u64 ipa, const void *content, bool measure)
{
	u64 status;

	granules_delegate(granule_at(ipa), 1);
	do
		status = rmi->load(granule_at(ipa), ipa, (u64)content, measure);
	while (table_made(status, ipa));
	rmi_must(status, "DATA_MAP_INIT");
	*memory_state(ipa) = MAPPED;
}

void memory_load(u64 ipa, const void *content, u64 size, bool measure)
{
	for (u64 at = 0; at < size; at += PAGE)
		load_page(ipa + at, (const u8 *)content + at, measure);
}

u64 memory_granule(u64 ipa)
{
	return span_has(&ram, ipa) && *memory_state(ipa) & MAPPED ? granule_at(ipa) : 0;
}

bool memory_is_shared(u64 ipa)
{
	return span_has(&ram, ipa) && *memory_state(ipa) & SHARED;
}

void *memory_seen(u64 ipa)
{
	return *memory_state(ipa) & (SHARED | FORMER) ? (void *)(ipa | realm_half()) : NULL;
}

/* Pages of one kind in a row: a range call each, where the version has them. */
static u64 run_end(u64 at, u64 end, u8 mask, u8 value)
{
	while (at < end && (*memory_state(at) & mask) == value)
		at += PAGE;
	return at;
}

static void map_private(u64 base, u64 end)
{
	u64 at = base, status;

	granules_delegate(granule_at(base), (end - base) / PAGE);
	while (at < end) {
		status = rmi->map(granule_at(at), at, end, &at);
		if (!table_made(status, at))
			rmi_must(status, "mapping of pages");
	}
	for (at = base; at < end; at += PAGE)
		*memory_state(at) |= MAPPED;
}

/* An exit costs more than a page. */
static void map_around(u64 ipa)
{
	u64 size = opt.around * PAGE, base = ipa & ~(size - 1), end = base + size;

	if (end > ram.end || run_end(base, end, MAPPED | SHARED, 0) != end) {
		base = ipa;
		end = ipa + PAGE;
	}
	map_private(base, end);
}

/* What is mapped was mapped while another CPU waited for the lock. DESTROYED never comes back. */
bool memory_touch(u64 ipa)
{
	if (!span_has(&ram, ipa))
		return false;
	if (*memory_state(ipa) & MAPPED)
		return true;
	if (rmi_ripas(ipa) != RIPAS_RAM)
		return false;
	map_around(ipa);
	count.first_touch++;
	return true;
}

static void map_upper(u64 base, u64 end)
{
	u64 at = base | realm_half(), top = end | realm_half(), status;

	while (at < top) {
		status = rmi->map_shared(at, top, &at);
		if (!table_made(status, at))
			rmi_must(status, "mapping of shared pages");
	}
	for (at = base; at < end; at += PAGE)
		*memory_state(at) |= UPPER;
}

/* An honest host has something at an upper address while the guest wants it there. */
bool memory_touch_upper(u64 ipa)
{
	if (!memory_is_shared(ipa))
		return false;
	if (!(*memory_state(ipa) & UPPER))
		map_upper(ipa, ipa + PAGE);
	return true;
}

static void memory_poison(u64 ipa)
{
	for (u64 *p = (u64 *)ipa; p < (u64 *)(ipa + PAGE); p++)
		*p = opt.poison * POISON_WORD;
}

/* The RMM scrubs a granule before the host has it again. */
static void give_back(u64 base, u64 end)
{
	u64 at = base;

	while (at < end)
		rmi_must(rmi->unmap(at, end, &at), "unmapping of pages");
	for (at = base; at < end; at += PAGE) {
		rmi_must(rmi->undelegate(granule_at(at)), "undelegation of a granule");
		*memory_state(at) &= ~MAPPED;
	}
	count.granules -= (end - base) / PAGE;
}

static void take_upper(u64 base, u64 end)
{
	u64 at = base | realm_half(), top = end | realm_half();

	while (at < top)
		rmi_must(rmi->unmap_shared(at, top, &at), "unmapping of shared pages");
	for (at = base; at < end; at += PAGE)
		*memory_state(at) &= ~UPPER;
}

/* @do_it with each run of pages whose @flag is as in @value */
static void each_run(u64 base, u64 end, u8 flag, u8 value, void (*do_it)(u64 base, u64 end))
{
	for (u64 at = base; at < end; ) {
		u64 next = run_end(at, end, flag, value);

		if (next > at)
			do_it(at, next);
		at = run_end(next, end, flag, value ^ flag);
	}
}

static void count_shared(s64 more)
{
	count.shared += more;
	if (count.shared > count.shared_peak)
		count.shared_peak = count.shared;
}

static void memory_clip(u64 *base, u64 *top)
{
	*base = *base < ram.start ? ram.start : *base;
	*top = *top > ram.end ? ram.end : *top;
}

/* These pages have become EMPTY. */
void memory_open(u64 base, u64 top)
{
	memory_clip(&base, &top);
	each_run(base, top, MAPPED, MAPPED, give_back);
	for (u64 ipa = base; ipa < top; ipa += PAGE) {
		if (*memory_state(ipa) & SHARED)
			continue;
		memory_poison(ipa | realm_half());
		*memory_state(ipa) = SHARED;
		count_shared(1);
	}
	each_run(base, top, UPPER, 0, map_upper);
}

/* By force: the RMM makes the page DESTROYED, and scrubs it before the host has it. */
bool memory_steal(u64 ipa)
{
	if (!memory_granule(ipa))
		return false;
	give_back(ipa, ipa + PAGE);
	return true;
}

/* These pages shall become RAM: the host's are out of the way first. */
void memory_close(u64 base, u64 top)
{
	memory_clip(&base, &top);
	each_run(base, top, UPPER, UPPER, take_upper);
	for (u64 ipa = base; ipa < top; ipa += PAGE) {
		if (!(*memory_state(ipa) & SHARED))
			continue;
		*memory_state(ipa) = FORMER;
		count_shared(-1);
	}
}
