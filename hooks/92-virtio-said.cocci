// SPDX-License-Identifier: GPL-2.0-only
/// End no kernel for what a virtio device says of itself.
///
// Why:     a device says how long its configuration is, and a driver that reads beyond
//          that ends in a BUG_ON(). It says what its status is after a reset, too, and
//          a driver that goes ends in a warning, or a panic, if that is not 0. Now what
//          the configuration does not have is read as zero, with a line in the log.
// Where:   drivers/virtio/virtio_pci_modern.c, vp_get(), vp_set(): 1 match each
//          drivers/virtio/virtio.c, virtio_dev_remove(): 1 match
// Trees:   6.1-7.3
// Outside: a branch not taken at each access to the configuration, and at a removal.

@get@
identifier f = vp_get;
identifier vdev, offset, buf, len, mdev;
@@
 f(struct virtio_device *vdev, unsigned int offset, void *buf, unsigned int len)
 {
 ...
+if (pguest_past_config(vdev, offset, len, mdev->device_len)) {
+	memset(buf, 0, len);
+	return;
+}
 BUG_ON(offset + len > mdev->device_len);
 ...
 }

@set depends on get@
identifier f = vp_set;
identifier vdev, offset, buf, len, mdev;
@@
 f(struct virtio_device *vdev, unsigned int offset, const void *buf, unsigned int len)
 {
 ...
+if (pguest_past_config(vdev, offset, len, mdev->device_len))
+	return;
 BUG_ON(offset + len > mdev->device_len);
 ...
 }

@depends on set@
@@
 #include <linux/delay.h>
+#include <linux/pguest_virtio.h>

@status@
identifier f = virtio_dev_remove;
identifier dev;
@@
 f(...)
 {
 <...
-WARN_ON_ONCE(dev->config->get_status(dev));
+if (!pguest_active()) {
+	/* Else it is the host's to say. */
+	WARN_ON_ONCE(dev->config->get_status(dev));
+}
 ...>
 }
