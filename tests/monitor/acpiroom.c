// SPDX-License-Identifier: GPL-2.0-only
/* Where ACPI's tables are put, and what those who write them have in common. */
#include <string.h>
#include "acpi.h"

static u64 next, end;

void acpi_room_is(const struct span *area)
{
	next = area->start;
	end = area->end;
}

void *acpi_room(u64 size, u64 align)
{
	u64 at = (next + align - 1) & ~(align - 1);

	if (at + size > end)
		fail("acpi: no room for %lu bytes", size);
	next = at + size;
	return memset((void *)at, 0, size);
}

u8 acpi_sum(const u8 *p, u32 size)
{
	u8 total = 0;

	while (size--)
		total += *p++;
	return total;
}

/* One of the last of the Image in memory: bss, or page tables of the first moments. */
u64 acpi_kernel_page(void)
{
	return (image.end - 2 * PAGE) & ~(PAGE - 1);
}
