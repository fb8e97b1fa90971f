/* SPDX-License-Identifier: GPL-2.0-only */
/* What drivers of virtio devices need of the layer. */
#ifndef _LINUX_PGUEST_VIRTIO_H
#define _LINUX_PGUEST_VIRTIO_H

#include <linux/pguest.h>
#include <linux/virtio.h>

/**
 * pguest_detach_buffers() - unmap the buffers that are left in the queues of a device
 * @vdev: a device that was reset, whose driver is about to delete the queues
 *
 * A buffer that is never unmapped keeps its slots of the bounce pool for ever. The driver
 * must not free the memory of its buffers before: what the device has written is copied
 * into it.
 *
 * Context: Any in which no other one uses the queues.
 */
static inline void pguest_detach_buffers(struct virtio_device *vdev)
{
	struct virtqueue *vq;

	if (!pguest_active())
		return;
	virtio_device_for_each_vq(vdev, vq) {
		while (virtqueue_detach_unused_buf(vq))
			;
	}
}

#endif /* _LINUX_PGUEST_VIRTIO_H */
