// SPDX-License-Identifier: GPL-2.0-only
/// Ignore interrupts of a ring that has no buffers in it.
///
// Why:     the device can write to a ring before the driver is ready. An interrupt with
//          a used index that has moved then calls the driver, whatever is in its
//          structures: virtio-blk's point to the rings only after it has all of them,
//          and are not cleared before. VIRTIO_HARDEN_NOTIFICATION would be the tree's
//          answer, but depends on BROKEN. No interrupt is lost: drivers recheck the
//          ring after the last buffer.
// Where:   drivers/virtio/virtio_ring.c, vring_interrupt(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each interrupt.

@idle@
identifier vq;
@@
 if (!more_used(vq)) {
 	...
 	return IRQ_NONE;
 }
+
+if (pguest_active() && vq->vq.num_free == virtqueue_get_vring_size(&vq->vq))
+	return IRQ_HANDLED;
