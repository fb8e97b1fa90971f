// SPDX-License-Identifier: GPL-2.0-only
/* Granules that the RMM is given: for the realm's tables and vCPUs from a pool, for RAM where memory.c has them. */
#include "count.h"
#include "memory.h"
#include "place.h"
#include "rmi.h"

#define PAGE_LEVEL	3

static u64 next_free = POOL_START;

void granules_delegate(u64 pa, u64 n)
{
	for (u64 i = 0; i < n; i++)
		rmi_must(rmi->delegate(pa + i * PAGE), "delegation of a granule");
	count.granules += n;
}

u64 granules_new(u64 n)
{
	u64 pa = (next_free + n * PAGE - 1) & ~(n * PAGE - 1);

	next_free = pa + n * PAGE;
	if (next_free > POOL_END)
		fail("no granules left for tables");
	granules_delegate(pa, n);
	return pa;
}

static u64 entry_size(s32 level)
{
	return PAGE << 9 * (PAGE_LEVEL - level);
}

/* The table below the entry where the walk has ended. */
bool table_made(u64 status, u64 ipa)
{
	s32 level = (s8)RMI_INDEX(status);

	if (RMI_STATUS(status) != RMI_ERROR_RTT || level >= PAGE_LEVEL)
		return false;
	rmi_must(rmi_table_create(granules_new(1), ipa & ~(entry_size(level) - 1), level + 1), "RTT_CREATE");
	count.tables++;
	return true;
}
