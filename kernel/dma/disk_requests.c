// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests of virtio disks that find no room in the bounce pool.
 *
 * When such a request is tried again, the driver sends as much of it as is sure to fit, and
 * the rest when that is done, as SCSI's does with a request that a disk has done in part.
 */
#include <linux/atomic.h>
#include <linux/blk-mq.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/pguest_disk.h>
#include <linux/scatterlist.h>

#include "pool.h"

/* A part of it can be done, and it is larger than what is sure to fit. */
static bool is_large(struct request *req)
{
	unsigned long sure = pguest_disk_is_sure_of();

	return sure && blk_rq_bytes(req) > sure &&
	       (req_op(req) == REQ_OP_READ || req_op(req) == REQ_OP_WRITE);
}

/* Behind pguest_cut_request(). */
int __pguest_cut_request(struct device *dev, struct request *req, struct sg_table *table,
			 int nents)
{
	unsigned long most = pguest_disk_is_sure_of(), bytes = 0;
	struct scatterlist *sg;
	int i;

	if (nents <= 0 || !is_large(req) || !pguest_disk_was_short(dev))
		return nents;
	most = max_t(unsigned long, most, queue_logical_block_size(req->q));
	most = rounddown(most, queue_logical_block_size(req->q));
	for_each_sg(table->sgl, sg, nents, i) {
		if (bytes + sg->length >= most) {
			sg->length = most - bytes;
			sg_mark_end(sg);
			atomic_long_inc(&pguest_requests_cut);
			return i + 1;
		}
		bytes += sg->length;
	}
	return nents;
}
EXPORT_SYMBOL_GPL(__pguest_cut_request);

/* Behind pguest_bytes_sent(). */
unsigned int __pguest_bytes_sent(struct request *req, const struct sg_table *table)
{
	struct scatterlist *sg;
	unsigned int bytes = 0;
	int i;

	if (!is_large(req))
		return blk_rq_bytes(req);
	for_each_sg(table->sgl, sg, table->nents, i)
		bytes += sg->length;
	return bytes;
}
EXPORT_SYMBOL_GPL(__pguest_bytes_sent);

/* Behind pguest_send_rest(). */
void __pguest_send_rest(struct request *req, unsigned int sent)
{
	blk_update_request(req, BLK_STS_OK, sent);
	blk_mq_requeue_request(req, true);
}
EXPORT_SYMBOL_GPL(__pguest_send_rest);
