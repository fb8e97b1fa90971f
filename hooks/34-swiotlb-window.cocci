// SPDX-License-Identifier: GPL-2.0-only
/// Store in each area of a bounce pool how much of it is in use.
///
// Why:     35-swiotlb-search hands out slots from a window of that size.
// Where:   kernel/dma/swiotlb.c, struct io_tlb_area: 1 match
// Trees:   6.1-7.3
// Outside: eight bytes for each CPU.
// Off:     the same: a structure has one layout, and a stub takes the member's address.

@window@
@@
 struct io_tlb_area {
 	...
 	spinlock_t lock;
+	/* private: of pguest_window() */
+	unsigned int window;
 };
