// SPDX-License-Identifier: GPL-2.0-only
/// Let each area of a bounce pool know how much of it is in use.
///
// Why:     40-swiotlb.cocci hands out slots from a window that grows.
// Where:   kernel/dma/swiotlb.c, struct io_tlb_area: 1 match
// Trees:   6.1, 6.12, 7.3
// Outside: four bytes for each CPU, in what was padding.

@window@
@@
 struct io_tlb_area {
 	...
 	spinlock_t lock;
+	/* private: of pguest_window() */
+	unsigned int window;
 };
