// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host's own stage 1: everything at its own address, in blocks of 1 GiB. The pages that the realm shares are
 * at their IPAs, up to 52 bits, hence 4 KiB pages with 52-bit addresses (FEAT_LPA2) where a realm is that wide.
 */
#include "memory.h"
#include "options.h"
#include "place.h"

#define BLOCK		1UL		/* valid, not a table */
#define TABLE		3UL
#define AF		BIT(10)
#define INNER_SHARED	(3UL << 8)	/* with 52 bits the address has these, and TCR_EL2 the shareability */
#define NORMAL		BIT(2)		/* MAIR index 1 */
#define XN		BIT(54)

#define GIB		BIT(30)
#define BLOCK_LEVEL	1
#define MAIR		0xff04		/* 0: Device-nGnRE, 1: write-back */

/* TCR_EL2: 4 KiB pages, walks cached and shareable, T0SZ for 48 bits, 48 bits of output */
#define TCR_COMMON	(BIT(31) | BIT(23) | 3UL << 12 | 1UL << 10 | 1UL << 8)
#define TCR_48		(5UL << 16 | 16)
#define TCR_52		(BIT(32) | 6UL << 16 | 12)	/* DS */
#define SCTLR		(0x30c50830 | BIT(12) | BIT(2) | BIT(0))	/* RES1, caches, MMU */

static u64 *top;

static bool mmu_is_wide(void)
{
	return opt.ipa_bits > 48;
}

static s32 top_level(void)
{
	return mmu_is_wide() ? -1 : 0;
}

/* FEAT_LPA2: bits 51 and 50 of an address are bits 9 and 8 of a descriptor. */
static u64 mmu_descriptor(u64 address)
{
	if (!mmu_is_wide())
		return address | INNER_SHARED;
	return (address & MASK(49, 12)) | (address >> 50 & 3) << 8;
}

static u64 *entry_of(u64 *table, s32 level, u64 address)
{
	return &table[address >> (39 - 9 * level) & 511];
}

/* Tables are below 2^48. */
static u64 *next_table(u64 *entry)
{
	if (!*entry)
		*entry = (u64)pages_must(1, "page tables") | TABLE;
	return (u64 *)(*entry & MASK(47, 12));
}

static void map_block(u64 address, u64 attributes)
{
	u64 *table = top;

	for (s32 level = top_level(); level < BLOCK_LEVEL; level++)
		table = next_table(entry_of(table, level, address));
	*entry_of(table, BLOCK_LEVEL, address) = mmu_descriptor(address) | BLOCK | AF | attributes;
}

void mmu_map(u64 start, u64 end)
{
	for (u64 at = start & ~(GIB - 1); at < end; at += GIB)
		map_block(at, NORMAL);
}

void mmu_init(void)
{
	top = pages_must(1, "page tables");
	map_block(0, XN);
	mmu_map(GIB, STAGE_END);
	mmu_map(realm_half() + GUEST_RAM, realm_half() + GUEST_RAM + (opt.ram_mib << 20));
}

void mmu_on(void)
{
	sysreg_write(mair_el2, MAIR);
	sysreg_write(tcr_el2, TCR_COMMON | (mmu_is_wide() ? TCR_52 : TCR_48));
	sysreg_write(ttbr0_el2, (u64)top);
	asm volatile("tlbi alle2\n\tdsb sy\n\tisb" : : : "memory");
	sysreg_write(sctlr_el2, SCTLR);
	asm volatile("isb" : : : "memory");
}
