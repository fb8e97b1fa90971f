// SPDX-License-Identifier: GPL-2.0-only
/// Use a restricted-dma-pool only if memblock has reserved it.
///
// Why:     the host chooses the address of the pool. If memblock could not reserve it,
//          because there were too many regions, the page allocator hands out the same
//          memory. Sharing the pool would then share pages that have other users.
// Where:   kernel/dma/swiotlb.c, rmem_swiotlb_device_init(): 1 match
// Trees:   6.1-7.3
// Outside: one branch not taken for each device with such a pool.

@pool@
identifier f = rmem_swiotlb_device_init;
identifier rmem, dev;
@@
 f(struct reserved_mem *rmem, struct device *dev)
 {
 ...
 unsigned int nareas = 1;
+
+if (!pguest_pool_usable(rmem->base, rmem->size))
+	return -EINVAL;
 ...
 }

@depends on pool@
@@
 #include <linux/pfn.h>
+#include <linux/pguest.h>
