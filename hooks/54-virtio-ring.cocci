// SPDX-License-Identifier: GPL-2.0-only
/// Free a descriptor chain by the driver's copy of the flags.
///
// Why:     the tree follows a completed chain as far as the flags in the shared
//          table say. A device that sets NEXT there makes the driver free
//          descriptors that are in use: their buffers are unmapped, and the contents
//          of the bounce buffer overwrite them later; or the loop does not end.
// Where:   drivers/virtio/virtio_ring.c, detach_buf_split() or
//            detach_buf_split_in_order(): 1 match
// Trees:   6.1-7.3
// Outside: the same flags, from the copy.

@detach@
identifier f = {detach_buf_split, detach_buf_split_in_order};
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
