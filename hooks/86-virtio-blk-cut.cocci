// SPDX-License-Identifier: GPL-2.0-only
/// Send a part of a request that the bounce pool cannot hold.
///
// Why:     each request is an exit to the host and an interrupt. If all of it has to fit
//          into what a disk is sure of in a pool that cannot grow, 64 MiB take
//          251 of them and not 71. Larger ones are sent in parts then.
// Where:   drivers/block/virtio_blk.c, virtblk_map_data(): 2 matches
//          drivers/block/virtio_blk.c, virtblk_request_done(),
//            virtblk_part_done(): 2 matches
//          drivers/block/virtio_blk.c, virtblk_poll(): 2 matches
// Trees:   6.1-7.3
// Outside: three branches not taken for each request.
// Options: --smpl-spacing

@map@
identifier f = virtblk_map_data;
identifier hctx, req, vbr, err;
expression list from;
@@
 f(struct blk_mq_hw_ctx *hctx, struct request *req, struct virtblk_req *vbr)
 {
 int err;
+int nents;
 ...
-return blk_rq_map_sg(from);
+nents = blk_rq_map_sg(from);
+if (pguest_active()) {
+	struct virtio_blk *vblk = hctx->queue->queuedata;
+
+	nents = pguest_cut_request(vblk->vdev->dev.parent, req, &vbr->sg_table, nents);
+}
+return nents;
 }

@done@
typedef blk_status_t;
identifier f = virtblk_request_done;
identifier req, vbr, status, unmap = virtblk_unmap_data;
expression result;
@@
 f(struct request *req)
 {
 struct virtblk_req *vbr = blk_mq_rq_to_pdu(req);
 blk_status_t status = result;
 ...
+if (pguest_is_cut(req, &vbr->sg_table)) {
+	virtblk_part_done(req, status);
+	return;
+}
 unmap(req, vbr);
 ...
 }

@done_early depends on !done@
identifier f = virtblk_request_done;
identifier req, vbr, unmap = virtblk_unmap_data;
@@
 f(struct request *req)
 {
 struct virtblk_req *vbr = blk_mq_rq_to_pdu(req);
+
+if (pguest_is_cut(req, &vbr->sg_table)) {
+	virtblk_part_done(req, virtblk_result(vbr));
+	return;
+}
 unmap(req, vbr);
 ...
 }

@depends on done || done_early@
identifier f = virtblk_request_done;
@@
+/* The disk has done as much of a request as it got. */
+static void virtblk_part_done(struct request *req, blk_status_t status)
+{
+	struct virtblk_req *vbr = blk_mq_rq_to_pdu(req);
+	unsigned int sent = pguest_bytes_sent(req, &vbr->sg_table);
+
+	virtblk_unmap_data(req, vbr);
+	virtblk_cleanup_cmd(req);
+	if (!pguest_send_rest(req, status, sent))
+		blk_mq_end_request(req, status);
+}
+
 static inline void f(...)
 { ... }

@poll@
identifier f = virtblk_poll;
identifier req, vbr;
expression iob, failed, complete;
@@
 f(...)
 {
 <...
 struct request *req = blk_mq_rq_from_pdu(vbr);
+struct io_comp_batch *batch = pguest_is_cut(req, &vbr->sg_table) ? NULL : iob;
 ...
 blk_mq_add_to_batch(req,
-	iob,
+	batch,
 	failed, complete)
 ...>
 }

@depends on map || done || done_early@
@@
 #include <linux/module.h>
+#include <linux/pguest_disk.h>
