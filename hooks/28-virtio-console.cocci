// SPDX-License-Identifier: GPL-2.0-only
/// Leave the buffers of a port that is being made alone.
///
// Why:     an interrupt for a queue that has no port yet takes all used buffers out of
//          it, without a lock, while the driver fills that queue. A device has
//          nothing to say before its driver is ready, but a host can send one: the
//          ring's account of free descriptors is wrong from then on, and the removal
//          ends in a BUG_ON(). The removal finds the buffers that stay.
// Where:   drivers/char/virtio_console.c, in_intr(), out_intr(): 1 match each
// Trees:   6.1-7.3
// Outside: a branch not taken for an interrupt of a queue without a port.

@early@
identifier f = {in_intr, out_intr};
identifier vq;
@@
 f(struct virtqueue *vq)
 {
 <...
-flush_bufs(vq, false);
+if (!pguest_active())
+	flush_bufs(vq, false);
 ...>
 }

@depends on early@
@@
 #include <linux/workqueue.h>
+#include <linux/pguest.h>
