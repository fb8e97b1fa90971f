// SPDX-License-Identifier: GPL-2.0-only
/// Unmap the buffers of a request from last to first.
///
// Why:     SWIOTLB joins slots that become free with those before them, slot by slot. The
//          buffers of a request have ascending slots. In this order each walks over all
//          that were freed before it, half of a segment on average: of a guest that
//          reads from a disk this was a tenth of all instructions. From the last to the
//          first there is nothing to walk over.
// Where:   drivers/virtio/virtio_ring.c, detach_buf_split() or
//            detach_indirect_split(): 1 match
//          drivers/virtio/virtio_ring.c, detach_buf_packed() or
//            detach_buf_packed_in_order(): 1 match
// Trees:   6.1-7.3
// Outside: the same order, which makes no difference there.
// Off:     the same order.

@split@
identifier f = {detach_buf_split, detach_indirect_split};
identifier unmap = {vring_unmap_one_split_indirect, vring_unmap_one_split};
identifier vq, table, i;
expression nr;
@@
 f(struct vring_virtqueue *vq, ...)
 {
 <...
-for (i = 0; i < nr; i++)
+for (i = nr; i-- > 0;)
 	unmap(vq, &table[i]);
 ...>
 }

@packed@
identifier f = {detach_buf_packed, detach_buf_packed_in_order};
identifier unmap = {vring_unmap_desc_packed, vring_unmap_extra_packed};
identifier vq, table, i;
expression nr;
@@
 f(struct vring_virtqueue *vq, ...)
 {
 <...
-for (i = 0; i < nr; i++)
+for (i = nr; i-- > 0;)
 	unmap(vq, &table[i]);
 ...>
 }
