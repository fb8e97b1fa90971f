// SPDX-License-Identifier: GPL-2.0-only
/// Share a bounce pool piece by piece, as it is used.
///
// Why:     sharing a whole pool at boot takes one hypercall for each granule, which
//          is most of the cost of a protected boot. Each area of a pool hands out
//          slots from a window at its start, which grows with the use. A search
//          from slot 0 each time would share as little, but is slow. The first slots of
//          a pool are for disks alone, which search there when there are no others.
// Where:   kernel/dma/swiotlb.c, swiotlb_search_pool_area() or
//            swiotlb_area_find_slots(): 7 matches
// Trees:   6.6-7.3
// Outside: a branch not taken for each mapping.
// Off:     the same search; its end is in a variable.

@search@
identifier f = {swiotlb_search_pool_area, swiotlb_area_find_slots};
identifier dev, pool, area_index;
expression slot, n, next;
@@
 f(struct device *dev, struct io_tlb_pool *pool, ...)
 {
 <...
(
-slot_base = area_index * pool->area_nslabs;
+slot_base = area_index * pool->area_nslabs + pguest_disk_slots(pool->start, area_index);
|
-index = area->index;
+again:
+window = pguest_window(pool->start, slot_base, &area->window, area->used + nslots,
+		       pool->area_nslabs);
+index = pguest_active() && area->index >= window ? 0 : area->index;
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
identifier f = {swiotlb_search_pool_area, swiotlb_area_find_slots};
identifier dev, pool;
@@
 f(struct device *dev, struct io_tlb_pool *pool, ...)
 {
 ...
 unsigned long flags;
+unsigned int window;
 ...
 for (slots_checked = 0; ...; ) { ... }
+if (pguest_window_grow(dev, pool->start, &slot_base, &area->window, pool->area_nslabs))
+	goto again;
 ...
 }
