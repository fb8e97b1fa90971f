// SPDX-License-Identifier: GPL-2.0-only
/// Check for a broken ring where requests are polled for, too.
///
// Why:     53-virtio-blk-broken ends the requests in a broken ring when the device
//          interrupts. A polled queue has no interrupt, so its requests would wait for
//          ever.
// Where:   drivers/block/virtio_blk.c, virtblk_poll(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken each time that a queue is polled.

@poll@
identifier f = virtblk_poll;
identifier vq, vblk, found;
@@
 f(...)
 {
 ...
 struct virtio_blk *vblk = ...;
 struct virtio_blk_vq *vq = ...;
 ...
 if (found)
	blk_mq_start_stopped_hw_queues(...);
+if (pguest_active() && unlikely(virtqueue_is_broken(vq->vq))) {
+	__virtqueue_break(vblk->vqs[0].vq);
+	queue_work(virtblk_wq, &vblk->config_work);
+}
 ...
 }
