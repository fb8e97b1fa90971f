// SPDX-License-Identifier: GPL-2.0-only
/// Size the bounce pool for a guest that copies everything.
///
// Why:     on a machine without addressing limits the tree makes no pool, or one of
//          a thousandth of RAM, which a single disk request can exceed. The first
//          size that is chosen counts, so in a protected VM the tree must not choose.
//          A size from the command line counts unless no device would work with it.
// Where:   arch/arm64/mm/init.c, mem_init(): 1 match in 6.1
//          arch/arm64/mm/init.c, mem_init(): 2 matches in 6.6-6.12
//          arch/arm64/mm/init.c, arch_mm_preinit(): 2 matches in 6.18-7.3
//          kernel/dma/swiotlb.c, swiotlb_adjust_size(): 1 match
// Never:   arch/arm64/mm/init.c: swiotlb_init()
// Trees:   6.1-7.3
// Outside: one branch not taken at boot.
// Off:     6.12: the same by its text, of which gcc makes another object.

@size@
identifier f = {mem_init, arch_mm_preinit};
expression limited, flags;
@@
 f(void)
 {
 ...
-swiotlb_init(limited, flags);
+pguest_swiotlb_init(limited, flags);
 ...
 }

@needed@
identifier f = {mem_init, arch_mm_preinit};
identifier swiotlb;
expression limited;
@@
 f(void)
 {
 ...
-bool swiotlb = limited;
+bool swiotlb = limited || pguest_active();
 ...
 }

@smaller@
identifier f = arch_mm_preinit;
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
 }

@chosen@
identifier f = swiotlb_adjust_size;
expression slots, unset;
@@
 f(unsigned long size)
 {
+if (pguest_pool_too_small(slots << IO_TLB_SHIFT))
+	slots = unset;
 if (slots != unset)
	return;
 ...
 }

@depends on size@
@@
 #include <linux/swiotlb.h>
+#include <linux/pguest.h>
