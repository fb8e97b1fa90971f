// SPDX-License-Identifier: GPL-2.0-only
/// Size the bounce pool for a guest that copies everything.
///
// Why:     without addressing limits the tree has no pool at all.
// Where:   arch/arm64/mm/init.c, mem_init(): 1 match
// Trees:   6.1
// Outside: one branch not taken at boot.

@size@
identifier f = mem_init;
expression limited;
@@
 f(void)
 {
-swiotlb_init(limited, SWIOTLB_VERBOSE);
+pguest_swiotlb_init(limited, SWIOTLB_VERBOSE);
 ...
 }

@depends on size@
@@
 #include <linux/swiotlb.h>
+#include <linux/pguest.h>
