// SPDX-License-Identifier: GPL-2.0-only
/// Map devices where they are, with the hypervisor's leave, and give it back.
///
// Why:     a realm finds most devices in the unprotected half, and others where
//          firmware says. Android's pKVM lets the host serve accesses only where the
//          guest has asked for it. All architectures share ioremap_prot() here, and
//          arm64 has a say by ioremap_allowed(), which cannot change the address
//          and does not hear of what comes after it.
// Where:   mm/ioremap.c, ioremap_prot(), iounmap(): 5 matches
//          arch/arm64/mm/mmu.c, __set_fixmap(): 1 match
//          drivers/pci/pci.c, pci_remap_iospace(): 1 match
//          arch/arm64/kernel/efi.c, efi_create_mapping(): 1 match
// Trees:   6.1
// Outside: one branch not taken for each.

@map@
identifier f = ioremap_prot;
identifier phys, size, prot, area;
@@
 f(...)
 {
 ...
 if (!ioremap_allowed(phys, size, prot))
	return NULL;
 area = get_vm_area_caller(...);
 if (!area)
	return NULL;
+if (pguest_map_device(&phys, size, __pgprot(prot))) {
+	free_vm_area(area);
+	return NULL;
+}
 ...
 if (ioremap_page_range(...)) {
+	pguest_device_mapped(phys, size, __pgprot(prot), NULL);
	free_vm_area(area);
	return NULL;
 }
+pguest_device_mapped(phys, size, __pgprot(prot), area->addr);
 ...
 }

@unmap@
identifier f = iounmap;
expression vaddr;
@@
 f(...)
 {
 ...
-if (is_vmalloc_addr(vaddr))
-	vunmap(vaddr);
+if (is_vmalloc_addr(vaddr)) {
+	pguest_iounmap(vaddr);
+	vunmap(vaddr);
+}
 ...
 }

@depends on map@
@@
 #include <linux/export.h>
+#include <linux/pguest.h>

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
@@
 f(const struct resource *res, phys_addr_t phys)
 {
 <...
+if (pguest_map_mmio(&phys, resource_size(res)))
+	return -EPERM;
 return ioremap_page_range(...);
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
