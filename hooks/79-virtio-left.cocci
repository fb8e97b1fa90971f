// SPDX-License-Identifier: GPL-2.0-only
/// Take back what a device has left in its queues.
///
// Why:     these drivers delete their queues with buffers in them that stay mapped: a
//          request for random numbers, statistics of the balloon, events. Each time
//          slots of the bounce pool are lost. A console waits until the device has
//          taken a text, or until its ring is broken; then the text is freed, but is
//          in the ring still, and the removal frees it once more as something else.
// Where:   drivers/virtio/virtio_balloon.c, remove_common(): 1 match
//          drivers/char/hw_random/virtio-rng.c, remove_common(): 1 match
//          drivers/scsi/virtio_scsi.c, virtscsi_remove_vqs(): 1 match
//          drivers/virtio/virtio_input.c, virtinput_remove(): 1 match
//          drivers/char/virtio_console.c, __send_to_port(): at most 1 match
// Always:  drivers/char/virtio_console.c, __send_to_port(): free_buf(buf, false)
// Trees:   6.1-7.3
// Outside: a branch not taken when a device goes.

@removal@
identifier f = {remove_common, virtscsi_remove_vqs, virtinput_remove};
expression vdev;
@@
 f(...)
 {
 <...
+pguest_detach_buffers(vdev);
 vdev->config->del_vqs(vdev);
 ...>
 }

@console@
identifier f = __send_to_port;
identifier out_vq, data, len;
@@
 f(..., void *data, bool nonblock)
 {
 ...
 while (!virtqueue_get_buf(out_vq, &len) && !virtqueue_is_broken(out_vq))
 	cpu_relax();
+if (pguest_active() && virtqueue_is_broken(out_vq)) {
+	struct port_buffer *buf;
+
+	/* The caller frees @data. */
+	while ((buf = virtqueue_detach_unused_buf(out_vq))) {
+		if ((void *)buf != data)
+			free_buf(buf, false);
+	}
+}
 ...
 }

@depends on removal || console@
@@
 #include <linux/module.h>
+#include <linux/pguest_virtio.h>
