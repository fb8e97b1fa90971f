/* SPDX-License-Identifier: GPL-2.0-only */
/* The machine's memory, and the realm's. */
#ifndef RMM_MEMORY_H
#define RMM_MEMORY_H

#include "base.h"

/* mmu.c: our own page tables */
void mmu_init(void);
void mmu_map(u64 start, u64 end);	/* cached memory at its own address, in whole GiB */
void mmu_on(void);

/* granules.c */
void granules_delegate(u64 pa, u64 count);
u64 granules_new(u64 count);		/* delegated, in a row and aligned to their number */
bool table_made(u64 status, u64 ipa);	/* was a table missing? then it is there now */

/* memory.c: a page of RAM has a granule behind it while its RIPAS is RAM, and while it is EMPTY its upper address */
extern struct span ram;
void memory_init(void);
void memory_load(u64 ipa, const void *content, u64 size, bool measure);
bool memory_is_shared(u64 ipa);
u64 memory_granule(u64 ipa);		/* 0: none */
void *memory_seen(u64 ipa);		/* the page at the upper address, if it is or was EMPTY */
bool memory_touch(u64 ipa);		/* false: there is nothing to give */
bool memory_touch_upper(u64 ipa);
bool memory_steal(u64 ipa);
void memory_open(u64 base, u64 top);
void memory_close(u64 base, u64 top);

#endif
