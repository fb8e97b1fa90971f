// SPDX-License-Identifier: GPL-2.0-only
/// Map devices through the layer, and unmap them.
///
// Why:     in a realm a device may be in the unprotected half of the address space, and
//          under Android's pKVM the host handles accesses only where the guest has
//          registered them. In this tree all architectures share ioremap_prot().
//          Its hook for arm64, ioremap_allowed(), cannot change the address and is
//          not called when a later step fails or when the mapping goes.
// Where:   mm/ioremap.c, ioremap_prot(): 3 matches
//          mm/ioremap.c, iounmap(): 2 matches
// Trees:   6.1
// Outside: one branch not taken for each mapping.
// Off:     the same by its text, of which gcc makes another object.

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
