/* SPDX-License-Identifier: GPL-2.0-only */
/* What drivers of virtio devices need of the layer. */
#ifndef _LINUX_PGUEST_VIRTIO_H
#define _LINUX_PGUEST_VIRTIO_H

#include <linux/delay.h>
#include <linux/dev_printk.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/pguest.h>
#include <linux/spinlock.h>
#include <linux/virtio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_ids.h>
#include <linux/virtio_ring.h>

/* Called in a protected VM alone, see linux/pguest_core.h. */
bool __pguest_add_again(struct device *dev);
void __pguest_received(struct virtqueue *vq, u16 flags, dma_addr_t addr, u32 size, u32 len);

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

/**
 * pguest_received() - note how much of a buffer a device says it has written
 * @vq: the queue
 * @flags: VRING_DESC_F_*, of the first descriptor of the request
 * @addr: its DMA address
 * @size: its size in bytes
 * @len: bytes that the device says it has written
 *
 * For frames alone: their driver looks at nothing behind @len, and has a queue for them with
 * each even number (OASIS virtio 1.2, 5.1.2). Requests with more than one descriptor are
 * others, of the control queue or of devices without mergeable buffers.
 *
 * Context: Any; the buffer is about to be unmapped.
 */
static inline void pguest_received(struct virtqueue *vq, u16 flags, dma_addr_t addr, u32 size,
				   u32 len)
{
	if (pguest_active())
		__pguest_received(vq, flags, addr, size, len);
}

/**
 * pguest_add_again() - is a buffer to be added to a queue once more?
 * @vq: the queue
 * @err: what adding it has returned
 *
 * For drivers that wait for the answer whether the buffer was added or not. A queue that is
 * broken meanwhile returns another error.
 *
 * Context: Process; sleeps for a moment if it returns true.
 * Return: true in a protected VM if there was no room, and there may be some later.
 */
static inline bool pguest_add_again(struct virtqueue *vq, int err)
{
	return pguest_active() && err == -ENOMEM && __pguest_add_again(vq->vdev->dev.parent);
}

/**
 * pguest_add_soon() - is a buffer to be added to a queue once more, within a second?
 * @vq: the queue
 * @err: what adding it has returned
 * @tries: how often that was, 0 at first
 *
 * As pguest_add_again(), for who must not wait for ever: the room may be in buffers that it
 * has added itself, or a lock may be held that is taken to remove the device.
 *
 * Context: Process; sleeps for a moment if it returns true.
 * Return: true in a protected VM if there was no room, and there may be some soon.
 */
static inline bool pguest_add_soon(struct virtqueue *vq, int err, unsigned int *tries)
{
	return err && *tries < HZ && pguest_add_again(vq, err) && ++*tries;
}

/**
 * pguest_past_config() - does an access leave the configuration of a device?
 * @vdev: the device
 * @offset: of the access, in bytes
 * @len: of the access, in bytes
 * @size: bytes of configuration that there are, by what the device says
 *
 * Context: Any.
 * Return: true in a protected VM if it does, after a line in the log.
 */
static inline bool pguest_past_config(struct virtio_device *vdev, unsigned int offset,
				      unsigned int len, size_t size)
{
	if (!pguest_active() || (len <= size && offset <= size - len))
		return false;
	dev_err_ratelimited(&vdev->dev, "its configuration has %zu bytes, and not those at %u\n",
			    size, offset);
	return true;
}

/* For this long a host may keep what a driver has asked it for: an honest one can be slow. */
#define PGUEST_RING_SECONDS	10

static inline bool pguest_ring_is_empty(struct virtqueue *vq, spinlock_t *lock)
{
	unsigned long flags;
	bool empty;

	spin_lock_irqsave(lock, flags);
	empty = vq->num_free == virtqueue_get_vring_size(vq);
	spin_unlock_irqrestore(lock, flags);
	return empty;
}

/**
 * pguest_ring_ends() - wait until the host has given back all buffers of a queue
 * @vq: the only queue of its device; the driver adds nothing to it any more
 * @lock: held by the driver's callback from when it takes a buffer out of @vq until it is
 *	  done with it
 *
 * For a driver that is about to free what its buffers belong to. If the host takes more
 * than PGUEST_RING_SECONDS, or has broken the queue, the device is reset and the queue
 * is broken: the driver has to take the buffers that are left out of it by
 * virtqueue_detach_unused_buf(), and can use the device again when it is probed anew.
 *
 * Context: Process; sleeps.
 * Return: true if the queue is empty and no callback uses a buffer of it; false if the
 *	   device was reset. Always true outside a protected VM, which is left as it was.
 */
static inline bool pguest_ring_ends(struct virtqueue *vq, spinlock_t *lock)
{
	unsigned long end = jiffies + PGUEST_RING_SECONDS * HZ;

	if (!pguest_active())
		return true;
	while (!pguest_ring_is_empty(vq, lock)) {
		if (virtqueue_is_broken(vq) || time_after(jiffies, end)) {
			dev_warn(&vq->vdev->dev, "reset: its host keeps requests of who has ended\n");
			virtio_reset_device(vq->vdev);
			virtio_break_device(vq->vdev);
			return false;
		}
		msleep(20);
	}
	return true;
}

#endif /* _LINUX_PGUEST_VIRTIO_H */
