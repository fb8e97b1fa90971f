// SPDX-License-Identifier: GPL-2.0-only
/// Nobody waits for news from a ring that the device has broken.
///
// Why:     who asks for a late interrupt is told to look again while there are
//          used entries. A broken ring gives none of them out, so that a driver
//          that does as it is told (virtio-net does, with interrupts to come
//          from the transmit ring) looks for ever, on a CPU of its own.
// Where:   drivers/virtio/virtio_ring.c, virtqueue_enable_cb_delayed(): 1 match
// Trees:   6.1. Later ones do it.
// Outside: one branch not taken for each request for a late interrupt.

@late@
identifier f = virtqueue_enable_cb_delayed;
identifier vq, _vq;
@@
 f(struct virtqueue *_vq)
 {
 struct vring_virtqueue *vq = to_vvq(_vq);
+
+if (unlikely(vq->broken))
+	return true;
 ...
 }
