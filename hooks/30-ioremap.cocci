// SPDX-License-Identifier: GPL-2.0-only
/// Map devices where they are, with the hypervisor's leave, and give it back.
///
// Why:     a realm finds most devices in the unprotected half, and others where
//          firmware says. Android's pKVM lets the host serve accesses only where the
//          guest has asked for it. The hook that the tree has (ioremap_prot_hook) is not
//          used: it WARNs when the other side says no, knows no way back, and
//          cannot change the address.
// Where:   arch/arm64/mm/ioremap.c, __ioremap_prot(): 1 match
//          arch/arm64/mm/fixmap.c, __set_fixmap(): 1 match
//          mm/ioremap.c, generic_iounmap(): 2 matches
//          drivers/pci/pci.c, pci_remap_iospace(): 1 match
//          arch/arm64/kernel/efi.c, efi_create_mapping(): 1 match
// Trees:   6.12, 7.3
// Outside: one branch not taken for each.

@map@
identifier f = __ioremap_prot;
expression phys, size, prot;
@@
 f(...)
 {
 <...
-return generic_ioremap_prot(phys, size, prot);
+return pguest_ioremap(phys, size, prot);
 ...>
 }

@depends on map@
@@
 #include <linux/io.h>
+#include <asm/pguest_mmio.h>

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

@unmap@
identifier f = generic_iounmap;
expression vaddr;
@@
 f(...)
 {
 ...
-if (is_ioremap_addr(vaddr))
-	vunmap(vaddr);
+if (is_ioremap_addr(vaddr)) {
+	pguest_iounmap(vaddr);
+	vunmap(vaddr);
+}
 ...
 }

@depends on unmap@
@@
 #include <linux/ioremap.h>
+#include <linux/pguest.h>

@io@
identifier f = pci_remap_iospace;
identifier res, phys;
@@
 f(const struct resource *res, phys_addr_t phys)
 {
 <...
+if (pguest_map_mmio(&phys, resource_size(res)))
+	return -EPERM;
 return vmap_page_range(...);
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
