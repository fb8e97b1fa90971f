// SPDX-License-Identifier: GPL-2.0-only
/// Bounce all DMA in a protected VM.
///
// Why:     swiotlb=noforce must end in errors; without this a device would get
//          addresses of private memory. Where single pages cannot be shared, coherent
//          buffers come from the pool as well.
// Where:   include/linux/swiotlb.h, is_swiotlb_force_bounce(),
//            is_swiotlb_for_alloc(): 1 match each
// Trees:   6.1-7.3
// Outside: a branch not taken for each mapping.

@force@
identifier f = is_swiotlb_force_bounce;
identifier mem;
@@
 f(struct device *dev)
 {
 struct io_tlb_mem *mem = ...;
 ...
-return mem && mem->force_bounce;
+return pguest_force_bounce(dev) || (mem && mem->force_bounce);
 }

@alloc@
identifier f = is_swiotlb_for_alloc;
identifier dev;
@@
 f(struct device *dev)
 {
-return dev->dma_io_tlb_mem->for_alloc;
+return dev->dma_io_tlb_mem->for_alloc || pguest_alloc_from_pool(dev);
 }

@depends on force@
@@
 #include <linux/limits.h>
+#include <linux/pguest.h>
