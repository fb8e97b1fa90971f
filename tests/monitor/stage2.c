// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's stage 2: 4 KiB pages, RAM alone, 40 bits of IPA or what a realm has. An entry that is not valid still
 * says why, so that the tables are the one record of what belongs to whom.
 *
 * The unit that changes hands is the granule (option granule=), one or more pages of it.
 */
#include <string.h>
#include "count.h"
#include "memory.h"
#include "options.h"

#define PTE_VALID	3UL
#define PTE_TABLE	3UL
#define PTE_NORMAL	(0xfUL << 2)		/* write-back */
#define PTE_NORMAL_FWB	(6UL << 2)		/* the same with HCR_FWB, whatever stage 1 wants */
#define PTE_RW		(3UL << 6)
#define PTE_INNER	(3UL << 8)
#define PTE_AF		BIT(10)
#define PTE_XN		(2UL << 53)
#define PTE_SHARED	BIT(55)			/* for software */
#define PTE_ADDRESS	MASK(47, 12)
#define PTE_OWNED	(PTE_VALID | PTE_RW | PTE_AF)
#define PTE_WHY_SHIFT	4			/* state of an entry that is not valid */

#define VMID		1UL
#define BITS_40		2UL			/* of output */
#define BITS_48		5UL
#define BITS_52		6UL
#define LEVEL_1_BITS	40			/* as many as two tables of level 1 have; above is level 0, */
#define LEVEL_0_BITS	48			/* and above that LPA2's level -1 */
#define VTCR_DS		BIT(32)			/* LPA2: bits 9:8 of an entry are of an address, and not SH */
#define VTCR_SL2	BIT(33)			/* start at level -1 */
#define HCR_FWB		BIT(46)

#define STALE_BYTE	0x5a			/* what a host leaves in the pages it gives */

static u64 root[2 * 512] __attribute__((aligned(8192)));

static u64 *next_table(u64 *table, u64 index, bool make)
{
	void *next;

	if (!(table[index] & 1)) {
		if (!make)
			return NULL;
		next = pages_alloc(1);
		if (!next)
			return NULL;
		__atomic_store_n(&table[index], (u64)next | PTE_TABLE, __ATOMIC_RELEASE);
	}
	return (u64 *)(table[index] & PTE_ADDRESS);
}

static u64 *entry_of(u64 ipa, bool make)
{
	u64 *table = root, index = ipa >> 30;

	if (ipa >> opt.ipa_bits)
		return NULL;
	if (opt.ipa_bits > LEVEL_0_BITS)
		table = next_table(table, ipa >> 48, make);
	if (table && opt.ipa_bits > LEVEL_1_BITS) {
		table = next_table(table, ipa >> 39 & 511, make);
		index &= 511;
	}
	if (table)
		table = next_table(table, index, make);
	if (table)
		table = next_table(table, ipa >> 21 & 511, make);
	return table ? &table[ipa >> 12 & 511] : NULL;
}

enum page_state stage2_state(u64 ipa)
{
	u64 *entry = entry_of(ipa, false);
	u64 pte = entry ? __atomic_load_n(entry, __ATOMIC_ACQUIRE) : 0;

	if (pte & 1)
		return pte & PTE_SHARED ? SHARED : OWNED;
	return pte >> PTE_WHY_SHIFT & 15;
}

enum ripas ripas_of(u64 ipa)
{
	if (span_has(&opt.protected_mmio, ipa))
		return stage2_state(ipa) == EMPTY ? RIPAS_EMPTY : RIPAS_DEV;
	if (!span_has(&ram, ipa))
		return RIPAS_EMPTY;
	switch (stage2_state(ipa)) {
	case EMPTY:
	case KEPT:	return RIPAS_EMPTY;
	case POISONED:	return RIPAS_DESTROYED;
	default:	return RIPAS_RAM;
	}
}

static void tlb_flush(u64 ipa)
{
	asm volatile("dsb ishst\n\t"
		     "tlbi ipas2e1is, %0\n\t"
		     "dsb ish\n\t"
		     "tlbi vmalle1is\n\t"
		     "dsb ish\n\tisb" : : "r"(ipa >> 12) : "memory");
}

static u64 upper_pa(u64 ipa)
{
	return host_page_has(ipa) ? host_page_pa(ipa) : mirror_of(ipa);
}

/* FEAT_S2FWB, which RMMs use */
u64 stage2_hcr(void)
{
	return is_realm() && sysreg_read(id_aa64mmfr2_el1) >> 40 & 15 ? HCR_FWB : 0;
}

