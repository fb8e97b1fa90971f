// SPDX-License-Identifier: GPL-2.0-only
/// Keep a request of 9P for as long as its host has it.
///
// Why:     a request has a reference for the ring, and one for who waits. The first is put
//          when the host says that it has cancelled the request, and for all that is left
//          when a mount ends, while the ring still has it: an answer that comes later
//          uses freed memory. The same happens if a mount ends between the wake-up for
//          its last answer and the end of that callback. Now the ring alone puts its
//          reference, and a mount ends when the ring is empty; after ten seconds it
//          resets the device. Who is killed gives the pages of a request without copy
//          back, and a late answer is copied into them: all data are copied by 9P.
// Where:   net/9p/trans_virtio.c, p9_virtio_close(): 2 matches
//          net/9p/trans_virtio.c, req_done(), p9_virtio_cancelled(),
//            p9_virtio_init(): 1 match each
// Trees:   6.1-7.3
// Outside: a branch not taken when a mount ends, a request is cancelled, the driver loads.

@close@
identifier f = p9_virtio_close;
identifier client, chan;
@@
 f(struct p9_client *client)
 {
 struct virtio_chan *chan = client->trans;
+struct p9_req_t *req;
 ...
+if (chan && !pguest_ring_ends(chan->vq, &chan->lock)) {
+	while ((req = virtqueue_detach_unused_buf(chan->vq)))
+		p9_req_put(client, req);
+}
 mutex_lock(&virtio_9p_lock);
 ...
 }

@done depends on close@
identifier f = req_done;
identifier chan, req, len;
@@
 f(...)
 {
 <...
+if (!len && pguest_active()) {
+	/* It was cancelled. */
+	p9_req_put(chan->client, req);
+}
 if (len) {
 ...
 p9_client_cb(chan->client, req, REQ_STATUS_RCVD);
 }
 ...>
 }

@cancelled depends on done@
identifier f = p9_virtio_cancelled;
identifier client, req;
@@
 f(struct p9_client *client, struct p9_req_t *req)
 {
-p9_req_put(client, req);
+if (!pguest_active()) {
+	/* Else the ring puts it: a host that lies has the request still. */
+	p9_req_put(client, req);
+}
 ...
 }

@copy depends on cancelled@
identifier f = p9_virtio_init;
@@
 f(...)
 {
 ...
+if (pguest_active())
+	p9_virtio_trans.zc_request = NULL;
 v9fs_register_trans(&p9_virtio_trans);
 ...
 }

@have@
@@
 #include <linux/pguest_virtio.h>

@depends on close && !have@
@@
 #include <linux/module.h>
+#include <linux/pguest_virtio.h>
