// SPDX-License-Identifier: GPL-2.0-only
/// Share a bounce pool piece by piece, and show the host no more than needed.
///
// Why:     one hypercall for each granule of a full pool is most of what a
//          protected boot costs. Each area of a pool hands out slots from a window
//          at its beginning that grows with its use; searching all of it from the
//          start would keep as little shared, but is slow. A buffer that a device is to fill is cleared
//          and not copied out first: that would show the host what was in it.
//          Nothing clears a pool at boot: each page of it would cost an exit to the
//          host, and is cleared when it is shared.
//          The result of set_memory_decrypted(), which is not looked at here,
//          no longer matters: a slot is handed out when it is known as shared.
// Where:   kernel/dma/swiotlb.c, swiotlb_search_pool_area(),
//            swiotlb_release_slots(), swiotlb_tbl_map_single(), swiotlb_bounce(),
//            swiotlb_init_late(), rmem_swiotlb_device_init(), alloc_dma_pages(),
//            swiotlb_memblock_alloc(), swiotlb_init_io_tlb_pool(): 16 matches
// Trees:   6.12
// Outside: a branch not taken for each mapping and each copy.

@search@
identifier f = swiotlb_search_pool_area;
identifier dev, pool;
expression slot, n, next;
@@
 f(struct device *dev, struct io_tlb_pool *pool, ...)
 {
 <...
(
-index = area->index;
+again:
+window = pguest_window(&area->window, area->used + nslots, pool->area_nslabs);
+index = area->index < window ? area->index : 0;
|
-slots_checked < pool->area_nslabs
+slots_checked < window
|
-index = wrap_area_index(pool, next);
+index = pguest_wrap(next, window);
|
-if (pool->slots[slot].list >= n)
-	goto found;
+if (pool->slots[slot].list >= n) {
+	bool ready = pguest_bounce_ready(dev, pool->start, pool->end, slot, n);
+
+	if (ready)
+		goto found;
+}
)
 ...>
 }

@again@
identifier f = swiotlb_search_pool_area;
@@
 f(...)
 {
 ...
 unsigned long flags;
+unsigned int window;
 ...
 for (slots_checked = 0; ...; ) { ... }
+if (pguest_window_grow(&area->window, pool->area_nslabs))
+	goto again;
 ...
 }

@release@
identifier f = swiotlb_release_slots;
@@
 f(...)
 {
 ...
 area->used -= nslots;
+pguest_slots_freed(&area->index, index % mem->area_nslabs);
 ...
 }

@map@
identifier f = swiotlb_tbl_map_single;
identifier dir;
expression dev, addr, size, pool;
@@
 f(..., enum dma_data_direction dir, unsigned long attrs)
 {
 ...
-swiotlb_bounce(dev, addr, size, DMA_TO_DEVICE, pool);
+if (pguest_active() && dir == DMA_FROM_DEVICE)
+	memset(pool->vaddr + (addr - pool->start), 0, size);
+else
+	swiotlb_bounce(dev, addr, size, DMA_TO_DEVICE, pool);
 ...
 }

@full@
identifier f = swiotlb_tbl_map_single;
identifier attrs;
statement S;
@@
 f(..., unsigned long attrs)
 {
 <...
-if (!(attrs & DMA_ATTR_NO_WARN))
+if (!pguest_pool_full() && !(attrs & DMA_ATTR_NO_WARN))
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

@late@
identifier f = {swiotlb_init_late, rmem_swiotlb_device_init};
expression addr, n;
@@
 f(...)
 {
 <...
-set_memory_decrypted(addr, n);
+pguest_pool_decrypted(addr, n);
 ...>
 }

@dynamic@
identifier f = alloc_dma_pages;
expression addr, n;
@@
 f(...)
 {
 <...
-set_memory_decrypted(addr, n)
+pguest_share_pages(addr, n, PGUEST_BOUNCE)
 ...>
 }

@boot@
identifier f = swiotlb_memblock_alloc;
expression bytes, align;
@@
 f(...)
 {
 <...
-memblock_alloc_low(bytes, align)
+pguest_alloc_pool(bytes, align)
 ...>
 }

@clear@
identifier f = swiotlb_init_io_tlb_pool;
expression vaddr, bytes;
@@
 f(...)
 {
 ...
-memset(vaddr, 0, bytes);
+if (!pguest_active())
+	memset(vaddr, 0, bytes);
 ...
 }

@depends on search@
@@
 #include <linux/pfn.h>
+#include <linux/pguest.h>
