/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's memory, from the bottom up: addresses and holes, pages of the host's, stage 2, a realm's RIPAS.
 * Addresses are IPAs. In a realm a page of the upper half is backed by its mirror page.
 */
#ifndef MONITOR_MEMORY_H
#define MONITOR_MEMORY_H

#include "cpu.h"

/* halves.c: the two halves of a realm's addresses; without a realm there is the lower one alone */
u64 realm_half(void);				/* the first address of the upper half, and its bit */
bool is_upper(u64 ipa);
u64 mirror_of(u64 ipa);				/* the physical page behind the upper alias of RAM at @ipa */
u64 unmirror(u64 pa);				/* and back; what is no mirror is not changed */
void fill_page(u64 pa, u64 word);

/* ragged.c: option ragged= */
#define RAGGED_NO_MAP		0x103000
#define RAGGED_RESERVED		0x205000
#define RAGGED_TAIL		0x005000

extern struct span ragged_holes[2];		/* where the host has no memory and the tree lists none; pages of 4 KiB */
u64 ragged_base(void);
void ragged_make_holes(void);
bool ragged_has_hole(u64 ipa);
struct span ragged_forgotten(void);		/* RAM whose RIPAS the host has not initialised */

/* hostslots.c: the memory behind pages that the host supplies, see hostpages.h */
struct host_slot {
	u64 ipa, pa;		/* @pa is 0: the guest has no such page */
};

extern struct host_slot host_slots[4];
bool host_page_has(u64 ipa);
u64 host_page_pa(u64 ipa);			/* the machine's address of what is at @ipa; RAM has its own */

/*
 * stage2.c: the page tables are the record of what belongs to whom. In a realm the lower half has RIPAS: RAM is
 * UNMAPPED, OWNED or RELINQUISHED, EMPTY is EMPTY or KEPT, DESTROYED is POISONED; the upper half has SHARED and,
 * once it was, FORMER; OWNED there is a page that the host has mapped without being asked.
 */
enum page_state {
	UNMAPPED,	/* the host's still: donated at first touch */
	OWNED,		/* private to the guest */
	SHARED,		/* the guest's, open to the host and its devices */
	GUARDED,	/* MMIO that the guest has registered (Android) */
	RELINQUISHED,	/* given back: the next touch brings another page */
	POISONED,	/* the host broke in: a touch ends the guest */
	EMPTY,		/* RIPAS of a realm: the page to use is in the other half */
	KEPT,		/* EMPTY, with the guest's page still in its place */
	FORMER,		/* was SHARED: the host has not forgotten what it saw there */
};

void stage2_init(void);
void stage2_cpu_setup(void);
u64 stage2_hcr(void);			/* bits of HCR_EL2 that go with the tables */
enum page_state stage2_state(u64 ipa);
bool stage2_set(u64 ipa, enum page_state state);	/* the granule around @ipa */
void stage2_clear(u64 ipa, enum page_state state);	/* a page; not in force before stage2_flush() */
void stage2_flush(void);
bool stage2_touch(u64 ipa);				/* false when the page is not RAM to give */
bool stage2_host_sees(u64 ipa);

enum ripas {
	RIPAS_EMPTY,
	RIPAS_RAM,
	RIPAS_DESTROYED,
	RIPAS_DEV,
};

enum ripas ripas_of(u64 ipa);

/* hostmem.c: pages of the host's as memory, under the lock but for host_page_touch() */
void *host_reach(u64 ipa, u64 size);		/* where the host can write that now, or NULL */
void host_names(u64 ipa, u64 size);		/* the host has given the guest this address */
void host_page_shared(u64 ipa);
void host_page_unshared(u64 ipa);
enum verdict host_page_touch(u64 ipa);
typedef u64 (*copies_fn)(u64 ipa, const u64 *seen, u64 bytes, u64 pattern);
u64 host_pages_scan(copies_fn copies_in, u64 pattern);
void host_memory_report(struct json *j);

/* realm.c */
#define POISON_WORD	0x0101010101010101UL

void realm_init(void);
void realm_make_empty(u64 base, u64 top);
u64 ripas_change(u64 base, u64 top, enum ripas to, bool destroyed_too);
bool realm_buffer(u64 ipa, u64 size);		/* may the RMM read and write these bytes? */
u64 realm_pa(u64 ipa);				/* of a page of realm_buffer(), which is there after it */
bool realm_destroy(u64 ipa);
void ripas_destroy(u64 ipa);			/* whatever it was */
enum verdict realm_touch(struct vcpu *vcpu, u64 ipa);
bool realm_device(u64 *ipa);			/* is it a device's address? then which */
void realm_report(struct json *j);		/* keys of "realm" */

/* tables.c: who can write the guest's page tables */
void tables_at_end(void);
void tables_report(struct json *j);

#endif
