// SPDX-License-Identifier: GPL-2.0-only
/// Report a full bounce pool as lack of memory in a packed ring.
///
// Why:     when a buffer cannot be mapped, a split ring returns -ENOMEM and the
//          request is tried again. A packed ring returns -EIO, and the file system
//          loses data.
// Where:   drivers/virtio/virtio_ring.c, virtqueue_add_packed(): 1 match
//          drivers/virtio/virtio_ring.c, virtqueue_add_packed_in_order(): 1 match in 7.1-7.3
// Trees:   6.1-7.3
// Outside: a branch not taken where that happens.

@full@
identifier f = {virtqueue_add_packed, virtqueue_add_packed_in_order};
identifier vq;
expression n, total;
@@
 f(...)
 {
 <...
 for (n = 0; n < total; n++) { ... }
 END_USE(vq);
-return -EIO;
+return pguest_active() ? -ENOMEM : -EIO;
 ...>
 }
