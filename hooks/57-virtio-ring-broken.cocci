// SPDX-License-Identifier: GPL-2.0-only
/// Do not wait for interrupts of a broken ring.
///
// Why:     virtqueue_enable_cb_delayed() returns false while there are used entries,
//          and the driver then looks again. A broken ring hands out none of them, so
//          virtio-net (with interrupts from the transmit ring) loops for ever and
//          occupies a CPU. Stable updates have added this check to some trees.
// Where:   drivers/virtio/virtio_ring.c, virtqueue_enable_cb_delayed(): at most 1 match
// Always:  drivers/virtio/virtio_ring.c, virtqueue_enable_cb_delayed(): unlikely(vq->broken)) return true;
// Trees:   6.1-7.3
// Outside: one branch not taken for each request for a late interrupt.

@there@
identifier f = virtqueue_enable_cb_delayed;
expression vq;
@@
 f(...)
 {
 ... when any
 if (unlikely(vq->broken))
	return true;
 ... when any
 }

@depends on !there@
identifier f = virtqueue_enable_cb_delayed;
identifier vq, _vq;
@@
 f(struct virtqueue *_vq)
 {
 struct vring_virtqueue *vq = to_vvq(_vq);
+
+if (pguest_active() && unlikely(vq->broken))
+	return true;
 ...
 }
