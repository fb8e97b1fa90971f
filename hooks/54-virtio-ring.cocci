// SPDX-License-Identifier: GPL-2.0-only
/// Free a descriptor chain by the driver's copy of the flags.
///
// Why:     the tree follows a completed chain as far as the flags in the shared
//          table say. A device that sets NEXT there makes the driver free
//          descriptors that are in use: their buffers are unmapped, and the contents
//          of the bounce buffer overwrite them later; or the loop does not end.
// Where:   drivers/virtio/virtio_ring.c, detach_buf_split() or
//            detach_buf_split_in_order(): 1 match
//          drivers/virtio/virtio_ring.c, vring_chain_flags(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each descriptor of a chain.
// Off:     the same by its text, of which gcc makes another object.
// Options: --smpl-spacing

@detach@
identifier f = {detach_buf_split, detach_buf_split_in_order};
identifier vq, nextflag;
expression i;
@@
 f(struct vring_virtqueue *vq, ...)
 {
 <+...
-vq->split.vring.desc[i].flags & nextflag
+vring_chain_flags(vq, i) & nextflag
 ...+>
 }

@@
identifier detach.f;
type T;
typedef __virtio16;
@@
+/* The driver's copy of the flags: the device can write to the table. */
+static __virtio16 vring_chain_flags(struct vring_virtqueue *vq, unsigned int i)
+{
+	if (pguest_active())
+		return cpu_to_virtio16(vq->vq.vdev, vq->split.desc_extra[i].flags);
+	return vq->split.vring.desc[i].flags;
+}
+
 static T f(...)
 { ... }
