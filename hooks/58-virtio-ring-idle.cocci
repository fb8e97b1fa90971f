// SPDX-License-Identifier: GPL-2.0-only
/// A ring in which nothing is under way has no news.
///
// Why:     rings are the device's before the driver is ready, and an interrupt
//          with a used index that has moved calls the driver then, whatever is
//          in its structures: virtio-blk's point to the rings only after it has
//          all of them, and are not cleared before. VIRTIO_HARDEN_NOTIFICATION
//          would be the tree's answer; it depends on BROKEN. Nobody misses an
//          interrupt: who takes the last one out looks for more by himself.
// Where:   drivers/virtio/virtio_ring.c, vring_interrupt(): 1 match
// Trees:   6.1, 6.12, 7.3
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

@depends on idle@
@@
 #include <linux/kmsan.h>
+#include <linux/pguest.h>
