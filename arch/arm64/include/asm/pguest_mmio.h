/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls of the arm64 ioremap, fixmap and EFI code.
 */
#ifndef __ASM_PGUEST_MMIO_H
#define __ASM_PGUEST_MMIO_H

#include <linux/efi.h>
#include <linux/io.h>
#include <linux/pguest_mmio.h>

#ifdef CONFIG_PGUEST
void __iomem *pguest_ioremap(phys_addr_t phys, size_t size, pgprot_t prot);
phys_addr_t pguest_fixmap(phys_addr_t phys, pgprot_t prot);
#else
#define pguest_ioremap(phys, size, prot)	generic_ioremap_prot(phys, size, prot)
static inline phys_addr_t pguest_fixmap(phys_addr_t phys, pgprot_t prot)
{
	return phys;
}
#endif

/* Address at which an entry of the EFI memory map is mapped */
static inline phys_addr_t pguest_efi_phys(const efi_memory_desc_t *md)
{
	return pguest_device(md->phys_addr, md->num_pages << EFI_PAGE_SHIFT,
			     md->type == EFI_MEMORY_MAPPED_IO);
}

#endif /* __ASM_PGUEST_MMIO_H */
