/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the driver of virtio-fs needs of the layer. It is included behind the headers of fs/fuse,
 * which have struct fuse_req.
 */
#ifndef _LINUX_PGUEST_FUSE_H
#define _LINUX_PGUEST_FUSE_H

#include <linux/pguest_core.h>
#include <linux/printk.h>

/* No errno of a file system is larger; those of include/linux/errno.h are the kernel's own. */
#define PGUEST_FUSE_ERRORS	512

static inline bool pguest_fuse_reply_fits(const struct fuse_req *req, u32 written)
{
	const struct fuse_out_header *reply = &req->out.h;
	const struct fuse_args *args = req->args;
	const struct fuse_arg *parts = (const struct fuse_arg *)args->out_args;
	u64 least = sizeof(*reply), most = sizeof(*reply);
	int i;

	if (written < sizeof(*reply) || reply->len > written || reply->unique != req->in.h.unique)
		return false;
	if (reply->error)
		return reply->len == sizeof(*reply) && reply->error < 0 &&
		       reply->error > -PGUEST_FUSE_ERRORS;
	for (i = 0; i < args->out_numargs; i++) {
		most += parts[i].size;
		if (i < args->out_numargs - 1 || !args->out_argvar)
			least += parts[i].size;
	}
	return reply->len >= least && reply->len <= most;
}

/**
 * pguest_check_fuse_reply() - make an error of a reply that is none to its request
 * @req: a request that a virtio-fs device has completed
 * @written: bytes that the device says it has written
 *
 * fs/fuse/dev.c checks so what a server in user space writes. A length outside of the parts
 * that were asked for would become the length of what is copied, and an error that is no
 * errno a pointer.
 *
 * Context: Process.
 */
static inline void pguest_check_fuse_reply(struct fuse_req *req, u32 written)
{
	if (!pguest_active() || !test_bit(FR_ISREPLY, &req->flags) ||
	    pguest_fuse_reply_fits(req, written))
		return;
	pr_err_ratelimited("pguest: virtio-fs: a reply of %u bytes that is none to request %u\n",
			   written, req->in.h.opcode);
	req->out.h.error = -EIO;
	req->out.h.len = sizeof(req->out.h);
}

#endif /* _LINUX_PGUEST_FUSE_H */
