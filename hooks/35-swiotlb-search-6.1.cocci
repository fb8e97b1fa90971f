// SPDX-License-Identifier: GPL-2.0-only
/// Share a bounce pool piece by piece, and end each search.
///
// Why:     to share a whole pool at boot is most of the cost of a protected boot. Each
//          area hands out slots from a window at its start, which grows with the use.
//          This tree searches until it is back at the slot where it began. With a mask
//          of minimal alignment (NVMe) the steps may miss that slot, and a pool that is
//          nearly full then hangs the CPU. The hook counts the slots instead, as later
//          trees do.
// Where:   kernel/dma/swiotlb.c, swiotlb_do_find_slots(): 6 matches
// Trees:   6.1
// Outside: a branch not taken for each mapping; and a search ends.
// Off:     a search ends, too.

@search@
identifier f = swiotlb_do_find_slots;
identifier dev, mem, stride, area_index;
expression slot, n, first;
@@
 f(struct device *dev, ...)
 {
 <...
(
-slot_base = area_index * mem->area_nslabs;
+slot_base = area_index * mem->area_nslabs + pguest_disk_slots(mem->start, area_index);
|
-index = wrap = wrap_area_index(mem, first);
+again:
+wrap = pguest_window(mem->start, slot_base, &area->window, area->used + nslots,
+		     mem->area_nslabs);
+index = pguest_wrap(wrap_area_index(mem, first), wrap);
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
identifier dev;
@@
 f(struct device *dev, ...)
 {
 ...
 unsigned long flags;
+unsigned int checked;
 ... when any
+if (pguest_window_grow(dev, mem->start, &slot_base, &area->window, mem->area_nslabs))
+	goto again;
 not_found:
 spin_unlock_irqrestore(...);
 ...
 }
