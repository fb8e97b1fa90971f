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
//          The tree searches until it is back where it began. With a mask of
//          minimal alignment (NVMe) it may never come there again, and a pool
//          that is nearly full hangs the CPU: here it counts, as later trees do.
// Where:   kernel/dma/swiotlb.c, swiotlb_do_find_slots(),
//            swiotlb_release_slots(), swiotlb_tbl_map_single(), swiotlb_bounce(),
//            swiotlb_init_late(), rmem_swiotlb_device_init(),
//            swiotlb_memblock_alloc(), swiotlb_init_io_tlb_mem(): 14 matches
// Trees:   6.1
// Outside: a branch not taken for each mapping and each copy; and a search ends.

@search@
identifier f = swiotlb_do_find_slots;
identifier dev, mem, stride;
expression slot, n, first;
@@
 f(struct device *dev, ...)
 {
 <...
(
-index = wrap = wrap_area_index(mem, first);
+again:
+wrap = pguest_window(&area->window, area->used + nslots, mem->area_nslabs);
+index = pguest_wrap(first, wrap);
+checked = 0;
|
-index = wrap_area_index(mem, index + 1);
+index = pguest_wrap(index + 1, wrap);
+checked++;
|
-index = wrap_area_index(mem, index + stride);
+index = pguest_wrap(index + stride, wrap);
+checked += stride;
|
-index != wrap
+checked < wrap
|
-if (mem->slots[slot].list >= n)
-	goto found;
+if (mem->slots[slot].list >= n) {
+	bool ready = pguest_bounce_ready(dev, mem->start, mem->end, slot, n);
+
+	if (ready)
+		goto found;
+}
)
 ...>
 }

@again@
identifier f = swiotlb_do_find_slots;
@@
 f(...)
 {
 ...
 unsigned long flags;
+unsigned int checked;
 ... when any
+if (pguest_window_grow(&area->window, mem->area_nslabs))
+	goto again;
 not_found:
 spin_unlock_irqrestore(...);
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
expression dev, addr, size;
@@
 f(..., enum dma_data_direction dir, unsigned long attrs)
 {
 ...
-swiotlb_bounce(dev, addr, size, DMA_TO_DEVICE);
+if (pguest_active() && dir == DMA_FROM_DEVICE)
+	memset(mem->vaddr + (addr - mem->start), 0, size);
+else
+	swiotlb_bounce(dev, addr, size, DMA_TO_DEVICE);
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
identifier f = swiotlb_init_io_tlb_mem;
expression vaddr, bytes;
@@
 f(...)
 {
 <...
-memset(vaddr, 0, bytes);
+if (!pguest_active())
+	memset(vaddr, 0, bytes);
 ...>
 }

@depends on search@
@@
 #include <linux/pfn.h>
+#include <linux/pguest.h>
