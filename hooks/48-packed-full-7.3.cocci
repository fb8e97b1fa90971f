// SPDX-License-Identifier: GPL-2.0-only
/// A bounce pool that is full is no error of a device with a packed ring.
///
// Why:     where a buffer cannot be mapped, a split ring says that there is no
//          memory, and the request waits; a packed one says that the device
//          failed, and the file system loses data.
// Where:   drivers/virtio/virtio_ring.c, virtqueue_add_packed(),
//            virtqueue_add_packed_in_order(): 2 matches
// Trees:   7.3
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
