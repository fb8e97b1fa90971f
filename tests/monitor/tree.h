/* SPDX-License-Identifier: GPL-2.0-only */
/* The device tree, and the ACPI tables that can take its place. */
#ifndef MONITOR_TREE_H
#define MONITOR_TREE_H

#include "base.h"

/* fdt.c */
void fdt_read(u64 address);
void fdt_place(void);
void fdt_write_guest(void);
void fdt_lift(void);
void fdt_report(struct json *j);
void fdt_add_device(const char *name, const char *compatible, u64 address, u64 size, u32 spi);
u64 fdt_device_address(u64 ipa);		/* the machine's, of what the guest's tree has elsewhere */

/* handover.c: before the tree is written */
void handover_place(void);

/* fdtlies.c: the device tree that options ask for */
void fdt_lie(void *open_tree);
void fdt_lie_bytes(void *packed);

/* acpi.c */
void acpi_write(void *tree);

/* libfdt's errors are negative. */
static inline int fdt_must(int result, const char *what)
{
	if (result < 0)
		fail("device tree: %s (libfdt error %d)", what, result);
	return result;
}

#endif
