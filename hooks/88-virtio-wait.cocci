// SPDX-License-Identifier: GPL-2.0-only
/// Wait for room where a driver does not look for it.
///
// Why:     virtio-rng and the balloon take it that a queue which is empty has room. If the
//          bounce pool has none at that moment, there is no request, and they wait for
//          its answer for ever: /dev/hwrng stands still. Both can sleep there.
// Where:   drivers/char/hw_random/virtio-rng.c, request_entropy(): 1 match
//          drivers/virtio/virtio_balloon.c, tell_host(),
//            stats_handle_request(): 1 match each
// Trees:   6.1-7.3
// Options: --smpl-spacing
// Outside: a branch not taken for each request of these devices.

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

@depends on bare || looked@
@@
 #include <linux/module.h>
+#include <linux/pguest_virtio.h>
