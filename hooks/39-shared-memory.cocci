// SPDX-License-Identifier: GPL-2.0-only
/// Map shared memory as it is, and small buffers quickly.
///
// Why:     a buffer out of coherent memory, or out of a heap of shared memory, needs no
//          other one in the bounce pool. A device gets its address, whatever its size:
//          a mapping through the pool is limited to 256 KiB. For a small buffer the
//          search of the pool, and the joining of slots that become free, take some
//          thousand instructions; the layer serves them out of blocks without a search.
// Where:   kernel/dma/direct.h, dma_direct_map_page() or
//            dma_direct_map_phys(): 2 matches in 6.1-7.2
//          kernel/dma/direct.c, dma_direct_map_phys(): 2 matches in 7.3
//          kernel/dma/direct.h, dma_direct_unmap_page() or
//            dma_direct_unmap_phys(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken when a mapping ends.

@map@
identifier f = {dma_direct_map_page, dma_direct_map_phys};
identifier dev, phys;
expression size, dir, attrs;
statement S;
@@
 f(struct device *dev, ...)
 {
 <...
(
 if (is_swiotlb_force_bounce(dev)) {
+	if (pguest_dma_is_shared(dev, phys, size))
+		return pguest_map_shared(dev, phys, size, dir, attrs);
 	<+...
+	if (pguest_cell_map(dev, phys, size, dir, &dma_addr))
+		return dma_addr;
 	return swiotlb_map(dev, phys, size, dir, attrs);
 	...+>
 }
|
 if (is_swiotlb_force_bounce(dev)) {
+	if (pguest_dma_is_shared(dev, phys, size))
+		return pguest_map_shared(dev, phys, size, dir, attrs);
 	<+...
+	if (pguest_cell_map(dev, phys, size, dir, &dma_addr))
+		return dma_addr;
 	return swiotlb_map(dev, phys, size, dir, attrs);
 	...+>
 } else S
)
 ...>
 }

@unmap@
identifier f = {dma_direct_unmap_page, dma_direct_unmap_phys};
identifier dev, addr, size, dir, attrs;
@@
 f(struct device *dev, dma_addr_t addr, size_t size, enum dma_data_direction dir,
   unsigned long attrs, ...)
 {
 ...
(
 phys_addr_t phys = dma_to_phys(dev, addr);
+
+if (pguest_cell_unmap(phys, size, dir, !(attrs & DMA_ATTR_SKIP_CPU_SYNC)))
+	return;
|
 phys = dma_to_phys(dev, addr);
+if (pguest_cell_unmap(phys, size, dir, !(attrs & DMA_ATTR_SKIP_CPU_SYNC)))
+	return;
)
 ...
 }

@header depends on map || unmap@
@@
 #include <linux/memremap.h>
+#include <linux/pguest.h>

@depends on map && !header@
@@
 #include <linux/pfn.h>
+#include <linux/pguest.h>
