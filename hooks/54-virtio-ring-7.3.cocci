// SPDX-License-Identifier: GPL-2.0-only
/// Which descriptors were used is the driver's to know, not the device's.
///
// Why:     a completed chain is freed as far as the flags in the shared table
//          say. A device that sets NEXT there has others freed that are in
//          use: their buffers are unmapped, and what is in the bounce buffer
//          goes where they once were; or the loop does not end. The driver
//          has a copy of the flags.
// Where:   drivers/virtio/virtio_ring.c, detach_buf_split_in_order(): 1 match
// Trees:   7.3
// Outside: the same flags, from the copy.

@detach@
identifier f = detach_buf_split_in_order;
identifier vq, nextflag;
expression i;
@@
 f(struct vring_virtqueue *vq, ...)
 {
 <...
-vq->split.vring.desc[i].flags & nextflag
+cpu_to_virtio16(vq->vq.vdev, vq->split.desc_extra[i].flags) & nextflag
 ...>
 }
