// SPDX-License-Identifier: GPL-2.0-only
/// Limit a virtio queue to its part of the bounce pool.
///
// Why:     the driver of a console fills a queue with a page for each entry, and that
//          of a network with frames, before any program reads from it. QEMU's
//          virtio-mmio offers 1024 entries whatever the device needs: a small pool is
//          full then, and the disk waits for ever. The pool is allocated before any
//          device is known, so the queues must be limited.
// Where:   drivers/virtio/virtio_ring.c, vring_create_virtqueue(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken for each queue that is set up.

@create@
identifier f = vring_create_virtqueue;
identifier nr, num, align, vdev, weak, may_reduce;
statement S;
@@
 f(unsigned int nr, unsigned int num, unsigned int align, struct virtio_device *vdev, bool weak, bool may_reduce, ...)
 {
 ...
+if (may_reduce)
+	num = pguest_queue_entries(vdev->dev.parent, num);
 if (virtio_has_feature(vdev, VIRTIO_F_RING_PACKED)) S
 ...
 }
