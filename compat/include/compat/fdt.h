/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Have the kernel know the checksum of a device tree that was changed. Linux 6.13
 * gives early_init_dt_verify() the tree's physical address, and stable releases of
 * 6.12 have taken that over.
 */
#ifndef _COMPAT_FDT_H
#define _COMPAT_FDT_H

#include <linux/of_fdt.h>

static __always_inline void compat_fdt_changed(void *fdt, phys_addr_t phys)
{
#ifdef COMPAT_FDT_VIRT_ONLY
	early_init_dt_verify(fdt);
#else
	early_init_dt_verify(fdt, phys);
#endif
}

#endif /* _COMPAT_FDT_H */
