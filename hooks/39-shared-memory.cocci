// SPDX-License-Identifier: GPL-2.0-only
/// Do not copy data in memory that is shared already.
///
// Why:     a buffer out of coherent memory, or out of a heap of shared memory, needs no
//          other one in the bounce pool. A device gets its address, whatever its size:
//          a mapping through the pool is limited to 256 KiB.
// Where:   kernel/dma/direct.h, dma_direct_map_page() or
//            dma_direct_map_phys(): 1 match in 6.1-7.2
//          kernel/dma/direct.c, dma_direct_map_phys(): 1 match in 7.3
// Trees:   6.1-7.3
// Outside: nothing: the branch is in one that is taken in a protected VM alone.

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
 	swiotlb_map(dev, phys, size, dir, attrs)
 	...+>
 }
|
 if (is_swiotlb_force_bounce(dev)) {
+	if (pguest_dma_is_shared(dev, phys, size))
+		return pguest_map_shared(dev, phys, size, dir, attrs);
 	<+...
 	swiotlb_map(dev, phys, size, dir, attrs)
 	...+>
 } else S
)
 ...>
 }

@header depends on map@
@@
 #include <linux/memremap.h>
+#include <linux/pguest.h>

@depends on map && !header@
@@
 #include <linux/pfn.h>
+#include <linux/pguest.h>
