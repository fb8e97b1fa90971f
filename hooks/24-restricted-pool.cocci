// SPDX-License-Identifier: GPL-2.0-only
/// Use a restricted-dma-pool only if nobody else has its memory.
///
// Why:     the host names its address. Where memblock could not reserve it, because
//          there were too many regions, the page allocator has it as well, and what
//          is shared for the pool would be shared under its owner.
// Where:   kernel/dma/swiotlb.c, rmem_swiotlb_device_init(): 1 match
// Trees:   6.1, 6.12, 7.3
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
