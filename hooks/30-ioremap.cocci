// SPDX-License-Identifier: GPL-2.0-only
/// Map devices through the layer, and unmap them.
///
// Why:     in a realm most devices are in the unprotected half of the address
//          space, others where firmware says. Android's pKVM lets the host handle
//          accesses only to a range that the guest has registered. The tree's own
//          hook (ioremap_prot_hook) is not used: it WARNs when the hypervisor
//          refuses, has no counterpart for unmapping, and cannot change the address.
// Where:   arch/arm64/mm/ioremap.c, __ioremap_prot() or ioremap_prot(): 1 match
//          mm/ioremap.c, generic_iounmap(): 2 matches
// Never:   arch/arm64/mm/ioremap.c: generic_ioremap_prot()
//          mm/ioremap.c, generic_iounmap(): is_vmalloc_addr()
// Trees:   6.6-7.3
// Outside: one branch not taken for each mapping.

@map depends on file in "arch/arm64/mm"@
identifier f = {__ioremap_prot, ioremap_prot};
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
