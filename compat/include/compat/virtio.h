/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a virtio transport is asked for its queues with is an array of structures since
 * Linux 6.11, and was an array of each member before. Zoned disks came with 6.3.
 */
#ifndef _COMPAT_VIRTIO_H
#define _COMPAT_VIRTIO_H

#include <linux/errno.h>
#include <linux/virtio_blk.h>
#include <linux/virtio_config.h>

#ifndef VIRTIO_BLK_F_ZONED
#define VIRTIO_BLK_F_ZONED	17
#endif

#ifdef COMPAT_FIND_VQS

#define COMPAT_MOST_QUEUES	64

struct virtqueue_info {
	const char *name;
	vq_callback_t *callback;
	bool ctx;
};

/* @name_find_vqs(), the operation of a transport that has @find(vdev, nr, vqs, info, desc) */
#define COMPAT_DEFINE_FIND_VQS(name, find)						\
	static int name##_find_vqs(struct virtio_device *vdev, unsigned int nr,		\
			struct virtqueue *vqs[], vq_callback_t *callbacks[],		\
			const char *const names[], const bool *ctx,			\
			struct irq_affinity *desc)					\
	{										\
		struct virtqueue_info info[COMPAT_MOST_QUEUES];				\
		unsigned int i;								\
											\
		if (nr > COMPAT_MOST_QUEUES)						\
			return -ENOSPC;							\
		for (i = 0; i < nr; i++)						\
			info[i] = (struct virtqueue_info){				\
				names[i], callbacks[i], ctx && ctx[i]			\
			};								\
		return find(vdev, nr, vqs, info, desc);					\
	}

#else /* !COMPAT_FIND_VQS */

#define COMPAT_DEFINE_FIND_VQS(name, find)						\
	static int name##_find_vqs(struct virtio_device *vdev, unsigned int nr,		\
			struct virtqueue *vqs[], struct virtqueue_info info[],		\
			struct irq_affinity *desc)					\
	{										\
		return find(vdev, nr, vqs, info, desc);					\
	}

#endif /* COMPAT_FIND_VQS */

#endif /* _COMPAT_VIRTIO_H */
