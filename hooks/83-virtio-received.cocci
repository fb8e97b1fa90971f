// SPDX-License-Identifier: GPL-2.0-only
/// Copy a received frame as far as it was written.
///
// Why:     the ring unmaps all of a buffer, and so all of its bounce buffer is copied: 1.5 KiB
//          for an acknowledgement of 66 bytes. Of a guest that sends by TCP that was half of
//          what the bounce buffers cost. The driver looks at no byte behind the length
//          that it gets here.
//          The functions are large enough with the call that gcc no longer inlines them, if
//          their caller is itself inlined in virtqueue_get_buf(): so it must not be.
// Where:   drivers/virtio/virtio_ring.c, virtqueue_get_buf_ctx_split(): 1 match
//          drivers/virtio/virtio_ring.c, virtqueue_get_buf_ctx_packed(): 1 match
//          drivers/virtio/virtio_ring.c, virtqueue_get_buf_ctx(): 1 match
// Trees:   6.1-6.18. Later drivers of networks map buffers themselves, and synchronise
//          what was written. The include is of 49-virtio-queue.
// Outside: a branch not taken for each completed request.

@split@
identifier f = virtqueue_get_buf_ctx_split;
identifier queue, vq, len, ret, i;
@@
 f(struct virtqueue *queue, unsigned int *len, ...)
 {
 ... when any
 ret = vq->split.desc_state[i].data;
+pguest_received(queue, vq->split.desc_extra[i].flags, vq->split.desc_extra[i].addr,
+		vq->split.desc_extra[i].len, *len);
 ... when any
 }

@packed@
identifier f = virtqueue_get_buf_ctx_packed;
identifier queue, vq, len, ret, i;
@@
 f(struct virtqueue *queue, unsigned int *len, ...)
 {
 ... when any
 ret = vq->packed.desc_state[i].data;
+pguest_received(queue, vq->packed.desc_extra[i].flags, vq->packed.desc_extra[i].addr,
+		vq->packed.desc_extra[i].len, *len);
 ... when any
 }

@depends on split || packed@
identifier f = virtqueue_get_buf_ctx;
attribute name noinline;
@@
-void *f(
+noinline void *f(
 ...)
 { ... }

@depends on split || packed@
@@
 #include <linux/virtio_ring.h>
+#include <linux/pguest_virtio.h>
