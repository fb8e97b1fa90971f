// SPDX-License-Identifier: GPL-2.0-only
/// Size the bounce pool for a guest that copies everything.
///
// Why:     without addressing limits the tree shrinks the pool to a thousandth
//          of RAM, which a single disk request can exceed.
// Where:   arch/arm64/mm/init.c, arch_mm_preinit(): 2 matches
// Trees:   7.3
// Outside: one branch not taken at boot.

@size@
identifier f = arch_mm_preinit;
expression limited, flags;
@@
 f(void)
 {
 ...
-if (max_pfn <= PFN_DOWN(arm64_dma_phys_limit))
+if (!pguest_active() && max_pfn <= PFN_DOWN(arm64_dma_phys_limit))
 {
	...
	swiotlb_adjust_size(...);
 }
 ...
-swiotlb_init(limited, flags);
+pguest_swiotlb_init(limited, flags);
 ...
 }

@depends on size@
@@
 #include <linux/swiotlb.h>
+#include <linux/pguest.h>
