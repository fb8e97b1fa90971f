// SPDX-License-Identifier: GPL-2.0-only
/// Map fixmap, PCI I/O and EFI devices through the layer.
///
// Why:     these three map devices without ioremap(). The layer gives the address and
//          the permission, as in 30-ioremap.
// Where:   arch/arm64/mm/mmu.c, __set_fixmap(): 1 match in 6.1
//          arch/arm64/mm/fixmap.c, __set_fixmap(): 1 match in 6.6-7.3
//          drivers/pci/pci.c, pci_remap_iospace(): 1 match
//          arch/arm64/kernel/efi.c, efi_create_mapping(): 1 match
// Trees:   6.1-7.3
// Outside: one branch not taken for each mapping.

@fixmap@
identifier f = __set_fixmap;
identifier idx, phys, flags;
@@
 f(enum fixed_addresses idx, phys_addr_t phys, pgprot_t flags)
 {
 ...
 if (pgprot_val(flags)) {
+	phys = pguest_fixmap(phys, flags);
 	...
 } else { ... }
 ...
 }

@depends on fixmap@
@@
 #include <asm/fixmap.h>
+#include <asm/pguest_mmio.h>

@io@
identifier f = pci_remap_iospace;
identifier res, phys;
identifier map = {ioremap_page_range, vmap_page_range};
@@
 f(const struct resource *res, phys_addr_t phys)
 {
 <...
+if (pguest_map_mmio(&phys, resource_size(res)))
+	return -EPERM;
 return map(...);
 ...>
 }

@depends on io@
@@
 #include <linux/pci.h>
+#include <linux/pguest.h>

@efi@
identifier f = efi_create_mapping;
identifier md;
@@
 f(struct mm_struct *mm, efi_memory_desc_t *md)
 {
 <...
-create_pgd_mapping(mm, md->phys_addr,
+create_pgd_mapping(mm, pguest_efi_phys(md),
	...);
 ...>
 }

@depends on efi@
@@
 #include <asm/efi.h>
+#include <asm/pguest_mmio.h>
