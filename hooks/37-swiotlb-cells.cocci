// SPDX-License-Identifier: GPL-2.0-only
/// Synchronise small buffers where the layer has them.
///
// Why:     the layer serves small buffers out of blocks of the bounce pool, each of which
//          is one mapping of SWIOTLB's and has no buffer of a driver. A driver
//          that looks at its buffer while that is mapped needs the copy of it.
// Where:   kernel/dma/swiotlb.c, swiotlb_bounce(): 2 matches
// Trees:   6.1-7.3. 24-restricted-pool includes the header.
// Outside: a branch not taken for memory that is no copy.

@sync@
identifier f = swiotlb_bounce;
identifier d, addr, size, dir;
@@
 f(struct device *d, phys_addr_t addr, size_t size, enum dma_data_direction dir, ...)
 {
 ...
-if (orig_addr == INVALID_PHYS_ADDR)
-	return;
+if (orig_addr == INVALID_PHYS_ADDR) {
+	pguest_cell_sync(addr, size, dir);
+	return;
+}
 ...
 }
