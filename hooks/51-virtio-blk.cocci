// SPDX-License-Identifier: GPL-2.0-only
/// Keep disk requests small enough for the bounce pool.
///
// Why:     a request that is larger than the pool is put back and tried again for
//          ever (seen with upstream 7.3 and a pool of 512 KiB). So is each request of a
//          device that has no pool, or whose pool cannot be shared.
// Where:   drivers/block/virtio_blk.c, virtblk_read_limits() or virtblk_probe(): 1 match
//          drivers/block/virtio_blk.c, virtblk_fail_to_queue(): 2 matches
// Trees:   6.1-7.3. Up to 6.6 virtblk_probe() sets the limits one by one.
// Outside: a branch not taken at probe, and one on an error path.

@limits@
identifier f = virtblk_read_limits;
identifier vblk, lim;
@@
 f(struct virtio_blk *vblk, struct queue_limits *lim)
 {
 ...
-lim->max_hw_sectors = UINT_MAX;
+lim->max_hw_sectors = pguest_max_sectors(vblk->vdev->dev.parent, UINT_MAX);
 ...
 }

@limit_each@
identifier f = virtblk_probe;
identifier vdev;
expression most;
@@
 f(struct virtio_device *vdev)
 {
 ...
-blk_queue_max_hw_sectors(q, most);
+blk_queue_max_hw_sectors(q, pguest_max_sectors(vdev->dev.parent, most));
 ...
 }

@again@
identifier f = virtblk_fail_to_queue;
identifier req, rc;
@@
 f(struct request *req, int rc)
 {
+struct virtio_blk *vblk = req->mq_hctx->queue->queuedata;
+
 virtblk_cleanup_cmd(req);
+rc = pguest_dma_error(vblk->vdev->dev.parent, rc);
 ...
 }

@depends on limits || limit_each@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
