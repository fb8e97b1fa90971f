// SPDX-License-Identifier: GPL-2.0-only
/// Wait for room where a driver does not look for it.
///
// Why:     virtio-rng and the balloon take it that a queue which is empty has room. If the
//          bounce pool has none at that moment, there is no request, and they wait for
//          its answer for ever: /dev/hwrng stands still. A console drops what it has to say
//          of its ports, and they never come up; vsock keeps a packet until another one
//          has been sent, and has no receive buffers for ever; 9P fails a program's
//          request. All of them can sleep there. Whoever holds buffers of its own, or a
//          lock that is taken to remove the device, waits for a second at most.
// Where:   drivers/char/hw_random/virtio-rng.c, request_entropy(): 1 match
//          drivers/virtio/virtio_balloon.c, tell_host(),
//            stats_handle_request(): 1 match each
//          drivers/char/virtio_console.c, __send_control_msg(): 4 matches
//          drivers/char/virtio_console.c, fill_queue(): 2 matches
//          net/vmw_vsock/virtio_transport.c, virtio_vsock_rx_fill(),
//            virtio_transport_send_pkt_work(): 2 matches each
//          net/9p/trans_virtio.c, p9_virtio_request(), p9_virtio_zc_request(): 1 match each
// Trees:   6.1-7.3
// Options: --smpl-spacing
// Outside: a branch not taken for each request of these devices, and for a control message.

@bare@
identifier f = {request_entropy, tell_host, stats_handle_request};
identifier add = {virtqueue_add_inbuf, virtqueue_add_outbuf};
expression vq;
expression list rest;
@@
 f(...)
 {
 ... when any
-add(vq, rest);
+while (pguest_add_again(vq, add(vq, rest)))
+	;
 ... when any
 }

@looked@
identifier f = {tell_host, stats_handle_request};
identifier add = virtqueue_add_outbuf;
identifier err;
expression vq;
expression list rest;
@@
 f(...)
 {
 ... when any
 err = add(vq, rest);
+while (pguest_add_again(vq, err))
+	err = add(vq, rest);
 ... when any
 }

@control@
identifier f = __send_control_msg;
identifier vq, len;
expression list rest;
expression guard;
@@
 f(...)
 {
 ...
 unsigned int len;
+unsigned int tries = 0;
+int err;
 ...
+again:
 spin_lock(guard);
 ...
+err = virtqueue_add_outbuf(vq, rest);
 if (
-virtqueue_add_outbuf(vq, rest) == 0
+!err
 ) { ... }
 spin_unlock(guard);
+if (pguest_add_soon(vq, err, &tries))
+	goto again;
 return 0;
 }

@fill@
identifier f = fill_queue;
symbol ret;
@@
 f(...)
 {
 ... when any
 int ret;
+unsigned int tries = 0;
 ... when any
 }

@depends on fill@
identifier f = fill_queue;
identifier vq, buf;
symbol ret;
expression guard;
@@
 f(struct virtqueue *vq, ...)
 {
 <...
 if (ret < 0) {
 spin_unlock_irq(guard);
 free_buf(buf, true);
+if (pguest_add_soon(vq, ret, &tries)) {
+	ret = 1;
+	continue;
+}
 return ret;
 }
 ...>
 }

@receive@
identifier f = virtio_vsock_rx_fill;
symbol ret;
@@
 f(...)
 {
 ... when any
 int ret;
+unsigned int tries = 0;
 ... when any
 }

@depends on receive@
identifier f = virtio_vsock_rx_fill;
identifier vq, buf;
identifier free = {kfree_skb, virtio_transport_free_pkt};
symbol ret;
expression bad;
expression list rest;
@@
 f(...)
 {
 <...
 ret = virtqueue_add_sgs(vq, rest);
 if (bad) {
 free(buf);
+if (pguest_add_soon(vq, ret, &tries))
+	continue;
 break;
 }
 ...>
 }

@transmit@
identifier f = virtio_transport_send_pkt_work;
identifier add = {virtqueue_add_sgs, virtio_transport_send_skb};
identifier vq, ret, added;
expression list rest;
@@
 f(...)
 {
 ...
 bool added = false;
+unsigned int tries = 0;
 ...
 for (;;) {
 ... when any
 ret = add(rest);
+while (!added && pguest_add_soon(vq, ret, &tries))
+	ret = add(rest);
 ... when any
 }
 if (added) virtqueue_kick(vq);
 ... when any
 }

@request@
identifier again = {req_retry, req_retry_pinned};
identifier wait = {wait_event_killable, io_wait_event_killable};
identifier chan, err, flags;
statement S;
@@
 if (err == -ENOSPC) {
 chan->ring_bufs_avail = 0;
 spin_unlock_irqrestore(&chan->lock, flags);
 err = wait(...);
 S
 p9_debug(...);
 goto again;
 } else {
 spin_unlock_irqrestore(&chan->lock, flags);
+if (!fatal_signal_pending(current) && pguest_add_again(chan->vq, err))
+	goto again;
 ...
 }

@have@
@@
 #include <linux/pguest_virtio.h>

@depends on !have && (bare || looked || control || receive || transmit || request)@
@@
 #include <linux/module.h>
+#include <linux/pguest_virtio.h>
