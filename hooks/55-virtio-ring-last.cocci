// SPDX-License-Identifier: GPL-2.0-only
/// The driver's copy of a descriptor's flags is right for the last one, too.
///
// Why:     54-virtio-ring reads it. It was not kept for buffers that somebody
//          else maps.
// Where:   drivers/virtio/virtio_ring.c, virtqueue_add_split(): 1 match
// Trees:   6.1, 6.12. Later ones never set the flag.
// Outside: a store for each request.

@last@
identifier f = virtqueue_add_split;
identifier vq, indirect, mapped;
statement S;
@@
 f(...)
 {
 <...
-if (!indirect && vq->mapped)
+if (!indirect)
 S
 ...>
 }
