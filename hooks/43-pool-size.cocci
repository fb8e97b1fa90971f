// SPDX-License-Identifier: GPL-2.0-only
/// Size the bounce pool for a guest that copies everything.
///
// Why:     without addressing limits the tree shrinks the pool to a thousandth
//          of RAM, which a single disk request can exceed.
// Where:   arch/arm64/mm/init.c, mem_init(): 2 matches
// Trees:   6.12
// Outside: one branch not taken at boot.

@size@
identifier f = mem_init;
expression limited;
@@
 f(void)
 {
-bool swiotlb = limited;
+bool swiotlb = limited || pguest_active();
 ...
-swiotlb_init(swiotlb, SWIOTLB_VERBOSE);
+pguest_swiotlb_init(swiotlb, SWIOTLB_VERBOSE);
 ...
 }

@depends on size@
@@
 #include <linux/swiotlb.h>
+#include <linux/pguest.h>
