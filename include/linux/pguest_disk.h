/* SPDX-License-Identifier: GPL-2.0-only */
/* What the driver of virtio disks needs of the layer. */
#ifndef _LINUX_PGUEST_DISK_H
#define _LINUX_PGUEST_DISK_H

#include <linux/blk-mq.h>
#include <linux/pguest_core.h>
#include <linux/scatterlist.h>

/* Called in a protected VM alone, see linux/pguest_core.h. */
int __pguest_cut_request(struct device *dev, struct request *req, struct sg_table *table,
			 int nents);
unsigned int __pguest_bytes_sent(struct request *req, const struct sg_table *table);
void __pguest_send_rest(struct request *req, unsigned int sent);

/**
 * pguest_cut_request() - send a part of a request where the bounce pool has no room for it
 * @dev: the disk, which does DMA
 * @req: the request
 * @table: its data
 * @nents: entries that it has in @table, or an error
 *
 * Another request of the disk has found no room shortly before.
 *
 * Context: Any, before the data are mapped.
 * Return: entries to send, of which the last one may be shorter now.
 */
static inline int pguest_cut_request(struct device *dev, struct request *req,
				     struct sg_table *table, int nents)
{
	return pguest_active() ? __pguest_cut_request(dev, req, table, nents) : nents;
}

/**
 * pguest_bytes_sent() - how much of a request the disk has got
 * @req: a request that was sent
 * @table: its data, as they were sent
 *
 * Context: Any.
 * Return: bytes; those of the request if it was not cut. 0 in a machine that is not protected.
 */
static inline unsigned int pguest_bytes_sent(struct request *req, const struct sg_table *table)
{
	return pguest_active() ? __pguest_bytes_sent(req, table) : 0;
}

/**
 * pguest_is_cut() - does a request go on after the disk has done what it got?
 * @req: a request that was sent
 * @table: its data, as they were sent
 *
 * Context: Any.
 * Return: true if so.
 */
static inline bool pguest_is_cut(struct request *req, const struct sg_table *table)
{
	return pguest_active() && __pguest_bytes_sent(req, table) < blk_rq_bytes(req);
}

/**
 * pguest_send_rest() - queue what is left of a request
 * @req: a request of which a part is done
 * @status: of that part
 * @sent: bytes of that part
 *
 * Context: Any.
 * Return: true if the request is queued again; false if it is to be ended.
 */
static inline bool pguest_send_rest(struct request *req, blk_status_t status, unsigned int sent)
{
	if (!pguest_active() || status != BLK_STS_OK || sent >= blk_rq_bytes(req))
		return false;
	__pguest_send_rest(req, sent);
	return true;
}

#endif /* _LINUX_PGUEST_DISK_H */
