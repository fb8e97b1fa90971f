// SPDX-License-Identifier: GPL-2.0-only
/// Keep interrupts of a device that is reset from its driver.
///
// Why:     a driver that goes resets its device, and then takes the buffers out of the
//          rings without a lock, since no interrupt comes any more. A host can send
//          one: the driver's callback takes buffers out of the same ring, which frees
//          one twice, or ends in a BUG_ON(). VIRTIO_HARDEN_NOTIFICATION would do the
//          same, but depends on BROKEN. virtio_break_device() is of another module,
//          which needs this one. Drivers ask for new rings after a reset.
// Where:   drivers/virtio/virtio.c, virtio_no_callback(), virtio_reset_device(): 1 match each
// Trees:   6.1-7.3
// Outside: a branch not taken for each reset.
// Options: --smpl-spacing

@reset@
identifier f = virtio_reset_device;
identifier dev;
iterator name list_for_each_entry;
@@
+/* In the place of callbacks of a device that is reset */
+static void virtio_no_callback(struct virtqueue *vq)
+{
+}
+
 void f(struct virtio_device *dev)
 {
+struct virtqueue *vq;
+
+if (pguest_active() && !list_empty(&dev->vqs)) {
+	spin_lock(&dev->vqs_list_lock);
+	list_for_each_entry(vq, &dev->vqs, list) {
+		if (vq->callback)
+			WRITE_ONCE(vq->callback, virtio_no_callback);
+	}
+	spin_unlock(&dev->vqs_list_lock);
+	virtio_synchronize_cbs(dev);
+}
 ...
 dev->config->reset(dev);
 }

@depends on reset@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
