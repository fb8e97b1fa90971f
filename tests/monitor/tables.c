// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's own page tables (TTBR1_EL1), when the run ends: whoever can write them has the guest. So each table
 * that the host can reach is counted.
 */
#include "memory.h"
#include "options.h"

#define SCTLR_M		BIT(0)
#define TCR_T1SZ	16
#define TCR_TG1		30
#define DESC_TABLE	3UL
#define DESC_ADDRESS	MASK(47, 12)

static struct {
	u64 all, outside, first_outside;
} tables;

/* Where a walker finds a table, 0 where it finds nothing. A realm's upper half is the mirror. */
static u64 memory_behind(u64 ipa)
{
	u64 lower = ipa & ~realm_half();

	if (!span_has(&ram, lower))
		return 0;
	return is_upper(ipa) ? mirror_of(ipa) : ipa;
}

/* For each page of the table: the host sees what is shared, what is up there, and what is no RAM. */
static bool host_reaches(u64 ipa, u64 size)
{
	for (u64 page = ipa; page < ipa + size; page += PAGE)
		if (is_upper(page) || !memory_behind(page) || (protected_vm() && stage2_state(page) == SHARED))
			return true;
	return false;
}

static void walk_tables(u64 ipa, u32 level, u32 entries, u32 page_shift)
{
	const u64 *table = (const u64 *)memory_behind(ipa);

	tables.all++;
	if (host_reaches(ipa, BIT(page_shift)) && !tables.outside++)
		tables.first_outside = ipa;
	if (!table || level == 3)
		return;
	for (u32 i = 0; i < entries; i++)
		if ((table[i] & 3) == DESC_TABLE)
			walk_tables(table[i] & DESC_ADDRESS & ~MASK(page_shift - 1, 0), level + 1, BIT(page_shift - 3),
			     page_shift);
}

void tables_at_end(void)
{
	static const u32 shifts[4] = { 0, 14, 12, 16 };
	u64 tcr = sysreg_read(tcr_el1);
	u32 shift = shifts[tcr >> TCR_TG1 & 3], bits = 64 - (tcr >> TCR_T1SZ & 63), levels, top;

	if (!(sysreg_read(sctlr_el1) & SCTLR_M) || !shift || bits <= shift)
		return;
	levels = (bits - shift + shift - 4) / (shift - 3);
	top = bits - shift - (levels - 1) * (shift - 3);
	if (levels > 4)
		return;
	walk_tables(sysreg_read(ttbr1_el1) & DESC_ADDRESS & ~MASK(top + 2, 0), 4 - levels, BIT(top), shift);
}

void tables_report(struct json *j)
{
	json_open(j, "page_tables", '{');
	json_number(j, "all", tables.all);
	json_number(j, "outside", tables.outside);
	json_hex(j, "first_outside", tables.first_outside);
	json_close(j, '}');
}
