// SPDX-License-Identifier: GPL-2.0-only
/// Keep disk requests small enough for the bounce pool, and end hopeless ones.
///
// Why:     a request that the pool can never hold is put back and tried again
//          for ever (seen with upstream 7.3 and a pool of 512 KiB).
// Where:   drivers/block/virtio_blk.c, virtblk_probe(),
//            virtblk_fail_to_queue(): 2 matches
// Trees:   6.1
// Outside: a branch not taken at probe, and one on an error path.

@limits@
identifier f = virtblk_probe;
identifier vdev;
@@
 f(struct virtio_device *vdev)
 {
 ...
-blk_queue_max_hw_sectors(q, -1U);
+blk_queue_max_hw_sectors(q, pguest_max_sectors(vdev->dev.parent, -1U));
 ...
 }

@again@
identifier f = virtblk_fail_to_queue;
identifier req, rc;
@@
 f(struct request *req, int rc)
 {
 virtblk_cleanup_cmd(req);
+rc = pguest_dma_error(rc);
 ...
 }

@depends on limits@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
