/* SPDX-License-Identifier: GPL-2.0-only */
/* ACPI's tables, for those who add to them. */
#ifndef MONITOR_ACPI_H
#define MONITOR_ACPI_H

#include "cpu.h"

/* acpiroom.c */
void acpi_room_is(const struct span *area);
void *acpi_room(u64 size, u64 align);
u8 acpi_sum(const u8 *p, u32 size);
u64 acpi_kernel_page(void);	/* one of the kernel's own */

/* acpilies.c */
void acpi_add_lies(u8 *rsdp, u64 pages);

#endif
