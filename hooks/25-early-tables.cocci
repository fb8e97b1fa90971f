// SPDX-License-Identifier: GPL-2.0-only
/// Refuse firmware tables inside kernel, initrd or device tree.
///
// Why:     EFI's tables refer to each other by address, and the kernel writes to some:
//          it clears the random seed after reading it. The host chooses the addresses.
// Where:   mm/early_ioremap.c, early_memremap(): 1 match
// Trees:   6.1-7.3
// Outside: one branch not taken for each table at boot.

@table@
identifier f = early_memremap;
typedef pgprot_t, resource_size_t;
identifier phys, size, prot;
expression E;
@@
 f(resource_size_t phys, unsigned long size)
 {
 pgprot_t prot = E;
+
+if (pguest_refuse_table(phys, size))
+	return NULL;
 ...
 }

@depends on table@
@@
 #include <linux/mm.h>
+#include <linux/pguest.h>
