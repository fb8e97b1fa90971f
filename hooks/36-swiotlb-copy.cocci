// SPDX-License-Identifier: GPL-2.0-only
/// Clear bounce buffers that the device fills, and count copies.
///
// Why:     the tree copies the old contents of the driver's buffer into the bounce
//          buffer first, even if the device is to overwrite it: the host would read
//          what was in that buffer. With all data in the pool a full pool is how
//          devices are slowed down: requests wait and are tried again, and the layer
//          counts that and logs it once. The next search begins where slots were
//          freed below it, so that the window stays small.
// Where:   kernel/dma/swiotlb.c, swiotlb_release_slots(): 1 match
//          kernel/dma/swiotlb.c, swiotlb_tbl_map_single(): 2 matches
//          kernel/dma/swiotlb.c, swiotlb_bounce(): 1 match
// Trees:   6.1-7.3. 24-restricted-pool includes the header.
// Outside: a branch not taken for each mapping and each copy.

@release@
identifier f = swiotlb_release_slots;
@@
 f(...)
 {
 ...
 area->used -= nslots;
+pguest_slots_freed(mem->start, index, &area->index, index % mem->area_nslabs);
 ...
 }

@pools@
identifier f = swiotlb_tbl_map_single;
identifier pool;
@@
 f(...)
 {
 ... when any
 struct io_tlb_pool *pool;
 ... when any
 }

@depends on pools@
identifier f = swiotlb_tbl_map_single;
identifier dir, pools.pool;
expression dev, addr, size;
expression list last;
@@
 f(..., enum dma_data_direction dir, ...)
 {
 ...
-swiotlb_bounce(dev, addr, size, DMA_TO_DEVICE, last);
+if (pguest_active() && dir == DMA_FROM_DEVICE)
+	pguest_clear_slots(dev, pool->vaddr + (addr - pool->start), size);
+else
+	swiotlb_bounce(dev, addr, size, DMA_TO_DEVICE, last);
 ...
 }

@depends on !pools@
identifier f = swiotlb_tbl_map_single;
identifier dir;
expression dev, addr, size;
@@
 f(..., enum dma_data_direction dir, ...)
 {
 ...
-swiotlb_bounce(dev, addr, size, DMA_TO_DEVICE);
+if (pguest_active() && dir == DMA_FROM_DEVICE)
+	pguest_clear_slots(dev, mem->vaddr + (addr - mem->start), size);
+else
+	swiotlb_bounce(dev, addr, size, DMA_TO_DEVICE);
 ...
 }

@full@
identifier f = swiotlb_tbl_map_single;
identifier dev;
expression attrs;
statement S;
@@
 f(struct device *dev, ...)
 {
 <...
-if (!(attrs & DMA_ATTR_NO_WARN))
+if (!pguest_pool_full(dev) && !(attrs & DMA_ATTR_NO_WARN))
 	S
 ...>
 }

@bounce@
identifier f = swiotlb_bounce;
identifier size;
@@
 f(struct device *dev, phys_addr_t tlb_addr, size_t size, ...)
 {
 ...
 if (orig_addr == INVALID_PHYS_ADDR)
	return;
+pguest_count_bounced(size);
 ...
 }