static u64 page_attributes(void)
{
	return (stage2_hcr() ? PTE_NORMAL_FWB : PTE_NORMAL) | (opt.ipa_bits > LEVEL_0_BITS ? 0 : PTE_INNER);
}

/* The upper half of a realm is other memory, and nothing runs from there. */
static u64 page_entry(u64 ipa, enum page_state state)
{
	u64 entry = PTE_OWNED | page_attributes() | (state == SHARED ? PTE_SHARED : 0);

	if (is_upper(ipa))
		return upper_pa(ipa & ~realm_half()) | entry | PTE_XN;
	return host_page_pa(ipa) | entry;
}

static bool set_page(u64 ipa, enum page_state state)
{
	u64 *entry = entry_of(ipa, true), old;
	bool valid = state == OWNED || state == SHARED;

	if (!entry)
		return false;
	old = *entry;
	*entry = valid ? page_entry(ipa, state) : (u64)state << PTE_WHY_SHIFT;
	asm volatile("dsb ishst" : : : "memory");
	if ((old & 1) && !valid)
		tlb_flush(ipa);
	return true;
}

void stage2_clear(u64 ipa, enum page_state state)
{
	u64 *entry = entry_of(ipa, true);

	if (!entry)
		fail("no memory for page tables");
	*entry = (u64)state << PTE_WHY_SHIFT;
}

void stage2_flush(void)
{
	asm volatile("dsb ishst\n\ttlbi vmalls12e1is\n\tdsb ish\n\tisb" : : : "memory");
}

bool stage2_set(u64 ipa, enum page_state state)
{
	u64 start = ipa & ~(opt.granule - 1);

	for (u64 page = start; page < start + opt.granule; page += PAGE)
		if (!set_page(page, state))
			return false;
	return true;
}

static bool was_loaded(u64 ipa)
{
	return span_has(&image, ipa) || span_has(&initrd, ipa) || span_has(&dtb, ipa) ||
	       span_has(&handover, ipa);
}

/*
 * Donation. What is in the page is the host's choice (Documentation/spec/pkvm.rst): after a relinquish, and
 * everywhere with dirty_ram=1, it is not zeroes.
 */
static bool donate_page(u64 ipa, enum page_state state)
{
	u64 start = ipa & ~(opt.granule - 1);

	if (state == RELINQUISHED || (opt.dirty_ram && !was_loaded(ipa) && !host_page_has(ipa)))
		memset((void *)host_page_pa(start), STALE_BYTE, opt.granule);
	count.first_touch++;
	return stage2_set(ipa, OWNED);
}

static bool is_memory(u64 ipa)
{
	return (span_has(&ram, ipa) && !ragged_has_hole(ipa)) || host_page_has(ipa);
}

/* Under the lock. True when the page is there now, also if another CPU was first. */
bool stage2_touch(u64 ipa)
{
	enum page_state state = stage2_state(ipa);

	switch (state) {
	case OWNED:
	case SHARED:
		return true;
	case UNMAPPED:
	case RELINQUISHED:
		return is_memory(ipa) && donate_page(ipa, state);
	default:
		return false;
	}
}

/* The host still has what it has not given, or was given back. */
bool stage2_host_sees(u64 ipa)
{
	if (!span_has(&ram, ipa) && !host_page_has(ipa))
		return false;
	if (is_realm())
		return ripas_of(ipa) == RIPAS_EMPTY;
	return !protected_vm() || stage2_state(ipa) != OWNED;
}

void stage2_init(void)
{
	if (protected_vm() && !opt.premap)
		return;
	for (u64 ipa = ram.start; ipa < ram.end; ipa += opt.granule)
		if (!stage2_set(ipa, OWNED))
			fail("no memory for page tables of %lu MiB", (ram.end - ram.start) >> 20);
}

/* Start at level 1, with as many tables side by side as it takes, or at level 0 or -1; walks cached and shareable. */
static u64 vtcr_value(void)
{
	u64 common = BIT(31) | 3UL << 12 | 1UL << 10 | 1UL << 8 | (64 - opt.ipa_bits);

	if (opt.ipa_bits > LEVEL_0_BITS)
		return common | VTCR_DS | VTCR_SL2 | BITS_52 << 16;
	if (opt.ipa_bits > LEVEL_1_BITS)
		return common | BITS_48 << 16 | 2UL << 6;
	return common | BITS_40 << 16 | 1UL << 6;
}

void stage2_cpu_setup(void)
{
	sysreg_write(vtcr_el2, vtcr_value());
	sysreg_write(vttbr_el2, VMID << 48 | (u64)root);
	asm volatile("tlbi alle1\n\tdsb sy\n\tisb" : : : "memory");
}
