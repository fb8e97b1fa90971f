// SPDX-License-Identifier: GPL-2.0-only
/// End the requests of a broken ring with an error.
///
// Why:     virtio stops using a ring when the device writes nonsense into it, and
//          nothing completes the requests in it: their submitters wait for ever.
//          The device is reset before the buffers are taken back. A reset may sleep,
//          so the work item for configuration changes does it.
// Where:   drivers/block/virtio_blk.c, virtblk_done(), virtblk_remove(): 1 match each
//          drivers/block/virtio_blk.c, virtblk_fail_all(),
//            virtblk_config_changed_work(): 2 matches
// Trees:   6.1-7.3
// Outside: a branch not taken for each interrupt of a disk.
// Off:     6.1, 7.3: the same, with functions in another order.
// Options: --smpl-spacing

@done@
identifier f = virtblk_done;
identifier vq, vblk, req_done;
@@
 f(struct virtqueue *vq)
 {
 struct virtio_blk *vblk = vq->vdev->priv;
 ... when any
 if (req_done)
 	blk_mq_start_stopped_hw_queues(...);
+if (pguest_active() && unlikely(virtqueue_is_broken(vq))) {
+	__virtqueue_break(vblk->vqs[0].vq);
+	queue_work(virtblk_wq, &vblk->config_work);
+}
 spin_unlock_irqrestore(...);
 }

@work@
identifier f = virtblk_config_changed_work;
identifier work, vblk;
@@
+/* Reset the device, and complete the requests in all rings with an error. */
+static void virtblk_fail_all(struct virtio_blk *vblk)
+{
+	struct virtblk_req *vbr;
+	unsigned long flags;
+	int i = vblk->num_vqs;
+
+	virtio_break_device(vblk->vdev);
+	virtio_reset_device(vblk->vdev);
+	while (i--) {
+		spin_lock_irqsave(&vblk->vqs[i].lock, flags);
+		while ((vbr = virtqueue_detach_unused_buf(vblk->vqs[i].vq))) {
+			vbr->in_hdr.status = VIRTIO_BLK_S_IOERR;
+			blk_mq_complete_request(blk_mq_rq_from_pdu(vbr));
+		}
+		spin_unlock_irqrestore(&vblk->vqs[i].lock, flags);
+	}
+	blk_mq_start_stopped_hw_queues(vblk->disk->queue, true);
+}
+
 static void f(struct work_struct *work)
 {
 struct virtio_blk *vblk = ...;
+
+if (pguest_active() && unlikely(virtqueue_is_broken(vblk->vqs[0].vq))) {
+	virtblk_fail_all(vblk);
+	return;
+}
 ...
 virtblk_update_capacity(vblk, true);
 }

@remove@
identifier f = virtblk_remove;
identifier vdev, vblk;
@@
 f(struct virtio_device *vdev)
 {
 struct virtio_blk *vblk = vdev->priv;
 ... when any
 virtio_reset_device(vdev);
+if (pguest_active()) {
+	/* An interrupt before the reset may have queued it again. */
+	flush_work(&vblk->config_work);
+}
 ...
 }

@flat@
@@
 struct virtblk_req {
 ...
 u8 status;
 ...
 };

@depends on flat@
identifier f = virtblk_fail_all;
struct virtblk_req *vbr;
@@
 f(...)
 {
 <...
-vbr->in_hdr.status
+vbr->status
 ...>
 }
