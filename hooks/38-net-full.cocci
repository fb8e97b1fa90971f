// SPDX-License-Identifier: GPL-2.0-only
/// Send a frame again that found no bounce slots.
///
// Why:     the driver drops it with a warning, since for its own ring this cannot happen.
//          A pool grows while it is in use, and a burst can be faster. What was queued
//          before the frame is shown to the device first: its slots are what comes free.
//          Receive buffers are mapped in one go, and leave nothing in a small pool for
//          the commands that follow, which the driver never repeats.
// Where:   drivers/net/virtio_net.c, start_xmit(): 1 match
//          drivers/net/virtio_net.c, try_fill_recv(): 1 match
// Trees:   6.1-7.3
// Outside: a comparison for each frame, a branch not taken for each fill.

@send@
identifier f = start_xmit;
identifier sq, err;
@@
 f(struct sk_buff *skb, ...)
 {
 ...
 struct send_queue *sq = ...;
 ... when any
 err = xmit_skb(sq, ...);
+if (err == -ENOMEM && pguest_active()) {
+	virtqueue_kick(sq->vq);
+	return NETDEV_TX_BUSY;
+}
 ...
 }

@oom@
identifier f = try_fill_recv;
identifier vi, rq, gfp, err, oom;
@@
 f(struct virtnet_info *vi, struct receive_queue *rq, gfp_t gfp)
 {
 int err;
 bool oom;
+
+pguest_expect_buffers(rq->vq->num_free, gfp);
 ...
 }

@depends on !oom@
identifier f = try_fill_recv;
identifier vi, rq, gfp, err;
@@
 f(struct virtnet_info *vi, struct receive_queue *rq, gfp_t gfp)
 {
 int err;
+
+pguest_expect_buffers(rq->vq->num_free, gfp);
 ...
 }

@depends on send@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
