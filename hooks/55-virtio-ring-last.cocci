// SPDX-License-Identifier: GPL-2.0-only
/// Keep the driver's flags right for a chain's last descriptor.
///
// Why:     54-virtio-ring reads the copy. The tree does not update it for buffers that
//          the driver has mapped itself.
// Where:   drivers/virtio/virtio_ring.c, virtqueue_add_split(): 1 match
// Trees:   6.1-6.18. Later trees do not set the flag for the last descriptor at all.
// Outside: a branch not taken for each request.

@last@
identifier f = virtqueue_add_split;
identifier indirect;
expression unmap;
statement S;
@@
 f(...)
 {
 <...
-if (!indirect && unmap)
+if (!indirect && (unmap || pguest_active()))
 S
 ...>
 }
