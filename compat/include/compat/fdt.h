/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Update the kernel's checksum of a device tree that was changed. Since Linux 6.13, and
 * in stable releases of 6.12, early_init_dt_verify() takes the tree's physical address
 * as well.
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
